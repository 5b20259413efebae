//! Rule files: one pasted into the console, and each of the policy folder's.

use super::held;
use mifeng::{
    award::{
        compute::{Computation, decide},
        decision::{Decision, Facts},
    },
    policy::{
        AccidentGrades, Bodies, Deadlines, EvidenceRules, FigureRules, Intake, Policy, PolicyError, Quorum,
        Regions, RepeatRules, Retention, RewardRules, Roles, Source,
    },
};
use std::{path::Path, sync::LazyLock};

/// Beside many times the file itself: a place for each of some 3,000 regions, which bodies and figures go by.
const READING: usize = 6 << 20;

/// The project's own rules.
pub static RULES: LazyLock<Policy> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder =
        ["policy", "../policy"].map(|folder| here.join(folder)).into_iter().find(|folder| folder.is_dir());
    Policy::load(&folder.expect("the policy folder")).expect("our own policy")
});

/// Facts of a matter, as some file gives them.
const FACTS: &str = r#"{"region":"430100","sector":"mine","decided":"2026-11-27","kinds":["hazard","violation",
"concealed_accident"],"severity":"major","class":null,"filed":true,"fines_fen":[18446744073709551615,
18446744073709551615],"confiscated_fen":18446744073709551615,"deaths_verified":4294967295,"deaths_total":4294967295,
"injuries_verified":4294967295,"loss_fen":18446744073709551615,"first_accepted":true,"already_known":false,
"earlier_award":false,"insider":true,"real_name":null}"#;

/// A reward rule as it is pasted into the console, and the figures it gives.
pub fn reward_file(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let policy = &*RULES;
    let source = Source { file: "rewards/national.toml".into(), text: text.to_owned() };
    match held(READING + 256 * text.len(), || policy.rewards_with(source)) {
        Ok(rules) => {
            let again = RewardRules::from_snapshot(&rules.snapshot()).expect("our own snapshot");
            assert_eq!(again.rules(), rules.rules());
            decided(&rules, &serde_json::from_str(FACTS).expect("facts"));
        }
        Err(refused) => told(&refused, text),
    }
}

/// What comes of these facts holds together, whatever the figures.
pub fn decided(rules: &RewardRules, facts: &Facts) {
    let amounts = match decide(rules, facts) {
        Decision::Amount(amount) => vec![amount],
        Decision::Manual { options, .. } => options,
        Decision::Refused { .. } => Vec::new(),
    };
    for amount in amounts {
        assert!(amount.fen >= amount.base_fen);
        let known = Facts { insider: None, real_name: None, ..facts.clone() };
        let kept = Computation { facts: known.clone(), amount: amount.clone() };
        if facts.insider.is_none() && facts.real_name.is_none() {
            let read = Computation::check(&kept.text(), rules);
            assert_eq!(read.as_ref(), Ok(&kept), "what was computed is computed again");
        }
    }
}

/// Any file of the policy folder: the first byte says which.
pub fn policy_file(data: &[u8]) {
    let Some((which, text)) = data.split_first() else { return };
    let Ok(text) = std::str::from_utf8(text) else { return };
    let rules = &*RULES;
    let source = Source { file: "a.toml".into(), text: text.to_owned() };
    // Bodies alone have names that hold for each of some 3,000 regions.
    let each = if which % 11 == 6 { 3_000 * 16 } else { 256 };
    let read = held(READING + each * text.len(), || match which % 11 {
        0 => Intake::parse(&source).map(drop),
        1 => Regions::parse(&source).map(drop),
        2 => Deadlines::parse(&source).map(drop),
        3 => Retention::parse(&source).map(drop),
        4 => Roles::parse(&source).map(drop),
        5 => Quorum::parse(&source).map(drop),
        6 => Bodies::parse(&source, &rules.regions, &rules.intake).map(drop),
        7 => FigureRules::parse(&source, &rules.regions).map(drop),
        8 => RepeatRules::parse(&source).map(drop),
        9 => EvidenceRules::parse(&source).map(drop),
        _ => AccidentGrades::parse(&source).map(drop),
    });
    if let Err(refused) = read {
        told(&refused, text);
    }
}

/// Whoever wrote it finds the place: a line that is there.
fn told(refused: &PolicyError, text: &str) {
    let lines = text.matches('\n').count() + 1;
    assert!(refused.line <= lines && !refused.reason.trim().is_empty(), "{refused}, of {lines} lines");
}

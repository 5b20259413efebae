//! Awards come out to the fen: published cases, boundaries, regional rules, and what must hold for any figures.

use mifeng::{
    award::{
        compute::{Computation, NotComputed, decide, offers},
        decision::{Amount, Decision, Facts},
    },
    cli::award::facts,
    policy::{Fen, Policy, RewardKind, RewardRules, Severity, Source},
};
use proptest::prelude::*;
use serde::Deserialize;
use std::{collections::BTreeSet, path::Path, process::Command, sync::OnceLock};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    case: Vec<Vector>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    id: String,
    facts: toml::Table,
    amount_fen: Option<u64>,
    base_fen: Option<u64>,
    up_to_fen: Option<u64>,
    rule: Option<String>,
    manual: Option<String>,
    options_fen: Option<Vec<u64>>,
    refused: Option<String>,
}

fn vectors() -> Vec<Vector> {
    let text = std::fs::read_to_string("tests/vectors/rewards.toml").unwrap();
    toml::from_str::<Vectors>(&text).unwrap().case
}

fn policy() -> &'static Policy {
    static POLICY: OnceLock<Policy> = OnceLock::new();
    POLICY.get_or_init(|| Policy::load(Path::new("policy")).unwrap())
}

fn read(vector: &Vector) -> Facts {
    let source = Source { file: vector.id.clone(), text: toml::to_string(&vector.facts).unwrap() };
    facts(&source, policy()).unwrap()
}

/// A word of ours as it stands in JSON.
fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

#[test]
fn every_case_comes_out_to_the_fen() {
    for vector in vectors() {
        let id = &vector.id;
        match decide(&policy().rewards, &read(&vector)) {
            Decision::Amount(amount) => {
                assert_eq!(Some(amount.fen.0), vector.amount_fen, "{id}: {:#?}", amount.steps);
                assert_eq!(amount.base_fen.0, vector.base_fen.unwrap_or(amount.fen.0), "{id}");
                assert_eq!(
                    amount.up_to_fen.map(|fen| fen.0),
                    vector.up_to_fen.or(amount.up_to_fen.map(|fen| fen.0)),
                    "{id}"
                );
                if let Some(rule) = &vector.rule {
                    assert_eq!(amount.rule.id.as_str(), rule, "{id}");
                }
                assert!(!amount.steps.is_empty(), "{id}");
            }
            Decision::Refused { reason } => assert_eq!(Some(word(reason)), vector.refused, "{id}"),
            Decision::Manual { reason, options, .. } => {
                assert_eq!(Some(word(reason)), vector.manual, "{id}");
                let options: Vec<u64> = options.iter().map(|option| option.base_fen.0).collect();
                assert_eq!(options, vector.options_fen.clone().unwrap_or_default(), "{id}");
            }
        }
    }
}

#[test]
fn the_command_says_the_same_as_the_library() {
    let folder = tempfile::tempdir().unwrap();
    for vector in vectors()
        .iter()
        .filter(|vector| ["G", "U", "M1", "M2", "N1"].iter().any(|id| vector.id.starts_with(id)))
    {
        let file = folder.path().join("case.toml");
        std::fs::write(&file, toml::to_string(&vector.facts).unwrap()).unwrap();
        let out = Command::new(env!("CARGO_BIN_EXE_mifeng"))
            .args(["award", "explain"])
            .arg(&file)
            .output()
            .unwrap();
        assert!(out.status.success(), "{}: {}", vector.id, String::from_utf8_lossy(&out.stderr));
        let shown: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(
            shown.get("amount_fen").and_then(serde_json::Value::as_u64),
            vector.amount_fen,
            "{}",
            vector.id
        );
        let reason = |key: &str| shown[key]["reason"].as_str().map(str::to_owned);
        assert_eq!(
            (reason("refused"), reason("manual")),
            (vector.refused.clone(), vector.manual.clone()),
            "{}",
            vector.id
        );
        assert!(shown["steps"].is_array() && shown.get("rule").is_some(), "{}", vector.id);
    }
}

#[test]
fn the_command_refuses_a_bad_case_with_file_line_and_reason() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("case.toml");
    let good = "region = \"110000\"\ndecided = 2024-01-01\nkind = \"hazard\"\n";
    for (line, reason) in [
        ("fine = 1", "unknown field"),
        ("fines_fen = [-1]", "invalid value"),
        ("fines_fen = [1.5]", "invalid type"),
        ("sector = \"bakery\"", "is not one of"),
        ("severity = \"huge\"", "unknown variant"),
    ] {
        std::fs::write(&file, format!("{good}{line}\n")).unwrap();
        let out = Command::new(env!("CARGO_BIN_EXE_mifeng"))
            .args(["award", "explain"])
            .arg(&file)
            .output()
            .unwrap();
        let said = String::from_utf8(out.stderr).unwrap();
        assert!(
            !out.status.success() && said.contains(reason) && said.contains("case.toml:4:"),
            "{line}: {said}"
        );
    }
}

#[test]
fn a_hash_covers_rule_facts_and_base_but_not_the_person() {
    let vector = vectors().into_iter().find(|vector| vector.id.starts_with("U1")).unwrap();
    let known = read(&vector);
    let sealed = Facts { insider: None, real_name: None, ..known.clone() };
    let hash = |facts: &Facts| amount(facts).rule_and_inputs_hash();
    assert_eq!(hash(&known), hash(&sealed));
    assert_ne!(hash(&sealed), hash(&Facts { fines_fen: vec![Fen(10_000_001)], ..sealed.clone() }));
    assert_ne!(hash(&sealed), hash(&Facts { loss_fen: Fen(1), ..sealed.clone() }));
    let mut raised = sources();
    let shandong = raised.iter_mut().find(|source| source.file.contains("shandong")).unwrap();
    shandong.text = shandong.text.replace("version = 1", "version = 2");
    let Decision::Amount(other) = decide(&parse(raised).unwrap(), &sealed) else { panic!() };
    assert_ne!(hash(&sealed), other.rule_and_inputs_hash());
}

#[test]
fn a_kept_computation_is_computed_again_before_it_is_believed() {
    let rules = &policy().rewards;
    let vector = vectors().into_iter().find(|vector| vector.id.starts_with("G9")).unwrap();
    let facts = Facts { insider: None, real_name: None, ..read(&vector) };
    let kept = Computation { amount: amount(&facts), facts };
    assert_eq!(Computation::check(&kept.text(), rules).unwrap(), kept);

    let within = Computation { amount: kept.amount.with_base(Fen(450_000)).unwrap(), ..kept.clone() };
    assert!(Computation::check(&within.text(), rules).is_ok());
    assert_ne!(within.amount.rule_and_inputs_hash(), kept.amount.rule_and_inputs_hash());
    assert!(kept.amount.with_base(Fen(500_001)).is_err() && kept.amount.with_base(Fen(299_999)).is_err());

    let mut more = kept.clone();
    more.amount.base_fen = Fen(600_000);
    assert_eq!(Computation::check(&more.text(), rules), Err(NotComputed::OtherAmount));
    let mut told = kept.clone();
    told.facts.insider = Some(true);
    assert_eq!(Computation::check(&told.text(), rules), Err(NotComputed::Personal));
    assert_eq!(Computation::check("{}", rules), Err(NotComputed::Unreadable));
}

#[test]
fn the_officers_tool_adds_the_uplift_to_the_approved_base() {
    for (id, base, all) in
        [("U1", 5_000_000, 6_000_000), ("U2", 45_000_000, 50_000_000), ("U3", 30_000_000, 39_000_000)]
    {
        let vector = vectors().into_iter().find(|vector| vector.id.starts_with(id)).unwrap();
        let facts = Facts { insider: None, real_name: None, ..read(&vector) };
        let kept = Computation { amount: amount(&facts), facts };
        assert_eq!((kept.amount.fen.0, kept.amount.uplift.is_none()), (base, true), "{id}");
        assert_eq!(kept.for_insider(&policy().rewards).unwrap().fen.0, all, "{id}");
    }
    let vector = vectors().into_iter().find(|vector| vector.id.starts_with("M4")).unwrap();
    let facts = Facts { insider: None, real_name: None, ..read(&vector) };
    let Decision::Manual { options, .. } = decide(&policy().rewards, &facts) else { panic!() };
    let kept = Computation { amount: options[0].with_base(Fen(200_000)).unwrap(), facts };
    let paid = kept.for_insider(&policy().rewards).unwrap();
    assert_eq!((paid.base_fen.0, paid.fen.0), (200_000, 240_000));
}

/// Shenzhen: general matters, and those alone, not above 1,000 yuan a month to one person.
#[test]
fn a_monthly_cap_goes_with_the_award_of_its_article_and_leaves_what_is_left() {
    let of = |id: &str| read(vectors().iter().find(|vector| vector.id.starts_with(id)).unwrap());
    let general = of("R12");
    let capped = amount(&general);
    assert_eq!((capped.base_fen, capped.monthly_cap_fen), (Fen(50_000), Some(Fen(100_000))));
    assert!(capped.steps.iter().any(|step| step.text.en.contains("CN¥1,000.00 a month to one person")));
    let major = Facts { severity: Severity::Major, ..general };
    assert_eq!(amount(&major).monthly_cap_fen, None);
    assert_eq!(amount(&of("G1")).monthly_cap_fen, None);

    for (paid, left) in [(0, Some(50_000)), (50_000, Some(50_000)), (70_000, Some(30_000)), (100_000, None)] {
        let found = capped.under_monthly_cap(Fen(paid));
        assert_eq!(found.as_ref().map(|amount| amount.fen.0), left, "{paid}");
        assert!(found.is_none_or(|amount| amount.base_fen == capped.base_fen), "what was approved stays");
    }
    let uncapped = amount(&of("G1"));
    assert_eq!(uncapped.under_monthly_cap(Fen(u64::MAX)), Some(uncapped));
}

fn amount(facts: &Facts) -> Amount {
    match decide(&policy().rewards, facts) {
        Decision::Amount(amount) => amount,
        other => panic!("{other:?}"),
    }
}

fn sources() -> Vec<Source> {
    let files: Vec<(String, String)> = serde_json::from_str(&policy().rewards.snapshot()).unwrap();
    files.into_iter().map(|(file, text)| Source { file, text }).collect()
}

fn parse(sources: Vec<Source>) -> Result<RewardRules, mifeng::policy::PolicyError> {
    let sectors: Vec<_> = policy().intake.industries.iter().map(|industry| industry.code.clone()).collect();
    RewardRules::parse(sources, &sectors)
}

fn any_facts() -> impl Strategy<Value = Facts> {
    let place = prop::sample::select(vec![
        "110000", "370100", "420106", "430182", "430100", "440300", "350200", "140000",
    ]);
    let sector = prop::sample::select(vec!["", "coal_mines", "chemical"]);
    let kinds = prop::collection::btree_set(
        prop::sample::select(vec![RewardKind::Hazard, RewardKind::Violation, RewardKind::ConcealedAccident]),
        0..=3,
    );
    let money = prop_oneof![0..10_000_000_000u64, any::<u64>()];
    let people = prop_oneof![0..120u32, any::<u32>()];
    (
        (place, sector, 0..4_000i64, kinds, any::<bool>(), prop::option::of(0..4u8), any::<bool>()),
        (
            prop::collection::vec(money.clone(), 0..4),
            money.clone(),
            people.clone(),
            people.clone(),
            people,
            money,
        ),
        (any::<bool>(), prop::option::of(any::<bool>()), prop::option::of(any::<bool>())),
    )
        .prop_map(
            |(
                (place, sector, day, kinds, general, class, filed),
                (fines, taken, dead, all, hurt, loss),
                flags,
            )| Facts {
                region: place.parse().unwrap(),
                sector: sector.parse().ok(),
                decided: jiff::civil::date(2017, 6, 1) + jiff::ToSpan::days(day),
                kinds,
                severity: if general { Severity::General } else { Severity::Major },
                class,
                filed,
                fines_fen: fines.into_iter().map(Fen).collect(),
                confiscated_fen: Fen(taken),
                deaths_verified: dead,
                deaths_total: all,
                injuries_verified: hurt,
                loss_fen: Fen(loss),
                first_accepted: flags.0,
                already_known: false,
                earlier_award: false,
                insider: flags.1,
                real_name: flags.2,
            },
        )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_figures_make_it_panic_or_pay_more_than_a_cap(facts in any_facts()) {
        let amounts = match decide(&policy().rewards, &facts) {
            Decision::Amount(amount) => vec![amount],
            Decision::Manual { options, .. } => options,
            Decision::Refused { .. } => vec![],
        };
        for amount in amounts {
            let cap = if amount.rule.id.as_str() == "shandong_2021" { 50_000_000 } else { 30_000_000 };
            prop_assert!(amount.base_fen.0 <= cap);
            prop_assert!(amount.fen.0 <= 50_000_000);
            prop_assert_eq!(amount.fen.0, amount.base_fen.0 + amount.uplift.as_ref().map_or(0, |part| part.fen.0));
            prop_assert!(amount.uplift.is_none() || facts.insider == Some(true));
            let text = serde_json::to_string(&amount).unwrap();
            prop_assert_eq!(serde_json::from_str::<Amount>(&text).unwrap(), amount.clone());
            prop_assert!(offers(&policy().rewards, &facts, &amount) || amount.uplift.is_some());
        }
    }

    #[test]
    fn nobody_is_paid_above_a_monthly_cap_nor_less_than_it_leaves(
        fen in any::<u64>(), cap in any::<u64>(), paid in any::<u64>(),
    ) {
        static SHENZHEN: OnceLock<Amount> = OnceLock::new();
        let computed = || amount(&read(vectors().iter().find(|vector| vector.id.starts_with("R12")).unwrap()));
        let mut due = SHENZHEN.get_or_init(computed).clone();
        (due.fen, due.monthly_cap_fen) = (Fen(fen), Some(Fen(cap)));
        match due.under_monthly_cap(Fen(paid)) {
            Some(now) => {
                prop_assert!(paid < cap && now.fen.0 <= cap - paid);
                prop_assert_eq!(now.fen.0, fen.min(cap - paid));
            }
            None => prop_assert!(paid >= cap),
        }
    }

    #[test]
    fn a_higher_fine_never_pays_less(facts in any_facts(), more in any::<u64>()) {
        let paid = |facts: &Facts| match decide(&policy().rewards, facts) {
            Decision::Amount(amount) => Some(amount.fen),
            _ => None,
        };
        let kinds = BTreeSet::from([RewardKind::Violation]);
        let facts = Facts { kinds, ..facts };
        let higher = Facts { fines_fen: facts.fines_fen.iter().copied().chain([Fen(more)]).collect(), ..facts.clone() };
        prop_assert!(paid(&facts) <= paid(&higher));
    }
}

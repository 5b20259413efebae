use jiff::civil::Date;
use mifeng::{
    award::{
        compute::decide,
        decision::{Decision, Facts},
        paper::Paper,
    },
    casework::{Conclusion, Finding, Who},
    ids::StaffId,
    policy::{Fen, RewardKind, RewardRules, Severity},
};

/// What an award stands on.
pub fn found_true(day: Date) -> Conclusion {
    let (finding, by) = (Finding::True, Who::Staff(StaffId("zhao".into())));
    Conclusion { finding, reason: "查实".into(), day, by }
}

/// A fine of 100,000 yuan in Shandong: 50,000 yuan (golden case G6), and 20 % more for an insider.
pub fn paper(rules: &RewardRules, decided: Date) -> Paper {
    let facts = Facts {
        region: "370000".parse().unwrap(),
        sector: None,
        decided,
        kinds: [RewardKind::Violation].into(),
        severity: Severity::Major,
        class: None,
        filed: true,
        fines_fen: vec![Fen(10_000_000)],
        confiscated_fen: Fen(0),
        deaths_verified: 0,
        deaths_total: 0,
        injuries_verified: 0,
        loss_fen: Fen(0),
        first_accepted: true,
        already_known: false,
        earlier_award: false,
        insider: None,
        real_name: None,
    };
    let Decision::Amount(amount) = decide(rules, &facts) else { panic!("an amount") };
    Paper::settle(rules, &facts, &amount, None).unwrap()
}

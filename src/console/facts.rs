//! The facts of a matter as a form: its fields, what was typed read strictly, and kept facts put back into fields.

use super::{
    ConsoleState,
    money::{parse_list, parse_yuan},
};
use crate::{
    award::decision::Facts,
    casework::CaseContent,
    policy::{Fen, MatterKind, RewardKind, Severity},
    web::{Choice, Errors, Field, Lang, Typed},
};
use std::collections::BTreeSet;

/// Every field of the form; what the second page carries along.
pub(super) const NAMES: [&str; 13] = [
    "kinds",
    "severity",
    "class",
    "filed",
    "fines",
    "confiscated",
    "deaths-verified",
    "deaths-total",
    "injuries",
    "loss",
    "not-first",
    "already-known",
    "earlier-award",
];

/// Facts as they were once typed.
pub(super) fn typed_of(facts: &Facts) -> Typed {
    let one = |name: &str, holds: bool| holds.then(|| (name.to_owned(), "1".to_owned()));
    let some = |name: &str, text: String| Some((name.to_owned(), text));
    let number = |name: &str, count: u32| (count > 0).then(|| (name.to_owned(), count.to_string()));
    let yuan = |name: &str, fen: Fen| (fen.0 > 0).then(|| (name.to_owned(), fen.to_string()));
    let fines: Vec<String> = facts.fines_fen.iter().map(Fen::to_string).collect();
    let severity = match facts.severity {
        Severity::General => "general",
        Severity::Major => "major",
    };
    let rest = [
        some("severity", severity.into()),
        some("fines", fines.join("\n")),
        yuan("confiscated", facts.confiscated_fen),
        number("deaths-verified", facts.deaths_verified),
        number("deaths-total", facts.deaths_total),
        number("injuries", facts.injuries_verified),
        yuan("loss", facts.loss_fen),
        facts.class.and_then(|class| some("class", class.to_string())),
        one("filed", facts.filed),
        one("not-first", !facts.first_accepted),
        one("already-known", facts.already_known),
        one("earlier-award", facts.earlier_award),
    ];
    let kinds = facts.kinds.iter().filter_map(|kind| some("kinds", kind_code(*kind).into()));
    Typed::from_pairs(kinds.chain(rest.into_iter().flatten()))
}

pub(super) fn fields(state: &ConsoleState, lang: Lang) -> Vec<Field> {
    let label = |name: &str| lang.t(&format!("fact-{name}"));
    let kinds = [MatterKind::ConcealedAccident, MatterKind::Hazard, MatterKind::Violation];
    let one = |name: &str| Field::checks(lang, name, label(name), vec![Choice::new("1", lang.t("yes"))]);
    let yuan = |name: &str| Field::line(lang, name, label(name)).hint(lang.t("hint-yuan")).optional();
    let digits = |name: &str| Field::digits(lang, name, label(name), "w-5").optional();
    vec![
        Field::checks(
            lang,
            "kinds",
            lang.t("fact-kind"),
            kinds.map(|kind| Choice::new(kind.as_str(), state.kind(lang, kind))).to_vec(),
        ),
        Field::radios(
            lang,
            "severity",
            label("severity"),
            ["major", "general"].map(|code| Choice::new(code, lang.t(&format!("severity-{code}")))).to_vec(),
        ),
        Field::area(lang, "fines", label("fines"), 3).hint(lang.t("hint-fines")).optional(),
        yuan("confiscated"),
        digits("deaths-verified").hint(lang.t("hint-deaths-verified")),
        digits("deaths-total"),
        digits("injuries"),
        yuan("loss"),
        digits("class").hint(lang.t("hint-class")),
        one("filed"),
        one("not-first"),
        one("already-known"),
        one("earlier-award"),
    ]
}

/// `None` after adding to `errors`. Nothing is filled in for whoever verified: what the money goes by is their word.
pub(super) fn read(
    state: &ConsoleState,
    lang: Lang,
    content: &CaseContent,
    typed: &Typed,
    errors: &mut Errors,
) -> Option<Facts> {
    let kinds: BTreeSet<RewardKind> = typed
        .all("kinds")
        .filter_map(|code| {
            [RewardKind::Hazard, RewardKind::Violation, RewardKind::ConcealedAccident]
                .into_iter()
                .find(|kind| kind_code(*kind) == code)
        })
        .collect();
    if kinds.is_empty() {
        errors.add("kinds", lang.t("error-kinds"));
    }
    let severity = match typed.raw("severity") {
        "general" => Some(Severity::General),
        "major" => Some(Severity::Major),
        _ => None,
    };
    if severity.is_none() {
        errors.add("severity", lang.t("error-severity"));
    }
    let mut yuan = |name: &str| match typed.plain(name).as_str() {
        "" => Fen(0),
        text => parse_yuan(text).unwrap_or_else(|| {
            errors.add(name, lang.t("error-yuan"));
            Fen(0)
        }),
    };
    let (confiscated_fen, loss_fen) = (yuan("confiscated"), yuan("loss"));
    let fines_fen = parse_list(&typed.plain("fines")).unwrap_or_else(|| {
        errors.add("fines", lang.t("error-fines"));
        Vec::new()
    });
    let mut count = |name: &str| match typed.plain(name).as_str() {
        "" => 0,
        text => text.parse().unwrap_or_else(|_| {
            errors.add(name, lang.t("error-count"));
            0
        }),
    };
    let (deaths_verified, deaths_total, injuries_verified) =
        (count("deaths-verified"), count("deaths-total"), count("injuries"));
    let class = match typed.plain("class").as_str() {
        "" => None,
        text => text.parse::<u8>().inspect_err(|_| errors.add("class", lang.t("error-class"))).ok(),
    };
    let Ok(region) = content.region.parse() else {
        errors.add("kinds", lang.t("error-region"));
        return None;
    };
    let facts = Facts {
        region,
        sector: state.policy.intake.industry(&content.industry).map(|industry| industry.code.clone()),
        decided: state.clock.today(),
        kinds,
        severity: severity?,
        class,
        filed: typed.has("filed"),
        fines_fen,
        confiscated_fen,
        deaths_verified,
        deaths_total,
        injuries_verified,
        loss_fen,
        first_accepted: !typed.has("not-first"),
        already_known: typed.has("already-known"),
        earlier_award: typed.has("earlier-award"),
        insider: None,
        real_name: None,
    };
    errors.is_empty().then_some(facts)
}

fn kind_code(kind: RewardKind) -> &'static str {
    match kind {
        RewardKind::Hazard => "hazard",
        RewardKind::Violation => "violation",
        RewardKind::ConcealedAccident => "concealed_accident",
    }
}

//! What would the rules give, were the facts others, the day another, or the matter elsewhere? Approvers try it here;
//! nothing is written down.

use super::{
    ConsoleState,
    award::{self, StepView},
    award_form::Outcome,
    facts,
};
use crate::{
    award::{
        compute::decide,
        decision::{Amount, Decision, Facts},
        paper::Paper,
    },
    clock::Day,
    policy::RegionCode,
    staff::{May, Member, Sent, grant},
    store::Dossier,
    web::{Choice, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ApproveAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let dossier = match state.open(&may, &number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    match recorded(&dossier) {
        Some(paper) => {
            let mut typed = facts::typed_of(&paper.facts);
            typed.set("region", paper.facts.region.to_string());
            typed.set("decided", paper.facts.decided.to_string());
            page(&state, &may, &dossier, &paper, None, &typed, Errors::default())
        }
        None => see_other(&format!("/{}/cases/{number}/award", may.lang.path())),
    }
}

pub(super) async fn take(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::ApproveAward>,
) -> Response {
    let dossier = match state.open(&may, &number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let Some(paper) = recorded(&dossier) else {
        return see_other(&format!("/{}/cases/{number}/award", may.lang.path()));
    };
    let mut errors = Errors::default();
    let decision = read(&state, may.lang, &dossier, &paper, &typed, &mut errors)
        .map(|facts| decide(&state.policy.rewards, &facts));
    page(&state, &may, &dossier, &paper, decision.as_ref(), &typed, errors)
}

/// The decision of the award in force.
fn recorded(dossier: &Dossier) -> Option<Paper> {
    dossier.award().and_then(|award| Paper::read(award.decision()).ok())
}

fn read(
    state: &ConsoleState,
    lang: Lang,
    dossier: &Dossier,
    paper: &Paper,
    typed: &Typed,
    errors: &mut Errors,
) -> Option<Facts> {
    let facts = facts::read(state, lang, &dossier.case.content, typed, errors);
    let region = typed.plain("region").parse::<RegionCode>().ok();
    let region =
        region.filter(|code| *code == RegionCode::COUNTRY || state.policy.regions.get(*code).is_some());
    if region.is_none() {
        errors.add("region", lang.t("error-region-code"));
    }
    let decided = typed.plain("decided").parse::<Day>().ok();
    if decided.is_none() {
        errors.add("decided", lang.t("error-what-if-decided"));
    }
    let insider = match typed.raw("insider") {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let sector = paper.facts.sector.clone();
    Some(Facts { region: region?, decided: decided?, insider, sector, ..facts? })
}

fn page(
    state: &ConsoleState,
    member: &Member,
    dossier: &Dossier,
    paper: &Paper,
    decision: Option<&Decision>,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let number = dossier.case.number;
    let insider =
        ["unknown", "yes", "no"].map(|code| Choice::new(code, lang.t(&format!("what-if-insider-{code}"))));
    let mut fields = vec![
        Field::digits(lang, "region", lang.t("what-if-region"), "w-10").hint(lang.t("what-if-hint-region")),
        Field::line(lang, "decided", lang.t("what-if-decided")).hint(lang.t("what-if-hint-decided")),
        Field::radios(lang, "insider", lang.t("what-if-insider"), insider.to_vec()).optional(),
    ];
    fields.extend(facts::fields(state, lang));
    let fields = fields.into_iter().map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let here = if decision.is_none() && errors.is_empty() {
        format!("/cases/{number}/award/what-if")
    } else {
        String::new()
    };
    let mut page = state.page(member, lang.t("what-if-title"), &here);
    page.back = page.href(&format!("/cases/{number}/award"));
    page.errors = errors;
    let template = WhatIf {
        number: number.to_string(),
        recorded: lang.money(paper.amount.base_fen.0),
        recorded_rule: award::rule(lang, &paper.amount),
        result: decision.map(|decision| ResultView::of(lang, decision)),
        action: page.href(&format!("/cases/{number}/award/what-if")),
        fields,
        page,
    };
    html(status, &template)
}

/// What came out, or the choices that would be left to a person.
struct ResultView {
    headline: String,
    text: String,
    rule: String,
    /// What an insider would get in all; empty where that is not asked.
    with_uplift: String,
    steps: Vec<StepView>,
    options: Vec<(String, String)>,
}

impl ResultView {
    fn of(lang: Lang, decision: &Decision) -> Self {
        let Outcome { headline, text, rule, steps, options, by_hand } = Outcome::of(lang, decision);
        let with_uplift = match decision {
            Decision::Amount(amount) if amount.uplift.is_some() => lang.money(amount.fen.0),
            _ => String::new(),
        };
        let option = |amount: &Amount| (lang.money(amount.base_fen.0), award::rule(lang, amount));
        let options = if by_hand { options.iter().map(option).collect() } else { Vec::new() };
        Self { headline, text, rule, with_uplift, steps, options }
    }
}

#[derive(Template)]
#[template(path = "console/what-if.html")]
struct WhatIf {
    page: Page,
    number: String,
    recorded: String,
    recorded_rule: String,
    result: Option<ResultView>,
    action: String,
    fields: Vec<Field>,
}

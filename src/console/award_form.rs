//! The facts of a matter, typed by who verified it; what the rules make of them is shown with every step before
//! anything is put to the approvers. Nothing here asks about the person: what needs them is tested by the officers.

use super::{
    ConsoleState,
    award::{self, StepView},
    facts,
    money::parse_yuan,
    view,
};
use crate::{
    award::{
        compute::decide,
        decision::{Amount, Decision, Facts, Refusal},
        paper::Paper,
        record::{About, Award, AwardState, Ballot},
    },
    casework::Permission,
    staff::{May, Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::{Choice, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::StatusCode,
    response::Response,
};
use std::collections::BTreeSet;

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ComputeAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let dossier = match state.open(&may, &number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    if !state.may_compute(&may, &dossier) {
        return see_other(&format!("/{}/cases/{number}/award", may.lang.path()));
    }
    form(&state, &may, &dossier, &Typed::default(), Errors::default(), StatusCode::OK)
}

pub(super) async fn take(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::ComputeAward>,
) -> Response {
    let dossier = match state.open(&may, &number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    if !state.may_compute(&may, &dossier) {
        return see_other(&format!("/{}/cases/{number}/award", may.lang.path()));
    }
    let mut errors = Errors::default();
    let facts = match facts::read(&state, may.lang, &dossier.case.content, &typed, &mut errors) {
        Some(facts) if typed.raw("step") != "back" => facts,
        _ => {
            let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            return form(&state, &may, &dossier, &typed, errors, status);
        }
    };
    let decision = decide(&state.policy.rewards, &facts);
    if typed.raw("step") != "do" {
        return preview(&state, &may, &dossier, &decision, &typed, errors);
    }
    let settled = match settle(&state, may.lang, &facts, &decision, &typed, &mut errors) {
        Some(settled) => settled,
        None => return preview(&state, &may, &dossier, &decision, &typed, errors),
    };
    match state.put_award(&may, &dossier, &facts, settled).await {
        Ok(()) => see_other(&format!("/{}/cases/{number}/award?done=computed", may.lang.path())),
        Err(Refused::Changed) => {
            errors.add("kinds", may.lang.t("error-changed"));
            form(&state, &may, &dossier, &typed, errors, StatusCode::CONFLICT)
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

impl ConsoleState {
    /// Verified, its reporter's turn in the matter, and no award in force that is on its way or has ended; and this person
    /// has done nothing in the case that policy keeps apart from computing.
    pub(super) fn may_compute(&self, member: &Member, dossier: &Dossier) -> bool {
        let today = self.clock.today();
        let apart = &self.policy.roles.acts_apart;
        dossier.case.conclusion.as_ref().is_some_and(|conclusion| conclusion.finding.is_verified())
            && dossier.award().is_none_or(|award| {
                matches!(award.state(), AwardState::Declined | AwardState::NotEligible { .. })
                    || award.is_stale(today)
            })
            && dossier.apart(member.id(), Permission::ComputeAward, apart).is_ok()
            && dossier.case.passed_to.is_none()
            && self.comes_before(dossier).is_none()
    }
}

/// What is put to the approvers, or why there is nothing to put.
enum Settled {
    Payable(Box<Paper>),
    NotPayable(Refusal),
}

/// Takes the amount the rules give, or the one a person chose among what they offer, with a reason.
fn settle(
    state: &ConsoleState,
    lang: Lang,
    facts: &Facts,
    decision: &Decision,
    typed: &Typed,
    errors: &mut Errors,
) -> Option<Settled> {
    let rules = &state.policy.rewards;
    let (options, by_hand): (&[Amount], bool) = match decision {
        Decision::Refused { reason } => return Some(Settled::NotPayable(*reason)),
        Decision::Amount(amount) => (std::slice::from_ref(amount), false),
        Decision::Manual { options, .. } => (options, true),
    };
    let chosen = typed.plain("option").parse::<usize>().ok().and_then(|i| options.get(i));
    let Some(mut amount) = (if by_hand { chosen } else { options.first() }).cloned() else {
        errors.add("option", lang.t("error-option"));
        return None;
    };
    let mut reason = None;
    if !typed.plain("base").is_empty() {
        match parse_yuan(&typed.plain("base")).map(|base| amount.with_base(base)) {
            Some(Ok(raised)) => amount = raised,
            Some(Err(offered)) => {
                let values = [("least", offered.least.to_string()), ("most", offered.most.to_string())];
                let values: Vec<_> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
                errors.add("base", lang.t_with("error-base-range", &view::values(&values)));
            }
            None => errors.add("base", lang.t("error-yuan")),
        }
    }
    if by_hand || !typed.plain("base").is_empty() {
        if state.policy.intake.fields.staff_reason.check(typed.text("reason")).is_err() {
            errors.add(
                "reason",
                lang.t1("error-short", "least", state.policy.intake.fields.staff_reason.least),
            );
        }
        reason = Some(typed.text("reason").to_owned());
    }
    if !errors.is_empty() {
        return None;
    }
    match Paper::settle(rules, facts, &amount, reason) {
        Ok(paper) => Some(Settled::Payable(Box::new(paper))),
        Err(_) => {
            errors.add("option", lang.t("error-option"));
            None
        }
    }
}

impl ConsoleState {
    async fn put_award(
        &self,
        member: &Member,
        dossier: &Dossier,
        facts: &Facts,
        settled: Settled,
    ) -> Result<(), Refused> {
        let case = &dossier.case;
        let mut worked_on: BTreeSet<_> = case.worked_on().into_iter().collect();
        worked_on.insert(member.id().clone());
        let about = About {
            instance: self.recipients.instance().clone(),
            report: case.report,
            case: case.number,
            award: u32::try_from(dossier.awards.len()).unwrap_or(u32::MAX).saturating_add(1),
            worked_on: worked_on.into_iter().collect(),
        };
        let ballot = Ballot {
            needed: self.policy.quorum.approvers.count(),
            until: self.policy.deadlines.approval_expires.after(facts.decided),
            life: self.policy.deadlines.approval_expires.count(),
        };
        let award = match settled {
            Settled::Payable(paper) => {
                Award::computed(about, &paper, &self.policy.rewards, ballot, member.id())?
            }
            Settled::NotPayable(reason) => Award::not_eligible(about, facts, reason, member.id()),
        };
        let change = Box::new(move |dossier: &mut Dossier, _: &Place| {
            dossier.case.version += 1;
            dossier.awards.push(award);
            Ok(None)
        });
        let step = Step { expected_version: Some(case.version), sealed: None, change };
        self.cases.change(case.number, step).await.map(|_| ())
    }
}

fn form(
    state: &ConsoleState,
    member: &Member,
    dossier: &Dossier,
    typed: &Typed,
    errors: Errors,
    status: StatusCode,
) -> Response {
    let lang = member.lang;
    let number = dossier.case.number;
    let fields = facts::fields(state, lang);
    let fields = fields.into_iter().map(|field| field.filled(typed, &errors)).collect();
    let mut page = state.page(member, lang.t("award-facts-title"), "");
    page.back = page.href(&format!("/cases/{number}/award"));
    page.errors = errors;
    let template = FactsForm {
        number: number.to_string(),
        place: state.place(&dossier.case.content.region),
        industry: state.industry(lang, &dossier.case.content.industry),
        action: page.href(&format!("/cases/{number}/award/facts")),
        fields,
        page,
    };
    html(status, &template)
}

fn preview(
    state: &ConsoleState,
    member: &Member,
    dossier: &Dossier,
    decision: &Decision,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let number = dossier.case.number;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let Outcome { headline, text, rule, steps, options, by_hand } = Outcome::of(lang, decision);
    let mut fields = Vec::new();
    if by_hand && !options.is_empty() {
        let choice = |(i, amount): (usize, &Amount)| {
            Choice::new(i.to_string(), lang.money(amount.base_fen.0)).hint(award::rule(lang, amount))
        };
        let choices = options.iter().enumerate().map(choice).collect();
        fields.push(Field::radios(lang, "option", lang.t("field-option"), choices).filled(typed, &errors));
    }
    let band = options.iter().any(|amount| amount.up_to_fen.is_some());
    if band {
        fields.push(Field::line(lang, "base", lang.t("field-base")).optional().filled(typed, &errors));
    }
    if by_hand || band {
        fields.push(Field::area(lang, "reason", lang.t("field-award-reason"), 3).filled(typed, &errors));
    }
    let mut page = state.page(member, lang.t("award-preview-title"), "");
    page.errors = errors;
    let template = Preview {
        number: number.to_string(),
        headline,
        text,
        rule,
        steps,
        kept: facts::NAMES
            .iter()
            .flat_map(|name| typed.all(name).map(|value| ((*name).to_owned(), value.to_owned())))
            .collect(),
        can_put: !(by_hand && options.is_empty()),
        refused: matches!(decision, Decision::Refused { .. }),
        action: page.href(&format!("/cases/{number}/award/facts")),
        needed: state.policy.quorum.approvers.count().to_string(),
        fields,
        page,
    };
    html(status, &template)
}

/// What the rules make of facts, as it is shown.
pub(super) struct Outcome<'a> {
    pub headline: String,
    pub text: String,
    /// The rule, where one decides.
    pub rule: String,
    pub steps: Vec<StepView>,
    pub options: &'a [Amount],
    /// A person must choose among the options, if there are any.
    pub by_hand: bool,
}

impl<'a> Outcome<'a> {
    pub fn of(lang: Lang, decision: &'a Decision) -> Self {
        let none = String::new;
        match decision {
            Decision::Amount(amount) => Self {
                headline: lang.money(amount.base_fen.0),
                text: lang.t("award-by-rule"),
                rule: award::rule(lang, amount),
                steps: award::steps(lang, &amount.steps),
                options: std::slice::from_ref(amount),
                by_hand: false,
            },
            Decision::Refused { reason } => Self {
                headline: lang.t("award-nothing"),
                text: view::text(&reason.text(), lang),
                rule: none(),
                steps: Vec::new(),
                options: &[],
                by_hand: false,
            },
            Decision::Manual { reason, steps, options, .. } => Self {
                headline: lang.t("award-manual"),
                text: view::text(&reason.text(), lang),
                rule: none(),
                steps: award::steps(lang, steps),
                options,
                by_hand: true,
            },
        }
    }
}

#[derive(Template)]
#[template(path = "console/award-facts.html")]
struct FactsForm {
    page: Page,
    number: String,
    place: String,
    industry: String,
    action: String,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "console/award-preview.html")]
struct Preview {
    page: Page,
    number: String,
    headline: String,
    text: String,
    rule: String,
    steps: Vec<StepView>,
    kept: Vec<(String, String)>,
    /// False where a person must decide and the rules offer nothing to choose.
    can_put: bool,
    refused: bool,
    action: String,
    needed: String,
    fields: Vec<Field>,
}

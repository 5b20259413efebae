//! One matter under several numbers: a later case is merged into an earlier one. The award is offered to their reporters
//! in the order in which their reports were accepted, to the next once nobody has collected it (安监总财〔2018〕19号).

use super::{
    ConsoleState,
    award::{Last, typed_number},
    view,
};
use crate::{
    award::record::Award,
    casework::{Actor, Case, Move, MoveKind, MoveRefused, Permission, Rules, State, apply, by_acceptance},
    clock::Day,
    ids::CaseNumber,
    log::Leaf,
    staff::{May, Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::{Errors, Typed, see_other},
};
use axum::{
    extract::{Path, State as Shared},
    response::Response,
};

/// An earlier case offered to whoever takes this one up.
pub(super) struct Likely {
    pub number: String,
    pub href: String,
    pub target: String,
    pub state: String,
    pub reasons: String,
    /// The form that merges, with the number filled in.
    pub merge: String,
}

/// One move as the store takes it.
fn step(mv: Move, actor: &Actor, today: Day, rules: &Rules, version: Option<u64>) -> Step {
    let (actor, rules) = (actor.clone(), rules.clone());
    let change = move |dossier: &mut Dossier, _: &Place| -> Result<Option<Leaf>, Refused> {
        dossier.case = apply(&dossier.case, mv, &actor, today, &rules)?;
        Ok(None)
    };
    Step { expected_version: version, sealed: None, change: Box::new(change) }
}

impl ConsoleState {
    /// Number, target and address, for somebody who compares.
    pub(super) fn in_short(&self, member: &Member, number: CaseNumber) -> String {
        self.lead(member, number).map_or_else(String::new, |dossier| {
            let content = &dossier.case.content;
            format!("{number}\n{}\n{}", content.target_name, content.address)
        })
    }

    /// A case that another one might be merged into, if this person may open it.
    fn lead(&self, member: &Member, number: CaseNumber) -> Option<Dossier> {
        let found = self.cases.case(number).ok().flatten()?;
        let case = &found.case;
        let opens = member.actor.may_read(case.owner.as_ref())
            && self.reaches(member, case.handled_by(&self.policy.bodies));
        opens.then_some(found)
    }

    /// Whether `case` may be merged into `lead`, as things stand.
    pub(super) fn check_lead(
        &self,
        member: &Member,
        case: &Case,
        lead: CaseNumber,
    ) -> Result<(), MoveRefused> {
        let unknown = || MoveRefused::NotMergeable(lead);
        let dossier = self.lead(member, lead).ok_or_else(unknown)?;
        let (join, rules) = (Move::Join { case: case.number }, Rules::of(&self.policy));
        apply(&dossier.case, join, &member.actor, self.clock.today(), &rules).map(drop).map_err(|_| unknown())
    }

    /// Whether a report that this reporter says is theirs, too, was accepted. Asked of the case itself, wherever it is
    /// handled: nothing of it is shown.
    pub(super) fn was_accepted_before(&self, case: &Case) -> bool {
        let accepted = |number: &CaseNumber| {
            let found = self.cases.case(*number).ok().flatten();
            found.is_some_and(|dossier| dossier.case.history.iter().any(|e| e.what == MoveKind::Accept))
        };
        case.same_reporter.iter().any(accepted)
    }

    /// Earlier cases that this person may merge the case into and that are likely about the same matter, the likeliest
    /// first, and why.
    pub(super) fn likely_repeats(&self, member: &Member, case: &Case) -> Vec<Likely> {
        if !self.moves(case, member).contains(&MoveKind::Merge) {
            return Vec::new();
        }
        let lang = member.lang;
        let path = |rest: &str| format!("/{}/cases/{rest}", lang.path());
        let found = self.cases.repeats(case.number).into_iter();
        let open = found.filter(|repeat| self.check_lead(member, case, repeat.case).is_ok());
        let shown = open.filter_map(|repeat| {
            let lead = self.lead(member, repeat.case)?.case;
            let reasons = repeat.reasons.iter().map(|reason| lang.t(&format!("repeat-{}", reason.code())));
            Some(Likely {
                number: lead.number.to_string(),
                href: path(&lead.number.to_string()),
                target: lead.content.target_name.clone(),
                state: view::state(lang, lead.state),
                reasons: reasons.collect::<Vec<_>>().join(&lang.t("list-comma")),
                merge: path(&format!("{}/moves/merge?into={}", case.number, lead.number)),
            })
        });
        shown.collect()
    }

    /// Both halves of a merge, or neither.
    pub(super) async fn merge(
        &self,
        member: &Member,
        case: &Case,
        mv: Move,
        lead: CaseNumber,
    ) -> Result<(), Refused> {
        let (today, rules) = (self.clock.today(), Rules::of(&self.policy));
        let merges = step(mv, &member.actor, today, &rules, Some(case.version));
        let joins = step(Move::Join { case: case.number }, &member.actor, today, &rules, None);
        self.cases.change_both((case.number, merges), (lead, joins)).await
    }

    /// Whom the award of this matter goes to next, where this person may offer it.
    pub(super) fn offers_to(&self, member: &Member, dossier: &Dossier) -> Option<CaseNumber> {
        let is_theirs =
            member.may(Permission::ComputeAward) && dossier.case.owner.as_ref() == Some(member.id());
        self.next_of_matter(dossier).filter(|_| is_theirs)
    }

    /// Whose turn it is in the matter: the next once the award has ended here unpaid, or who comes before this reporter
    /// once that one can object no more to what was found, which goes along.
    fn next_of_matter(&self, dossier: &Dossier) -> Option<CaseNumber> {
        let case = &dossier.case;
        if let Some(first) = self.comes_before(dossier) {
            let is_answered = matches!(case.state, State::Replied | State::Closed);
            let stands = is_answered && case.may_object_until(self.clock.today()).is_none();
            return Some(first).filter(|_| stands);
        }
        let award = dossier.award().filter(|award| award.is_unpaid())?;
        // Passed on it could not be taken up again. The same days whether its reporter objects or not, and whether that was
        // answered: only the office reads it.
        let deadlines = &self.policy.deadlines;
        let settled = award.refused_on().map(|day| deadlines.review.after(deadlines.objection.after(day)));
        if case.passed_to.is_some() || settled.is_some_and(|day| self.clock.today() <= day) {
            return None;
        }
        self.waiting(dossier).first().map(|next| next.number)
    }

    /// The first whose report of the matter was accepted before the one that answers for it, where the award has not been
    /// offered to them: it is theirs first, and nothing is computed here.
    pub(super) fn comes_before(&self, dossier: &Dossier) -> Option<CaseNumber> {
        let case = &dossier.case;
        let is_verified = case.conclusion.as_ref().is_some_and(|found| found.finding.is_verified());
        let is_open = case.passed_to.is_none()
            && dossier.may_pass_on()
            && !dossier.award().is_some_and(Award::is_unpaid);
        if case.merged.is_empty() || !is_verified || !is_open {
            return None;
        }
        self.waiting(dossier).first().filter(|first| first.is_before).map(|first| first.number)
    }

    /// The others of the matter who have not been offered its award, in the order of acceptance.
    fn waiting(&self, dossier: &Dossier) -> Vec<Waiting> {
        let own = dossier.case.number;
        let find = |number: CaseNumber| self.cases.case(number).ok().flatten();
        let Some(lead) = dossier.case.merged_into.map_or_else(|| Some(dossier.clone()), find) else {
            return Vec::new();
        };
        let merged = lead.case.merged.iter().filter_map(|number| find(*number)).map(|found| found.case);
        // One that was separated may be another matter's now.
        let merged: Vec<Case> = merged.filter(|case| case.merged_into == Some(lead.case.number)).collect();
        let waits = |case: &Case| match case.merged_into {
            Some(_) => case.state == State::MergedInto && case.conclusion.is_none(),
            // It gave way to somebody before it, and nothing came of that.
            None => case.passed_to.is_some() && !lead.award().is_some_and(Award::is_unpaid),
        };
        let order = by_acceptance(&lead.case, &merged);
        let place = order.iter().position(|case| case.number == own);
        let others = order.into_iter().enumerate().filter(|(_, case)| case.number != own && waits(case));
        others.map(|(at, case)| Waiting { number: case.number, is_before: Some(at) < place }).collect()
    }
}

/// Somebody who has not been offered the award of a matter.
struct Waiting {
    number: CaseNumber,
    /// Accepted before the case that was asked about.
    is_before: bool,
}

/// The page before: it cannot be taken back.
pub(super) async fn ask_pass_on(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    pass_on_page(&state, &may, &number, &Typed::default(), Errors::default()).await
}

async fn pass_on_page(
    state: &ConsoleState,
    may: &Member,
    number: &str,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let dossier = match state.open(may, number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let Some(next) = state.offers_to(may, &dossier) else {
        return state.nothing_to_do(may, number, &errors).await;
    };
    let (lang, next) = (may.lang, next.to_string());
    let question = [("number", number), ("next", next.as_str())];
    let consequence = match state.comes_before(&dossier) {
        Some(_) => "pass-on-first-consequence",
        None => "pass-on-consequence",
    };
    let last = Last {
        title: lang.t_with("pass-on-question", &view::values(&question)),
        consequence: lang.t1(consequence, "number", number.to_owned()),
        summary: vec![(lang.t("pass-on-next"), next.clone())],
        act: "pass-on",
        kept: ("next", next.clone()),
        button: lang.t("award-pass-on"),
    };
    last.ask(state, may, &dossier, typed, errors)
}

/// Offers the award to the next reporter of the matter: what was found goes along, the computation begins anew.
pub(super) async fn pass_on(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::ReadAward>,
) -> Response {
    let dossier = match state.peek(&may, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let errors = typed_number(may.lang, &dossier, &typed);
    if !errors.is_empty() {
        return pass_on_page(&state, &may, &number, &typed, errors).await;
    }
    let next = state.offers_to(&may, &dossier).filter(|next| next.to_string() == typed.plain("next"));
    let (Some(next), Some(conclusion)) = (next, dossier.case.conclusion.clone()) else {
        return state.award_not_done(&may, &number, "award-not-done").await;
    };
    let (today, rules, case) = (state.clock.today(), Rules::of(&state.policy), &dossier.case);
    let body = case.handled_by(&state.policy.bodies).code.clone();
    let passes = step(Move::PassOn { to: next }, &may.actor, today, &rules, Some(case.version));
    let takes = Move::TakeOver { conclusion, body: Some(body), worked_on: case.worked_on() };
    let takes = step(takes, &may.actor, today, &rules, None);
    match state.cases.change_both((case.number, passes), (next, takes)).await {
        Ok(()) => see_other(&format!("/{}/cases/{next}?done=take-over", may.lang.path())),
        Err(Refused::Changed | Refused::Move(_) | Refused::Inconsistent(_)) => {
            state.award_not_done(&may, &number, "award-not-done").await
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

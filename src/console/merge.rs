//! One matter under several numbers: a later case is merged into an earlier one, and an award that nobody collected
//! there is offered to the next reporter in the order of the matter (安监总财〔2018〕19号).

use super::{ConsoleState, view};
use crate::{
    casework::{Actor, Case, Move, MoveKind, MoveRefused, Permission, Rules, State, apply},
    clock::Day,
    ids::CaseNumber,
    log::Leaf,
    staff::{Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::see_other,
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

    /// Whom the award of this matter goes to next, once it has ended here unpaid.
    pub(super) fn next_of_matter(&self, dossier: &Dossier) -> Option<CaseNumber> {
        let case = &dossier.case;
        if case.passed_to.is_some() || !dossier.award().is_some_and(|award| award.is_unpaid()) {
            return None;
        }
        let find = |number: CaseNumber| self.cases.case(number).ok().flatten().map(|dossier| dossier.case);
        let lead = case.merged_into.map_or_else(|| Some(case.clone()), find)?;
        let after =
            lead.merged.iter().skip_while(|number| case.number != lead.number && **number != case.number);
        let mut waiting = after.filter(|number| **number != case.number).filter_map(|number| find(*number));
        waiting
            .find(|next| next.state == State::MergedInto && next.conclusion.is_none())
            .map(|next| next.number)
    }
}

/// Offers the award to the next reporter of the matter: what was found goes along, the computation begins anew.
pub(super) async fn pass_on(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, .. }: Sent<grant::ReadAward>,
) -> Response {
    let dossier = match state.peek(&may, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let back = format!("/{}/cases/{number}/award", may.lang.path());
    let (Some(next), Some(conclusion)) = (state.next_of_matter(&dossier), dossier.case.conclusion.clone())
    else {
        return see_other(&back);
    };
    if !may.may(Permission::ComputeAward) {
        return see_other(&back);
    }
    let (today, rules, case) = (state.clock.today(), Rules::of(&state.policy), &dossier.case);
    let body = case.handled_by(&state.policy.bodies).code.clone();
    let passes = step(Move::PassOn { to: next }, &may.actor, today, &rules, Some(case.version));
    let takes = Move::TakeOver { conclusion, body: Some(body), worked_on: case.worked_on() };
    let takes = step(takes, &may.actor, today, &rules, None);
    match state.cases.change_both((case.number, passes), (next, takes)).await {
        Ok(()) => see_other(&format!("/{}/cases/{next}?done=take-over", may.lang.path())),
        Err(Refused::Changed | Refused::Move(_) | Refused::Inconsistent(_)) => see_other(&back),
        Err(cause) => state.down(may.lang, &cause),
    }
}

//! The award (screens A1–A3): how it was computed, step by step, what each person may do about it, and what waits for whom.

mod change;
mod last;
mod vote;

pub(super) use change::{ask_lapse, extend, file, lapse, notify, public_notice};
pub(super) use last::Last;
pub(super) use vote::{approve, ask_approve, ask_refuse, refuse, typed_number, withdraw};

use super::{ConsoleState, view};
use crate::{
    award::{
        decision::{self, Amount},
        effect::is_open,
        paper::Paper,
        record::{Award, AwardState},
        summary::{AwardSummary, StaffView},
    },
    casework::{Permission, State as CaseState},
    clock::Day,
    staff::{May, Member, grant},
    store::Dossier,
    web::{Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

/// One step of a computation as it is shown.
pub(super) struct StepView {
    pub article: String,
    pub text: String,
}

pub(super) fn steps(lang: Lang, steps: &[decision::Step]) -> Vec<StepView> {
    let view = |step: &decision::Step| StepView {
        article: view::text(&step.article, lang),
        text: view::text(&step.text, lang),
    };
    steps.iter().map(view).collect()
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadAward>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let done = match uri.query().and_then(|query| query.strip_prefix("done=")) {
        Some(
            code @ ("computed" | "approve" | "again" | "refuse" | "withdraw" | "file" | "notify" | "extend"
            | "notice" | "lapse"),
        ) => may.lang.t(&format!("award-done-{code}")),
        _ => String::new(),
    };
    page(&state, &may, &number, done, &Typed::default(), Errors::default()).await
}

/// The award as it stands. After what could not be done it says so on top, and keeps what was typed to extend the claim.
async fn page(
    state: &ConsoleState,
    may: &Member,
    number: &str,
    done: String,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let dossier = match state.open(may, number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let (status, here) = match errors.is_empty() {
        true => (StatusCode::OK, format!("/cases/{number}/award")),
        // The other language would lose what was typed.
        false => (StatusCode::UNPROCESSABLE_ENTITY, String::new()),
    };
    let mut page = state.page(may, lang.t1("award-title", "number", number.to_owned()), &here);
    page.back = page.href(&format!("/cases/{number}"));
    page.mark = state.mark(may, &dossier);
    let base = page.href(&format!("/cases/{number}/award"));
    let case = &dossier.case;
    let can_compute = may.may(Permission::ComputeAward) && state.may_compute(may, &dossier);
    // Whoever must compute anew sees why the award came back.
    // Whoever investigates it reads no more of its award than others who do, whatever else they are.
    let follows = (follows_award(may) && case.owner.as_ref() != Some(may.id())) || can_compute;
    let is_still = case.state == CaseState::Objected;
    let next = state.offers_to(may, &dossier);
    let template = AwardPage {
        done,
        reason: Field::area(lang, "reason", lang.t("field-reason"), 3).filled(typed, &errors),
        is_back: typed.has("reason"),
        can_compute,
        finding: case
            .conclusion
            .as_ref()
            .map(|c| lang.t(&format!("finding-{}", c.finding.code().replace('_', "-"))))
            .unwrap_or_default(),
        evidence: case.conclusion.as_ref().map(|c| c.reason.clone()).unwrap_or_default(),
        award: dossier.award().filter(|_| follows).map(|award| AwardView::of(state, may, &dossier, award)),
        is_still,
        can_pass_on: next.is_some(),
        pass_on: match (state.comes_before(&dossier), next) {
            (Some(first), _) => lang.t1("award-before-about", "first", first.to_string()),
            (None, Some(next)) => lang.t1("award-pass-on-about", "next", next.to_string()),
            (None, None) => String::new(),
        },
        outcome: dossier.award().filter(|_| !follows).map(|award| outcome(lang, award)).unwrap_or_default(),
        award_number: dossier.award().map_or(0, |award| award.terms().award).to_string(),
        base,
        page: {
            page.errors = errors;
            page
        },
    };
    html(status, &template)
}

/// Whether this person sees an award on its way: approvers, those who file and notify, the reward office.
pub(super) fn follows_award(may: &Member) -> bool {
    use Permission::{ApproveAward, NotifyAward, OpenPackage, RecordPayment};
    may.may_any(&[ApproveAward, NotifyAward, OpenPackage, RecordPayment])
}

/// With the reward office, paid, not payable: whether and when the reporter came is nobody else's business.
pub(super) fn outcome(lang: Lang, award: &Award) -> String {
    lang.t(match award.for_staff() {
        StaffView::WithRewardOffice => "outcome-with-office",
        StaffView::Paid => "outcome-paid",
        StaffView::NotPayable => "outcome-not-payable",
    })
}

struct AwardView {
    state: String,
    amount: String,
    rule: String,
    steps: Vec<StepView>,
    /// Why a person chose the amount; empty where the rules give it.
    reason: String,
    computed: String,
    votes: String,
    voted: Vec<(String, String)>,
    refused: Vec<(String, String, String)>,
    claim_until: String,
    /// What this person can do now.
    can_vote: bool,
    /// That vote is one more, over what was approved before: there is nothing to refuse any more.
    is_again: bool,
    /// Why they cannot vote, where they otherwise could.
    no_vote: String,
    can_withdraw: bool,
    can_file: bool,
    can_notify: bool,
    can_extend: bool,
    /// The claim's last day has passed: a public notice.
    can_announce: bool,
    /// That of the notice, too: the end.
    can_lapse: bool,
    /// What today's rules would give, where that is something else; empty: the same, or nothing to decide any more.
    otherwise_now: String,
    can_try: bool,
}

impl AwardView {
    fn of(state: &ConsoleState, may: &Member, dossier: &Dossier, award: &Award) -> Self {
        let lang = may.lang;
        // While an objection is open nothing is done to the award.
        let is_still = dossier.case.state == CaseState::Objected;
        let paper = Paper::read(award.decision()).ok();
        let amount = paper.as_ref().map(|paper| &paper.amount);
        let is_again = state.must_be_approved_again(award);
        let first = matches!(award.state(), AwardState::Computed);
        let open = !is_still && (first || is_again) && may.may(Permission::ApproveAward);
        let obstacle = obstacle(state, may, dossier, award);
        let notifies = !is_still && may.may(Permission::NotifyAward);
        let notified = matches!(award.state(), AwardState::Notified) && notifies;
        let over = award.claim_until().is_some_and(|until| state.clock.today() > until);
        let votes = [
            ("found", award.approvals().len().to_string()),
            ("needed", award.approvals_needed().to_string()),
        ];
        let votes: Vec<_> = votes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Self {
            state: lang.t(&format!("award-{}", award.state().name())),
            amount: lang.money(award.terms().base_fen),
            rule: amount.map(|a| rule(lang, a)).unwrap_or_default(),
            steps: amount.map(|a| steps(lang, &a.steps)).unwrap_or_default(),
            reason: paper.as_ref().and_then(|paper| paper.reason.clone()).unwrap_or_default(),
            computed: view::day(award.terms().computed),
            votes: lang.t_with("award-votes", &view::values(&votes)),
            voted: award.approvals().iter().map(|a| (state.person(&a.by), view::day(a.day))).collect(),
            refused: award
                .refusals()
                .iter()
                .map(|r| (state.person(&r.by), view::day(r.day), r.reason.clone()))
                .collect(),
            claim_until: award.claim_until().map(view::day).unwrap_or_default(),
            can_vote: open && obstacle.is_none(),
            is_again,
            no_vote: obstacle.filter(|_| open).map(|key| lang.t(key)).unwrap_or_default(),
            can_withdraw: open && first && award.approvals().iter().any(|a| a.by == *may.id()),
            can_file: matches!(award.state(), AwardState::Approved) && notifies,
            can_notify: matches!(award.state(), AwardState::Filed) && notifies,
            can_extend: notified && !over,
            can_announce: notified && over && award.notice().is_none(),
            can_lapse: notified && over && award.notice().is_some(),
            otherwise_now: paper
                .as_ref()
                .filter(|_| is_open(award.state().name()))
                .map(|paper| state.otherwise_now(lang, paper))
                .unwrap_or_default(),
            can_try: paper.is_some() && may.may(Permission::ApproveAward),
        }
    }
}

/// Title, document and version; the title is left out where the document's name says it.
pub(super) fn rule(lang: Lang, amount: &Amount) -> String {
    let (title, document) = (view::text(&amount.rule.title, lang), &amount.rule.document);
    let name = if document.contains(&title) { document.clone() } else { format!("{title} · {document}") };
    format!("{name} · v{}", amount.rule.version)
}

/// Why this person cannot vote on this award, as a key.
fn obstacle(state: &ConsoleState, may: &Member, dossier: &Dossier, award: &Award) -> Option<&'static str> {
    if award.terms().worked_on.contains(may.id()) {
        return Some("vote-own-case");
    }
    if !state.may_vote(may, dossier) {
        return Some("vote-apart");
    }
    // One that runs out before a release would end is to be given anew.
    let counts = |until: &Day| !state.must_be_approved_again(award) || *until >= state.release_until();
    if award.votes_until().get(may.id()).is_some_and(counts) {
        return Some("vote-given");
    }
    match &may.account.signing_key {
        None => Some("vote-no-key"),
        Some(key) if state.roster.key_of(may.id()) != Some(&key.verify) => Some("vote-not-on-roster"),
        Some(_) => None,
    }
}

impl ConsoleState {
    /// Nothing was done: the award's page as it stands now says why.
    pub(super) async fn award_not_done(&self, may: &Member, number: &str, why: &str) -> Response {
        let mut errors = Errors::default();
        errors.add("stands", may.lang.t(why));
        page(self, may, number, String::new(), &Typed::default(), errors).await
    }

    /// For a page before an act that cannot be done: whoever opened it sees the award, whoever sent it (to which `errors`
    /// were found) is told that nothing was done.
    pub(super) async fn nothing_to_do(&self, may: &Member, number: &str, errors: &Errors) -> Response {
        match errors.is_empty() {
            true => see_other(&format!("/{}/cases/{number}/award", may.lang.path())),
            false => self.award_not_done(may, number, "award-not-done").await,
        }
    }

    /// The last day of a release if it were published today.
    pub(super) fn release_until(&self) -> Day {
        self.policy.deadlines.release_expires.after(self.clock.today())
    }

    /// A release of it could not be published today for want of approvals that count to its end.
    fn must_be_approved_again(&self, award: &Award) -> bool {
        award.must_be_approved_again(&self.roster, self.clock.today(), self.release_until())
    }

    /// This person has done nothing in this case that policy keeps apart from a vote.
    fn may_vote(&self, may: &Member, dossier: &Dossier) -> bool {
        dossier.apart(may.id(), Permission::ApproveAward, &self.policy.roles.acts_apart).is_ok()
    }

    /// The awards in force of the cases of this person's body and those below it.
    pub(super) fn awards(&self, member: &Member) -> Vec<AwardSummary> {
        let mut awards = self.cases.awards();
        let bodies = &self.policy.bodies;
        awards.retain(|award| {
            let row = self.cases.row(award.case);
            row.is_some_and(|row| self.reaches(member, row.handled_by(bodies)))
        });
        // The vote of one who was struck off counts no more.
        awards
            .iter_mut()
            .for_each(|award| award.votes_until.retain(|by, _| self.roster.key_of(by).is_some()));
        awards
    }
}

/// What waits for approvers, and what waits to be filed and notified.
pub(super) async fn list(Shared(state): Shared<ConsoleState>, may: May<grant::ApproveAward>) -> Response {
    let lang = may.lang;
    let (today, through) = (state.clock.today(), state.release_until());
    let again = |award: &AwardSummary| {
        award.must_be_approved_again(today, through) && award.can_be_approved_again_by(may.id(), through)
    };
    let row = |award: &AwardSummary| {
        let votes = [("found", award.approvals.to_string()), ("needed", award.approvals_needed.to_string())];
        let votes: Vec<_> = votes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ListRow {
            number: award.case.to_string(),
            href: format!("/{}/cases/{}/award", lang.path(), award.case),
            asked: match again(award) {
                true => lang.t("asked-again"),
                false => lang.t(&format!("asked-{}", award.state)),
            },
            amount: lang.money(award.base_fen),
            votes: lang.t_with("award-votes", &view::values(&votes)),
        }
    };
    let awards = state.awards(&may);
    let waits = |award: &&AwardSummary| {
        matches!(award.state.as_str(), "computed" | "approved" | "filed") || again(award)
    };
    let page = state.page(&may, lang.t("approvals-title"), "/approvals");
    html(StatusCode::OK, &ListPage { rows: awards.iter().filter(waits).map(row).collect(), page })
}

#[derive(Template)]
#[template(path = "console/award.html")]
struct AwardPage {
    page: Page,
    done: String,
    /// Why the claim is extended.
    reason: Field,
    /// That form came back.
    is_back: bool,
    is_still: bool,
    /// Whom it can be offered to next, or who comes first; empty: nobody.
    pass_on: String,
    can_pass_on: bool,
    can_compute: bool,
    finding: String,
    evidence: String,
    award: Option<AwardView>,
    /// All that others than approvers and the reward office see of an award.
    outcome: String,
    /// Which of the case's awards the buttons are about.
    award_number: String,
    base: String,
}

struct ListRow {
    number: String,
    href: String,
    asked: String,
    amount: String,
    votes: String,
}

#[derive(Template)]
#[template(path = "console/approvals.html")]
struct ListPage {
    page: Page,
    rows: Vec<ListRow>,
}

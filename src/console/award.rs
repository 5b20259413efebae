//! The award (screens A1–A3): how it was computed, step by step, and the votes of two different approvers. Approving
//! opens the approver's own signing key with their password, signs, and forgets it.

use super::{ConsoleState, award_form::may_compute, view};
use crate::{
    award::{
        approval::Approval,
        decision::{self, Amount},
        effect::is_open,
        paper::Paper,
        record::{Award, AwardRefused, AwardState},
        summary::{AwardSummary, StaffView},
    },
    casework::{Permission, State as CaseState},
    ids::CaseNumber,
    log::{Event, Leaf},
    staff::{Grant, May, Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::{Control, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};
use zeroize::Zeroizing;

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
    let dossier = match state.open(&may, &number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let done = match uri.query().and_then(|query| query.strip_prefix("done=")) {
        Some(
            code @ ("computed" | "approve" | "refuse" | "withdraw" | "file" | "notify" | "extend" | "notice"
            | "lapse" | "no-reason"),
        ) => lang.t(&format!("award-done-{code}")),
        _ => String::new(),
    };
    let mut page =
        state.page(&may, lang.t1("award-title", "number", number.clone()), &format!("/cases/{number}/award"));
    page.back = page.href(&format!("/cases/{number}"));
    page.mark = state.mark(&may, &dossier);
    let base = page.href(&format!("/cases/{number}/award"));
    let case = &dossier.case;
    let can_compute = may.may(Permission::ComputeAward) && may_compute(&dossier, state.clock.today());
    // Whoever must compute anew sees why the award came back.
    let follows = follows_award(&may) || can_compute;
    let is_still = case.state == CaseState::Objected;
    let template = AwardPage {
        done,
        can_compute,
        finding: case
            .conclusion
            .as_ref()
            .map(|c| lang.t(&format!("finding-{}", c.finding.code().replace('_', "-"))))
            .unwrap_or_default(),
        evidence: case.conclusion.as_ref().map(|c| c.reason.clone()).unwrap_or_default(),
        award: dossier.award().filter(|_| follows).map(|award| AwardView::of(&state, &may, award, is_still)),
        is_still,
        pass_on: state
            .next_of_matter(&dossier)
            .filter(|_| may.may(Permission::ComputeAward) && case.owner.as_ref() == Some(may.id()))
            .map(|next| lang.t1("award-pass-on-about", "next", next.to_string()))
            .unwrap_or_default(),
        outcome: dossier.award().filter(|_| !follows).map(|award| outcome(lang, award)).unwrap_or_default(),
        award_number: dossier.award().map_or(0, |award| award.terms().award).to_string(),
        base,
        page,
    };
    html(StatusCode::OK, &template)
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
    /// Why they cannot vote, where they otherwise could.
    no_vote: String,
    can_withdraw: bool,
    can_file: bool,
    can_notify: bool,
    can_extend: bool,
    /// The claim's last day has passed: a public notice, or the end.
    can_lapse: bool,
    /// What today's rules would give, where that is something else; empty: the same, or nothing to decide any more.
    otherwise_now: String,
    can_try: bool,
}

impl AwardView {
    /// `is_still`: an objection is open, and nothing is done to the award.
    fn of(state: &ConsoleState, may: &Member, award: &Award, is_still: bool) -> Self {
        let lang = may.lang;
        let paper = Paper::read(award.decision()).ok();
        let amount = paper.as_ref().map(|paper| &paper.amount);
        let open =
            !is_still && matches!(award.state(), AwardState::Computed) && may.may(Permission::ApproveAward);
        let obstacle = obstacle(state, may, award);
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
            no_vote: obstacle.filter(|_| open).map(|key| lang.t(key)).unwrap_or_default(),
            can_withdraw: open && award.approvals().iter().any(|a| a.by == *may.id()),
            can_file: matches!(award.state(), AwardState::Approved) && notifies,
            can_notify: matches!(award.state(), AwardState::Filed) && notifies,
            can_extend: notified && !over,
            can_lapse: notified && over,
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
fn obstacle(state: &ConsoleState, may: &Member, award: &Award) -> Option<&'static str> {
    if award.terms().worked_on.contains(may.id()) {
        return Some("vote-own-case");
    }
    if award.approvals().iter().any(|approval| approval.by == *may.id()) {
        return Some("vote-given");
    }
    match &may.account.signing_key {
        None => Some("vote-no-key"),
        Some(key) if state.roster.key_of(may.id()) != Some(&key.verify) => Some("vote-not-on-roster"),
        Some(_) => None,
    }
}

impl ConsoleState {
    /// The awards in force of the cases of this person's body and those below it.
    pub(super) fn awards(&self, member: &Member) -> Vec<AwardSummary> {
        let mut awards = self.cases.awards();
        let bodies = &self.policy.bodies;
        awards.retain(|award| {
            let row = self.cases.row(award.case);
            row.is_some_and(|row| self.reaches(member, row.handled_by(bodies)))
        });
        awards
    }
}

/// What waits for approvers, and what waits to be filed and notified.
pub(super) async fn list(Shared(state): Shared<ConsoleState>, may: May<grant::ApproveAward>) -> Response {
    let lang = may.lang;
    let row = |award: &AwardSummary| {
        let votes = [("found", award.approvals.to_string()), ("needed", award.approvals_needed.to_string())];
        let votes: Vec<_> = votes.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ListRow {
            number: award.case.to_string(),
            href: format!("/{}/cases/{}/award", lang.path(), award.case),
            asked: lang.t(&format!("asked-{}", award.state)),
            amount: lang.money(award.base_fen),
            votes: lang.t_with("award-votes", &view::values(&votes)),
        }
    };
    let awards = state.awards(&may);
    let waits = |award: &&AwardSummary| matches!(award.state.as_str(), "computed" | "approved" | "filed");
    let page = state.page(&may, lang.t("approvals-title"), "/approvals");
    html(StatusCode::OK, &ListPage { rows: awards.iter().filter(waits).map(row).collect(), page })
}

pub(super) async fn ask_approve(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ApproveAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let here = format!("/{}/cases/{number}/award/approve", may.lang.path());
    if let Some(question) = may.asked_to_prove(&state.door, &here) {
        return question;
    }
    ask(&state, &may, &number, Vote::Approve, &Typed::default(), Errors::default()).await
}
pub(super) async fn ask_refuse(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ApproveAward>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    let here = format!("/{}/cases/{number}/award/refuse", may.lang.path());
    if let Some(question) = may.asked_to_prove(&state.door, &here) {
        return question;
    }
    ask(&state, &may, &number, Vote::Refuse, &Typed::default(), Errors::default()).await
}

#[derive(Clone, Copy, PartialEq)]
enum Vote {
    Approve,
    Refuse,
}

/// The page of its own before a vote: question, computation, evidence, typed number; the key step comes last.
async fn ask(
    state: &ConsoleState,
    may: &Member,
    number: &str,
    vote: Vote,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let dossier = match state.open(may, number, "award").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let Some(award) = dossier.award() else {
        return see_other(&format!("/{}/cases/{number}/award", lang.path()));
    };
    let view = AwardView::of(state, may, award, dossier.case.state == CaseState::Objected);
    if !view.can_vote {
        return see_other(&format!("/{}/cases/{number}/award", lang.path()));
    }
    let question = [("amount", view.amount.as_str()), ("number", number)];
    let title = match vote {
        Vote::Approve => lang.t_with("vote-question", &view::values(&question)),
        Vote::Refuse => lang.t_with("vote-refuse-question", &view::values(&question)),
    };
    let mut fields =
        vec![Field::line(lang, "typed-number", lang.t1("field-typed-number", "number", number.to_owned()))];
    match vote {
        Vote::Approve => fields.push(
            Field::new(lang, "password", lang.t("field-key-password"), Control::Password)
                .hint(lang.t("hint-key-password")),
        ),
        Vote::Refuse => fields.push(Field::area(lang, "reason", lang.t("field-reason"), 3)),
    }
    let fields = fields.into_iter().map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, title, "");
    page.back = page.href(&format!("/cases/{number}/award"));
    page.errors = errors;
    let (button, action, consequence) = match vote {
        Vote::Approve => (lang.t("vote-approve"), "approve", lang.t("vote-approve-consequence")),
        Vote::Refuse => (lang.t("vote-refuse"), "refuse", lang.t("vote-refuse-consequence")),
    };
    let template = VotePage {
        action: page.href(&format!("/cases/{number}/award/{action}")),
        award: dossier.award().map_or(0, |award| award.terms().award).to_string(),
        evidence: dossier.case.conclusion.as_ref().map(|c| c.reason.clone()).unwrap_or_default(),
        view,
        button,
        consequence,
        fields,
        page,
    };
    html(status, &template)
}

pub(super) async fn approve(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::Vote>,
) -> Response {
    let dossier = match state.peek(&may, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let lang = may.lang;
    let mut errors = typed_number(lang, &dossier, &typed);
    let (Some(award), Some(sealed)) = (dossier.award(), may.account.signing_key.clone()) else {
        return see_other(&format!("/{}/cases/{number}/award", lang.path()));
    };
    let (by, today) = (may.id().clone(), state.clock.today());
    let password = Zeroizing::new(typed.raw("password").to_owned());
    let terms = award.terms().clone();
    let holder = by.clone();
    // Opening the key takes a tenth of a second of hard work: not on a thread that serves others.
    let signed = if errors.is_empty() {
        let opened = tokio::task::spawn_blocking(move || {
            sealed.open(&holder, &password).map(|key| Approval::sign(&terms, &holder, today, &key))
        });
        opened.await.ok().and_then(Result::ok)
    } else {
        None
    };
    let Some(approval) = signed else {
        if errors.is_empty() {
            errors.add("password", lang.t("error-key-password"));
        }
        return ask(&state, &may, &number, Vote::Approve, &typed, errors).await;
    };
    let roster = state.roster.clone();
    let change = move |award: &Award| award.approve(approval, &roster, today);
    state.change_award(&may, &dossier, "approve", &typed, None, change).await
}

pub(super) async fn refuse(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::Vote>,
) -> Response {
    let dossier = match state.peek(&may, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let mut errors = typed_number(may.lang, &dossier, &typed);
    let least = state.policy.intake.fields.staff_reason;
    if least.check(typed.text("reason")).is_err() {
        errors.add("reason", may.lang.t1("error-short", "least", least.least));
    }
    if !errors.is_empty() {
        return ask(&state, &may, &number, Vote::Refuse, &typed, errors).await;
    }
    let (by, today, roster) = (may.id().clone(), state.clock.today(), state.roster.clone());
    let reason = typed.text("reason").to_owned();
    let change = move |award: &Award| award.decline(&by, &reason, &roster, today);
    state.change_award(&may, &dossier, "refuse", &typed, None, change).await
}

pub(super) async fn withdraw(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::ApproveAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    plain(&state, &number, sent, "withdraw", None, move |award| award.withdraw_approval(&by, today)).await
}

pub(super) async fn file(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    plain(&state, &number, sent, "file", Some(Event::Filed), move |award| award.file(&by, today)).await
}

pub(super) async fn notify(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    let until = state.policy.deadlines.claim.after(today);
    plain(&state, &number, sent, "notify", Some(Event::Notified), move |award| {
        award.notify(until, &by, today)
    })
    .await
}

/// For stated reasons, the reporter has longer.
pub(super) async fn extend(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today, longer) =
        (sent.may.id().clone(), state.clock.today(), state.policy.deadlines.claim_extend);
    let reason = sent.typed.text("reason").to_owned();
    if state.policy.intake.fields.staff_reason.check(&reason).is_err() {
        return see_other(&format!("/{}/cases/{number}/award?done=no-reason", sent.may.lang.path()));
    }
    let change = move |award: &Award| {
        award.extend_claim(longer.after(award.claim_until().unwrap_or(today)), &reason, &by, today)
    };
    plain(&state, &number, sent, "extend", None, change).await
}

/// Nobody came: a notice that names no one, and longer to claim.
pub(super) async fn public_notice(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let (by, today) = (sent.may.id().clone(), state.clock.today());
    let until = state.policy.deadlines.public_notice.after(today);
    plain(&state, &number, sent, "notice", None, move |award| award.public_notice(until, &by, today)).await
}

/// Waived, once the last day has passed.
pub(super) async fn lapse(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    sent: Sent<grant::NotifyAward>,
) -> Response {
    let today = state.clock.today();
    plain(&state, &number, sent, "lapse", Some(Event::Lapsed), move |award| award.lapse(today)).await
}

async fn plain<G: Grant>(
    state: &ConsoleState,
    number: &str,
    sent: Sent<G>,
    done: &str,
    event: Option<Event>,
    change: impl FnOnce(&Award) -> Result<Award, AwardRefused> + Send + 'static,
) -> Response {
    match state.peek(&sent.may, number) {
        Ok(dossier) => state.change_award(&sent.may, &dossier, done, &sent.typed, event, change).await,
        Err(response) => response,
    }
}

impl ConsoleState {
    /// Makes one transition on the award the form was about; a newer one in force is left alone.
    async fn change_award(
        &self,
        may: &Member,
        dossier: &Dossier,
        done: &str,
        typed: &Typed,
        event: Option<Event>,
        change: impl FnOnce(&Award) -> Result<Award, AwardRefused> + Send + 'static,
    ) -> Response {
        let number: CaseNumber = dossier.case.number;
        let today = self.clock.today();
        let about: u32 = typed.plain("award").parse().unwrap_or(0);
        let step = Step {
            expected_version: None,
            sealed: None,
            change: Box::new(move |dossier: &mut Dossier, _: &Place| {
                let award = dossier.awards.last_mut().ok_or(Refused::Changed)?;
                if award.terms().award != about {
                    return Err(Refused::Changed);
                }
                *award = change(award)?;
                dossier.case.version += 1;
                Ok(event.map(|event| Leaf::plain(event, today)))
            }),
        };
        let back = format!("/{}/cases/{number}/award", may.lang.path());
        match self.cases.change(number, step).await {
            Ok(_) => see_other(&format!("{back}?done={done}")),
            // The page shows how things stand now, and offers what can be done.
            Err(Refused::Changed | Refused::Award(_) | Refused::Inconsistent(_)) => see_other(&back),
            Err(cause) => self.down(may.lang, &cause),
        }
    }
}

fn typed_number(lang: Lang, dossier: &Dossier, typed: &Typed) -> Errors {
    let mut errors = Errors::default();
    let number = dossier.case.number.to_string();
    if typed.plain("typed-number") != number {
        errors.add("typed-number", lang.t1("error-typed-number", "number", number));
    }
    errors
}

#[derive(Template)]
#[template(path = "console/award.html")]
struct AwardPage {
    page: Page,
    done: String,
    is_still: bool,
    /// Whom it can be offered to next; empty: nobody.
    pass_on: String,
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

#[derive(Template)]
#[template(path = "console/vote.html")]
struct VotePage {
    page: Page,
    action: String,
    award: String,
    evidence: String,
    view: AwardView,
    button: String,
    consequence: String,
    fields: Vec<Field>,
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

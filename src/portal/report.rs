//! R11, the page itself: where the report stands, what comes next, what was said, what the log says.

use super::{
    PortalState, asks, check,
    documents::{self, ShownDocument},
    from_office::ShownFile,
    log, mine,
    original::{self, ShownOriginal},
    visit::{Visit, Visitor},
};
use crate::{
    award::{
        record::{Award, Ground},
        summary::ReporterView,
    },
    casework::{
        Actor, Case, DeadlineKind, MessageText, MoveKind, ReporterStatus, SentFile, State, Who, allowed,
    },
    clock::Day,
    mailbox::{self, SealedMessage},
    receipt::Receipt,
    sealed_file::FilePlace,
    store::Found,
    web::{Errors, Field, Form, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::StatusCode,
    response::{IntoResponse, Response},
};

type MailboxKey = age::x25519::Identity;

pub(super) struct ShownReply {
    pub day: Day,
    pub findings: String,
    pub handling: String,
    pub is_met: bool,
}

pub(super) struct ShownMessage {
    pub own: bool,
    pub day: String,
    pub text: String,
    /// As it is kept; `text` is ours then, not what was written.
    pub sealed: Option<SealedMessage>,
    pub file: Option<ShownFile>,
}

#[derive(serde::Serialize)]
pub(super) struct ShownEvent {
    day: String,
    what: String,
    told: String,
}

#[derive(Template)]
#[template(path = "portal/mine.html")]
struct Mine {
    page: Page,
    said: String,
    status: String,
    next: Vec<String>,
    reply: Option<ShownReply>,
    reward: String,
    can_claim: bool,
    documents: Vec<ShownDocument>,
    messages: Vec<ShownMessage>,
    /// Where the receipt is typed to open what is sealed; `None` when nothing is.
    read: Option<Field>,
    /// Files of ours, each with a button beside it.
    sent: Vec<ShownFile>,
    /// Messages were opened for this one answer.
    opened: bool,
    /// `None` when nothing can be added any more.
    add: Option<Field>,
    files: usize,
    history: Vec<ShownEvent>,
    content: Vec<(String, String)>,
    log: Vec<String>,
    can_withdraw: bool,
    can_object: bool,
    can_delete: bool,
    /// An original that was asked for.
    original: Option<ShownOriginal>,
}

/// The whole page, with what was typed into the message box and the problem with it.
pub(super) fn report_page(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    typed: Typed,
    errors: Errors,
) -> Response {
    page_with(portal, visitor, visit, (typed, errors), None)
}

/// The page with what staff wrote opened by the receipt's key: for this answer, and nowhere kept.
fn opened_page(portal: &PortalState, visitor: &Visitor, visit: &mut Visit, key: &MailboxKey) -> Response {
    page_with(portal, visitor, visit, Default::default(), Some(key))
}

/// The labelled way without script: the receipt comes once more, the server derives the key in memory, opens and
/// forgets. The router ends the connection.
pub(super) async fn read_messages(
    Shared(portal): Shared<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    visitor.own_form(&visit, &typed)?;
    let Some(own) = &visit.own else { return Err(visitor.ended().into_response()) };
    let receipt = Receipt::parse(typed.raw("receipt")).ok().filter(|receipt| receipt.auth() == own.auth);
    Ok(match receipt {
        Some(receipt) => opened_page(&portal, &visitor, &mut visit, &receipt.mailbox_key()),
        None => {
            let mut errors = Errors::default();
            errors.add("receipt", visitor.lang.t("claim-receipt-wrong"));
            report_page(&portal, &visitor, &mut visit, typed, errors)
        }
    })
}

fn page_with(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    (typed, errors): (Typed, Errors),
    key: Option<&MailboxKey>,
) -> Response {
    let lang = visitor.lang;
    let found = match mine::find(portal, visitor, visit) {
        Ok(Some(found)) => found,
        Ok(None) => return visitor.ended().into_response(),
        Err(answer) => return answer,
    };
    let said = mine::told(visit, lang);
    let log = log::about(portal, visit, lang);
    let case = &found.dossier.case;
    let is_open = !case.state.is_final();
    // Where there is a message form, the language switch is a button of it, so that it carries the text.
    let here = if is_open { "/mine/add" } else { "/mine" };
    let mut page = visitor.page(here, lang.t("mine-title"), visit);
    page.switch_posts = is_open;
    let view = found.dossier.award().map(Award::for_reporter);
    let add = is_open.then(|| {
        Field::area(lang, "message", lang.t("mine-add-label"), 5)
            .hint(lang.t("mine-add-hint"))
            .filled(&typed, &errors)
    });
    let sealed = case.messages.iter().any(|message| matches!(message.text, MessageText::Sealed(_)));
    let messages = messages(lang, case, key);
    let sent: Vec<ShownFile> = messages.iter().filter_map(|message| message.file.clone()).collect();
    let read = ((sealed && key.is_none()) || !sent.is_empty()).then(|| {
        Field::digits(lang, "receipt", lang.t("mine-read-label"), "")
            .hint(lang.t("mine-receipt-hint"))
            .filled(&typed, &errors)
    });
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    html(
        status,
        &Mine {
            page,
            said,
            status: lang.t(status_of(&found).key()),
            next: next(portal, lang, &found),
            reply: reply(found.answers()),
            reward: reward(lang, view.as_ref()),
            documents: documents::list(portal, lang, &found),
            can_claim: matches!(view, Some(ReporterView::CanBeClaimed { .. })),
            messages,
            read,
            sent,
            opened: key.is_some(),
            add,
            files: case.files.len(),
            history: history(lang, case),
            content: content(portal, lang, case),
            log,
            can_withdraw: can_withdraw(case),
            can_object: case.may_object_until(portal.clock.today()).is_some(),
            can_delete: asks::may_delete(case),
            original: original::shown(portal, lang, case),
        },
    )
}

/// Any time before the reply.
pub(super) fn can_withdraw(case: &Case) -> bool {
    allowed(case, &Actor::Reporter).contains(&MoveKind::Withdraw)
        && !(case.state == State::MergedInto && case.conclusion.is_some())
}

/// Where the report stands, or the one it was merged into.
pub(super) fn status_of(found: &Found) -> ReporterStatus {
    match (&found.lead, found.dossier.case.state) {
        (Some(lead), State::MergedInto) => ReporterStatus::of_merged(lead),
        _ => ReporterStatus::of(&found.dossier.case),
    }
}

/// What comes next, with one real date.
pub(super) fn next(portal: &PortalState, lang: Lang, found: &Found) -> Vec<String> {
    let (case, today) = (&found.dossier.case, portal.clock.today());
    let mut lines = Vec::new();
    if let Some(deadline) = case.retaliation_deadline() {
        let key = if deadline.by < today { "mine-next-late" } else { "mine-next-retaliation" };
        lines.push(lang.t1(key, "day", lang.day(deadline.by)));
    }
    if let Some(deadline) = case.deletion_deadline() {
        let key = if deadline.by < today { "mine-next-late" } else { "mine-next-deletion" };
        lines.push(lang.t1(key, "day", lang.day(deadline.by)));
    }
    if case.erased.is_some() {
        lines.push(lang.t("mine-erased"));
    }
    if case.state == State::MergedInto {
        lines.push(lang.t("mine-merged"));
        // What is asked of the other reporter is not asked of this one.
        if let Some(deadline) = found.answers().step_deadline().filter(|deadline| deadline.by >= today) {
            match deadline.kind {
                DeadlineKind::Conclude => {
                    lines.push(lang.t1("mine-next-conclude", "day", lang.day(deadline.by)))
                }
                DeadlineKind::Reply => lines.push(lang.t1("mine-next-reply", "day", lang.day(deadline.by))),
                _ => {}
            }
        }
        return lines;
    }
    if let Some(declined) = &case.declined
        && case.state == State::NotAccepted
    {
        let reason = case.history.iter().rev().find(|e| e.what == MoveKind::Decline).map(|e| e.told.clone());
        let reason = reason.filter(|told| !told.is_empty()).unwrap_or_else(|| declined.reason.clone());
        lines.push(lang.t1("mine-declined", "reason", reason.trim_end_matches(['。', '.']).to_owned()));
    }
    if let Some(transferred) = case.history.iter().rev().find(|e| e.what == MoveKind::Transfer) {
        let office = transferred.told.trim_end_matches(['。', '.']).to_owned();
        lines.push(lang.t1("mine-passed-on", "office", office));
    }
    if !case.handovers.is_empty() && !case.state.is_final() {
        let body = case.handled_by(&portal.policy.bodies);
        lines.push(lang.t1("mine-handed-over", "body", body.name.get(lang).to_owned()));
    }
    if let Some(until) = case.may_object_until(today) {
        lines.push(lang.t1("mine-next-objection", "day", lang.day(until)));
    }
    if let Some(deadline) = case.step_deadline() {
        let is_late = deadline.by < today;
        let key = match deadline.kind {
            _ if is_late => "mine-next-late",
            DeadlineKind::Danger => "mine-next-danger",
            DeadlineKind::Accept => "mine-next-accept",
            DeadlineKind::Supplement => "mine-next-supplement",
            DeadlineKind::Conclude => "mine-next-conclude",
            DeadlineKind::Reply => "mine-next-reply",
            DeadlineKind::Objection | DeadlineKind::Retaliation | DeadlineKind::Deletion => return lines,
            DeadlineKind::Review => "mine-next-review",
        };
        lines.push(lang.t1(key, "day", lang.day(deadline.by)));
    }
    lines
}

pub(super) fn reply(case: &Case) -> Option<ShownReply> {
    let reply = case.reply.as_ref()?;
    Some(ShownReply {
        day: reply.day,
        findings: reply.findings.clone(),
        handling: reply.handling.clone(),
        is_met: reply.reward.code() == "met",
    })
}

pub(super) fn reward(lang: Lang, view: Option<&ReporterView>) -> String {
    match view {
        None => lang.t("mine-reward-none"),
        Some(ReporterView::InApproval) => lang.t("mine-reward-pending"),
        Some(ReporterView::CanBeClaimed { base_fen, until }) => lang.t_with(
            "mine-reward-claim",
            &[("amount", lang.money(*base_fen).into()), ("day", lang.day(*until).into())],
        ),
        Some(ReporterView::Claimed) => lang.t("mine-reward-claimed"),
        Some(ReporterView::Paid) => lang.t("mine-reward-paid"),
        Some(ReporterView::NotPayable { ground }) => {
            let key = match ground {
                Some(Ground::NoName) => "ground-no-name",
                Some(Ground::ExcludedPerson) => "ground-excluded-person",
                Some(Ground::NotTheReporter) => "ground-not-the-reporter",
                Some(Ground::MonthlyCap) => "ground-monthly-cap",
                Some(Ground::NotCollected) => "ground-not-collected",
                None => "ground-other",
            };
            lang.t1("mine-reward-refused", "reason", lang.t(key))
        }
        Some(ReporterView::Lapsed) => lang.t("mine-reward-lapsed"),
    }
}

/// Messages, additions and what was asked for in one thread, by day. Without the key, what is sealed says that it is.
pub(super) fn messages(lang: Lang, case: &Case, key: Option<&MailboxKey>) -> Vec<ShownMessage> {
    let text = |text: &MessageText| match (text, key) {
        (MessageText::Clear(text), _) => (text.clone(), None),
        (MessageText::Sealed(sealed), None) => (lang.t("mine-message-sealed"), Some(sealed.clone())),
        (MessageText::Sealed(sealed), Some(key)) => match mailbox::open(sealed, key) {
            Ok(text) => (text.to_string(), None),
            Err(_) => (lang.t("mine-message-broken"), Some(sealed.clone())),
        },
    };
    let mut files = 0;
    let mut shown = |file: &SentFile| {
        files += 1;
        let place = FilePlace { report: case.report, blob: file.blob };
        ShownFile::of(lang, files, place, file, key)
    };
    let mut all = Vec::new();
    for message in &case.messages {
        let file = message.file.as_ref().map(&mut shown);
        all.push((message.day, message.from == Who::Reporter, text(&message.text), file));
    }
    let additions = case.additions.iter().map(|a| (a.day, &a.text));
    let objections = case.objections.iter().map(|o| (o.day, &o.text));
    let retaliations = case.retaliations.iter().map(|r| (r.day, &r.text));
    let deletions = case.deletions.iter().map(|d| (d.day, &d.text));
    let refusals = case.evidence.iter().filter_map(|request| request.objection());
    let refusals = refusals.map(|objection| (objection.day, &objection.text));
    let own = additions.chain(objections).chain(retaliations).chain(deletions).chain(refusals);
    let own = own.filter(|(_, text)| !text.is_empty());
    all.extend(own.map(|(day, text)| (day, true, (text.clone(), None), None)));
    all.sort_by_key(|message| message.0);
    let shown =
        |(day, own, (text, sealed), file)| ShownMessage { own, day: lang.day(day), text, sealed, file };
    all.into_iter().map(shown).collect()
}

/// What the reporter may know of the history: no staff name, no internal step, no reason for the file.
pub(super) fn history(lang: Lang, case: &Case) -> Vec<ShownEvent> {
    let arrived =
        ShownEvent { day: lang.day(case.received), what: lang.t("event-submitted"), told: String::new() };
    let shown = case.history.iter().filter_map(|event| {
        let key = format!("event-{}", event.what.code());
        // Messages and the reply stand on the page already.
        let again = matches!(event.what, MoveKind::Say | MoveKind::Reply);
        let told = if again { String::new() } else { event.told.clone() };
        lang.has(&key).then(|| ShownEvent { day: lang.day(event.day), what: lang.t(&key), told })
    });
    std::iter::once(arrived).chain(shown).collect()
}

pub(super) fn content(portal: &PortalState, lang: Lang, case: &Case) -> Vec<(String, String)> {
    let c = &case.content;
    let intake = &portal.policy.intake;
    let industry = intake.industry(&c.industry).map(|i| i.name.get(lang).to_owned()).unwrap_or_default();
    let rows = [
        ("check-region", check::region(portal, &c.region)),
        ("check-kind", intake.kind(c.kind).name.get(lang).to_owned()),
        ("check-industry", industry),
        ("check-target", c.target_name.clone()),
        ("check-address", c.address.clone()),
        ("check-code", c.credit_code.clone()),
        ("check-story", c.narrative.clone()),
        ("check-when", c.when_text.clone()),
        ("check-now", check::now(lang, c.ongoing, c.imminent_danger)),
    ];
    rows.into_iter().filter(|row| !row.1.is_empty()).map(|(key, value)| (lang.t(key), value)).collect()
}

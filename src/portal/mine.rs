//! R11: the reporter comes back with the receipt. Whoever holds it sees the report; nobody else, we neither.

use super::{
    PortalState, check, refused_by_store,
    visit::{Visit, Visitor},
};
use crate::{
    award::{
        paper::Paper,
        record::{Award, Ground},
        summary::ReporterView,
    },
    casework::{Case, DeadlineKind, MoveKind, ReporterStatus, State, Who},
    clock::Day,
    ids::ReportId,
    receipt::{AuditKey, AuthHash, LocatorHash, Receipt},
    store::Found,
    web::{Errors, Field, Form, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use std::{sync::Mutex, time::Duration};

/// The report a visit has sent or signed in to.
pub(super) struct Own {
    pub locator: LocatorHash,
    pub auth: AuthHash,
    pub audit_key: AuditKey,
    pub report: ReportId,
    /// Until it was copied and checked; to be shown again within this visit only.
    pub receipt: Option<Receipt>,
    pub return_after: Day,
    /// What the next page says once: a key of the words.
    said: Option<&'static str>,
}

impl Own {
    pub fn new(receipt: &Receipt, report: ReportId, return_after: Day, shown: Option<Receipt>) -> Self {
        Self {
            locator: receipt.locator(),
            auth: receipt.auth(),
            audit_key: receipt.audit_key(),
            report,
            receipt: shown,
            return_after,
            said: None,
        }
    }
}

/// Something the next page of the report says, once.
pub(super) fn tell(visit: &mut Visit, key: &'static str) {
    if let Some(own) = &mut visit.own {
        own.said = Some(key);
    }
}

pub(super) fn told(visit: &mut Visit, lang: Lang) -> String {
    visit.own.as_mut().and_then(|own| own.said.take()).map(|key| lang.t(key)).unwrap_or_default()
}

/// Wrong receipts typed lately, by everybody together: the more, the slower every answer. Never by address:
/// many people share one.
#[derive(Default)]
pub(super) struct Tries(Mutex<(i64, u32)>);

impl Tries {
    const WINDOW_SECONDS: i64 = 60;

    /// Seconds the next try takes, from the visit's own slips and everybody's.
    fn wait(&self, own_slips: u32, now: i64) -> u64 {
        let own = match own_slips {
            0..=2 => 0,
            slips => 1 << (slips - 3).min(3),
        };
        let (since, count) = *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let all = if now - since < Self::WINDOW_SECONDS { u64::from(count / 30).min(5) } else { 0 };
        own + all
    }

    fn slip(&self, now: i64) {
        let mut tries = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if now - tries.0 >= Self::WINDOW_SECONDS {
            *tries = (now, 0);
        }
        tries.1 += 1;
    }
}

#[derive(Template)]
#[template(path = "portal/mine_sign_in.html")]
struct SignIn {
    page: Page,
    receipt: Field,
    wait: u64,
}

fn sign_in_page(visitor: &Visitor, typed: &Typed, errors: Errors, wait: u64) -> Response {
    let lang = visitor.lang;
    let mut page = Page::new(lang, lang.t("mine-sign-title"));
    page.here = "/mine".into();
    page.switch_posts = true;
    page.back = page.href("/start");
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let receipt = Field::digits(lang, "receipt", lang.t("mine-receipt"), "")
        .hint(lang.t("mine-receipt-hint"))
        .filled(typed, &errors);
    page.errors = errors;
    html(status, &SignIn { page, receipt, wait })
}

pub(super) async fn show(Shared(portal): Shared<PortalState>, visitor: Visitor) -> Response {
    match visitor.signed_in().await {
        Ok(mut visit) => report_page(&portal, &visitor, &mut visit, Typed::default(), Errors::default()),
        Err(_) => sign_in_page(&visitor, &Typed::default(), Errors::default(), 0),
    }
}

/// One sentence for a slip, an unknown and a wrong code alike; each wrong one makes the next slower.
pub(super) async fn sign_in(
    Shared(portal): Shared<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    if typed.has("switch") {
        return Ok(sign_in_page(&visitor, &typed, Errors::default(), 0));
    }
    let (visit, cookie) = match visitor.handle() {
        Some(visit) => (visit, None),
        None => {
            let (visit, cookie) = portal.visits.begin(&mut rand::rng());
            (visit, Some(cookie))
        }
    };
    let slips = visit.lock().await.slips;
    let wait = portal.tries.wait(slips, portal.clock.unix_seconds());
    tokio::time::sleep(Duration::from_secs(wait)).await;

    let receipt = Receipt::parse(typed.raw("receipt")).ok();
    let found = match &receipt {
        Some(receipt) => portal
            .reports
            .find(&receipt.locator(), &receipt.auth())
            .map_err(|refused| {
                refused_by_store(&refused);
                down(&visitor)
            })?
            .map(|found| (found, receipt)),
        None => None,
    };
    let mut visit = visit.lock_owned().await;
    let answer = match found {
        Some((found, receipt)) => {
            visit.slips = 0;
            visit.own = Some(Own::new(receipt, found.report, found.dossier.case.received, None));
            see_other(&visitor.href("/mine"))
        }
        None => {
            visit.slips += 1;
            let now = portal.clock.unix_seconds();
            portal.tries.slip(now);
            let mut errors = Errors::default();
            errors.add("receipt", visitor.lang.t("mine-unknown"));
            sign_in_page(&visitor, &typed, errors, portal.tries.wait(visit.slips, now))
        }
    };
    Ok(match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], answer).into_response(),
        None => answer,
    })
}

/// Ends the visit: receipt, keys and all.
pub(super) async fn sign_out(
    Shared(portal): Shared<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Response {
    let cookie = portal.visits.end(&headers);
    let notice = visitor.asked.notice(StatusCode::OK, "out").next(visitor.href("/start"));
    ([(header::SET_COOKIE, cookie)], notice).into_response()
}

/// After the files: the receipt is put away, the report is shown.
pub(super) async fn finish(visitor: Visitor, Form(typed): Form) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    visitor.own_form(&visit, &typed)?;
    if let Some(own) = &mut visit.own {
        own.receipt = None;
    }
    Ok(see_other(&visitor.href("/mine")))
}

#[derive(Template)]
#[template(path = "portal/withdraw.html")]
struct Withdraw {
    page: Page,
}

pub(super) async fn withdraw(visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let mut page = visitor.page("/mine/withdraw", visitor.lang.t("withdraw-title"), &mut visit);
    page.back = page.href("/mine");
    Ok(html(StatusCode::OK, &Withdraw { page }))
}

struct ShownReply {
    day: Day,
    findings: String,
    handling: String,
    is_met: bool,
}

struct ShownMessage {
    own: bool,
    day: String,
    text: String,
}

struct ShownEvent {
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
    messages: Vec<ShownMessage>,
    /// `None` when nothing can be added any more.
    add: Option<Field>,
    files: usize,
    history: Vec<ShownEvent>,
    content: Vec<(String, String)>,
    log: Vec<String>,
    can_withdraw: bool,
}

pub(super) fn find(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &Visit,
) -> Result<Option<Found>, Response> {
    let Some(own) = &visit.own else { return Ok(None) };
    portal.reports.find(&own.locator, &own.auth).map_err(|refused| {
        refused_by_store(&refused);
        down(visitor)
    })
}

pub(super) fn down(visitor: &Visitor) -> Response {
    visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, "down").next(visitor.href("/mine")).into_response()
}

/// The whole page, with what was typed into the message box and the problem with it.
pub(super) fn report_page(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    typed: Typed,
    errors: Errors,
) -> Response {
    let lang = visitor.lang;
    let found = match find(portal, visitor, visit) {
        Ok(Some(found)) => found,
        Ok(None) => return visitor.ended().into_response(),
        Err(answer) => return answer,
    };
    let said = told(visit, lang);
    let log = super::log::about(portal, visit, lang);
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
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    html(
        status,
        &Mine {
            page,
            said,
            status: lang.t(ReporterStatus::of(case).key()),
            next: next(lang, case, portal.clock.today()),
            reply: reply(case),
            reward: reward(lang, view.as_ref()),
            can_claim: matches!(view, Some(ReporterView::CanBeClaimed { .. })),
            messages: messages(lang, case),
            add,
            files: case.files.len(),
            history: history(lang, case),
            content: content(portal, lang, case),
            log,
            can_withdraw: is_open && case.state != State::Replied,
        },
    )
}

/// What comes next, with one real date.
fn next(lang: Lang, case: &Case, today: Day) -> Vec<String> {
    let mut lines = Vec::new();
    if let Some(declined) = &case.declined
        && case.state == State::NotAccepted
    {
        let reason = case.history.iter().rev().find(|e| e.what == MoveKind::Decline).map(|e| e.told.clone());
        let reason = reason.filter(|told| !told.is_empty()).unwrap_or_else(|| declined.reason.clone());
        lines.push(lang.t1("mine-declined", "reason", reason.trim_end_matches(['。', '.']).to_owned()));
    }
    if let Some(deadline) = case.next_deadline() {
        let is_late = deadline.by < today;
        let key = match deadline.kind {
            DeadlineKind::Objection if is_late => return lines,
            _ if is_late => "mine-next-late",
            DeadlineKind::Danger => "mine-next-danger",
            DeadlineKind::Accept => "mine-next-accept",
            DeadlineKind::Supplement => "mine-next-supplement",
            DeadlineKind::Conclude => "mine-next-conclude",
            DeadlineKind::Reply => "mine-next-reply",
            DeadlineKind::Objection => "mine-next-objection",
        };
        lines.push(lang.t1(key, "day", lang.day(deadline.by)));
    }
    lines
}

fn reply(case: &Case) -> Option<ShownReply> {
    let reply = case.reply.as_ref()?;
    Some(ShownReply {
        day: reply.day,
        findings: reply.findings.clone(),
        handling: reply.handling.clone(),
        is_met: reply.reward.code() == "met",
    })
}

fn reward(lang: Lang, view: Option<&ReporterView>) -> String {
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

/// Messages and additions in one thread, by day.
fn messages(lang: Lang, case: &Case) -> Vec<ShownMessage> {
    let said = case.messages.iter().map(|m| (m.day, m.from == Who::Reporter, m.text.clone()));
    let added = case.additions.iter().map(|a| (a.day, true, a.text.clone()));
    let mut all: Vec<_> = said.chain(added).collect();
    all.sort_by_key(|message| message.0);
    all.into_iter().map(|(day, own, text)| ShownMessage { own, day: lang.day(day), text }).collect()
}

/// What the reporter may know of the history: no staff name, no internal step, no reason for the file.
fn history(lang: Lang, case: &Case) -> Vec<ShownEvent> {
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

fn content(portal: &PortalState, lang: Lang, case: &Case) -> Vec<(String, String)> {
    let c = &case.content;
    let intake = &portal.policy.intake;
    let industry = intake.industry(&c.industry).map(|i| i.name.get(lang).to_owned()).unwrap_or_default();
    let rows = [
        ("check-region", check::region(portal, &c.region)),
        ("check-kind", intake.kind(check::matter(c.kind)).name.get(lang).to_owned()),
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

/// How the amount was worked out: the rule, then its steps, each with its article.
pub(super) fn explained(lang: Lang, award: &Award) -> Vec<String> {
    let Ok(paper) = Paper::read(award.decision()) else { return Vec::new() };
    let rule = &paper.amount.rule;
    let line = |article: &str, text: &str| {
        lang.t_with("explained", &[("article", article.into()), ("text", text.into())])
    };
    let steps = paper.amount.steps.iter().map(|step| line(step.article.get(lang), step.text.get(lang)));
    std::iter::once(line(&rule.document, rule.title.get(lang))).chain(steps).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_make_the_next_try_slower_up_to_a_limit_and_time_forgives() {
        let tries = Tries::default();
        let waits: Vec<u64> = (0..9).map(|slips| tries.wait(slips, 100)).collect();
        assert_eq!(waits, [0, 0, 0, 1, 2, 4, 8, 8, 8]);
        for _ in 0..300 {
            tries.slip(100);
        }
        assert_eq!(tries.wait(0, 130), 5);
        assert_eq!(tries.wait(0, 160), 0);
    }
}

//! R11: the reporter comes back with the receipt. Whoever holds it sees the report; nobody else, we neither.

use super::{
    PortalState,
    once::Act,
    own_receipt::{self, Taking},
    refused_by_store, report,
    sending::Public,
    visit::{Visit, Visitor},
};
use crate::{
    clock::Day,
    ids::ReportId,
    receipt::{AuditKey, AuthHash, LocatorHash, Receipt},
    signing::VerifyKey,
    store::{Found, Refused},
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
    pub keys: Keys,
    pub report: ReportId,
    /// Until it was copied and checked; to be shown again within this visit only.
    pub receipt: Option<Receipt>,
    pub return_after: Day,
    /// Entered just now by a member of staff: its receipt is to be handed on, and opens nothing for them.
    pub desk: bool,
    /// The request it was sent with from a device, in this visit.
    pub asked: Option<Act>,
    /// Written and not sent yet, by field.
    pub unsent: Typed,
    /// What the next page says once: a key of the words.
    said: Option<&'static str>,
}

impl Own {
    pub fn new(receipt: &Receipt, report: ReportId, return_after: Day, shown: Option<Receipt>) -> Self {
        Self {
            locator: receipt.locator(),
            auth: receipt.auth(),
            keys: Keys::of(receipt),
            report,
            receipt: shown,
            return_after,
            desk: false,
            asked: None,
            unsent: Typed::default(),
            said: None,
        }
    }
}

impl Own {
    /// Proved by what the receipt gives, not by the receipt.
    pub fn proved((locator, auth): (LocatorHash, AuthHash), audit: AuditKey, found: &Found) -> Self {
        let public = Public {
            locator,
            auth,
            keys: Keys { audit, claim: found.claim_key },
            mailbox: found.mailbox.clone(),
        };
        Self::sealed_elsewhere(&public, found.report, found.dossier.case.received)
    }

    /// Whether a member of staff has entered it.
    pub fn at_desk(self, desk: bool) -> Self {
        Self { desk, ..self }
    }

    /// A report whose receipt was never here.
    pub fn sealed_elsewhere(public: &Public, report: ReportId, return_after: Day) -> Self {
        Self {
            locator: public.locator,
            auth: public.auth,
            keys: public.keys.clone(),
            report,
            receipt: None,
            return_after,
            desk: false,
            asked: None,
            unsent: Typed::default(),
            said: None,
        }
    }
}

/// What a report's envelopes are bound to. The claim's is its public half.
#[derive(Clone)]
pub(super) struct Keys {
    pub audit: AuditKey,
    pub claim: VerifyKey,
}

impl Keys {
    pub fn of(receipt: &Receipt) -> Self {
        Self { audit: receipt.audit_key(), claim: receipt.claim_verify_key() }
    }
}

/// Of what may be told, all that was not done. It stands where problems stand, and not where what was done does.
const NOT_DONE: [&str; 4] =
    ["mine-moved-not", "mine-award-object-again", "files-remove-gone", "files-remove-not"];

/// Something the next page of the report says, once.
pub(super) fn tell(visit: &mut Visit, key: &'static str) {
    if let Some(own) = &mut visit.own {
        own.said = Some(key);
    }
}

/// What was done; what was not is added to the `errors`, at the part of the page called `at`.
pub(super) fn told(visit: &mut Visit, lang: Lang, at: &str, errors: &mut Errors) -> String {
    match visit.own.as_mut().and_then(|own| own.said.take()) {
        Some(key) if NOT_DONE.contains(&key) => {
            errors.add(at, lang.t(key));
            String::new()
        }
        Some(key) => lang.t(key),
        None => String::new(),
    }
}

/// Wrong receipts typed lately, by everybody together: the more, the slower every answer. Never by address:
/// many people share one.
#[derive(Default)]
pub(super) struct Tries(Mutex<(i64, u32)>);

impl Tries {
    const WINDOW_SECONDS: i64 = 60;

    /// Seconds the next try takes, from the visit's own slips and everybody's.
    pub fn wait(&self, own_slips: u32, now: i64) -> u64 {
        let own = match own_slips {
            0..=2 => 0,
            slips => 1 << (slips - 3).min(3),
        };
        let (since, count) = *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let all = if Self::is_within(since, now) { u64::from(count / 30).min(5) } else { 0 };
        own + all
    }

    /// A clock that went back would keep a minute open for as long as it went.
    fn is_within(since: i64, now: i64) -> bool {
        (0..Self::WINDOW_SECONDS).contains(&(now - since))
    }

    pub fn slip(&self, now: i64) {
        let mut tries = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if !Self::is_within(tries.0, now) {
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
        Ok(mut visit) => {
            report::report_page(&portal, &visitor, &mut visit, Typed::default(), Errors::default())
        }
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
    let receipt = Receipt::parse(typed.raw("receipt")).ok();
    let keys = receipt.as_ref().map(|receipt| (receipt.locator(), receipt.auth()));
    let opens = |found: &Found| {
        let receipt = receipt.as_ref()?;
        Some(match found.dossier.case.awaits_reporter() {
            true => Opens::Heir(Box::new(Taking::typed(receipt, found.report))),
            false => Opens::Own(Box::new(Own::new(receipt, found.report, found.dossier.case.received, None))),
        })
    };
    let entered = enter(&portal, &visitor, keys, opens, |visit| visit.taking.is_some());
    let (answer, cookie) = match entered.await? {
        Entered::In { cookie, first: true } => (see_other(&visitor.href(own_receipt::PATH)), Some(cookie)),
        Entered::In { cookie, .. } => (see_other(&visitor.href("/mine")), Some(cookie)),
        Entered::Unknown { cookie, wait } => {
            let mut errors = Errors::default();
            errors.add("receipt", visitor.lang.t("mine-unknown"));
            (sign_in_page(&visitor, &typed, errors, wait), cookie)
        }
    };
    Ok(match cookie {
        Some(cookie) => ([(header::SET_COOKIE, cookie)], answer).into_response(),
        None => answer,
    })
}

/// What a receipt opens.
pub(super) enum Opens {
    /// The report.
    Own(Box<Own>),
    /// Staff issued it: one page, on which the reporter draws another.
    Heir(Box<Taking>),
}

/// How an attempt to come back ended.
pub(super) enum Entered<T> {
    /// Under a new cookie, with the report open.
    In { cookie: String, first: T },
    /// Wrong and unknown alike; the next try takes `wait` seconds.
    Unknown { cookie: Option<String>, wait: u64 },
}

/// Looks for the report of these keys after the delay that earlier slips have earned, and opens it in a new visit.
/// `first` sees the new visit before anybody else.
pub(super) async fn enter<T>(
    portal: &PortalState,
    visitor: &Visitor,
    keys: Option<(LocatorHash, AuthHash)>,
    opens: impl FnOnce(&Found) -> Option<Opens>,
    first: impl FnOnce(&mut Visit) -> T,
) -> Result<Entered<T>, Response> {
    let slips = visitor.open().await.map_or(0, |visit| visit.slips);
    let wait = portal.tries.wait(slips, portal.clock.unix_seconds());
    tokio::time::sleep(Duration::from_secs(wait)).await;

    let found = match &keys {
        Some((locator, auth)) => look_up(portal, visitor, locator, auth)?,
        None => None,
    };
    if let Some(opens) = found.as_ref().and_then(opens) {
        let draft = visitor.draft_again().await;
        let mut seen = None;
        let fill = |visit: &mut Visit| {
            match opens {
                Opens::Own(own) => visit.own = Some(*own),
                Opens::Heir(taking) => visit.taking = Some(taking),
            }
            visit.draft = draft;
            seen = Some(first(visit));
        };
        let cookie = visitor.begin(fill).await?;
        if let Some(first) = seen {
            return Ok(Entered::In { cookie, first });
        }
    }
    // Under pressure nobody gets a place for a wrong receipt: everybody's slips together slow the next one down.
    let (slips, cookie) = match portal.gate.is_open() || visitor.open().await.is_some() {
        true => visitor.slip().await,
        false => (1, None),
    };
    let now = portal.clock.unix_seconds();
    portal.tries.slip(now);
    Ok(Entered::Unknown { cookie, wait: portal.tries.wait(slips, now) })
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
pub(super) async fn finish(
    Shared(portal): Shared<PortalState>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    visitor.own_form(&visit, &typed)?;
    if visit.own.as_ref().is_some_and(|own| own.desk) {
        drop(visit);
        let cookie = portal.visits.end(&headers);
        let done = visitor.asked.notice(StatusCode::OK, "desk-done").next(visitor.href("/desk"));
        return Ok(([(header::SET_COOKIE, cookie)], done).into_response());
    }
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

pub(super) fn find(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &Visit,
) -> Result<Option<Found>, Response> {
    let Some(own) = &visit.own else { return Ok(None) };
    look_up(portal, visitor, &own.locator, &own.auth)
}

/// The report of these keys. One whose time is over is not found, as one that never was: we cannot read it either.
pub(super) fn look_up(
    portal: &PortalState,
    visitor: &Visitor,
    locator: &LocatorHash,
    auth: &AuthHash,
) -> Result<Option<Found>, Response> {
    match portal.reports.find(locator, auth) {
        Err(Refused::Forgotten(_)) => Ok(None),
        found => found.map_err(|refused| {
            refused_by_store(&refused);
            down(visitor)
        }),
    }
}

pub(super) fn down(visitor: &Visitor) -> Response {
    visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, "down").next(visitor.href("/mine")).into_response()
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
        assert_eq!(tries.wait(0, -86_400), 0, "a clock that went back");
    }
}

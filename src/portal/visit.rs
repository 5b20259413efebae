//! One browser's visit: a draft, or a report just sent or signed in to. In memory only; gone after idle time,
//! on leaving, and with the process.

use super::{
    PortalState,
    device::upload::Shelf,
    draft::{Draft, Sent},
    house::{Class, House, Key, NotAdmitted, Room, Stay},
    mine::Own,
    once::{Once, Tokens},
    own_receipt::Taking,
};
use crate::{
    ids::ReportId,
    policy::{Code, Policy},
    transcript::sha256,
    web::{Asked, Lang, Notice, Page, Typed},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use rand::CryptoRng;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// What one browser is in the middle of.
pub(super) struct Visit {
    pub tokens: Tokens,
    pub draft: Option<Draft>,
    pub own: Option<Own>,
    /// Signed in by a receipt that staff issued: another one is drawn, and nothing else is open.
    pub taking: Option<Box<Taking>>,
    /// What was typed of a report sealed on its device, until its receipt was written down.
    pub sent: Option<Sent>,
    /// Files a device is sending, sealed.
    pub uploads: Shelf,
    /// Wrong receipts typed in this visit.
    pub slips: u32,
    /// It goes on under another cookie.
    moved: bool,
}

impl Visit {
    fn new(rng: &mut impl CryptoRng) -> Self {
        Self {
            tokens: Tokens::new(rng),
            draft: None,
            own: None,
            taking: None,
            sent: None,
            uploads: Shelf::default(),
            slips: 0,
            moved: false,
        }
    }

    fn stay(&self) -> Stay {
        let class = match (&self.own, &self.draft) {
            (Some(own), _) if own.receipt.is_some() || self.sent.is_some() => Class::Uncopied,
            (Some(_), Some(draft)) if !draft.is_blank() => Class::Uncopied,
            (Some(_), _) => Class::SignedIn,
            (None, _) if self.taking.is_some() => Class::SignedIn,
            (None, Some(draft)) if !draft.is_blank() => Class::Written,
            (None, _) => Class::Blank,
        };
        Stay { class, report: self.report() }
    }

    /// The report that was sent here or signed in to.
    fn report(&self) -> Option<ReportId> {
        let own = self.own.as_ref().map(|own| own.report);
        own.or(self.taking.as_ref().map(|taking| taking.report))
    }

    /// A member of staff is at it: how the report came.
    fn channel(&self) -> Option<&Code> {
        self.draft.as_ref()?.entry.as_ref().map(|desk| &desk.channel)
    }

    /// The report whose receipt is not yet written down, as far as is known here, and the page that has to do with it.
    fn waiting(&self) -> Option<(ReportId, &'static str)> {
        let own = self.own.as_ref()?;
        let page = if own.receipt.is_some() { "/receipt" } else { "/seal" };
        (own.receipt.is_some() || self.sent.is_some()).then_some((own.report, page))
    }

    fn wipe(&mut self) {
        (self.draft, self.own, self.taking, self.sent) = (None, None, None, None);
        self.uploads.clear();
    }

    /// The answers of a draft under way, for the visit that follows this one.
    pub fn draft_again(&self) -> Option<Draft> {
        self.draft.as_ref().map(|draft| draft.again(&mut rand::rng()))
    }
}

/// All visits, by the hash of their cookie.
#[derive(Clone)]
pub(super) struct Visits {
    house: Arc<House<Arc<Mutex<Visit>>>>,
    opened: Instant,
    secure: bool,
}

impl Visits {
    /// `secure`: the portal is reached over https, so the cookie must never travel without it.
    pub fn new(room: Room, idle: Duration, secure: bool) -> Self {
        Self { house: Arc::new(House::new(room, idle)), opened: Instant::now(), secure }
    }

    /// Ends what has been idle too long; called now and then, so that a quiet night clears memory too. Uploads of which
    /// nothing came for `silence` seconds go too (`now` in Unix seconds), though their visit stays.
    pub fn sweep(&self, now: i64, silence: i64) {
        self.house.sweep(self.now());
        for visit in self.house.with_reports() {
            // A visit that somebody is using is looked at the next time.
            if let Ok(mut visit) = visit.try_lock() {
                visit.uploads.tidy(now, silence);
            }
        }
    }

    /// Places for drafts that are taken by somebody who cannot be spared, and all places.
    pub fn drafts(&self) -> (usize, usize) {
        self.house.drafts(self.now())
    }

    /// Ends a visit at once; its secrets are wiped when the last request using it is over.
    pub fn end(&self, headers: &HeaderMap) -> String {
        if let Some(key) = self.key(headers) {
            self.house.end(&key);
        }
        self.header("", "; Max-Age=0")
    }

    /// Lets a visit in under a new cookie, in the place of `old`. Gives the header for the answer.
    fn admit(&self, old: Option<Key>, visit: Visit) -> Result<String, NotAdmitted> {
        let mut rng = rand::rng();
        let cookie = random_hex(&mut rng) + &random_hex(&mut rng);
        let stay = visit.stay();
        let visit = Arc::new(Mutex::new(visit));
        self.house.admit(old, sha256(cookie.as_bytes()), visit, stay, self.now())?;
        Ok(self.header(&cookie, ""))
    }

    fn find(&self, headers: &HeaderMap) -> Option<Held> {
        let key = self.key(headers)?;
        self.house.find(&key, self.now()).map(|visit| Held { key, visit, counts: true })
    }

    /// Whether these headers belong to a visit that goes on. No use of it.
    pub fn is_open(&self, headers: &HeaderMap) -> bool {
        self.glance(headers).is_some()
    }

    /// As `find`, without counting it as use.
    fn glance(&self, headers: &HeaderMap) -> Option<Held> {
        let key = self.key(headers)?;
        self.house.glance(&key, self.now()).map(|visit| Held { key, visit, counts: false })
    }

    fn key(&self, headers: &HeaderMap) -> Option<Key> {
        let name = self.cookie();
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut each = cookies.flat_map(|line| line.split(';'));
        let value = each.find_map(|one| one.trim().strip_prefix(name)?.strip_prefix('='))?;
        Some(sha256(value.as_bytes()))
    }

    /// Browsers take a `__Host-` cookie from this very host over https only: no neighbour can plant one.
    pub fn cookie(&self) -> &'static str {
        if self.secure { "__Host-visit" } else { "visit" }
    }

    fn header(&self, value: &str, more: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}", self.cookie())
    }

    fn now(&self) -> Duration {
        self.opened.elapsed()
    }
}

#[derive(Clone)]
struct Held {
    key: Key,
    visit: Arc<Mutex<Visit>>,
    /// Somebody uses it; else only a script asks on its own whether something changed.
    counts: bool,
}

/// A visit in the hands of one request. Put back, it is counted by what it holds then; a visit that was ended
/// meanwhile is wiped instead.
pub(super) struct Open {
    visit: OwnedMutexGuard<Visit>,
    key: Key,
    visits: Visits,
    counts: bool,
}

impl Deref for Open {
    type Target = Visit;
    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl DerefMut for Open {
    fn deref_mut(&mut self) -> &mut Visit {
        &mut self.visit
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let house = &self.visits.house;
        let stays = match self.counts {
            true => house.settle(&self.key, self.visit.stay(), self.visits.now()),
            false => house.holds(&self.key),
        };
        if !stays {
            self.visit.wipe();
        }
    }
}

/// A request: its language, and the visit it belongs to, if there is one.
pub(super) struct Visitor {
    pub asked: Asked,
    pub lang: Lang,
    idle_hours: String,
    policy: Arc<Policy>,
    visits: Visits,
    held: Option<Held>,
}

impl FromRequestParts<PortalState> for Visitor {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, portal: &PortalState) -> Result<Self, Self::Rejection> {
        Ok(Self::with(parts, portal, portal.visits.find(&parts.headers)))
    }
}

/// A visitor whose page asks on its own, with nobody at it perhaps: the visit's idle time goes on.
pub(super) struct Onlooker(pub Visitor);

impl FromRequestParts<PortalState> for Onlooker {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, portal: &PortalState) -> Result<Self, Self::Rejection> {
        Ok(Self(Visitor::with(parts, portal, portal.visits.glance(&parts.headers))))
    }
}

impl Visitor {
    fn with(parts: &Parts, portal: &PortalState, held: Option<Held>) -> Self {
        let asked = Asked::of(&parts.uri, &parts.headers);
        Self {
            asked,
            lang: asked.lang,
            idle_hours: portal.idle_hours(),
            policy: portal.policy.clone(),
            visits: portal.visits.clone(),
            held,
        }
    }

    /// The visit; without one the reporter is told that it has ended.
    pub async fn visit(&self) -> Result<Open, Response> {
        self.open().await.ok_or_else(|| self.ended().into_response())
    }

    /// The visit, in which a draft is being written.
    pub async fn drafting(&self) -> Result<Open, Response> {
        let visit = self.visit().await?;
        if visit.draft.is_some() { Ok(visit) } else { Err(self.ended().into_response()) }
    }

    /// The visit, in which the reporter's own sent report is open. Whoever entered it for somebody has no report here.
    pub async fn signed_in(&self) -> Result<Open, Response> {
        let visit = self.with_report().await?;
        match &visit.own {
            Some(own) if own.desk => Err(self
                .asked
                .notice(StatusCode::FORBIDDEN, "desk-not-yours")
                .next(self.href("/receipt"))
                .into_response()),
            _ => Ok(visit),
        }
    }

    /// As [`Visitor::signed_in`], and for a member of staff who has just entered the report: its receipt and files.
    pub async fn with_report(&self) -> Result<Open, Response> {
        let with_report = self.open().await.filter(|visit| visit.own.is_some());
        with_report.ok_or_else(|| self.signed_out().into_response())
    }

    pub fn signed_out(&self) -> Notice {
        self.asked.notice(StatusCode::GONE, "signed-out").next(self.href("/mine"))
    }

    /// The visit, locked, unless it ended while this request waited for it.
    pub async fn open(&self) -> Option<Open> {
        let Held { key, visit, counts } = self.held.clone()?;
        let visit = visit.lock_owned().await;
        self.visits.house.holds(&key).then(|| Open { visit, key, visits: self.visits.clone(), counts })
    }

    /// Begins a visit, as `fill` leaves it, under a new cookie (the header for the answer), whatever cookie the
    /// browser came with: one that somebody else put there, or kept, is worth nothing afterwards. The visit it came
    /// with ends in the same moment.
    ///
    /// Refused, with the page that says so, if there is no place, if the old visit has a report whose receipt may not
    /// be written down yet (unless it is the report that is signed in to), or if the reporter has left it while this request was under way.
    pub async fn begin(&self, fill: impl FnOnce(&mut Visit)) -> Result<String, Response> {
        let mut old = match &self.held {
            Some(Held { key, visit, .. }) => Some((*key, visit.clone().lock_owned().await)),
            None => None,
        };
        let mut visit = Visit::new(&mut rand::rng());
        fill(&mut visit);
        // Who signs in to the very report has its receipt.
        let entered = visit.report();
        let waiting = old.as_ref().and_then(|(_, old)| old.waiting());
        if let Some((_, page)) = waiting.filter(|(report, _)| Some(*report) != entered) {
            return Err(self.receipt_waits(page));
        }
        // A button pressed twice comes twice with the old cookie: it has moved on, nobody left it.
        let leaves = old.as_ref().filter(|(_, old)| !old.moved).map(|(key, _)| *key);
        let cookie = self.visits.admit(leaves, visit).map_err(|refused| match refused {
            NotAdmitted::Full => self.full("crowded", "/start"),
            NotAdmitted::Left => self.ended().into_response(),
        })?;
        if let Some((_, old)) = &mut old {
            old.wipe();
            old.moved = true;
        }
        Ok(cookie)
    }

    /// Before something is spent on it: whether [`Visitor::begin`] would let a draft in now, or its refusal.
    pub async fn may_begin_draft(&self) -> Result<(), Response> {
        let waiting = self.open().await.and_then(|old| old.waiting());
        if let Some((_, page)) = waiting {
            return Err(self.receipt_waits(page));
        }
        let old = self.held.as_ref().map(|held| &held.key);
        match self.visits.house.has_room_for_draft(old, self.visits.now()) {
            true => Ok(()),
            false => Err(self.full("crowded", "/start")),
        }
    }

    fn receipt_waits(&self, page: &str) -> Response {
        let notice = self.asked.notice(StatusCode::CONFLICT, "receipt-waits");
        notice.next(self.href(page)).into_response()
    }

    /// In the middle of a report: let in already. Whoever has only signed in with a receipt begins like everybody else.
    pub async fn is_inside(&self) -> bool {
        self.open().await.is_some_and(|visit| visit.draft.is_some())
    }

    /// One more wrong receipt. Who came without a visit gets one to count in, if there is a place.
    pub async fn slip(&self) -> (u32, Option<String>) {
        if let Some(mut visit) = self.open().await {
            visit.slips += 1;
            return (visit.slips, None);
        }
        (1, self.begin(|visit| visit.slips = 1).await.ok())
    }

    /// Before a draft is sent: its receipt must stay until it is written down.
    pub fn room_for_report(&self) -> Result<(), Response> {
        match self.visits.house.has_room_for_report(self.visits.now()) {
            true => Ok(()),
            false => Err(self.full("busy", "/check")),
        }
    }

    /// All places are taken by people who are in the middle of something.
    fn full(&self, key: &'static str, next: &str) -> Response {
        let notice = self
            .asked
            .notice(StatusCode::SERVICE_UNAVAILABLE, key)
            .with("phone", &self.policy.intake.service.hotline);
        let retry = [(header::RETRY_AFTER, HeaderValue::from_static("300"))];
        (retry, notice.next(self.href(next))).into_response()
    }

    /// Refuses a form that is not from this visit.
    pub fn own_form(&self, visit: &Visit, typed: &Typed) -> Result<Once, Response> {
        match visit.tokens.judge(typed.raw("once")) {
            Once::Foreign => Err(self.ended().into_response()),
            known => Ok(known),
        }
    }

    pub fn ended(&self) -> Notice {
        self.asked.notice(StatusCode::GONE, "ended").with("hours", &self.idle_hours).next(self.href("/start"))
    }

    pub fn href(&self, path: &str) -> String {
        format!("/{}{path}", self.lang.path())
    }

    /// A page of the portal at `here`, with a token for its form.
    pub fn page(&self, here: &str, title: impl Into<String>, visit: &mut Visit) -> Page {
        let mut page = Page::new(self.lang, title);
        page.here = here.to_owned();
        page.once = visit.tokens.next();
        let channel = visit.channel().and_then(|code| self.policy.intake.channel(code.as_str()));
        if let Some(channel) = channel {
            page.banner = self.lang.t1("desk-banner", "channel", channel.name.get(self.lang));
        } else if visit.own.as_ref().is_some_and(|own| own.desk) {
            page.banner = self.lang.t("desk-banner-sent");
        }
        page
    }
}

fn random_hex(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(set_cookie: &str) -> HeaderMap {
        let value = set_cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(header::COOKIE, value.parse().unwrap())])
    }

    fn visitor(visits: &Visits, cookie: &str) -> Visitor {
        let headers = headers(cookie);
        Visitor {
            asked: Asked::of(&"/en/mine".parse().unwrap(), &headers),
            lang: Lang::En,
            idle_hours: String::new(),
            policy: Arc::new(Policy::load("policy".as_ref()).unwrap()),
            visits: visits.clone(),
            held: visits.find(&headers),
        }
    }

    fn visits(secure: bool) -> Visits {
        Visits::new(Room::default(), Duration::from_secs(3600), secure)
    }

    async fn draft(visits: &Visits) -> String {
        let new = visitor(visits, "none=");
        let begun = new.begin(|visit| visit.draft = Some(Draft::new(&mut rand::rng())));
        begun.await.map_err(|answer| answer.status()).unwrap()
    }

    #[tokio::test]
    async fn leaving_wipes_a_visit_also_under_the_hands_of_a_request() {
        let visits = visits(false);
        let cookie = draft(&visits).await;
        let (held, waiting) = (visitor(&visits, &cookie), visitor(&visits, &cookie));
        let inside = held.held.clone().unwrap().visit;
        let mut open = held.open().await.unwrap();
        let second = tokio::spawn(async move { waiting.visit().await.is_err() });
        visits.end(&headers(&cookie));
        let receipt = crate::receipt::Receipt::draw(&mut rand::rng());
        let report = crate::ids::ReportId::random(&mut rand::rng());
        open.own = Some(Own::new(&receipt, report, jiff::civil::date(2026, 11, 23), Some(receipt.clone())));
        drop(open);
        assert!(second.await.unwrap(), "who waited finds it ended");
        let visit = inside.lock().await;
        assert!(visit.draft.is_none() && visit.own.is_none() && visits.find(&headers(&cookie)).is_none());
    }

    #[tokio::test]
    async fn whether_a_draft_may_begin_is_known_before_anything_is_spent_on_it() {
        let room = Room { drafts: 1, ..Room::default() };
        let visits = Visits::new(room, Duration::from_secs(3600), false);
        assert!(visitor(&visits, "none=").may_begin_draft().await.is_ok());
        let cookie = draft(&visits).await;
        assert!(visitor(&visits, &cookie).may_begin_draft().await.is_ok(), "in the place of the own one");
        let refused = visitor(&visits, "none=").may_begin_draft().await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[tokio::test]
    async fn signing_in_while_leaving_leaves_nothing_behind_but_pressing_twice_works() {
        let visits = visits(false);
        let cookie = draft(&visits).await;
        let (first, twice, late) =
            (visitor(&visits, &cookie), visitor(&visits, &cookie), visitor(&visits, &cookie));
        let (one, two) = (first.begin(|_| ()).await.unwrap(), twice.begin(|_| ()).await.unwrap());
        assert!(visits.find(&headers(&one)).is_some() && visits.find(&headers(&two)).is_some());
        assert!(one != two && visits.find(&headers(&cookie)).is_none());
        drop(late);

        let late = visitor(&visits, &two);
        visits.end(&headers(&two));
        assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE);
    }

    #[tokio::test]
    async fn the_cookie_is_strict_and_bound_to_the_host_where_there_is_https() {
        let cookie = draft(&visits(true)).await;
        assert!(cookie.starts_with("__Host-visit="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    }
}

//! A request and the visit it belongs to: what it may begin, open, send.

use super::{Current, Gone, Held, Open, Visit, Visits};
use crate::{
    policy::Policy,
    portal::{PortalState, draft::Draft, house::NotAdmitted, once::Once},
    web::{Asked, Lang, Notice, Page, Typed},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use std::sync::Arc;

/// A request: its language, and the visit it belongs to, if there is one.
pub(in crate::portal) struct Visitor {
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
pub(in crate::portal) struct Onlooker(pub Visitor);

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
    /// However many requests come at once with one cookie, one visit comes of it: each takes the place of the one begun
    /// before it, until that one's cookie has been used. None is told the cookie of another: it could be anybody's who
    /// has kept the old one.
    ///
    /// Refused, with the page that says so, if there is no place, if the old visit has a report whose receipt may not
    /// be written down yet (unless it is the report that is signed in to), or if the reporter has left it or gone on
    /// while this request was under way.
    pub async fn begin(&self, fill: impl FnOnce(&mut Visit)) -> Result<String, Response> {
        let mut old = self.current().await;
        let mut visit = Visit::new(&mut rand::rng());
        fill(&mut visit);
        // Who signs in to the very report has its receipt.
        let entered = visit.report();
        let waiting = old.as_ref().and_then(|old| old.visit().waiting());
        if let Some((_, page)) = waiting.filter(|(report, _)| Some(*report) != entered) {
            return Err(self.receipt_waits(page));
        }
        if let Some(Current { gone: Gone::Away(next), .. }) = &old {
            // A receipt opens its report all the same; a draft is where the browser has gone.
            if entered.is_none() || !self.visits.house.holds(next) {
                return Err(self.ended().into_response());
            }
            visit.draft = None;
        }
        let (key, cookie) = self.visits.admit(old.as_ref(), visit).map_err(|refused| match refused {
            NotAdmitted::Full => self.full("crowded", "/start"),
            NotAdmitted::Left => self.ended().into_response(),
        })?;
        if let Some(old) = &mut old {
            old.goes_on_as(key);
        }
        Ok(cookie)
    }

    /// The visit this request came with, or what has taken its place; locked.
    async fn current(&self) -> Option<Current> {
        let Held { key, visit, .. } = self.held.clone()?;
        let came = visit.lock_owned().await;
        let gone = match came.successor {
            None => Gone::Not(key),
            Some(next) => match self.visits.house.unused(&next) {
                Some(unused) => Gone::Unused(next, unused.lock_owned().await),
                None => Gone::Away(next),
            },
        };
        Some(Current { came, gone })
    }

    /// The answers of a draft under way, for the visit that is about to follow this one. That staff are at it goes along only
    /// with a cookie under which they were: an earlier one could be anybody's who has kept it.
    pub async fn draft_again(&self) -> Option<Draft> {
        let current = self.current().await?;
        current.place().filter(|key| self.visits.house.holds(key))?;
        let mut draft = current.visit().draft_again()?;
        if matches!(current.gone, Gone::Unused(..)) && !current.came.was_at_desk {
            draft.entry = None;
        }
        Some(draft)
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
        let Some(current) = self.current().await else { return false };
        let place = current.place().filter(|key| self.visits.house.holds(key));
        place.is_some() && current.visit().draft.is_some()
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
    pub fn full(&self, key: &'static str, next: &str) -> Response {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        portal::{
            draft::{Desk, Step},
            house::Room,
            mine::Own,
        },
        receipt::Receipt,
        store::TicketHash,
    };
    use axum::http::HeaderMap;
    use std::{sync::LazyLock, time::Duration};

    static POLICY: LazyLock<Arc<Policy>> =
        LazyLock::new(|| Arc::new(Policy::load("policy".as_ref()).unwrap()));

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
            policy: POLICY.clone(),
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
        let receipt = Receipt::draw(&mut rand::rng());
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
    async fn an_ordinary_report_takes_one_place_and_a_sent_one_gives_it_back_at_once() {
        let visits = visits(false);
        let intake = Policy::load("policy".as_ref()).unwrap().intake;
        let cookie = draft(&visits).await;
        let visitor = visitor(&visits, &cookie);
        let mut visit = visitor.open().await.unwrap();
        for (step, fields) in [
            (Step::Name, vec![("name", "nameless".into())]),
            (Step::Region, vec![("region", "370102".into()), ("query", "历下区".into())]),
            (Step::Kind, vec![("kind", "hazard".into())]),
            (Step::Industry, vec![("industry", "coal_mines".into())]),
            (Step::Place, vec![("target", "某某煤矿有限公司".into()), ("address", "三号井东翼".into())]),
            (Step::Story, vec![("story", "探".repeat(1_500)), ("when", "上周二夜班".into())]),
        ] {
            let typed = Typed::from_pairs(fields.into_iter().map(|(name, text)| (name.to_owned(), text)));
            visit.draft.as_mut().unwrap().keep(step, &typed, &intake);
        }
        let stay = visit.stay();
        assert!((6_000..8_192).contains(&stay.bytes), "{}", stay.bytes);
        drop(visit);
        assert_eq!((visits.drafts().0, visits.reports().0), (1, 0));
        let mut visit = visitor.open().await.unwrap();
        let (receipt, draft) = (Receipt::draw(&mut rand::rng()), visit.draft.take().unwrap());
        visit.own =
            Some(Own::new(&receipt, draft.report, jiff::civil::date(2026, 11, 23), Some(receipt.clone())));
        assert!(visit.stay().bytes < 4_096, "{}", visit.stay().bytes);
        drop(visit);
        assert_eq!((visits.drafts().0, visits.reports().0), (0, 1));
    }

    #[tokio::test]
    async fn signing_in_while_leaving_leaves_nothing_behind_but_pressing_twice_works() {
        let visits = visits(false);
        let cookie = draft(&visits).await;
        let [first, twice, late] = [0; 3].map(|_| visitor(&visits, &cookie));
        let (one, two) = (first.begin(|_| ()).await.unwrap(), twice.begin(|_| ()).await.unwrap());
        assert!(one != two && visits.find(&headers(&cookie)).is_none());
        assert!(visits.find(&headers(&one)).is_none(), "in its place");
        assert!(visits.find(&headers(&two)).is_some(), "the answer that a browser shows");
        assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE, "it has gone on");

        let late = visitor(&visits, &two);
        visits.end(&headers(&two));
        assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE);
    }

    #[tokio::test]
    async fn who_kept_a_cookie_of_before_is_not_at_the_desk_and_who_pressed_twice_still_is() {
        let at_desk = || {
            let mut draft = Draft::new(&mut rand::rng());
            let (_, ticket) = TicketHash::draw(&mut rand::rng());
            draft.entry = Some(Desk { ticket, channel: "phone".parse().unwrap() });
            draft
        };
        let visits = visits(false);
        let before = draft(&visits).await;
        let kept = visitor(&visits, &before);
        let typed = visitor(&visits, &before).begin(|visit| visit.draft = Some(at_desk())).await.unwrap();
        assert!(kept.draft_again().await.unwrap().entry.is_none());

        let [once, twice] = [0; 2].map(|_| visitor(&visits, &typed));
        for visitor in [once, twice] {
            let again = visitor.draft_again().await.unwrap();
            assert!(again.entry.is_some());
            visitor.begin(|visit| visit.draft = Some(again)).await.unwrap();
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn however_many_begin_at_once_with_one_cookie_one_visit_comes_of_it() {
        const AT_ONCE: usize = 32;
        let visits = visits(false);
        let cookie = draft(&visits).await;
        let typed = Typed::from_pairs([("target".to_owned(), "my mine".to_owned())]);
        let mut open = visitor(&visits, &cookie).open().await.unwrap();
        open.draft.as_mut().unwrap().keep(Step::Place, &typed, &POLICY.intake);
        drop(open);

        // All have shown the cookie before the first of them begins.
        let all: Vec<_> = (0..AT_ONCE).map(|_| visitor(&visits, &cookie)).collect();
        let late = visitor(&visits, &cookie);
        let together = Arc::new(tokio::sync::Barrier::new(AT_ONCE));
        let begins = all.into_iter().map(|visitor| {
            let together = together.clone();
            tokio::spawn(async move {
                together.wait().await;
                assert!(visitor.is_inside().await, "none of them stands in line again");
                let draft = visitor.draft_again().await.unwrap();
                visitor.begin(|visit| visit.draft = Some(draft)).await.ok().unwrap()
            })
        });
        let begins: Vec<_> = begins.collect();
        let mut cookies = std::collections::BTreeSet::new();
        for begin in begins {
            assert!(cookies.insert(begin.await.unwrap()), "nobody is told the cookie of another");
        }
        assert_eq!(visits.drafts().0, 1);
        let open: Vec<_> = cookies.iter().filter(|cookie| visits.is_open(&headers(cookie))).collect();
        let [open] = open[..] else { panic!("{} are open", open.len()) };
        let visit = visitor(&visits, open).open().await.unwrap();
        assert!(visit.draft.as_ref().unwrap().typed(Step::Place).raw("target") == "my mine");
        drop(visit);
        assert!(!late.is_inside().await && late.draft_again().await.is_none(), "by now the cookie is used");
        assert_eq!(late.begin(|_| ()).await.unwrap_err().status(), StatusCode::GONE);
    }

    #[tokio::test]
    async fn the_cookie_is_strict_and_bound_to_the_host_where_there_is_https() {
        let cookie = draft(&visits(true)).await;
        assert!(cookie.starts_with("__Host-visit="), "{cookie}");
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    }
}

//! A request and the visit it belongs to: what it may begin, open, send.

use super::{Current, Gone, Held, Open, Visit, Visits};
use crate::{
    policy::Policy,
    portal::{PortalState, draft::Draft, house::NotAdmitted, once::Once},
    web::{Asked, Lang, Notice, Page, Typed, see_other},
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
        Self { asked, lang: asked.lang, policy: portal.policy.clone(), visits: portal.visits.clone(), held }
    }

    /// The visit; without one the reporter is told that it has ended.
    pub async fn visit(&self) -> Result<Open, Response> {
        self.open().await.ok_or_else(|| self.ended().into_response())
    }

    /// The visit, in which a draft is being written.
    pub async fn drafting(&self) -> Result<Open, Response> {
        let visit = self.visit().await?;
        let Some(draft) = &visit.draft else { return Err(self.no_draft(&visit)) };
        match draft.unsure_at() {
            Some(page) => Err(self.unsure(page)),
            None => Ok(visit),
        }
    }

    /// What stands for a question while nobody knows whether the report is stored: it is sent once more, as it is.
    fn unsure(&self, page: &str) -> Response {
        let notice = self.asked.notice(StatusCode::CONFLICT, "unsure");
        notice.with("phone", &self.policy.intake.service.hotline).next(self.href(page)).into_response()
    }

    /// What stands for a question where there is no draft: who comes back from a report that was sent reads that it was.
    pub fn no_draft(&self, visit: &Visit) -> Response {
        if let Some((_, page)) = visit.waiting() {
            return see_other(&self.href(page));
        }
        match &visit.own {
            // Whoever entered it for somebody has no report here.
            Some(own) if own.desk => {
                let notice = self.asked.notice(StatusCode::GONE, "desk-put-away");
                notice.next(self.href("/files")).into_response()
            }
            Some(_) => self.asked.notice(StatusCode::GONE, "sent").next(self.href("/mine")).into_response(),
            None => self.ended().into_response(),
        }
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
    /// be written down yet, or of which nobody knows whether it is stored (unless it is the report that is signed in to),
    /// or if the reporter has left it or gone on while this request was under way.
    pub async fn begin(&self, fill: impl FnOnce(&mut Visit)) -> Result<String, Response> {
        let mut old = self.current().await;
        let mut visit = Visit::new(&mut rand::rng());
        fill(&mut visit);
        // Who signs in to the very report has its receipt.
        let entered = visit.report();
        let at_stake = old.as_ref().and_then(|old| old.visit().at_stake());
        if let Some((_, key, page)) = at_stake.filter(|(report, ..)| Some(*report) != entered) {
            return Err(self.stays(key, page));
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
        let at_stake = self.open().await.and_then(|old| old.at_stake());
        if let Some((_, key, page)) = at_stake {
            return Err(self.stays(key, page));
        }
        let old = self.held.as_ref().map(|held| &held.key);
        match self.visits.house.has_room_for_draft(old, self.visits.now()) {
            true => Ok(()),
            false => Err(self.full("crowded", "/start")),
        }
    }

    /// What stands in the place of a new visit while the one before has something to lose.
    fn stays(&self, key: &'static str, page: &str) -> Response {
        self.asked.notice(StatusCode::CONFLICT, key).next(self.href(page)).into_response()
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
            Once::Foreign => Err(self.stale(visit).into_response()),
            known => Ok(known),
        }
    }

    /// The form is of an earlier visit, or of nobody's; what this one holds is there as before.
    fn stale(&self, visit: &Visit) -> Notice {
        let next = match (&visit.draft, &visit.own) {
            (Some(_), _) => "/name",
            (None, Some(own)) if own.desk => "/files",
            (None, Some(_)) => "/mine",
            (None, None) => return self.ended(),
        };
        self.asked.notice(StatusCode::GONE, "stale").next(self.href(next))
    }

    pub fn ended(&self) -> Notice {
        self.asked.notice(StatusCode::GONE, "ended").next(self.href("/start"))
    }

    /// Where "Back" or "Help" leads that was pressed as a button of the form at `here`, so that what is typed goes along and
    /// is kept first; `None`: neither was.
    pub fn aside(&self, typed: &Typed, here: &str, before: &str) -> Option<String> {
        match typed.raw("switch") {
            "back" => Some(self.href(before)),
            "help" => Some(self.href(&Page::help_from(here))),
            _ => None,
        }
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
mod tests;

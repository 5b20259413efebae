//! One browser's visit: a draft, or a report just sent or signed in to. In memory only; gone after idle time,
//! on leaving, and with the process.

use super::{PortalState, draft::Draft, mine::Own};
use crate::{
    transcript::sha256,
    web::{Asked, Lang, Notice, Page, Typed},
};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use moka::{policy::EvictionPolicy, sync::Cache};
use rand::CryptoRng;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Visits kept at once; the one unused longest goes first. A visit weighs at most about 150 KB.
const MOST_VISITS: u64 = 10_000;
const COOKIE: &str = "visit";

/// What one browser is in the middle of.
pub(super) struct Visit {
    /// Half of every form's token; the other half counts the forms shown.
    secret: String,
    shown: u64,
    spent: BTreeSet<u64>,
    pub draft: Option<Draft>,
    pub own: Option<Own>,
    /// Wrong receipts typed in this visit.
    pub slips: u32,
}

/// What a form's token says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Once {
    /// Not a token of this visit: the form is from elsewhere, or from a visit that ended.
    Foreign,
    /// This very form was acted on before.
    Spent,
    Fresh(u64),
}

impl Visit {
    fn new(rng: &mut impl CryptoRng) -> Self {
        Self { secret: random_hex(rng), shown: 0, spent: BTreeSet::new(), draft: None, own: None, slips: 0 }
    }

    /// A token for the form about to be shown.
    pub fn once(&mut self) -> String {
        self.shown += 1;
        format!("{}-{}", self.secret, self.shown)
    }

    pub fn judge(&self, token: &str) -> Once {
        let number = token.strip_prefix(self.secret.as_str()).and_then(|rest| rest.strip_prefix('-'));
        match number.and_then(|digits| digits.parse().ok()) {
            Some(number) if number == 0 || number > self.shown => Once::Foreign,
            Some(number) if self.spent.contains(&number) => Once::Spent,
            Some(number) => Once::Fresh(number),
            None => Once::Foreign,
        }
    }

    /// Remembers that a form was acted on. Old numbers are forgotten; forms that old are not on any screen.
    pub fn spend(&mut self, number: u64) {
        self.spent.insert(number);
        if self.spent.len() > 256 {
            self.spent.pop_first();
        }
    }
}

/// All visits, by the hash of their cookie.
#[derive(Clone)]
pub(super) struct Visits {
    cache: Cache<[u8; 32], Arc<Mutex<Visit>>>,
    secure: bool,
}

impl Visits {
    /// `secure`: the portal is reached over https, so the cookie must never travel without it.
    pub fn new(idle: Duration, secure: bool) -> Self {
        // The cache frees what it evicts at its leisure; what is secret in it goes at once.
        let wipe = |_: Arc<[u8; 32]>, visit: Arc<Mutex<Visit>>, _| {
            if let Ok(mut visit) = visit.try_lock() {
                (visit.draft, visit.own) = (None, None);
            }
        };
        // Least recently used first: the default policy would turn away newcomers while the house is full.
        let cache = Cache::builder().max_capacity(MOST_VISITS).eviction_policy(EvictionPolicy::lru());
        Self { cache: cache.time_to_idle(idle).eviction_listener(wipe).build(), secure }
    }

    /// Drops what has been idle too long; called now and then, so that a quiet night clears memory too.
    pub fn sweep(&self) {
        self.cache.run_pending_tasks();
    }

    /// Begins a visit. The header goes into the answer.
    pub fn begin(&self, rng: &mut impl CryptoRng) -> (Arc<Mutex<Visit>>, String) {
        let cookie = random_hex(rng) + &random_hex(rng);
        let visit = Arc::new(Mutex::new(Visit::new(rng)));
        self.cache.insert(sha256(cookie.as_bytes()), visit.clone());
        (visit, self.header(&cookie, ""))
    }

    /// Ends a visit at once; its secrets are wiped when the last request using it is over.
    pub fn end(&self, headers: &HeaderMap) -> String {
        if let Some(cookie) = cookie(headers) {
            self.cache.invalidate(&sha256(cookie.as_bytes()));
            self.cache.run_pending_tasks();
        }
        self.header("", "; Max-Age=0")
    }

    fn find(&self, headers: &HeaderMap) -> Option<Arc<Mutex<Visit>>> {
        self.cache.get(&sha256(cookie(headers)?.as_bytes()))
    }

    fn header(&self, value: &str, more: &str) -> String {
        let secure = if self.secure { "; Secure" } else { "" };
        format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}")
    }
}

/// A request: its language, and the visit it belongs to, locked, if there is one.
pub(super) struct Visitor {
    pub asked: Asked,
    pub lang: Lang,
    idle_hours: String,
    visit: Option<Arc<Mutex<Visit>>>,
}

impl FromRequestParts<PortalState> for Visitor {
    type Rejection = std::convert::Infallible;
    async fn from_request_parts(parts: &mut Parts, portal: &PortalState) -> Result<Self, Self::Rejection> {
        let asked = Asked::of(&parts.uri, &parts.headers);
        Ok(Self {
            asked,
            lang: asked.lang,
            idle_hours: portal.idle_hours(),
            visit: portal.visits.find(&parts.headers),
        })
    }
}

impl Visitor {
    /// The visit; without one the reporter is told that it has ended.
    pub async fn visit(&self) -> Result<OwnedMutexGuard<Visit>, Response> {
        match &self.visit {
            Some(visit) => Ok(visit.clone().lock_owned().await),
            None => Err(self.ended().into_response()),
        }
    }

    /// The visit, in which a draft is being written.
    pub async fn drafting(&self) -> Result<OwnedMutexGuard<Visit>, Response> {
        let visit = self.visit().await?;
        if visit.draft.is_some() { Ok(visit) } else { Err(self.ended().into_response()) }
    }

    /// The visit, in which the reporter's own sent report is open.
    pub async fn signed_in(&self) -> Result<OwnedMutexGuard<Visit>, Response> {
        let signed_out = || self.asked.notice(StatusCode::GONE, "signed-out").next(self.href("/mine"));
        match &self.visit {
            Some(visit) => {
                let visit = visit.clone().lock_owned().await;
                if visit.own.is_some() { Ok(visit) } else { Err(signed_out().into_response()) }
            }
            None => Err(signed_out().into_response()),
        }
    }

    pub fn handle(&self) -> Option<Arc<Mutex<Visit>>> {
        self.visit.clone()
    }

    /// Refuses a form that is not from this visit.
    pub fn own_form(&self, visit: &Visit, typed: &Typed) -> Result<Once, Response> {
        match visit.judge(typed.raw("once")) {
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
        page.once = visit.once();
        page
    }
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    cookies
        .flat_map(|line| line.split(';'))
        .find_map(|one| one.trim().strip_prefix(COOKIE)?.strip_prefix('='))
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

    #[test]
    fn a_form_is_known_by_its_visit_and_spent_once() {
        let mut visit = Visit::new(&mut rand::rng());
        let (first, second) = (visit.once(), visit.once());
        assert_eq!(visit.judge(&first), Once::Fresh(1));
        visit.spend(1);
        assert_eq!((visit.judge(&first), visit.judge(&second)), (Once::Spent, Once::Fresh(2)));
        let never_shown = second.replace("-2", "-3");
        for foreign in ["", "-1", "1", never_shown.as_str(), &Visit::new(&mut rand::rng()).once()] {
            assert_eq!(visit.judge(foreign), Once::Foreign, "{foreign}");
        }
    }

    #[test]
    fn a_visit_is_wiped_when_left_and_when_idle() {
        let visits = Visits::new(Duration::from_millis(30), false);
        let begin = || {
            let (visit, cookie) = visits.begin(&mut rand::rng());
            visit.try_lock().unwrap().draft = Some(Draft::new(&mut rand::rng()));
            (visit, headers(&cookie))
        };
        let (visit, cookie) = begin();
        assert!(visits.find(&cookie).is_some());
        visits.end(&cookie);
        assert!(visits.find(&cookie).is_none() && visit.try_lock().unwrap().draft.is_none());

        let (visit, cookie) = begin();
        std::thread::sleep(Duration::from_millis(60));
        visits.sweep();
        assert!(visits.find(&cookie).is_none() && visit.try_lock().unwrap().draft.is_none());
    }

    #[test]
    fn the_cookie_is_strict_and_secure_where_there_is_https() {
        let (_, cookie) = Visits::new(Duration::from_secs(1), true).begin(&mut rand::rng());
        assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Strict; Secure"), "{cookie}");
    }
}

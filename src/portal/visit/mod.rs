//! One browser's visit: a draft, or a report just sent or signed in to. In memory only; gone after idle time,
//! on leaving, and with the process.

mod visitor;

pub(in crate::portal) use visitor::{Onlooker, Visitor};

use super::{
    device::upload::Shelf,
    draft::{Draft, Sent},
    house::{Class, House, Key, NotAdmitted, Room, Stay},
    mine::Own,
    once::Tokens,
    own_receipt::Taking,
};
use crate::{ids::ReportId, policy::Code, transcript::sha256};
use axum::http::{HeaderMap, header};
use rand::CryptoRng;
use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Bytes that a visit takes in the house and in the allocator beside its own.
const AROUND: usize = 768;

/// What one browser is in the middle of.
pub(in crate::portal) struct Visit {
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
    successor: Option<Key>,
    /// A member of staff was at it when it went on.
    was_at_desk: bool,
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
            successor: None,
            was_at_desk: false,
        }
    }

    fn stay(&self) -> Stay {
        let class = match (&self.own, &self.draft) {
            (Some(own), _) if own.receipt.is_some() || self.sent.is_some() => Class::Uncopied,
            (Some(_), Some(draft)) if !draft.is_blank() => Class::Uncopied,
            (Some(_), _) => Class::SignedIn,
            (None, _) if self.taking.is_some() => Class::SignedIn,
            // Only here may its receipt be, as where one was not copied yet.
            (None, Some(draft)) if !draft.unsure.is_empty() => Class::Uncopied,
            (None, Some(draft)) if !draft.is_blank() => Class::Written,
            (None, _) => Class::Blank,
        };
        Stay { class, report: self.report(), bytes: self.bytes() }
    }

    /// What it weighs in memory, about.
    fn bytes(&self) -> usize {
        let draft = self.draft.as_ref().map_or(0, Draft::bytes) + self.sent.as_ref().map_or(0, Sent::bytes);
        let taking = self.taking.as_ref().map_or(0, |_| size_of::<Taking>());
        let unsent = self.own.as_ref().map_or(0, |own| own.unsent.bytes());
        size_of::<Self>() + AROUND + draft + taking + unsent + self.tokens.bytes() + self.uploads.bytes()
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
    pub fn waiting(&self) -> Option<(ReportId, &'static str)> {
        let own = self.own.as_ref()?;
        let page = if own.receipt.is_some() { "/receipt" } else { "/seal" };
        (own.receipt.is_some() || self.sent.is_some()).then_some((own.report, page))
    }

    /// The report that would be lost if another visit took this one's place: its receipt is not yet written down, or nobody
    /// knows whether it is stored. With it the words that say so, and the page that has to do with it.
    fn at_stake(&self) -> Option<(ReportId, &'static str, &'static str)> {
        if let Some((report, page)) = self.waiting() {
            return Some((report, "receipt-waits", page));
        }
        let draft = self.draft.as_ref()?;
        draft.unsure_at().map(|page| (draft.report, "unsure-waits", page))
    }

    fn wipe(&mut self) {
        (self.draft, self.own, self.taking, self.sent) = (None, None, None, None);
        self.uploads.clear();
    }

    /// The answers of a draft under way, for the visit that follows this one. Of one that may be stored already there is no
    /// second: it is sent again as it is.
    fn draft_again(&self) -> Option<Draft> {
        let draft = self.draft.as_ref().filter(|draft| draft.unsure.is_empty())?;
        Some(draft.again(&mut rand::rng()))
    }
}

/// All visits, by the hash of their cookie.
#[derive(Clone)]
pub(in crate::portal) struct Visits {
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

    /// The same among visits with a report.
    pub fn reports(&self) -> (usize, usize) {
        self.house.reports(self.now())
    }

    /// Ends a visit at once; its secrets are wiped when the last request using it is over.
    pub fn end(&self, headers: &HeaderMap) -> String {
        if let Some(key) = self.key(headers) {
            self.house.end(&key);
        }
        self.header("", "; Max-Age=0")
    }

    /// Lets a visit in under a new cookie, in the place of the one that its request came with. Gives its key, and the header
    /// for the answer.
    fn admit(&self, old: Option<&Current>, visit: Visit) -> Result<(Key, String), NotAdmitted> {
        let mut rng = rand::rng();
        let cookie = random_hex(&mut rng) + &random_hex(&mut rng);
        let key = sha256(cookie.as_bytes());
        let (stay, now) = (visit.stay(), self.now());
        let visit = Arc::new(Mutex::new(visit));
        match old.map(|old| &old.gone) {
            Some(Gone::Not(old)) => self.house.admit(Some(*old), key, visit, stay, now)?,
            Some(Gone::Unused(old, _)) => self.house.admit_for_unused(*old, key, visit, stay, now)?,
            Some(Gone::Away(_)) | None => self.house.admit(None, key, visit, stay, now)?,
        }
        Ok((key, self.header(&cookie, "")))
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

/// The visit that a request came with, locked, and where it has gone meanwhile.
struct Current {
    came: OwnedMutexGuard<Visit>,
    gone: Gone,
}

/// Requests of one browser wait for one another, and may find that the one before has begun the next visit.
enum Gone {
    /// It has not, as far as this visit knows: it may have ended.
    Not(Key),
    /// There is a new one, and nobody has come with its cookie yet: the button was pressed twice, and the browser may show
    /// the second answer only. The second takes the place of what the first has begun.
    Unused(Key, OwnedMutexGuard<Visit>),
    /// The browser has the new cookie; what still comes with the old one is late, or somebody else's.
    Away(Key),
}

impl Current {
    /// The visit whose place a new one would take; `None` if it is not this request's to give.
    fn place(&self) -> Option<Key> {
        match self.gone {
            Gone::Not(key) | Gone::Unused(key, _) => Some(key),
            Gone::Away(_) => None,
        }
    }

    /// What is in it.
    fn visit(&self) -> &Visit {
        match &self.gone {
            Gone::Unused(_, next) => next,
            Gone::Not(_) | Gone::Away(_) => &self.came,
        }
    }

    /// Nothing stays behind, but for where it went.
    fn goes_on_as(&mut self, key: Key) {
        match &mut self.gone {
            Gone::Not(_) => {
                self.came.was_at_desk = self.came.channel().is_some();
                self.came.wipe();
            }
            Gone::Unused(_, next) => next.wipe(),
            Gone::Away(_) => return,
        }
        self.came.successor = Some(key);
    }
}

/// A visit in the hands of one request. Put back, it is counted by what it holds then; a visit that was ended
/// meanwhile is wiped instead.
pub(in crate::portal) struct Open {
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

impl Open {
    /// Whether there is room for so many bytes more. There always is for an ordinary report.
    pub fn may_grow(&self, bytes: usize) -> bool {
        let stay = self.visit.stay();
        let grown = Stay { bytes: stay.bytes + bytes, ..stay };
        self.visits.house.may_grow(&self.key, grown, self.visits.now())
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

fn random_hex(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; 16];
    rng.fill_bytes(&mut bytes);
    hex::encode(bytes)
}

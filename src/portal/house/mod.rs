//! Where visits stay: two bounded rooms, so that a crowd at the door cannot push out what somebody is in the
//! middle of. Knows nothing of what a visit holds.
//!
//! Each room has a number of places, and a visit takes one or, if it weighs more, several. When all are taken, a newcomer gets the place of whoever has been unused
//! longest, but only if that one could be spared ([`Class`] says after how long); else the newcomer is asked to come
//! back in a few minutes. Visits with a report have a room of their own: no number of drafts touches them. One report
//! has a few of its places at most, so that one receipt does not fill the room. Whoever is inside is not put out for
//! going on: what they type may take as many places again before it is refused.

mod room;

pub use room::Room;
pub(super) use room::{Class, Stay};

use crate::ids::ReportId;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

/// The hash of a visit's cookie.
pub(super) type Key = [u8; 32];

/// Why nobody was let in. Nothing changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NotAdmitted {
    /// No place, and nobody who could be spared.
    Full,
    /// The visit it should take the place of was left meanwhile.
    Left,
}

pub(super) struct House<T> {
    room: Room,
    /// After so long without use a visit is over.
    idle: Duration,
    inner: Mutex<Inner<T>>,
}

struct Inner<T> {
    guests: HashMap<Key, Guest<T>>,
    /// A line for each class, the one unused longest in front.
    lines: [BTreeMap<u64, Seat>; Class::ALL.len()],
    /// Places taken by each class.
    taken: [usize; Class::ALL.len()],
    /// Those of each report, the one unused longest in front.
    of_reports: BTreeMap<(ReportId, u64), Key>,
    turn: u64,
}

struct Guest<T> {
    what: T,
    stay: Stay,
    turn: u64,
    /// Nobody has come with its key yet.
    unused: bool,
}

/// Somebody's place in line.
struct Seat {
    key: Key,
    used: Duration,
    places: usize,
}

/// Times are measured from any fixed moment.
impl<T: Clone> House<T> {
    pub fn new(room: Room, idle: Duration) -> Self {
        let inner = Inner {
            guests: HashMap::new(),
            lines: Default::default(),
            taken: Default::default(),
            of_reports: BTreeMap::new(),
            turn: 0,
        };
        Self { room, idle, inner: Mutex::new(inner) }
    }

    /// Lets `what` in under `key`; `old`, if any, leaves in the same moment. So does a visit of the same report, if
    /// that has all of its places.
    pub fn admit(
        &self,
        old: Option<Key>,
        key: Key,
        what: T,
        stay: Stay,
        now: Duration,
    ) -> Result<(), NotAdmitted> {
        self.admit_where(old, |_| true, key, what, stay, now)
    }

    /// The same in the place of one that nobody has come with the key of.
    pub fn admit_for_unused(
        &self,
        old: Key,
        key: Key,
        what: T,
        stay: Stay,
        now: Duration,
    ) -> Result<(), NotAdmitted> {
        self.admit_where(Some(old), |old| old.unused, key, what, stay, now)
    }

    fn admit_where(
        &self,
        old: Option<Key>,
        may_leave: fn(&Guest<T>) -> bool,
        key: Key,
        what: T,
        stay: Stay,
        now: Duration,
    ) -> Result<(), NotAdmitted> {
        let mut inner = self.lock();
        inner.sweep(self.idle, now);
        let leaves = |old| inner.guests.get(&old).filter(|old| may_leave(old)).ok_or(NotAdmitted::Left);
        old.map(leaves).transpose()?;
        let gives_way = stay.report.and_then(|report| inner.gives_way(report, self.room.of_a_report, old));
        // Whoever takes the places of others, and no more than those, needs none that are free.
        let left = [old, gives_way].into_iter().flatten().filter_map(|key| inner.guests.get(&key));
        let same_room = left.filter(|guest| guest.stay.class.room() == stay.class.room());
        let swaps = stay.places() <= same_room.map(|guest| guest.stay.places()).sum::<usize>();
        if !swaps && !self.makes_room(&mut inner, stay, now) {
            return Err(NotAdmitted::Full);
        }
        for leaves in [old, gives_way].into_iter().flatten() {
            inner.remove(&leaves);
        }
        inner.insert(key, what, stay, now);
        if let Some(guest) = inner.guests.get_mut(&key) {
            guest.unused = true;
        }
        Ok(())
    }

    /// Whoever has this key, used just now.
    pub fn find(&self, key: &Key, now: Duration) -> Option<T> {
        let mut inner = self.lock();
        inner.sweep(self.idle, now);
        let (what, stay) = inner.guests.get(key).map(|guest| (guest.what.clone(), guest.stay))?;
        inner.insert(*key, what.clone(), stay, now);
        Some(what)
    }

    /// Whoever has this key, without counting it as use.
    pub fn glance(&self, key: &Key, now: Duration) -> Option<T> {
        let mut inner = self.lock();
        inner.sweep(self.idle, now);
        let guest = inner.guests.get_mut(key)?;
        guest.unused = false;
        Some(guest.what.clone())
    }

    /// Whoever has this key, if nobody has come with it yet.
    pub fn unused(&self, key: &Key) -> Option<T> {
        self.lock().guests.get(key).filter(|guest| guest.unused).map(|guest| guest.what.clone())
    }

    pub fn holds(&self, key: &Key) -> bool {
        self.lock().guests.contains_key(key)
    }

    /// After use: what the visit is now. `false`: it ended meanwhile, and stays ended.
    pub fn settle(&self, key: &Key, stay: Stay, now: Duration) -> bool {
        let mut inner = self.lock();
        let Some((what, was)) = inner.guests.get(key).map(|guest| (guest.what.clone(), guest.stay)) else {
            return false;
        };
        if was.class.room() != stay.class.room() {
            // What is there already is never refused: the room may be over its number by the requests under way.
            self.makes_room(&mut inner, stay, now);
        }
        inner.insert(*key, what, stay, now);
        true
    }

    /// Whether a newcomer without a report, or whoever has `old`, is let in now.
    pub fn has_room_for_draft(&self, old: Option<&Key>, now: Duration) -> bool {
        let mut inner = self.lock();
        inner.sweep(self.idle, now);
        let room = Class::Blank.room();
        let swaps = old.and_then(|old| inner.guests.get(old)).is_some_and(|g| g.stay.class.room() == room);
        swaps || self.makes_room(&mut inner, Stay::least(Class::Blank), now)
    }

    /// Whether whoever has this key may become what `stay` says: always, if that takes no more places than before.
    pub fn may_grow(&self, key: &Key, stay: Stay, now: Duration) -> bool {
        let mut inner = self.lock();
        let Some(was) = inner.guests.get(key).map(|guest| guest.stay) else { return false };
        let more = stay.places().saturating_sub(was.places());
        // Among the reports the second half is for what is sent: nobody who has signed in types it full.
        let most = match stay.class {
            Class::Blank | Class::Written => self.room.most_places(stay.class),
            Class::SignedIn | Class::Uncopied => self.room.places(stay.class),
        };
        more == 0 || self.spares_none_longer(&mut inner, stay.class, more, most, now)
    }

    /// Places for drafts whose guest cannot be spared, and all places for drafts.
    pub fn drafts(&self, now: Duration) -> (usize, usize) {
        self.kept(Class::Blank, now)
    }

    /// The same among the reports.
    pub fn reports(&self, now: Duration) -> (usize, usize) {
        self.kept(Class::SignedIn, now)
    }

    fn kept(&self, class: Class, now: Duration) -> (usize, usize) {
        let inner = self.lock();
        let of_class = |class: Class| {
            let spared = self.room.spares(class);
            let line = inner.lines[class as usize].values();
            let gives_way = line.take_while(|seat| now.saturating_sub(seat.used) >= spared);
            inner.taken[class as usize] - gives_way.map(|seat| seat.places).sum::<usize>()
        };
        (class.room().into_iter().map(of_class).sum(), self.room.places(class))
    }

    /// Whether a draft that is sent now finds a place among the reports. For it there are as many again as for those who
    /// only sign in: what is written is taken before anything is read.
    pub fn has_room_for_report(&self, now: Duration) -> bool {
        let class = Class::Uncopied;
        self.spares_none_longer(&mut self.lock(), class, 1, self.room.most_places(class), now)
    }

    pub fn end(&self, key: &Key) {
        self.lock().remove(key);
    }

    /// Everybody with a report, without counting it as use.
    pub fn with_reports(&self) -> Vec<T> {
        let inner = self.lock();
        let keys = Class::SignedIn.room().into_iter().flat_map(|class| inner.lines[class as usize].values());
        keys.filter_map(|seat| Some(inner.guests.get(&seat.key)?.what.clone())).collect()
    }

    /// Ends what has been unused too long.
    pub fn sweep(&self, now: Duration) {
        self.lock().sweep(self.idle, now);
    }

    fn makes_room(&self, inner: &mut Inner<T>, stay: Stay, now: Duration) -> bool {
        let places = self.room.places(stay.class);
        self.spares_none_longer(inner, stay.class, stay.places(), places, now)
    }

    /// Puts out who could be spared, the one unused longest first, until `more` places of `most` are free.
    fn spares_none_longer(
        &self,
        inner: &mut Inner<T>,
        class: Class,
        more: usize,
        most: usize,
        now: Duration,
    ) -> bool {
        while inner.taken_in(class) + more > most {
            let spared = |class: Class| inner.front(class, self.room.spares(class), now);
            let Some(key) = class.room().into_iter().find_map(spared) else { return false };
            inner.remove(&key);
        }
        true
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl<T> Inner<T> {
    fn insert(&mut self, key: Key, what: T, stay: Stay, now: Duration) {
        self.remove(&key);
        self.turn += 1;
        let (class, places) = (stay.class as usize, stay.places());
        self.lines[class].insert(self.turn, Seat { key, used: now, places });
        self.taken[class] += places;
        if let Some(report) = stay.report {
            self.of_reports.insert((report, self.turn), key);
        }
        self.guests.insert(key, Guest { what, stay, turn: self.turn, unused: false });
    }

    fn remove(&mut self, key: &Key) {
        if let Some(guest) = self.guests.remove(key) {
            let class = guest.stay.class as usize;
            let seat = self.lines[class].remove(&guest.turn);
            self.taken[class] -= seat.map_or(0, |seat| seat.places);
            if let Some(report) = guest.stay.report {
                self.of_reports.remove(&(report, guest.turn));
            }
        }
    }

    /// Places taken in the room of this class.
    fn taken_in(&self, class: Class) -> usize {
        class.room().into_iter().map(|class| self.taken[class as usize]).sum()
    }

    /// Whose place one more visit of a report takes, if the report has `most` without `old`: the one unused longest,
    /// rather one that can be begun again.
    fn gives_way(&self, report: ReportId, most: usize, old: Option<Key>) -> Option<Key> {
        let all = self.of_reports.range((report, 0)..=(report, u64::MAX));
        let keys: Vec<&Key> = all.map(|(_, key)| key).filter(|key| Some(**key) != old).collect();
        let light = |key: &&&Key| self.guests.get(**key).is_some_and(|g| g.stay.class == Class::SignedIn);
        (keys.len() >= most).then(|| keys.iter().find(light).or(keys.first()).map(|key| **key)).flatten()
    }

    /// The one of a class unused longest, if that is at least `since`.
    fn front(&self, class: Class, since: Duration, now: Duration) -> Option<Key> {
        let (_, seat) = self.lines[class as usize].first_key_value()?;
        (now.saturating_sub(seat.used) >= since).then_some(seat.key)
    }

    fn sweep(&mut self, idle: Duration, now: Duration) {
        for class in Class::ALL {
            while let Some(key) = self.front(class, idle, now) {
                self.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests;

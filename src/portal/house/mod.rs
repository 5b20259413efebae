//! Where visits stay: two bounded rooms, so that a crowd at the door cannot push out what somebody is in the
//! middle of. Knows nothing of what a visit holds.
//!
//! Each room has a number of places. When all are taken, a newcomer gets the place of whoever has been unused
//! longest, but only if that one could be spared ([`Class`] says after how long); else the newcomer is asked to come
//! back in a few minutes. Visits with a report have a room of their own: no number of drafts touches them. One report
//! has a few of its places at most, so that one receipt does not fill the room.

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
    lines: [BTreeMap<u64, Key>; Class::ALL],
    /// Those of each report, the one unused longest in front.
    of_reports: BTreeMap<(ReportId, u64), Key>,
    turn: u64,
}

struct Guest<T> {
    what: T,
    stay: Stay,
    turn: u64,
    used: Duration,
    /// Nobody has come with its key yet.
    unused: bool,
}

/// Times are measured from any fixed moment.
impl<T: Clone> House<T> {
    pub fn new(room: Room, idle: Duration) -> Self {
        let inner =
            Inner { guests: HashMap::new(), lines: Default::default(), of_reports: BTreeMap::new(), turn: 0 };
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
        let was = old.map(leaves).transpose()?.map(|old| old.stay.class);
        let gives_way = stay.report.and_then(|report| inner.gives_way(report, self.room.of_a_report, old));
        let swaps = gives_way.is_some() || was.is_some_and(|was| was.room() == stay.class.room());
        if !swaps && !self.makes_room(&mut inner, stay.class, now) {
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
            self.makes_room(&mut inner, stay.class, now);
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
        swaps || self.makes_room(&mut inner, Class::Blank, now)
    }

    /// Places for drafts whose guest cannot be spared, and all places for drafts.
    pub fn drafts(&self, now: Duration) -> (usize, usize) {
        let inner = self.lock();
        let [light, heavy] = Class::Blank.room();
        let kept = [(light, self.room.light), (heavy, self.room.heavy)].into_iter().map(|(class, spared)| {
            let keys = inner.lines[class as usize].values().rev();
            keys.take_while(|key| {
                inner.guests.get(*key).is_some_and(|guest| now.saturating_sub(guest.used) < spared)
            })
            .count()
        });
        (kept.sum(), self.room.drafts)
    }

    /// Whether a draft that is sent now finds a place among the reports.
    pub fn has_room_for_report(&self, now: Duration) -> bool {
        self.makes_room(&mut self.lock(), Class::Uncopied, now)
    }

    pub fn end(&self, key: &Key) {
        self.lock().remove(key);
    }

    /// Everybody with a report, without counting it as use.
    pub fn with_reports(&self) -> Vec<T> {
        let inner = self.lock();
        let keys = Class::SignedIn.room().into_iter().flat_map(|class| inner.lines[class as usize].values());
        keys.filter_map(|key| Some(inner.guests.get(key)?.what.clone())).collect()
    }

    /// Ends what has been unused too long.
    pub fn sweep(&self, now: Duration) {
        self.lock().sweep(self.idle, now);
    }

    fn makes_room(&self, inner: &mut Inner<T>, class: Class, now: Duration) -> bool {
        let [light, heavy] = class.room();
        let places = if light == Class::Blank { self.room.drafts } else { self.room.reports };
        if inner.lines[light as usize].len() + inner.lines[heavy as usize].len() < places {
            return true;
        }
        for (class, spared) in [(light, self.room.light), (heavy, self.room.heavy)] {
            if let Some(key) = inner.front(class, spared, now) {
                inner.remove(&key);
                return true;
            }
        }
        false
    }

    fn lock(&self) -> MutexGuard<'_, Inner<T>> {
        self.inner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl<T> Inner<T> {
    fn insert(&mut self, key: Key, what: T, stay: Stay, now: Duration) {
        self.remove(&key);
        self.turn += 1;
        self.lines[stay.class as usize].insert(self.turn, key);
        if let Some(report) = stay.report {
            self.of_reports.insert((report, self.turn), key);
        }
        self.guests.insert(key, Guest { what, stay, turn: self.turn, used: now, unused: false });
    }

    fn remove(&mut self, key: &Key) {
        if let Some(guest) = self.guests.remove(key) {
            self.lines[guest.stay.class as usize].remove(&guest.turn);
            if let Some(report) = guest.stay.report {
                self.of_reports.remove(&(report, guest.turn));
            }
        }
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
        let (_, key) = self.lines[class as usize].first_key_value()?;
        self.guests.get(key).filter(|guest| now.saturating_sub(guest.used) >= since).map(|_| *key)
    }

    fn sweep(&mut self, idle: Duration, now: Duration) {
        for class in [Class::Blank, Class::Written, Class::SignedIn, Class::Uncopied] {
            while let Some(key) = self.front(class, idle, now) {
                self.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IDLE: u64 = 7200;

    fn house(places: usize) -> House<u32> {
        House::new(Room { drafts: places, reports: places, ..Room::default() }, at(IDLE))
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn enter(house: &House<u32>, n: u8, class: Class, seconds: u64) -> bool {
        house.admit(None, [n; 32], n.into(), any(class), at(seconds)).is_ok()
    }

    fn any(class: Class) -> Stay {
        Stay { class, report: None }
    }

    #[test]
    fn a_newcomer_waits_until_the_one_unused_longest_can_be_spared() {
        for (class, spared) in [(Class::Blank, 300), (Class::Written, 1800)] {
            let house = house(2);
            assert!(enter(&house, 1, class, 0) && enter(&house, 2, class, 0));
            assert_eq!(house.find(&[1; 32], at(10)), Some(1));
            assert!(!enter(&house, 3, Class::Blank, spared - 1), "{class:?}");
            assert!(enter(&house, 3, Class::Blank, spared), "{class:?}");
            assert!(house.holds(&[1; 32]) && !house.holds(&[2; 32]), "the one used meanwhile stays");
        }
    }

    #[test]
    fn places_of_those_who_can_be_spared_do_not_count_as_taken() {
        let house = house(4);
        assert!(enter(&house, 1, Class::Blank, 0) && enter(&house, 2, Class::Written, 0));
        assert!(enter(&house, 3, Class::SignedIn, 0), "no draft");
        for (seconds, taken) in [(0, 2), (299, 2), (300, 1), (1799, 1), (1800, 0)] {
            assert_eq!(house.drafts(at(seconds)), (taken, 4), "{seconds}");
        }
    }

    #[test]
    fn what_can_be_begun_again_goes_before_what_would_be_lost() {
        for (heavy, light) in [(Class::Written, Class::Blank), (Class::Uncopied, Class::SignedIn)] {
            let house = house(2);
            assert!(enter(&house, 1, heavy, 0) && enter(&house, 2, light, 1000));
            assert!(enter(&house, 3, light, 2000), "both could be spared");
            assert!(house.holds(&[1; 32]) && !house.holds(&[2; 32]));
        }
    }

    #[test]
    fn drafts_and_reports_do_not_take_each_others_places() {
        let house = house(1);
        assert!(enter(&house, 1, Class::Uncopied, 0) && enter(&house, 2, Class::Blank, 0));
        assert!(!house.has_room_for_report(at(1799)) && !enter(&house, 3, Class::Blank, 299));
        assert!(enter(&house, 3, Class::Blank, 300));
        assert!(house.holds(&[1; 32]), "no draft pushes a receipt out");
        assert!(house.has_room_for_report(at(1800)));
    }

    #[test]
    fn a_visit_that_swaps_its_cookie_keeps_its_place_and_a_refused_one_its_visit() {
        let house = house(1);
        assert!(enter(&house, 1, Class::Written, 0));
        assert_eq!(house.admit(Some([1; 32]), [2; 32], 2, any(Class::Written), at(1)), Ok(()));
        assert!(!house.holds(&[1; 32]) && house.holds(&[2; 32]));
        assert!(enter(&house, 3, Class::SignedIn, 1));
        let full = house.admit(Some([2; 32]), [4; 32], 4, any(Class::SignedIn), at(2));
        assert_eq!(full, Err(NotAdmitted::Full));
        assert!(house.holds(&[2; 32]), "and what it had stays");
    }

    #[test]
    fn one_report_has_a_few_places_and_what_would_be_lost_keeps_its_own() {
        let house: House<u32> = House::new(Room { reports: 4, of_a_report: 2, ..Room::default() }, at(IDLE));
        let [mine, other] = [1, 2].map(|n| Some(ReportId::from_bytes([n; 16])));
        let enter = |n: u8, old: Option<u8>, class, report| {
            house
                .admit(old.map(|old| [old; 32]), [n; 32], n.into(), Stay { class, report }, at(n.into()))
                .is_ok()
        };
        let here = |wanted: &[u8]| (1..=9).filter(|n| house.holds(&[*n; 32])).eq(wanted.iter().copied());
        assert!(enter(1, None, Class::Uncopied, mine) && enter(2, None, Class::SignedIn, mine));
        assert!(enter(3, None, Class::SignedIn, mine) && here(&[1, 3]), "not the one with something to lose");
        assert!(enter(4, None, Class::SignedIn, other) && enter(5, None, Class::SignedIn, other));
        assert!(
            enter(6, None, Class::SignedIn, other) && here(&[1, 3, 5, 6]),
            "nor anybody else's, in a full room"
        );
        assert!(
            enter(7, Some(3), Class::SignedIn, mine) && here(&[1, 5, 6, 7]),
            "who comes back ends nobody's"
        );
        let sent = Stay { class: Class::Uncopied, report: mine };
        assert!(house.settle(&[7; 32], sent, at(8)) && house.settle(&[1; 32], sent, at(9)));
        assert!(enter(9, None, Class::SignedIn, mine) && here(&[1, 5, 6, 9]), "unused longest");
    }

    #[test]
    fn a_visit_that_ended_stays_ended_and_an_idle_one_ends() {
        let house = house(2);
        assert!(enter(&house, 1, Class::Blank, 0) && enter(&house, 2, Class::Written, 0));
        house.end(&[1; 32]);
        assert!(!house.settle(&[1; 32], any(Class::Uncopied), at(1)) && !house.holds(&[1; 32]));
        let late = house.admit(Some([1; 32]), [3; 32], 3, any(Class::SignedIn), at(1));
        assert_eq!((late, house.holds(&[3; 32])), (Err(NotAdmitted::Left), false));
        assert!(house.settle(&[2; 32], any(Class::Uncopied), at(1)));
        assert_eq!(house.find(&[2; 32], at(IDLE)), Some(2));
        assert_eq!(house.glance(&[2; 32], at(2 * IDLE - 1)), Some(2));
        assert_eq!(house.glance(&[2; 32], at(2 * IDLE)), None, "a glance is no use");
        assert!(!house.holds(&[2; 32]));
    }
}

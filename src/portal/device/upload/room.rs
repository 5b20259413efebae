//! How many uploads there may be, in all and of one report. A place is held by what is under way and by nothing else;
//! when there is none, the upload that has been silent longest gives way, if that is long enough.

use super::shelf::{Entry, Stage};
use crate::ids::ReportId;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError, Weak},
};
use tokio::sync::Mutex;

/// Uploads under way in the whole process. Each holds a chunk of 32 KiB and a little more in memory, with an object store an
/// object of 256 KiB, and up to [`super::PIECE`] while a piece of it arrives.
const MOST: usize = 512;
/// Of those, pictures waiting to be cleaned, each held in memory whole (at most 20 MiB by policy).
const MOST_COPIES: usize = 16;
/// Uploads under way of one report, on all its devices: one file at a time needs two, and pages loaded again or answers
/// that were lost leave some behind.
const MOST_OF_A_REPORT: usize = 6;
/// Of those, pictures waiting to be cleaned.
const MOST_COPIES_OF_A_REPORT: usize = 3;
/// Seconds without a request after which an upload gives way to another: the page's longest pause is half of it.
const SPARED_SECONDS: i64 = 60;

/// The places. All clones are one room.
#[derive(Clone, Default)]
pub(in crate::portal) struct Room(Arc<StdMutex<Places>>);

#[derive(Default)]
struct Places {
    count: u64,
    taken: BTreeMap<u64, Taken>,
}

struct Taken {
    report: ReportId,
    /// Held in memory whole.
    is_copy: bool,
    entry: Weak<Mutex<Entry>>,
}

type Entries = Vec<Arc<Mutex<Entry>>>;

/// Why there is no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::portal) enum NoPlace {
    /// This report has all it may have.
    OfTheReport,
    /// There is none for anybody.
    AtAll,
}

/// One place, free again when dropped.
pub(in crate::portal) struct Place {
    room: Room,
    number: u64,
}

impl Room {
    /// A place for one more upload of `report`. `now` in Unix seconds.
    pub(in crate::portal) fn take(
        &self,
        report: ReportId,
        is_copy: bool,
        now: i64,
    ) -> Result<Place, NoPlace> {
        loop {
            let (why, in_the_way) = match self.try_take(report, is_copy) {
                Ok(place) => return Ok(place),
                Err(full) => full,
            };
            if !give_way(in_the_way, now) {
                return Err(why);
            }
        }
    }

    /// A place, or whose uploads are in the way. Those are returned, not dropped here: one that ends takes the lock.
    fn try_take(&self, report: ReportId, is_copy: bool) -> Result<Place, (NoPlace, Entries)> {
        let mut places = self.lock();
        for (why, most, of_report, of_copies) in [
            (NoPlace::OfTheReport, MOST_COPIES_OF_A_REPORT, true, true),
            (NoPlace::OfTheReport, MOST_OF_A_REPORT, true, false),
            (NoPlace::AtAll, MOST_COPIES, false, true),
            (NoPlace::AtAll, MOST, false, false),
        ] {
            let counts =
                |taken: &&Taken| (!of_report || taken.report == report) && (!of_copies || taken.is_copy);
            if (is_copy || !of_copies) && places.taken.values().filter(counts).count() >= most {
                let entries = places.taken.values().filter(counts).filter_map(|taken| taken.entry.upgrade());
                return Err((why, entries.collect()));
            }
        }
        places.count += 1;
        let number = places.count;
        places.taken.insert(number, Taken { report, is_copy, entry: Weak::new() });
        Ok(Place { room: self.clone(), number })
    }

    fn lock(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends the upload silent longest, if it may be ended.
fn give_way(entries: Entries, now: i64) -> bool {
    // Somebody is working on those that are locked.
    let free = entries.into_iter().filter_map(|entry| entry.try_lock_owned().ok());
    let silent = free.filter(|entry| now - entry.touched > SPARED_SECONDS && !entry.door.is_open());
    let ended = silent.min_by_key(|entry| entry.touched).map(|mut entry| entry.stage = Stage::Over);
    ended.is_some()
}

impl Place {
    /// Whose upload has this place, so that it can give way.
    pub(super) fn is_of(&self, entry: &Arc<Mutex<Entry>>) {
        if let Some(taken) = self.room.lock().taken.get_mut(&self.number) {
            taken.entry = Arc::downgrade(entry);
        }
    }

    /// What is uploaded is not in memory any more.
    pub fn is_light(&self) {
        if let Some(taken) = self.room.lock().taken.get_mut(&self.number) {
            taken.is_copy = false;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.lock().taken.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::door::Door, *};
    use crate::receipt::{AuthHash, LocatorHash};
    use zeroize::Zeroizing;

    fn report(n: u8) -> ReportId {
        ReportId::from_bytes([n; 16])
    }

    fn upload(room: &Room, of: u8, is_copy: bool, now: i64) -> Result<Arc<Mutex<Entry>>, NoPlace> {
        let place = room.take(report(of), is_copy, now)?;
        let stage = Stage::Copy { bytes: Zeroizing::default(), place };
        let receipt = (LocatorHash([of; 32]), AuthHash([of; 32]));
        let door = Arc::new(Door::default());
        let entry = Entry { report: report(of), receipt, touched: now, at: 0, door, stage };
        let entry = Arc::new(Mutex::new(entry));
        if let Stage::Copy { place, .. } = &entry.try_lock().unwrap().stage {
            place.is_of(&entry);
        }
        Ok(entry)
    }

    fn is_over(entry: &Mutex<Entry>) -> bool {
        matches!(entry.try_lock().unwrap().stage, Stage::Over)
    }

    #[test]
    fn a_report_has_a_few_places_and_a_silent_upload_gives_way_to_the_next() {
        let room = Room::default();
        let copies: Vec<_> = (0..3).map(|n| upload(&room, 1, true, n).unwrap()).collect();
        let more: Vec<_> = (3..6).map(|n| upload(&room, 1, false, n).unwrap()).collect();
        assert_eq!(upload(&room, 1, true, 60).err(), Some(NoPlace::OfTheReport));
        assert_eq!(upload(&room, 1, false, 60).err(), Some(NoPlace::OfTheReport));
        let other = upload(&room, 2, true, 60).unwrap();

        copies[0].try_lock().unwrap().touched = 50;
        let next = upload(&room, 1, true, 62).unwrap();
        assert!(is_over(&copies[1]) && !is_over(&copies[0]), "the one silent longest");
        let busy = copies[2].clone().try_lock_owned().unwrap();
        let _newer = upload(&room, 1, false, 100).unwrap();
        assert!(is_over(&more[0]), "not the one that is being worked on");
        drop((busy, next));
        assert!(!is_over(&other) && !is_over(&copies[2]), "one at a time, and nobody else's");
    }

    #[test]
    fn what_all_reports_together_have_is_bounded_and_a_place_is_free_when_its_upload_ends() {
        let room = Room::default();
        let copies: Vec<_> = (0..16).map(|n| upload(&room, n, true, 0).unwrap()).collect();
        assert_eq!(upload(&room, 99, true, 60).err(), Some(NoPlace::AtAll));
        let original = upload(&room, 99, false, 60).unwrap();
        copies[3].try_lock().unwrap().stage = Stage::Over;
        let taken = upload(&room, 99, true, 60).unwrap();
        assert_eq!(upload(&room, 98, true, 60).err(), Some(NoPlace::AtAll));
        if let Stage::Copy { place, .. } = &taken.try_lock().unwrap().stage {
            place.is_light();
        }
        let _last = upload(&room, 98, true, 60).unwrap();
        drop((copies, original, taken));
        let all: Vec<_> = (0..511).map(|n| upload(&room, (n / 6) as u8, false, 60).unwrap()).collect();
        assert_eq!(upload(&room, 97, false, 60).err(), Some(NoPlace::AtAll));
        drop(all);
        assert!(upload(&room, 97, false, 60).is_ok());
    }
}

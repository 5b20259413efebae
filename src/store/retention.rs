//! One key a month: destroying a month's file makes whatever was due to be forgotten by then unreadable,
//! in the store and in every backup of it alike.

use super::{Dossier, OpenRefused, Refused};
use crate::{
    casework::State,
    clock::{Clock, Day, Doubt, Recorded, checked::doubt_at_start},
    place,
    policy::{MOST_MONTHS, Retention},
};
use jiff::ToSpan;
use rand::CryptoRng;
use std::{
    collections::BTreeMap,
    fmt,
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{Arc, Mutex, OnceLock},
};
use zeroize::Zeroizing;

/// A calendar month: when something may be forgotten.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Month {
    year: i16,
    month: i8,
}

impl Month {
    pub fn of(day: Day) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    /// After this day its key is destroyed.
    pub fn last_day(self) -> Day {
        // Unwrap safety: a month that was made from a day has a first one.
        Day::new(self.year, self.month, 1).unwrap().last_of_month()
    }

    pub(crate) fn to_key(self) -> [u8; 3] {
        let [a, b] = self.year.to_be_bytes();
        [a, b, self.month.unsigned_abs()]
    }

    pub(crate) fn from_key([a, b, month]: [u8; 3]) -> Option<Self> {
        let month = i8::try_from(month).ok().filter(|month| (1..=12).contains(month))?;
        Some(Self { year: i16::from_be_bytes([a, b]), month })
    }
}

/// "2031-11", as it is shown.
impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let day = format!("{text}-01").parse().map_err(|_| NoMonth)?;
        Some(Self::of(day)).filter(|month| month.to_string() == text).ok_or(NoMonth)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as 2031-11")]
pub struct NoMonth;

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// When a dossier may be forgotten, from what was done last. While a case is open each move counts as if it closed
/// it: what is still worked on is not due. The store takes the later of this and what the case had before, until
/// nothing in it is open any more.
pub fn due(dossier: &Dossier, policy: &Retention) -> Month {
    let case = &dossier.case;
    let last = case.history.last().map_or(case.received, |event| event.day);
    let period = match case.state {
        _ if case.erased.is_some() => policy.withdrawn,
        State::NotAccepted => policy.not_accepted,
        State::Withdrawn => policy.withdrawn,
        _ => policy.closed,
    };
    let paid = dossier.award().and_then(|award| award.history().last());
    let days = std::iter::once(period.after(last)).chain(paid.map(|step| policy.award.after(step.day)));
    // Unwrap safety: the case's own day is among them.
    Month::of(days.max().unwrap())
}

/// The folder of month keys: `2031-11.key`, 32 bytes each. Outside the data folder and its backups.
///
/// A file that is gone once its month is over was destroyed. One that is gone before was lost, unless whoever destroyed it
/// has left an empty `2031-11.destroyed` in its place: nothing is forgotten for want of a file that a backup may still have.
///
/// Keys read once stay in memory. A month that is over ends with its file; a `.destroyed` counts from the next start.
pub struct RetentionKeys {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// Served by in the clock's place, where that is not believed.
    known: OnceLock<Day>,
    read: Mutex<BTreeMap<Month, Zeroizing<[u8; 32]>>>,
}

impl RetentionKeys {
    /// The folder is created if it is not there. The clock says which months are over.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenRefused> {
        let unusable = |e: std::io::Error| OpenRefused::folder(folder, &e);
        std::fs::create_dir_all(folder).map_err(unusable)?;
        drop_second_names(folder).map_err(unusable)?;
        Ok(Self { folder: folder.to_owned(), clock, known: OnceLock::new(), read: Mutex::default() })
    }

    /// Whether a store has drawn keys here.
    pub fn were_used(&self) -> Result<bool, OpenRefused> {
        let mut held = std::fs::read_dir(&self.folder).map_err(|e| OpenRefused::folder(&self.folder, &e))?;
        Ok(held.any(|entry| entry.is_ok_and(|entry| entry.path().extension().is_some_and(|is| is == "key"))))
    }

    /// A clock that fell back to the year it was made in must not make destroyed keys look lost, nor one that leapt lost keys destroyed.
    pub(super) fn judge_clock(&self, newest: Option<Recorded>) {
        if let Some(Doubt::Machine { known, .. }) = doubt_at_start(newest, self.clock.today()) {
            let _ = self.known.set(known);
        }
    }

    fn today(&self) -> Day {
        self.known.get().copied().unwrap_or_else(|| self.clock.today())
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// [`Refused::Forgotten`] when the key was destroyed, [`Refused::KeyMissing`] when it is gone before its time.
    pub fn find(&self, month: Month) -> Result<Zeroizing<[u8; 32]>, Refused> {
        let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(key) = read.get(&month) {
            // A folder that is away for a moment takes nothing from a month whose time has not come.
            let is_destroyed = self.is_over(month) && self.path(month).try_exists().is_ok_and(|there| !there);
            if !is_destroyed {
                return Ok(key.clone());
            }
            read.remove(&month);
            return Err(Refused::Forgotten(month));
        }
        let key = self.load(month)?.ok_or_else(|| self.gone(month))?;
        read.insert(month, key.clone());
        Ok(key)
    }

    /// The month's key, drawn and on the disk before it is returned if there was none. Only for a month
    /// the store has never used: a missing key of a used one was destroyed or lost, and no other takes its place.
    pub fn find_or_draw(
        &self,
        month: Month,
        rng: &mut impl CryptoRng,
    ) -> Result<Zeroizing<[u8; 32]>, Refused> {
        match self.find(month) {
            Err(Refused::Forgotten(_) | Refused::KeyMissing(_)) => self.draw(month, rng)?,
            found => return found,
        }
        self.find(month)
    }

    /// Whether the month's key is neither there nor destroyed.
    pub(super) fn is_missing(&self, month: Month) -> Result<bool, Refused> {
        let is_there = self.path(month).try_exists().map_err(|e| failed(month, &e))?;
        Ok(!is_there && matches!(self.gone(month), Refused::KeyMissing(_)))
    }

    /// This month and those after it, as far as any policy reaches.
    pub(super) fn months_to_come(&self) -> impl Iterator<Item = Month> {
        let first = self.today().first_of_month();
        (0..=MOST_MONTHS).map(move |later| Month::of(first.saturating_add(i64::from(later).months())))
    }

    /// What it means that there is no file.
    fn gone(&self, month: Month) -> Refused {
        if self.is_over(month) || self.folder.join(format!("{month}.destroyed")).exists() {
            Refused::Forgotten(month)
        } else {
            Refused::KeyMissing(month)
        }
    }

    pub(super) fn is_over(&self, month: Month) -> bool {
        month.last_day() < self.today()
    }

    fn draw(&self, month: Month, rng: &mut impl CryptoRng) -> Result<(), Refused> {
        let failed = |e: std::io::Error| failed(month, &e);
        let _one_at_a_time = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if self.path(month).exists() {
            return Ok(());
        }
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        // Written aside under a name of its own and moved, over nothing: a crash leaves a whole key or none, a live key has one
        // name, and of two processes that draw at once the first one's stands. Written over, it would take what is under it.
        let mut own = [0; 16];
        rng.fill_bytes(&mut own);
        let aside = self.folder.join(format!("{month}.key{ASIDE}{}", hex::encode(own)));
        let mut file =
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(&aside).map_err(failed)?;
        file.write_all(key.as_ref()).and_then(|()| file.sync_all()).map_err(failed)?;
        match place::without_replacing(&aside, &self.path(month)) {
            Err(cause) if cause.kind() == ErrorKind::AlreadyExists => {
                std::fs::remove_file(&aside).map_err(failed)?;
            }
            placed => placed.map_err(failed)?,
        }
        File::open(&self.folder).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn load(&self, month: Month) -> Result<Option<Zeroizing<[u8; 32]>>, Refused> {
        let failed = |e: std::io::Error| failed(month, &e);
        let mut file = match File::open(self.path(month)) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        let mut key = Zeroizing::new([0; 32]);
        file.read_exact(key.as_mut()).map_err(failed)?;
        Ok(Some(key))
    }

    fn path(&self, month: Month) -> PathBuf {
        self.folder.join(format!("{month}.key"))
    }
}

fn failed(month: Month, cause: &std::io::Error) -> Refused {
    Refused::Failed(format!("retention key {month}: {cause}"))
}

/// Between a key's name and what makes one that is not yet placed another's.
const ASIDE: &str = ".new-";

/// A crash between the two steps of [`place::by_link`] leaves a key its first name too, under which it would outlive its
/// destruction.
fn drop_second_names(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((key, _)) = name.to_str().and_then(|name| name.split_once(ASIDE)) else { continue };
        // One that is gone meanwhile was placed by whoever has drawn it.
        if place::are_one(&entry.path(), &folder.join(key)).unwrap_or(false) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::FixedClock;
    use jiff::civil::date;

    fn open(folder: &Path, day: Day) -> RetentionKeys {
        RetentionKeys::open(folder, Arc::new(FixedClock::at(day))).unwrap()
    }

    #[test]
    fn a_key_that_a_crash_left_under_two_names_has_one_after_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let keys = open(folder.path(), date(2026, 11, 1));
        let drawn = keys.find_or_draw(month, &mut rand::rng()).unwrap();
        std::fs::hard_link(keys.path(month), folder.path().join("2031-11.key.new-00")).unwrap();
        // Of another process that is just drawing one.
        std::fs::write(folder.path().join("2031-12.key.new-01"), [7; 32]).unwrap();
        let again = open(folder.path(), date(2026, 11, 1));
        assert_eq!(*again.find(month).unwrap(), *drawn);
        assert!(!folder.path().join("2031-11.key.new-00").exists());
        assert!(folder.path().join("2031-12.key.new-01").exists());
    }

    #[test]
    fn a_month_s_key_is_drawn_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let keys = open(folder.path(), date(2026, 11, 28));
        assert!(matches!(keys.find(month), Err(Refused::KeyMissing(m)) if m == month));
        let drawn = keys.find_or_draw(month, &mut rand::rng()).unwrap();
        assert_eq!(*open(folder.path(), date(2026, 11, 28)).find(month).unwrap(), *drawn);
        assert_eq!(std::fs::read(folder.path().join("2031-11.key")).unwrap(), *drawn);
    }

    #[test]
    fn a_key_that_is_gone_is_forgotten_once_its_month_is_over_and_missing_before() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let [last, after] = [date(2031, 11, 30), date(2031, 12, 1)];
        let clock = Arc::new(FixedClock::at(last));
        let running = RetentionKeys::open(folder.path(), clock.clone()).unwrap();
        let drawn = running.find_or_draw(month, &mut rand::rng()).unwrap();
        std::fs::remove_file(folder.path().join("2031-11.key")).unwrap();
        assert!(open(folder.path(), last).is_missing(month).unwrap());
        assert!(matches!(open(folder.path(), last).find(month), Err(Refused::KeyMissing(_))));
        assert_eq!(*running.find(month).unwrap(), *drawn, "what runs goes on while its time has not come");
        clock.set(after);
        for keys in [&running, &running, &open(folder.path(), after)] {
            assert!(matches!(keys.find(month), Err(Refused::Forgotten(_))));
            assert!(!keys.is_missing(month).unwrap());
        }
        // On purpose before its time.
        std::fs::write(folder.path().join("2031-11.destroyed"), "").unwrap();
        assert!(matches!(open(folder.path(), last).find(month), Err(Refused::Forgotten(_))));
        assert!(!open(folder.path(), last).is_missing(month).unwrap());
    }

    #[test]
    fn a_month_is_read_as_it_is_shown() {
        assert_eq!("2031-11".parse(), Ok(Month::of(date(2031, 11, 5))));
        for none in ["2031-13", "+002031-11", "2031-1", "31-11", "2031-11-02", " 2031-11", ""] {
            assert_eq!(none.parse::<Month>(), Err(NoMonth), "{none}");
        }
    }

    #[test]
    fn of_two_that_draw_at_once_both_have_the_first_one_s_key() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let both = [(); 2].map(|()| open(folder.path(), date(2026, 11, 28)));
        let first = both[0].find_or_draw(month, &mut rand::rng()).unwrap();
        // As if it had looked before the first was there.
        std::fs::rename(both[0].path(month), folder.path().join("aside")).unwrap();
        let aside = folder.path().join("aside");
        let mut rng = LinksMeanwhile { from: aside, to: both[1].path(month) };
        let second = both[1].find_or_draw(month, &mut rng).unwrap();
        assert_eq!(*first, *second);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "nothing stays beside it");
    }

    /// Randomness during which another process's key appears.
    struct LinksMeanwhile {
        from: PathBuf,
        to: PathBuf,
    }

    impl rand::TryRng for LinksMeanwhile {
        type Error = std::convert::Infallible;
        fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
            Ok(7)
        }
        fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
            Ok(7)
        }
        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
            bytes.fill(7);
            if !self.to.exists() {
                std::fs::hard_link(&self.from, &self.to).unwrap();
            }
            Ok(())
        }
    }

    impl rand::TryCryptoRng for LinksMeanwhile {}

    #[test]
    fn what_is_still_worked_on_is_not_due() {
        use crate::casework::{Case, CaseContent, Deadlines, Event, MoveKind, Who};
        let policy = crate::policy::Policy::load("policy".as_ref()).unwrap().retention;
        let content = CaseContent {
            kind: crate::policy::MatterKind::Hazard,
            industry: String::new(),
            region: String::new(),
            target_name: String::new(),
            credit_code: String::new(),
            address: String::new(),
            narrative: String::new(),
            when_text: String::new(),
            ongoing: false,
            imminent_danger: false,
        };
        let number = crate::ids::CaseNumber { year: 2026, serial: 1 };
        let report = crate::ids::ReportId::from_bytes([1; 16]);
        let case = Case::new(number, report, date(2026, 11, 23), content, Deadlines::default());
        let mut dossier = Dossier { case, awards: vec![] };
        let due = |dossier: &Dossier| super::due(dossier, &policy).to_string();
        assert_eq!(due(&dossier), "2029-11");
        dossier.case.history.push(Event {
            day: date(2036, 10, 1),
            by: Who::Reporter,
            what: MoveKind::Add,
            state: State::Verifying,
            reason: String::new(),
            told: String::new(),
            until: None,
        });
        dossier.case.state = State::Verifying;
        assert_eq!(due(&dossier), "2039-10");
        dossier.case.state = State::Withdrawn;
        assert_eq!(due(&dossier), "2037-04");
    }

    #[test]
    fn a_month_survives_its_key_form() {
        let month = Month::of(date(2031, 1, 1));
        assert_eq!(Month::from_key(month.to_key()), Some(month));
        assert_eq!(Month::from_key([7, 231, 13]), None);
    }
}

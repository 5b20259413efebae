//! One key a month: destroying a month's file makes whatever was due to be forgotten by then unreadable,
//! in the store and in every backup of it alike.

use super::{Dossier, OpenRefused, Refused};
use crate::{casework::State, clock::Day, place, policy::Retention};
use rand::CryptoRng;
use std::{
    collections::BTreeMap,
    fmt,
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::Mutex,
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
/// Keys read once stay in memory: destroying a file takes effect when the server is next started.
pub struct RetentionKeys {
    folder: PathBuf,
    /// Months before this day are over: their keys may be missing.
    today: Option<Day>,
    read: Mutex<BTreeMap<Month, Zeroizing<[u8; 32]>>>,
}

impl RetentionKeys {
    /// The folder is created if it is not there.
    pub fn open(folder: &Path) -> Result<Self, OpenRefused> {
        let unusable = |e: std::io::Error| OpenRefused::folder(folder, &e);
        std::fs::create_dir_all(folder).map_err(unusable)?;
        drop_second_names(folder).map_err(unusable)?;
        Ok(Self { folder: folder.to_owned(), today: None, read: Mutex::default() })
    }

    /// From now on it is known which months are over. Without it none is.
    pub fn on(self, today: Day) -> Self {
        Self { today: Some(today), ..self }
    }

    pub(super) fn is_over(&self, month: Month) -> bool {
        self.today.is_some_and(|today| month.last_day() < today)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// [`Refused::Forgotten`] when the file is gone.
    pub fn find(&self, month: Month) -> Result<Zeroizing<[u8; 32]>, Refused> {
        let mut read = self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(key) = read.get(&month) {
            return Ok(key.clone());
        }
        let key = self.load(month)?.ok_or(Refused::Forgotten(month))?;
        read.insert(month, key.clone());
        Ok(key)
    }

    /// The month's key, drawn and on the disk before it is returned if there was none. Only for a month
    /// the store has never used: a missing key of a used one was destroyed, and stays so.
    pub fn find_or_draw(
        &self,
        month: Month,
        rng: &mut impl CryptoRng,
    ) -> Result<Zeroizing<[u8; 32]>, Refused> {
        match self.find(month) {
            Err(Refused::Forgotten(_)) => self.draw(month, rng)?,
            found => return found,
        }
        self.find(month)
    }

    fn draw(&self, month: Month, rng: &mut impl CryptoRng) -> Result<(), Refused> {
        let failed = |e: std::io::Error| Refused::Failed(format!("retention key {month}: {e}"));
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
        let failed = |e: std::io::Error| Refused::Failed(format!("retention key {month}: {e}"));
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
    use jiff::civil::date;

    #[test]
    fn a_key_that_a_crash_left_under_two_names_has_one_after_the_next_start() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let keys = RetentionKeys::open(folder.path()).unwrap();
        let drawn = keys.find_or_draw(month, &mut rand::rng()).unwrap();
        std::fs::hard_link(keys.path(month), folder.path().join("2031-11.key.new-00")).unwrap();
        // Of another process that is just drawing one.
        std::fs::write(folder.path().join("2031-12.key.new-01"), [7; 32]).unwrap();
        let again = RetentionKeys::open(folder.path()).unwrap();
        assert_eq!(*again.find(month).unwrap(), *drawn);
        assert!(!folder.path().join("2031-11.key.new-00").exists());
        assert!(folder.path().join("2031-12.key.new-01").exists());
    }

    #[test]
    fn a_month_s_key_is_drawn_once_and_stays() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let keys = RetentionKeys::open(folder.path()).unwrap();
        assert!(matches!(keys.find(month), Err(Refused::Forgotten(m)) if m == month));
        let drawn = keys.find_or_draw(month, &mut rand::rng()).unwrap();
        assert_eq!(*RetentionKeys::open(folder.path()).unwrap().find(month).unwrap(), *drawn);
        assert_eq!(std::fs::read(folder.path().join("2031-11.key")).unwrap(), *drawn);
    }

    #[test]
    fn of_two_that_draw_at_once_both_have_the_first_one_s_key() {
        let folder = tempfile::tempdir().unwrap();
        let month = Month::of(date(2031, 11, 30));
        let both = [RetentionKeys::open(folder.path()).unwrap(), RetentionKeys::open(folder.path()).unwrap()];
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

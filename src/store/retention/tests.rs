//! Keys of months: drawn once, destroyed for good.

use super::*;
use crate::clock::FixedClock;
use jiff::civil::date;
use std::sync::atomic::{AtomicBool, Ordering};

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

/// Stands where it is put, and can be brought into doubt.
struct Shaken(FixedClock, AtomicBool);

impl Clock for Shaken {
    fn unix_seconds(&self) -> i64 {
        self.0.unix_seconds()
    }
    fn doubt(&self) -> Option<Doubt> {
        self.1.load(Ordering::Relaxed).then(|| Doubt::Record { says: None, known: self.today() })
    }
}

#[test]
fn what_has_ended_on_a_sure_day_stays_so_in_doubt_and_no_more_ends_then() {
    let folder = tempfile::tempdir().unwrap();
    let months = [date(2031, 11, 30), date(2031, 12, 31)].map(Month::of);
    let keys = open(folder.path(), date(2026, 11, 1));
    for month in months {
        keys.find_or_draw(month, &mut rand::rng()).unwrap();
    }
    let clock = Arc::new(Shaken(FixedClock::at(date(2031, 12, 1)), AtomicBool::new(false)));
    keys.serve_by(clock.clone());
    let open = || months.map(|month| keys.find(month).is_ok());
    assert_eq!(open(), [false, true]);
    clock.1.store(true, Ordering::Relaxed);
    clock.0.set(date(2032, 1, 1));
    assert_eq!(open(), [false, true]);
    assert_eq!(keys.overdue(keys.sure_day().unwrap()).unwrap(), [months[0]]);
    clock.1.store(false, Ordering::Relaxed);
    assert_eq!(open(), [false, false]);
    assert_eq!(keys.overdue(keys.sure_day().unwrap()).unwrap(), months);
    // Nothing is taken away for good on a clock's word.
    assert!(months.iter().all(|month| keys.path(*month).exists() && keys.find_there(*month).is_ok()));
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

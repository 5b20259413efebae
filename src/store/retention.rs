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

    pub(super) fn following(self) -> Self {
        Self::of(self.last_day().saturating_add(1.day()))
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
/// Keys read once stay in memory. A month that is over ends with its file; a `.destroyed` counts from the next start. Where
/// faces are served, it ends without that, too: once their clock is sure of it, its key opens nothing here any more
/// ([`RetentionKeys::serve_by`]). The file stays: a clock may be wrong, and what it says destroys nothing.
pub struct RetentionKeys {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    /// Served by in the clock's place, where that is not believed.
    known: OnceLock<Day>,
    served: OnceLock<Served>,
    read: Mutex<BTreeMap<Month, Zeroizing<[u8; 32]>>>,
}

/// The clock of the faces, and the last day it was sure of: what has ended does not come back while there is doubt.
struct Served {
    clock: Arc<dyn Clock>,
    sure: Mutex<Option<Day>>,
}

impl RetentionKeys {
    /// The folder is created if it is not there. The clock says which months are over.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenRefused> {
        let unusable = |e: std::io::Error| OpenRefused::folder(folder, &e);
        std::fs::create_dir_all(folder).map_err(unusable)?;
        drop_second_names(folder).map_err(unusable)?;
        let (known, served, read) = (OnceLock::new(), OnceLock::new(), Mutex::default());
        Ok(Self { folder: folder.to_owned(), clock, known, served, read })
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

    /// From now on a month that is over by this clock is as if its key were destroyed, once the clock is sure of the day. The
    /// first one stays.
    pub fn serve_by(&self, clock: Arc<dyn Clock>) {
        let _ = self.served.set(Served { clock, sure: Mutex::default() });
    }

    /// The last day that the clock of the faces was sure of; `None` before, and where nobody is served.
    pub(super) fn sure_day(&self) -> Option<Day> {
        let served = self.served.get()?;
        let mut sure = served.sure.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if served.clock.is_sure() {
            *sure = Some(served.clock.today());
        }
        *sure
    }

    /// The day that is served by.
    pub(super) fn today(&self) -> Day {
        match self.served.get() {
            Some(served) => served.clock.today(),
            None => self.known.get().copied().unwrap_or_else(|| self.clock.today()),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// [`Refused::Forgotten`] when the key was destroyed, or its month has ended for those who are served;
    /// [`Refused::KeyMissing`] when it is gone before its time.
    pub fn find(&self, month: Month) -> Result<Zeroizing<[u8; 32]>, Refused> {
        if self.has_ended(month) {
            self.read.lock().unwrap_or_else(std::sync::PoisonError::into_inner).remove(&month);
            return Err(Refused::Forgotten(month));
        }
        self.find_there(month)
    }

    /// As [`Self::find`], but a month ends with its file alone: for whoever would take away for good what is nobody's any more.
    pub(super) fn find_there(&self, month: Month) -> Result<Zeroizing<[u8; 32]>, Refused> {
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
            Err(Refused::Forgotten(_) | Refused::KeyMissing(_)) if !self.has_ended(month) => {
                self.draw(month, rng)?;
            }
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

    /// Over by a day that is sure: for those who are served it is forgotten, whether or not its key was destroyed.
    pub(super) fn has_ended(&self, month: Month) -> bool {
        self.sure_day().is_some_and(|day| month.last_day() < day)
    }

    /// Months that are over on this day and whose keys lie there still, the oldest first.
    pub(super) fn overdue(&self, day: Day) -> Result<Vec<Month>, Refused> {
        let failed = |cause: std::io::Error| Refused::Failed(format!("{}: {cause}", self.folder.display()));
        let mut overdue = Vec::new();
        for entry in std::fs::read_dir(&self.folder).map_err(failed)? {
            let name = entry.map_err(failed)?.file_name();
            let month = name.to_str().and_then(|name| name.strip_suffix(".key")).map(str::parse::<Month>);
            overdue.extend(month.and_then(Result::ok).filter(|month| month.last_day() < day));
        }
        overdue.sort_unstable();
        Ok(overdue)
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
mod tests;

//! Finding a report's entries among all of them, as the reporter does: every entry is looked at, so that
//! whoever serves the log learns nothing about which were found.

use super::{
    leaf::{self, ENTRIES_PER_REPORT, Leaf, LeafEntry, LeafRefused},
    says::{Event, Purpose},
};
use crate::{clock::Day, receipt::AuditKey};
use std::collections::HashMap;

/// One entry that carries this report's tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its place in the log.
    pub index: u64,
    pub n: u8,
    /// By its tag, which holds even when the rest cannot be read.
    pub event: Event,
    pub leaf: Result<Leaf, LeafRefused>,
}

/// All entries of one report, by `n`, then by place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History(Vec<Found>);

/// A look through the whole log, entry by entry. Tries every event at every `n`, not only the next one
/// expected: a server that skips a number hides nothing. About 4,600 HMACs at the start, then one look-up an entry.
pub struct Scan {
    audit: AuditKey,
    tags: HashMap<[u8; 32], (Event, u8)>,
    next: u64,
    found: Vec<Found>,
}

impl Scan {
    pub fn new(audit: &AuditKey) -> Self {
        Self { audit: audit.clone(), tags: tags(audit), next: 0, found: Vec::new() }
    }

    /// Takes the next entry of the log, as it stands there.
    pub fn look(&mut self, entry: &[u8]) {
        let index = self.next;
        self.next += 1;
        if let Ok(entry) = LeafEntry::parse(entry)
            && let Some(&(event, n)) = self.tags.get(entry.tag())
        {
            self.found.push(Found { index, n, event, leaf: entry.open(&self.audit, n) });
        }
    }

    pub fn finish(mut self) -> History {
        self.found.sort_by_key(|each| (each.n, each.index));
        History(self.found)
    }
}

/// [`Scan`] over entries at hand.
pub fn scan<E: AsRef<[u8]>>(audit: &AuditKey, entries: impl IntoIterator<Item = E>) -> History {
    let mut scan = Scan::new(audit);
    entries.into_iter().for_each(|entry| scan.look(entry.as_ref()));
    scan.finish()
}

/// Where each entry stands, by its tag: for the server, which answers for one report after another and writes
/// the entries itself, without gaps. 16 bytes an entry.
#[derive(Default)]
pub struct Finder {
    /// First 8 bytes of a tag; whether the rest fits is seen when the entry is opened.
    places: HashMap<[u8; 8], u64>,
    size: u64,
}

impl Finder {
    /// Entries taken so far.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes the next entry of the log.
    pub fn push(&mut self, entry: &LeafEntry) {
        self.places.insert(first_8(entry.tag()), self.size);
        self.size += 1;
    }

    /// The report's entries from `n` = 0 to the first that is missing.
    pub fn history(&self, audit: &AuditKey, entry: impl Fn(u64) -> Option<LeafEntry>) -> History {
        let key = leaf::hmac_key(audit);
        let nth = |n: u8| {
            Event::ALL.iter().find_map(|event| {
                let index = *self.places.get(&first_8(&leaf::tag(&key, *event, n)))?;
                let leaf = entry(index)?.open(audit, n);
                Some(Found { index, n, event: *event, leaf })
            })
        };
        History((0..=u8::MAX).map_while(nth).collect())
    }
}

fn first_8(tag: &[u8]) -> [u8; 8] {
    std::array::from_fn(|i| tag[i])
}

/// What one entry is to this report, if it is its own: its count and what it says.
pub fn own(audit: &AuditKey, entry: &LeafEntry) -> Option<(u8, Result<Leaf, LeafRefused>)> {
    let &(_, n) = tags(audit).get(entry.tag())?;
    Some((n, entry.open(audit, n)))
}

fn tags(audit: &AuditKey) -> HashMap<[u8; 32], (Event, u8)> {
    let key = leaf::hmac_key(audit);
    let counts = 0..=(ENTRIES_PER_REPORT - 1) as u8;
    let pairs = counts.flat_map(|n| Event::ALL.iter().map(move |event| (*event, n)));
    pairs.map(|(event, n)| (leaf::tag(&key, event, n), (event, n))).collect()
}

impl History {
    pub fn found(&self) -> &[Found] {
        &self.0
    }

    /// The day on which the report entered the log under this receipt.
    pub fn received(&self) -> Option<Day> {
        let first = self
            .0
            .iter()
            .filter(|each| each.event == Event::Received || (each.event == Event::TakenOver && each.n == 0));
        first.filter_map(|each| each.leaf.as_ref().ok()).map(|leaf| leaf.day).min()
    }

    /// The day on which the reporter's own receipt took over from this one, which staff had issued.
    pub fn passed_on(&self) -> Option<Day> {
        let last = self.0.iter().filter(|each| each.event == Event::TakenOver && each.n > 0);
        last.filter_map(|each| each.leaf.as_ref().ok()).map(|leaf| leaf.day).min()
    }

    /// Every opening that was announced: the day and the purpose where they can be read.
    pub fn openings(&self) -> Vec<(Option<Day>, Option<Purpose>)> {
        let releases = self.0.iter().filter(|each| each.event == Event::Release);
        releases
            .map(|each| match &each.leaf {
                Ok(leaf) => (Some(leaf.day), leaf.purpose),
                Err(_) => (None, None),
            })
            .collect()
    }

    /// What the log says about originals that were asked for, in its order: event, day, and the request's name.
    pub fn originals(&self) -> Vec<(Event, Day, String)> {
        let told = self.0.iter().filter_map(|each| each.leaf.as_ref().ok());
        let about = told.filter(|leaf| leaf.purpose == Some(Purpose::Files));
        about
            .map(|leaf| {
                (leaf.event, leaf.day, leaf.award.as_ref().map_or_else(String::new, ToString::to_string))
            })
            .collect()
    }

    /// Whether originals were opened of which no entry before says that it was asked for.
    pub fn is_opened_untold(&self) -> bool {
        let mut asked = Vec::new();
        self.originals().into_iter().any(|(event, _, name)| match event {
            Event::Asked => {
                asked.push(name);
                false
            }
            Event::Release => !asked.contains(&name),
            _ => false,
        })
    }

    /// Whether the entries are counted 0, 1, 2 … without gap or repetition, and all can be read. If not, the
    /// server made a mistake, was restored from a backup, or hides something.
    pub fn is_whole(&self) -> bool {
        self.0.iter().enumerate().all(|(i, each)| usize::from(each.n) == i && each.leaf.is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const OURS: AuditKey = AuditKey([1; 32]);
    const OTHER: AuditKey = AuditKey([2; 32]);

    fn entry(audit: &AuditKey, n: u8, event: Event) -> LeafEntry {
        let purpose = (event == Event::Release).then_some(Purpose::Identity);
        LeafEntry::report(
            audit,
            n,
            &Leaf { purpose, ..Leaf::plain(event, date(2026, 11, 1 + (n % 28) as i8)) },
        )
    }

    #[test]
    fn a_reporter_finds_their_own_entries_and_no_others() {
        let log = [
            entry(&OTHER, 0, Event::Received),
            entry(&OURS, 0, Event::Received),
            entry(&OTHER, 1, Event::Release),
            entry(&OURS, 1, Event::Filed),
            entry(&OURS, 2, Event::Release),
        ];
        let history = scan(&OURS, &log);
        assert_eq!(history.found().iter().map(|f| f.index).collect::<Vec<_>>(), [1, 3, 4]);
        assert_eq!(history.received(), Some(date(2026, 11, 1)));
        assert_eq!(history.openings(), [(Some(date(2026, 11, 3)), Some(Purpose::Identity))]);
        assert!(history.is_whole());
        assert_eq!(scan(&AuditKey([3; 32]), &log), History::default());
        assert_eq!(own(&OURS, &log[3]).map(|(n, _)| n), Some(1));
        assert_eq!(own(&OURS, &log[2]), None);

        let mut finder = Finder::default();
        log.iter().for_each(|entry| finder.push(entry));
        assert_eq!(finder.history(&OURS, |index| log.get(index as usize).cloned()), history);
        assert_eq!(finder.history(&AuditKey([3; 32]), |_| unreachable!()), History::default());
    }

    #[test]
    fn an_opening_cannot_be_hidden_by_its_number_its_place_or_a_spoilt_body() {
        let skipped = scan(&OURS, [entry(&OURS, 200, Event::Release), entry(&OURS, 0, Event::Received)]);
        assert_eq!((skipped.openings().len(), skipped.is_whole()), (1, false));

        let twice = [entry(&OURS, 0, Event::Received), entry(&OURS, 0, Event::Release)];
        let twice = scan(&OURS, &twice);
        assert_eq!((twice.openings().len(), twice.is_whole()), (1, false));

        let mut spoilt = *entry(&OURS, 1, Event::Release).as_bytes();
        spoilt[100] ^= 1;
        let spoilt = scan(&OURS, [*entry(&OURS, 0, Event::Received).as_bytes(), spoilt]);
        assert_eq!(spoilt.openings(), [(None, None)]);
        assert!(!spoilt.is_whole());
    }

    #[test]
    fn entries_of_a_later_version_are_passed_over() {
        let mut later = *entry(&OURS, 1, Event::Added).as_bytes();
        later[0] = 2;
        let log = [entry(&OURS, 0, Event::Received).as_bytes().to_vec(), later.to_vec(), b"short".to_vec()];
        assert_eq!(scan(&OURS, log).found().len(), 1);
    }
}

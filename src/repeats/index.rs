//! All sketches in memory, found by what they share: a lookup touches a bounded number of them, however many there are.

use super::{
    Reason,
    sketch::{PLACES, Sketch},
};
use crate::{
    ids::CaseNumber,
    policy::{MatterKind, RepeatRules},
};
use std::collections::{BTreeSet, HashMap};

/// An earlier case that may be about the same matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    pub case: CaseNumber,
    /// At least one; in the order of [`Reason`].
    pub reasons: Vec<Reason>,
}

/// What is compared of one case.
struct Entry {
    case: CaseNumber,
    kind: MatterKind,
    region: String,
    /// `None` once the report was deleted.
    sketch: Option<Sketch>,
    /// Its links, one a band: these, up to the next entry's first.
    first_link: u32,
}

/// Places of a MinHash that make one band: cases that agree in all places of some band are compared.
const BAND: usize = 2;
/// Bands looked at: half of the places. Names with 40 % of their pairs in common meet in three of four times, with 60 % nearly
/// always; so do texts.
const BANDS: usize = PLACES / BAND / 2;
/// Cases of a band that are compared, the latest.
const MOST_OF_A_BAND: usize = 32;
const NONE: u32 = u32::MAX;

/// Every case's sketch, and chains through those that share a band. About 600 B a case.
#[derive(Default)]
pub struct Index {
    entries: Vec<Entry>,
    /// The latest link of each band's chain.
    heads: HashMap<u64, u32>,
    /// Entry, and the link before.
    links: Vec<(u32, u32)>,
}

impl Index {
    /// Takes a case in; to be called in the order of case numbers.
    pub fn take(&mut self, case: CaseNumber, kind: MatterKind, region: &str, sketch: Sketch) {
        let at = u32::try_from(self.entries.len()).unwrap_or(NONE);
        let first_link = self.next_link();
        for band in bands(region, &sketch) {
            let link = self.next_link();
            let before = self.heads.insert(band, link).unwrap_or(NONE);
            self.links.push((at, before));
        }
        self.entries.push(Entry { case, kind, region: region.to_owned(), sketch: Some(sketch), first_link });
    }

    fn next_link(&self) -> u32 {
        u32::try_from(self.links.len()).unwrap_or(NONE)
    }

    /// Cases before this one that are likely about the same matter, the likeliest first.
    pub fn likely(&self, case: CaseNumber, rules: &RepeatRules) -> Vec<Repeat> {
        let Ok(at) = self.entries.binary_search_by_key(&case, |entry| entry.case) else { return Vec::new() };
        let entry = &self.entries[at];
        if entry.sketch.is_none() {
            return Vec::new();
        }
        let end = self.entries.get(at + 1).map_or(self.next_link(), |next| next.first_link);
        let near: BTreeSet<usize> = (entry.first_link..end).flat_map(|link| self.before(link)).collect();
        let likely = near.into_iter().filter_map(|other| compare(entry, &self.entries[other], rules));
        let mut likely: Vec<(usize, Repeat)> = likely.collect();
        likely.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.case.cmp(&a.1.case)));
        likely.truncate(usize::from(rules.most));
        likely.into_iter().map(|(_, repeat)| repeat).collect()
    }

    /// The report was deleted: nothing is compared with it any more.
    pub fn forget(&mut self, case: CaseNumber) {
        if let Ok(at) = self.entries.binary_search_by_key(&case, |entry| entry.case) {
            self.entries[at].sketch = None;
        }
    }

    /// Entries that share the band of a link and come before it, the latest first. Never from the chain's head: an old case
    /// of a matter that thousands have reported would pass over all of them.
    fn before(&self, link: u32) -> impl Iterator<Item = usize> {
        let mut link = self.links.get(link as usize).map_or(NONE, |(_, before)| *before);
        let all = std::iter::from_fn(move || {
            let (entry, before) = *self.links.get(link as usize)?;
            link = before;
            Some(entry as usize)
        });
        all.take(MOST_OF_A_BAND)
    }
}

/// What a case is found by: its credit code, parts of its name within its city, parts of its wording.
fn bands(region: &str, sketch: &Sketch) -> Vec<u64> {
    let city: u64 = region.get(..4).and_then(|city| city.parse().ok()).unwrap_or(0);
    let mut all: Vec<u64> = sketch.code.iter().map(|code| spread(1, 0, *code)).collect();
    let mut add = |tag: u64, salt: u64, places: &[u32; PLACES]| {
        for (i, band) in places.chunks(BAND).take(BANDS).enumerate() {
            if band[0] != u32::MAX {
                let value = band.iter().fold(0, |value, place| (value << 32) | u64::from(*place));
                all.push(spread(tag + ((i as u64) << 8), salt, value));
            }
        }
    };
    add(2, city, &sketch.pairs);
    add(3, 0, &sketch.words);
    all
}

fn spread(tag: u64, salt: u64, value: u64) -> u64 {
    let mixed = value.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ (value >> 29);
    mixed.wrapping_add(tag.wrapping_mul(0xBF58_476D_1CE4_E5B9)) ^ salt.wrapping_mul(0x94D0_49BB_1331_11EB)
}

/// How likely, in points, and why.
fn compare(new: &Entry, old: &Entry, rules: &RepeatRules) -> Option<(usize, Repeat)> {
    let (a, b) = (new.sketch.as_ref()?, old.sketch.as_ref()?);
    let mut reasons = Vec::new();
    let mut points = 0;
    if a.code.is_some() && a.code == b.code {
        reasons.push(Reason::SameCode);
        points += 100;
    }
    let name = if a.name == b.name { 100 } else { Sketch::share(&a.pairs, &b.pairs) };
    if name >= usize::from(rules.similar_name) && same_county(&new.region, &old.region) {
        reasons.push(Reason::SimilarName);
        points += name;
    }
    let words = Sketch::share(&a.words, &b.words);
    if words >= usize::from(rules.similar_words) {
        reasons.push(Reason::SimilarWords);
        points += words;
    }
    if reasons.is_empty() {
        return None;
    }
    if new.kind == old.kind && new.kind != MatterKind::Unsure {
        reasons.push(Reason::SameKind);
        points += 20;
    }
    Some((points, Repeat { case: old.case, reasons }))
}

/// The same code, or one that contains the other: some reporters name the city only.
fn same_county(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim_end_matches("00"), other.trim_end_matches("00"));
    one.starts_with(other) || other.starts_with(one)
}

#[cfg(test)]
mod tests {
    use super::{
        super::sketch::{
            Matter,
            tests::{key, of, rules},
        },
        *,
    };

    const STORY: &str = "三号井的瓦斯探头从上周二起被人用塑料袋包住，夜班照常下井，班长说不许往外说。";

    fn number(serial: u32) -> CaseNumber {
        CaseNumber { year: 2026, serial }
    }

    #[test]
    fn earlier_cases_are_offered_with_their_reasons_the_likeliest_first() {
        use MatterKind::{Hazard, Violation};
        let (rules, mut index) = (rules(), Index::default());
        let coded = |code, target, words| key(1).sketch(&Matter { target, code, words });
        let mut arrive = |n, kind, region: &str, sketch| {
            index.take(number(n), kind, region, sketch);
            index.likely(number(n), &rules)
        };
        assert_eq!(arrive(1, Hazard, "370102", coded("91350100M000100Y43", "华星化工有限公司", STORY)), []);
        assert_eq!(arrive(2, Hazard, "370103", of("华星化工有限公司", "别的事")), [], "another county");
        assert_eq!(arrive(3, Violation, "110105", of("东岭铁矿", "坝体上有一条裂缝，下雨时渗水。")), []);
        let later = arrive(4, Hazard, "370102", of("华星化工", "车间里堆着没有标签的桶。"));
        assert_eq!(later, [Repeat { case: number(1), reasons: vec![Reason::SimilarName, Reason::SameKind] }]);
        let all = arrive(5, Violation, "370100", coded("91350100m000100y43", "华星化工厂", STORY));
        assert_eq!(all[0].case, number(1));
        assert_eq!(all[0].reasons, [Reason::SameCode, Reason::SimilarName, Reason::SimilarWords]);
        assert!(all.iter().any(|repeat| repeat.case == number(2)), "in the city that was named: {all:?}");
        let words = arrive(6, Hazard, "440300", of("说不清", &format!("听说{STORY}")));
        assert!(words.iter().all(|repeat| repeat.reasons[0] == Reason::SimilarWords), "{words:?}");
        assert_eq!(words.len(), 2);
    }

    #[test]
    fn a_deleted_report_is_offered_no_more_and_never_more_than_policy_says() {
        let (rules, mut index) = (rules(), Index::default());
        for n in 1..=200 {
            index.take(number(n), MatterKind::Hazard, "370102", of("华星化工", STORY));
            let found = index.likely(number(n), &rules);
            assert_eq!(found.len(), usize::from(rules.most).min(n as usize - 1));
            assert!(found.iter().all(|repeat| repeat.case < number(n)));
        }
        (195..=199).for_each(|n| index.forget(number(n)));
        assert_eq!(index.likely(number(200), &rules)[0].case, number(194));
        assert_eq!(index.likely(number(3), &rules).len(), 2, "an early one finds those before it");
        assert_eq!((index.likely(number(199), &rules), index.likely(number(999), &rules)), (vec![], vec![]));
    }
}

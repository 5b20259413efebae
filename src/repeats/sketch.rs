//! What stands for a matter when it is compared.
//!
//! ```text
//! sketch = rules 4 B ‖ code 8 B ‖ name 8 B ‖ pairs 32 × 4 B ‖ words 32 × 4 B          276 B, hexadecimal in records
//! rules  = first bytes of HMAC(key, transcript("mifeng/v1/sketch/rules", suffix…)): sketches of other rules or keys differ
//! code   = first bytes of HMAC(key, transcript("mifeng/v1/sketch/code", credit code)); zeros: none was given
//! name   = the same of the name
//! pairs  = MinHash of the name's letter pairs, words of the text's runs of three characters: for each of 32 fixed
//!          mixings, the least of the mixed first bytes of HMAC(key, transcript(domain, run)); all ones: no run
//! ```
//! Two sketches agree in about as many of the 32 places as the share of runs their texts have in common (Broder 1997).
//! Without the key nobody can tell whether a sketch is that of a text they guess; with it they can, so sketches lie
//! sealed with their case and never leave the store.

use super::normal::{name, plain};
use crate::{policy::RepeatRules, transcript::transcript};
use ring::hmac;
use serde::{Deserialize, Serialize};
use std::{array, collections::HashSet};

/// Places of a MinHash.
pub(super) const PLACES: usize = 32;
const LEN: usize = 4 + 8 + 8 + 2 * PLACES * 4;
/// Characters of a text that are looked at: work for one arrival is bounded.
const MOST_CHARS: usize = 2_000;

/// Made of the root key; with the rules that names are compared by.
pub struct SketchKey {
    key: hmac::Key,
    suffixes: Vec<String>,
    rules: [u8; 4],
}

/// What a report is about, as far as it is compared.
pub struct Matter<'a> {
    pub target: &'a str,
    pub code: &'a str,
    pub words: &'a str,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sketch {
    rules: [u8; 4],
    /// `None`: no credit code was given.
    pub(super) code: Option<u64>,
    pub(super) name: u64,
    pub(super) pairs: [u32; PLACES],
    pub(super) words: [u32; PLACES],
}

impl SketchKey {
    pub fn new(key: hmac::Key, rules: &RepeatRules) -> Self {
        let mut suffixes: Vec<String> = rules.suffixes.iter().map(|suffix| plain(suffix)).collect();
        // The longest first, so that no short one cuts a long one in two.
        suffixes.sort_by_key(|suffix| std::cmp::Reverse(suffix.len()));
        let parts: Vec<&[u8]> = suffixes.iter().map(String::as_bytes).collect();
        let tag = hmac::sign(&key, &transcript("mifeng/v1/sketch/rules", &parts));
        let rules = array::from_fn(|i| tag.as_ref()[i]);
        Self { key, suffixes, rules }
    }

    /// Whether this sketch was made with this key and these rules.
    pub fn made(&self, sketch: &Sketch) -> bool {
        sketch.rules == self.rules
    }

    pub fn sketch(&self, matter: &Matter<'_>) -> Sketch {
        let target = name(matter.target, &self.suffixes);
        let code = plain(matter.code);
        Sketch {
            rules: self.rules,
            // Zero stands for none.
            code: (!code.is_empty()).then(|| self.keyed("mifeng/v1/sketch/code", &code).max(1)),
            name: self.keyed("mifeng/v1/sketch/name", &target),
            pairs: self.least("mifeng/v1/sketch/pair", &runs(&target, 2)),
            words: self.least("mifeng/v1/sketch/words", &runs(&plain(matter.words), 3)),
        }
    }

    fn keyed(&self, domain: &str, text: &str) -> u64 {
        let tag = hmac::sign(&self.key, &transcript(domain, &[text.as_bytes()]));
        u64::from_be_bytes(array::from_fn(|i| tag.as_ref()[i]))
    }

    fn least(&self, domain: &str, runs: &HashSet<String>) -> [u32; PLACES] {
        let mut least = [u32::MAX; PLACES];
        for run in runs {
            let hash = self.keyed(domain, run);
            for (place, least) in (1..).zip(&mut least) {
                *least = (*least).min(mix(hash, place));
            }
        }
        least
    }
}

impl Sketch {
    /// The share of runs in common, in percent; nothing has nothing in common.
    pub(super) fn share(one: &[u32; PLACES], other: &[u32; PLACES]) -> usize {
        let same = one.iter().zip(other).filter(|(a, b)| a == b && **a != u32::MAX).count();
        same * 100 / PLACES
    }

    fn to_bytes(&self) -> [u8; LEN] {
        let mut bytes = Vec::with_capacity(LEN);
        bytes.extend(self.rules);
        bytes.extend(self.code.unwrap_or(0).to_be_bytes());
        bytes.extend(self.name.to_be_bytes());
        self.pairs.iter().chain(&self.words).for_each(|place| bytes.extend(place.to_be_bytes()));
        array::from_fn(|i| bytes[i])
    }

    fn from_bytes(bytes: &[u8; LEN]) -> Self {
        let u32_at = |at: usize| u32::from_be_bytes(array::from_fn(|i| bytes[at + i]));
        let u64_at = |at: usize| u64::from_be_bytes(array::from_fn(|i| bytes[at + i]));
        Self {
            rules: array::from_fn(|i| bytes[i]),
            code: Some(u64_at(4)).filter(|code| *code != 0),
            name: u64_at(12),
            pairs: array::from_fn(|i| u32_at(20 + 4 * i)),
            words: array::from_fn(|i| u32_at(20 + 4 * (PLACES + i))),
        }
    }
}

impl Serialize for Sketch {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&hex::encode(self.to_bytes()))
    }
}
impl<'de> Deserialize<'de> for Sketch {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let mut bytes = [0; LEN];
        hex::decode_to_slice(String::deserialize(d)?, &mut bytes).map_err(serde::de::Error::custom)?;
        Ok(Self::from_bytes(&bytes))
    }
}

/// Every run of `length` characters once; a shorter text is one run.
fn runs(text: &str, length: usize) -> HashSet<String> {
    let chars: Vec<char> = text.chars().take(MOST_CHARS).collect();
    if chars.is_empty() || chars.len() >= length {
        return chars.windows(length).map(|run| run.iter().collect()).collect();
    }
    HashSet::from([chars.iter().collect()])
}

/// One of many fixed mixings of a keyed hash (the finalizer of SplitMix64).
fn mix(hash: u64, place: u64) -> u32 {
    let mut x = hash.wrapping_add(place.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    // The upper half; all ones is kept for "no run".
    u32::try_from((x ^ (x >> 31)) >> 32).unwrap_or(0).min(u32::MAX - 1)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn rules() -> RepeatRules {
        let suffixes = ["有限公司", "公司", "集团"].map(str::to_owned).into();
        RepeatRules { most: 5, similar_name: 40, similar_words: 25, suffixes }
    }

    pub fn key(n: u8) -> SketchKey {
        let rules = rules();
        SketchKey::new(hmac::Key::new(hmac::HMAC_SHA256, &[n; 32]), &rules)
    }

    pub fn of(target: &str, words: &str) -> Sketch {
        key(1).sketch(&Matter { target, code: "", words })
    }

    const STORY: &str = "三号井的瓦斯探头从上周二起被人用塑料袋包住，夜班照常下井，班长说不许往外说。";

    #[test]
    fn the_same_matter_in_other_words_shares_runs_and_another_does_not() {
        let one = of("华星化工有限公司", STORY);
        let copied = of("华星化工", &format!("我要举报。{STORY}请你们快来。"));
        let other = of("东岭铁矿", "尾矿库的坝体上有一条裂缝，下雨时往外渗水，没有人管。");
        assert_eq!(one.name, copied.name);
        assert!(Sketch::share(&one.words, &copied.words) > 50);
        assert!(Sketch::share(&one.words, &other.words) < 10 && Sketch::share(&one.pairs, &other.pairs) < 10);
        let silent = of("华星化工", "");
        assert_eq!(Sketch::share(&silent.words, &of("x", "").words), 0, "nothing has nothing in common");
    }

    #[test]
    fn without_the_key_a_guess_tells_nothing_and_other_rules_make_other_sketches() {
        let matter = Matter { target: "华星化工", code: "91350100M000100Y43", words: STORY };
        let (one, other) = (key(1).sketch(&matter), key(2).sketch(&matter));
        assert!(one.name != other.name && one.code != other.code);
        assert_eq!(
            (Sketch::share(&one.words, &other.words), Sketch::share(&one.pairs, &other.pairs)),
            (0, 0)
        );
        assert!(key(1).made(&one) && !key(1).made(&other));
        let mut rules = rules();
        rules.suffixes.push("厂".into());
        let later = SketchKey::new(hmac::Key::new(hmac::HMAC_SHA256, &[1; 32]), &rules);
        assert!(!later.made(&one));
    }

    #[test]
    fn every_sketch_is_as_long_and_reads_back() {
        for sketch in [of("", ""), of("华星化工有限公司", STORY), of("x", &"长".repeat(5_000))] {
            let json = serde_json::to_string(&sketch).unwrap();
            assert_eq!(json.len(), 2 * LEN + 2);
            assert_eq!(serde_json::from_str::<Sketch>(&json).unwrap(), sketch);
        }
        assert!(serde_json::from_str::<Sketch>("\"00\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_has_a_sketch_and_is_wholly_like_itself(text in "\\PC{0,300}") {
            let sketch = of(&text, &text);
            let whole = if plain(&text).is_empty() { 0 } else { 100 };
            prop_assert_eq!(Sketch::share(&sketch.words, &sketch.words), whole);
        }
    }
}

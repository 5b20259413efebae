//! Provinces, cities and counties by their GB/T 2260 codes, from `regions.csv`.

use super::source::{PolicyError, Source};
use crate::clock::Day;
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, fmt, str::FromStr};

/// A GB/T 2260 code of six digits; `000000` is the whole country. Being well-formed does not mean it exists.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegionCode(u32);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a region code of six digits, found {0:?}")]
pub struct BadRegionCode(String);

/// The four administrative levels, from wide to narrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    Country,
    Province,
    City,
    County,
}

impl RegionCode {
    pub const COUNTRY: Self = Self(0);

    pub fn level(self) -> RegionLevel {
        match self.0 {
            0 => RegionLevel::Country,
            code if code.is_multiple_of(10_000) => RegionLevel::Province,
            code if code.is_multiple_of(100) => RegionLevel::City,
            _ => RegionLevel::County,
        }
    }
    /// The region one level up, by the code's digits.
    pub fn parent(self) -> Option<Self> {
        match self.level() {
            RegionLevel::Country => None,
            RegionLevel::Province => Some(Self::COUNTRY),
            RegionLevel::City => Some(Self(self.0 / 10_000 * 10_000)),
            RegionLevel::County => Some(Self(self.0 / 100 * 100)),
        }
    }
    /// Whether `inner` is this region or lies within it.
    pub fn contains(self, inner: Self) -> bool {
        std::iter::successors(Some(inner), |code| code.parent()).any(|code| code == self)
    }
}
impl FromStr for RegionCode {
    type Err = BadRegionCode;
    fn from_str(text: &str) -> Result<Self, BadRegionCode> {
        let bad = || BadRegionCode(text.to_owned());
        if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        let code = text.parse().map_err(|_| bad())?;
        if code != 0 && code < 100_000 { Err(bad()) } else { Ok(Self(code)) }
    }
}
impl TryFrom<String> for RegionCode {
    type Error = BadRegionCode;
    fn try_from(text: String) -> Result<Self, BadRegionCode> {
        text.parse()
    }
}
impl From<RegionCode> for String {
    fn from(code: RegionCode) -> Self {
        code.to_string()
    }
}
impl fmt::Display for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:06}", self.0)
    }
}
impl fmt::Debug for RegionCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegionCode({self})")
    }
}

/// One row of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub code: RegionCode,
    pub name: String,
    /// `None` for a province.
    pub parent: Option<RegionCode>,
    /// First day, where known to matter.
    pub valid_from: Option<Day>,
    /// Last day; `None` while the region exists. Retired codes stay, for old cases and old rules.
    pub valid_to: Option<Day>,
}

impl Region {
    pub fn is_current(&self) -> bool {
        self.valid_to.is_none()
    }
}

/// The whole national list, built once.
#[derive(Debug)]
pub struct Regions {
    /// By code.
    rows: Vec<Region>,
    /// Names from the province down, joined, without repeats: what a search looks through.
    paths: Vec<String>,
    at: HashMap<RegionCode, usize>,
    children: HashMap<RegionCode, Vec<usize>>,
}

impl Regions {
    /// # Errors
    /// If a row is malformed, a code stands twice, or a parent is missing or not the one its digits name.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let mut rows = Vec::new();
        for (line, record) in
            csv::Reader::from_reader(source.text.as_bytes()).deserialize::<Row>().enumerate()
        {
            let refuse = |reason: String| PolicyError { file: source.file.clone(), line: line + 2, reason };
            let region = record.map_err(|cause| refuse(cause.to_string()))?.region().map_err(refuse)?;
            rows.push((line + 2, region));
        }
        rows.sort_by_key(|(_, region)| region.code);
        let at: HashMap<_, _> = rows.iter().enumerate().map(|(i, (_, region))| (region.code, i)).collect();
        let mut children: HashMap<RegionCode, Vec<usize>> = HashMap::new();
        for (i, (line, region)) in rows.iter().enumerate() {
            let refuse = |reason: String| PolicyError { file: source.file.clone(), line: *line, reason };
            if i > 0 && rows[i - 1].1.code == region.code {
                return Err(refuse(format!("{} stands twice", region.code)));
            }
            if let Some(parent) = region.parent
                && !at.contains_key(&parent)
            {
                return Err(refuse(format!("parent {parent} is not in the list")));
            }
            if region.is_current() {
                children.entry(region.parent.unwrap_or(RegionCode::COUNTRY)).or_default().push(i);
            }
        }
        let mut regions = Self {
            rows: rows.into_iter().map(|(_, region)| region).collect(),
            paths: Vec::new(),
            at,
            children,
        };
        regions.paths = regions.rows.iter().map(|region| regions.path(region.code).concat()).collect();
        Ok(regions)
    }

    pub fn get(&self, code: RegionCode) -> Option<&Region> {
        self.at.get(&code).map(|&i| &self.rows[i])
    }

    /// All that exist today, by code.
    pub fn current(&self) -> impl Iterator<Item = &Region> {
        self.rows.iter().filter(|region| region.is_current())
    }

    /// The provinces that exist today, by code.
    pub fn provinces(&self) -> impl Iterator<Item = &Region> {
        self.children(RegionCode::COUNTRY)
    }

    /// What lies directly below and exists today, by code. Empty for a county or an unknown code.
    pub fn children(&self, code: RegionCode) -> impl Iterator<Item = &Region> {
        self.children.get(&code).into_iter().flatten().map(|&i| &self.rows[i])
    }

    /// Names from the province down, without a repeat (北京市, 东城区). Empty for an unknown code.
    pub fn path(&self, code: RegionCode) -> Vec<&str> {
        let mut names: Vec<&str> =
            std::iter::successors(self.get(code), |region| region.parent.and_then(|parent| self.get(parent)))
                .map(|region| region.name.as_str())
                .collect();
        names.reverse();
        names.dedup();
        names
    }

    /// Whether `inner` is `outer` or lies within it. Retired regions count.
    pub fn contains(&self, outer: RegionCode, inner: RegionCode) -> bool {
        outer.contains(inner)
    }

    /// Regions that exist today and match every word of the query, best first: by name, by any part of the path
    /// (“朝阳 北京”), by the path with letters left out (“北京朝阳”), or by the first digits of the code.
    pub fn search(&self, query: &str, limit: usize) -> Vec<&Region> {
        let words: Vec<&str> = query.split(|c: char| c.is_whitespace() || "，,、/·".contains(c)).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        if words.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(u8, &Region)> = self
            .rows
            .iter()
            .zip(&self.paths)
            .filter(|(region, _)| region.is_current())
            .filter_map(|(region, path)| Some((rank(&words, region, path)?, region)))
            .collect();
        found.sort_by_key(|(rank, region)| (*rank, region.code.level(), region.code));
        found.into_iter().take(limit).map(|(_, region)| region).collect()
    }
}

/// How well all the words fit, 0 best; `None` if one does not fit at all.
fn rank(words: &[&str], region: &Region, path: &str) -> Option<u8> {
    let mut best = u8::MAX;
    for word in words {
        let digits = word.starts_with(|c: char| c.is_ascii_digit());
        let code = if digits { region.code.to_string() } else { String::new() };
        let fit = if region.name == *word || code == *word {
            0
        } else if region.name.starts_with(word) {
            1
        } else if region.name.contains(word) {
            2
        } else if path.contains(word) || (word.len() >= 2 && code.starts_with(word)) {
            3
        } else if word.chars().count() >= 3
            && is_subsequence(word, path)
            && shares_a_letter(word, &region.name)
        {
            4
        } else {
            return None;
        };
        best = best.min(fit);
    }
    Some(best)
}

fn is_subsequence(word: &str, path: &str) -> bool {
    let mut letters = path.chars();
    word.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

/// The last letter typed must belong to the region itself, or every county of a city would match the city's name.
fn shares_a_letter(word: &str, name: &str) -> bool {
    word.chars().last().is_some_and(|last| name.contains(last))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    code: String,
    name: String,
    parent: String,
    valid_from: String,
    valid_to: String,
}

impl Row {
    fn region(self) -> Result<Region, String> {
        let code: RegionCode = self.code.parse().map_err(|bad: BadRegionCode| bad.to_string())?;
        let parent = match self.parent.as_str() {
            "" => None,
            text => Some(text.parse().map_err(|bad: BadRegionCode| bad.to_string())?),
        };
        if code == RegionCode::COUNTRY {
            return Err("000000 is the whole country and not in the list".to_owned());
        }
        if code.parent() != Some(parent.unwrap_or(RegionCode::COUNTRY)) {
            return Err(format!("{code} does not lie directly within {}", self.parent));
        }
        if self.name.trim().is_empty() || self.name.chars().any(char::is_control) {
            return Err(format!("{code} has no name"));
        }
        let day = |text: &str| match text {
            "" => Ok(None),
            text => text.parse::<Day>().map(Some).map_err(|_| format!("expected a day, found {text:?}")),
        };
        let (valid_from, valid_to) = (day(&self.valid_from)?, day(&self.valid_to)?);
        if matches!((valid_from, valid_to), (Some(from), Some(to)) if from > to) {
            return Err(format!("{code} ends before it begins"));
        }
        Ok(Region { code, name: self.name, parent, valid_from, valid_to })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn national() -> Regions {
        Regions::parse(&Source::read(Path::new("policy"), "regions.csv").unwrap()).unwrap()
    }
    fn code(text: &str) -> RegionCode {
        text.parse().unwrap()
    }
    fn names(found: Vec<&Region>) -> Vec<&str> {
        found.into_iter().map(|region| region.name.as_str()).collect()
    }
    fn parse(rows: &str) -> Result<Regions, PolicyError> {
        let text = format!("code,name,parent,valid_from,valid_to\n{rows}");
        Regions::parse(&Source { file: "regions.csv".into(), text })
    }

    #[test]
    fn the_national_list_is_whole() {
        let regions = national();
        assert_eq!(regions.provinces().count(), 34);
        assert_eq!(regions.children(code("430000")).count(), 14);
        assert_eq!(regions.path(code("653228")).len(), 3);
        assert_eq!(regions.path(code("110101")), ["北京市", "东城区"]);
        assert!(regions.path(code("999999")).is_empty());
    }

    #[test]
    fn a_retired_code_is_known_but_not_offered() {
        let regions = national();
        let retired = regions.get(code("330103")).unwrap();
        assert!(!retired.is_current());
        assert!(regions.contains(code("330100"), retired.code));
        assert!(regions.children(code("330100")).all(|region| region.code != retired.code));
        assert!(regions.search("下城区", 10).iter().all(|region| region.code != retired.code));
        assert_eq!(regions.path(retired.code), ["浙江省", "杭州市", "下城区"]);
    }

    #[test]
    fn a_search_finds_by_name_path_code_and_with_letters_left_out() {
        let regions = national();
        for query in ["宁乡", "长沙 宁乡", "湖南省长沙市宁乡市", "430182", "长沙宁乡"] {
            assert_eq!(names(regions.search(query, 1)), ["宁乡市"], "{query}");
        }
        assert_eq!(names(regions.search("朝阳 北京", 5)), ["朝阳区"]);
        assert_eq!(names(regions.search("北京朝阳", 5)), ["朝阳区"]);
        assert_eq!(names(regions.search("长沙", 2)), ["长沙市", "长沙县"]);
        assert!(regions.search("  ", 5).is_empty());
        assert!(regions.search("没有这个地方", 5).is_empty());
        assert_eq!(regions.search("区", 7).len(), 7);
    }

    #[test]
    fn containment_goes_by_the_digits() {
        assert!(RegionCode::COUNTRY.contains(code("430182")));
        assert!(code("430000").contains(code("430182")) && code("430100").contains(code("430182")));
        assert!(!code("430182").contains(code("430100")) && !code("430200").contains(code("430182")));
    }

    #[test]
    fn a_bad_row_is_refused_with_its_line() {
        let good = "430000,湖南省,,,\n430100,长沙市,430000,,\n";
        assert!(parse(good).is_ok());
        for (row, reason) in [
            ("430100,长沙市,430000,,", "twice"),
            ("430201,荷塘区,430200,,", "not in the list"),
            ("430182,宁乡市,430000,,", "directly"),
            ("43018,宁乡市,430100,,", "six digits"),
            ("430182,,430100,,", "no name"),
            ("430182,宁乡市,430100,2020-01-01,2019-01-01", "ends before"),
            ("430182,宁乡市,430100,yesterday,", "expected a day"),
            ("430182,宁乡市,430100,,,extra", "found record"),
        ] {
            let refused = parse(&format!("{good}{row}\n")).unwrap_err();
            assert!(refused.reason.contains(reason), "{row}: {refused}");
            assert_eq!(refused.line, 4, "{row}: {refused}");
        }
    }
}

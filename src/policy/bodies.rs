//! Who handles a report: one body at least for the country, others for a region, an industry or a kind of matter.

use super::{
    intake::{Intake, MatterKind},
    regions::{RegionCode, RegionLevel, Regions},
    source::{PolicyError, Source},
    text::Text,
    values::Code,
};
use serde::Deserialize;
use std::{
    collections::{BTreeSet, HashMap},
    ops::Range,
};
use toml::Spanned;

/// A body that handles reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    pub code: Code,
    pub name: Text,
    pub region: RegionCode,
    /// Empty: all.
    industries: BTreeSet<Code>,
    /// Empty: all.
    kinds: BTreeSet<MatterKind>,
    /// Its place in the list; `None` for the root.
    above: Option<usize>,
}

/// `bodies.toml`: a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bodies {
    all: Vec<Body>,
    by_code: HashMap<String, usize>,
    by_region: HashMap<RegionCode, Vec<usize>>,
    root: usize,
}

/// In the name of a body that stands in every region of a level.
const PLACEHOLDER: &str = "{region}";

impl Body {
    /// What it takes from others in its region: 0 nothing.
    fn rank(&self) -> u8 {
        u8::from(!self.industries.is_empty()) * 2 + u8::from(!self.kinds.is_empty())
    }
    fn takes(&self, industry: &str, kind: MatterKind) -> bool {
        (self.industries.is_empty() || self.industries.iter().any(|code| code.as_str() == industry))
            && (self.kinds.is_empty() || self.kinds.contains(&kind))
    }
    fn is_like(&self, other: &Self) -> bool {
        self.industries == other.industries && self.kinds == other.kinds
    }
    /// Of equal rank in one region, and both would take the same matter.
    fn disputes(&self, other: &Self) -> bool {
        let meets = self.industries.is_empty() || !self.industries.is_disjoint(&other.industries);
        let kinds_meet = self.kinds.is_empty() || !self.kinds.is_disjoint(&other.kinds);
        self.region == other.region && self.rank() == other.rank() && meets && kinds_meet
    }
}

impl Body {
    /// Whether it handles some industries or kinds alone.
    pub fn is_special(&self) -> bool {
        !self.industries.is_empty() || !self.kinds.is_empty()
    }
}

impl Bodies {
    /// # Errors
    /// If a body has neither region nor level or both, a region, industry or code that is unknown or stands twice,
    /// two bodies would take the same matter, or none takes everything in the whole country.
    pub fn parse(source: &Source, regions: &Regions, intake: &Intake) -> Result<Self, PolicyError> {
        let file: File = source.parse()?;
        let mut all: Vec<(Range<usize>, Body)> = Vec::new();
        for entry in file.body {
            let span = entry.span();
            let made = entry.into_inner().bodies(regions, intake);
            let made = made.map_err(|reason| source.refuse(&span, reason))?;
            all.extend(made.into_iter().map(|body| (span.clone(), body)));
        }
        let (mut by_code, mut by_region) = (HashMap::new(), HashMap::<RegionCode, Vec<usize>>::new());
        for (i, (span, body)) in all.iter().enumerate() {
            if by_code.insert(body.code.to_string(), i).is_some() {
                return Err(source.refuse(span, format!("{} stands twice", body.code)));
            }
            let there = by_region.entry(body.region).or_default();
            if let Some(other) = there.iter().find(|other| all[**other].1.disputes(body)) {
                let other = &all[*other].1.code;
                return Err(
                    source.refuse(span, format!("{} and {other} would take the same matter", body.code))
                );
            }
            there.push(i);
        }
        let at_the_top = by_region.get(&RegionCode::COUNTRY).into_iter().flatten();
        let Some(root) = at_the_top.copied().find(|i| all[*i].1.rank() == 0) else {
            return Err(
                source.refuse_whole("a body for region 000000 and every industry and kind is missing")
            );
        };
        let all = all.into_iter().map(|(_, body)| body).collect();
        let mut bodies = Self { all, by_code, by_region, root };
        for i in 0..bodies.all.len() {
            bodies.all[i].above = bodies.find_above(i);
        }
        Ok(bodies)
    }

    /// The nearest one above that is for the same industries and kinds, else the nearest for all of them.
    fn find_above(&self, i: usize) -> Option<usize> {
        let body = &self.all[i];
        let above =
            || regions_up(body.region).skip(1).filter_map(|region| self.by_region.get(&region)).flatten();
        let like = above().find(|other| self.all[**other].is_like(body));
        let general = || above().find(|other| self.all[**other].rank() == 0);
        like.or_else(general).copied().or((i != self.root).then_some(self.root))
    }

    /// Who handles a matter: of the bodies in whose region it lies, one for its industry or kind before one for all, then
    /// the narrowest region. There always is one. A region that cannot be read is somewhere in the country.
    pub fn competent(&self, region: &str, industry: &str, kind: MatterKind) -> &Body {
        let region = region.parse().unwrap_or(RegionCode::COUNTRY);
        let there = regions_up(region).filter_map(|region| self.by_region.get(&region)).flatten();
        let taking = there.map(|i| &self.all[*i]).filter(|body| body.takes(industry, kind));
        taking.max_by_key(|body| (body.rank(), body.region.level())).unwrap_or(self.root())
    }

    /// The body above all others.
    pub fn root(&self) -> &Body {
        &self.all[self.root]
    }
    pub fn get(&self, code: &str) -> Option<&Body> {
        self.by_code.get(code).map(|i| &self.all[*i])
    }
    /// By code, or by the region whose general body it is: what an account says.
    pub fn known(&self, text: &str) -> Option<&Body> {
        let in_region = || {
            let there = self.by_region.get(&text.parse().ok()?)?;
            there.iter().map(|i| &self.all[*i]).find(|body| body.rank() == 0)
        };
        self.get(text).or_else(in_region)
    }
    /// The same, or by name in either language: what a person types.
    pub fn find(&self, text: &str) -> Option<&Body> {
        let text = text.trim();
        let named = || self.all.iter().find(|body| body.name.zh == text || body.name.en == text);
        self.known(text).or_else(named)
    }
    /// The bodies above, the nearest first.
    pub fn above(&self, body: &Body) -> impl Iterator<Item = &Body> {
        let next = |body: &&Body| body.above.map(|i| &self.all[i]);
        std::iter::successors(body.above.map(|i| &self.all[i]), next)
    }
    /// Whether `lower` is `upper` or lies below it.
    pub fn covers(&self, upper: &Body, lower: &Body) -> bool {
        upper.code == self.root().code || upper.code == lower.code || self.is_above(upper, lower)
    }
    pub fn is_above(&self, upper: &Body, lower: &Body) -> bool {
        self.above(lower).any(|body| body.code == upper.code)
    }
    pub fn has_below(&self, body: &Body) -> bool {
        self.all.iter().any(|other| other.above.is_some_and(|i| self.all[i].code == body.code))
    }
    pub fn iter(&self) -> impl Iterator<Item = &Body> {
        self.all.iter()
    }
}

/// The region and those it lies in, the narrowest first.
fn regions_up(region: RegionCode) -> impl Iterator<Item = RegionCode> {
    std::iter::successors(Some(region), |code| code.parent())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    body: Vec<Spanned<Entry>>,
}

/// One body, or one in every region of a level.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    code: Code,
    name: Text,
    region: Option<RegionCode>,
    level: Option<RegionLevel>,
    #[serde(default)]
    except: Vec<RegionCode>,
    #[serde(default)]
    industries: BTreeSet<Code>,
    #[serde(default)]
    kinds: BTreeSet<MatterKind>,
}

impl Entry {
    fn bodies(self, regions: &Regions, intake: &Intake) -> Result<Vec<Body>, String> {
        let known = |region: RegionCode| region == RegionCode::COUNTRY || regions.get(region).is_some();
        if let Some(region) = self.except.iter().chain(&self.region).find(|region| !known(**region)) {
            return Err(format!("region {region} is not in regions.csv"));
        }
        let is_industry = |code: &Code| intake.industries.iter().any(|industry| industry.code == *code);
        if let Some(code) = self.industries.iter().find(|code| !is_industry(code)) {
            return Err(format!("{code} is not an industry of intake.toml"));
        }
        match (self.region, self.level) {
            (Some(region), None) if self.except.is_empty() => {
                Ok(vec![self.body(self.code.clone(), self.name.clone(), region)])
            }
            (Some(_), None) => Err("except goes with level".to_owned()),
            (None, Some(RegionLevel::Country)) => Err("the country is region = \"000000\"".to_owned()),
            (None, Some(level)) => self.of_level(level, regions),
            _ => Err("expected either region or level".to_owned()),
        }
    }

    fn of_level(&self, level: RegionLevel, regions: &Regions) -> Result<Vec<Body>, String> {
        if !self.name.zh.contains(PLACEHOLDER) || !self.name.en.contains(PLACEHOLDER) {
            return Err(format!("the name of a body of every region must hold {PLACEHOLDER}"));
        }
        let mut made = Vec::new();
        for region in regions.current().filter(|region| region.code.level() == level) {
            // 北京市 is listed as a province and again as its own city: one body.
            let is_again =
                region.parent.and_then(|parent| regions.get(parent)).is_some_and(|p| p.name == region.name);
            if is_again || self.except.iter().any(|out| out.contains(region.code)) {
                continue;
            }
            let place = regions.path(region.code).concat();
            let name = |words: &str| words.replace(PLACEHOLDER, &place);
            let name = Text::new(name(&self.name.zh), name(&self.name.en)).map_err(|bad| bad.to_string())?;
            let code =
                format!("{}_{}", self.code, region.code).parse::<Code>().map_err(|bad| bad.to_string())?;
            made.push(self.body(code, name, region.code));
        }
        Ok(made)
    }

    fn body(&self, code: Code, name: Text, region: RegionCode) -> Body {
        let (industries, kinds) = (self.industries.clone(), self.kinds.clone());
        Body { code, name, region, industries, kinds, above: None }
    }
}

#[cfg(test)]
#[path = "bodies_tests.rs"]
mod tests;

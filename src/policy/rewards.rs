//! Reward rules as data: which rule holds where, for what and when, and how it counts.
//!
//! A rule file states only what its document says. What it leaves out is taken from the next wider rule in force,
//! down to the national one: a city that only raises the uplift keeps the nation's percentage.

use super::{
    article::Article,
    grades::AccidentGrades,
    money::{Percent, Rounding},
    regions::RegionCode,
    source::{PolicyError, Source},
    text::Text,
    values::Code,
};
use crate::clock::Day;
use serde::{Deserialize, Deserializer, Serialize};
use toml::Spanned;

/// `accident-grades.toml` and every file of `rewards/`.
#[derive(Clone, Debug)]
pub struct RewardRules {
    pub grades: AccidentGrades,
    rules: Vec<Rule>,
    /// The files as read: what a release package carries, so that anyone can compute the award again.
    sources: Vec<(String, String)>,
}

/// One document, in one version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub id: Code,
    /// Raised with every change of the file that changes an amount.
    pub version: u32,
    /// The document's number, or its title and year where it has none.
    pub document: String,
    pub title: Text,
    pub region: RegionCode,
    /// Industries it is limited to; empty means all.
    #[serde(default)]
    pub sectors: Vec<Code>,
    /// First day on which an award may be decided by it.
    #[serde(deserialize_with = "toml_day")]
    pub from: Day,
    /// Last day; none while it holds.
    #[serde(default, deserialize_with = "some_toml_day")]
    pub to: Option<Day>,
    pub rounding: Rounding,
    #[serde(default, rename = "article")]
    pub articles: Vec<Article>,
    /// What people working at the reported place, and their families, get on top.
    #[serde(default)]
    pub insider: Option<Uplift>,
}

/// The insiders' uplift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Uplift {
    pub cite: Text,
    pub rate: Percent,
    pub order: UpliftOrder,
    /// Whom it covers, in words.
    pub covers: Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpliftOrder {
    /// Uplift, then the article's cap.
    BeforeCap,
    /// The article's cap, then the uplift.
    AfterCap,
}

impl Rule {
    /// Whether it may decide an award there, for that sector, on that day.
    pub fn holds(&self, region: RegionCode, sector: Option<&Code>, day: Day) -> bool {
        self.region.contains(region)
            && (self.sectors.is_empty() || sector.is_some_and(|sector| self.sectors.contains(sector)))
            && self.from <= day
            && self.to.is_none_or(|to| day <= to)
    }

    /// Narrow before wide: a region's own rule wins over a wider region's, then a sector's own over the general one.
    fn narrowness(&self) -> (super::regions::RegionLevel, bool) {
        (self.region.level(), !self.sectors.is_empty())
    }

    fn overlaps(&self, other: &Self) -> bool {
        let shares_sector = self.sectors.iter().any(|sector| other.sectors.contains(sector));
        self.region == other.region
            && ((self.sectors.is_empty() && other.sectors.is_empty()) || shares_sector)
            && self.to.is_none_or(|to| other.from <= to)
            && other.to.is_none_or(|to| self.from <= to)
    }
}

impl RewardRules {
    /// The rules of `accident-grades.toml` and `rewards/*.toml`, given as (name, text), in any order.
    ///
    /// # Errors
    /// If a file is refused, an id stands twice, two rules would decide the same award, a sector is not among
    /// `sectors`, or no rule holds for the whole country.
    pub fn parse(sources: Vec<Source>, sectors: &[Code]) -> Result<Self, PolicyError> {
        let mut sources = sources;
        sources.sort_by(|a, b| a.file.cmp(&b.file));
        let (grades, files): (Vec<_>, Vec<_>) = sources.iter().partition(|source| source.file == GRADES_FILE);
        let [grades] = grades.as_slice() else {
            return Err(PolicyError { file: GRADES_FILE.into(), line: 0, reason: "is missing".into() });
        };
        let grades = AccidentGrades::parse(grades)?;
        let mut rules: Vec<Rule> = Vec::new();
        for source in files {
            let rule = check(source, sectors)?;
            for other in &rules {
                if other.id == rule.id {
                    return Err(source.refuse_whole(format!("rule {} stands twice", rule.id)));
                }
                if other.overlaps(&rule) {
                    let reason = format!("holds for the same region, sector and days as rule {}", other.id);
                    return Err(source.refuse_whole(reason));
                }
            }
            rules.push(rule);
        }
        if !rules.iter().any(|rule| rule.region == RegionCode::COUNTRY && rule.sectors.is_empty()) {
            let reason = "no rule holds for the whole country (region 000000)".to_owned();
            return Err(PolicyError { file: REWARDS_FOLDER.into(), line: 0, reason });
        }
        rules.sort_by(|a, b| b.narrowness().cmp(&a.narrowness()).then_with(|| b.from.cmp(&a.from)));
        let sources = sources.into_iter().map(|source| (source.file, source.text)).collect();
        Ok(Self { grades, rules, sources })
    }

    /// No rule at all: whatever the facts, nothing is paid.
    ///
    /// # Errors
    /// If `accident-grades.toml` is refused.
    pub fn none(grades: &Source) -> Result<Self, PolicyError> {
        let sources = vec![(grades.file.clone(), grades.text.clone())];
        Ok(Self { grades: AccidentGrades::parse(grades)?, rules: Vec::new(), sources })
    }

    /// The files as read: name and text.
    pub fn sources(&self) -> &[(String, String)] {
        &self.sources
    }

    /// Each rule with the name of the file it stands in, by that name.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Rule)> {
        self.sources.iter().filter_map(|(file, text)| {
            let read: Rule = toml::from_str(text).ok()?;
            Some((file.as_str(), self.rules.iter().find(|rule| rule.id == read.id)?))
        })
    }

    /// These rules with one file in the place of the one of its name, or beside the others.
    ///
    /// # Errors
    /// As [`RewardRules::parse`].
    pub fn with_file(&self, changed: Source, sectors: &[Code]) -> Result<Self, PolicyError> {
        let kept = self.sources.iter().filter(|(file, _)| *file != changed.file);
        let kept = kept.map(|(file, text)| Source { file: file.clone(), text: text.clone() });
        let mut sources: Vec<Source> = kept.collect();
        sources.push(changed);
        Self::parse(sources, sectors)
    }

    /// All rules, narrow before wide.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The rules in force there and then, narrow before wide.
    pub fn in_force<'a>(
        &'a self,
        region: RegionCode,
        sector: Option<&'a Code>,
        day: Day,
    ) -> impl Iterator<Item = &'a Rule> {
        self.rules.iter().filter(move |rule| rule.holds(region, sector, day))
    }

    /// The rule files as one JSON text: [`RewardRules::from_snapshot`] gives the same rules.
    pub fn snapshot(&self) -> String {
        // Unwrap safety: pairs of strings always have a JSON form.
        serde_json::to_string(&self.sources).unwrap()
    }

    /// As [`RewardRules::snapshot`], of the rules in force there and then alone: what is kept with an award, and
    /// gives the same award again.
    pub fn snapshot_in_force(&self, region: RegionCode, sector: Option<&Code>, day: Day) -> String {
        let holds =
            |text: &str| toml::from_str::<Rule>(text).is_ok_and(|rule| rule.holds(region, sector, day));
        let kept: Vec<_> =
            self.sources.iter().filter(|(file, text)| file == GRADES_FILE || holds(text)).collect();
        // Unwrap safety: pairs of strings always have a JSON form.
        serde_json::to_string(&kept).unwrap()
    }

    /// # Errors
    /// If the text is not a snapshot, or a file in it is refused.
    pub fn from_snapshot(json: &str) -> Result<Self, PolicyError> {
        let files: Vec<(String, String)> = serde_json::from_str(json).map_err(|cause| PolicyError {
            file: "snapshot".into(),
            line: cause.line(),
            reason: cause.to_string(),
        })?;
        let sources: Vec<_> = files.into_iter().map(|(file, text)| Source { file, text }).collect();
        let named = sources.iter().filter(|source| source.file != GRADES_FILE);
        let mut sectors = Vec::new();
        for source in named {
            sectors.extend(source.parse::<Rule>()?.sectors);
        }
        Self::parse(sources, &sectors)
    }
}

/// Where the grades stand, below the policy folder.
pub const GRADES_FILE: &str = "accident-grades.toml";

/// Where the rules stand, below the policy folder.
pub const REWARDS_FOLDER: &str = "rewards";

fn check(source: &Source, sectors: &[Code]) -> Result<Rule, PolicyError> {
    let spans: Spans = source.parse()?;
    let rule: Rule = source.parse()?;
    if rule.to.is_some_and(|to| to < rule.from) {
        return Err(source.refuse(&spans.from.span(), "ends before it begins"));
    }
    if rule.document.trim().is_empty() {
        return Err(source.refuse(&spans.document.span(), "a rule must name its document"));
    }
    if rule.articles.is_empty() && rule.insider.is_none() {
        return Err(source.refuse_whole("a rule needs an article or an insider uplift"));
    }
    if let Some(unknown) = rule.sectors.iter().find(|sector| !sectors.contains(sector)) {
        let span = spans.sectors.as_ref().map_or(0..0, Spanned::span);
        return Err(source.refuse(&span, format!("sector {unknown} is not an industry of intake.toml")));
    }
    for (i, article) in rule.articles.iter().enumerate() {
        if let Some(other) = rule.articles[..i].iter().find(|other| other.collides(article)) {
            let span = spans.article.get(i).map_or(0..0, Spanned::span);
            return Err(source.refuse(&span, format!("counts the same case as {}", other.cite.zh)));
        }
    }
    Ok(rule)
}

/// Where in the file things stand, for refusals that concern more than one value.
#[derive(Deserialize)]
struct Spans {
    #[serde(default)]
    article: Vec<Spanned<toml::Table>>,
    sectors: Option<Spanned<Vec<toml::Value>>>,
    from: Spanned<toml::Value>,
    document: Spanned<toml::Value>,
}

/// A day as TOML writes it (`2024-09-01`), or the same in quotes.
pub fn toml_day<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
    use serde::de::Error;
    let text = match toml::Value::deserialize(from)? {
        toml::Value::String(text) => text,
        toml::Value::Datetime(day) => day.to_string(),
        other => return Err(D::Error::custom(format!("expected a day such as 2024-09-01, found {other}"))),
    };
    match text.parse::<Day>() {
        Ok(day) if text.len() == 10 => Ok(day),
        _ => Err(D::Error::custom(format!("expected a day such as 2024-09-01, found {text}"))),
    }
}

fn some_toml_day<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
    toml_day(from).map(Some)
}

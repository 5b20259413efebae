//! Reward rules as data: which rule holds where, for what and when, and how it counts.
//!
//! A rule file states only what its document says. What it leaves out is taken from the next wider rule in force,
//! down to the national one: a city that only raises the uplift keeps the nation's percentage.

use super::{
    money::{Fen, Percent, Rounding, Yuan},
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

/// One article: what it applies to, and exactly one way to count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedArticle")]
pub struct Article {
    /// Where it stands in the document.
    pub cite: Text,
    pub kinds: Vec<RewardKind>,
    /// Only major or only general hazards and violations; none means both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Only cases in which a penalty case was (or was not) filed; none means both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed: Option<bool>,
    /// Only reports of this class, where the document has classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<u8>,
    #[serde(flatten)]
    pub formula: Formula,
}

/// The kinds of matter a reward is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardKind {
    Hazard,
    Violation,
    ConcealedAccident,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Major,
    General,
}

/// How an article counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Formula {
    /// A share of the penalty, within a floor and a cap.
    Percent(PercentFormula),
    /// A tariff by the accident's final grade for each verified concealed death, up to a cap.
    PerDeath(PerDeathFormula),
    /// Anything from low to high.
    Band(BandFormula),
    /// One sum.
    Fixed(FixedFormula),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PercentFormula {
    pub rate: Percent,
    /// Whether confiscated gains count towards the penalty. Fines, on units and on persons, always do.
    pub confiscated: bool,
    pub floor_yuan: Yuan,
    pub cap_yuan: Yuan,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PerDeathFormula {
    pub ordinary_yuan: Yuan,
    pub larger_yuan: Yuan,
    pub major_yuan: Yuan,
    pub extraordinary_yuan: Yuan,
    pub cap_yuan: Yuan,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandFormula {
    pub low_yuan: Yuan,
    pub high_yuan: Yuan,
    /// What is proposed without a person's reason for more.
    pub proposed: Proposed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proposed {
    /// The low end; a person may go up to the high end.
    Low,
    /// Nothing: a person sets it.
    Nothing,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FixedFormula {
    pub amount_yuan: Yuan,
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

/// The grades of an accident; any one criterion is enough, and the highest grade met counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccidentGrades {
    pub document: String,
    pub cite: Text,
    pub ordinary: OrdinaryGrade,
    pub larger: Threshold,
    pub major: Threshold,
    pub extraordinary: Threshold,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrdinaryGrade {
    pub name: Text,
}

/// Met from these figures upwards, the figure itself included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Threshold {
    pub name: Text,
    pub deaths: u32,
    pub injuries: u32,
    pub loss_yuan: Yuan,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grade {
    Ordinary,
    Larger,
    Major,
    Extraordinary,
}

impl AccidentGrades {
    /// # Errors
    /// If a threshold is not above the one below it in every figure.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let grades: Self = source.parse()?;
        let rising = |a: &Threshold, b: &Threshold| {
            a.deaths < b.deaths && a.injuries < b.injuries && a.loss_yuan < b.loss_yuan
        };
        for (name, low, high) in [
            ("major", &grades.larger, &grades.major),
            ("extraordinary", &grades.major, &grades.extraordinary),
        ] {
            if !rising(low, high) {
                let at = source.text.find(&format!("[{name}]")).unwrap_or(0);
                return Err(
                    source.refuse(&(at..at), format!("{name}: every figure must be above the grade below"))
                );
            }
        }
        Ok(grades)
    }

    /// The highest grade any of the figures reaches. `injuries` are serious ones.
    pub fn grade(&self, deaths: u32, injuries: u32, loss: Fen) -> Grade {
        let reaches = |threshold: &Threshold| {
            deaths >= threshold.deaths || injuries >= threshold.injuries || loss >= threshold.loss_yuan.fen()
        };
        if reaches(&self.extraordinary) {
            Grade::Extraordinary
        } else if reaches(&self.major) {
            Grade::Major
        } else if reaches(&self.larger) {
            Grade::Larger
        } else {
            Grade::Ordinary
        }
    }

    pub fn name(&self, grade: Grade) -> &Text {
        match grade {
            Grade::Ordinary => &self.ordinary.name,
            Grade::Larger => &self.larger.name,
            Grade::Major => &self.major.name,
            Grade::Extraordinary => &self.extraordinary.name,
        }
    }
}

impl PerDeathFormula {
    pub fn tariff(&self, grade: Grade) -> Fen {
        match grade {
            Grade::Ordinary => self.ordinary_yuan.fen(),
            Grade::Larger => self.larger_yuan.fen(),
            Grade::Major => self.major_yuan.fen(),
            Grade::Extraordinary => self.extraordinary_yuan.fen(),
        }
    }
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

impl Article {
    /// Whether both could count one case.
    fn collides(&self, other: &Self) -> bool {
        fn meet<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
            match (a, b) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            }
        }
        self.kinds.iter().any(|kind| other.kinds.contains(kind))
            && meet(self.severity, other.severity)
            && meet(self.filed, other.filed)
            && meet(self.class, other.class)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedArticle {
    cite: Text,
    kinds: Vec<RewardKind>,
    severity: Option<Severity>,
    filed: Option<bool>,
    class: Option<u8>,
    percent: Option<PercentFormula>,
    per_death: Option<PerDeathFormula>,
    band: Option<BandFormula>,
    fixed: Option<FixedFormula>,
}

/// Why an article was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadArticle {
    #[error("an article needs exactly one of percent, per_death, band and fixed")]
    NotOneFormula,
    #[error("an article needs at least one kind, each once")]
    Kinds,
    #[error("deaths are counted for concealed accidents only, and nothing else is counted for them")]
    DeathsForOther,
    #[error("a floor must not be above its cap, nor a low end above its high end, and a cap not be 0")]
    Bounds,
}

impl TryFrom<UncheckedArticle> for Article {
    type Error = BadArticle;
    fn try_from(raw: UncheckedArticle) -> Result<Self, BadArticle> {
        let formula = match (raw.percent, raw.per_death, raw.band, raw.fixed) {
            (Some(f), None, None, None) => Formula::Percent(f),
            (None, Some(f), None, None) => Formula::PerDeath(f),
            (None, None, Some(f), None) => Formula::Band(f),
            (None, None, None, Some(f)) => Formula::Fixed(f),
            _ => return Err(BadArticle::NotOneFormula),
        };
        let mut kinds = raw.kinds.clone();
        kinds.sort();
        kinds.dedup();
        if kinds.is_empty() || kinds.len() != raw.kinds.len() {
            return Err(BadArticle::Kinds);
        }
        let accidents = kinds.iter().filter(|kind| **kind == RewardKind::ConcealedAccident).count();
        match &formula {
            Formula::PerDeath(_) if accidents != kinds.len() => return Err(BadArticle::DeathsForOther),
            Formula::Percent(_) if accidents > 0 => return Err(BadArticle::DeathsForOther),
            _ => {}
        }
        let nothing = Fen(0);
        let sound = match &formula {
            Formula::Percent(f) => f.floor_yuan <= f.cap_yuan && f.cap_yuan.fen() > nothing,
            Formula::PerDeath(f) => f.cap_yuan.fen() > nothing,
            Formula::Band(f) => f.low_yuan <= f.high_yuan && f.high_yuan.fen() > nothing,
            Formula::Fixed(f) => f.amount_yuan.fen() > nothing,
        };
        if !sound {
            return Err(BadArticle::Bounds);
        }
        Ok(Self {
            cite: raw.cite,
            kinds,
            severity: raw.severity,
            filed: raw.filed,
            class: raw.class,
            formula,
        })
    }
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

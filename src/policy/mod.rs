//! The rules, parsed once from the policy folder into values that cannot be wrong. A file with anything unknown,
//! missing or out of range is refused with its name, line and reason, and nothing starts.

mod article;
mod bodies;
mod deadlines;
mod evidence;
mod figures;
/// Checks of identifiers by their form.
pub mod formats;
mod grades;
mod intake;
mod money;
mod quorum;
mod regions;
mod repeats;
mod retention;
mod rewards;
mod roles;
mod source;
mod text;
mod values;
mod working_days;

pub use article::{
    Article, BadArticle, BandFormula, FixedFormula, Formula, PerDeathFormula, PercentFormula, Proposed,
    RewardKind, Severity,
};
pub use bodies::{Bodies, Body};
pub use deadlines::{Bands, Deadlines, LONGEST_APPROVAL, Level, Reminders};
pub use evidence::{CopyLimits, EvidenceRules};
pub use figures::FigureRules;
pub use grades::{AccidentGrades, Grade, OrdinaryGrade, Threshold};
pub use intake::{
    Attachments, Channel, Fields, FileClass, FileType, Ground, Industry, Intake, Kind, MatterKind, Notice,
    OutOfScope, Service,
};
pub use money::{Fen, Percent, Rounding, RoundingMode, RoundingUnit, Yuan, parse_yuan};
pub use quorum::{Approvers, BadQuorum, Quorum, Trustees};
pub use regions::{BadRegionCode, Region, RegionCode, RegionLevel, Regions};
pub use repeats::RepeatRules;
pub use retention::Retention;
pub use rewards::{RewardRules, Rule, Uplift, UpliftOrder, toml_day};
pub use roles::{ActsApart, Permission, Role, RoleEntry, Roles, Sessions};
pub use source::{PolicyError, Source};
pub use text::{BadText, Lang, Text};
pub use values::{BadValue, Code, Days, Length, LengthProblem, MOST_MONTHS, Months, Period};
pub use working_days::WorkingDays;

use std::{fs, path::Path, sync::Arc};

/// Everything in the policy folder. Shared as `Arc<Policy>`; a change needs a restart.
#[derive(Debug)]
pub struct Policy {
    pub intake: Intake,
    pub rewards: RewardRules,
    pub deadlines: Deadlines,
    pub retention: Retention,
    pub roles: Roles,
    pub quorum: Quorum,
    pub regions: Regions,
    /// Shared with the rules of every move.
    pub bodies: Arc<Bodies>,
    pub figures: FigureRules,
    pub repeats: RepeatRules,
    pub evidence: EvidenceRules,
}

impl Policy {
    /// Reads the whole folder.
    ///
    /// # Errors
    /// The first file that is refused, with line and reason.
    pub fn load(dir: &Path) -> Result<Self, PolicyError> {
        let read = |file: &str| Source::read(dir, file);
        let intake = Intake::parse(&read("intake.toml")?)?;
        let regions = Regions::parse(&read("regions.csv")?)?;
        let sectors = intake.sectors();
        let mut sources = vec![read(rewards::GRADES_FILE)?];
        let rewards = if intake.service.rewards {
            for file in reward_files(dir)? {
                sources.push(read(&file)?);
            }
            RewardRules::parse(sources, &sectors)?
        } else {
            no_reward_files(dir)?;
            RewardRules::none(&sources[0])?
        };
        check_regions(&rewards, &regions)?;
        Ok(Self {
            bodies: Arc::new(Bodies::parse(&read("bodies.toml")?, &regions, &intake)?),
            intake,
            rewards,
            deadlines: Deadlines::parse(&read("deadlines.toml")?)?,
            retention: Retention::parse(&read("retention.toml")?)?,
            roles: Roles::parse(&read("roles.toml")?)?,
            quorum: Quorum::parse(&read("quorum.toml")?)?,
            repeats: RepeatRules::parse(&read("repeats.toml")?)?,
            evidence: EvidenceRules::parse(&read("evidence.toml")?)?,
            figures: FigureRules::parse(&read("figures.toml")?, &regions)?,
            regions,
        })
    }

    /// The reward rules as they would be with this file, before anybody puts it into the folder.
    ///
    /// # Errors
    /// As [`Policy::load`]; also where nothing is paid at all, or the name is none of a rule file.
    pub fn rewards_with(&self, changed: Source) -> Result<RewardRules, PolicyError> {
        let name = changed.file.strip_prefix(rewards::REWARDS_FOLDER).and_then(|rest| rest.strip_prefix('/'));
        let name = name.and_then(|name| name.strip_suffix(".toml"));
        let is_name = |name: &str| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if changed.file != rewards::GRADES_FILE && !name.is_some_and(is_name) {
            let reason = "a rule file is rewards/NAME.toml or accident-grades.toml".to_owned();
            return Err(PolicyError { file: changed.file, line: 0, reason });
        }
        if !self.intake.service.rewards {
            let reason = "intake.toml says rewards = false".to_owned();
            return Err(PolicyError { file: changed.file, line: 0, reason });
        }
        let rewards = self.rewards.with_file(changed, &self.intake.sectors())?;
        check_regions(&rewards, &self.regions)?;
        Ok(rewards)
    }
}

fn check_regions(rewards: &RewardRules, regions: &Regions) -> Result<(), PolicyError> {
    let unknown = |rule: &&Rule| rule.region != RegionCode::COUNTRY && regions.get(rule.region).is_none();
    match rewards.rules().iter().find(unknown) {
        Some(rule) => {
            let reason = format!("rule {}: region {} is not in regions.csv", rule.id, rule.region);
            Err(PolicyError { file: rewards::REWARDS_FOLDER.into(), line: 0, reason })
        }
        None => Ok(()),
    }
}

/// The names of `rewards/*.toml`, sorted. Anything else in that folder is refused: a rule must not be lost to a typo.
fn reward_files(dir: &Path) -> Result<Vec<String>, PolicyError> {
    let folder = rewards::REWARDS_FOLDER;
    let refuse = |file: &str, reason: String| PolicyError { file: file.to_owned(), line: 0, reason };
    let entries =
        fs::read_dir(dir.join(folder)).map_err(|cause| refuse(folder, format!("cannot be read: {cause}")))?;
    let mut files = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|cause| refuse(folder, cause.to_string()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.ends_with(".toml") {
            return Err(refuse(&format!("{folder}/{name}"), "only .toml files belong here".to_owned()));
        }
        files.push(format!("{folder}/{name}"));
    }
    files.sort();
    Ok(files)
}

/// Where nothing is paid no rule may stand that somebody could believe in.
fn no_reward_files(dir: &Path) -> Result<(), PolicyError> {
    let file = rewards::REWARDS_FOLDER;
    if fs::exists(dir.join(file)).unwrap_or(true) {
        let reason = "intake.toml says rewards = false: this folder must not be there".to_owned();
        return Err(PolicyError { file: file.into(), line: 0, reason });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_we_ship_is_sound() {
        let policy = Policy::load(Path::new("policy")).unwrap();
        assert_eq!(policy.intake.industries.len(), 16);
        assert_eq!(policy.intake.out_of_scope.len(), 10);
        assert_eq!(policy.quorum.trustees.threshold(), 2);
        assert!(policy.roles.conflict(&[Role::Trustee, Role::RewardOfficer]).is_some());
        let again = RewardRules::from_snapshot(&policy.rewards.snapshot()).unwrap();
        assert_eq!(again.rules(), policy.rewards.rules());
        assert_eq!(again.grades, policy.rewards.grades);
    }
}

//! `mifeng award explain CASE.toml`: what the rules make of a case, as JSON, with every step.

use super::Outcome;
use crate::{
    award::{
        compute::decide,
        decision::{Amount, Decision, Facts},
    },
    clock::Day,
    policy::{Code, Fen, Policy, PolicyError, RegionCode, RewardKind, Severity, Source, toml_day},
};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Compute one award from a file and print it with every step, as JSON
    Explain {
        /// The case: region, decided, kind, and the figures verified (keys in policy/README.md)
        case: PathBuf,
        /// The folder with the rules
        #[arg(long, value_name = "DIR", default_value = "policy")]
        policy: PathBuf,
    },
}

/// Ends well whatever the decision.
///
/// # Errors
/// If the case file or a rule file is refused.
pub fn run(command: Command) -> Outcome {
    let Command::Explain { case, policy } = command;
    println!("{:#}", explain(&case, &policy)?);
    Ok(())
}

fn explain(case: &Path, policy: &Path) -> Result<Value, PolicyError> {
    let policy = Policy::load(policy)?;
    let name = case.display().to_string();
    let text = std::fs::read_to_string(case).map_err(|cause| PolicyError {
        file: name.clone(),
        line: 0,
        reason: format!("cannot be read: {cause}"),
    })?;
    let facts = facts(&Source { file: name, text }, &policy)?;
    Ok(shown(&decide(&policy.rewards, &facts)))
}

/// A case file. Figures left out are none; `first_accepted` and `real_name` left out are taken as given.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CaseFile {
    #[serde(deserialize_with = "region")]
    region: toml::Spanned<RegionCode>,
    sector: Option<toml::Spanned<String>>,
    #[serde(deserialize_with = "toml_day")]
    decided: Day,
    #[serde(deserialize_with = "kinds")]
    kind: BTreeSet<RewardKind>,
    severity: Option<Severity>,
    class: Option<u8>,
    filed: Option<bool>,
    #[serde(default)]
    fines_fen: Vec<Fen>,
    #[serde(default)]
    confiscated_fen: Fen,
    #[serde(default)]
    deaths_verified: u32,
    deaths_total: Option<u32>,
    #[serde(default)]
    injuries_verified: u32,
    #[serde(default)]
    loss_fen: Fen,
    #[serde(default)]
    insider: bool,
    #[serde(default = "yes")]
    first_accepted: bool,
    #[serde(default = "yes")]
    real_name: bool,
    #[serde(default)]
    already_known: bool,
    #[serde(default)]
    earlier_award: bool,
}

/// The facts of a case file.
///
/// # Errors
/// If a key is unknown or out of range, or the region or sector is not in the policy.
pub fn facts(source: &Source, policy: &Policy) -> Result<Facts, PolicyError> {
    let case: CaseFile = source.parse()?;
    let region = *case.region.get_ref();
    if region != RegionCode::COUNTRY && policy.regions.get(region).is_none() {
        return Err(source.refuse(&case.region.span(), format!("region {region} is not in regions.csv")));
    }
    let sector = match &case.sector {
        None => None,
        Some(written) => Some(sector(written.get_ref(), policy).ok_or_else(|| {
            let known: Vec<&str> =
                policy.intake.industries.iter().map(|industry| industry.code.as_str()).collect();
            let reason = format!("sector {:?} is not one of {}", written.get_ref(), known.join(", "));
            source.refuse(&written.span(), reason)
        })?),
    };
    let penalty = case.fines_fen.iter().any(|fine| fine.0 > 0) || case.confiscated_fen.0 > 0;
    Ok(Facts {
        region,
        sector,
        decided: case.decided,
        kinds: case.kind,
        severity: case.severity.unwrap_or(Severity::Major),
        class: case.class,
        filed: case.filed.unwrap_or(penalty),
        fines_fen: case.fines_fen,
        confiscated_fen: case.confiscated_fen,
        deaths_verified: case.deaths_verified,
        deaths_total: case.deaths_total.unwrap_or(case.deaths_verified),
        injuries_verified: case.injuries_verified,
        loss_fen: case.loss_fen,
        first_accepted: case.first_accepted,
        already_known: case.already_known,
        earlier_award: case.earlier_award,
        insider: Some(case.insider),
        real_name: Some(case.real_name),
    })
}

/// By code, another code it goes by, or its Chinese name.
fn sector(written: &str, policy: &Policy) -> Option<Code> {
    let code = written.trim().to_ascii_lowercase().replace(['-', ' '], "_");
    let by_name = || policy.intake.industries.iter().find(|industry| industry.name.zh == written.trim());
    policy.intake.industry(&code).or_else(by_name).map(|industry| industry.code.clone())
}

fn shown(decision: &Decision) -> Value {
    match decision {
        Decision::Amount(amount) => shown_amount(amount),
        Decision::Refused { reason } => {
            json!({ "refused": { "reason": reason, "text": reason.text() }, "rule": null, "steps": [] })
        }
        Decision::Manual { reason, rule, steps, options } => {
            let options: Vec<Value> = options.iter().map(shown_amount).collect();
            json!({
                "manual": { "reason": reason, "text": reason.text(), "options": options },
                "rule": rule,
                "steps": steps,
            })
        }
    }
}

fn shown_amount(amount: &Amount) -> Value {
    json!({
        "amount_fen": amount.fen,
        "base_fen": amount.base_fen,
        "uplift_fen": amount.uplift.as_ref().map_or(Fen(0), |part| part.fen),
        "uplift": amount.uplift,
        "up_to_fen": amount.up_to_fen,
        "monthly_cap_fen": amount.monthly_cap_fen,
        "rule": amount.rule,
        "steps": amount.steps,
        "rule_and_inputs_hash": hex::encode(amount.rule_and_inputs_hash()),
    })
}

fn yes() -> bool {
    true
}

/// `430182` or `"430182"`.
fn region<'de, D: Deserializer<'de>>(from: D) -> Result<toml::Spanned<RegionCode>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a region code of six digits")]
    enum Written {
        Number(u32),
        Text(String),
    }
    let written = toml::Spanned::<Written>::deserialize(from)?;
    let code = match written.get_ref() {
        Written::Number(code) => format!("{code:06}"),
        Written::Text(code) => code.clone(),
    };
    let span = written.span();
    Ok(toml::Spanned::new(span, code.parse().map_err(serde::de::Error::custom)?))
}

/// One kind or a list of kinds.
fn kinds<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeSet<RewardKind>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected hazard, violation or concealed_accident, or a list of them")]
    enum Written {
        One(RewardKind),
        Several(BTreeSet<RewardKind>),
    }
    Ok(match Written::deserialize(from)? {
        Written::One(kind) => BTreeSet::from([kind]),
        Written::Several(kinds) => kinds,
    })
}

//! The key ceremony of docs/operations.md, played by one process: all holders' keys on one disk, which no
//! real installation may have. The instance is called `demo`, and a production server refuses that.

use super::{
    super::{
        keyfile::{HolderKey, save_public},
        keys,
        pins::State,
    },
    staff::Member,
};
use crate::{
    config::file,
    ids::Instance,
    recipients::{Approver, Office, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const TRUSTEES: usize = 3;
const THRESHOLD: usize = 2;

/// Where the key files lie.
#[derive(Serialize, Deserialize)]
pub struct KeyFiles {
    pub office: PathBuf,
    pub office_recovery: PathBuf,
    pub trustees: Vec<PathBuf>,
    /// What each holder's tool remembers, with the set and the log pinned already.
    pub office_state: PathBuf,
    pub trustee_states: Vec<PathBuf>,
    pub recipient_set: PathBuf,
    pub approvers: PathBuf,
    /// The server's own folder.
    pub server: PathBuf,
}

/// Makes every key and signs the set and the roster.
pub fn make(folder: &Path, server: &Path, staff: &[Member]) -> Result<KeyFiles, Box<dyn std::error::Error>> {
    let rng = &mut rand::rng();
    let holders = std::path::absolute(folder)?.join("holders");
    keys::private_folder(&holders)?;
    let server = std::path::absolute(server)?;
    keys::init(&server)?;

    let office = HolderKey::generate(rng);
    let mut recovery = HolderKey::generate(rng);
    recovery.signing = SigningKey::from_seed(*office.signing.seed());
    let trustees: Vec<HolderKey> = (0..TRUSTEES).map(|_| HolderKey::generate(rng)).collect();

    let files = KeyFiles {
        office: holders.join("office.key"),
        office_recovery: holders.join("office-recovery.key"),
        trustees: (1..=TRUSTEES).map(|i| holders.join(format!("trustee-{i}.key"))).collect(),
        office_state: holders.join("office-state"),
        trustee_states: (1..=TRUSTEES).map(|i| holders.join(format!("trustee-{i}-state"))).collect(),
        recipient_set: server.join(file::SET),
        approvers: server.join(file::ROSTER),
        server: server.clone(),
    };
    office.save(&files.office, "the demo's reward office")?;
    recovery.save(&files.office_recovery, "the demo's reward office, recovery")?;
    for (i, (key, path)) in trustees.iter().zip(&files.trustees).enumerate() {
        key.save(path, &trustee_name(i))?;
    }

    let instance = Instance("demo".into());
    let public_office =
        Office { working: office.recipient(), recovery: recovery.recipient(), verify: office.verify_key() };
    let public_trustee = |(i, key): (usize, &HolderKey)| Trustee {
        name: trustee_name(i),
        recipient: key.recipient(),
        verify: key.verify_key(),
    };
    let trustees_public = trustees.iter().enumerate().map(public_trustee).collect();
    let mut set = UntrustedSet::draft(&instance, 1, public_office, trustees_public, THRESHOLD)?;
    set.sign("office", &office.signing);
    for (i, key) in trustees.iter().enumerate() {
        set.sign(&format!("trustee-{}", i + 1), &key.signing);
    }
    save_public(&files.recipient_set, serde_json::to_string_pretty(&set)?.as_bytes())?;
    save_public(&server.join(file::PIN), format!("{}\n", set.fingerprint()).as_bytes())?;

    let approver = |member: &Member| {
        Some(Approver { staff: member.id(), verify: member.signing.as_ref()?.verify_key() })
    };
    let approvers = staff.iter().filter_map(approver).collect();
    let roster = UntrustedRoster::signed(&instance, 1, approvers, &office.signing);
    save_public(&files.approvers, serde_json::to_string_pretty(&roster)?.as_bytes())?;

    let log_seed = SigningKey::parse(&std::fs::read_to_string(server.join(file::LOG))?)?;
    let log = keys::log_key(&instance, &log_seed)?;
    save_public(&server.join(file::LOG_VKEY), format!("{log}\n").as_bytes())?;
    State::pin(&files.office_state, &files.recipient_set, &set.fingerprint(), None)?;
    for state in &files.trustee_states {
        State::pin(state, &files.recipient_set, &set.fingerprint(), Some(log.clone()))?;
    }
    Ok(files)
}

fn trustee_name(i: usize) -> String {
    format!("Trustee {} 保管人{}", i + 1, ["甲", "乙", "丙"][i % TRUSTEES])
}

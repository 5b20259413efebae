//! `mifeng keys …`: each holder makes their own key on their own machine; only public halves travel.
//!
//! ```text
//! server    mifeng keys init --keys KEYS
//! office    mifeng keys office --out DIR                        → office.key, office-recovery.key, office.public.json
//! trustee   mifeng keys trustee --name NAME --out DIR           → trustee.key, trustee.public.json
//! anyone    mifeng keys set draft --instance … --threshold 2 --office … --trustee … --out SET
//! each      mifeng keys set sign --key FILE SET                 (n + 1 times, the file passed round)
//! later     mifeng keys set succeed OLD --out SET …             (then signed and pinned as the first; old holders sign, too)
//! anyone    mifeng keys set show SET                            → the fingerprint, read out by every holder
//! server    mifeng keys set pin --fingerprint … --keys KEYS SET
//! office    mifeng keys roster --key office.key --set SET --approvers LIST --out approvers.json
//! ```

/// What must hold before anything is written over, or put back.
pub(super) mod alone;
mod log;
mod reshare;
mod root;
mod set;

use super::{
    Outcome,
    keyfile::{HolderKey, save_public, save_secret},
};
use crate::{
    config::file,
    ids::Instance,
    log::checkpoint::{LogKey, Origin},
    recipients::{Approver, Fingerprint, Office, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
    store::at_rest::RootKeys,
};
use clap::Subcommand;
use serde::Serialize;
use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

#[derive(Subcommand)]
pub enum Command {
    /// On the server: draw the root key and the log key
    Init {
        /// Key folder to fill; made if it is not there. Without it the one MIFENG_KEYS names, or `keys`
        #[arg(long)]
        keys: Option<PathBuf>,
    },
    /// At the reward office, offline: make its working key and its recovery key
    Office {
        /// Folder for the key files
        #[arg(long)]
        out: PathBuf,
    },
    /// On a trustee's own machine: make their key
    Trustee {
        /// As shown in the recipient set
        #[arg(long)]
        name: String,
        /// Folder for the key file
        #[arg(long)]
        out: PathBuf,
    },
    /// Draft, sign, show and pin the recipient set
    #[command(subcommand)]
    Set(set::Command),
    /// With the server stopped: let the old trustees split their shares again for those of the set in force
    #[command(subcommand)]
    Reshare(reshare::Command),
    /// With the server stopped: change the key that everything at rest lies under
    #[command(subcommand)]
    Root(root::Command),
    /// With the server stopped: change the key that signs the log
    #[command(subcommand)]
    Log(log::Command),
    /// At the reward office: sign the list of approvers' keys
    Roster {
        /// The office's key file
        #[arg(long)]
        key: PathBuf,
        /// The recipient set in force
        #[arg(long)]
        set: PathBuf,
        /// Higher than the last roster's; the first is 1
        #[arg(long)]
        number: u32,
        /// JSON list of { "staff": log-in name, "verify": key }, as the console shows it
        #[arg(long)]
        approvers: PathBuf,
        #[arg(long, default_value = file::ROSTER)]
        out: PathBuf,
    },
    /// On the server: show what may be shown of a key folder
    Show {
        /// Without it the folder MIFENG_KEYS names, or `keys`
        #[arg(long)]
        keys: Option<PathBuf>,
    },
}

pub fn run(command: Command) -> Outcome {
    match command {
        Command::Init { keys } => {
            let keys = key_folder(keys);
            init(&keys)?;
            println!(
                "{}: root key and log key made. Back this folder up apart from the data.",
                keys.display()
            );
            Ok(())
        }
        Command::Office { out } => office(&out),
        Command::Trustee { name, out } => trustee(&name, &out),
        Command::Set(command) => set::run(command),
        Command::Reshare(command) => reshare::run(command),
        Command::Log(command) => log::run(command),
        Command::Root(command) => root::run(command),
        Command::Roster { key, set, number, approvers, out } => roster(&key, &set, number, &approvers, &out),
        Command::Show { keys } => show(&key_folder(keys)),
    }
}

/// As named, or as the server would find it.
fn key_folder(named: Option<PathBuf>) -> PathBuf {
    named.unwrap_or_else(|| std::env::var_os("MIFENG_KEYS").map_or_else(|| "keys".into(), PathBuf::from))
}

/// Draws the server's own keys into a folder.
///
/// # Errors
/// If one of them is there: the other beside it would be a stranger's to the store.
pub fn init(keys: &Path) -> Outcome {
    if let Some(there) = [file::ROOT, file::LOG].map(|name| keys.join(name)).iter().find(|path| path.exists())
    {
        return Err(format!(
            "{} is there already, and nothing was made: `mifeng keys init` is for a new service only. If another key of this folder is missing, put the folder back from its backup",
            there.display()
        )
        .into());
    }
    private_folder(keys)?;
    private_folder(&keys.join(file::RETENTION))?;
    let rng = &mut rand::rng();
    save_secret(&keys.join(file::ROOT), RootKeys::draw_file(rng).as_bytes())?;
    let log = SigningKey::generate(rng);
    save_secret(&keys.join(file::LOG), format!("{}\n", *log.to_text()).as_bytes())?;
    Ok(())
}

/// Both files carry the one signing key: losing either file loses nothing.
fn office(out: &Path) -> Outcome {
    private_folder(out)?;
    let rng = &mut rand::rng();
    let working = HolderKey::generate(rng);
    let mut recovery = HolderKey::generate(rng);
    recovery.signing = SigningKey::from_seed(*working.signing.seed());
    working.save(&out.join("office.key"), "the reward office")?;
    recovery.save(&out.join("office-recovery.key"), "the reward office, recovery; lock it in a safe")?;
    let public =
        Office { working: working.recipient(), recovery: recovery.recipient(), verify: working.verify_key() };
    save_json(&out.join("office.public.json"), &public)?;
    println!("{}: put office-recovery.key in a safe; hand over office.public.json only.", out.display());
    Ok(())
}

fn trustee(name: &str, out: &Path) -> Outcome {
    private_folder(out)?;
    let key = HolderKey::generate(&mut rand::rng());
    key.save(&out.join("trustee.key"), name)?;
    let public = Trustee { name: name.into(), recipient: key.recipient(), verify: key.verify_key() };
    save_json(&out.join("trustee.public.json"), &public)?;
    println!("{}: keep trustee.key; hand over trustee.public.json only.", out.display());
    Ok(())
}

fn roster(key: &Path, set: &Path, number: u32, approvers: &Path, out: &Path) -> Outcome {
    let key = HolderKey::load(key)?;
    let set_file = UntrustedSet::parse(&read(set)?)?;
    let checked = set_file.pinned(&set_file.fingerprint())?;
    let approvers: Vec<Approver> =
        serde_json::from_str(&read(approvers)?).map_err(|e| format!("{}: {e}", approvers.display()))?;
    let roster = UntrustedRoster::signed(checked.instance(), number, approvers, &key.signing);
    // Refuses another office's key and a person or key named twice before the file leaves this machine.
    roster.trusted(&checked)?;
    for approver in &roster.approvers {
        println!("{}  {}", approver.verify, approver.staff);
    }
    if out.exists() {
        return Err(format!(
            "{} is there already: name another file with --out, and put it into the server's key folder as {} in the place of the old one",
            out.display(),
            file::ROSTER
        )
        .into());
    }
    save_json(out, &roster)?;
    println!("{}: put it into the server's key folder as {} and restart.", out.display(), file::ROSTER);
    Ok(())
}

fn show(keys: &Path) -> Outcome {
    let root = zeroize::Zeroizing::new(read(&keys.join(file::ROOT))?);
    for (i, id) in RootKeys::parse(&root)?.ids().iter().enumerate() {
        println!("root key        {} ({})", hex::encode(id.0), if i == 0 { "writes" } else { "reads" });
    }
    let set = UntrustedSet::parse(&read(&keys.join(file::SET))?)?;
    let pin: Fingerprint = read(&keys.join(file::PIN))?.parse()?;
    let set = set.pinned(&pin)?;
    println!("instance        {}", set.instance().0);
    println!("recipient set   {} ({} of {} trustees)", set.number(), set.threshold(), set.trustees().len());
    println!("fingerprint     {}", set.fingerprint());
    let log = SigningKey::parse(&zeroize::Zeroizing::new(read(&keys.join(file::LOG))?))?;
    println!("log key         {}", log_key(set.instance(), &log)?);
    Ok(())
}

/// The log's public key under its name, `<instance>/log`: what everyone who checks the log pins.
pub fn log_key(instance: &Instance, key: &SigningKey) -> Result<LogKey, Box<dyn std::error::Error>> {
    let origin: Origin = format!("{}/log", instance.0).parse()?;
    Ok(LogKey::new(origin, key.verify_key()))
}

/// Makes a folder, and those above it, that only this user may enter.
pub fn private_folder(folder: &Path) -> Outcome {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|e| format!("{}: {e}", folder.display()).into())
}

fn save_json(path: &Path, value: &impl Serialize) -> Outcome {
    Ok(save_public(path, format!("{}\n", serde_json::to_string_pretty(value)?).as_bytes())?)
}

fn read(path: &Path) -> Result<String, Box<dyn std::error::Error>> {
    std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()).into())
}

//! `mifeng keys set …`: the recipient set, drafted by anyone, signed by every holder, pinned by its fingerprint.

use super::{
    super::{
        Outcome,
        keyfile::{HolderKey, save_public},
    },
    log::replace,
    log_key, read, save_json,
};
use crate::{
    config::file,
    ids::Instance,
    recipients::{
        Fingerprint, Office, RecipientSet, SET_DOMAIN, Succession, Trustee, UntrustedSet, few_to_spare,
    },
    signing::{SigningKey, VerifyKey},
};
use clap::Subcommand;
use serde::{Deserialize, de::DeserializeOwned};
use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

#[derive(Subcommand)]
pub enum Command {
    /// Put the public halves together; holds no signature yet
    Draft {
        /// Name of this deployment, of the form of an address, e.g. jubao.example.gov.cn
        #[arg(long)]
        instance: String,
        /// 1 for the first set, one more for each later one
        #[arg(long, default_value_t = 1)]
        number: u32,
        /// How many trustees must act together (at least 2; n ≥ t + 2 is advised)
        #[arg(long, default_value_t = 2)]
        threshold: usize,
        /// office.public.json
        #[arg(long)]
        office: PathBuf,
        /// trustee.public.json, once a trustee; the order is kept
        #[arg(long = "trustee", required = true)]
        trustees: Vec<PathBuf>,
        #[arg(long, default_value = file::SET)]
        out: PathBuf,
    },
    /// Draft the set that follows another: whoever is not named stays in their place
    Succeed {
        /// The set in force
        old: PathBuf,
        /// The office's new office.public.json
        #[arg(long)]
        office: Option<PathBuf>,
        /// Name of a trustee who leaves: revoked, or their key lost; once a trustee
        #[arg(long)]
        without: Vec<String>,
        /// trustee.public.json of a new trustee, or of one who stays with a new key (the same name); once a trustee
        #[arg(long = "trustee")]
        trustees: Vec<PathBuf>,
        /// How many trustees must act together; never fewer than before
        #[arg(long)]
        threshold: Option<usize>,
        /// Not the old file's name
        #[arg(long)]
        out: PathBuf,
    },
    /// Add one holder's signature, after looking at what `show` prints
    Sign {
        #[arg(long)]
        key: PathBuf,
        set: PathBuf,
    },
    /// Print what a set says, who has signed it, and its fingerprint
    Show {
        set: PathBuf,
        /// The set before it: whether this one follows
        #[arg(long)]
        after: Option<PathBuf>,
    },
    /// On the server: take a set whose fingerprint the holders have read out
    Pin {
        /// As read out by the holders, not as copied from the file
        #[arg(long)]
        fingerprint: String,
        /// Key folder. Without it the one MIFENG_KEYS names, or `keys`
        #[arg(long)]
        keys: Option<PathBuf>,
        set: PathBuf,
    },
}

/// What a set says, before anything of it is checked; for showing and for finding one's own place in it.
#[derive(Deserialize)]
struct Said {
    instance: Instance,
    number: u32,
    office: Office,
    trustees: Vec<Trustee>,
    threshold: usize,
}

impl Said {
    fn of(set: &UntrustedSet) -> Result<Self, Box<dyn std::error::Error>> {
        Ok(serde_json::from_str(&set.body)?)
    }

    /// `office`, `trustee-2`, or, for a holder of the set before this one, `former-<key>`.
    fn role(&self, key: &VerifyKey) -> String {
        if self.office.verify == *key {
            return "office".into();
        }
        match self.trustees.iter().position(|trustee| trustee.verify == *key) {
            Some(i) => format!("trustee-{}", i + 1),
            None => format!("former-{key}"),
        }
    }
}

pub fn run(command: Command) -> Outcome {
    match command {
        Command::Draft { instance, number, threshold, office, trustees, out } => {
            let trustees = trustees.iter().map(|path| load(path)).collect::<Result<_, _>>()?;
            let set = UntrustedSet::draft(&Instance(instance), number, load(&office)?, trustees, threshold)?;
            save_json(&out, &set)?;
            show(&set)
        }
        Command::Succeed { old, office, without, trustees, threshold, out } => {
            let old = trusted(&old)?;
            let office = office.as_deref().map(load).transpose()?;
            let with = trustees.iter().map(|path| load(path)).collect::<Result<_, _>>()?;
            let set = Succession { office, without, with, threshold }.draft(&old)?;
            // Never over the set it follows: that one is still in force.
            save_public(&out, format!("{}\n", serde_json::to_string_pretty(&set)?).as_bytes())?;
            show(&set)?;
            signatures_of(&set, &old);
            Ok(())
        }
        Command::Sign { key, set } => sign(&key, &set),
        Command::Show { set, after } => {
            let set = UntrustedSet::parse(&read(&set)?)?;
            show(&set)?;
            if let Some(after) = after {
                let old = trusted(&after)?;
                signatures_of(&set, &old);
                set.following(&old)?;
                println!("follows set {}", old.number());
            }
            Ok(())
        }
        Command::Pin { fingerprint, keys, set } => pin(&fingerprint.parse()?, &super::key_folder(keys), &set),
    }
}

/// A complete set, signed by everybody in it. Whether it is the one in force its fingerprint tells.
fn trusted(path: &Path) -> Result<RecipientSet, Box<dyn std::error::Error>> {
    let set = UntrustedSet::parse(&read(path)?)?;
    Ok(set.pinned(&set.fingerprint())?)
}

/// Which holders of the set before have signed.
fn signatures_of(set: &UntrustedSet, old: &RecipientSet) {
    let signed = |key: &VerifyKey| if set.carries(key) { "signed" } else { "NOT SIGNED" };
    println!("of set {}, {} trustees and the office must sign:", old.number(), old.threshold());
    println!("  office     {}  {}", old.office().verify, signed(&old.office().verify));
    for trustee in old.trustees() {
        println!("  trustee    {}  {}  {}", trustee.verify, signed(&trustee.verify), trustee.name);
    }
}

fn load<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn std::error::Error>> {
    serde_json::from_str(&read(path)?).map_err(|e| format!("{}: {e}", path.display()).into())
}

fn sign(key: &Path, path: &Path) -> Outcome {
    let key = HolderKey::load(key)?;
    let mut set = UntrustedSet::parse(&read(path)?)?;
    let role = Said::of(&set)?.role(&key.verify_key());
    set.sign(&role, &key.signing);
    replace(path, format!("{}\n", serde_json::to_string_pretty(&set)?).as_bytes())?;
    // Whatever the umask took away: whoever signs or pins next is another user.
    std::fs::set_permissions(path, Permissions::from_mode(0o644))
        .map_err(|e| format!("{}: {e}", path.display()))?;
    println!("signed as {role}; fingerprint {}", set.fingerprint());
    Ok(())
}

fn show(set: &UntrustedSet) -> Outcome {
    let said = Said::of(set)?;
    println!("instance     {}", said.instance.0);
    println!("set          {} ({} of {} trustees)", said.number, said.threshold, said.trustees.len());
    warn_of_few(said.threshold, said.trustees.len());
    let signed = |by: &str, key: &VerifyKey| {
        let fits = |s: &crate::recipients::SetSignature| {
            s.by == by && key.accepts(SET_DOMAIN, &[set.body.as_bytes()], &s.signature)
        };
        if set.signatures.iter().any(fits) { "signed" } else { "NOT SIGNED" }
    };
    println!("office       {}  {}", said.office.verify, signed("office", &said.office.verify));
    for (i, trustee) in said.trustees.iter().enumerate() {
        let by = format!("trustee-{}", i + 1);
        println!("{by:12} {}  {}  {}", trustee.verify, signed(&by, &trustee.verify), trustee.name);
    }
    println!("fingerprint  {}", set.fingerprint());
    Ok(())
}

/// Advice, no refusal: an authority may have no more people.
fn warn_of_few(threshold: usize, trustees: usize) {
    if let Some(few) = few_to_spare(threshold, trustees) {
        println!("WARNING      {few}");
    }
}

/// Checks the set against the fingerprint read out, and against the set before it if there is one.
fn pin(fingerprint: &Fingerprint, keys: &Path, path: &Path) -> Outcome {
    let text = read(path)?;
    let untrusted = UntrustedSet::parse(&text)?;
    let set = untrusted.given(fingerprint)?;
    let (in_force, pinned) = (keys.join(file::SET), keys.join(file::PIN));
    if pinned.exists() {
        let pin: Fingerprint = read(&pinned)?.parse()?;
        // Broken off between the two files, the set lies there already and the one before it in its archive.
        let before = set.number().checked_sub(1).map(|number| keys.join(file::set_numbered(number)));
        let lies_in = [Some(in_force.clone()), before].into_iter().flatten().find_map(|path| {
            let text = std::fs::read_to_string(path).ok()?;
            Some((UntrustedSet::parse(&text).ok()?.pinned(&pin).ok()?, text))
        });
        let (old, old_text) =
            lies_in.ok_or_else(|| format!("the pinned set, {pin}, is not in {}", keys.display()))?;
        if old.fingerprint() != set.fingerprint() {
            untrusted.following(&old)?;
            // What was sealed to it names it by its number, for years.
            replace(&keys.join(file::set_numbered(old.number())), old_text.as_bytes())?;
        }
    }
    replace(&in_force, text.as_bytes())?;
    replace(&pinned, format!("{}\n", set.fingerprint()).as_bytes())?;
    let log = SigningKey::parse(&Zeroizing::new(read(&keys.join(file::LOG))?))?;
    let log = log_key(set.instance(), &log)?;
    replace(&keys.join(file::LOG_VKEY), format!("{log}\n").as_bytes())?;
    println!("log key {log}");
    println!("set {} of {} is pinned: {}", set.number(), set.instance().0, set.fingerprint());
    warn_of_few(set.threshold(), set.trustees().len());
    println!(
        "the server takes it at its next start: restart all of its processes, or one face hands out this set and another the one before"
    );
    Ok(())
}

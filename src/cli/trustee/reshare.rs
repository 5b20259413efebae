//! `mifeng trustee reshare …`: an old trustee splits their shares for the new ones, a new one takes and joins them.
//! Everything travels as files sealed to one holder, and no machine ever has a lock.

mod destroy;

use super::{
    super::{
        Outcome,
        keyfile::{HolderKey, save_public},
        pins::{Memory, State},
    },
    asked,
};
use crate::{
    cleartext::reshare::{LeftOut, Taken, deal},
    reshare::{BatchFile, DealRequest, Dealing, Joining, Known, Taking},
};
use clap::{Args, Subcommand};
use serde::{Serialize, de::DeserializeOwned};
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub enum Command {
    /// An old trustee: split every share of a batch for the new trustees
    Deal {
        /// deal-<place>.json, as the server made it
        request: PathBuf,
        #[command(flatten)]
        machine: Machine,
        /// Do not ask; for tests
        #[arg(long)]
        yes: bool,
        /// The dealing, for every new trustee
        #[arg(short, long)]
        out: PathBuf,
    },
    /// A new trustee: open what the old ones dealt, and say the hashes of what it makes
    Take {
        /// The dealing of each old trustee
        #[arg(long = "dealing", required = true)]
        dealings: Vec<PathBuf>,
        #[command(flatten)]
        machine: Machine,
        /// The hashes, for every new trustee
        #[arg(short, long)]
        out: PathBuf,
    },
    /// A new trustee: check all that was taken, and seal the new shares to oneself
    Join {
        /// The dealing of each old trustee
        #[arg(long = "dealing", required = true)]
        dealings: Vec<PathBuf>,
        /// The hashes of each new trustee
        #[arg(long = "taking", required = true)]
        takings: Vec<PathBuf>,
        #[command(flatten)]
        machine: Machine,
        /// The new share files, for the server
        #[arg(short, long)]
        out: PathBuf,
    },
    /// A holder of an earlier set: destroy the key that opened its shares, for good, and sign that it is destroyed
    DestroyOld {
        /// As the server wrote it: that the set holds nothing any more
        emptied: PathBuf,
        #[command(flatten)]
        machine: Machine,
        /// Another file to destroy with it: requests, dealings, what was joined, a copy of the key; once a file
        #[arg(long)]
        also: Vec<PathBuf>,
        /// Do not ask; for tests
        #[arg(long)]
        yes: bool,
        /// The signed word, for the server
        #[arg(short, long)]
        out: PathBuf,
    },
}

#[derive(Args)]
pub struct Machine {
    /// This trustee's key file
    #[arg(long)]
    key: PathBuf,
    /// What this machine remembers
    #[arg(long)]
    state: PathBuf,
}

impl Machine {
    fn open(&self) -> Result<(HolderKey, State), Box<dyn std::error::Error>> {
        Ok((HolderKey::load(&self.key)?, State::open(&self.state)?))
    }
}

pub fn run(command: Command) -> Outcome {
    match command {
        Command::Deal { request, machine, yes, out } => give(&load(&request)?, &machine, yes, &out),
        Command::Take { dealings, machine, out } => take(&load_all(&dealings)?, &machine, &out),
        Command::Join { dealings, takings, machine, out } => {
            join(&load_all(&dealings)?, &load_all(&takings)?, &machine, &out)
        }
        Command::DestroyOld { emptied, machine, also, yes, out } => {
            destroy::old(&load(&emptied)?, &machine, &also, yes, &out)
        }
    }
}

fn give(request: &DealRequest, machine: &Machine, yes: bool, out: &Path) -> Outcome {
    let (key, mut state) = machine.open()?;
    let known = for_the_set_pinned(&request.batch, &state)?;
    let own = usize::from(request.dealer).checked_sub(1).and_then(|i| known.from.trustees().get(i));
    let named = known.batch.dealers.contains(&request.dealer);
    if !named || own.is_none_or(|own| own.verify != key.verify_key()) {
        return Err(
            format!("this key is not that of trustee {}, for whom the request is", request.dealer).into()
        );
    }
    let published = request.proof.verify(state.log()?, state.memory.seen.as_ref())?;
    known.announced(&published)?;
    println!("{}", summary(&known));
    if !yes && !asked("重新拆分您的份额？输入 yes 确认 / Type yes to split your shares: ")? {
        return Err("nothing was dealt".into());
    }
    let (parts, left_out) =
        deal(&known, request.dealer, &request.share_files, &key.opening, &mut rand::rng())?;
    name(&known, &left_out);
    let memory = Memory { seen: Some(published.seen()), ..state.memory.clone() };
    state.remember(memory, None)?;
    save(out, &Dealing::sign(request.batch.clone(), request.dealer, parts, &key.signing))?;
    println!("{}: 请交给每位新保管人 / hand this to every new trustee", out.display());
    Ok(())
}

fn summary(known: &Known) -> String {
    let names: Vec<&str> = known.to.trustees().iter().map(|trustee| trustee.name.as_str()).collect();
    let checked = match known.checks() {
        0 => "没有多余的旧保管人，错误的份额查不出来 NO MORE deal than it takes: a wrong share is NOT found out".to_owned(),
        more => format!(
            "多 {more} 位旧保管人参加，可以查出错误的份额 {more} more than it takes: a wrong share is found out, unless more than {more} lie together"
        ),
    };
    format!(
        "批次 Batch       {number}: {items} 个信封 envelopes\n\
         从 From         {from} 号名册 set {from}（{old}）\n\
         到 To           {to} 号名册 set {to}（{new}）\n\
         新保管人 Trustees {names}（任意 {t} 位 any {t}）\n\
         核对 Check      {checked}\n",
        number = known.batch.number,
        items = known.batch.items.len(),
        from = known.from.number(),
        old = known.from.fingerprint(),
        to = known.to.number(),
        new = known.to.fingerprint(),
        names = names.join("、"),
        t = known.to.threshold(),
    )
}

/// Whose old shares stay in force.
fn name(known: &Known, left_out: &[LeftOut]) {
    for one in left_out {
        println!("略过 Left out   {one}");
    }
    if !left_out.is_empty() {
        println!("               {} of {} envelopes\n", left_out.len(), known.batch.items.len());
    }
}

/// The batch all dealings are of, checked, and the place of this key in its new set.
fn taken(
    dealings: &[Dealing],
    key: &HolderKey,
    state: &State,
) -> Result<(Known, u8), Box<dyn std::error::Error>> {
    let batch: &BatchFile = &dealings.first().ok_or("there is no dealing")?.batch;
    let known = for_the_set_pinned(batch, state)?;
    let place = known.to.place_of_recipient(&key.recipient()).ok_or("this key is none of the new set's")?;
    Ok((known, place))
}

/// The batch, if it is for the set this machine takes for the one in force. One for an earlier set would give shares to keys
/// that a later one has shut out.
fn for_the_set_pinned(batch: &BatchFile, state: &State) -> Result<Known, Box<dyn std::error::Error>> {
    let known = batch.check(&state.set.fingerprint())?;
    if known.to.fingerprint() != state.set.fingerprint() {
        return Err(
            "the batch is for another set than this machine has pinned: run the init command first".into()
        );
    }
    Ok(known)
}

fn take(dealings: &[Dealing], machine: &Machine, out: &Path) -> Outcome {
    let (key, state) = machine.open()?;
    let (known, place) = taken(dealings, &key, &state)?;
    let dealings = Dealing::gather(&known, dealings)?;
    let (taken, left_out) = Taken::open(&known, place, &dealings, &key.opening).taking();
    println!("{}", summary(&known));
    name(&known, &left_out);
    save(out, &Taking::sign(&known, place, Dealing::dealt(&dealings), taken, &key.signing))?;
    println!("{}: 请交给每位新保管人 / hand this to every new trustee", out.display());
    Ok(())
}

fn join(dealings: &[Dealing], takings: &[Taking], machine: &Machine, out: &Path) -> Outcome {
    let (key, state) = machine.open()?;
    let (known, place) = taken(dealings, &key, &state)?;
    let dealings = Dealing::gather(&known, dealings)?;
    let opened = Taken::open(&known, place, &dealings, &key.opening);
    let takings = Taking::gather(&known, &Dealing::dealt(&dealings), takings)?;
    let (files, left_out) = opened.join(&takings);
    name(&known, &left_out);
    save(out, &Joining::sign(&known, place, Taking::agreed(&takings), files, &key.signing))?;
    println!("{}: 请交给服务器管理员 / hand this to the server's operator", out.display());
    Ok(())
}

fn load_all<T: DeserializeOwned>(paths: &[PathBuf]) -> Result<Vec<T>, Box<dyn std::error::Error>> {
    paths.iter().map(|path| load(path)).collect()
}

fn load<T: DeserializeOwned>(path: &Path) -> Result<T, Box<dyn std::error::Error>> {
    let text = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(serde_json::from_slice(&text)
        .map_err(|e| format!("{}: not a file of a batch: {e}", path.display()))?)
}

fn save(path: &Path, what: &impl Serialize) -> Outcome {
    Ok(save_public(path, serde_json::to_string(what)?.as_bytes())?)
}

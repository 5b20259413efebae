//! `mifeng keys reshare …`: batches of share files that old trustees split again for those of the set in force. With the
//! server stopped, for minutes at a time: between `begin` and `finish` it may run, and the old shares stay in force.

mod old;

use super::{
    super::{
        Outcome,
        keyfile::save_public,
        serve::{believed_day, offline},
    },
    alone::may_write_over,
};
use crate::{
    cli::keys::private_folder,
    config::ServerKeys,
    ids::ReportId,
    log::{PublicKind, proof::Proof},
    publisher::Publisher,
    recipients::Sets,
    reshare::{Batch, BatchFile, DealRequest, Ended, FORMAT, Item, Joining, Known, MOST_ITEMS},
    store::{FromTo, Held, Pending, PublicLog, Refused, Resharing, Store, Swap},
    transcript::sha256,
};
use clap::Subcommand;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
};

#[derive(Subcommand)]
pub enum Command {
    /// How many envelopes each set's trustees hold, and the batch under way
    Status,
    /// Announce a batch in the log and write a request for each old trustee; for a batch under way the same again
    Begin {
        /// Place in the old set of an old trustee who deals, from 1; one more than it takes at least: each one beyond is one liar who is found out
        #[arg(long = "dealer")]
        dealers: Vec<u8>,
        /// No more deal than it takes, for no more are left: a wrong share is then not found out
        #[arg(long)]
        unchecked: bool,
        /// At most so many envelopes
        #[arg(long, default_value_t = MOST_ITEMS)]
        most: usize,
        /// Those reports, too, that an earlier batch had to leave out
        #[arg(long)]
        again: bool,
        /// Size of a log that a trustee's machine remembers, if it asks for a proof that reaches back to it
        #[arg(long)]
        seen: Vec<u64>,
        /// Folder for the requests
        #[arg(long)]
        out: PathBuf,
    },
    /// Put the new share files in the place of the old; may be run again after a break
    Finish {
        /// What each new trustee has joined
        #[arg(long = "joined", required = true)]
        joined: Vec<PathBuf>,
    },
    /// Give the batch under way up; the old shares stay in force
    GiveUp,
    /// Say in the log that earlier sets hold nothing any more, and write what old trustees destroy their keys against
    Emptied {
        /// Size of a log that a holder's machine remembers, if it asks for a proof that reaches back to it
        #[arg(long)]
        seen: Vec<u64>,
        /// The file for holders of earlier sets
        #[arg(long)]
        out: PathBuf,
    },
    /// Put into the log what holders of earlier sets say that they destroyed
    Destroyed {
        /// What their tool has written
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

pub fn run(command: Command) -> Outcome {
    if !matches!(command, Command::Status) {
        may_write_over()?;
    }
    let (_, keys, store) = offline()?;
    match command {
        Command::Status => status(&store, &keys.sets),
        Command::Begin { dealers, unchecked, most, again, seen, out } => {
            let pending = match store.pending()? {
                Some(pending) => {
                    println!("batch {} is under way: its requests are written again", pending.number);
                    pending
                }
                None => begin(&store, &keys.sets, (dealers, unchecked), (most, again))?,
            };
            requests(store, keys, &pending, seen, &out)
        }
        Command::Finish { joined } => finish(&store, &keys.sets, &joined),
        Command::GiveUp => {
            let pending = store.pending()?.ok_or("no batch is under way")?;
            end(&store, &keys.sets, &pending, store.left_out()?, PublicKind::GivenUp)?;
            println!(
                "batch {} is given up; the old shares of what was not swapped stay in force",
                pending.number
            );
            Ok(())
        }
        Command::Emptied { seen, out } => old::emptied(store, keys, seen, &out),
        Command::Destroyed { files } => old::destroyed(&store, &keys.sets, &files),
    }
}

/// The batch is no longer under way, and the log says how it ended.
fn end(
    store: &Store,
    sets: &Sets,
    pending: &Pending,
    left_out: BTreeSet<ReportId>,
    how: PublicKind,
) -> Outcome {
    let batch: Batch = serde_json::from_str(&pending.batch)?;
    let from = number_of(&batch.from, sets)?;
    let items: BTreeSet<[u8; 32]> = batch.items.iter().map(|item| item.envelope).collect();
    let (mut swapped, mut kept) = (0, 0);
    for held in store.held()?.iter().filter(|held| items.contains(&held.envelope)) {
        *if held.set == from { &mut kept } else { &mut swapped } += 1;
    }
    let (instance, number) = (batch.instance, batch.number);
    let batch = sha256(pending.batch.as_bytes());
    let ended = Ended { format: FORMAT, instance, number, batch, swapped, kept };
    let text = serde_json::to_string(&ended)?;
    let ended = store.end_batch(pending.number, left_out, (how, text), believed_day(store)?).wait()?;
    if let Some(leaf_index) = ended {
        println!("{swapped} envelopes have new shares, {kept} keep the old, log entry {}", leaf_index + 1);
    }
    Ok(())
}

/// The new shares lie on one disk until a backup has them; the old keys are what there is besides.
const BEFORE_DESTROYING: &str = "Nothing is left of an earlier set here. Before an old key is destroyed: mifeng check, a new backup, \
mifeng backup verify, the older backups withdrawn. Keep the old keys and every joined file until then";

fn status(store: &Store, sets: &Sets) -> Outcome {
    let mut by_set: BTreeMap<u32, usize> = BTreeMap::new();
    let (held, left_out) = (store.held()?, store.left_out()?);
    for held in &held {
        *by_set.entry(held.set).or_default() += 1;
    }
    for (set, envelopes) in by_set {
        println!(
            "set {set:<8} {envelopes} envelopes{}",
            if set == sets.current().number() { " (in force)" } else { "" }
        );
    }
    if sets.current().number() > 1 && held.iter().all(|held| held.set == sets.current().number()) {
        println!("{BEFORE_DESTROYING}");
    }
    for held in held.iter().filter(|held| left_out.contains(&held.report)) {
        println!("left out     report {}, an envelope of set {}", held.report, held.set);
    }
    old::said(store, sets)?;
    if let Some(pending) = store.pending()? {
        println!("under way    batch {}, log entry {}", pending.number, pending.leaf_index + 1);
    }
    Ok(())
}

fn begin(
    store: &Store,
    sets: &Sets,
    (mut dealers, unchecked): (Vec<u8>, bool),
    (most, again): (usize, bool),
) -> Result<Pending, Box<dyn std::error::Error>> {
    let to = sets.current();
    let (mut held, left_out) = (store.held()?, store.left_out()?);
    held.retain(|held| again || !left_out.contains(&held.report));
    let oldest = held.iter().map(|held| held.set).filter(|set| *set < to.number()).min();
    let number = oldest.ok_or(match left_out.is_empty() || again {
        true => "every envelope is held by the trustees of the set in force",
        false => "every envelope is held by the trustees of the set in force, but for those of reports that were left out: --again offers them again",
    })?;
    let from = sets.numbered(number).ok_or_else(|| format!("set {number} is not in the key folder"))?;
    let t = from.threshold();
    dealers.sort_unstable();
    dealers.dedup();
    if dealers.len() == t && !unchecked {
        return Err(format!("{t} old trustees can, but nothing shows then whether they dealt rightly: name {} with --dealer, or say --unchecked if no more are left", t + 1).into());
    }
    let mut items: Vec<Item> = held
        .iter()
        .filter(|held| held.set == number)
        .map(|held| Item { report: held.report, envelope: held.envelope })
        .collect();
    let all = items.len();
    items.truncate(whole_reports(&items, most.clamp(1, MOST_ITEMS)));
    let last = store.announced(PublicKind::Resharing)?.map_or(0, |last| last.number);
    let batch = Batch {
        format: FORMAT,
        instance: to.instance().clone(),
        number: last + 1,
        from: from.fingerprint().to_string(),
        to: to.fingerprint().to_string(),
        dealers,
        items,
    };
    let text = serde_json::to_string(&batch)?;
    // Refused before anything is announced.
    BatchFile { batch: text.clone(), sets: sets.chain(number) }.check(&to.fingerprint())?;
    let leaf_index = store.begin_batch(batch.number, text.clone(), believed_day(store)?).wait()?;
    println!(
        "batch {}: {} of {all} envelopes of set {number}, log entry {}",
        batch.number,
        batch.items.len(),
        leaf_index + 1
    );
    Ok(Pending { number: batch.number, batch: text, leaf_index })
}

/// How many of these fit into `most` so that no report is cut in two, but for the first, which is always taken whole.
fn whole_reports(items: &[Item], most: usize) -> usize {
    let mut taken = 0;
    for report in items.chunk_by(|one, next| one.report == next.report) {
        if taken > 0 && taken + report.len() > most {
            break;
        }
        taken += report.len();
    }
    taken
}

/// The batch under way with the sets it lies between.
fn known(pending: &Pending, sets: &Sets) -> Result<(BatchFile, Known), Box<dyn std::error::Error>> {
    let batch: Batch = serde_json::from_str(&pending.batch)?;
    let to = sets.current();
    let from = number_of(&batch.from, sets)?;
    let file = BatchFile { batch: pending.batch.clone(), sets: sets.chain(from) };
    let known = file.check(&to.fingerprint()).map_err(|why| {
        format!(
            "batch {}: {why}. If a later set was pinned since, give the batch up and begin another",
            pending.number
        )
    })?;
    Ok((file, known))
}

fn number_of(fingerprint: &str, sets: &Sets) -> Result<u32, Box<dyn std::error::Error>> {
    let is_it =
        |number: &u32| sets.numbered(*number).is_some_and(|set| set.fingerprint().to_string() == fingerprint);
    let from = (1..=sets.current().number()).rev().find(is_it);
    Ok(from.ok_or("the set the batch comes from is not in the key folder")?)
}

fn requests(store: Store, keys: ServerKeys, pending: &Pending, seen: Vec<u64>, out: &Path) -> Outcome {
    let (batch, known) = known(pending, &keys.sets)?;
    let all: BTreeMap<[u8; 32], Held> = store.held()?.into_iter().map(|held| (held.envelope, held)).collect();
    let mut files: BTreeMap<u8, Vec<_>> = BTreeMap::new();
    for item in &known.batch.items {
        let held = all.get(&item.envelope).filter(|held| held.set == known.from.number());
        let held = held
            .ok_or("an envelope of the batch is gone, or swapped already: finish the batch, or give it up")?;
        for dealer in &known.batch.dealers {
            files.entry(*dealer).or_default().push(store.held_share(held, *dealer)?);
        }
    }
    let seen_as = format!("batch-{}", pending.number);
    let proof = prove(store, keys, pending.leaf_index, (seen, &seen_as))?;
    private_folder(out)?;
    for (dealer, share_files) in files {
        let request = DealRequest { batch: batch.clone(), dealer, share_files, proof: proof.clone() };
        let path = out.join(format!("deal-{dealer}.json"));
        save_public(&path, serde_json::to_string(&request)?.as_bytes())?;
        println!("{}: for {}", path.display(), known.from.trustees()[usize::from(dealer) - 1].name);
    }
    Ok(())
}

/// That the entry stands in the log: signed as the server would. How far the log had come is kept under a name: the machines that
/// read this remember it, and the next proof must reach back to it.
fn prove(
    store: Store,
    keys: ServerKeys,
    leaf_index: u64,
    (seen, name): (Vec<u64>, &str),
) -> Result<Proof, Box<dyn std::error::Error>> {
    let (log, store) = (super::log_key(keys.set.instance(), &keys.log)?, Arc::new(store));
    let size = store.head().size;
    let publisher = Publisher::new(log.name().clone(), keys.log, store.clone()).after(keys.closed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let proof = runtime.block_on(publisher.prove(leaf_index, seen))?;
    runtime.block_on(store.keep_seen(format!("{}/{name}-{size}", keys.set.instance().0), size))?;
    Ok(proof)
}

fn finish(store: &Store, sets: &Sets, joined: &[PathBuf]) -> Outcome {
    let pending = store.pending()?.ok_or("no batch is under way")?;
    let (_, known) = known(&pending, sets)?;
    let load = |path: &PathBuf| -> Result<Joining, Box<dyn std::error::Error>> {
        let text = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(serde_json::from_slice(&text)
            .map_err(|e| format!("{}: not what a trustee has joined: {e}", path.display()))?)
    };
    let joined = joined.iter().map(load).collect::<Result<Vec<_>, _>>()?;
    let files = Joining::gather(&known, &joined)?;
    let mut left_out = store.left_out()?;
    let mut reports: BTreeMap<ReportId, Option<Vec<Swap>>> = BTreeMap::new();
    for (item, share_files) in known.batch.items.iter().zip(files) {
        let swaps = reports.entry(item.report).or_insert_with(|| Some(Vec::new()));
        // One that did not join keeps the whole report with its old shares: no report should need trustees of two sets.
        *swaps = swaps.take().zip(share_files).map(|(mut swaps, share_files)| {
            swaps.push(Swap { envelope: item.envelope, share_files });
            swaps
        });
    }
    let sets_of = FromTo { from: known.from.number(), to: known.to.number() };
    let (all, mut open, today) = (reports.len(), 0, believed_day(store)?);
    for (done, (report, swaps)) in reports.into_iter().enumerate() {
        let Some(swaps) = swaps else {
            println!("left out: report {report}; its old shares stay in force");
            left_out.insert(report);
            continue;
        };
        match store.swap(report, swaps, sets_of, today).wait() {
            Ok(()) => drop(left_out.remove(&report)),
            // Forgotten or deleted since the batch began: there is nothing left to open.
            Err(Refused::Forgotten(_) | Refused::NoSuchReport) => drop(left_out.remove(&report)),
            Err(Refused::ReleaseOpen) => open += 1,
            Err(Refused::PartOfReport) => {
                println!("not swapped: report {report} is not whole in this batch; a later one takes it");
            }
            Err(refused) => return Err(refused.into()),
        }
        if (done + 1) % 100 == 0 || done + 1 == all {
            println!("{} of {all} reports", done + 1);
        }
    }
    if open > 0 {
        return Err(format!(
            "{open} reports wait: a release of theirs is published. Record the outcomes, or wait until the releases have expired, and run this again; the batch stays under way"
        )
        .into());
    }
    let held: BTreeSet<ReportId> = store.held()?.iter().map(|held| held.report).collect();
    left_out.retain(|report| held.contains(report));
    end(store, sets, &pending, left_out, PublicKind::Reshared)?;
    println!("batch {} is finished", pending.number);
    status(store, sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_ends_between_two_reports_and_never_within_one() {
        let of = |reports: &[u8]| {
            let item = |(n, report): (usize, &u8)| Item {
                report: ReportId::from_bytes([*report; 16]),
                envelope: [n as u8; 32],
            };
            reports.iter().enumerate().map(item).collect::<Vec<_>>()
        };
        let items = of(&[1, 2, 2, 2, 3, 4, 4]);
        let taken: Vec<usize> = (1..=8).map(|most| whole_reports(&items, most)).collect();
        assert_eq!(taken, [1, 1, 1, 4, 5, 5, 7, 7]);
        assert_eq!(whole_reports(&of(&[5, 5, 5, 6]), 2), 3, "one that is longer is taken all the same");
        assert_eq!(whole_reports(&[], 9), 0);
    }
}

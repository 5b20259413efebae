//! What is left of earlier sets: that they hold nothing any more, and what their holders say that they destroyed.

use super::{Outcome, prove};
use crate::{
    cli::{keyfile::save_public, serve::believed_day},
    config::ServerKeys,
    log::PublicKind,
    recipients::Sets,
    reshare::{Destroyed, Emptied, EmptiedFile, FORMAT, Note},
    store::{PublicLog, Resharing, Store},
};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Announces the last set that, with those before it, holds nothing; said again it is the same entry.
pub fn emptied(store: Store, keys: ServerKeys, seen: Vec<u64>, out: &Path) -> Outcome {
    let current = keys.sets.current();
    let oldest = store.held()?.iter().map(|held| held.set).min().unwrap_or(current.number());
    let set = oldest.min(current.number()).checked_sub(1).and_then(|number| keys.sets.numbered(number));
    let set = set.ok_or(format!(
        "the trustees of recipient set {oldest} still hold shares, or there is no earlier set: mifeng keys reshare status"
    ))?;
    let (instance, number) = (current.instance().clone(), set.number());
    let emptied =
        Emptied { format: FORMAT, instance, set: number, fingerprint: set.fingerprint().to_string() };
    let text = serde_json::to_string(&emptied)?;
    let note = store.note(PublicKind::Emptied, number.into(), text, believed_day(&store)?).wait()?;
    let sets = keys.sets.chain(1);
    let proof = prove(store, keys, note.leaf_index, (seen, &format!("emptied-{number}")))?;
    let file = EmptiedFile { emptied: note.text, sets, proof };
    save_public(out, serde_json::to_string(&file)?.as_bytes())?;
    println!(
        "{}: for the holders of set {number} and of those before it, log entry {}",
        out.display(),
        note.leaf_index + 1
    );
    Ok(())
}

/// Each holder's word is there once.
pub fn destroyed(store: &Store, sets: &Sets, files: &[PathBuf]) -> Outcome {
    for path in files {
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let word: Destroyed = serde_json::from_str(&text)
            .map_err(|e| format!("{}: not what a holder's tool has written: {e}", path.display()))?;
        let holder = word.check(sets).map_err(|why| format!("{}: {why}", path.display()))?;
        if sets.current().trustees().iter().any(|own| own.verify == holder.verify) {
            return Err(format!(
                "{}: {} stands in the set in force with this key",
                path.display(),
                holder.name
            )
            .into());
        }
        let words = words(store)?;
        if let Some((note, _)) =
            words.iter().find(|(_, there)| (there.set, there.place) == (word.set, word.place))
        {
            println!("{} of set {}: said before, log entry {}", holder.name, word.set, note.leaf_index + 1);
            continue;
        }
        let number = words.len() as u64 + 1;
        let note = store.note(PublicKind::Destroyed, number, text, believed_day(store)?).wait()?;
        println!("{} of set {}: log entry {}", holder.name, word.set, note.leaf_index + 1);
    }
    said(store, sets)
}

/// Of every earlier set, how many of its holders say that they destroyed what opened their shares.
pub fn said(store: &Store, sets: &Sets) -> Outcome {
    let words = words(store)?;
    let gone: BTreeSet<_> =
        words.iter().filter_map(|(_, word)| Some(word.check(sets).ok()?.verify)).collect();
    for set in (1..sets.current().number()).filter_map(|number| sets.numbered(number)) {
        let (all, t) = (set.trustees().len(), set.threshold());
        let destroyed = set.trustees().iter().filter(|trustee| gone.contains(&trustee.verify)).count();
        if destroyed == 0 {
            continue;
        }
        let left = match all - destroyed < t {
            true => "if they told the truth, no copy of its shares opens anything".to_owned(),
            false => {
                format!("{} are left, and {t} open what a backup still has of its shares", all - destroyed)
            }
        };
        println!("destroyed    set {}: {destroyed} of {all} say so; {left}", set.number());
    }
    Ok(())
}

fn words(store: &Store) -> Result<Vec<(Note, Destroyed)>, Box<dyn std::error::Error>> {
    let notes = store.notes()?.into_iter().filter(|note| note.kind == PublicKind::Destroyed);
    notes.map(|note| Ok((note.clone(), serde_json::from_str(&note.text)?))).collect()
}

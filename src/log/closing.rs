//! How a log's key gives way to another: its last checkpoint names the key that follows. The log itself goes on.
//!
//! ```text
//! jubao.example.gov.cn/log                          a checkpoint (C2SP tlog-checkpoint) with one extension line
//! 417
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
//! next-key jubao.example.gov.cn/log+1a2b3c4d+AZ…
//!
//! — jubao.example.gov.cn/log Az3grl…                by the key that ends
//! ```
//! What it does not give: whoever has stolen the old key can write such a line, too. Who follows it compares the new key with
//! what its holders read out.

use super::{
    checkpoint::{Checkpoint, CheckpointRefused, LogKey, Signed, sign_with},
    proof::Seen,
};
use crate::signing::SigningKey;
use serde::{Deserialize, Serialize};

const NEXT: &str = "next-key ";

/// One key of a log that has ended, with its last checkpoint. Public; nothing in it is believed before [`follow`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closed {
    /// The key that ended, name+hash+key.
    pub key: String,
    /// The signed note that names the next.
    pub note: String,
}

impl Closed {
    /// The last word of `key`. The caller has made what `last` says durable, and signs nothing more with it.
    pub fn sign(key: &SigningKey, last: &Checkpoint, next: &LogKey) -> Self {
        let log = LogKey::new(last.origin.clone(), key.verify_key());
        let signed = sign_with(key, last, &format!("{NEXT}{next}\n"));
        Self { key: log.to_string(), note: String::from_utf8_lossy(signed.note()).into_owned() }
    }

    /// The key that ended, the one that follows, and how far the log had come.
    fn read(&self) -> Result<(LogKey, LogKey, Seen), CheckpointRefused> {
        let ended: LogKey = self.key.parse()?;
        let signed = ended.open(self.note.as_bytes())?;
        let line = signed.text().lines().skip(3).find_map(|line| line.strip_prefix(NEXT));
        let next: LogKey = line.ok_or(CheckpointRefused::NotACheckpoint)?.parse()?;
        if next.name() != ended.name() {
            return Err(CheckpointRefused::Origin(next.name().to_string()));
        }
        let &Checkpoint { size, root, .. } = signed.checkpoint();
        Ok((ended, next, Seen { size, root }))
    }
}

/// Where a pinned key leads: the key that signs now, and every tree at which a key on the way ended. The log must hold them
/// all. A key that no note ends leads to itself.
pub fn follow(pinned: &LogKey, closed: &[Closed]) -> Result<(LogKey, Vec<Seen>), CheckpointRefused> {
    let (mut key, mut passed) = (pinned.clone(), Vec::new());
    // A note ends one key, and none leads back: at most once through all of them.
    for _ in 0..closed.len() {
        let mut ends = closed.iter().filter(|note| note.key == key.to_string());
        let Some(note) = ends.next() else { break };
        // A key has one last word: with two, whoever put the list together has chosen which comes first.
        if ends.any(|other| other != note) {
            return Err(CheckpointRefused::TwoEnds);
        }
        let (_, next, seen) = note.read()?;
        key = next;
        passed.push(seen);
    }
    Ok((key, passed))
}

/// Keys that ended on the way to the one that signs now, whether or not they were pinned. Of a list longer than any honest one
/// its end is read.
pub fn ended(now: &LogKey, closed: &[Closed]) -> Vec<LogKey> {
    let closed = &closed[closed.len().saturating_sub(MOST_ENDED)..];
    let leads_there = |key: &LogKey| key != now && follow(key, closed).is_ok_and(|(to, _)| to == *now);
    closed.iter().filter_map(|note| note.key.parse().ok()).filter(leads_there).collect()
}

/// A key lasts for years.
const MOST_ENDED: usize = 64;

/// Opens a checkpoint by the key a pinned one leads to.
pub fn open(pinned: &LogKey, closed: &[Closed], note: &[u8]) -> Result<Signed, CheckpointRefused> {
    follow(pinned, closed)?.0.open(note)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::{checkpoint::sign, tree::Hash};

    fn keys() -> [SigningKey; 3] {
        [1, 2, 3].map(|n| SigningKey::from_seed([n; 32]))
    }

    fn log(key: &SigningKey) -> LogKey {
        LogKey::new("test/log".parse().unwrap(), key.verify_key())
    }

    fn at(size: u64) -> Checkpoint {
        Checkpoint { origin: "test/log".parse().unwrap(), size, root: Hash([size.to_le_bytes()[0]; 32]) }
    }

    #[test]
    fn a_pinned_key_leads_along_signed_notes_to_the_one_that_signs_now() {
        let [first, second, third] = keys();
        let closed =
            [Closed::sign(&second, &at(9), &log(&third)), Closed::sign(&first, &at(5), &log(&second))];
        let (key, passed) = follow(&log(&first), &closed).unwrap();
        assert_eq!((key.to_string(), passed.len()), (log(&third).to_string(), 2));
        assert_eq!((passed[0].size, passed[1].size), (5, 9));
        assert_eq!(follow(&log(&third), &closed).unwrap().1, []);
        let before = ended(&log(&third), &closed).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(before, [log(&second).to_string(), log(&first).to_string()]);
        assert!(ended(&log(&second), &closed).is_empty(), "nothing leads to a key that has ended itself");
        let now = sign(&third, &at(12));
        assert_eq!(open(&log(&first), &closed, now.note()).unwrap().checkpoint().size, 12);
        // What the old key signs after its end leads nobody.
        let late = sign(&first, &at(12));
        assert_eq!(open(&log(&first), &closed, late.note()).err(), Some(CheckpointRefused::Signature));
    }

    #[test]
    fn a_note_by_another_key_of_another_log_or_without_a_next_key_leads_nowhere() {
        let [first, second, third] = keys();
        let forged = Closed { key: log(&first).to_string(), ..Closed::sign(&third, &at(5), &log(&second)) };
        assert_eq!(follow(&log(&first), &[forged]).err(), Some(CheckpointRefused::Signature));
        let plain = String::from_utf8(sign(&first, &at(5)).note().to_vec()).unwrap();
        let plain = Closed { key: log(&first).to_string(), note: plain };
        assert_eq!(follow(&log(&first), &[plain]).err(), Some(CheckpointRefused::NotACheckpoint));
        let two = [Closed::sign(&first, &at(5), &log(&second)), Closed::sign(&first, &at(5), &log(&third))];
        assert_eq!(follow(&log(&first), &two).err(), Some(CheckpointRefused::TwoEnds));
        let elsewhere = LogKey::new("other/log".parse().unwrap(), second.verify_key());
        let elsewhere = Closed::sign(&first, &at(5), &elsewhere);
        assert!(matches!(follow(&log(&first), &[elsewhere]), Err(CheckpointRefused::Origin(_))));
        let round =
            [Closed::sign(&first, &at(5), &log(&second)), Closed::sign(&second, &at(6), &log(&first))];
        assert_eq!(follow(&log(&first), &round).unwrap().1.len(), 2, "a circle ends");
    }

    #[test]
    fn to_a_reader_of_checkpoints_the_last_one_is_one_like_any_other() {
        let [first, second, _] = keys();
        let note = Closed::sign(&first, &at(5), &log(&second)).note;
        assert_eq!(*log(&first).open(note.as_bytes()).unwrap().checkpoint(), at(5));
    }
}

//! What the log says of shares of earlier sets beyond the beginning of a batch: texts that anyone may read, whose SHA-256
//! stand there.
//!
//! ```text
//! kind 4, 5   ended       number of the batch          how many envelopes have new shares, how many keep the old
//! kind 6      emptied     number of a set              its trustees hold nothing any more, nor do those of sets before it
//! kind 7      destroyed   counted from 1               what a holder destroyed                        signed by that holder
//! ```
//! What it does not give: that an envelope was given new shares at all is the server's word, and that a key is destroyed its
//! holder's. Nobody can show that no copy is left.

use super::{FORMAT, ReshareRefused, chain};
use crate::{
    clock::Day,
    ids::Instance,
    log::{
        PublicKind,
        leaf::Face,
        proof::{Proof, Published},
    },
    recipients::{Fingerprint, RecipientSet, Sets, Trustee, UntrustedSet},
    signing::{Signature, SigningKey},
    transcript::sha256,
};
use serde::{Deserialize, Serialize};

/// One of them, as it is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub kind: PublicKind,
    pub number: u64,
    pub leaf_index: u64,
    /// Exact text; the entry has its SHA-256.
    pub text: String,
}

/// How a batch ended; which of both the entry's kind says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ended {
    pub format: u16,
    pub instance: Instance,
    pub number: u64,
    /// SHA-256 of the batch, as its own entry has it.
    #[serde(with = "hex::serde")]
    pub batch: [u8; 32],
    /// Envelopes of the batch that have new shares.
    pub swapped: usize,
    /// Those that keep their old ones. What was forgotten meanwhile is in neither.
    pub kept: usize,
}

/// From now on nothing is held by the trustees of this set and of those before it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Emptied {
    pub format: u16,
    pub instance: Instance,
    pub set: u32,
    pub fingerprint: String,
}

/// What the server gives a holder of an earlier set.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmptiedFile {
    /// Exact JSON text of the [`Emptied`].
    pub emptied: String,
    /// All sets up to the one in force.
    pub sets: Vec<UntrustedSet>,
    pub proof: Proof,
}

/// An [`EmptiedFile`] that was checked: its sets, the one in force last.
pub struct KnownEmptied {
    pub emptied: Emptied,
    digest: [u8; 32],
    sets: Vec<RecipientSet>,
}

impl EmptiedFile {
    /// `pinned`: the set that this machine takes for the one in force.
    pub fn check(&self, pinned: &Fingerprint) -> Result<KnownEmptied, ReshareRefused> {
        let emptied: Emptied = serde_json::from_str(&self.emptied).map_err(|_| ReshareRefused::Unreadable)?;
        let sets = chain(&self.sets, pinned)?;
        let is_it = |set: &RecipientSet| {
            (set.number(), set.fingerprint().to_string(), set.instance())
                == (emptied.set, emptied.fingerprint.clone(), &emptied.instance)
        };
        let in_force = sets.last().is_some_and(|last| last.fingerprint() == *pinned);
        // The set in force holds what comes in, and is never emptied.
        let earlier = sets.split_last().is_some_and(|(_, earlier)| earlier.iter().any(is_it));
        if emptied.format != FORMAT || !in_force || !earlier {
            return Err(ReshareRefused::OtherSets);
        }
        Ok(KnownEmptied { digest: sha256(self.emptied.as_bytes()), emptied, sets })
    }
}

impl KnownEmptied {
    /// Whether this entry of the log announces it.
    pub fn announced(&self, published: &Published) -> Result<(), ReshareRefused> {
        match published.entry().face() {
            Ok(Face::Public { kind: PublicKind::Emptied, number, digest, .. })
                if (number, digest) == (u64::from(self.emptied.set), self.digest) =>
            {
                Ok(())
            }
            _ => Err(ReshareRefused::NotAnnounced),
        }
    }

    /// The last set in which a holder with either of these keys stands, and their place there.
    ///
    /// # Errors
    /// One of the keys stands in no set, or in one whose trustees still hold something, such as the one in force.
    pub fn place_of(&self, recipient: &str, key: &SigningKey) -> Result<(u32, u8), ReshareRefused> {
        let verify = key.verify_key();
        let own = |trustee: &Trustee| trustee.recipient == recipient || trustee.verify == verify;
        let stands = |set: &RecipientSet| {
            let place = set.trustees().iter().position(own)?;
            Some((set.number(), u8::try_from(place + 1).ok()?))
        };
        let last = self.sets.iter().rev().find_map(stands).ok_or(ReshareRefused::NoHolder)?;
        if last.0 > self.emptied.set { Err(ReshareRefused::StillHolds(last.0)) } else { Ok(last) }
    }

    /// Signs, for the holder at `place` of set `set`, that what opened their shares is destroyed.
    pub fn destroyed(&self, (set, place): (u32, u8), day: Day, key: &SigningKey) -> Destroyed {
        let of = self.sets.iter().find(|known| known.number() == set);
        let fingerprint = of.map_or_else(String::new, |of| of.fingerprint().to_string());
        let instance = self.emptied.instance.clone();
        let parts = parts(&instance, set, &fingerprint, place, day);
        let signature = key.sign(DESTROYED, &parts.iter().map(Vec::as_slice).collect::<Vec<_>>());
        Destroyed { format: FORMAT, instance, set, fingerprint, place, day, signature }
    }
}

const DESTROYED: &str = "mifeng/v1/shares-destroyed";

/// A holder's word, signed with the key that is destroyed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Destroyed {
    format: u16,
    instance: Instance,
    /// The last set the holder stood in.
    pub set: u32,
    fingerprint: String,
    /// From 1.
    pub place: u8,
    pub day: Day,
    signature: Signature,
}

impl Destroyed {
    /// The holder whose word it is, as that set has them.
    pub fn check<'a>(&self, sets: &'a Sets) -> Result<&'a Trustee, ReshareRefused> {
        let set = sets.numbered(self.set).ok_or(ReshareRefused::OtherSets)?;
        let named = (&self.instance, &self.fingerprint);
        if self.format != FORMAT || named != (set.instance(), &set.fingerprint().to_string()) {
            return Err(ReshareRefused::OtherSets);
        }
        let place = usize::from(self.place).checked_sub(1);
        let holder = place.and_then(|i| set.trustees().get(i)).ok_or(ReshareRefused::NoHolder)?;
        let parts = parts(&self.instance, self.set, &self.fingerprint, self.place, self.day);
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        match holder.verify.accepts(DESTROYED, &parts, &self.signature) {
            true => Ok(holder),
            false => Err(ReshareRefused::Signature(self.place)),
        }
    }
}

fn parts(instance: &Instance, set: u32, fingerprint: &str, place: u8, day: Day) -> [Vec<u8>; 5] {
    [
        instance.0.clone().into_bytes(),
        set.to_be_bytes().to_vec(),
        fingerprint.as_bytes().to_vec(),
        vec![place],
        day.to_string().into_bytes(),
    ]
}

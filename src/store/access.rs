//! Access of other systems of the authority: a token's hash, whose it is, what it may read, until when. Kept for good, so
//! that the staff record can be read later; a revoked one opens nothing.

use super::{Account, Commit, Refused, Store, engine::Tree};
use crate::{
    clock::Day,
    ids::StaffId,
    policy::{Bodies, Body},
    transcript::hash,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Before every token, so that scanners for leaked secrets know one.
const PREFIX: &str = "mifeng_";
/// Tokens there can be, those revoked included.
const MOST: usize = 1_000;

/// Stands for a token: a hash over its 32 random bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AccessHash([u8; 32]);

impl AccessHash {
    /// A new token, to be shown once, and what is kept of it.
    pub fn draw(rng: &mut impl CryptoRng) -> (Zeroizing<String>, Self) {
        let mut bytes = Zeroizing::new([0; 32]);
        rng.fill_bytes(&mut *bytes);
        let text = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        (Zeroizing::new(format!("{PREFIX}{}", &*text)), Self::of(&*bytes))
    }

    /// Of what a program sent. `None`: no token of ours.
    pub fn sent(text: &str) -> Option<Self> {
        let bytes = Zeroizing::new(BASE64_URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?);
        (bytes.len() == 32).then(|| Self::of(&bytes))
    }

    fn of(bytes: &[u8]) -> Self {
        Self(hash("mifeng/v1/access-token", &[bytes]))
    }
}

/// What a token lets its holder read. Nothing lets anybody write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Scope {
    /// Cases of the body and those below it, as their investigators see them.
    #[serde(rename = "cases:read")]
    Cases,
    /// Figures as the pages show them.
    #[serde(rename = "figures:read")]
    Figures,
    /// The public log.
    #[serde(rename = "log:read")]
    Log,
}

impl Scope {
    pub const ALL: [Self; 3] = [Self::Cases, Self::Figures, Self::Log];

    pub fn code(self) -> &'static str {
        match self {
            Self::Cases => "cases:read",
            Self::Figures => "figures:read",
            Self::Log => "log:read",
        }
    }
}

/// One access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Access {
    /// From 1, in the order they were made.
    pub number: u64,
    /// What the system is called.
    pub name: String,
    /// A code of `policy/bodies.toml`.
    pub body: String,
    pub scopes: BTreeSet<Scope>,
    pub made: Day,
    pub made_by: StaffId,
    /// The last day.
    pub until: Day,
    pub revoked: Option<Day>,
}

impl Access {
    /// Whether it opens anything on that day.
    pub fn is_open(&self, today: Day) -> bool {
        self.revoked.is_none() && today <= self.until
    }

    /// `None`: one that policy does not know any more. Such an access reaches nothing.
    pub fn body<'a>(&self, bodies: &'a Bodies) -> Option<&'a Body> {
        bodies.get(&self.body)
    }

    /// As the staff record names it. No log-in name has a colon.
    pub fn id(&self) -> StaffId {
        StaffId(format!("system:{}", self.number))
    }
}

impl Store {
    pub(super) fn find_access(&self, token: AccessHash) -> Result<Option<Access>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Access, &token.0)
    }

    /// In the order they were made.
    pub(super) fn all_accesses(&self) -> Result<Vec<Access>, Refused> {
        let engine = &*self.core.engine;
        let mut all = Vec::new();
        for entry in engine.scan(Tree::Access, &[], &[]) {
            all.extend(self.core.records.find::<Access>(engine, Tree::Access, &entry?.0)?);
        }
        all.sort_by_key(|access: &Access| access.number);
        Ok(all)
    }

    /// Gives it its number. Refused as [`Refused::Changed`] if what `by` was let in with no longer holds.
    pub(super) fn put_access(&self, by: &Account, token: AccessHash, access: Access) -> Commit<u64> {
        let (core, by) = (self.core.clone(), by.clone());
        self.committer.commit(move |txn| {
            core.admits_still(txn, &by)?;
            if txn.keys(Tree::Access, &[])?.len() >= MOST {
                return Err(Refused::TooManyAccesses);
            }
            let number = core.records.count(txn, "access")?;
            core.records.put(txn, Tree::Access, &token.0, &Access { number, ..access })?;
            Ok(number)
        })
    }

    /// As [`Store::put_access`]. A second time changes nothing.
    pub(super) fn end_access(&self, by: &Account, number: u64, day: Day) -> Commit<()> {
        let (core, by) = (self.core.clone(), by.clone());
        self.committer.commit(move |txn| {
            core.admits_still(txn, &by)?;
            for key in txn.keys(Tree::Access, &[])? {
                let found: Option<Access> = core.records.find(txn, Tree::Access, &key)?;
                let Some(access) = found.filter(|access| access.number == number) else { continue };
                let revoked = access.revoked.or(Some(day));
                return core.records.put(txn, Tree::Access, &key, &Access { revoked, ..access });
            }
            Err(Refused::NoSuchAccess)
        })
    }
}

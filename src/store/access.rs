//! Access of other systems of the authority: a token's hash, whose it is, what it may read, until when. Made by one
//! administrator and confirmed by another: before that, and once it is revoked, it opens nothing. Kept for good, so that the
//! staff record can be read later.

use super::{Account, Commit, Refused, Store, TrailEntry, committer::Txn, core::Core, engine::Tree};
use crate::{
    clock::Day,
    ids::StaffId,
    policy::{Bodies, Body},
    transcript::hash,
};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use jiff::ToSpan;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// Before every token, so that scanners for leaked secrets know one.
const PREFIX: &str = "mifeng_";
/// Tokens there can be, those revoked included.
const MOST: usize = 1_000;
/// How long a new one waits for a second administrator: a week has working days of everybody in it, and a token that lies
/// about for longer is better drawn anew.
const CONFIRM_DAYS: i32 = 7;

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
    /// Cases of the body and those below it: how they stand, and what their sheets say.
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

/// Whether somebody else than its maker has stood by an access.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Confirmation {
    /// It was made when nobody was asked: it goes on. None is made so any more.
    NotAsked,
    Awaited,
    Given {
        by: StaffId,
        day: Day,
    },
}

impl Confirmation {
    /// What a record says that does not speak of it.
    fn of_old_records() -> Self {
        Self::NotAsked
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
    #[serde(default = "Confirmation::of_old_records")]
    pub confirmation: Confirmation,
}

impl Access {
    /// Whether it opens anything on that day.
    pub fn is_open(&self, today: Day) -> bool {
        self.revoked.is_none() && today <= self.until && self.confirmation != Confirmation::Awaited
    }

    /// Whether a second administrator can still confirm it on that day.
    pub fn awaits(&self, today: Day) -> bool {
        self.revoked.is_none() && today <= self.confirm_by() && self.confirmation == Confirmation::Awaited
    }

    /// The last day to confirm it. One that nobody has confirmed by then is over.
    pub fn confirm_by(&self) -> Day {
        self.until.min(self.made.saturating_add(CONFIRM_DAYS.days()))
    }

    /// Whoever made it is no second.
    fn confirmed(self, by: &StaffId, day: Day) -> Result<Self, Refused> {
        if self.made_by == *by {
            return Err(Refused::OwnAccess);
        }
        if !self.awaits(day) {
            return Err(Refused::Changed);
        }
        Ok(Self { confirmation: Confirmation::Given { by: by.clone(), day }, ..self })
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
        let end = move |access: Access| Ok(Access { revoked: access.revoked.or(Some(day)), ..access });
        self.committer.commit(move |txn| core.change_access(txn, &by, number, end))
    }

    /// As [`Store::put_access`]. Refused as [`Refused::OwnAccess`] to whoever made it, as [`Refused::Changed`] once it does
    /// not wait any more. The staff record says that it was confirmed if it was, and else nothing.
    pub(super) fn second_access(&self, by: &Account, number: u64, day: Day, entry: TrailEntry) -> Commit<()> {
        let (core, by) = (self.core.clone(), by.clone());
        self.committer.commit(move |txn| {
            core.change_access(txn, &by, number, |access| access.confirmed(&by.id, day))?;
            core.note(txn, &entry).map(drop)
        })
    }
}

impl Core {
    fn change_access(
        &self,
        txn: &mut Txn,
        by: &Account,
        number: u64,
        change: impl FnOnce(Access) -> Result<Access, Refused>,
    ) -> Result<(), Refused> {
        self.admits_still(txn, by)?;
        for key in txn.keys(Tree::Access, &[])? {
            let found: Option<Access> = self.records.find(txn, Tree::Access, &key)?;
            let Some(access) = found.filter(|access| access.number == number) else { continue };
            return self.records.put(txn, Tree::Access, &key, &change(access)?);
        }
        Err(Refused::NoSuchAccess)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// As it was written before a second was asked for.
    const OLD: &str = r#"{"number":1,"name":"x","body":"ministry","scopes":["cases:read"],"made":"2026-11-23",
        "made_by":"admin","until":"2026-12-31","revoked":null}"#;

    #[test]
    fn an_old_record_says_nothing_of_a_second_and_goes_on() {
        let old: Access = serde_json::from_str(OLD).unwrap();
        assert_eq!(old.confirmation, Confirmation::NotAsked);
        assert!(old.is_open(date(2026, 12, 31)) && !old.is_open(date(2027, 1, 1)));
        assert!(!old.awaits(date(2026, 11, 23)), "nobody has to confirm it");
        let again: Access = serde_json::from_str(&serde_json::to_string(&old).unwrap()).unwrap();
        assert_eq!(again, old);
    }

    #[test]
    fn a_new_one_waits_a_week_for_somebody_else() {
        let old: Access = serde_json::from_str(OLD).unwrap();
        let new = Access { confirmation: Confirmation::Awaited, ..old };
        let (maker, other) = (new.made_by.clone(), StaffId("admin2".into()));
        let (last, late) = (date(2026, 11, 30), date(2026, 12, 1));
        assert!(new.awaits(last) && !new.is_open(last));
        assert!(!new.awaits(late) && !new.is_open(late));
        assert!(matches!(new.clone().confirmed(&maker, last), Err(Refused::OwnAccess)));
        assert!(matches!(new.clone().confirmed(&other, late), Err(Refused::Changed)));
        let ended = Access { revoked: Some(last), ..new.clone() };
        assert!(matches!(ended.confirmed(&other, last), Err(Refused::Changed)));
        let confirmed = new.clone().confirmed(&other, last).unwrap();
        assert!(confirmed.is_open(late) && !confirmed.awaits(last));
        assert!(matches!(confirmed.clone().confirmed(&other, last), Err(Refused::Changed)), "once");
        let stored = serde_json::to_string(&confirmed).unwrap();
        assert!(stored.contains(r#""given":{"by":"admin2","day":"2026-11-30"}"#), "{stored}");
        assert_eq!(serde_json::from_str::<Access>(&stored).unwrap(), confirmed);
        // Its own last day may come first.
        let short = Access { until: date(2026, 11, 25), ..new };
        assert!(short.awaits(date(2026, 11, 25)) && !short.awaits(date(2026, 11, 26)));
    }
}

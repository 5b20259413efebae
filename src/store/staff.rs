//! Accounts of staff and what slows guessing down. Reporters have no account.

use super::{
    Access, AccessHash, Commit, Refused, Store, TrailEntry, committer::Txn, core::Core, engine::Tree,
};
use crate::{
    casework::Role,
    clock::Day,
    ids::StaffId,
    policy::{Bodies, Body},
    staff::{KeptPasskey, SealedSigningKey},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// One member of staff.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    pub id: StaffId,
    pub name: String,
    pub roles: BTreeSet<Role>,
    /// The body they belong to, a code of `policy/bodies.toml`: they see its cases and those of the bodies below it.
    /// Empty: the body above all others. Old records have a region instead, and mean its general body.
    #[serde(alias = "region")]
    pub body: String,
    /// Their number in the recipient set, from 1, if they are a trustee.
    pub trustee: Option<u8>,
    /// argon2id, PHC string.
    pub password: String,
    /// TOTP secret, base32.
    pub totp_secret: String,
    /// The last 30-second step a code was taken for; none is taken twice.
    pub totp_step: u64,
    pub disabled: bool,
    /// Set with a password somebody else has chosen.
    pub must_change_password: bool,
    /// An approver's signing key, sealed under their password.
    pub signing_key: Option<SealedSigningKey>,
    #[serde(default)]
    pub ways: Ways,
}

/// How its holder gets in beside password and code, what ends every session, and how they like to work.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Ways {
    /// Counts up whenever all sessions must end; each carries the number it began under.
    pub generation: u64,
    pub passkeys: Vec<KeptPasskey>,
    /// Who they are to the provider of single sign-on; no two accounts share one.
    pub subject: Option<String>,
    /// Pages take single keys; off until they ask for it.
    pub shortcuts: bool,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account({})", self.id)
    }
}

impl Account {
    /// `None`: one that policy does not know. Such an account reaches nothing.
    pub fn body<'a>(&self, bodies: &'a Bodies) -> Option<&'a Body> {
        if self.body.is_empty() { Some(bodies.root()) } else { bodies.known(&self.body) }
    }

    /// Whether `body` is the account's own or lies below it.
    pub fn reaches(&self, body: &Body, bodies: &Bodies) -> bool {
        self.body(bodies).is_some_and(|own| bodies.covers(own, body))
    }

    /// Whether what its holder was let in with still holds: not disabled since, same password, same roles, and
    /// nobody has ended its sessions.
    pub fn still_admits(&self, seen: &Self) -> bool {
        !self.disabled
            && self.password == seen.password
            && self.roles == seen.roles
            && self.ways.generation == seen.ways.generation
    }

    /// The same account, and every session of it at an end.
    pub fn without_sessions(mut self) -> Self {
        self.ways.generation += 1;
        self
    }

    /// Can make and change accounts now.
    fn administers(&self) -> bool {
        !self.disabled && self.roles.contains(&Role::Administrator)
    }
}

/// Makes an account from the one that stands. Runs on the committer's thread: must be short.
pub type AccountChange = Box<dyn FnOnce(Account) -> Result<Account, Refused> + Send>;

/// Failed log-ins in a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempts {
    pub count: u32,
    /// Of the last one; seconds since 1970-01-01T00:00Z.
    pub last: i64,
}

pub trait Staff: Send + Sync {
    fn account(&self, id: &StaffId) -> Result<Option<Account>, Refused>;

    /// In the order of their names.
    fn accounts(&self) -> Result<Vec<Account>, Refused>;

    /// Creates the account or replaces it: for commands, while nobody is served.
    fn put_account(&self, account: Account) -> Commit<()>;

    /// Creates the account, by an administrator: refused as [`Refused::Changed`] if what `by` was let in with no
    /// longer holds when it is made. A log-in name in use is [`Refused::AccountTaken`].
    fn new_account_by(&self, by: &Account, account: Account) -> Commit<()>;

    /// Changes the account as it stands when the change is made, never as somebody read it before. One that
    /// would leave no administrator is [`Refused::LastAdministrator`].
    fn change_account(&self, id: &StaffId, change: AccountChange) -> Commit<()>;

    /// As [`Staff::change_account`], by an administrator: refused as [`Refused::Changed`] if what `by` was let in
    /// with no longer holds when the change is made.
    fn change_account_by(&self, by: &Account, id: &StaffId, change: AccountChange) -> Commit<()>;

    /// Takes a code's step once: the same or an earlier one again is [`Refused::CodeSpent`].
    fn spend_totp(&self, id: &StaffId, step: u64) -> Commit<()>;

    /// Counts an attempt before it is looked at, unless `waiting(before, at)` seconds are left to wait: so that
    /// attempts made at once are counted one by one. Gives what stood before. Names that exist and names that do
    /// not are counted alike.
    fn count_attempt(&self, key: &str, at: i64, waiting: fn(&Attempts, i64) -> i64) -> Commit<Attempts>;

    fn clear_failures(&self, key: &str) -> Commit<()>;

    /// What this token opens; whether it still does is to be asked of it.
    fn access(&self, token: AccessHash) -> Result<Option<Access>, Refused>;

    /// In the order they were made.
    fn accesses(&self) -> Result<Vec<Access>, Refused>;

    /// Makes one, by an administrator, as [`Staff::change_account_by`], and gives its number.
    fn new_access(&self, by: &Account, token: AccessHash, access: Access) -> Commit<u64>;

    /// Confirms it on that day, by another administrator than its maker, who is refused as [`Refused::OwnAccess`]. One that
    /// waits for nobody any more is [`Refused::Changed`]. `entry` comes into the staff record with it, and not without it.
    fn confirm_access(&self, by: &Account, number: u64, day: Day, entry: TrailEntry) -> Commit<()>;

    /// Ends it on that day, by an administrator, as [`Staff::change_account_by`].
    fn revoke_access(&self, by: &Account, number: u64, day: Day) -> Commit<()>;
}

impl Core {
    /// What `by` was let in with holds as this change is made.
    pub(super) fn admits_still(&self, txn: &Txn, by: &Account) -> Result<(), Refused> {
        let now: Option<Account> = self.records.find(txn, Tree::Staff, by.id.0.as_bytes())?;
        if now.is_some_and(|now| now.still_admits(by)) { Ok(()) } else { Err(Refused::Changed) }
    }

    fn change_account(&self, txn: &mut Txn, id: &StaffId, change: AccountChange) -> Result<(), Refused> {
        let key = id.0.as_bytes();
        let before: Account = self.records.find(txn, Tree::Staff, key)?.ok_or(Refused::NoSuchAccount)?;
        let (administered, subject) = (before.administers(), before.ways.subject.clone());
        let account = Account { id: id.clone(), ..change(before)? };
        if administered && !account.administers() && !self.has_other(txn, id, Account::administers)? {
            return Err(Refused::LastAdministrator);
        }
        let joined = account.ways.subject.as_ref().filter(|now| Some(*now) != subject.as_ref());
        if let Some(joined) = joined
            && self.has_other(txn, id, |other| other.ways.subject.as_ref() == Some(joined))?
        {
            return Err(Refused::SubjectTaken);
        }
        self.records.put(txn, Tree::Staff, key, &account)
    }

    /// Whether there is such an account beside `id`, as this change finds them.
    fn has_other(&self, txn: &Txn, id: &StaffId, such: impl Fn(&Account) -> bool) -> Result<bool, Refused> {
        for key in txn.keys(Tree::Staff, &[])? {
            let other: Option<Account> = self.records.find(txn, Tree::Staff, &key)?;
            if other.is_some_and(|other| other.id != *id && such(&other)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Staff for Store {
    fn account(&self, id: &StaffId) -> Result<Option<Account>, Refused> {
        self.core.records.find(&*self.core.engine, Tree::Staff, id.0.as_bytes())
    }

    fn accounts(&self) -> Result<Vec<Account>, Refused> {
        let engine = &*self.core.engine;
        let mut accounts = Vec::new();
        for entry in engine.scan(Tree::Staff, &[], &[]) {
            accounts.extend(self.core.records.find::<Account>(engine, Tree::Staff, &entry?.0)?);
        }
        Ok(accounts)
    }

    fn put_account(&self, account: Account) -> Commit<()> {
        let core = self.core.clone();
        self.committer
            .commit(move |txn| core.records.put(txn, Tree::Staff, account.id.0.as_bytes(), &account))
    }

    fn new_account_by(&self, by: &Account, account: Account) -> Commit<()> {
        let (core, by) = (self.core.clone(), by.clone());
        self.committer.commit(move |txn| {
            core.admits_still(txn, &by)?;
            let key = account.id.0.as_bytes();
            if core.records.find::<Account>(txn, Tree::Staff, key)?.is_some() {
                return Err(Refused::AccountTaken);
            }
            core.records.put(txn, Tree::Staff, key, &account)
        })
    }

    fn change_account(&self, id: &StaffId, change: AccountChange) -> Commit<()> {
        let core = self.core.clone();
        let id = id.clone();
        self.committer.commit(move |txn| core.change_account(txn, &id, change))
    }

    fn change_account_by(&self, by: &Account, id: &StaffId, change: AccountChange) -> Commit<()> {
        let core = self.core.clone();
        let (by, id) = (by.clone(), id.clone());
        self.committer.commit(move |txn| {
            core.admits_still(txn, &by)?;
            core.change_account(txn, &id, change)
        })
    }

    fn spend_totp(&self, id: &StaffId, step: u64) -> Commit<()> {
        let core = self.core.clone();
        let id = id.clone();
        self.committer.commit(move |txn| {
            let key = id.0.as_bytes();
            let account: Option<Account> = core.records.find(txn, Tree::Staff, key)?;
            let mut account = account.ok_or(Refused::NoSuchAccount)?;
            if step <= account.totp_step {
                return Err(Refused::CodeSpent);
            }
            account.totp_step = step;
            core.records.put(txn, Tree::Staff, key, &account)
        })
    }

    fn count_attempt(&self, key: &str, at: i64, waiting: fn(&Attempts, i64) -> i64) -> Commit<Attempts> {
        let core = self.core.clone();
        let key = key.to_owned();
        self.committer.commit(move |txn| {
            let before: Attempts =
                core.records.find(txn, Tree::Attempts, key.as_bytes())?.unwrap_or_default();
            if waiting(&before, at) <= 0 {
                let now = Attempts { count: before.count.saturating_add(1), last: at };
                core.records.put(txn, Tree::Attempts, key.as_bytes(), &now)?;
            }
            Ok(before)
        })
    }

    fn access(&self, token: AccessHash) -> Result<Option<Access>, Refused> {
        self.find_access(token)
    }

    fn accesses(&self) -> Result<Vec<Access>, Refused> {
        self.all_accesses()
    }

    fn new_access(&self, by: &Account, token: AccessHash, access: Access) -> Commit<u64> {
        self.put_access(by, token, access)
    }

    fn confirm_access(&self, by: &Account, number: u64, day: Day, entry: TrailEntry) -> Commit<()> {
        self.second_access(by, number, day, entry)
    }

    fn revoke_access(&self, by: &Account, number: u64, day: Day) -> Commit<()> {
        self.end_access(by, number, day)
    }

    fn clear_failures(&self, key: &str) -> Commit<()> {
        let key = key.to_owned();
        self.committer.commit(move |txn| {
            txn.remove(Tree::Attempts, key);
            Ok(())
        })
    }
}

//! Who acts on a case. Staff are named on everything they do; a reporter is only "the reporter".

pub use crate::policy::{Permission, Role};
use crate::{ids::StaffId, policy::Roles};
use std::collections::BTreeSet;

/// Who makes a move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Whoever holds the receipt.
    Reporter,
    /// A member of staff with what their roles permit.
    Staff { id: StaffId, may: BTreeSet<Permission> },
}

impl Actor {
    /// A member of staff under the rules of `policy/roles.toml`.
    pub fn staff(id: StaffId, held: &BTreeSet<Role>, roles: &Roles) -> Self {
        let entries = roles.entries().iter().filter(|entry| held.contains(&entry.role));
        Self::Staff { id, may: entries.flat_map(|entry| entry.may.iter().copied()).collect() }
    }

    pub fn may(&self, permission: Permission) -> bool {
        matches!(self, Self::Staff { may, .. } if may.contains(&permission))
    }

    /// Whether this person may open the content of a case that `owner` works on.
    pub fn may_read(&self, owner: Option<&StaffId>) -> bool {
        let own = matches!(self, Self::Staff { id, .. } if owner == Some(id));
        self.may(Permission::ReadAnyCase) || (own && self.may(Permission::ReadOwnCase))
    }
}

//! Which role may do what with which tree, and call which of the functions that belong to none.

use super::table;
use crate::store::engine::Tree;

/// Who connects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// One process with all three faces; `mifeng check` and `mifeng staff`.
    Whole,
    /// Reporters: takes reports in, and finds one by its locator.
    Portal,
    /// Investigators, approvers, trustees.
    Console,
    /// The reward office.
    Office,
    /// No server: `mifeng keys reshare`, `root` and `log`, while none runs.
    Keys,
}

impl Role {
    pub const ALL: [Role; 5] = [Role::Whole, Role::Portal, Role::Console, Role::Office, Role::Keys];

    pub fn name(self) -> &'static str {
        match self {
            Role::Whole => "mifeng_whole",
            Role::Portal => "mifeng_portal",
            Role::Console => "mifeng_console",
            Role::Office => "mifeng_office",
            Role::Keys => "mifeng_keys",
        }
    }
}

/// What can be done with a tree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Right {
    /// Read the value of a key that is known.
    Get,
    /// Go through the keys.
    Scan,
    Put,
    Remove,
}

impl Right {
    pub const ALL: [Right; 4] = [Right::Get, Right::Scan, Right::Put, Right::Remove];

    pub(super) fn function(self, tree: Tree) -> String {
        let (table, what) = (
            table(tree),
            match self {
                Right::Get => "get(bytea)",
                Right::Scan => "scan(bytea, bytea, bigint)",
                Right::Put => "put(bytea[], bytea[])",
                Right::Remove => "remove(bytea[])",
            },
        );
        format!("mifeng.{table}_{what}")
    }
}

/// What a role may do with a tree. Nothing is listed that no page of its face needs.
pub fn rights(role: Role, tree: Tree) -> &'static [Right] {
    use Right::*;
    match role {
        Role::Whole => &Right::ALL,
        // Every key is one that its reporter brings, or that lies in what the reporter's own key opens.
        Role::Portal => match tree {
            Tree::Meta | Tree::DataKeys | Tree::Reports | Tree::Cases | Tree::Audit | Tree::Awards => {
                &[Get, Put]
            }
            // Public, but for the last minutes.
            Tree::LogLeaves => &[Get, Scan, Put],
            Tree::LogNodes => &[Get, Put],
            Tree::Locators | Tree::Files | Tree::Tickets => &[Get, Put, Remove],
            Tree::Envelopes | Tree::Shares | Tree::Trail => &[Put],
            Tree::Packages => &[Remove],
            Tree::Staff | Tree::Attempts | Tree::Views | Tree::Access => &[],
        },
        Role::Console => match tree {
            // Every case is read at the start, with its key and award: side by side, not one by one.
            Tree::Cases | Tree::DataKeys | Tree::Awards | Tree::Staff | Tree::Access => &[Get, Scan, Put],
            Tree::Meta | Tree::Audit | Tree::Trail => &[Get, Put],
            Tree::LogLeaves => &[Get, Scan, Put],
            Tree::LogNodes => &[Get, Put],
            Tree::Files | Tree::Tickets | Tree::Views => &[Get, Scan, Put, Remove],
            Tree::Attempts => &[Get, Put, Remove],
            // The trustees' door: one file at a time, by report, envelope and trustee.
            Tree::Reports | Tree::Shares => &[Get],
            Tree::Packages => &[Remove],
            Tree::Envelopes | Tree::Locators => &[],
        },
        Role::Office => match tree {
            // Passkeys and single sign-on look for whose they are; every case is read at the start, as the console does.
            Tree::Cases | Tree::DataKeys | Tree::Awards | Tree::Staff => &[Get, Scan, Put],
            // Edited copies of originals come in and are dropped here.
            Tree::Files => &[Get, Scan, Put, Remove],
            Tree::Meta | Tree::Audit => &[Get, Put],
            Tree::LogLeaves => &[Get, Scan, Put],
            Tree::LogNodes => &[Get, Put],
            Tree::Packages | Tree::Attempts => &[Get, Put, Remove],
            Tree::Reports | Tree::Envelopes => &[Get],
            Tree::Trail => &[Put],
            Tree::Shares | Tree::Locators | Tree::Tickets | Tree::Views | Tree::Access => &[],
        },
        // Everything lies under the root key. New entries are those of batches; what is written over says `rekey`.
        Role::Keys => match tree {
            Tree::Meta | Tree::Reports | Tree::Shares | Tree::LogLeaves | Tree::LogNodes => &[Get, Scan, Put],
            _ => &[Get, Scan],
        },
    }
}

/// Functions that belong to no tree, which a role may call.
pub fn others(role: Role) -> &'static [&'static str] {
    match role {
        Role::Whole => &WHOLES,
        // It sweeps what uploads that broke off have left behind.
        Role::Console => &CONSOLES,
        Role::Office => &OFFICES,
        // Everything but which reports were written of late.
        Role::Portal => &PORTALS,
        Role::Keys => &KEYS,
    }
}

const WHOLES: [&str; 14] = [
    "mifeng.sql_version()",
    // An operator's word of what day it is.
    "mifeng.day_confirm(bytea, bytea)",
    "mifeng.notice()",
    "mifeng.notice_set(text, text)",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.changed_after(bigint)",
    "mifeng.slot_get(bigint)",
    "mifeng.slot_put(bigint, bytea)",
    "mifeng.slots_put(bigint[], bytea[])",
    "mifeng.slots_remove(bigint[])",
    "mifeng.slots_old(bigint, bigint)",
    "mifeng.slots_page(bigint, bigint)",
];

const CONSOLES: [&str; 10] = [
    "mifeng.sql_version()",
    "mifeng.notice()",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.changed_after(bigint)",
    "mifeng.slot_get(bigint)",
    "mifeng.slot_put(bigint, bytea)",
    "mifeng.slots_remove(bigint[])",
    "mifeng.slots_old(bigint, bigint)",
];

const OFFICES: [&str; 9] = [
    "mifeng.sql_version()",
    "mifeng.notice()",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.changed_after(bigint)",
    "mifeng.slot_get(bigint)",
    "mifeng.slot_put(bigint, bytea)",
    "mifeng.slots_remove(bigint[])",
];

const PORTALS: [&str; 8] = [
    "mifeng.sql_version()",
    "mifeng.notice()",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.slot_get(bigint)",
    "mifeng.slot_put(bigint, bytea)",
    "mifeng.slots_remove(bigint[])",
];

const KEYS: [&str; 6] = [
    "mifeng.sql_version()",
    "mifeng.notice()",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.changed_after(bigint)",
];

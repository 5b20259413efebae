//! What the owner of the database runs once: tables, functions, and which role may call which.
//!
//! No role of a server is given a table. A function reads or writes one tree, as its owner, with every name spelled
//! out; so "may read a case whose report id it knows" is a right of its own, apart from "may go through all cases".

use crate::store::engine::Tree;
use std::fmt::Write as _;

/// Of tables and functions, not of what the records hold.
pub const VERSION: i32 = 1;

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
}

impl Role {
    pub const ALL: [Role; 4] = [Role::Whole, Role::Portal, Role::Console, Role::Office];

    pub fn name(self) -> &'static str {
        match self {
            Role::Whole => "mifeng_whole",
            Role::Portal => "mifeng_portal",
            Role::Console => "mifeng_console",
            Role::Office => "mifeng_office",
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

    fn function(self, tree: Tree) -> String {
        let (table, what) = (
            table(tree),
            match self {
                Right::Get => "get(bytea)",
                Right::Scan => "scan(bytea, bytea, int)",
                Right::Put => "put(bytea[], bytea[])",
                Right::Remove => "remove(bytea[])",
            },
        );
        format!("mifeng.{table}_{what}")
    }
}

/// Only what these hold is ever taken out again: there is no function that removes a case, or an entry of the log.
fn is_removable(tree: Tree) -> bool {
    matches!(
        tree,
        Tree::Locators | Tree::Files | Tree::Packages | Tree::Attempts | Tree::Tickets | Tree::Views
    )
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
            Tree::Cases | Tree::Staff | Tree::Access => &[Get, Scan, Put],
            Tree::Meta | Tree::DataKeys | Tree::Audit | Tree::Awards | Tree::Trail => &[Get, Put],
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
            // Passkeys and single sign-on look for whose they are.
            Tree::Cases | Tree::Staff => &[Get, Scan, Put],
            // Edited copies of originals come in and are dropped here.
            Tree::Files => &[Get, Scan, Put, Remove],
            Tree::Meta | Tree::DataKeys | Tree::Audit | Tree::Awards => &[Get, Put],
            Tree::LogLeaves => &[Get, Scan, Put],
            Tree::LogNodes => &[Get, Put],
            Tree::Packages | Tree::Attempts => &[Get, Put, Remove],
            Tree::Reports | Tree::Envelopes => &[Get],
            Tree::Trail => &[Put],
            Tree::Shares | Tree::Locators | Tree::Tickets | Tree::Views | Tree::Access => &[],
        },
    }
}

/// Functions that belong to no tree, which a role may call.
pub fn others(role: Role) -> &'static [&'static str] {
    match role {
        Role::Whole | Role::Console | Role::Office => &OTHERS,
        // Everything but which reports were written of late.
        Role::Portal => &PORTALS,
    }
}

const OTHERS: [&str; 8] = [
    "mifeng.sql_version()",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.changed_after(bigint)",
    "mifeng.slot_get(bigint)",
    "mifeng.slot_put(bigint, bytea)",
    "mifeng.slots_remove(bigint[])",
];

const PORTALS: [&str; 7] = [
    "mifeng.sql_version()",
    "mifeng.written()",
    "mifeng.take_turn()",
    "mifeng.advance(bytea[])",
    "mifeng.slot_get(bigint)",
    "mifeng.slot_put(bigint, bytea)",
    "mifeng.slots_remove(bigint[])",
];

/// What was written once stays as it is: none of these is ever written over.
fn is_append_only(tree: Tree) -> bool {
    matches!(tree, Tree::Envelopes | Tree::Shares | Tree::LogLeaves | Tree::LogNodes | Tree::Trail)
}

/// The table of a tree, in the schema `mifeng`.
pub fn table(tree: Tree) -> String {
    tree.name().replace('-', "_")
}

/// For a superuser, once a cluster: the roles, without passwords.
pub fn roles_sql() -> String {
    let mut sql = String::from(
        "-- The owner makes and keeps tables; no server connects as it.\nCREATE ROLE mifeng_owner LOGIN;\n",
    );
    for role in Role::ALL {
        let _ = writeln!(sql, "CREATE ROLE {} LOGIN;", role.name());
    }
    sql
}

/// For the database's owner, once: everything in it.
pub fn schema_sql() -> String {
    let mut sql = format!("{HEAD}{}", OWN.replace("VERSION", &VERSION.to_string()));
    for tree in Tree::ALL {
        sql.push_str(&tree_sql(tree));
    }
    sql.push_str("\n-- Functions are everybody's until somebody says otherwise.\nREVOKE ALL ON SCHEMA mifeng FROM PUBLIC;\nREVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM PUBLIC;\n");
    for role in Role::ALL {
        let name = role.name();
        let _ = writeln!(sql, "\nGRANT USAGE ON SCHEMA mifeng TO {name};");
        for other in others(role) {
            let _ = writeln!(sql, "GRANT EXECUTE ON FUNCTION {other} TO {name};");
        }
        for tree in Tree::ALL {
            for right in
                rights(role, tree).iter().filter(|right| **right != Right::Remove || is_removable(tree))
            {
                let _ = writeln!(sql, "GRANT EXECUTE ON FUNCTION {} TO {name};", right.function(tree));
            }
        }
    }
    sql
}

const HEAD: &str = "\
-- The store of mifeng. Run once, as the database's owner, in one transaction: psql -1 -v ON_ERROR_STOP=1
CREATE SCHEMA mifeng;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
";

const AS_OWNER: &str = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS";

const OWN: &str = "
CREATE TABLE mifeng.writer (one int PRIMARY KEY CHECK (one = 1), written bigint NOT NULL);
INSERT INTO mifeng.writer VALUES (1, 0);
CREATE TABLE mifeng.changed (report bytea PRIMARY KEY, written bigint NOT NULL);
CREATE INDEX changed_written ON mifeng.changed (written);
CREATE TABLE mifeng.slots (slot bigint PRIMARY KEY, bytes bytea NOT NULL, day date NOT NULL DEFAULT current_date);

CREATE FUNCTION mifeng.sql_version() RETURNS int LANGUAGE sql AS $$ SELECT VERSION $$;
CREATE FUNCTION mifeng.written() RETURNS bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT written FROM mifeng.writer $$;
CREATE FUNCTION mifeng.take_turn() RETURNS bigint LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT written FROM mifeng.writer FOR UPDATE $$;
CREATE FUNCTION mifeng.advance(reports bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ UPDATE mifeng.writer SET written = written + 1;
     INSERT INTO mifeng.changed (report, written)
       SELECT r, w.written FROM unnest(reports) AS r, mifeng.writer AS w
       ON CONFLICT (report) DO UPDATE SET written = excluded.written $$;
CREATE FUNCTION mifeng.changed_after(after bigint) RETURNS TABLE (report bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT c.report FROM mifeng.changed AS c WHERE c.written > after ORDER BY c.written $$;
CREATE FUNCTION mifeng.slot_put(n bigint, b bytea) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.slots (slot, bytes) VALUES (n, b) $$;
CREATE FUNCTION mifeng.slot_get(n bigint) RETURNS bytea LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT bytes FROM mifeng.slots WHERE slot = n $$;
CREATE FUNCTION mifeng.slots_remove(ns bigint[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.slots WHERE slot = ANY (ns) $$;
";

fn tree_sql(tree: Tree) -> String {
    let table = table(tree);
    let again = match tree {
        _ if is_append_only(tree) => "",
        // What every process reads before anything else is written once.
        Tree::Meta => {
            "\n     ON CONFLICT (key) DO UPDATE SET value = excluded.value WHERE t.key NOT IN ('schema', 'mark')"
        }
        _ => "\n     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
    };
    let check = match tree {
        Tree::Cases | Tree::Reports | Tree::Audit | Tree::Awards | Tree::DataKeys => {
            " CHECK (octet_length(key) = 16)"
        }
        _ => "",
    };
    format!(
        "
CREATE TABLE mifeng.{table} (key bytea PRIMARY KEY{check}, value bytea NOT NULL);
CREATE FUNCTION mifeng.{table}_get(k bytea) RETURNS bytea LANGUAGE sql STABLE
  {AS_OWNER}
  $$ SELECT value FROM mifeng.{table} WHERE key = k $$;
CREATE FUNCTION mifeng.{table}_scan(low bytea, below bytea, most int) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  {AS_OWNER}
  $$ SELECT t.key, t.value FROM mifeng.{table} AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE FUNCTION mifeng.{table}_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  {AS_OWNER}
  $$ INSERT INTO mifeng.{table} AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v){again} $$;
"
    ) + &match is_removable(tree) {
        false => String::new(),
        true => format!(
            "CREATE FUNCTION mifeng.{table}_remove(ks bytea[]) RETURNS void LANGUAGE sql
  {AS_OWNER}
  $$ DELETE FROM mifeng.{table} WHERE key = ANY (ks) $$;
"
        ),
    }
}

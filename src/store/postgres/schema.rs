//! What the owner of the database runs once: tables, functions, and which role may call which.
//!
//! No role of a server is given a table. A function reads or writes one tree, as its owner, with every name spelled
//! out; so "may read a case whose report id it knows" is a right of its own, apart from "may go through all cases".

/// The one table whose keys have rules of their own.
mod meta;
/// Which role may call which function.
mod rights;

pub use rights::{Right, Role, others, rights};

use super::rekey;
use crate::store::engine::Tree;
use meta::{DAY_CONFIRM, META_PUT};
use std::fmt::Write as _;

/// Of tables and functions, not of what the records hold. What a version brought:
/// 2 an edge of the log and the trail, notices, numbers of eight bytes; 3 a head of the log that is never an older one;
/// 4 a role that may write over (`rekey`), and a newest day that no face pushes ahead.
pub const VERSION: i64 = 4;

/// Only what these hold is ever taken out again: there is no function that removes a case, or an entry of the log.
fn is_removable(tree: Tree) -> bool {
    matches!(
        tree,
        Tree::Locators | Tree::Files | Tree::Packages | Tree::Attempts | Tree::Tickets | Tree::Views
    )
}

/// What was written once stays as it is: none of these is ever written over, but by [`Role::Keys`].
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

/// For the database's owner: everything in it. Run again by a newer program, with the servers stopped, it brings an older
/// schema up and keeps what is stored.
pub fn schema_sql() -> String {
    let mut sql = format!("{HEAD}{}", OWN.replace("VERSION", &VERSION.to_string()));
    for tree in Tree::ALL {
        sql.push_str(&tree_sql(tree));
    }
    sql.push_str(DAY_CONFIRM);
    sql.push_str(EDGES);
    sql.push_str(&rekey::sql());
    sql.push_str("\n-- Functions are everybody's until somebody says otherwise.\nREVOKE ALL ON SCHEMA mifeng FROM PUBLIC;\nREVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM PUBLIC;\n");
    for role in Role::ALL {
        let name = role.name();
        // What an older schema had given, too.
        let _ = writeln!(sql, "\nREVOKE ALL ON ALL FUNCTIONS IN SCHEMA mifeng FROM {name};");
        let _ = writeln!(sql, "GRANT USAGE ON SCHEMA mifeng TO {name};");
        let overs = rekey::functions().filter(|_| role == Role::Keys);
        for other in others(role).iter().map(|other| (*other).to_owned()).chain(overs) {
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
-- The store of mifeng. Run as the database's owner, in one transaction: psql -1 -v ON_ERROR_STOP=1
-- Run again by a newer program, with the servers stopped, it keeps what is stored.
CREATE SCHEMA IF NOT EXISTS mifeng;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
";

pub(super) const AS_OWNER: &str = "SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS";

/// Every number is a `bigint`: CockroachDB has no other `int`.
const OWN: &str = "
CREATE TABLE IF NOT EXISTS mifeng.writer (one int PRIMARY KEY CHECK (one = 1), written bigint NOT NULL);
INSERT INTO mifeng.writer VALUES (1, 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS mifeng.changed (report bytea PRIMARY KEY, written bigint NOT NULL);
CREATE INDEX IF NOT EXISTS changed_written ON mifeng.changed (written);
CREATE TABLE IF NOT EXISTS mifeng.slots (slot bigint PRIMARY KEY, bytes bytea NOT NULL, day date NOT NULL DEFAULT current_date);
-- Why nobody may be served, while something is moved in.
CREATE TABLE IF NOT EXISTS mifeng.notices (one int PRIMARY KEY CHECK (one = 1), token text NOT NULL, text text NOT NULL);
-- Where the next entry of a tree goes that has no gaps.
CREATE TABLE IF NOT EXISTS mifeng.edges (tree text PRIMARY KEY, next bigint NOT NULL);

DROP FUNCTION IF EXISTS mifeng.sql_version();
CREATE FUNCTION mifeng.sql_version() RETURNS bigint LANGUAGE sql AS $$ SELECT VERSION::bigint $$;
-- Eight bytes of a key, from this one on.
CREATE OR REPLACE FUNCTION mifeng.number(k bytea, at int) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT (get_byte(k, at)::bigint << 56) | (get_byte(k, at + 1)::bigint << 48)
       | (get_byte(k, at + 2)::bigint << 40) | (get_byte(k, at + 3)::bigint << 32)
       | (get_byte(k, at + 4)::bigint << 24) | (get_byte(k, at + 5)::bigint << 16)
       | (get_byte(k, at + 6)::bigint << 8) | get_byte(k, at + 7)::bigint $$;
-- Days since 1970-01-01 in Shanghai, whatever zone the caller has set.
CREATE OR REPLACE FUNCTION mifeng.day() RETURNS bigint LANGUAGE sql STABLE AS
  $$ SELECT ((now() AT TIME ZONE 'UTC' + interval '8 hours')::date - date '1970-01-01')::bigint $$;
CREATE OR REPLACE FUNCTION mifeng.notice() RETURNS TABLE (token text, text text) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT n.token, n.text FROM mifeng.notices AS n $$;
CREATE OR REPLACE FUNCTION mifeng.notice_set(t text, words text) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ UPDATE mifeng.writer SET written = written + 1;
     DELETE FROM mifeng.notices;
     INSERT INTO mifeng.notices SELECT 1, t, words WHERE t IS NOT NULL $$;
CREATE OR REPLACE FUNCTION mifeng.written() RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ BEGIN RETURN (SELECT w.written FROM mifeng.writer AS w); END $$;
CREATE OR REPLACE FUNCTION mifeng.take_turn() RETURNS bigint LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DECLARE n bigint; BEGIN SELECT w.written INTO n FROM mifeng.writer AS w FOR UPDATE; RETURN n; END $$;
CREATE OR REPLACE FUNCTION mifeng.advance(reports bytea[]) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ BEGIN
     UPDATE mifeng.writer SET written = written + 1;
     INSERT INTO mifeng.changed (report, written)
       SELECT r, w.written FROM unnest(reports) AS r, mifeng.writer AS w
       ON CONFLICT (report) DO UPDATE SET written = excluded.written; END $$;
CREATE OR REPLACE FUNCTION mifeng.changed_after(after bigint) RETURNS TABLE (report bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT c.report FROM mifeng.changed AS c WHERE c.written > after ORDER BY c.written $$;
CREATE OR REPLACE FUNCTION mifeng.slot_put(n bigint, b bytea) RETURNS void LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ BEGIN INSERT INTO mifeng.slots (slot, bytes) VALUES (n, b); END $$;
CREATE OR REPLACE FUNCTION mifeng.slots_put(ns bigint[], bs bytea[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ INSERT INTO mifeng.slots (slot, bytes) SELECT n, b FROM unnest(ns, bs) AS s(n, b) $$;
CREATE OR REPLACE FUNCTION mifeng.slot_get(n bigint) RETURNS bytea LANGUAGE plpgsql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ BEGIN RETURN (SELECT s.bytes FROM mifeng.slots AS s WHERE s.slot = n); END $$;
CREATE OR REPLACE FUNCTION mifeng.slots_remove(ns bigint[]) RETURNS void LANGUAGE sql
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ DELETE FROM mifeng.slots WHERE slot = ANY (ns) $$;
-- An upload takes hours, not a day.
CREATE OR REPLACE FUNCTION mifeng.slots_old(low bigint, most bigint) RETURNS TABLE (slot bigint) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT s.slot FROM mifeng.slots AS s WHERE s.slot >= low AND s.day < current_date - 1 ORDER BY s.slot LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.slots_page(low bigint, most bigint) RETURNS TABLE (slot bigint, bytes bytea) LANGUAGE sql STABLE
  SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS
  $$ SELECT s.slot, s.bytes FROM mifeng.slots AS s WHERE s.slot >= low ORDER BY s.slot LIMIT most $$;
";

/// An entry of the log or the trail goes to the next place and nowhere else; a node where its leaves are there; a head says
/// the size that the log has. A key that does not fit becomes none, which the table refuses. Heads from before said no size.
const EDGES: &str = "
INSERT INTO mifeng.edges SELECT 'log_leaves', count(*) FROM mifeng.log_leaves ON CONFLICT DO NOTHING;
INSERT INTO mifeng.edges SELECT 'trail', count(*) + 1 FROM mifeng.trail ON CONFLICT DO NOTHING;
UPDATE mifeng.meta AS t SET value = decode(lpad(to_hex(e.next), 16, '0'), 'hex') || t.value FROM mifeng.edges AS e
  WHERE e.tree = 'log_leaves' AND t.key = 'log/head' AND substr(t.value, 1, 2) = '\\x0101';
";

fn tree_sql(tree: Tree) -> String {
    let table = table(tree);
    let put = match tree {
        Tree::LogLeaves | Tree::Trail => format!(
            "INSERT INTO mifeng.{table} AS t (key, value)
       SELECT CASE WHEN octet_length(k) = 8 AND mifeng.number(k, 0) = e.next + o - 1 THEN k END, v
       FROM unnest(ks, vs) WITH ORDINALITY AS n(k, v, o), mifeng.edges AS e WHERE e.tree = '{table}';
     UPDATE mifeng.edges SET next = next + cardinality(ks) WHERE tree = '{table}'"
        ),
        Tree::LogNodes => format!(
            "INSERT INTO mifeng.{table} AS t (key, value)
       SELECT CASE WHEN octet_length(k) = 9 AND get_byte(k, 0) < 48
         AND mifeng.number(k, 1) >= 0 AND mifeng.number(k, 1) < (e.next >> get_byte(k, 0)) THEN k END, v
       FROM unnest(ks, vs) AS n(k, v), mifeng.edges AS e WHERE e.tree = 'log_leaves'"
        ),
        Tree::Meta => META_PUT.into(),
        _ => {
            let again = match tree {
                _ if is_append_only(tree) => "",
                _ => "\n     ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            };
            format!(
                "INSERT INTO mifeng.{table} AS t (key, value) SELECT k, v FROM unnest(ks, vs) AS n(k, v){again}"
            )
        }
    };
    let check = match tree {
        Tree::Cases | Tree::Reports | Tree::Audit | Tree::Awards | Tree::DataKeys => {
            " CHECK (octet_length(key) = 16)"
        }
        _ => "",
    };
    format!(
        "
CREATE TABLE IF NOT EXISTS mifeng.{table} (key bytea PRIMARY KEY{check}, value bytea NOT NULL);
CREATE OR REPLACE FUNCTION mifeng.{table}_get(k bytea) RETURNS bytea LANGUAGE plpgsql STABLE
  {AS_OWNER}
  $$ BEGIN RETURN (SELECT t.value FROM mifeng.{table} AS t WHERE t.key = k); END $$;
DROP FUNCTION IF EXISTS mifeng.{table}_scan(bytea, bytea, int);
CREATE OR REPLACE FUNCTION mifeng.{table}_scan(low bytea, below bytea, most bigint) RETURNS TABLE (key bytea, value bytea) LANGUAGE sql STABLE
  {AS_OWNER}
  $$ SELECT t.key, t.value FROM mifeng.{table} AS t
     WHERE t.key >= low AND (below IS NULL OR t.key < below) ORDER BY t.key LIMIT most $$;
CREATE OR REPLACE FUNCTION mifeng.{table}_put(ks bytea[], vs bytea[]) RETURNS void LANGUAGE plpgsql
  {AS_OWNER}
  $$ BEGIN {put}; END $$;
"
    ) + &match is_removable(tree) {
        false => String::new(),
        true => format!(
            "CREATE OR REPLACE FUNCTION mifeng.{table}_remove(ks bytea[]) RETURNS void LANGUAGE plpgsql
  {AS_OWNER}
  $$ BEGIN DELETE FROM mifeng.{table} AS t WHERE t.key = ANY (ks); END $$;
"
        ),
    }
}

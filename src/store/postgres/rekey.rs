//! What one role alone may: write over what is otherwise written once. For shares that were split again and for a new root key.
//!
//! No server connects as that role; the commands `mifeng keys …` do, while no server runs. It can put another value in the place of
//! one that is there, in every tree, and takes away nothing but share files beyond an envelope's second: no function of it removes
//! a case, an envelope or an entry of the log, or adds one anywhere but at the next place.

use super::schema::{AS_OWNER, table};
use crate::store::engine::Tree;

/// Share files of places that a later set has not.
pub const DROP: &str = "shares_drop";

/// Writes over the values of keys that are there.
pub fn over(tree: Tree) -> String {
    format!("{}_over", table(tree))
}

/// As they are granted.
pub fn functions() -> impl Iterator<Item = String> {
    let overs = Tree::ALL.into_iter().map(|tree| format!("mifeng.{}(bytea[], bytea[])", over(tree)));
    overs.chain([format!("mifeng.{DROP}(bytea[])")])
}

/// A key that is not there becomes none, which the table refuses. A head of the log gives way to one of the same size alone, and
/// the version of what is stored to none. It takes two trustees at least: their places are never given up.
pub fn sql() -> String {
    let mut sql = String::new();
    for tree in Tree::ALL {
        let table = table(tree);
        let fits = match tree {
            Tree::Meta => {
                " AND k <> 'schema' AND (k <> 'log/head' OR substr(o.value, 1, 8) = substr(v, 1, 8))"
            }
            _ => "",
        };
        sql.push_str(&format!(
            "
CREATE OR REPLACE FUNCTION mifeng.{over}(ks bytea[], vs bytea[]) RETURNS void LANGUAGE sql
  {AS_OWNER}
  $$ INSERT INTO mifeng.{table} AS t (key, value)
       SELECT CASE WHEN EXISTS (SELECT 1 FROM mifeng.{table} AS o WHERE o.key = k{fits}) THEN k END, v
       FROM unnest(ks, vs) AS n(k, v)
     ON CONFLICT (key) DO UPDATE SET value = excluded.value $$;
",
            over = over(tree)
        ));
    }
    sql.push_str(&format!(
        "
CREATE OR REPLACE FUNCTION mifeng.{DROP}(ks bytea[]) RETURNS void LANGUAGE sql
  {AS_OWNER}
  $$ DELETE FROM mifeng.shares WHERE key = ANY (ks) AND get_byte(key, 17) > 2 $$;
"
    ));
    sql
}

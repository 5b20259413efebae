//! On PostgreSQL what is written once is written over by one role alone, which no server connects as, and while none runs.

use crate::{
    store_support::{self, postgres::Database, submission},
    support::*,
};
use mifeng::store::{
    Reports,
    engine::Tree,
    postgres::{
        rekey,
        schema::{Role, table},
    },
};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::Stdio,
};

fn lived_in(at: &Path) -> Option<Database> {
    let database = on_postgres(at)?;
    ceremony(at);
    report(at, 1..=2);
    Some(database)
}

/// As an operator with the wrong file in hand.
fn refused_as(at: &Path, role: &str, words: &str) -> String {
    let output = command(at, words).env("MIFENG_POSTGRES", format!("{role}.toml")).output().unwrap();
    assert!(!output.status.success(), "{role}: mifeng {words}");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn no_command_writes_over_anything_as_a_server_s_role_or_while_a_server_is_connected() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    let Some(_database) = lived_in(at) else { return };
    let (root, log) =
        (fs::read(at.join("keys/root.key")).unwrap(), fs::read(at.join("keys/log.key")).unwrap());
    let over = [
        "keys root new --keys keys",
        "keys root rewrap",
        "keys root retire",
        "keys reshare begin --dealer 1 --dealer 2 --dealer 3 --out b",
        "keys reshare give-up",
        "keys log change",
        "keys log lost",
    ];
    for role in ["whole", "portal"] {
        for words in over {
            let why = refused_as(at, role, words);
            assert!(why.contains("name mifeng_keys in it"), "{role}: {words}: {why}");
        }
    }
    let server = store(at);
    for words in over {
        let why = refused_as(at, "keys", words);
        assert!(
            why.contains("stop every process of the server first: mifeng_whole is connected"),
            "{words}: {why}"
        );
    }
    drop(server);
    assert!(fs::read(at.join("keys/root.key")).unwrap() == root, "no key was drawn");
    assert!(fs::read(at.join("keys/log.key")).unwrap() == log && !at.join("keys/log.key.next").exists());
    assert!(run(at, "keys reshare status").starts_with("set 1        2 envelopes (in force)\n"));
}

/// A face that goes on over an empty database tells whoever brings a good receipt that there is none such.
#[test]
fn nothing_is_put_back_while_a_face_is_connected() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    let Some(_database) = lived_in(at) else { return };
    fs::write(at.join("recipient"), run(at, "backup key --out backup.key")).unwrap();
    let made = command(at, "backup --to kept.age").env("MIFENG_BACKUP", "recipient").output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    // From now on the files name another database, which is empty.
    let Some(empty) = on_postgres(at) else { return };
    let face = empty.engine_as(Role::Portal);
    let why = refused_as(at, "whole", "restore --key backup.key kept.age");
    assert!(why.contains("stop every process of the server first: mifeng_portal is connected"), "{why}");
    assert_eq!(empty.sql("SELECT count(*) FROM mifeng.meta").trim(), "0", "nothing was begun");
    drop(face);
    assert!(run(at, "restore --key backup.key kept.age").contains("is there again"));
    run(at, "check");
}

#[test]
fn one_role_writes_over_what_is_there_and_nothing_else() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    let Some(database) = lived_in(at) else { return };
    let try_as = |role: Role, sql: &str| database.server.try_sql(role.name(), &database.name, sql);
    let everything = || {
        let all = Tree::ALL.map(|tree| {
            database.sql(&format!(
                "SELECT md5(string_agg(key || value, '' ORDER BY key)) FROM mifeng.{}",
                table(tree)
            ))
        });
        all.concat()
    };
    let before = everything();
    for function in rekey::functions() {
        let name = function.split('(').next().unwrap();
        let nothing = if function.ends_with("(bytea[])") { "'{}'" } else { "'{}', '{}'" };
        let sql = format!("SELECT {name}({nothing})");
        for role in Role::ALL.into_iter().filter(|role| *role != Role::Keys) {
            let why = try_as(role, &sql).expect_err(&format!("{role:?} may {sql}"));
            assert!(why.contains("permission denied"), "{role:?} {sql}: {why}");
        }
        try_as(Role::Keys, &sql).unwrap();
    }
    // A new key, whose length fits no check, in whatever table.
    for tree in Tree::ALL {
        let sql =
            format!("SELECT mifeng.{}(ARRAY['\\x7fff'::bytea], ARRAY['\\x00'::bytea])", rekey::over(tree));
        let why = try_as(Role::Keys, &sql).expect_err(&format!("{tree:?}"));
        assert!(why.contains("null value in column \"key\""), "{tree:?}: {why}");
    }
    // A head of another size, and the version of what is stored.
    let sealed = |from: u8| format!("(SELECT substr(value, {from}) FROM mifeng.meta WHERE key = 'log/head')");
    let head = database.sql(&format!("SELECT encode({}, 'hex')", sealed(9)));
    let head = head.trim();
    for (key, value) in [
        ("log/head", format!("0000000000000001{head}")),
        ("log/head", format!("0000000000000003{head}")),
        ("log/head", head.to_owned()),
        ("log/head", String::new()),
        ("schema", "00000001".to_owned()),
    ] {
        let sql = format!("SELECT mifeng.meta_over(ARRAY['{key}'::bytea], ARRAY['\\x{value}'::bytea])");
        let why = try_as(Role::Keys, &sql).expect_err(&format!("{key} {value}"));
        assert!(why.contains("null value in column \"key\""), "{key} {value}: {why}");
    }
    assert_eq!(everything(), before);
    try_as(
        Role::Keys,
        &format!(
            "SELECT mifeng.meta_over(ARRAY['log/head'::bytea], ARRAY['\\x0000000000000002{head}'::bytea])"
        ),
    )
    .unwrap();
    assert_eq!(everything(), before, "the same head over itself");

    // Of an envelope's share files two stay, whoever asks, and nothing but share files goes.
    let places = || {
        database
            .sql("SELECT DISTINCT get_byte(key, 17) FROM mifeng.shares ORDER BY 1")
            .split_whitespace()
            .collect::<String>()
    };
    assert_eq!(places(), "1234");
    let all = database.sql("SELECT array_agg(key) FROM mifeng.shares");
    try_as(Role::Keys, &format!("SELECT mifeng.shares_drop('{}')", all.trim())).unwrap();
    assert_eq!(places(), "12");
    for table in Tree::ALL.map(table) {
        let sql = format!("SELECT mifeng.{table}_remove('{{}}')");
        let why = try_as(Role::Keys, &sql).expect_err(&table);
        assert!(why.contains("does not exist") || why.contains("permission denied"), "{table}: {why}");
    }
    // It adds nothing that is not of a batch.
    for table in ["envelopes", "cases", "trail", "staff", "locators", "access", "packages"] {
        let why = try_as(Role::Keys, &format!("SELECT mifeng.{table}_put('{{}}', '{{}}')")).expect_err(table);
        assert!(why.contains("permission denied"), "{table}: {why}");
    }
}

/// The machine goes down while everything is written again under a new root key.
#[test]
fn a_change_of_the_root_key_that_was_killed_goes_on() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    let Some(_database) = on_postgres(at) else { return };
    ceremony(at);
    {
        let (store, _) = store(at);
        let commits: Vec<_> = (1..=120).map(|n| store.submit(submission(n))).collect();
        for commit in commits {
            commit.wait().unwrap();
        }
    }
    run(at, "keys root new --keys keys");
    // It tells of each group, and is killed after its second.
    let killed_in_the_middle = || {
        let mut child =
            command(at, "keys root rewrap").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_under_way = lines.by_ref().take(2).count() == 2;
        child.kill().unwrap();
        !child.wait().unwrap().success() && is_under_way
    };
    // The store that has just been closed may still be connected.
    assert!((0..200).any(|_| killed_in_the_middle()), "it never began");
    assert!(!run(at, "check").contains("PROBLEM"), "both keys read");
    assert!(run(at, "keys root rewrap").contains("values written again"), "there was nothing left to do");
    run(at, "keys root retire");
    assert!(!run(at, "check").contains("PROBLEM"));
    assert_eq!(fs::read_to_string(at.join("keys/root.key")).unwrap().lines().count(), 1);
}

/// The database refuses one report's new shares in the middle of a batch: what came before stays swapped, that one is whole with
/// its old ones, and the same command goes on.
#[test]
fn a_batch_that_broke_off_between_two_reports_goes_on_and_no_report_is_of_two_sets() {
    let (_alone, temp) = (alone(), tempfile::tempdir().unwrap());
    let at = temp.path();
    let Some(database) = lived_in(at) else { return };
    report(at, 3..=3);
    let held = || run(at, "keys reshare status");
    crate::shares::next_set(at);
    let joined = crate::shares::deal_take_and_join(at, "b", "");
    let last = ids(3).pop().unwrap();
    database.sql(&format!(
        "ALTER TABLE mifeng.shares ADD CONSTRAINT none CHECK (substr(key, 1, 16) <> '\\x{last}') NOT VALID"
    ));
    let why = refused(at, &format!("keys reshare finish{joined}"));
    assert!(why.contains("violates check constraint"), "{why}");
    let status = held();
    assert!(
        status.starts_with("set 1        1 envelopes\nset 2        2 envelopes (in force)\n")
            && status.contains("under way"),
        "{status}"
    );
    let whole = format!("SELECT count(*) FROM mifeng.shares WHERE substr(key, 1, 16) = '\\x{last}'");
    assert_eq!(database.sql(&whole).trim(), "4", "as it was sealed");
    let said = refused(at, "check");
    assert!(
        said.contains("PROBLEM      1 reports of recipient set 1") && said.contains("no backup mends"),
        "{said}"
    );
    assert_eq!(said.matches("PROBLEM").count(), 1, "{said}");

    database.sql("ALTER TABLE mifeng.shares DROP CONSTRAINT none");
    let said = run(at, &format!("keys reshare finish{joined}"));
    assert!(said.contains("batch 1 is finished"), "{said}");
    assert!(held().starts_with("set 2        3 envelopes (in force)\n"));
    assert_eq!(database.sql(&whole).trim(), "3", "three trustees in the later set");
    assert!(!run(at, "check").contains("PROBLEM"));
}

/// Report ids, as the database has them, in its order.
fn ids(count: u64) -> Vec<String> {
    let mut ids: Vec<String> =
        (1..=count).map(|n| hex::encode(store_support::report(n).as_bytes())).collect();
    ids.sort();
    ids
}

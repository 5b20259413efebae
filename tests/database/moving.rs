//! A store moved from sled's folder into PostgreSQL: what is found when something does not fit, and what is forgotten stays so.
//! And databases that an older program made.

use crate::store_support::{
    self,
    postgres::{Database, server},
    *,
};
use jiff::ToSpan;
use mifeng::{
    casework::{CaseFile, Copy, SizeClass},
    clock::{Clock, SystemClock},
    store::{
        FileKind, Month, OpenRefused, PublicLog, Refused, Reports, Rewards, Store,
        engine::{Engine, Tree},
        moving::{self, MoveRefused, Step},
        postgres::schema,
    },
};
use std::{path::Path, sync::Arc};

fn sled(data: &Path) -> Arc<dyn Engine> {
    Arc::new(patience::sled(data))
}

struct Folder {
    folder: tempfile::TempDir,
    database: Database,
}

impl Folder {
    /// Forty reports, three files, and one report of a month of its own.
    fn filled() -> Option<Self> {
        let (folder, database) = (tempfile::tempdir().unwrap(), server()?.database());
        let this = Self { folder, database };
        let store = this.open().unwrap();
        for n in 1..=40 {
            store.submit(submission(n)).wait().unwrap();
        }
        let mut other = submission(50);
        other.forget = Month::of(jiff::civil::date(2030, 1, 1));
        store.submit(other).wait().unwrap();
        for n in [1, 2, 50] {
            attach(&store, n, n as u8);
        }
        Some(this)
    }

    fn open(&self) -> Result<Store, OpenRefused> {
        open(sled(&self.folder.path().join("data")), &self.keys())
    }

    fn keys(&self) -> std::path::PathBuf {
        self.folder.path().join("keys")
    }

    fn moved(&self, told: &mut dyn FnMut(Step)) -> Result<mifeng::store::Sums, MoveRefused> {
        moving::move_store(&self.open().unwrap(), &self.database.engine(), "the database", told)
    }
}

fn attach(store: &Store, n: u64, byte: u8) {
    let mut original = store.begin_file(report(n), FileKind::Original { sequence: 0 }).unwrap();
    store.append(&mut original, &[byte; 100_000]).wait().unwrap();
    let file =
        CaseFile { original: original.blob(), copy: Copy::SealedOnly, size: SizeClass::UpTo1M, day: day() };
    let attached = step(move |dossier| {
        dossier.case.files.push(file);
        Ok(None)
    });
    store.attach(vec![original], attached).wait().unwrap();
}

#[test]
fn what_was_moved_is_the_same_and_serves_and_the_folder_does_not() {
    let Some(folder) = Folder::filled() else { return };
    let (mut copied, mut compared) = (Vec::new(), 0);
    let sums = folder
        .moved(&mut |step| match step {
            Step::Copied { table, done, of } => copied.push((table.to_owned(), done, of)),
            Step::Comparing { .. } => compared += 1,
        })
        .unwrap();
    assert_eq!((sums["cases"].count, sums["files"].count, sums["slots"].count), (41, 3, 12));
    assert!(
        copied.iter().any(|(table, done, of)| table == "slots" && *done == 12 && *of == 12),
        "{copied:?}"
    );
    assert_eq!(compared, 2 * Tree::ALL.len());
    let why = folder.open().err().unwrap().to_string();
    assert!(why.contains("moved to the database") && why.contains("MIFENG_POSTGRES"), "{why}");
    // A program from before notices reads a version it does not know.
    let version = sled(&folder.folder.path().join("data")).get(Tree::Meta, b"schema").unwrap().unwrap();
    assert_ne!(version, mifeng::store::SCHEMA.to_be_bytes());

    let store = open(Arc::new(folder.database.engine()), &folder.keys()).unwrap();
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    let found = store.find(&locator(2), &auth(2)).unwrap().unwrap().dossier.case;
    let chunks = Rewards::original(&store, found.number, found.files[0].original).unwrap();
    assert_eq!(chunks.flat_map(Result::unwrap).collect::<Vec<u8>>(), [2; 100_000]);
    store.submit(submission(60)).wait().unwrap();
    attach(&store, 60, 6);
    assert_eq!(store.head().size, 42);
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
    // A number that nobody can guess, as if the file had always been there.
    let low = folder.database.sql("SELECT count(*) FROM mifeng.slots WHERE slot < 1000000000");
    assert_eq!(low.trim(), "0");
}

#[test]
fn a_database_with_anything_else_in_it_is_refused_and_left_as_it_was() {
    let Some(folder) = Folder::filled() else { return };
    let keys = tempfile::tempdir().unwrap();
    open(Arc::new(folder.database.engine()), keys.path()).unwrap().submit(submission(3)).wait().unwrap();
    let refused = folder.moved(&mut |_| ());
    assert!(matches!(refused, Err(MoveRefused::ForeignTarget)), "{refused:?}");
    let theirs = open(Arc::new(folder.database.engine()), keys.path()).unwrap();
    assert_eq!(theirs.head().size, 1);
    assert!(theirs.find(&locator(3), &auth(3)).unwrap().is_some());
    assert!(folder.open().unwrap().find(&locator(1), &auth(1)).unwrap().is_some(), "the folder serves on");
}

#[test]
fn another_folder_s_half_move_is_not_gone_on_with() {
    let (Some(one), Some(other)) = (Folder::filled(), Folder::filled()) else { return };
    one.database.sql("ALTER TABLE mifeng.files ADD CONSTRAINT none CHECK (false)");
    assert!(one.moved(&mut |_| ()).is_err());
    let into = moving::move_store(&other.open().unwrap(), &one.database.engine(), "it", &mut |_| ());
    assert!(matches!(into, Err(MoveRefused::OtherNotice(_))), "{into:?}");
    // And nobody is served from it meanwhile.
    let why = open(Arc::new(one.database.engine()), &one.keys()).err().unwrap().to_string();
    assert!(why.contains("mifeng migrate"), "{why}");
    one.database.sql("ALTER TABLE mifeng.files DROP CONSTRAINT none");
    one.moved(&mut |_| ()).unwrap();
}

/// What is changed in the database after it was copied, as by a disk.
#[test]
fn a_changed_byte_is_found_in_every_table_and_nothing_is_changed_over() {
    const CHANGE: &str =
        "value = set_byte(value, length(value) / 2, 255 - get_byte(value, length(value) / 2))";
    for table in ["meta", "data_keys", "cases", "envelopes", "shares", "log_leaves", "log_nodes", "slots"] {
        let Some(folder) = Folder::filled() else { return };
        let database = &folder.database;
        let mut changed = false;
        let refused = folder.moved(&mut |step| {
            if matches!(step, Step::Comparing { .. }) && !changed {
                changed = true;
                let (change, key) = match table {
                    "slots" => (CHANGE.replace("value", "bytes"), "slot"),
                    _ => (CHANGE.to_owned(), "key"),
                };
                let last = format!("SELECT {key} FROM mifeng.{table} ORDER BY {key} DESC LIMIT 1");
                database.sql(&format!("UPDATE mifeng.{table} SET {change} WHERE {key} = ({last})"));
            }
        });
        let name = table.replace('_', "-");
        match refused {
            Err(MoveRefused::Differs(tables)) => assert_eq!(tables, name),
            // A file cannot be opened without the data key.
            Err(MoveRefused::Store(Refused::Damaged { .. })) if table == "data_keys" => {}
            other => panic!("{table}: {other:?}"),
        }
        assert!(folder.open().is_ok(), "{table}: the folder serves on");
        assert!(matches!(open(Arc::new(database.engine()), &folder.keys()), Err(OpenRefused::NotInUse(_))));
    }
}

/// What the messages ask for, in the manual's words.
#[test]
fn a_database_is_emptied_as_the_manual_says_and_takes_the_store_then() {
    let Some(folder) = Folder::filled() else { return };
    let database = &folder.database;
    database.sql("ALTER TABLE mifeng.files ADD CONSTRAINT none CHECK (false)");
    assert!(folder.moved(&mut |_| ()).is_err());
    let manual = std::fs::read_to_string("docs/operations/03-backup-and-restore.md").unwrap();
    let empty = manual.split("empty.sql\n").nth(1).unwrap().split("```").next().unwrap();
    database.server.sql_as("mifeng_owner", &database.name, empty);
    database.server.sql_as("mifeng_owner", &database.name, &schema::schema_sql());
    folder.moved(&mut |_| ()).unwrap();
    let store = open(Arc::new(database.engine()), &folder.keys()).unwrap();
    assert_eq!(store.check().unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_byte_changed_between_two_tries_is_found_by_the_second() {
    let Some(folder) = Folder::filled() else { return };
    folder.database.sql("ALTER TABLE mifeng.files ADD CONSTRAINT none CHECK (false)");
    assert!(folder.moved(&mut |_| ()).is_err());
    folder.database.sql("ALTER TABLE mifeng.files DROP CONSTRAINT none");
    let key = hex::encode(report(7).as_bytes());
    folder.database.sql(&format!("UPDATE mifeng.cases SET value = '\\x00' WHERE key = '\\x{key}'"));
    match folder.moved(&mut |_| ()) {
        Err(refused @ MoveRefused::OtherValue { table: "cases", .. }) => {
            let said = refused.to_string();
            assert!(said.contains(&key) && said.contains("Empty the database"), "{said}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_was_forgotten_is_moved_as_forgotten() {
    let Some(folder) = Folder::filled() else { return };
    destroy(&folder.keys(), "2030-01");
    let sums = folder.moved(&mut |_| ()).unwrap();
    assert_eq!((sums["files"].count, sums["slots"].count), (3, 8), "its chunks are nobody's");
    let store = open(Arc::new(folder.database.engine()), &folder.keys()).unwrap();
    assert!(matches!(store.find(&locator(50), &auth(50)), Err(Refused::Forgotten(_))));
    let checked = store.check().unwrap();
    assert_eq!((checked.forgotten, checked.problems), (1, vec![]));
}

/// What an older program had made there and stored, brought up as the manual says: by the owner, in one transaction. Afterwards
/// it is what a new one is.
#[test]
fn a_database_of_every_older_schema_comes_up_with_all_that_is_in_it() {
    let Some(server) = server() else { return };
    let (new, keys) = (server.database(), tempfile::tempdir().unwrap());
    let store = open(Arc::new(new.engine()), keys.path()).unwrap();
    for n in 1..=3 {
        store.submit(submission(n)).wait().unwrap();
    }
    store.act(report(1), add("more")).wait().unwrap();
    let mut file = store.begin_file(report(2), FileKind::Original { sequence: 0 }).unwrap();
    store.append(&mut file, &[7; 40_000]).wait().unwrap();
    store.attach(vec![file], add("a file")).wait().unwrap();
    let today = SystemClock.today();
    store.record_day(today, None).wait().unwrap();
    let made = |of: &Database| [FUNCTIONS, RIGHTS, COLUMNS, CHECKS].map(|sql| of.sql(sql));
    for version in 1..schema::VERSION {
        let older = Database { server, name: format!("older_{version}") };
        server.sql("postgres", &format!("CREATE DATABASE {} OWNER mifeng_owner", older.name));
        let script = std::fs::read_to_string(format!("tests/vectors/postgres/schema-v{version}.sql"));
        server.sql_as("mifeng_owner", &older.name, &script.unwrap());
        older.sql(&contents(&new, version));
        // A right that a later version does not give.
        older.sql("GRANT EXECUTE ON FUNCTION mifeng.envelopes_get(bytea) TO mifeng_portal");
        let why = store_support::postgres::engine(&server.file(&older.name, "mifeng_whole"))
            .err()
            .unwrap()
            .to_string();
        assert!(why.contains(&format!("is of version {version};")), "{why}");

        let script = format!("BEGIN;\n{}COMMIT;\n", schema::schema_sql());
        server.sql_as("mifeng_owner", &older.name, &script);
        assert_eq!(made(&older), made(&new), "version {version}");
        let size = "SELECT encode(substr(value, 1, 8), 'hex') FROM mifeng.meta WHERE key = 'log/head'";
        assert_eq!(older.sql(size).trim(), "0000000000000005", "the head says its size");
        let store = open(Arc::new(older.engine()), keys.path()).unwrap();
        assert_eq!((store.head().size, store.check().unwrap().problems), (5, vec![]), "version {version}");
        store.submit(submission(9)).wait().unwrap();
        let portal = open_portal(Arc::new(older.engine_as(schema::Role::Portal)), keys.path()).unwrap();
        assert_eq!(portal.find(&locator(2), &auth(2)).unwrap().unwrap().dossier.case.version, 2);
        portal.submit(submission(10)).wait().unwrap();
        assert_eq!((portal.head().size, store.check().unwrap().problems), (7, vec![]), "version {version}");
        // The day it was served by is known, and goes on from there, a sensible step at a time.
        assert_eq!(portal.newest_day().unwrap().unwrap().day, today, "version {version}");
        assert!(portal.record_day(today.saturating_add(2.days()), None).wait().is_err(), "version {version}");
        let tomorrow = today.tomorrow().unwrap();
        assert_eq!(portal.record_day(tomorrow, None).wait().unwrap().day, tomorrow, "version {version}");
        assert_eq!(store.newest_day().unwrap().unwrap().day, tomorrow, "version {version}");
    }
}

const FUNCTIONS: &str = "SELECT p.oid::regprocedure, p.prorettype::regtype, p.prosecdef, p.proconfig, p.prosrc \
    FROM pg_proc p WHERE p.pronamespace = 'mifeng'::regnamespace ORDER BY p.oid::regprocedure::text";
const RIGHTS: &str = "SELECT p.oid::regprocedure, a.grantee::regrole FROM pg_proc p, LATERAL aclexplode(p.proacl) a \
    WHERE p.pronamespace = 'mifeng'::regnamespace ORDER BY p.oid::regprocedure::text, a.grantee::regrole::text";
const COLUMNS: &str = "SELECT table_name, column_name, data_type, is_nullable, column_default \
    FROM information_schema.columns WHERE table_schema = 'mifeng' ORDER BY 1, 2";
const CHECKS: &str = "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint \
    WHERE connamespace = 'mifeng'::regnamespace ORDER BY conrelid::regclass::text, 2";

/// Everything of a database as an older version held it: days said nothing in clear; before the third, heads of the log said no
/// size; and the first one knew of no word in the folder of keys, and of no edges.
fn contents(of: &Database, version: i64) -> String {
    let mut sql = String::new();
    for table in Tree::ALL.map(schema::table) {
        let (value, kept) = match (table.as_str(), version) {
            ("meta", 1) => (in_clear("'log/head', 'day/newest'"), "key <> 'retention-folder'"),
            ("meta", 2) => (in_clear("'log/head', 'day/newest'"), "true"),
            ("meta", _) => (in_clear("'day/newest'"), "true"),
            _ => ("value".to_owned(), "true"),
        };
        sql += &of.sql(&format!(
            "SELECT format('INSERT INTO mifeng.{table} VALUES (%L, %L);', key, {value}) FROM mifeng.{table} WHERE {kept}"
        ));
    }
    sql += &of.sql(
        "SELECT format('INSERT INTO mifeng.slots (slot, bytes) VALUES (%s, %L);', slot, bytes) FROM mifeng.slots",
    );
    sql += &of.sql("SELECT format('UPDATE mifeng.writer SET written = %s;', written) FROM mifeng.writer");
    if version > 1 {
        let edges = "UPDATE mifeng.edges SET next = %s WHERE tree = %L;";
        sql += &of.sql(&format!("SELECT format('{edges}', next, tree) FROM mifeng.edges"));
    }
    sql
}

/// Values without what these say before their seal.
fn in_clear(keys: &str) -> String {
    format!("CASE WHEN key IN ({keys}) THEN substr(value, 9) ELSE value END")
}

//! What each face's role of the database can do there, tried as that role on a real server: everything the program
//! would ask for beyond it is refused by the server, whatever the program has become.

use crate::store_support::{
    postgres::{Database, server},
    *,
};
use mifeng::{
    award::notice::{Notice, NoticeNumber},
    casework::State,
    notices::NoticesDesk,
    store::{
        Cases, OpenRefused, Refused, Reports, Step,
        engine::{Engine, Tree},
        postgres::{
            MAY_NOT,
            schema::{Right, Role, others, rights, table},
        },
    },
};
use std::sync::Arc;

/// A call that changes nothing.
fn call(tree: Tree, right: Right) -> String {
    let table = table(tree);
    match right {
        Right::Get => format!("SELECT mifeng.{table}_get('\\x00')"),
        Right::Scan => format!("SELECT count(*) FROM mifeng.{table}_scan('', NULL, 1)"),
        Right::Put => format!("SELECT mifeng.{table}_put('{{}}', '{{}}')"),
        Right::Remove => format!("SELECT mifeng.{table}_remove('{{}}')"),
    }
}

/// A database with a report in it.
pub fn lived_in() -> Option<(Database, tempfile::TempDir)> {
    let database = server()?.database();
    let keys = tempfile::tempdir().unwrap();
    let store = open(Arc::new(database.engine()), keys.path()).unwrap();
    store.submit(submission(1)).wait().unwrap();
    Some((database, keys))
}

pub fn refused(database: &Database, role: Role, sql: &str) {
    match database.server.try_sql(role.name(), &database.name, sql) {
        Err(why) => assert!(why.contains("permission denied"), "{role:?}: {sql}: {why}"),
        Ok(told) => panic!("{role:?} may {sql}: {told}"),
    }
}

/// One that every such table has.
fn column(table: &str) -> &'static str {
    match table {
        "writer" | "changed" => "written",
        "slots" => "bytes",
        "notices" => "text",
        "edges" => "next",
        _ => "value",
    }
}

#[test]
fn no_face_starts_where_a_month_s_key_is_missing_before_its_time() {
    let Some((database, keys)) = lived_in() else { return };
    std::fs::rename(keys.path().join("2031-11.key"), keys.path().join("aside")).unwrap();
    for role in Role::ALL {
        let engine: Arc<dyn Engine> = Arc::new(database.engine_as(role));
        let opened = match role {
            Role::Portal => open_portal(engine, keys.path()),
            _ => open(engine, keys.path()),
        };
        let why = opened.err();
        assert!(
            matches!(&why, Some(OpenRefused::MonthsMissing { months, .. }) if months.len() == 1),
            "{role:?}"
        );
    }
}

#[test]
fn no_role_of_a_server_touches_a_table_or_makes_anything() {
    let Some((database, _keys)) = lived_in() else { return };
    let own = ["writer", "changed", "slots", "notices", "edges"].map(String::from);
    let tables: Vec<String> = Tree::ALL.map(table).into_iter().chain(own).collect();
    for role in Role::ALL {
        for table in &tables {
            refused(&database, role, &format!("SELECT * FROM mifeng.{table}"));
            refused(&database, role, &format!("DELETE FROM mifeng.{table}"));
            refused(
                &database,
                role,
                &format!("UPDATE mifeng.{table} SET {column} = {column}", column = column(table)),
            );
            let copied = format!("COPY mifeng.{table} TO STDOUT");
            refused(&database, role, &copied);
        }
        refused(&database, role, "CREATE TABLE mifeng.more (n int)");
        refused(&database, role, "CREATE FUNCTION mifeng.more() RETURNS int LANGUAGE sql AS 'SELECT 1'");
        refused(&database, role, "CREATE SCHEMA more");
        refused(&database, role, "SET ROLE mifeng_owner");
    }
}

#[test]
fn a_role_calls_what_its_face_needs_and_nothing_else() {
    let Some((database, _keys)) = lived_in() else { return };
    for role in Role::ALL {
        for tree in Tree::ALL {
            for right in Right::ALL {
                let sql = call(tree, right);
                let told = database.server.try_sql(role.name(), &database.name, &sql);
                let exists = !told.as_ref().is_err_and(|why| why.contains("does not exist"));
                let may = exists && rights(role, tree).contains(&right);
                assert_eq!(told.is_ok(), may, "{role:?} {right:?} {tree:?}: {told:?}");
            }
        }
    }
    let listing = "SELECT * FROM mifeng.changed_after(0)";
    assert!(others(Role::Console).iter().any(|other| other.contains("changed_after")));
    refused(&database, Role::Portal, listing);
}

/// Written out, so that a right given away by mistake is noticed here, whatever the table in the program says.
#[test]
fn the_promises_of_the_roles_hold_word_for_word() {
    let Some((database, _keys)) = lived_in() else { return };
    let denied: [(Role, &[&str]); 3] = [
        (
            Role::Portal,
            &[
                // No list of anything.
                "SELECT * FROM mifeng.cases_scan('', NULL, 10)",
                "SELECT * FROM mifeng.reports_scan('', NULL, 10)",
                "SELECT * FROM mifeng.locators_scan('', NULL, 10)",
                "SELECT * FROM mifeng.files_scan('', NULL, 10)",
                "SELECT * FROM mifeng.data_keys_scan('', NULL, 10)",
                "SELECT * FROM mifeng.audit_scan('', NULL, 10)",
                "SELECT * FROM mifeng.changed_after(0)",
                // Nothing sealed, not even of the report in hand; no staff, no trail.
                "SELECT mifeng.envelopes_get('\\x00')",
                "SELECT mifeng.shares_get('\\x00')",
                "SELECT mifeng.packages_get('\\x00')",
                "SELECT mifeng.staff_get('\\x00')",
                "SELECT mifeng.staff_put('{}', '{}')",
                "SELECT * FROM mifeng.staff_scan('', NULL, 10)",
                "SELECT mifeng.attempts_get('\\x00')",
                "SELECT mifeng.trail_get('\\x00')",
            ],
        ),
        (
            Role::Console,
            &[
                "SELECT mifeng.envelopes_get('\\x00')",
                "SELECT * FROM mifeng.envelopes_scan('', NULL, 10)",
                "SELECT mifeng.envelopes_put('{}', '{}')",
                "SELECT * FROM mifeng.shares_scan('', NULL, 10)",
                "SELECT mifeng.shares_put('{}', '{}')",
                "SELECT mifeng.packages_get('\\x00')",
                "SELECT mifeng.locators_get('\\x00')",
                "SELECT * FROM mifeng.locators_scan('', NULL, 10)",
                "SELECT mifeng.reports_put('{}', '{}')",
            ],
        ),
        (
            Role::Office,
            &[
                "SELECT mifeng.shares_get('\\x00')",
                "SELECT * FROM mifeng.shares_scan('', NULL, 10)",
                "SELECT * FROM mifeng.envelopes_scan('', NULL, 10)",
                "SELECT mifeng.envelopes_put('{}', '{}')",
                "SELECT mifeng.locators_get('\\x00')",
                "SELECT mifeng.reports_put('{}', '{}')",
                "SELECT mifeng.tickets_get('\\x00')",
                "SELECT mifeng.trail_get('\\x00')",
            ],
        ),
    ];
    for (role, calls) in denied {
        calls.iter().for_each(|sql| refused(&database, role, sql));
    }
    // And nobody takes out a case, an envelope or an entry of the log: there is no such function.
    for table in
        ["cases", "reports", "envelopes", "shares", "log_leaves", "log_nodes", "trail", "audit", "awards"]
    {
        let sql = format!("SELECT mifeng.{table}_remove('{{}}')");
        let why = database.server.try_sql("mifeng_whole", &database.name, &sql).unwrap_err();
        assert!(why.contains("does not exist"), "{why}");
    }
}

/// A function runs as its owner: what the caller has put in the way must not be taken for the store.
#[test]
fn a_caller_s_own_tables_and_search_path_change_nothing() {
    let Some((database, _keys)) = lived_in() else { return };
    let sql = "CREATE TEMP TABLE cases (key bytea, value bytea); \
               CREATE TEMP TABLE writer (one int, written bigint); \
               INSERT INTO pg_temp.writer VALUES (1, 999); \
               SET search_path = pg_temp, mifeng, public; \
               SELECT mifeng.written();";
    let told = database.server.sql_as("mifeng_portal", &database.name, sql);
    assert_eq!(told.trim(), "3", "the mark, the folder of retention keys, and the report");
}

/// What is written with rights that a role has must not keep the others from starting.
#[test]
fn the_portal_s_role_can_neither_put_in_what_is_no_case_nor_change_what_all_read_first() {
    let Some((database, keys)) = lived_in() else { return };
    for table in ["cases", "reports", "audit", "awards", "data_keys"] {
        let sql = format!("SELECT mifeng.{table}_put(ARRAY['\\x00'::bytea], ARRAY['\\x00'::bytea])");
        let why = database.server.try_sql("mifeng_portal", &database.name, &sql).unwrap_err();
        assert!(why.contains("violates check constraint"), "{table}: {why}");
    }
    for key in ["schema", "mark", "retention-folder"] {
        let sql = format!("SELECT mifeng.meta_put(ARRAY['{key}'::bytea], ARRAY['\\x00'::bytea])");
        database.server.sql_as("mifeng_portal", &database.name, &sql);
    }
    open(Arc::new(database.engine()), keys.path()).unwrap();
}

/// Of which a command that writes over asks first; its own connections are not in its way.
#[test]
fn another_process_is_seen_that_is_connected_as_whichever_role() {
    let Some((database, _keys)) = lived_in() else { return };
    let (own, whole) = (database.engine_as(Role::Keys), database.engine());
    assert_eq!(own.others().unwrap(), Vec::<String>::new());
    assert_eq!(whole.others().unwrap(), Vec::<String>::new());
    for role in [Role::Keys, Role::Whole, Role::Portal] {
        let (server, name) = (database.server, database.name.clone());
        // Until it is seen, and then ended.
        let other = std::thread::spawn(move || {
            server.try_sql(role.name(), &name, "SELECT pg_sleep(120)").unwrap_err()
        });
        let seen = (0..2000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(10));
            own.others().unwrap() == [role.name()]
        });
        assert!(seen, "{role:?}");
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'psql'";
        database.sql(&format!("{end} AND datname = current_database() AND pid <> pg_backend_pid()"));
        assert!(other.join().unwrap().contains("terminating connection"));
    }
}

/// Whoever has no business with moving a store cannot stop the others with a notice, nor look through the chunks.
#[test]
fn notices_and_all_chunks_are_for_the_whole_s_role_alone() {
    let Some((database, _keys)) = lived_in() else { return };
    for role in [Role::Portal, Role::Console, Role::Office] {
        refused(&database, role, "SELECT mifeng.notice_set('t', 'stop')");
        refused(&database, role, "SELECT * FROM mifeng.slots_page(0, 10)");
    }
    for role in [Role::Portal, Role::Office] {
        refused(&database, role, "SELECT * FROM mifeng.slots_old(0, 10)");
    }
}

#[test]
fn the_portal_s_role_takes_a_report_in_and_finds_it_by_its_receipt_but_lists_nothing() {
    let Some((database, keys)) = lived_in() else { return };
    let engine: Arc<dyn Engine> = Arc::new(database.engine_as(Role::Portal));
    let store = open_portal(engine.clone(), keys.path()).unwrap();
    store.submit(submission(2)).wait().unwrap();
    for n in [1, 2] {
        assert_eq!(store.find(&locator(n), &auth(n)).unwrap().unwrap().report, report(n));
    }
    store.act(report(2), Step { sealed: Some(sealed(7)), ..add("more") }).wait().unwrap();
    for tree in Tree::ALL.into_iter().filter(|tree| *tree != Tree::LogLeaves) {
        let listed = engine.scan(tree, &[], &[]).next();
        let Some(Err(Refused::Failed(why))) = listed else { panic!("{tree:?}") };
        assert!(why.contains("permission denied") && why.contains(MAY_NOT), "{tree:?}: {why}");
    }
    for tree in [Tree::Envelopes, Tree::Shares, Tree::Staff, Tree::Packages, Tree::Trail] {
        assert!(engine.get(tree, report(2).as_bytes()).is_err(), "{tree:?}");
    }
}

/// The portal's process has no list of cases; it still shows what is decided on a report that was merged into another,
/// and lets it go when its lead is withdrawn.
#[test]
fn a_merged_report_has_its_answer_at_the_portal_and_stands_by_itself_again_when_its_lead_ends() {
    let Some((database, keys)) = lived_in() else { return };
    let portal = open_portal(Arc::new(database.engine_as(Role::Portal)), keys.path()).unwrap();
    let console = open(Arc::new(database.engine_as(Role::Console)), keys.path()).unwrap();
    let second = portal.submit(submission(2)).wait().unwrap();
    let first = console.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).rows[0].number;
    let merged = step(move |dossier| {
        (dossier.case.state, dossier.case.merged_into) = (State::MergedInto, Some(first));
        Ok(None)
    });
    let into = step(move |dossier| {
        dossier.case.merged.push(second);
        Ok(None)
    });
    console.change_both((second, merged), (first, into)).wait().unwrap();
    let found = || portal.find(&locator(2), &auth(2)).unwrap().unwrap();
    assert_eq!(found().answers().number, first);
    assert_eq!(portal.find(&locator(1), &auth(1)).unwrap().unwrap().dossier.case.merged, [second]);

    portal.act(report(1), Step { sealed: Some(sealed(8)), ..withdraw() }).wait().unwrap();
    assert_eq!((found().answers().number, found().dossier.case.state), (second, State::Submitted));
    let row = Cases::row(&console, second).unwrap();
    assert_eq!(row.state, State::Submitted, "and the console's list says so");
    assert_eq!(database_checks(&database, keys.path()), Vec::<String>::new());
}

/// A number and two days, put up by the console's process for one that lists no case.
#[test]
fn the_portal_s_role_reads_the_notices_that_the_console_s_has_put_up_and_no_award() {
    let Some((database, keys)) = lived_in() else { return };
    let console = Arc::new(open(Arc::new(database.engine_as(Role::Console)), keys.path()).unwrap());
    let portal = Arc::new(open_portal(Arc::new(database.engine_as(Role::Portal)), keys.path()).unwrap());
    let shown = || NoticesDesk::elsewhere(portal.clone(), clock()).now().unwrap();
    let put_up = || {
        let desk = NoticesDesk::new(console.clone(), clock());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(desk.put_on(&*console)).unwrap();
    };
    assert!(shown().is_empty(), "nothing has been put up");
    put_up();
    assert!(shown().is_empty());

    let number = NoticeNumber::try_from(48_217_730).unwrap();
    let (published, until) = (jiff::civil::date(2026, 11, 24), jiff::civil::date(2026, 12, 24));
    let notice = Notice { number, published, until };
    let first = console.select(&|_| true, &|a, b| a.number.cmp(&b.number), 0, 9).rows[0].number;
    Cases::change(&*console, first, Authority::new().announce(1, notice)).wait().unwrap();
    put_up();
    assert_eq!(*shown(), [notice]);
    refused(&database, Role::Portal, "SELECT * FROM mifeng.awards_scan('', NULL, 10)");
}

fn database_checks(database: &Database, keys: &std::path::Path) -> Vec<String> {
    open(Arc::new(database.engine()), keys).unwrap().check().unwrap().problems
}

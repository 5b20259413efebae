//! A production server on PostgreSQL from nothing: the ceremony, the roles, the schema, and a process for each face.

use crate::{
    file,
    operations_support::{MIFENG, SOURCE, ceremony, free, get},
    postgres::Server,
    story_support::release::{refused, succeeded},
};
use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

/// Sections 1, 2 and 7 from nothing: the ceremony, a cluster without anything of ours, and a production server's three processes.
#[test]
fn from_nothing_three_processes_of_a_production_server_are_started_each_with_a_role_of_its_own() {
    let Some(server) = Server::start() else { return };
    let (temp, status) = (tempfile::tempdir().unwrap(), free());
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    let command = |role: &str, words: &str| {
        let mut command = Command::new(MIFENG);
        command.args(words.split(' ')).current_dir(at).env("MIFENG_POLICY", format!("{SOURCE}/policy"));
        command.env("MIFENG_POSTGRES", format!("{role}.toml"));
        command
    };
    let said = |role: &str, words: &str| succeeded(command(role, words).output().unwrap());
    server.sql("postgres", &said("none", "postgres roles"));
    server.sql(
        "postgres",
        "CREATE DATABASE mifeng OWNER mifeng_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'",
    );
    let roles = "mifeng_whole, mifeng_portal, mifeng_console, mifeng_office, mifeng_keys";
    server.sql("postgres", "REVOKE ALL ON DATABASE mifeng FROM PUBLIC");
    server.sql("postgres", &format!("GRANT CONNECT ON DATABASE mifeng TO {roles}"));
    let schema = format!("BEGIN;\nSET ROLE mifeng_owner;\n{}COMMIT;\n", said("none", "postgres schema"));
    // The second time is an upgrade's.
    (0..2).for_each(|_| drop(server.sql("mifeng", &schema)));
    for role in ["whole", "portal", "console", "office", "keys"] {
        fs::write(at.join(format!("{role}.toml")), file(&server, role)).unwrap();
    }
    said("whole", "staff administrator root.one --name First");

    let addresses = [free(), free(), free()];
    let faces = ["portal", "console", "office"];
    let serve = |face: &str, role: &str| {
        let mut serve = command(role, &format!("serve --face {face}"));
        serve.envs(["MIFENG_PORTAL", "MIFENG_CONSOLE", "MIFENG_OFFICE"].iter().zip(&addresses));
        serve.stdout(Stdio::piped()).stderr(Stdio::piped());
        serve
    };
    let why = refused(serve("portal", "console").output().unwrap());
    assert!(why.contains("name mifeng_portal in the file of MIFENG_POSTGRES"), "{why}");
    // The database's clock is behind, and it takes no day: each process serves, and is in doubt of its own.
    let day = server.sql("mifeng", "SELECT pg_get_functiondef('mifeng.day()'::regprocedure)");
    server.sql("mifeng", &day.replace("8 hours", "8 hours - 3 days"));
    let mut portal = serve("portal", "portal");
    portal.env("MIFENG_STATUS", &status);
    let running = [portal, serve("console", "console"), serve("office", "office")]
        .map(|mut serve| serve.spawn().unwrap());
    for (address, page) in addresses.iter().zip(["/zh/start", "/zh/sign-in", "/zh/sign-in"]) {
        let answers = || std::net::TcpStream::connect(address).is_ok();
        assert!(
            (0..600).any(|_| answers() || {
                std::thread::sleep(Duration::from_millis(100));
                false
            }),
            "{page}"
        );
        assert!(get(address, page).starts_with("HTTP/1.1 200"), "{page}");
    }
    let ready = get(&status, "/ready");
    assert!(
        ready.starts_with("HTTP/1.1 200") && ready.contains("WARNING the store does not take"),
        "{ready}"
    );
    server.sql("mifeng", &day);
    for (process, face) in running.into_iter().zip(faces) {
        let pid = rustix::process::Pid::from_child(&process);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        let output = process.wait_with_output().unwrap();
        let log = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success() && log.contains("contained"), "{face}: {log}");
        assert!(!log.contains("permission denied"), "{face}: {log}");
        assert!(log.contains("ERROR the store does not take"), "{face}: {log}");
    }
    assert!(!said("whole", "check").contains("PROBLEM"));
    assert_eq!(said("keys", "keys reshare status"), "", "no report yet");
}

//! docs/operations.md, followed to the letter: the key ceremony with the program's own commands, a production
//! server on those keys, and what it refuses to start with.

mod manual;
#[path = "../operations_support/mod.rs"]
mod operations_support;
#[allow(dead_code, reason = "every story uses its own part")]
#[path = "../store_support/patience.rs"]
mod patience;

use mifeng::{
    clock::{Clock, SystemClock},
    config::{Mode, ServerKeys},
    store::{
        Refused, Store,
        engine::{Engine, Tree, Writes},
    },
};
use operations_support::{
    MIFENG, SOURCE, Server, ceremony, free, get, refused, run, run_with_policy, serve, serve_with,
};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    process::{Command, Stdio},
    sync::Arc,
};

#[test]
fn the_ceremony_gives_a_server_that_starts_answers_keeps_quiet_and_stops() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    run_with_policy(at, "staff administrator root.one --name First");

    let server = Server::start(at);
    let answer = server.get("/zh/start?canary=13800138000");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(server.get("/nowhere/13800138000").starts_with("HTTP/1.1 404"));
    // Before it listened, it put what it hands out into the log.
    let list = server.get("/scripts.json");
    assert!(list.starts_with("HTTP/1.1 200") && list.contains(r#"{"number":1,"day":"#), "{list}");
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.pid())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "{core}");

    let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();

    let output = server.stop();
    assert!(output.status.success(), "{output:?}");
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(log.contains("serving") && log.contains("stopping"), "{log}");
    assert!(log.contains("contained"), "{log}");
    if log.contains("system_calls=yes") {
        assert!(status.contains("NoNewPrivs:\t1") && status.contains("Seccomp:\t2"), "{status}");
    }
    assert!(!log.contains("canary") && !log.contains("13800138000"), "{log}");
    assert!(!log.contains("/zh/start"), "the portal's requests are not logged one by one: {log}");
    assert_eq!(fs::metadata(at.join("data")).unwrap().mode() & 0o077, 0, "others can list the data");
    assert!(fs::read_to_string(at.join("keys/log.vkey")).unwrap().starts_with("jubao.example.gov.cn/log+"));
}

/// What stands around the program lets through what the program takes on.
#[test]
fn proxy_and_unit_have_room_for_the_program_s_own_limits() {
    let read = |path: &str| fs::read_to_string(format!("{SOURCE}/{path}")).unwrap();
    let number = |text: &str, name: &str, end: &str| -> u64 {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)).unwrap();
        line.trim_end_matches(end).trim().parse().unwrap_or_else(|_| panic!("{name} {line}"))
    };
    let evidence = read("policy/evidence.toml");
    let form = number(&evidence, "most_copies = ", "") * number(&evidence, "film = ", "");
    let nginx = read("deploy/nginx.conf");
    let (_, office) = nginx.split_once("server_name office.").unwrap();
    assert!(number(office, "client_max_body_size ", "m;") > form, "a form with {form} MiB of films");
    // Four addresses, each with connections inside and at the door (src/cli/serve/listen.rs).
    assert!(number(&read("deploy/mifeng.service"), "LimitNOFILE=", "") > 4 * (4096 + 256) + 1024);
}

/// As the unit in `deploy/` lets it. Where whoever runs this may not lift the limit, the second half alone is tried.
#[test]
fn memory_is_kept_out_of_swap_where_there_is_no_limit_and_otherwise_the_log_says_so() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    let lift = ["--memlock=unlimited:unlimited", "true"];
    let may_lift = Command::new("prlimit").args(lift).output().unwrap().status.success();
    for limit in ["unlimited", "8388608"].into_iter().filter(|limit| may_lift || *limit != "unlimited") {
        let mut command = Command::new("prlimit");
        let plain = serve(at);
        command.arg(format!("--memlock={limit}:{limit}")).arg(MIFENG).arg("serve").current_dir(at);
        command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let server = Server::start_from(command);
        let status = fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
        let locked = !status.contains("VmLck:\t       0 kB");
        let log = String::from_utf8(server.stop().stderr).unwrap();
        assert_eq!(locked, limit == "unlimited", "{status}");
        assert_eq!(log.contains("never swapped out"), locked, "{log}");
        assert_eq!(log.contains("may be swapped out"), !locked, "{log}");
    }
}

/// The machine's clock is a year ahead of what the store knows; then behind it; then an operator confirms.
#[test]
fn a_clock_that_leapt_dates_nothing_until_an_operator_confirms_it() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    let today = SystemClock.today();
    let known = |days: i64| today.checked_add(jiff::Span::new().days(days)).unwrap();
    let store = || {
        let keys = ServerKeys::load(&at.join("keys"), Mode::Production).unwrap();
        let engine = Arc::new(patience::sled(&at.join("data")));
        Store::open(engine, keys.set.instance(), &keys.root, keys.retention).unwrap()
    };
    let mut dated = None;
    for days in [-365, 365] {
        store().confirm_day(known(days)).wait().unwrap();
        let status = free();
        let server = Server::start_from(serve_with(at, &[("MIFENG_STATUS", status.as_str())]));
        let ready = get(&status, "/ready");
        assert!(
            ready.starts_with("HTTP/1.1 200") && ready.contains("WARNING the machine's clock"),
            "{ready}"
        );
        assert!(ready.contains(&format!("mifeng clock confirm {today}")), "{ready}");
        assert!(get(&status, "/metrics").contains("mifeng_clock_believed 0"));
        let list = server.get("/scripts.json");
        // What the first start announced is dated by the day that was known.
        let first = dated.get_or_insert(known(days));
        assert!(list.contains(&format!("{first}")) && !list.contains(&format!("{today}")), "{list}");
        let log = String::from_utf8(server.stop().stderr).unwrap();
        assert!(log.contains("ERROR") && log.contains(&known(days).to_string()), "{log}");
        assert_eq!(store().newest_day().unwrap().unwrap().day, known(days), "the leap was not recorded");
    }
    let command = |words: &str| {
        drop(patience::sled(&at.join("data")));
        let mut command = Command::new(MIFENG);
        let output = command.args(words.split(' ')).current_dir(at).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    };
    let (_, checked) = command("check");
    assert!(checked.contains("WARNING      the machine's clock says"), "{checked}");
    let (fits, said) = command("clock");
    assert!(!fits && said.contains(&known(365).to_string()), "{said}");
    let (confirmed, said) = command(&format!("clock confirm {}", known(365)));
    assert!(!confirmed && said.contains("nothing was changed"), "{said}");
    let (confirmed, said) = command(&format!("clock confirm {today}"));
    assert!(confirmed, "{said}");
    assert!(command("clock").0);
    let status = free();
    let server = Server::start_from(serve_with(at, &[("MIFENG_STATUS", status.as_str())]));
    let ready = get(&status, "/ready");
    assert!(ready.contains("\r\n\r\nready, asked ") && !ready.contains("WARNING"), "{ready}");
    assert!(get(&status, "/metrics").contains("mifeng_clock_believed 1"));
    assert!(!String::from_utf8(server.stop().stderr).unwrap().contains("ERROR"));

    // Nobody can read it: as after damage, or by a process that was taken over.
    for record in ["day/newest", "day/confirmed"] {
        let mut noise = Writes::default();
        noise.set(Tree::Meta, record.into(), Some(vec![1; 90]));
        let engine = patience::sled(&at.join("data"));
        engine.apply(&noise).and_then(|()| engine.sync()).unwrap();
        drop(engine);
        let status = free();
        let server = Server::start_from(serve_with(at, &[("MIFENG_STATUS", status.as_str())]));
        let ready = get(&status, "/ready");
        assert!(ready.starts_with("HTTP/1.1 200") && ready.contains("newest day cannot be read"), "{ready}");
        assert!(get(&status, "/metrics").contains("mifeng_clock_believed 0"));
        let log = String::from_utf8(server.stop().stderr).unwrap();
        assert!(log.contains("ERROR") && log.contains("mifeng clock confirm"), "{log}");
        assert!(
            matches!(store().newest_day(), Err(Refused::Damaged { .. })),
            "it is not for this one to say"
        );
        let (_, checked) = command("check");
        assert!(checked.contains("WARNING      the newest day"), "{checked}");
        let (confirmed, said) = command(&format!("clock confirm {today}"));
        assert!(confirmed, "{record}: {said}");
        assert!(command("clock").0);
    }
}

#[test]
fn a_server_says_what_is_wrong_with_its_keys_and_does_not_start() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    assert!(refused(at).contains("mifeng keys init"), "nothing there yet");

    ceremony(at, "jubao.example.gov.cn");
    let root = at.join("keys/root.key");
    let good = fs::read(&root).unwrap();
    fs::set_permissions(&root, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(at).contains("chmod 600"));
    fs::set_permissions(&root, fs::Permissions::from_mode(0o600)).unwrap();

    fs::write(&root, fs::read(format!("{SOURCE}/keys-example/root.key")).unwrap()).unwrap();
    assert!(refused(at).contains("example key"));
    fs::write(&root, good).unwrap();

    let policy = at.join("policy");
    let copied = Command::new("cp").arg("-r").arg(format!("{SOURCE}/policy")).arg(&policy).status().unwrap();
    assert!(copied.success());
    let quorum = fs::read_to_string(policy.join("quorum.toml")).unwrap();
    fs::write(policy.join("quorum.toml"), quorum.replace("threshold = 2", "threshold = 3")).unwrap();
    let why = serve_with(at, &[("MIFENG_POLICY", policy.to_str().unwrap())]).output().unwrap();
    let why = String::from_utf8(why.stderr).unwrap();
    assert!(why.contains("2 trustees of recipient set 1 are enough, and quorum.toml asks for 3"), "{why}");

    let set = at.join("keys/recipient-set.json");
    let changed = fs::read_to_string(&set).unwrap().replacen("Trustee-1", "Trustee-9", 1);
    fs::write(&set, changed).unwrap();
    assert!(refused(at).contains("is pinned"), "a changed recipient set");
}

/// Keys are destroyed by hand. Until somebody has, that they wait is told wherever an operator looks, and keeps nobody out.
#[test]
fn keys_of_months_that_are_over_are_named_until_they_are_destroyed() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    run_with_policy(at, "staff administrator root.one --name First");
    let told = "the keys of 2020-01 are still there";
    let started = || {
        let status = free();
        let server = Server::start_from(serve_with(at, &[("MIFENG_STATUS", status.as_str())]));
        let (ready, metrics) = (get(&status, "/ready"), get(&status, "/metrics"));
        (ready, metrics, String::from_utf8(server.stop().stderr).unwrap())
    };
    let checked = || {
        drop(patience::sled(&at.join("data")));
        String::from_utf8(run(at, "check").stdout).unwrap()
    };
    for name in ["2020-01.key", "2999-12.key"] {
        fs::write(at.join("keys/retention").join(name), [7; 32]).unwrap();
        fs::set_permissions(at.join("keys/retention").join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let (ready, metrics, log) = started();
    assert!(ready.starts_with("HTTP/1.1 200") && ready.contains(&format!("WARNING {told}")), "{ready}");
    assert!(metrics.contains("mifeng_keys_overdue 1"), "{metrics}");
    assert!(log.contains(told) && !log.contains("2999-12"), "{log}");
    assert!(checked().contains(&format!("WARNING      {told}")));
    assert!(at.join("keys/retention/2020-01.key").exists(), "the server destroys nothing by itself");

    fs::remove_file(at.join("keys/retention/2020-01.key")).unwrap();
    let (ready, metrics, log) = started();
    assert!(!ready.contains("WARNING") && metrics.contains("mifeng_keys_overdue 0"), "{ready}");
    assert!(!log.contains("are still there") && !checked().contains("are still there"), "{log}");
}

/// As where its volume is not mounted: reports would go where nobody looks for them.
#[test]
fn an_empty_store_under_keys_that_were_used_with_another_is_not_served_from() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    ceremony(at, "jubao.example.gov.cn");
    let month = at.join("keys/retention/2031-11.key");
    run_with_policy(at, "staff administrator root.one --name First");
    fs::write(&month, [7; 32]).unwrap();
    fs::set_permissions(&month, fs::Permissions::from_mode(0o600)).unwrap();
    run_with_policy(at, "check");
    fs::rename(at.join("data"), at.join("mounted")).unwrap();
    let why = refused(at);
    assert!(why.contains("the store is empty") && why.contains("is its volume mounted"), "{why}");
    fs::remove_dir_all(at.join("data")).unwrap();
    fs::rename(at.join("mounted"), at.join("data")).unwrap();
    run_with_policy(at, "check");
}

#[test]
fn a_demo_s_keys_serve_no_production() {
    let temp = tempfile::tempdir().unwrap();
    ceremony(temp.path(), "demo");
    assert!(refused(temp.path()).contains("recipient set is one of a demo"));
}

#[test]
fn a_set_is_pinned_by_what_was_read_out_and_followed_by_what_its_holders_sign() {
    let temp = tempfile::tempdir().unwrap();
    let at = temp.path();
    let fingerprint = ceremony(at, "jubao.example.gov.cn");
    let wrong = fingerprint.replace(['0', '1', '2', '3'], "4");
    let pin = |fingerprint: &str, set: &str| {
        let words = format!("keys set pin --fingerprint {fingerprint} --keys keys {set}");
        let output = Command::new(MIFENG).args(words.split(' ')).current_dir(at).output().unwrap();
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    let (taken, why) = pin(&wrong, "set.json");
    assert!(!taken && why.contains(&format!("but you gave {wrong}")), "{why}");
    assert!(!why.contains("is pinned"), "nothing was: {why}");

    // A second set of the same number, signed by everybody in it, is still no successor.
    run(at, "keys office --out office2");
    let trustees: String = (1..=3).map(|i| format!(" --trustee t{i}/trustee.public.json")).collect();
    let draft = format!("--threshold 2 --office office2/office.public.json{trustees} --out set2.json");
    run(at, &format!("keys set draft --instance jubao.example.gov.cn --number 2 {draft}"));
    for key in ["office2/office.key", "t1/trustee.key", "t2/trustee.key", "t3/trustee.key"] {
        let words = format!("umask 077; exec \"$0\" keys set sign --key {key} set2.json");
        assert!(Command::new("sh").args(["-c", &words, MIFENG]).current_dir(at).status().unwrap().success());
    }
    let mode = fs::metadata(at.join("set2.json")).unwrap().mode() & 0o777;
    assert_eq!(mode, 0o644, "whoever pins it is another user");
    let shown = String::from_utf8(run(at, "keys set show set2.json").stdout).unwrap();
    assert!(shown.contains("WARNING      2 of 3 trustees must act together"), "{shown}");
    let second = shown.lines().find_map(|line| line.strip_prefix("fingerprint  ")).unwrap();
    let (taken, why) = pin(second, "set2.json");
    assert!(!taken && why.contains("the signature of office is missing"), "{why}");
    run(at, "keys set sign --key office/office.key set2.json");
    let (taken, why) = pin(second, "set2.json");
    assert!(taken, "signed by the old office, the new one and the trustees of both: {why}");
}

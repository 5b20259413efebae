//! Bytes that no browser sends, to a production server over its own socket.

mod operations_support;

use operations_support::{Server, ceremony, connect, serve_with};
use std::{
    io::{ErrorKind, Read, Write},
    time::Duration,
};

struct World {
    server: Server,
    status: String,
    _folder: tempfile::TempDir,
}

fn world() -> World {
    world_with("auto")
}

fn world_with(pressure: &str) -> World {
    let folder = tempfile::tempdir().unwrap();
    ceremony(folder.path(), "jubao.example.gov.cn");
    let status = operations_support::free();
    let more = [("MIFENG_STATUS", status.as_str()), ("MIFENG_PRESSURE", pressure)];
    let server = Server::start_from(serve_with(folder.path(), &more));
    World { server, status, _folder: folder }
}

impl World {
    fn portal(&self, bytes: impl AsRef<[u8]>) -> String {
        said(&self.server.portal, bytes.as_ref())
    }

    fn get(&self, path: &str) -> String {
        self.whole(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"))
    }

    /// A whole request with `connection: close`: silence is no answer.
    fn whole(&self, bytes: impl AsRef<[u8]>) -> String {
        let told = self.portal(&bytes);
        assert!(told.starts_with("HTTP/1.1 "), "no answer to {}", String::from_utf8_lossy(bytes.as_ref()));
        told
    }
}

/// All that comes back for these bytes until the server ends the connection, or says nothing more for a second where it was
/// not asked to end it. To say nothing at all is no answer.
fn said(to: &str, bytes: &[u8]) -> String {
    let mut stream = connect(to);
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    // A refusal may come before everything is written.
    let _ = stream.write_all(bytes);
    let ends = String::from_utf8_lossy(bytes).contains("connection: close");
    let (mut all, mut piece) = (Vec::new(), [0; 64 * 1024]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => all.extend_from_slice(&piece[..read]),
            Err(why) => {
                let is_silent = all.is_empty() && why.kind() == ErrorKind::WouldBlock;
                assert!(!is_silent, "nothing at all came back for {}", String::from_utf8_lossy(bytes));
                break;
            }
        }
        if !ends {
            stream.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn answers(text: &str) -> usize {
    text.matches("HTTP/1.1 ").count()
}

/// RFC 9112, 6.3 and 11.2: what one reader takes for the end of a request and the next does not.
#[test]
fn a_request_hidden_in_another_is_never_answered() {
    let world = world();
    let hidden = "GET /zh/start HTTP/1.1\r\nhost: x\r\n\r\n";
    let post = "POST /zh/start HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\n";
    let length = hidden.len();
    for (what, head, body) in [
        ("two lengths", format!("content-length: 0\r\ncontent-length: {length}\r\n"), hidden.to_owned()),
        ("two lengths in one", format!("content-length: 0, {length}\r\n"), hidden.to_owned()),
        ("a signed length", "content-length: +0\r\n".into(), hidden.to_owned()),
        (
            "length and pieces",
            "content-length: 5\r\ntransfer-encoding: chunked\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "pieces and length",
            "transfer-encoding: chunked\r\ncontent-length: 5\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        (
            "another coding last",
            "transfer-encoding: chunked, identity\r\n".into(),
            format!("0\r\n\r\n{hidden}"),
        ),
        ("an unknown coding", "transfer-encoding: xchunked\r\n".into(), format!("0\r\n\r\n{hidden}")),
        ("a space before the colon", format!("content-length : {length}\r\n"), hidden.to_owned()),
        ("a folded line", format!("content-length:\r\n {length}\r\n"), hidden.to_owned()),
        (
            "a piece too long to count",
            "transfer-encoding: chunked\r\n".into(),
            format!("ffffffffffffffff1\r\n{hidden}"),
        ),
    ] {
        let told = world.portal(format!("{post}{head}\r\n{body}"));
        assert!(answers(&told) <= 1, "{what}: {told}");
        assert!(!told.contains("200 OK"), "{what}: {told}");
    }
    // What is said above could hold for a server that answers once and leaves: two plain requests are two answers.
    let last = "GET /zh/start HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert_eq!(answers(&world.portal(format!("{hidden}{last}"))), 2);
}

#[test]
fn a_head_without_end_or_without_sense_is_refused() {
    let world = world();
    let long = format!("GET /zh/start HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(200_000));
    let many = format!("GET /zh/start HTTP/1.1\r\nhost: x\r\n{}\r\n", "a: b\r\n".repeat(2_000));
    let far = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(200_000));
    for (what, bytes) in [
        ("a long line", long.as_bytes()),
        ("many lines", many.as_bytes()),
        ("a long address", far.as_bytes()),
        ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
        ("a NUL in a name", b"GET /zh/start HTTP/1.1\r\nho\0st: x\r\n\r\n"),
        ("a line end in a value", b"GET /zh/start HTTP/1.1\r\nhost: x\r\na: b\rc: d\r\n\r\n"),
        ("another version", b"GET /zh/start HTTP/3.7\r\nhost: x\r\n\r\n"),
    ] {
        let told = world.portal(bytes);
        assert!(!told.contains("200 OK"), "{what}: {told}");
        assert!(answers(&told) <= 1, "{what}");
    }
    assert!(world.get("/zh/start").contains("200 OK"), "and it goes on");
}

#[test]
fn no_address_leads_out_of_what_is_served() {
    let world = world();
    for path in [
        "/assets/../../../etc/passwd",
        "/assets/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2f..%2fetc%2fpasswd",
        "/assets/..%5c..%5cetc%5cpasswd",
        "/assets/%252e%252e%252fetc%252fpasswd",
        "/assets/%00",
        "/log/tile/0/../../../keys/root.key",
        "/log/tile/0/%2e%2e%2f%2e%2e%2fkeys%2froot.key",
        "//etc/passwd",
        "/zh/../../etc/passwd",
        "/zh/%2e%2e/assets",
        "file:///etc/passwd",
        "http://127.0.0.1:1/zh/start/../../etc/passwd",
    ] {
        let told = world.get(path);
        assert!(!told.contains("root:") && !told.contains("200 OK"), "{path}: {told}");
        assert!(!told.contains("500 "), "{path}: {told}");
    }
}

/// What comes in an address, a form or a header goes into no header.
#[test]
fn no_line_of_a_header_is_a_visitor_s() {
    let world = world();
    for path in [
        "/zh%0d%0aset-cookie:a=b",
        "/zh/start%0d%0aset-cookie:a=b",
        "/zh/start?a=%0d%0aset-cookie:a=b",
        "/%0d%0aset-cookie:%20a=b",
    ] {
        let told = world.get(path).to_lowercase();
        let head = told.split("\r\n\r\n").next().unwrap();
        assert!(!head.contains("a=b"), "{path}: {head}");
    }
    for host in ["evil.example", "x\"><script>", "evil.example:80@x"] {
        for path in ["/", "/zh", "/zh/", "/zh/no/such", "/zh/start/"] {
            let told = world.whole(format!(
                "GET {path} HTTP/1.1\r\nhost: {host}\r\nx-forwarded-host: evil.example\r\nforwarded: host=evil.example\r\nconnection: close\r\n\r\n"
            ));
            assert!(!told.contains("evil.example") && !told.contains("<script>"), "{path}: {told}");
        }
    }
}

#[test]
fn methods_nobody_needs_are_refused_and_nothing_is_echoed() {
    let world = world();
    for method in ["TRACE", "CONNECT", "PUT", "DELETE", "PATCH", "PROPFIND", "GOT"] {
        let told = world.whole(format!(
            "{method} /zh/start HTTP/1.1\r\nhost: x\r\nx-canary: 13800138000\r\nconnection: close\r\n\r\n"
        ));
        assert!(!told.contains("200 OK") && !told.contains("13800138000"), "{method}: {told}");
    }
}

/// A form of a page elsewhere, with whatever the browser would add of ours, does nothing.
#[test]
fn a_form_from_elsewhere_does_nothing_on_any_face() {
    let form = |at: &str, path: &str, from: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {at}\r\n{from}\r\ncontent-type: application/x-www-form-urlencoded\r\n"
        );
        said(at, format!("{head}content-length: 7\r\nconnection: close\r\n\r\nagree=1").as_bytes())
    };
    let world = world();
    let server = &world.server;
    for (at, path) in [
        (&server.portal, "/zh/start"),
        (&server.portal, "/zh/follow"),
        (&server.console, "/zh/sign-in"),
        (&server.office, "/zh/sign-in"),
    ] {
        for from in
            ["origin: https://evil.example", "sec-fetch-site: cross-site", "sec-fetch-site: same-site"]
        {
            let told = form(at, path, from);
            assert!(told.starts_with("HTTP/1.1 403 "), "{at}{path} {from}: {told}");
            assert!(!told.to_lowercase().contains("set-cookie"), "{at}{path} {from}: {told}");
        }
    }
}

/// What the machine room reads tells nothing of a reporter: not that somebody was there.
#[test]
fn watchers_see_that_it_works_and_nothing_of_who_comes() {
    let world = world();
    let at = |path: &str| {
        said(&world.status, format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes())
    };
    assert!(at("/live").ends_with("live\n"));
    // One look a minute serves everybody: asked each time, the store's writer would show each report by being busy.
    let asked = |answer: String| -> u64 {
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
        let age = answer.rsplit_once("ready, asked ").and_then(|(_, rest)| rest.strip_suffix(" s ago\n"));
        age.unwrap_or_else(|| panic!("{answer}")).parse().unwrap()
    };
    let first = asked(at("/ready"));
    std::thread::sleep(std::time::Duration::from_millis(1100));
    assert!(asked(at("/ready")) > first, "asked anew");
    let of = |text: &str| -> Vec<String> {
        let body = text.split_once("\r\n\r\n").unwrap().1;
        let of_machine = [
            "mifeng_up_seconds",
            "mifeng_store_asked_seconds",
            "mifeng_memory",
            "mifeng_load{of=\"memory\"}",
        ];
        let own = |line: &&str| !of_machine.iter().any(|name| line.starts_with(name));
        let mut lines: Vec<_> = body
            .lines()
            .filter(own)
            .filter(|line| !line.contains("face=\"console\""))
            .map(str::to_owned)
            .collect();
        lines.sort();
        lines
    };
    let before = at("/metrics");
    assert!(before.contains("application/openmetrics-text"), "{before}");
    assert!(before.contains("mifeng_store_takes_writes 1"), "{before}");
    assert!(before.contains("mifeng_under_pressure 0"), "{before}");
    for measure in ["connections", "writes", "drafts", "reports"] {
        assert!(before.contains(&format!("mifeng_load{{of=\"{measure}\"}} 0")), "{before}");
    }
    assert!(before.ends_with("# EOF\n"), "{before}");
    for path in ["/zh/start", "/zh/no/such", "/zh/follow", "/zh/help?canary=13800138000"] {
        assert!(!world.get(path).is_empty());
    }
    assert_eq!(of(&at("/metrics")), of(&before), "the portal's visitors are not counted");
    let peak = before.lines().find_map(|line| line.strip_prefix("mifeng_memory_peak_bytes ")).unwrap();
    let peak: u64 = peak.parse().unwrap();
    assert!(peak > 10 << 20 && peak.is_multiple_of(64 << 20), "{peak}");

    let asked = "GET /zh/sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    assert!(said(&world.server.console, asked.as_bytes()).contains("200 OK"));
    assert!(at("/metrics").contains(r#"mifeng_answers_total{face="console",answer="2xx"}"#));
}

/// `MIFENG_PRESSURE=always`, as docs/operations.md says for a drill.
#[test]
fn in_a_drill_newcomers_wait_watchers_read_so_and_nobody_is_counted() {
    let world = world_with("always");
    let at = |path: &str| {
        said(&world.status, format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes())
    };
    let ready = at("/ready");
    assert!(ready.starts_with("HTTP/1.1 200 ") && ready.contains("newcomers wait in line"), "{ready}");
    let agree = "POST /zh/agree HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let told = world.portal(agree);
    assert!(told.starts_with("HTTP/1.1 303 ") && told.contains("location: /zh/wait?place="), "{told}");
    assert!(!told.contains("set-cookie"), "{told}");
    let place = told.split_once("place=").unwrap().1.split_once('\r').unwrap().0;
    assert!(world.get(&format!("/zh/wait?place={place}")).contains("200 OK"));
    let metrics = at("/metrics");
    assert!(metrics.contains("mifeng_under_pressure 1") && !metrics.contains(place), "{metrics}");
    assert!(!metrics.contains("face=\"portal\""), "{metrics}");
}

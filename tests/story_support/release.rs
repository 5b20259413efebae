//! The trustees and the reward office: their pages, and their tools on machines of their own.

use super::{Answer, Attached, Browser, World, staff::Desks};
use mifeng::award::release::ReleaseRequest;
use std::{path::PathBuf, process::Output};

/// One act of an officer: the page before it, with the case number typed by hand and the password.
pub async fn act(
    desks: &mut Desks<'_>,
    login: &str,
    number: &str,
    act: &str,
    more: &[(&str, &str)],
) -> Answer {
    let password = desks.world.account(login).password;
    let officer = desks.of(login).await;
    let page = officer.get(&format!("/en/awards/{number}/{act}")).await;
    if page.status != 200 {
        return page;
    }
    let fields: Vec<_> = [("typed-number", number), ("password", password.as_str())]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
    officer.fill(&format!("/awards/{number}/{act}"), &fields).await
}

/// A trustee's own machine, with their key.
pub struct Trustee<'a> {
    pub world: &'a World,
    pub number: usize,
}

impl Trustee<'_> {
    /// Pins what this machine trusts, once.
    pub fn init(&self) {
        let world = self.world;
        let (set, state) = (world.key("recipient_set"), self.file("state"));
        let (set, state) = (set.to_str().unwrap(), state.to_str().unwrap());
        let (pin, log) = (world.said("recipient_set_fingerprint"), world.said("log_key"));
        let pinned = ["--set", set, "--fingerprint", pin, "--log-vkey", log, "--state", state];
        succeeded(world.mifeng(&[&["trustee", "init"][..], &pinned].concat(), ""));
    }

    /// Something on this trustee's machine.
    pub fn file(&self, name: &str) -> PathBuf {
        let folder = self.world.path(&format!("exports/trustee-{}", self.number));
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(name)
    }

    pub async fn download(&self, browser: &mut Browser, case: &str) -> ReleaseRequest {
        let page = browser.get(&format!("/en/releases/{case}")).await;
        assert_eq!(page.status, 200, "{}", page.text);
        let request = browser.get(&format!("/en/releases/{case}/request")).await;
        serde_json::from_slice(&request.bytes).unwrap_or_else(|why| panic!("{why}: {}", request.text))
    }

    /// Runs the tool on a request; the answer lies in the given file when it gave its share.
    pub fn run_tool(&self, request: &ReleaseRequest, answer: &str) -> Output {
        let file = self.file(&format!("request-for-{answer}"));
        std::fs::write(&file, serde_json::to_string(request).unwrap()).unwrap();
        let (state, out, key) = (self.file("state"), self.file(answer), self.world.trustee_key(self.number));
        let paths = [&file, &key, &state, &out].map(|path| path.to_str().unwrap().to_owned());
        let [request, key, state, out] = paths.each_ref().map(String::as_str);
        self.world.mifeng(
            &["trustee", "release", request, "--key", key, "--state", state, "--yes", "--out", out],
            "",
        )
    }

    pub async fn upload(&self, browser: &mut Browser, case: &str, answer: &str) -> Answer {
        let bytes = std::fs::read(self.file(answer)).unwrap();
        browser.get(&format!("/en/releases/{case}")).await;
        let file = Attached { field: "answer", name: answer, media: "application/json", bytes: &bytes };
        browser.upload(&format!("/en/releases/{case}"), &[], &file).await
    }
}

/// The officers' machine, which has no network.
pub struct OfficeMachine<'a> {
    pub world: &'a World,
}

impl OfficeMachine<'_> {
    pub fn init(&self) {
        let (set, state) = (self.world.key("recipient_set"), self.world.path("exports/office-state"));
        let arguments = [
            "init",
            "--set",
            set.to_str().unwrap(),
            "--fingerprint",
            self.world.said("recipient_set_fingerprint"),
            "--state",
            state.to_str().unwrap(),
        ];
        succeeded(self.world.mifeng_office(&arguments, ""));
    }

    /// Opens the package with one key; every question that follows is answered from `typed`.
    pub fn open(&self, package: &str, key: &std::path::Path, typed: &str) -> Output {
        let path = |name: &str| self.world.path(&format!("exports/{name}")).to_str().unwrap().to_owned();
        let (package, state, voucher) = (path(package), path("office-state"), path("voucher.txt"));
        let key = key.to_str().unwrap();
        let arguments = [
            "open",
            &package,
            "--key",
            key,
            "--state",
            &state,
            "--voucher",
            &voucher,
            "--number",
            "V-2026-1",
            "--rehearsal",
        ];
        self.world.mifeng_office(&arguments, typed)
    }
}

/// What a command printed; it must have succeeded.
pub fn succeeded(output: Output) -> String {
    let (out, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{error}\n{out}");
    out.into_owned()
}

/// What a command printed about why it did not do it; it must have failed.
pub fn refused(output: Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

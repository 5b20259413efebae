//! Both holders' tools as they are run: files in, files out, what they print, what they refuse and how they end.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use mifeng::{
    award::{
        paper::decision_hash,
        release::{Quorum, ReleaseAnswer},
    },
    cli::keyfile::HolderKey,
    clock::{Clock, SystemClock},
    envelope::SealedReport,
    signing::SigningKey,
};
use std::{
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

const CANARY: &str = "密封测试甲";

struct Machine {
    c: Ceremony,
    sealed: Vec<SealedReport>,
    folder: tempfile::TempDir,
}

/// A ceremony of today, for the tools ask the machine's clock.
fn machine() -> Machine {
    let mut c = Ceremony::new();
    c.date(SystemClock.today());
    let sealed = vec![c.seal_named(&person_json(CANARY))];
    let folder = tempfile::tempdir().unwrap();
    let m = Machine { c, sealed, folder };
    m.write("set.json", &m.c.untrusted_set);
    for trustee in 1..=3 {
        m.c.holder(trustee).save(&m.at(&format!("trustee-{trustee}.key")), "trustee").unwrap();
    }
    let office = HolderKey {
        opening: m.c.office_key.clone(),
        signing: SigningKey::from_seed(*m.c.office_sign.seed()),
    };
    office.save(&m.at("office.key"), "office").unwrap();
    m
}

impl Machine {
    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, value: &impl serde::Serialize) {
        std::fs::write(self.at(name), serde_json::to_string(value).unwrap()).unwrap();
    }

    fn run(&self, program: &str, line: &str, input: &str) -> Output {
        let mut child = Command::new(program)
            .args(line.split_whitespace())
            .current_dir(self.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A tool that ends before it asks has closed its end.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn mifeng(&self, line: &str, input: &str) -> Output {
        self.run(env!("CARGO_BIN_EXE_mifeng"), line, input)
    }

    fn office(&self, line: &str, input: &str) -> Output {
        self.run(env!("CARGO_BIN_EXE_mifeng-office"), line, input)
    }

    fn init_trustee(&self, trustee: usize) {
        let line = format!(
            "trustee init --set set.json --fingerprint {} --log-vkey {} --state state-{trustee}",
            self.c.untrusted_set.fingerprint(),
            self.c.log_key()
        );
        assert!(ok(&self.mifeng(&line, "")).contains("trusts set 1 of test"));
    }

    fn init_office(&self) {
        let pin = self.c.untrusted_set.fingerprint();
        ok(&self.office(&format!("init --set set.json --fingerprint {pin} --state office"), ""));
    }
}

fn ok(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert!(!output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

const RELEASE: &str = "trustee release request.json --key trustee-1.key --state state-1 --out answer.json";
const OPEN: &str = "open package.json --key office.key --state office --voucher voucher.txt --rehearsal";

#[test]
fn a_trustee_reads_the_question_says_yes_and_gets_an_answer_to_upload() {
    let m = machine();
    m.write("request.json", &m.c.request(&m.sealed, 1));
    assert!(refused(&m.mifeng(RELEASE, "yes\n")).contains("run the init command first"));
    m.init_trustee(1);
    for no in ["\n", "y\n", "no\n", ""] {
        assert!(refused(&m.mifeng(RELEASE, no)).contains("no share was given"));
        assert!(!m.at("answer.json").exists());
    }
    let said = ok(&m.mifeng(RELEASE, "yes\n"));
    assert!(said.contains("2026-000417") && said.contains("50,000.00") && said.contains("qian、sun"));
    let answer: ReleaseAnswer = serde_json::from_slice(&std::fs::read(m.at("answer.json")).unwrap()).unwrap();
    let other = m.c.deposit(&m.sealed, 2);
    assert!(Quorum::gather(&m.c.terms, &m.c.set, &[answer.deposit, other], m.c.today).is_ok());
    assert!(std::fs::read_to_string(m.at("state-1/checkpoint")).unwrap().contains("test/trustee-1"));
    assert_eq!(mode(&m.at("state-1")), 0o700);
    assert!(refused(&m.mifeng(RELEASE, "yes\n")).contains("already there"));
}

#[test]
fn a_key_file_that_others_can_read_is_refused() {
    let m = machine();
    m.init_trustee(1);
    m.write("request.json", &m.c.request(&m.sealed, 1));
    std::fs::set_permissions(m.at("trustee-1.key"), std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(refused(&m.mifeng(RELEASE, "yes\n")).contains("trustee-1.key"));
}

#[test]
fn an_officer_meets_the_person_and_takes_a_nameless_voucher_away() {
    let m = machine();
    m.init_office();
    m.write(
        "package.json",
        &m.c.package(&m.sealed, vec![m.c.deposit(&m.sealed, 1), m.c.deposit(&m.sealed, 2)]),
    );
    let said = ok(&m.office(OPEN, "y\nn\ny\n"));
    assert!(said.contains(CANARY) && said.contains("verified, then paid with voucher 2026-000417-1"));
    let voucher = std::fs::read_to_string(m.at("voucher.txt")).unwrap();
    assert!(voucher.contains("60,000.00") && !voucher.contains(CANARY) && !voucher.contains("13800138000"));
    assert_eq!(mode(&m.at("voucher.txt")), 0o600);
    let kept: Vec<u8> = std::fs::read_dir(m.at("office"))
        .unwrap()
        .flat_map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(!String::from_utf8_lossy(&kept).contains(CANARY));
}

#[test]
fn a_name_is_never_shown_where_there_is_no_terminal() {
    let m = machine();
    m.init_office();
    m.write(
        "package.json",
        &m.c.package(&m.sealed, vec![m.c.deposit(&m.sealed, 1), m.c.deposit(&m.sealed, 2)]),
    );
    let output = m.office(OPEN.strip_suffix(" --rehearsal").unwrap(), "y\nn\ny\n");
    assert!(
        refused(&output).contains("terminal") && !String::from_utf8_lossy(&output.stdout).contains(CANARY)
    );
    assert!(!m.at("voucher.txt").exists());
}

#[test]
fn the_last_line_says_what_to_record() {
    let m = machine();
    m.init_office();
    let deposits = vec![m.c.deposit(&m.sealed, 1), m.c.deposit(&m.sealed, 2)];
    m.write("package.json", &m.c.package(&m.sealed, deposits.clone()));
    // Whoever came is neither the first signatory nor the other one, who may still come.
    assert!(ok(&m.office(OPEN, "n\nn\n")).contains("Nothing to record yet"));
    assert!(ok(&m.office(OPEN, "y\ny\n")).contains("refused, excluded-person"));
    let mut package = m.c.package(&m.sealed, deposits);
    package.envelopes = vec![m.c.seal_nameless().envelope];
    m.write("package.json", &package);
    // Shares of another envelope: nothing that would end an award for good.
    assert!(refused(&m.office(OPEN, "")).contains("Record nothing"));
    package.decision = "{}".into();
    package.terms.award.rule_and_inputs = decision_hash("{}");
    m.write("package.json", &package);
    assert!(refused(&m.office(OPEN, "")).contains("the award"));
    std::fs::write(m.at("package.json"), "{").unwrap();
    assert!(refused(&m.office(OPEN, "")).contains("not a release package"));
}

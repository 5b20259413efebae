//! What holders of keys exchange: sealed frames, sets, requests, answers, packages.

use super::{
    for_text, held,
    policy::{RULES, decided},
    web::example_set,
};
use mifeng::{
    award::{
        approval,
        decision::Facts,
        paper::Paper,
        release::{Quorum, ReleaseAnswer, ReleasePackage, ReleaseRequest, Terms},
    },
    clock::Day,
    envelope::{ENVELOPE_LEN, Envelope, SealedReport},
    evidence::{FilesPackage, FilesReleaseRequest},
    ids::{BlobId, ReportId},
    lock::{SHARE_FILE_LEN, ShareFile},
    log::checkpoint::LogKey,
    mailbox::{self, SealedMessage, file::open_label},
    policy::{LONGEST_APPROVAL, RewardRules},
    receipt::Receipt,
    recipients::{RecipientSet, UntrustedRoster, UntrustedSet},
    sealed_file::FilePlace,
    signing::SigningKey,
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::LazyLock;

static SET: LazyLock<RecipientSet> = LazyLock::new(example_set);

fn receipt() -> Receipt {
    Receipt::parse("1234 5678 9012 3456 7890 1234 5678 9039").expect("a receipt")
}

/// What reads prints, and what is printed reads and prints the same.
fn steady<T: Serialize + DeserializeOwned>(data: &[u8]) -> Option<T> {
    let read: T = held(for_text(data), || serde_json::from_slice(data)).ok()?;
    let printed = serde_json::to_string(&read).expect("what was read prints");
    let again: T = serde_json::from_str(&printed).expect("what was printed reads");
    assert_eq!(serde_json::to_string(&again).expect("what was read prints"), printed);
    Some(read)
}

/// Sealed words and the label of a file, framed by others and sealed by ourselves.
pub fn mailbox(data: &[u8]) {
    static KEY: LazyLock<age::x25519::Identity> = LazyLock::new(|| receipt().mailbox_key());
    let framed = |age_file: &[u8]| {
        let mut bytes = [&(age_file.len() as u32).to_be_bytes()[..], age_file].concat();
        bytes.resize(bytes.len().next_multiple_of(4096), 0);
        bytes
    };
    for bytes in [data, &framed(data)[..]] {
        let Ok(message) = held(for_text(bytes), || SealedMessage::parse(bytes)) else { continue };
        assert_eq!(message.as_bytes(), bytes);
        assert!(message.age_file().len() + 4 <= bytes.len());
        let printed = serde_json::to_string(&message).expect("a message prints");
        assert!(serde_json::from_str::<SealedMessage>(&printed).is_ok_and(|again| again == message));
        assert!(mailbox::open(&message, &KEY).is_err(), "nobody has sealed anything to this receipt");
    }
    let Ok(text) = std::str::from_utf8(data) else { return };
    let sealed = mailbox::seal(text, &receipt().mailbox());
    assert!(mailbox::open(&sealed, &KEY).is_ok_and(|opened| *opened == text));
    let place = FilePlace { report: ReportId::from_bytes([1; 16]), blob: BlobId::from_bytes([2; 16]) };
    if let Ok(label) = open_label(&sealed, place, &KEY) {
        assert!(!label.name().is_empty() && !label.name().contains('/'));
    }
}

/// Envelopes, share files, and both as JSON. Bytes too few are repeated.
pub fn envelope(data: &[u8]) {
    steady::<SealedReport>(data);
    assert!(Envelope::parse(data).is_err() || data.len() == ENVELOPE_LEN);
    assert!(ShareFile::parse(data).is_err() || data.len() == SHARE_FILE_LEN);
    if data.is_empty() {
        return;
    }
    let mut bytes: Vec<u8> = data.iter().copied().cycle().take(ENVELOPE_LEN).collect();
    // Both sections begin with version and suite.
    for at in [0, 16 * 1024 + 30] {
        bytes[at..at + 2].copy_from_slice(&[1, 1]);
    }
    let envelope = Envelope::parse(&bytes).expect("the frame of an envelope");
    assert_eq!(envelope.as_bytes(), bytes);
    let mut share = [&[1, 1][..], data].concat();
    share.resize(SHARE_FILE_LEN, 0);
    let share = ShareFile::parse(&share).expect("the frame of a share file");
    if let Some(age_file) = share.age_file() {
        assert!(age_file.len() + 4 <= SHARE_FILE_LEN - 2);
    }
}

/// A recipient set as a file, and a body that its holders signed.
pub fn recipient_set(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Some(set) = steady::<UntrustedSet>(data) {
        trusted(&set);
    }
    let mut set = UntrustedSet { body: text.to_owned(), signatures: Vec::new() };
    let keys = [("office", 1), ("trustee-1", 2), ("trustee-2", 3), ("trustee-3", 4)];
    keys.iter().for_each(|(by, seed)| set.sign(by, &SigningKey::from_seed([*seed; 32])));
    trusted(&set);
}

fn trusted(set: &UntrustedSet) {
    let fingerprint = set.fingerprint();
    assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
    assert!(set.following(&SET).is_err(), "nobody has the example's keys");
    let Ok(pinned) = held(for_text(set.body.as_bytes()), || set.pinned(&fingerprint)) else { return };
    assert!(pinned.threshold() >= 2 && pinned.threshold() <= pinned.trustees().len());
    pinned.office_recipients();
    let mut next = set.clone();
    next.signatures.clear();
    assert!(next.following(&pinned).is_err(), "a set does not follow itself");
}

/// A roster of approvers.
pub fn roster(data: &[u8]) {
    if let Some(roster) = steady::<UntrustedRoster>(data)
        && let Ok(trusted) = roster.trusted(&SET)
    {
        assert!(roster.approvers.iter().all(|each| trusted.key_of(&each.staff) == Some(&each.verify)));
    }
}

/// Everything that travels in a release: requests to trustees, their answers, packages to the office.
pub fn release(data: &[u8]) {
    let today = Day::new(2026, 11, 27).expect("a day");
    let log = LogKey::new(
        "mifeng.example/log".parse().expect("a name"),
        SigningKey::from_seed([1; 32]).verify_key(),
    );
    if let Some(request) = steady::<ReleaseRequest>(data) {
        trusted(&request.set);
        assert!(request.proof.verify(&log, None).is_err());
        request.terms.digest();
        let _ = Paper::check(&request.decision, &request.terms.award, &request.rules);
        if let Ok(roster) = request.roster.trusted(&SET) {
            let (award, approvals) = (&request.terms.award, &request.approvals);
            assert!(approval::verify(award, approvals, &roster, today, LONGEST_APPROVAL).is_err());
        }
    }
    if let Some(request) = steady::<FilesReleaseRequest>(data) {
        trusted(&request.set);
        request.terms.digest();
        assert!(request.between.iter().all(|proof| proof.verify(&log, None).is_err()));
    }
    steady::<ReleaseAnswer>(data);
    if let Some(package) = steady::<ReleasePackage>(data) {
        trusted(&package.set);
        assert!(Quorum::gather(&package.terms, &SET, &package.deposits, today).is_err());
    }
    if let Some(package) = steady::<FilesPackage>(data) {
        assert!(Quorum::gather(&package.terms, &SET, &package.deposits, today).is_err());
    }
}

/// A decision with its trace, the facts of one, and the rules in force as they are kept with it.
pub fn decision(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Ok(paper) = held(for_text(data), || Paper::read(text)) {
        let again = Paper::read(&paper.text()).expect("our own paper");
        assert_eq!(again.text(), paper.text());
        decided(&RULES.rewards, &paper.facts);
    }
    if let Some(facts) = steady::<Facts>(data) {
        decided(&RULES.rewards, &facts);
    }
    if let Ok(rules) = RewardRules::from_snapshot(text) {
        let again = RewardRules::from_snapshot(&rules.snapshot()).expect("our own snapshot");
        assert_eq!(again.rules(), rules.rules());
    }
}

//! Two locks: what opens an identity, and that nothing less does.
#![cfg(feature = "open")]

use crate::common::{Ceremony, person_json};
use mifeng::{
    award::release::{Deposit, Purpose, Quorum, ReleaseRefused},
    cleartext::{
        identity::Payee,
        open::{OpenError, Opened, Row, open},
        share::{Expected, OpenedShares, ShareRefused},
    },
    envelope::{Envelope, SealedReport, SectionName},
    lock::SHARE_FILE_LEN,
    signing::SigningKey,
};
use std::collections::BTreeSet;

fn open_with(c: &Ceremony, sealed: &[SealedReport], deposits: &[Deposit]) -> Result<Opened, OpenError> {
    let envelopes: Vec<Envelope> = sealed.iter().map(|s| s.envelope.clone()).collect();
    let quorum = Quorum::gather(&c.terms, &c.set, deposits, c.today).unwrap();
    open(&envelopes, c.approval(), &c.claim(), quorum, &c.office_key)
}

#[test]
fn two_approvers_two_trustees_and_the_office_open_one_name() {
    let c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    let opened = open_with(&c, &sealed, &[c.deposit(&sealed, 1), c.deposit(&sealed, 3)]).unwrap();
    assert_eq!(opened.person.as_ref().unwrap().name(), "密封测试甲");
    assert!(opened.conflicts.is_empty());
}

#[test]
fn the_recovery_key_opens_what_the_lost_working_key_would_have() {
    let mut c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    std::mem::swap(&mut c.office_key, &mut c.recovery_key);
    assert!(
        open_with(&c, &sealed, &[c.deposit(&sealed, 1), c.deposit(&sealed, 2)]).unwrap().person.is_some()
    );
}

#[test]
fn one_trustee_is_not_enough_however_often_he_signs() {
    let c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    let gather = |d: &[Deposit]| Quorum::gather(&c.terms, &c.set, d, c.today).err();
    let few = |found| Some(ReleaseRefused::TooFew { found, needed: 2 });
    assert_eq!(gather(&[]), few(0));
    assert_eq!(gather(&[c.deposit(&sealed, 1)]), few(1));
    assert_eq!(gather(&[c.deposit(&sealed, 1), c.deposit(&sealed, 1)]), Some(ReleaseRefused::Twice(1)));
}

#[test]
fn an_expired_release_opens_nothing() {
    let c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    let deposits = [c.deposit(&sealed, 1), c.deposit(&sealed, 2)];
    assert!(Quorum::gather(&c.terms, &c.set, &deposits, c.terms.expires).is_ok());
    let late = c.terms.expires.tomorrow().unwrap();
    let refused = Quorum::gather(&c.terms, &c.set, &deposits, late).err();
    assert_eq!(refused, Some(ReleaseRefused::Expired(c.terms.expires)));
}

#[test]
fn a_deposit_signed_for_another_release_is_refused() {
    let mut c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    let deposits = [c.deposit(&sealed, 1), c.deposit(&sealed, 2)];
    c.terms.award.base_fen += 1;
    let refused = Quorum::gather(&c.terms, &c.set, &deposits, c.today).err();
    assert_eq!(refused, Some(ReleaseRefused::Signature(1)));
}

#[test]
fn a_key_that_is_not_the_offices_opens_nothing() {
    let mut c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    let deposits = [c.deposit(&sealed, 1), c.deposit(&sealed, 2)];
    for key in [c.trustee_keys[0].0.clone(), age::x25519::Identity::generate()] {
        c.office_key = key;
        assert_eq!(open_with(&c, &sealed, &deposits).err(), Some(OpenError::ShareUnreadable(1)));
    }
}

#[test]
fn another_reports_share_files_are_refused_by_the_trustees_tool_and_by_the_offices() {
    let c = Ceremony::new();
    let mine = [c.seal_named(&person_json("密封测试甲"))];
    let other = [c.seal_named(&person_json("密封测试乙"))];
    let expected =
        Expected { set: &c.set, report: c.report, envelopes: &[mine[0].envelope.hash()], handover: None };
    let refused = OpenedShares::open(&other[0].share_files[..1], &c.trustee_keys[0].0, &expected).err();
    assert_eq!(refused, Some(ShareRefused::OtherReport(1)));

    // Trustees who are shown the other envelope's hash as well give deposits that do not fit this envelope.
    let refused = open_with(&c, &mine, &[c.deposit(&other, 1), c.deposit(&other, 2)]).err();
    assert_eq!(refused, Some(OpenError::ShareForeign(1)));
}

#[test]
fn a_share_file_opens_for_its_own_trustee_alone() {
    let c = Ceremony::new();
    let sealed = c.seal_named(&person_json("密封测试甲"));
    let expected =
        Expected { set: &c.set, report: c.report, envelopes: &[sealed.envelope.hash()], handover: None };
    for (i, file) in sealed.share_files.iter().enumerate() {
        let file = std::slice::from_ref(file);
        for (j, (key, _)) in c.trustee_keys.iter().enumerate() {
            assert_eq!(OpenedShares::open(file, key, &expected).is_ok(), i == j);
        }
        assert_eq!(OpenedShares::open(file, &c.office_key, &expected).err(), Some(ShareRefused::WrongKey(1)));
    }
}

#[test]
fn a_changed_envelope_does_not_open() {
    let c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    let deposits = [c.deposit(&sealed, 1), c.deposit(&sealed, 2)];
    for position in [2, 20, 9000] {
        let mut bytes = sealed[0].envelope.as_bytes().to_vec();
        bytes[position] ^= 1;
        let changed = [SealedReport { envelope: Envelope::parse(&bytes).unwrap(), ..sealed[0].clone() }];
        // Named by its hash, and, should the trustees have been shown the changed one, by the cipher's tag.
        assert_eq!(open_with(&c, &changed, &deposits).err(), Some(OpenError::ShareForeign(1)));
    }
}

#[test]
fn a_release_for_files_never_opens_an_identity() {
    let mut c = Ceremony::new();
    let sealed = [c.seal_named(&person_json("密封测试甲"))];
    c.terms.purpose = Purpose::Files;
    // No trustee's share comes out of a payment's papers for anything but a payment.
    assert_eq!(c.try_deposit(&sealed, 1).err(), Some(ShareRefused::OtherPurpose("files")));
    let key = |trustee: usize| SigningKey::from_seed(*c.trustee_keys[trustee - 1].1.seed());
    let sign = |trustee: u8| Deposit::sign(&c.terms, &c.set, trustee, b"share", &key(trustee.into()));
    let deposits = [sign(1), sign(2)];
    let refused = open_with(&c, &sealed, &deposits).err();
    assert_eq!(refused, Some(OpenError::OtherPurpose("files")));

    // The same signatures under terms that say "identity" are refused.
    c.terms.purpose = Purpose::Identity;
    let refused = Quorum::gather(&c.terms, &c.set, &deposits, c.today).err();
    assert_eq!(refused, Some(ReleaseRefused::Signature(1)));
}

#[test]
fn the_first_name_counts_and_a_later_different_one_is_shown_as_a_conflict() {
    let c = Ceremony::new();
    let all = [
        c.seal_nameless(),
        c.seal_named(&person_json("密封测试甲")),
        c.seal_nameless(),
        c.seal_named(&person_json("密封测试乙")),
        c.seal_named(&person_json("密封测试甲")),
    ];
    let opened = open_with(&c, &all, &[c.deposit(&all, 2), c.deposit(&all, 3)]).unwrap();
    assert_eq!(opened.person.as_ref().unwrap().name(), "密封测试甲");
    let differs: Vec<_> = opened.conflicts.iter().map(|one| (one.envelope, one.row)).collect();
    assert_eq!(differs, [(4, Row::Name), (4, Row::Holder)]);
}

#[test]
fn the_account_given_with_the_claim_is_the_one_that_is_paid_but_not_unseen() {
    let c = Ceremony::new();
    let claim = person_json("密封测试甲");
    let mut first: serde_json::Value = serde_json::from_str(&claim).unwrap();
    first["payee"] = serde_json::json!({ "kind": "in_person" });
    let all = [c.seal_named(&first.to_string()), c.seal_named(&claim)];
    let opened = open_with(&c, &all, &[c.deposit(&all, 1), c.deposit(&all, 2)]).unwrap();
    let changed = opened.conflicts.iter().find(|one| one.row == Row::Payee).unwrap();
    assert_eq!(
        (changed.envelope, changed.before.as_str(), changed.later.as_str()),
        (2, "in_person", "account")
    );
    let person = opened.person.as_ref().unwrap();
    assert!(matches!(person.payee(), Payee::Account { number, .. } if number == "79927398713"));
}

#[test]
fn a_nameless_report_opens_to_nobody() {
    let c = Ceremony::new();
    let sealed = [c.seal_nameless()];
    let opened = open_with(&c, &sealed, &[c.deposit(&sealed, 1), c.deposit(&sealed, 2)]).unwrap();
    assert!(opened.person.is_none());
}

/// P2: a thousand named and nameless envelopes have one stored length and no byte that tells them apart.
#[test]
fn a_thousand_real_and_dummy_envelopes_look_the_same() {
    let c = Ceremony::new();
    let mut lengths = BTreeSet::new();
    let mut heads = BTreeSet::new();
    let mut sums = [[0u64; 2]; 2];
    for i in 0..500 {
        let name = "长".repeat(i % 20 + 1);
        for (kind, sealed) in [c.seal_named(&person_json(&name)), c.seal_nameless()].into_iter().enumerate() {
            lengths.insert((sealed.envelope.as_bytes().len(), sealed.share_files.len()));
            heads.insert(sealed.envelope.section(SectionName::Identity)[..2].to_vec());
            heads.insert(sealed.envelope.section(SectionName::Files)[..2].to_vec());
            assert!(sealed.share_files.iter().all(|f| f.as_bytes().len() == SHARE_FILE_LEN));
            assert_eq!(sealed.files_recipient.len(), 62);
            // After version and suite all should be noise: compare the mean byte of both kinds.
            let noise = &sealed.envelope.section(SectionName::Identity)[2..];
            sums[kind][0] += noise.iter().map(|b| u64::from(*b)).sum::<u64>();
            sums[kind][1] += noise.len() as u64;
        }
    }
    assert_eq!(lengths.len(), 1, "{lengths:?}");
    assert_eq!(heads.len(), 1, "{heads:?}");
    for [sum, count] in sums {
        let mean = sum as f64 / count as f64;
        assert!((mean - 127.5).abs() < 0.25, "mean byte {mean}");
    }
}

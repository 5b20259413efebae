//! The recipient set: who signs it, what pins it, and what may follow it.

use mifeng::{
    ids::{Instance, StaffId},
    recipients::{Approver, Office, RosterRefused, SetRefused, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
};
use proptest::prelude::*;

struct Holders {
    office: SigningKey,
    trustees: Vec<SigningKey>,
}

fn age_recipient() -> String {
    age::x25519::Identity::generate().to_public().to_string()
}

fn draft(holders: &Holders, number: u32, threshold: usize) -> Result<UntrustedSet, SetRefused> {
    let office =
        Office { working: age_recipient(), recovery: age_recipient(), verify: holders.office.verify_key() };
    let trustees = holders.trustees.iter().enumerate().map(|(i, key)| Trustee {
        name: format!("trustee {}", i + 1),
        recipient: age_recipient(),
        verify: key.verify_key(),
    });
    UntrustedSet::draft(&Instance("test".into()), number, office, trustees.collect(), threshold)
}

fn holders(n: usize) -> Holders {
    let mut rng = rand::rng();
    Holders {
        office: SigningKey::generate(&mut rng),
        trustees: (0..n).map(|_| SigningKey::generate(&mut rng)).collect(),
    }
}

fn signed_by_all(holders: &Holders, number: u32) -> UntrustedSet {
    let mut set = draft(holders, number, 2).unwrap();
    set.sign("office", &holders.office);
    for (i, key) in holders.trustees.iter().enumerate() {
        set.sign(&format!("trustee-{}", i + 1), key);
    }
    set
}

#[test]
fn fewer_than_two_trustees_are_never_enough() {
    let three = holders(3);
    for (t, fits) in [(0, false), (1, false), (2, true), (3, true), (4, false)] {
        assert_eq!(draft(&three, 1, t).is_ok(), fits, "t = {t}");
    }
    assert_eq!(draft(&holders(17), 1, 2).err(), Some(SetRefused::TooManyTrustees(17)));
}

#[test]
fn one_key_in_two_hands_is_refused() {
    let mut two = holders(2);
    two.trustees[1] = SigningKey::from_seed(*two.trustees[0].seed());
    assert_eq!(draft(&two, 1, 2).err(), Some(SetRefused::SharedKey));
}

#[test]
fn the_first_set_needs_every_holder_and_the_pinned_fingerprint() {
    let three = holders(3);
    let set = signed_by_all(&three, 1);
    let pin = set.fingerprint();
    assert_eq!(set.pinned(&pin).unwrap().threshold(), 2);
    assert_eq!(pin.to_string().parse::<mifeng::recipients::Fingerprint>().unwrap(), pin);

    for left_out in 0..4 {
        let mut set = set.clone();
        let gone = set.signatures.remove(left_out);
        assert_eq!(set.pinned(&pin).err(), Some(SetRefused::SignatureMissing(gone.by)));
    }
    let other = signed_by_all(&three, 1);
    assert!(matches!(other.pinned(&pin), Err(SetRefused::NotThePinnedOne { .. })));
    let mistyped = other.given(&pin).err();
    assert_eq!(mistyped, Some(SetRefused::NotTheOneGiven { found: other.fingerprint(), given: pin }));
}

/// An office key changed in the file: the fingerprint differs, and so the portal seals nothing to it.
#[test]
fn an_exchanged_office_key_is_refused() {
    let three = holders(3);
    let set = signed_by_all(&three, 1);
    let pinned = set.pinned(&set.fingerprint()).unwrap();
    let mut changed = set.clone();
    changed.body = set.body.replace(&pinned.office().working, &age_recipient());
    assert_ne!(changed.body, set.body);
    assert!(matches!(changed.pinned(&set.fingerprint()), Err(SetRefused::NotThePinnedOne { .. })));
    // Even a tool that pinned nothing would see that nobody signed it.
    assert!(matches!(changed.pinned(&changed.fingerprint()), Err(SetRefused::SignatureMissing(_))));
}

#[test]
fn a_later_set_is_signed_by_the_office_and_t_old_trustees() {
    let (old_holders, new_holders) = (holders(3), holders(4));
    let old = signed_by_all(&old_holders, 1);
    let old = old.pinned(&old.fingerprint()).unwrap();
    let mut new = draft(&new_holders, 2, 3).unwrap();
    assert_eq!(new.following(&old).err(), Some(SetRefused::SignatureMissing("office".into())));
    new.sign("office", &old_holders.office);
    new.sign("old-trustee-1", &old_holders.trustees[0]);
    let few = SetRefused::TooFewOldTrustees { found: 1, needed: 2 };
    assert_eq!(new.following(&old).err(), Some(few.clone()));
    // The same trustee under a second name does not count twice.
    new.sign("old-trustee-2", &old_holders.trustees[0]);
    assert_eq!(new.following(&old).err(), Some(few));
    new.sign("old-trustee-3", &old_holders.trustees[2]);
    assert_eq!(new.following(&old).unwrap().number(), 2);

    let mut skipping = draft(&new_holders, 3, 2).unwrap();
    skipping.sign("office", &old_holders.office);
    assert_eq!(skipping.following(&old).err(), Some(SetRefused::WrongNumber { old: 1, new: 3 }));
}

#[test]
fn the_roster_of_approvers_is_the_offices_word_alone() {
    let three = holders(3);
    let set = signed_by_all(&three, 1);
    let set = set.pinned(&set.fingerprint()).unwrap();
    let key = SigningKey::generate(&mut rand::rng());
    let approver = |name: &str| Approver { staff: StaffId(name.into()), verify: key.verify_key() };
    let instance = Instance("test".into());

    let roster = UntrustedRoster::signed(&instance, 1, vec![approver("qian")], &three.office);
    assert_eq!(roster.trusted(&set).unwrap().key_of(&StaffId("qian".into())), Some(&key.verify_key()));
    assert!(roster.trusted(&set).unwrap().key_of(&StaffId("sun".into())).is_none());

    let by_a_trustee = UntrustedRoster::signed(&instance, 1, vec![approver("qian")], &three.trustees[0]);
    assert_eq!(by_a_trustee.trusted(&set).err(), Some(RosterRefused::NotSignedByTheOffice));
    let twice = UntrustedRoster::signed(&instance, 1, vec![approver("qian"), approver("sun")], &three.office);
    assert_eq!(twice.trusted(&set).err(), Some(RosterRefused::NamedTwice));
    let mut added = roster.clone();
    added.approvers.push(approver("sun"));
    assert_eq!(added.trusted(&set).err(), Some(RosterRefused::NotSignedByTheOffice));
}

proptest! {
    #[test]
    fn reading_any_file_as_a_set_never_panics(text in "\\PC{0,200}", body in "\\PC{0,200}") {
        if let Ok(set) = UntrustedSet::parse(&text) {
            let _ = set.pinned(&set.fingerprint());
        }
        let set = UntrustedSet { body, signatures: Vec::new() };
        prop_assert!(set.pinned(&set.fingerprint()).is_err());
    }
}

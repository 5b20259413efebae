//! A set follows another: who is in it, how many it needs, and who of an earlier one is left.

use super::{after, trustee};
use crate::common::Ceremony;
use mifeng::recipients::{Left, SetRefused, Sets, Succession, Trustee, UntrustedSet};
use std::path::Path;

#[test]
fn the_next_set_keeps_everybody_not_named_in_their_place() {
    let c = Ceremony::new();
    let names = |set: &UntrustedSet, at: &Path| {
        // Unsigned: read what it says.
        std::fs::write(at, &set.body).unwrap();
        let body: serde_json::Value = serde_json::from_str(&set.body).unwrap();
        let names = body["trustees"].as_array().unwrap().iter();
        (
            body["number"].as_u64().unwrap(),
            names.map(|t| t["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
        )
    };
    let at = tempfile::NamedTempFile::new().unwrap();
    let change = |without: &[&str], with: Vec<Trustee>| Succession {
        without: without.iter().map(|name| (*name).to_owned()).collect(),
        with,
        ..Succession::default()
    };
    let replaced = change(&["trustee 2"], vec![trustee("four").2, trustee("five").2]).draft(&c.set).unwrap();
    let said: Vec<_> = ["trustee 1", "four", "trustee 3", "five"].map(str::to_owned).into();
    assert_eq!(names(&replaced, at.path()), (2, said));
    let new_key = trustee("trustee 3").2;
    let again = change(&[], vec![new_key.clone()]).draft(&c.set).unwrap();
    assert!(again.body.contains(&new_key.recipient) && !again.body.contains(&c.set.trustees()[2].recipient));
    let revoked = change(&["trustee 1"], vec![]).draft(&c.set).unwrap();
    assert_eq!(names(&revoked, at.path()).1, ["trustee 2", "trustee 3"]);

    let nobody = change(&["trustee 9"], vec![]).draft(&c.set).err();
    assert_eq!(nobody, Some(SetRefused::NoSuchTrustee("trustee 9".into())));
    let two_leave = change(&["trustee 1", "trustee 2"], vec![]).draft(&c.set).err();
    assert_eq!(two_leave, Some(SetRefused::Threshold { t: 2, n: 1 }));
    let lower = Succession { threshold: Some(1), ..Succession::default() }.draft(&c.set).err();
    assert_eq!(lower, Some(SetRefused::LowerThreshold { old: 2, new: 1 }));
}

#[test]
fn a_later_set_never_needs_fewer_trustees_than_reporters_were_promised() {
    let c = Ceremony::new();
    let sign = |set: &mut UntrustedSet| {
        set.sign("office", &c.office_sign);
        for (i, (_, key)) in c.trustee_keys.iter().enumerate() {
            set.sign(&format!("trustee-{}", i + 1), key);
        }
    };
    let three = Succession { threshold: Some(3), ..Succession::default() };
    let mut three = three.draft(&c.set).unwrap();
    sign(&mut three);
    let (first, file) = (&c.untrusted_set, &three.clone());
    let three = three.following(&c.set).unwrap();
    // An opening is under the later set, so that what was sealed to the earlier takes three now, too.
    let sets = Sets::new((three.clone(), file), vec![first.clone()]).unwrap();
    assert_eq!(sets.left(&[1].into()), Some(Left { usable: 3, needed: 3 }));
    let (office, trustees) = (three.office().clone(), three.trustees().to_vec());
    let mut two = UntrustedSet::draft(three.instance(), 3, office, trustees, 2).unwrap();
    sign(&mut two);
    assert_eq!(two.following(&three).err(), Some(SetRefused::LowerThreshold { old: 3, new: 2 }));
}

#[test]
fn sets_are_known_back_to_the_first_only_along_a_whole_chain() {
    let after = after();
    let current = || (after.c.set.clone(), &after.c.untrusted_set);
    let sets = Sets::new(current(), vec![after.first.clone()]).unwrap();
    assert_eq!(sets.numbered(1).unwrap().fingerprint(), after.first.fingerprint());
    assert_eq!((sets.places(1).of(1), sets.places(1).of(2)), (Some(3), Some(1)));
    assert_eq!((sets.places(3).of(1), sets.places(3).of(2)), (None, Some(3)));
    assert_eq!((sets.places(4).of(2), sets.places(0).of(2)), (None, None));
    let left = |sets_of: &[u32]| sets.left(&sets_of.iter().copied().collect());
    assert_eq!(left(&[1]), Some(Left { usable: 2, needed: 2 }));
    assert_eq!(left(&[2]), Some(Left { usable: 3, needed: 2 }));
    assert_eq!(left(&[1, 2]), left(&[1]), "who opens a report of both sets stands in both");
    assert_eq!((left(&[3]), left(&[1, 3])), (None, None));

    // Another instance's first set, or one of other holders, was not followed by this one.
    let stranger = Ceremony::new();
    let refused = Sets::new(current(), vec![stranger.untrusted_set.clone()]).err();
    assert_eq!(refused, Some(SetRefused::SignatureMissing("office".into())));
    let refused =
        Sets::new((stranger.set.clone(), &stranger.untrusted_set), vec![after.c.untrusted_set.clone()]).err();
    assert_eq!(refused, Some(SetRefused::EarlierMissing(1)));
}

#[test]
fn with_one_to_spare_it_is_scarce_and_with_none_it_is_still_not_lost() {
    let left = |usable| Left { usable, needed: 2 };
    let said: Vec<_> = (1..=4).map(|n| (left(n).is_lost(), left(n).is_scarce())).collect();
    assert_eq!(said, [(true, true), (false, true), (false, true), (false, false)]);
}

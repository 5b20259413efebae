//! Old trustees split their shares again for new ones: the new shares open what the old ones would have, and no lock was whole
//! anywhere.
#![cfg(feature = "open")]

mod common;
mod resharing_support;

use common::Ceremony;
use mifeng::reshare::{Batch, Dealing, Joining, ReshareRefused, Taking};
use resharing_support::*;
use serde::{Deserialize, Serialize};
use std::path::Path;
use vsss_rs::Gf256;

#[test]
fn any_t_of_the_new_trustees_open_what_was_sealed_to_the_old_whoever_dealt() {
    for (dealers, trustees) in [(&[1, 2, 3][..], [1, 2, 3]), (&[1, 3], [2, 3, 4]), (&[2, 3], [1, 2, 4])] {
        let story = story();
        let sealed = story.reshared(dealers);
        assert!(sealed.iter().all(|report| report.share_files.len() == 4));
        assert_eq!(story.opens(&sealed, &trustees).as_deref(), Some(CANARY), "{dealers:?} {trustees:?}");
    }
}

#[test]
fn three_of_four_are_split_to_four_of_five() {
    for (dealers, trustees) in [(&[1, 2, 3, 4][..], [1, 2, 3, 5]), (&[1, 3, 4], [2, 3, 4, 5])] {
        let story = later_story();
        let sealed = story.reshared(dealers);
        assert!(sealed.iter().all(|report| report.share_files.len() == 5));
        assert_eq!(story.opens(&sealed, &trustees).as_deref(), Some(CANARY), "{dealers:?} {trustees:?}");
    }
}

#[test]
fn fewer_than_the_new_t_open_nothing() {
    let story = story();
    let sealed = story.reshared(&[1, 2, 3]);
    assert_eq!(story.opens(&sealed, &[1, 2]), None);
}

#[test]
fn a_batch_lies_between_two_sets_of_one_chain_and_is_dealt_by_enough() {
    let story = story();
    let (old, new) = (story.c.set.fingerprint(), story.new_set.fingerprint());
    assert!(story.batch(&[1, 2]).check(&old).is_ok(), "who has pinned the old set follows to the new");
    let stranger = Ceremony::new();
    assert_eq!(
        story.batch(&[1, 2]).check(&stranger.set.fingerprint()).err(),
        Some(ReshareRefused::NotThePinnedOne)
    );
    for dealers in [&[1][..], &[2, 1], &[1, 1], &[0, 1], &[1, 4], &[1, 2, 3, 3]] {
        let refused = story.batch(dealers).check(&new).err();
        assert!(matches!(refused, Some(ReshareRefused::Dealers { t: 2, .. })), "{dealers:?}: {refused:?}");
    }
    let mut unsigned = story.batch(&[1, 2]);
    unsigned.sets[1].signatures.retain(|signature| !signature.by.starts_with("former"));
    assert!(matches!(unsigned.check(&new).err(), Some(ReshareRefused::Set(_))));
    let mut twice = story.batch(&[1, 2]);
    let mut batch: Batch = serde_json::from_str(&twice.batch).unwrap();
    batch.items[1] = batch.items[0];
    twice.batch = serde_json::to_string(&batch).unwrap();
    assert_eq!(twice.check(&new).err(), Some(ReshareRefused::Items));
    let mut elsewhere = story.batch(&[1, 2]);
    elsewhere.batch = elsewhere.batch.replace(&old.to_string(), &new.to_string());
    assert_eq!(elsewhere.check(&new).err(), Some(ReshareRefused::OtherSets));
}

#[test]
fn files_of_another_hand_batch_or_round_are_refused() {
    let story = story();
    let known = story.known(&[1, 2, 3]);
    let mut dealings = story.dealings(&[1, 2, 3]);
    let gather = |dealings: &[Dealing]| Dealing::gather(&known, dealings).map(|all| all.len());
    assert_eq!(gather(&dealings[..2]), Err(ReshareRefused::Missing(3)));
    let again = story.deal(&[1, 2, 3], 2, &story.files_of(2)).0;
    assert_eq!(gather(&[dealings.clone(), vec![again.clone()]].concat()), Err(ReshareRefused::Twice(2)));
    assert_eq!(gather(&story.dealings(&[1, 2])), Err(ReshareRefused::OtherBatch));
    // A part swapped on the way.
    let mut swapped = dealings.clone();
    swapped[0].parts.swap(0, 1);
    assert_eq!(gather(&swapped), Err(ReshareRefused::Signature(1)));

    let takings = story.takings(&known, &dealings);
    dealings[1] = again;
    let dealt = Dealing::dealt(&Dealing::gather(&known, &dealings).unwrap());
    assert_eq!(Taking::gather(&known, &dealt, &takings).err(), Some(ReshareRefused::OtherDealing(1)));
    let own = story.dealings(&[1, 2, 3]);
    let dealt = Dealing::dealt(&Dealing::gather(&known, &own).unwrap());
    let mut takings = story.takings(&known, &own);
    assert_eq!(Taking::gather(&known, &dealt, &takings[1..]).err(), Some(ReshareRefused::Missing(1)));
    takings[2].items[0].as_mut().unwrap().hashes.l[0] ^= 1;
    assert_eq!(Taking::gather(&known, &dealt, &takings).err(), Some(ReshareRefused::Signature(3)));
    let takings = story.takings(&known, &own);
    let mut joined: Vec<_> = story.join(&known, &own, &takings).into_iter().map(|(one, _)| one).collect();
    assert_eq!(Joining::gather(&known, &joined[..3]).err(), Some(ReshareRefused::Missing(4)));
    joined[1].share_files.swap(0, 1);
    assert_eq!(Joining::gather(&known, &joined).err(), Some(ReshareRefused::Signature(2)));
}

/// A frozen case, which `web/test/resharing.test.ts` joins with the npm package.
#[derive(Serialize, Deserialize)]
struct Vector {
    #[serde(with = "hex::serde")]
    secret: [u8; 32],
    old_t: usize,
    new_t: usize,
    /// x ‖ y.
    old_shares: Vec<String>,
    /// By old share, then by new one: x' ‖ y.
    parts: Vec<Vec<String>>,
    /// Joined over the first `old_t` of the old shares.
    new_shares: Vec<String>,
}

const VECTOR: &str = "tests/vectors/reshared-v1.json";

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn parts_of_shares_join_to_shares_of_the_same_secret_byte_for_byte() {
    if std::env::var_os("MIFENG_WRITE_VECTORS").is_some() && !Path::new(VECTOR).exists() {
        let rng = &mut rand::rng();
        let secret: [u8; 32] = rand::random();
        let old = Gf256::split_array(2, 3, secret, &mut *rng).unwrap();
        let parts: Vec<Vec<Vec<u8>>> =
            old.iter().map(|share| Gf256::split_array(3, 4, &share[1..], &mut *rng).unwrap()).collect();
        let new = |j: usize| {
            let points: Vec<_> = (0..2).map(|i| [&[old[i][0]], &parts[i][j][1..]].concat()).collect();
            [&[j as u8 + 1], Gf256::combine_array(&points).unwrap().as_slice()].concat()
        };
        let vector = Vector {
            secret,
            old_t: 2,
            new_t: 3,
            old_shares: old.iter().map(hex::encode).collect(),
            parts: parts.iter().map(|row| row.iter().map(hex::encode).collect()).collect(),
            new_shares: (0..4).map(|j| hex::encode(new(j))).collect(),
        };
        std::fs::write(VECTOR, serde_json::to_string_pretty(&vector).unwrap() + "\n").unwrap();
    }
    let vector: Vector = serde_json::from_str(&std::fs::read_to_string(VECTOR).unwrap()).unwrap();
    let old: Vec<Vec<u8>> = vector.old_shares.iter().map(|share| bytes(share)).collect();
    let new: Vec<Vec<u8>> = vector.new_shares.iter().map(|share| bytes(share)).collect();
    assert_eq!(Gf256::combine_array(&old[..vector.old_t]).unwrap(), vector.secret);
    for (j, share) in new.iter().enumerate() {
        let point = |i: usize| [&[old[i][0]], &bytes(&vector.parts[i][j])[1..]].concat();
        let points: Vec<Vec<u8>> = (0..vector.old_t).map(point).collect();
        assert_eq!(Gf256::combine_array(&points).unwrap(), share[1..]);
    }
    for left_out in 0..new.len() {
        let some: Vec<_> =
            new.iter().enumerate().filter(|(j, _)| *j != left_out).map(|(_, s)| s.clone()).collect();
        assert_eq!(Gf256::combine_array(&some).unwrap(), vector.secret);
    }
}

//! Whoever deals, takes or seals wrongly while shares are split again reads nothing, and is found out before the old shares are gone.
#![cfg(feature = "open")]

mod common;
mod resharing_support;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use common::{Ceremony, share_file};
use mifeng::{
    cleartext::reshare::DealRefused,
    lock::ShareFile,
    reshare::{Both, Joining, TakenItem, Taking},
    transcript::sha256,
};
use resharing_support::*;
use vsss_rs::Gf256;

/// Whoever has a trustee deal from a file that is not theirs, the server can, could read the true share of that trustee from the
/// checks: they are then not 0 at 0, but a sum of the true share and of what was put in.
#[test]
fn nothing_is_told_of_an_envelope_if_one_dealers_share_file_is_not_as_the_others_are() {
    for fooled in 1..=3 {
        let story = story();
        let mut files: Vec<_> = (1..=3).map(|dealer| story.files_of(dealer)).collect();
        files[fooled - 1][1] = forged(&files[fooled - 1][1], &story.c.trustee_keys[fooled - 1].0, fooled, 1);
        let dealings = story.dealings_of(&files);
        for (taking, why) in story.taken(&story.known(&[1, 2, 3]), &dealings) {
            assert_eq!(why, [None, Some(DealRefused::FilesDiffer)], "dealer {fooled}");
            assert!(taking.items[0].is_some() && taking.items[1].is_none());
        }
        let (reports, why) = story.joined(&dealings);
        assert_eq!(why, [None, Some(DealRefused::FilesDiffer)]);
        assert!(reports[0].is_some() && reports[1].is_none(), "the rest of the batch is joined");
    }
}

#[test]
fn one_list_or_key_that_differs_is_enough_for_nothing_to_be_told() {
    let fields = ["hashes_l", "hashes_f", "audit_key", "claim_key"];
    for field in fields {
        let story = story();
        let mut files: Vec<_> = (1..=3).map(|dealer| story.files_of(dealer)).collect();
        let key = &story.c.trustee_keys[0].0;
        let mut body = opened(&files[0][0], key);
        let other = BASE64_STANDARD_NO_PAD.encode([7; 32]);
        // Another trustee's hash: the dealer's own share still fits its own.
        if field.starts_with("hashes") {
            body[field][2] = other.into()
        } else {
            body[field] = other.into()
        }
        files[0][0] = sealed_again(&body, key);
        let (_, why) = story.joined(&story.dealings_of(&files));
        assert_eq!(why, [Some(DealRefused::FilesDiffer), None], "{field}");
    }
}

#[test]
fn an_old_trustee_who_deals_another_share_than_theirs_is_found_out_whichever_it_is() {
    for (n, story) in [(3, story as fn() -> Story), (4, later_story)] {
        for liar in 1..=n {
            let story = story();
            let mut files: Vec<_> = (1..=n as u8).map(|dealer| story.files_of(dealer)).collect();
            let true_files = files[liar - 1].clone();
            files[liar - 1][1] = forged(&true_files[1], &story.c.trustee_keys[liar - 1].0, liar, 1);
            let mut dealings = story.dealings_of(&files);
            lied(&story, &mut dealings, liar, &true_files);
            let (reports, why) = story.joined(&dealings);
            assert_eq!(why, [None, Some(DealRefused::Inconsistent)], "dealer {liar} of {n}");
            assert_eq!(reports.iter().map(Option::is_some).collect::<Vec<_>>(), [true, false]);
        }
    }
}

/// Two lie by what a line through 0 at the third's place says: it fits what three dealers show, and not what a fourth does.
#[test]
fn each_dealer_beyond_those_it_takes_is_one_liar_more_who_is_found_out() {
    for (n, found) in [(3, None), (4, Some(DealRefused::Inconsistent))] {
        let story = after(between(Ceremony::new(), 4, 2), 3, 2);
        let mut files: Vec<_> = (1..=n).map(|dealer| story.files_of(dealer)).collect();
        let true_files = files.clone();
        for (i, by) in [(0, 2), (1, 1)] {
            files[i][0] = forged(&files[i][0], &story.c.trustee_keys[i].0, i + 1, by);
        }
        let mut dealings = story.dealings_of(&files);
        for i in [0, 1] {
            lied(&story, &mut dealings, i + 1, &true_files[i]);
        }
        assert_eq!(story.joined(&dealings).1, [found, None], "{n} dealers");
    }
}

#[test]
fn a_new_trustee_who_tells_another_hash_or_check_is_found_out() {
    type Lie = fn(&mut TakenItem);
    let lies: [(u8, Lie); 4] = [
        (1, |item| item.checks[0].l[0] ^= 1),
        (3, |item| item.checks[0].f[31] ^= 1),
        (4, |item| item.checks[0].l[0] ^= 1),
        (2, |item| item.hashes.f[0] ^= 1),
    ];
    for (n, (liar, lie)) in lies.into_iter().enumerate() {
        let story = story();
        let (known, dealings) = (story.known(&[1, 2, 3]), story.dealings(&[1, 2, 3]));
        let mut takings = story.takings(&known, &dealings);
        let own = &mut takings[usize::from(liar) - 1];
        lie(own.items[0].as_mut().unwrap());
        let key = &story.new_keys[usize::from(liar) - 1].1;
        *own = Taking::sign(&known, liar, own.dealt, own.items.clone(), key);
        let joined = story.join(&known, &dealings, &takings);
        let why: Vec<_> = joined.iter().map(|(_, why)| why[0]).collect();
        if n < 3 {
            assert_eq!(why, [Some(DealRefused::Inconsistent); 4], "{n}");
        } else {
            assert_eq!(why[1], Some(DealRefused::Inconsistent), "{n}");
        }
        let joined: Vec<Joining> = joined.into_iter().map(|(joining, _)| joining).collect();
        let files = Joining::gather(&known, &joined).unwrap();
        assert_eq!(files.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true]);
    }
}

/// Of what is told, fewer than t' are points: they and the 0 say nothing more.
#[test]
fn of_the_checks_no_more_are_told_in_clear_than_say_nothing_of_the_value_at_zero() {
    let story = story();
    let (known, dealings) = (story.known(&[1, 2, 3]), story.dealings(&[1, 2, 3]));
    let takings = story.takings(&known, &dealings);
    let joins = |lock: fn(&Both) -> [u8; 32], places: [usize; 3]| {
        let point = |place: usize| {
            let told = takings[place - 1].items[0].as_ref().unwrap().checks[0];
            [&[place as u8], &lock(&told)[..]].concat()
        };
        Gf256::combine_array(places.map(point)).unwrap() == [0; 32]
    };
    for places in [[1, 2, 3], [1, 2, 4], [2, 3, 4]] {
        assert!(!joins(|both| both.l, places) && !joins(|both| both.f, places), "{places:?}");
    }
}

#[test]
fn a_share_file_that_cannot_be_dealt_from_is_left_out_and_the_others_are_dealt() {
    let story = story();
    let (first, second) = (story.files_of(1), story.files_of(2));
    let why = |files: &[ShareFile]| story.deal(&[1, 2], 1, files).1;
    assert_eq!(why(&second), [Some(DealRefused::WrongKey); 2]);
    assert_eq!(why(&[first[1].clone(), first[0].clone()]), [Some(DealRefused::Other); 2]);
    let stranger = story.c.seal_nameless().share_files[0].clone();
    assert_eq!(why(&[first[0].clone(), stranger]), [None, Some(DealRefused::Other)]);
    let key = &story.c.trustee_keys[0].0;
    // Without the list made to fit.
    let wrong = forged(&first[0], key, 2, 1);
    assert_eq!(why(&[wrong, first[1].clone()]), [Some(DealRefused::ShareWrong), None]);
    let noise = share_file(&key.to_public(), b"noise");
    assert_eq!(why(&[first[0].clone(), noise.clone()]), [None, Some(DealRefused::Malformed)]);

    // A reporter's device can seal noise to one trustee: nobody else's report is kept from its new trustees by that.
    let files = [vec![first[0].clone(), noise], second, story.files_of(3)];
    let dealings = story.dealings_of(&files);
    let (reports, why) = story.joined(&dealings);
    assert_eq!(why, [None, Some(DealRefused::NotDealt)]);
    assert!(reports[0].is_some() && reports[1].is_none());
}

/// A share weighs by its place. Were its x the dealer's word, one who lies about it would read from the checks what others hold.
#[test]
fn a_share_that_says_another_place_than_its_holders_is_not_dealt() {
    for x in [0, 2, 77] {
        let story = story();
        let mut files = story.files_of(3);
        let key = &story.c.trustee_keys[2].0;
        let mut body = opened(&files[0], key);
        let mut share = BASE64_STANDARD_NO_PAD.decode(body["share_l"].as_str().unwrap()).unwrap();
        share[0] = x;
        body["share_l"] = BASE64_STANDARD_NO_PAD.encode(&share).into();
        body["hashes_l"][2] = BASE64_STANDARD_NO_PAD.encode(sha256(&share)).into();
        files[0] = sealed_again(&body, key);
        let (dealing, why) = story.deal(&[1, 2, 3], 3, &files);
        assert_eq!(why, [Some(DealRefused::ShareWrong), None], "{x}");
        // Nor does a part carry one.
        let part = opened(dealing.parts[0][1].as_ref().unwrap(), &story.new_keys[0].0);
        assert!(part.as_object().unwrap().keys().all(|key| !key.starts_with("x_")), "{part}");
    }
}

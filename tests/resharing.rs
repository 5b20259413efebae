//! Old trustees split their shares again for new ones: the new shares open what the old ones would have, no lock was whole
//! anywhere, and whoever deals wrongly is found out before the old shares are gone.
#![cfg(feature = "open")]

mod common;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use common::{Ceremony, person_json, share_file};
use mifeng::{
    cleartext::reshare::{DealRefused, LeftOut, Taken, deal},
    cli::office::check as check_package,
    envelope::SealedReport,
    lock::ShareFile,
    recipients::{Office, Trustee, UntrustedSet},
    reshare::{
        Batch, BatchFile, Both, Dealing, FORMAT, Item, Joining, Known, ReshareRefused, TakenItem, Taking,
    },
    signing::SigningKey,
    transcript::sha256,
};
use serde::{Deserialize, Serialize};
use std::path::Path;
use vsss_rs::Gf256;

const CANARY: &str = "密封测试甲";

type AgeKey = age::x25519::Identity;
/// For each item why nothing was made of it.
type Why = Vec<Option<DealRefused>>;

/// A report of two envelopes under one set, and the next, whose trustees are all others; in `story` 2 of 3 and 3 of 4.
struct Story {
    c: Ceremony,
    sealed: Vec<SealedReport>,
    new_set: UntrustedSet,
    new_keys: Vec<(AgeKey, SigningKey)>,
}

fn story() -> Story {
    between(Ceremony::new(), 4, 3)
}

/// As `story`, but from set 2, 3 of 4, to set 3, 4 of 5: of four dealers two are in both halves of what is checked.
fn later_story() -> Story {
    after(story(), 5, 4)
}

/// From the new set of `earlier` to the one after it, `t` of `n`.
fn after(mut earlier: Story, n: usize, t: usize) -> Story {
    earlier.c.trustee_keys = std::mem::take(&mut earlier.new_keys);
    earlier.c.set = earlier.new_set.pinned(&earlier.new_set.fingerprint()).unwrap();
    earlier.c.untrusted_set = earlier.new_set;
    between(earlier.c, n, t)
}

/// Reports sealed to the set of `c`, and one that follows it, of `n` others of whom it takes `t`.
fn between(c: Ceremony, n: usize, t: usize) -> Story {
    let rng = &mut rand::rng();
    let new_keys: Vec<_> = (0..n).map(|_| (AgeKey::generate(), SigningKey::generate(rng))).collect();
    let public = |(i, (key, sign)): (usize, &(AgeKey, SigningKey))| Trustee {
        name: format!("new {}", i + 1),
        recipient: key.to_public().to_string(),
        verify: sign.verify_key(),
    };
    let office = Office { ..c.set.office().clone() };
    let trustees = new_keys.iter().enumerate().map(public).collect();
    let mut set = UntrustedSet::draft(c.set.instance(), c.set.number() + 1, office, trustees, t).unwrap();
    set.sign("office", &c.office_sign);
    for (i, (_, key)) in new_keys.iter().enumerate() {
        set.sign(&format!("trustee-{}", i + 1), key);
    }
    for (i, (_, key)) in c.trustee_keys[..c.set.threshold()].iter().enumerate() {
        set.sign(&format!("former-{i}"), key);
    }
    let sealed = vec![c.seal_named(&person_json(CANARY)), c.seal_nameless()];
    Story { c, sealed, new_set: set, new_keys }
}

impl Story {
    fn batch(&self, dealers: &[u8]) -> BatchFile {
        let item = |sealed: &SealedReport| Item { report: self.c.report, envelope: sealed.envelope.hash() };
        let batch = Batch {
            format: FORMAT,
            instance: self.c.set.instance().clone(),
            number: 1,
            from: self.c.set.fingerprint().to_string(),
            to: self.new_set.fingerprint().to_string(),
            dealers: dealers.to_vec(),
            items: self.sealed.iter().map(item).collect(),
        };
        let batch = serde_json::to_string(&batch).unwrap();
        BatchFile { batch, sets: vec![self.c.untrusted_set.clone(), self.new_set.clone()] }
    }

    fn known(&self, dealers: &[u8]) -> Known {
        self.batch(dealers).check(&self.new_set.fingerprint()).unwrap()
    }

    fn files_of(&self, dealer: u8) -> Vec<ShareFile> {
        self.sealed.iter().map(|sealed| sealed.share_files[usize::from(dealer) - 1].clone()).collect()
    }

    fn deal(&self, dealers: &[u8], dealer: u8, files: &[ShareFile]) -> (Dealing, Why) {
        let (key, sign) = &self.c.trustee_keys[usize::from(dealer) - 1];
        let (parts, left_out) = deal(&self.known(dealers), dealer, files, key, &mut rand::rng()).unwrap();
        let why = self.why(&parts[0], &left_out);
        (Dealing::sign(self.batch(dealers), dealer, parts, sign), why)
    }

    /// For each item why nothing was made of it; what was made and why not must speak of the same.
    fn why<T>(&self, made: &[Option<T>], left_out: &[LeftOut]) -> Why {
        assert!(left_out.iter().all(|one| one.report == self.c.report));
        let mut each = left_out.iter().map(|one| one.why);
        let why = made.iter().map(|one| if one.is_some() { None } else { each.next() }).collect();
        assert_eq!(each.next(), None);
        why
    }

    fn dealings(&self, dealers: &[u8]) -> Vec<Dealing> {
        dealers.iter().map(|dealer| self.deal(dealers, *dealer, &self.files_of(*dealer)).0).collect()
    }

    /// As `dealings`, of files that one of them, or the server, has put in the place of the true ones.
    fn dealings_of(&self, files: &[Vec<ShareFile>]) -> Vec<Dealing> {
        let dealers: Vec<u8> = (1..).take(files.len()).collect();
        (1..).zip(files).map(|(dealer, files)| self.deal(&dealers, dealer, files).0).collect()
    }

    fn taken(&self, known: &Known, dealings: &[Dealing]) -> Vec<(Taking, Why)> {
        let dealings = Dealing::gather(known, dealings).unwrap();
        let take = |(place, (key, sign)): (u8, &(AgeKey, SigningKey))| {
            let (items, left_out) = Taken::open(known, place, &dealings, key).taking();
            let why = self.why(&items, &left_out);
            (Taking::sign(known, place, Dealing::dealt(&dealings), items, sign), why)
        };
        (1..).zip(&self.new_keys).map(take).collect()
    }

    fn takings(&self, known: &Known, dealings: &[Dealing]) -> Vec<Taking> {
        self.taken(known, dealings).into_iter().map(|(taking, _)| taking).collect()
    }

    fn join(&self, known: &Known, dealings: &[Dealing], takings: &[Taking]) -> Vec<(Joining, Why)> {
        let dealings = Dealing::gather(known, dealings).unwrap();
        let takings = Taking::gather(known, &Dealing::dealt(&dealings), takings).unwrap();
        let join = |(place, (key, sign)): (u8, &(AgeKey, SigningKey))| {
            let (files, left_out) = Taken::open(known, place, &dealings, key).join(&takings);
            let why = self.why(&files, &left_out);
            (Joining::sign(known, place, Taking::agreed(&takings), files, sign), why)
        };
        (1..).zip(&self.new_keys).map(join).collect()
    }

    /// What the new trustees make of these dealings; each of them has left out the same for the same reason.
    fn joined(&self, dealings: &[Dealing]) -> (Vec<Option<SealedReport>>, Why) {
        let known = self.known(&(1..).take(dealings.len()).collect::<Vec<u8>>());
        self.joined_in(&known, dealings)
    }

    fn joined_in(&self, known: &Known, dealings: &[Dealing]) -> (Vec<Option<SealedReport>>, Why) {
        let joined = self.join(known, dealings, &self.takings(known, dealings));
        let why = joined[0].1.clone();
        assert!(joined.iter().all(|(_, theirs)| *theirs == why));
        let joined: Vec<Joining> = joined.into_iter().map(|(joining, _)| joining).collect();
        let with = |(sealed, files): (&SealedReport, Option<Vec<ShareFile>>)| {
            let SealedReport { envelope, files_recipient, .. } = sealed.clone();
            Some(SealedReport {
                envelope,
                share_files: files?,
                files_recipient,
                set_number: known.to.number(),
            })
        };
        (self.sealed.iter().zip(Joining::gather(known, &joined).unwrap()).map(with).collect(), why)
    }

    /// All of it, by these dealers: the sealed reports with the new share files.
    fn reshared(&self, dealers: &[u8]) -> Vec<SealedReport> {
        let (reports, why) = self.joined_in(&self.known(dealers), &self.dealings(dealers));
        assert_eq!(why, [None, None]);
        reports.into_iter().flatten().collect()
    }

    /// Opens under the new set by these of its trustees.
    fn opens(mut self, sealed: &[SealedReport], trustees: &[usize]) -> Option<String> {
        self.c.trustee_keys = std::mem::take(&mut self.new_keys);
        self.c.untrusted_set = self.new_set.clone();
        self.c.set = self.new_set.pinned(&self.new_set.fingerprint()).unwrap();
        let deposits = trustees.iter().map(|trustee| self.c.deposit(sealed, *trustee)).collect();
        let package = self.c.package(sealed, deposits);
        let folder = tempfile::tempdir().unwrap();
        let ready = check_package(&package, &self.c.machine(folder.path()), self.c.today).ok()?;
        let opened = ready.open(&package.envelopes, &self.c.office_key).ok()?;
        Some(opened.person.as_ref()?.name().to_owned())
    }
}

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

/// What is inside a share file or part.
fn opened(file: &ShareFile, key: &AgeKey) -> serde_json::Value {
    serde_json::from_slice(&age::decrypt(key, file.age_file().unwrap()).unwrap()).unwrap()
}

fn sealed_again(body: &serde_json::Value, key: &AgeKey) -> ShareFile {
    share_file(&key.to_public(), body.to_string().as_bytes())
}

/// The share file as it was, but for the share of L, and the list of hashes made to fit it.
fn forged(file: &ShareFile, key: &AgeKey, dealer: usize, by: u8) -> ShareFile {
    let mut body = opened(file, key);
    let mut share = BASE64_STANDARD_NO_PAD.decode(body["share_l"].as_str().unwrap()).unwrap();
    share[5] ^= by;
    body["share_l"] = BASE64_STANDARD_NO_PAD.encode(&share).into();
    body["hashes_l"][dealer - 1] = BASE64_STANDARD_NO_PAD.encode(sha256(&share)).into();
    sealed_again(&body, key)
}

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

/// What a trustee who lies could still do: say of another share that it comes from the true file.
fn lied(story: &Story, dealings: &mut [Dealing], liar: usize, true_files: &[ShareFile]) {
    let dealers: Vec<u8> = (1..).take(dealings.len()).collect();
    let honest = story.deal(&dealers, liar as u8, true_files).0;
    let (_, sign) = &story.c.trustee_keys[liar - 1];
    let mut parts = dealings[liar - 1].parts.clone();
    for (column, ((key, _), honest)) in parts.iter_mut().zip(story.new_keys.iter().zip(&honest.parts)) {
        for (file, honest) in column.iter_mut().zip(honest) {
            let (file, honest) = (file.as_mut().unwrap(), honest.as_ref().unwrap());
            let mut body = opened(file, key);
            body["old_file"] = opened(honest, key)["old_file"].clone();
            *file = sealed_again(&body, key);
        }
    }
    dealings[liar - 1] = Dealing::sign(story.batch(&dealers), liar as u8, parts, sign);
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
        Gf256::combine_array(&places.map(point)).unwrap() == [0; 32]
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

//! Old trustees split their shares again for new ones: the new shares open what the old ones would have, no lock was whole
//! anywhere, and whoever deals wrongly is found out before the old shares are gone.
#![cfg(feature = "open")]

mod common;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use common::{Ceremony, person_json, share_file};
use mifeng::{
    cleartext::reshare::{DealRefused, Taken, deal},
    cli::office::check as check_package,
    envelope::SealedReport,
    lock::ShareFile,
    recipients::{Office, Trustee, UntrustedSet},
    reshare::{Batch, BatchFile, Both, Dealing, FORMAT, Item, Joining, Known, ReshareRefused, Taking},
    signing::SigningKey,
};
use serde::{Deserialize, Serialize};
use std::path::Path;
use vsss_rs::Gf256;

const CANARY: &str = "密封测试甲";

type AgeKey = age::x25519::Identity;

/// A report of two envelopes under set 1 (2 of 3), and set 2 (3 of 4) whose trustees are all others.
struct Story {
    c: Ceremony,
    sealed: Vec<SealedReport>,
    new_set: UntrustedSet,
    new_keys: Vec<(AgeKey, SigningKey)>,
}

fn story() -> Story {
    let c = Ceremony::new();
    let rng = &mut rand::rng();
    let new_keys: Vec<_> = (0..4).map(|_| (AgeKey::generate(), SigningKey::generate(rng))).collect();
    let public = |(i, (key, sign)): (usize, &(AgeKey, SigningKey))| Trustee {
        name: format!("new {}", i + 1),
        recipient: key.to_public().to_string(),
        verify: sign.verify_key(),
    };
    let office = Office { ..c.set.office().clone() };
    let trustees = new_keys.iter().enumerate().map(public).collect();
    let mut set = UntrustedSet::draft(c.set.instance(), 2, office, trustees, 3).unwrap();
    set.sign("office", &c.office_sign);
    for (i, (_, key)) in new_keys.iter().enumerate() {
        set.sign(&format!("trustee-{}", i + 1), key);
    }
    for (i, (_, key)) in c.trustee_keys[..2].iter().enumerate() {
        set.sign(&format!("former-{i}"), key);
    }
    // The second as a browser's package splits it: there x of a share is not the place.
    let sealed = vec![c.seal_named(&person_json(CANARY)), c.as_a_browser_splits(&c.seal_nameless())];
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

    fn deal(&self, dealers: &[u8], dealer: u8, files: &[ShareFile]) -> Result<Dealing, DealRefused> {
        let (key, sign) = &self.c.trustee_keys[usize::from(dealer) - 1];
        let parts = deal(&self.known(dealers), dealer, files, key, &mut rand::rng())?;
        Ok(Dealing::sign(self.batch(dealers), dealer, parts, sign))
    }

    fn dealings(&self, dealers: &[u8]) -> Vec<Dealing> {
        dealers.iter().map(|dealer| self.deal(dealers, *dealer, &self.files_of(*dealer)).unwrap()).collect()
    }

    fn takings(&self, known: &Known, dealings: &[Dealing]) -> Vec<Taking> {
        let dealings = Dealing::gather(known, dealings).unwrap();
        let take = |(place, (key, sign)): (u8, &(AgeKey, SigningKey))| {
            let taken = Taken::open(known, place, &dealings, key).unwrap().taking().unwrap();
            Taking::sign(known, place, Dealing::dealt(&dealings), taken, sign)
        };
        (1..).zip(&self.new_keys).map(take).collect()
    }

    fn join(
        &self,
        known: &Known,
        dealings: &[Dealing],
        takings: &[Taking],
    ) -> Result<Vec<Joining>, DealRefused> {
        let dealings = Dealing::gather(known, dealings).unwrap();
        let takings = Taking::gather(known, &Dealing::dealt(&dealings), takings).unwrap();
        let join = |(place, (key, sign)): (u8, &(AgeKey, SigningKey))| {
            let files = Taken::open(known, place, &dealings, key)?.join(&takings)?;
            Ok(Joining::sign(known, place, Taking::agreed(&takings), files, sign))
        };
        (1..).zip(&self.new_keys).map(join).collect()
    }

    /// All of it, by these dealers: the sealed reports with the new share files.
    fn reshared(&self, dealers: &[u8]) -> Result<Vec<SealedReport>, DealRefused> {
        let (known, dealings) = (self.known(dealers), self.dealings(dealers));
        let joined = self.join(&known, &dealings, &self.takings(&known, &dealings))?;
        let files = Joining::gather(&known, &joined).unwrap();
        let with = |(sealed, share_files): (&SealedReport, Vec<ShareFile>)| SealedReport {
            envelope: sealed.envelope.clone(),
            share_files,
            files_recipient: sealed.files_recipient.clone(),
            set_number: 2,
        };
        Ok(self.sealed.iter().zip(files).map(with).collect())
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
        let sealed = story.reshared(dealers).unwrap();
        assert!(sealed.iter().all(|report| report.share_files.len() == 4));
        assert_eq!(story.opens(&sealed, &trustees).as_deref(), Some(CANARY), "{dealers:?} {trustees:?}");
    }
}

#[test]
fn fewer_than_the_new_t_open_nothing() {
    let story = story();
    let sealed = story.reshared(&[1, 2, 3]).unwrap();
    assert_eq!(story.opens(&sealed, &[1, 2]), None);
}

/// The share file as it was, but for the share of L, and the list of hashes made to fit it.
fn forged(file: &ShareFile, key: &AgeKey, dealer: usize) -> ShareFile {
    let padded = &file.as_bytes()[2..];
    let length = u32::from_be_bytes(padded[..4].try_into().unwrap()) as usize;
    let plain = age::decrypt(key, &padded[4..4 + length]).unwrap();
    let mut body: serde_json::Value = serde_json::from_slice(&plain).unwrap();
    let mut share = BASE64_STANDARD_NO_PAD.decode(body["share_l"].as_str().unwrap()).unwrap();
    share[5] ^= 1;
    body["share_l"] = BASE64_STANDARD_NO_PAD.encode(&share).into();
    body["hashes_l"][dealer - 1] = BASE64_STANDARD_NO_PAD.encode(mifeng::transcript::sha256(&share)).into();
    share_file(&key.to_public(), body.to_string().as_bytes())
}

#[test]
fn an_old_trustee_who_deals_another_share_than_theirs_is_found_out_whichever_it_is() {
    for liar in 1..=3u8 {
        let story = story();
        let dealers = [1, 2, 3];
        let dealings: Vec<Dealing> = dealers
            .iter()
            .map(|dealer| {
                let mut files = story.files_of(*dealer);
                if *dealer == liar {
                    let key = &story.c.trustee_keys[usize::from(liar) - 1].0;
                    files[1] = forged(&files[1], key, liar.into());
                }
                story.deal(&dealers, *dealer, &files).unwrap()
            })
            .collect();
        let known = story.known(&dealers);
        let takings = story.takings(&known, &dealings);
        let refused = story.join(&known, &dealings, &takings).err();
        assert_eq!(refused, Some(DealRefused::Inconsistent(2)), "dealer {liar}");
    }
}

/// What is published to check by says nothing of the lock: it is 0 at the place where the lock would be.
#[test]
fn what_the_new_trustees_tell_each_other_joins_to_zero() {
    let story = story();
    let (known, dealings) = (story.known(&[1, 2, 3]), story.dealings(&[1, 2, 3]));
    let takings = story.takings(&known, &dealings);
    let checks = |lock: fn(&Both) -> [u8; 32]| {
        let point = |taking: &Taking| [&[taking.place], &lock(&taking.checks[0])[..]].concat();
        let points: Vec<Vec<u8>> = takings.iter().take(3).map(point).collect();
        assert!(points.iter().all(|point| point[1..] != [0; 32]));
        Gf256::combine_array(&points).unwrap()
    };
    assert_eq!((checks(|both| both.l), checks(|both| both.f)), (vec![0; 32], vec![0; 32]));
}

#[test]
fn a_share_that_does_not_fit_its_hash_is_not_dealt() {
    let story = story();
    let (first, second) = (story.files_of(1), story.files_of(2));
    let refused = |files: &[ShareFile]| story.deal(&[1, 2], 1, files).err();
    assert_eq!(refused(&second), Some(DealRefused::WrongKey(1)));
    assert_eq!(refused(&[first[1].clone(), first[0].clone()]), Some(DealRefused::Other(1)));
    let stranger = story.c.seal_nameless().share_files[0].clone();
    assert_eq!(refused(&[first[0].clone(), stranger]), Some(DealRefused::Other(2)));
    let key = &story.c.trustee_keys[0].0;
    // Without the list made to fit.
    let wrong = forged(&first[0], key, 2);
    assert_eq!(refused(&[wrong, first[1].clone()]), Some(DealRefused::ShareWrong(1)));
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
    let again = story.deal(&[1, 2, 3], 2, &story.files_of(2)).unwrap();
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
    takings[2].hashes[0].l[0] ^= 1;
    assert_eq!(Taking::gather(&known, &dealt, &takings).err(), Some(ReshareRefused::Signature(3)));
    let takings = story.takings(&known, &own);
    let mut joined = story.join(&known, &own, &takings).unwrap();
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

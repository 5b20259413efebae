//! A report under one recipient set, its shares split again for the next, and what may be forged of it.
#![allow(dead_code, reason = "every story uses its own part")]

use crate::common::{Ceremony, person_json, share_file};
use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use mifeng::{
    cleartext::reshare::{DealRefused, LeftOut, Taken, deal},
    cli::office::check as check_package,
    envelope::SealedReport,
    lock::ShareFile,
    recipients::{Office, Trustee, UntrustedSet},
    reshare::{Batch, BatchFile, Dealing, FORMAT, Item, Joining, Known, Taking},
    signing::SigningKey,
    transcript::sha256,
};

pub const CANARY: &str = "密封测试甲";

pub type AgeKey = age::x25519::Identity;
/// For each item why nothing was made of it.
pub type Why = Vec<Option<DealRefused>>;

/// A report of two envelopes under one set, and the next, whose trustees are all others; in `story` 2 of 3 and 3 of 4.
pub struct Story {
    pub c: Ceremony,
    pub sealed: Vec<SealedReport>,
    pub new_set: UntrustedSet,
    pub new_keys: Vec<(AgeKey, SigningKey)>,
}

pub fn story() -> Story {
    between(Ceremony::new(), 4, 3)
}

/// As `story`, but from set 2, 3 of 4, to set 3, 4 of 5: of four dealers two are in both halves of what is checked.
pub fn later_story() -> Story {
    after(story(), 5, 4)
}

/// From the new set of `earlier` to the one after it, `t` of `n`.
pub fn after(mut earlier: Story, n: usize, t: usize) -> Story {
    earlier.c.trustee_keys = std::mem::take(&mut earlier.new_keys);
    earlier.c.set = earlier.new_set.pinned(&earlier.new_set.fingerprint()).unwrap();
    earlier.c.untrusted_set = earlier.new_set;
    between(earlier.c, n, t)
}

/// Reports sealed to the set of `c`, and one that follows it, of `n` others of whom it takes `t`.
pub fn between(c: Ceremony, n: usize, t: usize) -> Story {
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
    pub fn batch(&self, dealers: &[u8]) -> BatchFile {
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

    pub fn known(&self, dealers: &[u8]) -> Known {
        self.batch(dealers).check(&self.new_set.fingerprint()).unwrap()
    }

    pub fn files_of(&self, dealer: u8) -> Vec<ShareFile> {
        self.sealed.iter().map(|sealed| sealed.share_files[usize::from(dealer) - 1].clone()).collect()
    }

    pub fn deal(&self, dealers: &[u8], dealer: u8, files: &[ShareFile]) -> (Dealing, Why) {
        let (key, sign) = &self.c.trustee_keys[usize::from(dealer) - 1];
        let (parts, left_out) = deal(&self.known(dealers), dealer, files, key, &mut rand::rng()).unwrap();
        let why = self.why(&parts[0], &left_out);
        (Dealing::sign(self.batch(dealers), dealer, parts, sign), why)
    }

    /// For each item why nothing was made of it; what was made and why not must speak of the same.
    pub fn why<T>(&self, made: &[Option<T>], left_out: &[LeftOut]) -> Why {
        assert!(left_out.iter().all(|one| one.report == self.c.report));
        let mut each = left_out.iter().map(|one| one.why);
        let why = made.iter().map(|one| if one.is_some() { None } else { each.next() }).collect();
        assert_eq!(each.next(), None);
        why
    }

    pub fn dealings(&self, dealers: &[u8]) -> Vec<Dealing> {
        dealers.iter().map(|dealer| self.deal(dealers, *dealer, &self.files_of(*dealer)).0).collect()
    }

    /// As `dealings`, of files that one of them, or the server, has put in the place of the true ones.
    pub fn dealings_of(&self, files: &[Vec<ShareFile>]) -> Vec<Dealing> {
        let dealers: Vec<u8> = (1..).take(files.len()).collect();
        (1..).zip(files).map(|(dealer, files)| self.deal(&dealers, dealer, files).0).collect()
    }

    pub fn taken(&self, known: &Known, dealings: &[Dealing]) -> Vec<(Taking, Why)> {
        let dealings = Dealing::gather(known, dealings).unwrap();
        let take = |(place, (key, sign)): (u8, &(AgeKey, SigningKey))| {
            let (items, left_out) = Taken::open(known, place, &dealings, key).taking();
            let why = self.why(&items, &left_out);
            (Taking::sign(known, place, Dealing::dealt(&dealings), items, sign), why)
        };
        (1..).zip(&self.new_keys).map(take).collect()
    }

    pub fn takings(&self, known: &Known, dealings: &[Dealing]) -> Vec<Taking> {
        self.taken(known, dealings).into_iter().map(|(taking, _)| taking).collect()
    }

    pub fn join(&self, known: &Known, dealings: &[Dealing], takings: &[Taking]) -> Vec<(Joining, Why)> {
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
    pub fn joined(&self, dealings: &[Dealing]) -> (Vec<Option<SealedReport>>, Why) {
        let known = self.known(&(1..).take(dealings.len()).collect::<Vec<u8>>());
        self.joined_in(&known, dealings)
    }

    pub fn joined_in(&self, known: &Known, dealings: &[Dealing]) -> (Vec<Option<SealedReport>>, Why) {
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
    pub fn reshared(&self, dealers: &[u8]) -> Vec<SealedReport> {
        let (reports, why) = self.joined_in(&self.known(dealers), &self.dealings(dealers));
        assert_eq!(why, [None, None]);
        reports.into_iter().flatten().collect()
    }

    /// Opens under the new set by these of its trustees.
    pub fn opens(mut self, sealed: &[SealedReport], trustees: &[usize]) -> Option<String> {
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

/// What is inside a share file or part.
pub fn opened(file: &ShareFile, key: &AgeKey) -> serde_json::Value {
    serde_json::from_slice(&age::decrypt(key, file.age_file().unwrap()).unwrap()).unwrap()
}

pub fn sealed_again(body: &serde_json::Value, key: &AgeKey) -> ShareFile {
    share_file(&key.to_public(), body.to_string().as_bytes())
}

/// The share file as it was, but for the share of L, and the list of hashes made to fit it.
pub fn forged(file: &ShareFile, key: &AgeKey, dealer: usize, by: u8) -> ShareFile {
    let mut body = opened(file, key);
    let mut share = BASE64_STANDARD_NO_PAD.decode(body["share_l"].as_str().unwrap()).unwrap();
    share[5] ^= by;
    body["share_l"] = BASE64_STANDARD_NO_PAD.encode(&share).into();
    body["hashes_l"][dealer - 1] = BASE64_STANDARD_NO_PAD.encode(sha256(&share)).into();
    sealed_again(&body, key)
}

/// What a trustee who lies could still do: say of another share that it comes from the true file.
pub fn lied(story: &Story, dealings: &mut [Dealing], liar: usize, true_files: &[ShareFile]) {
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

//! docs/operations.md, "Keys over years", in process: what a new recipient set changes for reports sealed to the old one.
#![cfg(feature = "open")]

#[path = "../common/mod.rs"]
mod common;

/// What a holder's machine remembers.
mod machines;
/// What was sealed to the old set is opened under the new one.
mod opening;
/// Which set may follow which.
mod sets;

use common::{Ceremony, person_json};
use mifeng::{
    award::release::{Deposit, ReleasePackage, ReleaseRequest},
    cleartext::open::OpenError,
    cli::{
        keyfile::{HolderKey, OfficeKeys},
        office::check as check_package,
        pins::State,
        trustee::check,
    },
    clock::{Clock, SystemClock},
    envelope::SealedReport,
    recipients::{Approver, Office, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
};
use std::path::PathBuf;

const CANARY: &str = "密封测试甲";

type AgeKey = age::x25519::Identity;

fn trustee(name: &str) -> (AgeKey, SigningKey, Trustee) {
    let (key, sign) = (AgeKey::generate(), SigningKey::generate(&mut rand::rng()));
    let public =
        Trustee { name: name.into(), recipient: key.to_public().to_string(), verify: sign.verify_key() };
    (key, sign, public)
}

/// An office whose laptop is lost and a trustee who leaves: set 2 has new keys for the office, trustee 2 is replaced, and
/// the two who stay stand at other places.
struct After {
    /// As it is under the new set.
    c: Ceremony,
    first: UntrustedSet,
    /// One envelope of the old set, one of the new.
    sealed: Vec<SealedReport>,
    /// Who left.
    gone: (AgeKey, SigningKey),
    old_recovery: AgeKey,
    old_office: AgeKey,
    folder: tempfile::TempDir,
}

fn after() -> After {
    let mut c = Ceremony::new();
    // The tool asks the machine's clock.
    c.date(SystemClock.today());
    let folder = tempfile::tempdir().unwrap();
    let state = c.machine(folder.path());
    assert_eq!(state.set.number(), 1);
    let named = c.seal_named(&person_json(CANARY));

    let (key4, sign4, public4) = trustee("trustee 4");
    let old = c.set.clone();
    let [one, two, three] = <[_; 3]>::try_from(std::mem::take(&mut c.trustee_keys)).ok().unwrap();
    let (office_key, recovery_key) = (AgeKey::generate(), AgeKey::generate());
    let office_sign = SigningKey::generate(&mut rand::rng());
    let office = Office {
        working: office_key.to_public().to_string(),
        recovery: recovery_key.to_public().to_string(),
        verify: office_sign.verify_key(),
    };
    let trustees = vec![old.trustees()[2].clone(), old.trustees()[0].clone(), public4];
    let mut set = UntrustedSet::draft(old.instance(), 2, office, trustees, 2).unwrap();
    set.sign("office", &office_sign);
    set.sign("former-office", &c.office_sign);
    set.sign("trustee-1", &three.1);
    set.sign("trustee-2", &one.1);
    set.sign("trustee-3", &sign4);

    let first = std::mem::replace(&mut c.untrusted_set, set);
    c.set = c.untrusted_set.pinned(&c.untrusted_set.fingerprint()).unwrap();
    c.trustee_keys = vec![three, one, (key4, sign4)];
    let old_office = std::mem::replace(&mut c.office_key, office_key);
    let old_recovery = std::mem::replace(&mut c.recovery_key, recovery_key);
    c.office_sign = office_sign;
    let enrolled = c
        .approver_keys
        .iter()
        .map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
    c.untrusted_roster = UntrustedRoster::signed(old.instance(), 2, enrolled.collect(), &c.office_sign);
    c.roster = c.untrusted_roster.trusted(&c.set).unwrap();
    let sealed = vec![named, c.seal_nameless()];
    After { c, first, sealed, gone: two, old_recovery, old_office, folder }
}

impl After {
    /// The machine that had pinned set 1 takes set 2.
    fn machine(&self) -> State {
        let state = self.c.machine(self.folder.path());
        assert_eq!(state.set.number(), 2);
        state
    }

    /// What trustee `place` of set 2 downloads: their share file of set 1 by its place there.
    fn request(&self, place: u8) -> ReleaseRequest {
        let old_place = [3, 1][usize::from(place) - 1];
        let own =
            [&self.sealed[0].share_files[old_place - 1], &self.sealed[1].share_files[usize::from(place) - 1]];
        ReleaseRequest { share_files: own.map(Clone::clone).into(), ..self.c.request(&self.sealed, place) }
    }

    fn deposit(&self, place: u8) -> Deposit {
        let key = self.c.holder(place.into());
        let checked = check(&self.request(place), &key, &self.machine(), self.c.today).unwrap();
        checked.answer(&key, &self.machine(), 1).unwrap().deposit
    }

    fn package(&self) -> ReleasePackage {
        self.c.package(&self.sealed, vec![self.deposit(1), self.deposit(2)])
    }

    fn keys(&self, keys: &[&AgeKey]) -> OfficeKeys {
        let save = |(i, key): (usize, &&AgeKey)| -> PathBuf {
            let path = tempfile::Builder::new()
                .tempdir_in(self.folder.path())
                .unwrap()
                .keep()
                .join(format!("{i}.key"));
            let key = HolderKey { opening: (*key).clone(), signing: SigningKey::generate(&mut rand::rng()) };
            key.save(&path, "the office").unwrap();
            path
        };
        OfficeKeys::load(&keys.iter().enumerate().map(save).collect::<Vec<_>>()).unwrap()
    }

    fn open(&self, keys: &[&AgeKey]) -> Result<String, OpenError> {
        let package = self.package();
        let ready = check_package(&package, &self.machine(), self.c.today).unwrap();
        let opened = ready.open(&package.envelopes, &self.keys(keys))?;
        Ok(opened.person.as_ref().unwrap().name().to_owned())
    }
}

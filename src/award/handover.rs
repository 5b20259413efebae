//! From the receipt that staff issued, and know, to the one its reporter has drawn: a signature by the first over the
//! keys of the second. Envelopes sealed before it name the first receipt's keys in their share files, later ones the
//! second's; with it a trustee's tool takes them as one report, and only the second claims. A server cannot make one:
//! it never holds a receipt's claim key.
//!
//! ```text
//! handover = Ed25519(claim key of the first receipt,
//!            transcript("mifeng/v1/handover", instance, report id, claim key of the second (32 B), SHA-256(audit key of the second)))
//! ```
//! What it does not say: who drew the second. Whoever holds the first can, staff included, until somebody has.

use crate::{
    ids::{Instance, ReportId},
    receipt::AuditKey,
    signing::{Signature, SigningKey, VerifyKey},
    transcript::sha256,
};
use serde::{Deserialize, Serialize};

const DOMAIN: &str = "mifeng/v1/handover";

/// A handover as it is kept and travels. Not to be believed before [`Handover::fits`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Handover(Signature);

/// What a handover is about: the report, and the keys of the receipt that takes over.
pub struct Heir<'a> {
    pub instance: &'a Instance,
    pub report: ReportId,
    pub claim_key: VerifyKey,
    pub audit_key: &'a AuditKey,
}

impl Handover {
    /// `first` is the claim key of the receipt that gives the report up.
    pub fn sign(first: &SigningKey, heir: &Heir<'_>) -> Self {
        Self(first.sign(DOMAIN, &heir.parts().each_ref().map(Vec::as_slice)))
    }

    /// Whether whoever holds `first` handed over to exactly these keys.
    pub fn fits(&self, first: VerifyKey, heir: &Heir<'_>) -> bool {
        first.accepts(DOMAIN, &heir.parts().each_ref().map(Vec::as_slice), &self.0)
    }
}

impl Heir<'_> {
    fn parts(&self) -> [Vec<u8>; 4] {
        [
            self.instance.0.as_bytes().to_vec(),
            self.report.as_bytes().to_vec(),
            self.claim_key.as_bytes().to_vec(),
            sha256(&self.audit_key.0).to_vec(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTOR: &str =
        "2ZswNEtDGdZEIegOyaEetuNukBIl5FM2p3M5KAZK2hDm5xrkOI/zcSv3vo7reJKXSA4HU4peQfvMywQHNEQACw";

    #[test]
    fn a_handover_is_for_one_report_and_one_pair_of_keys() {
        let key = |n: u8| SigningKey::from_seed([n; 32]);
        let (instance, other) = (Instance("test".into()), Instance("other".into()));
        let (audit, other_audit) = (AuditKey([1; 32]), AuditKey([2; 32]));
        let report = ReportId::from_bytes([7; 16]);
        let heir = || Heir { instance: &instance, report, claim_key: key(2).verify_key(), audit_key: &audit };
        let handover = Handover::sign(&key(1), &heir());
        // The same in `web/test/handover.test.ts`.
        assert_eq!(serde_json::to_value(handover).unwrap(), VECTOR);
        assert!(handover.fits(key(1).verify_key(), &heir()));
        assert!(!handover.fits(key(2).verify_key(), &heir()), "by the heir");
        let changed = [
            Heir { instance: &other, ..heir() },
            Heir { report: ReportId::from_bytes([8; 16]), ..heir() },
            Heir { claim_key: key(3).verify_key(), ..heir() },
            Heir { audit_key: &other_audit, ..heir() },
        ];
        assert!(changed.iter().all(|heir| !handover.fits(key(1).verify_key(), heir)));
    }
}

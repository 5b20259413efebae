//! Who a report is sealed to: the signed recipient set (office, n trustees, t), and the roster of approvers.
//!
//! ```text
//! set file = JSON { body: "<exact JSON text of the set>", signatures: [ { by: "office" | "trustee-<i>", signature } ] }
//! fingerprint = SHA-256("mifeng/v1/recipient-set" ‖ body), each part with its length in front
//! ```
//! The first set is signed by the office and all its trustees and pinned by its fingerprint; a later one is
//! signed by the office and t trustees of the set before it. Portal and tools refuse any other.

mod succession;

pub use succession::{Left, Places, Sets, Succession, few_to_spare};

use crate::{
    age_recipient,
    ids::{Instance, StaffId},
    signing::{Signature, SigningKey, VerifyKey},
    transcript,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

pub const SET_DOMAIN: &str = "mifeng/v1/recipient-set";
const ROSTER_DOMAIN: &str = "mifeng/v1/approver-roster";
/// More trustees than this do not fit one share file's fixed size.
pub const MOST_TRUSTEES: usize = 16;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SetRefused {
    #[error("the file is not a recipient set: {0}")]
    Unreadable(String),
    #[error("recipient set format {0} is unknown to this program")]
    UnknownFormat(u16),
    #[error(
        "the number of trustees needed must be at least 2 and at most the number of trustees ({n}); it is {t}"
    )]
    Threshold { t: usize, n: usize },
    #[error("at most {MOST_TRUSTEES} trustees are possible; the set has {0}")]
    TooManyTrustees(usize),
    #[error("two holders in the set share a key")]
    SharedKey,
    #[error("{0:?} is not an age recipient")]
    Recipient(String),
    #[error("the signature of {0} is missing or does not fit")]
    SignatureMissing(String),
    #[error("the set's fingerprint is {found}, but {pinned} is pinned")]
    NotThePinnedOne { found: Fingerprint, pinned: Fingerprint },
    #[error(
        "the set's fingerprint is {found}, but you gave {given}: nothing was pinned. Compare what was typed with what the holders read out"
    )]
    NotTheOneGiven { found: Fingerprint, given: Fingerprint },
    #[error("set {new} cannot follow set {old}")]
    WrongNumber { old: u32, new: u32 },
    #[error("the set belongs to another instance")]
    OtherInstance,
    #[error("only {found} of the {needed} trustees needed from the old set have signed")]
    TooFewOldTrustees { found: usize, needed: usize },
    #[error(
        "a later set never needs fewer trustees than the one before: reporters were promised {old}, and {new} would do"
    )]
    LowerThreshold { old: usize, new: usize },
    #[error("nobody in the set is called {0:?}")]
    NoSuchTrustee(String),
    #[error("the set before set {0} is not in the key folder")]
    EarlierMissing(u32),
}

/// What identifies a recipient set; printed on posters, pinned by every tool.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}
impl fmt::Display for Fingerprint {
    /// Sixteen groups of four hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, pair) in self.0.chunks(2).enumerate() {
            write!(f, "{}{}", if i == 0 { "" } else { "-" }, hex::encode(pair))?;
        }
        Ok(())
    }
}
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
impl FromStr for Fingerprint {
    type Err = SetRefused;
    fn from_str(text: &str) -> Result<Self, SetRefused> {
        let digits: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        let mut bytes = [0; 32];
        hex::decode_to_slice(digits, &mut bytes)
            .map_err(|_| SetRefused::Unreadable("a fingerprint has 64 hexadecimal digits".into()))?;
        Ok(Self(bytes))
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Office {
    /// age recipient of the working key.
    pub working: String,
    /// age recipient of the recovery key, kept in a safe.
    pub recovery: String,
    /// Signs recipient sets and the roster of approvers.
    pub verify: VerifyKey,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trustee {
    pub name: String,
    /// age recipient of this trustee.
    pub recipient: String,
    /// Signs this trustee's releases.
    pub verify: VerifyKey,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SetBody {
    format: u16,
    instance: Instance,
    number: u32,
    office: Office,
    trustees: Vec<Trustee>,
    threshold: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetSignature {
    pub by: String,
    pub signature: Signature,
}

/// A recipient set as it lies in a file: not to be believed before [`UntrustedSet::pinned`] or
/// [`UntrustedSet::following`] has checked it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntrustedSet {
    pub body: String,
    pub signatures: Vec<SetSignature>,
}

/// A recipient set whose signatures and numbers were checked.
#[derive(Clone, Debug)]
pub struct RecipientSet {
    instance: Instance,
    number: u32,
    office: Office,
    trustees: Vec<Trustee>,
    threshold: usize,
    fingerprint: Fingerprint,
}

impl UntrustedSet {
    pub fn parse(json: &str) -> Result<Self, SetRefused> {
        serde_json::from_str(json).map_err(|e| SetRefused::Unreadable(e.to_string()))
    }

    /// Builds the first set; every holder signs it with [`UntrustedSet::sign`].
    pub fn draft(
        instance: &Instance,
        number: u32,
        office: Office,
        trustees: Vec<Trustee>,
        threshold: usize,
    ) -> Result<Self, SetRefused> {
        let body = SetBody { format: 1, instance: instance.clone(), number, office, trustees, threshold };
        // Unwrap safety: plain data with string keys always serialises.
        let set = Self { body: serde_json::to_string(&body).unwrap(), signatures: Vec::new() };
        set.check()?;
        Ok(set)
    }

    pub fn sign(&mut self, by: &str, key: &SigningKey) {
        self.signatures.retain(|s| s.by != by);
        let signature = key.sign(SET_DOMAIN, &[self.body.as_bytes()]);
        self.signatures.push(SetSignature { by: by.into(), signature });
    }

    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(transcript::hash(SET_DOMAIN, &[self.body.as_bytes()]))
    }

    /// The set, if it is the pinned one and signed by the office and every trustee in it.
    pub fn pinned(&self, pin: &Fingerprint) -> Result<RecipientSet, SetRefused> {
        let set = self.check()?;
        if set.fingerprint != *pin {
            return Err(SetRefused::NotThePinnedOne { found: set.fingerprint, pinned: *pin });
        }
        self.signed_by("office", &set.office.verify)?;
        for (i, trustee) in set.trustees.iter().enumerate() {
            self.signed_by(&format!("trustee-{}", i + 1), &trustee.verify)?;
        }
        Ok(set)
    }

    /// The same, by a fingerprint that somebody has typed and that is pinned nowhere yet.
    pub fn given(&self, typed: &Fingerprint) -> Result<RecipientSet, SetRefused> {
        self.pinned(typed).map_err(|refused| match refused {
            SetRefused::NotThePinnedOne { found, pinned } => {
                SetRefused::NotTheOneGiven { found, given: pinned }
            }
            other => other,
        })
    }

    /// The set, if the office and t trustees of `old` have signed it.
    pub fn following(&self, old: &RecipientSet) -> Result<RecipientSet, SetRefused> {
        let set = self.check()?;
        if set.instance != old.instance {
            return Err(SetRefused::OtherInstance);
        }
        if old.number.checked_add(1) != Some(set.number) {
            return Err(SetRefused::WrongNumber { old: old.number, new: set.number });
        }
        if set.threshold < old.threshold {
            return Err(SetRefused::LowerThreshold { old: old.threshold, new: set.threshold });
        }
        // Under whatever name: a holder who leaves has none in the new set.
        if !self.carries(&old.office.verify) {
            return Err(SetRefused::SignatureMissing("office".into()));
        }
        let found = old.trustees.iter().filter(|trustee| self.carries(&trustee.verify)).count();
        if found < old.threshold {
            return Err(SetRefused::TooFewOldTrustees { found, needed: old.threshold });
        }
        Ok(set)
    }

    /// Whether the holder of this key has signed, under whatever name.
    pub fn carries(&self, key: &VerifyKey) -> bool {
        let body = self.body.as_bytes();
        self.signatures.iter().any(|s| key.accepts(SET_DOMAIN, &[body], &s.signature))
    }

    fn signed_by(&self, by: &str, key: &VerifyKey) -> Result<(), SetRefused> {
        let found = self
            .signatures
            .iter()
            .any(|s| s.by == by && key.accepts(SET_DOMAIN, &[self.body.as_bytes()], &s.signature));
        if found { Ok(()) } else { Err(SetRefused::SignatureMissing(by.into())) }
    }

    fn check(&self) -> Result<RecipientSet, SetRefused> {
        let body: SetBody =
            serde_json::from_str(&self.body).map_err(|e| SetRefused::Unreadable(e.to_string()))?;
        if body.format != 1 {
            return Err(SetRefused::UnknownFormat(body.format));
        }
        let (t, n) = (body.threshold, body.trustees.len());
        if n > MOST_TRUSTEES {
            return Err(SetRefused::TooManyTrustees(n));
        }
        if t < 2 || t > n {
            return Err(SetRefused::Threshold { t, n });
        }
        let recipients: Vec<&String> = [&body.office.working, &body.office.recovery]
            .into_iter()
            .chain(body.trustees.iter().map(|t| &t.recipient))
            .collect();
        for recipient in &recipients {
            age_recipient::parse(recipient).ok_or_else(|| SetRefused::Recipient((*recipient).clone()))?;
        }
        let verify: BTreeSet<_> =
            std::iter::once(&body.office.verify).chain(body.trustees.iter().map(|t| &t.verify)).collect();
        if recipients.iter().collect::<BTreeSet<_>>().len() != recipients.len() || verify.len() != n + 1 {
            return Err(SetRefused::SharedKey);
        }
        Ok(RecipientSet {
            instance: body.instance,
            number: body.number,
            office: body.office,
            trustees: body.trustees,
            threshold: body.threshold,
            fingerprint: self.fingerprint(),
        })
    }
}

impl RecipientSet {
    pub fn instance(&self) -> &Instance {
        &self.instance
    }
    pub fn number(&self) -> u32 {
        self.number
    }
    pub fn office(&self) -> &Office {
        &self.office
    }
    /// In share order: trustee 1 first.
    pub fn trustees(&self) -> &[Trustee] {
        &self.trustees
    }
    /// How many trustees must act together; at least 2.
    pub fn threshold(&self) -> usize {
        self.threshold
    }
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }
    /// The office's two recipients, parsed.
    pub fn office_recipients(&self) -> [age::x25519::Recipient; 2] {
        // Unwrap safety: every recipient was parsed when the set was checked.
        [&self.office.working, &self.office.recovery].map(|r| r.parse().unwrap())
    }
}

/// An approver's verifying key, as the office has enrolled it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approver {
    pub staff: StaffId,
    pub verify: VerifyKey,
}

/// The roster as it lies in a file or a package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UntrustedRoster {
    pub instance: Instance,
    pub number: u32,
    pub approvers: Vec<Approver>,
    pub signature: Signature,
}

/// Approvers whose keys the office has signed.
#[derive(Clone, Debug)]
pub struct Roster(Vec<Approver>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RosterRefused {
    #[error("the roster of approvers is not signed by the office of this recipient set")]
    NotSignedByTheOffice,
    #[error("the roster belongs to another instance")]
    OtherInstance,
    #[error("the roster names a person or a key twice")]
    NamedTwice,
}

impl UntrustedRoster {
    pub fn signed(instance: &Instance, number: u32, approvers: Vec<Approver>, office: &SigningKey) -> Self {
        let signature = office.sign(
            ROSTER_DOMAIN,
            &roster_parts(instance, number, &approvers).iter().map(|p| &p[..]).collect::<Vec<_>>(),
        );
        Self { instance: instance.clone(), number, approvers, signature }
    }

    pub fn trusted(&self, set: &RecipientSet) -> Result<Roster, RosterRefused> {
        if self.instance != set.instance {
            return Err(RosterRefused::OtherInstance);
        }
        let parts = roster_parts(&self.instance, self.number, &self.approvers);
        let parts: Vec<&[u8]> = parts.iter().map(|p| &p[..]).collect();
        if !set.office.verify.accepts(ROSTER_DOMAIN, &parts, &self.signature) {
            return Err(RosterRefused::NotSignedByTheOffice);
        }
        let people: BTreeSet<_> = self.approvers.iter().map(|a| &a.staff).collect();
        let keys: BTreeSet<_> = self.approvers.iter().map(|a| &a.verify).collect();
        if people.len() != self.approvers.len() || keys.len() != self.approvers.len() {
            return Err(RosterRefused::NamedTwice);
        }
        Ok(Roster(self.approvers.clone()))
    }
}

impl Roster {
    pub fn key_of(&self, staff: &StaffId) -> Option<&VerifyKey> {
        self.0.iter().find(|a| a.staff == *staff).map(|a| &a.verify)
    }
}

fn roster_parts(instance: &Instance, number: u32, approvers: &[Approver]) -> Vec<Vec<u8>> {
    let mut parts = vec![instance.0.clone().into_bytes(), number.to_be_bytes().to_vec()];
    for approver in approvers {
        parts.push(approver.staff.0.clone().into_bytes());
        parts.push(approver.verify.as_bytes().to_vec());
    }
    parts
}

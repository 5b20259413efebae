//! A person, in clear. Lives between the request that carries it and its seal, and in the officers' tool.

use serde::{Deserialize, Serialize};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// How somebody proves who they are when collecting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Zeroize)]
#[serde(rename_all = "snake_case")]
pub enum IdKind {
    /// 居民身份证 (GB 11643).
    ResidentId,
    Passport,
    /// 港澳台居民居住证 and travel permits.
    ResidencePermit,
    Other,
}

/// How a reward is to be paid.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Payee {
    InPerson,
    Account { holder: String, bank: String, number: String },
}

/// Another person who signs the same report; the first signatory collects, or one authorised by them in writing (domain: one
/// award a matter).
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct JointSignatory {
    pub(crate) name: String,
    pub(crate) id_number: String,
}

/// Who reports. Neither printable nor comparable; wiped when dropped.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub(crate) name: String,
    pub(crate) id_kind: IdKind,
    pub(crate) id_number: String,
    pub(crate) mobile: String,
    pub(crate) payee: Payee,
    /// Works (or a spouse, parent or child works) for the unit reported: decides the insider uplift.
    pub(crate) own_employer: bool,
    pub(crate) joint: Vec<JointSignatory>,
}

/// Where the sealing was done. Recorded inside the seal only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealedBy {
    Server,
    Device,
}

/// What the identity section holds before sealing: a person, or nobody.
#[derive(Serialize)]
pub(super) struct IdentitySectionOut<'a> {
    pub format: u16,
    pub sealed_by: SealedBy,
    pub person: Option<&'a Person>,
}

/// What the files section holds before sealing.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub(super) struct FilesSection {
    pub format: u16,
    /// The secret of the per-report files key, in age's text form.
    pub files_key: String,
}

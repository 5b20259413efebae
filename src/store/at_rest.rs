//! Every stored value is encrypted and bound to the place it was written to.
//!
//! ```text
//! value     = version 01 ‖ suite 01 ‖ root key id (4 B) ‖ salt (16 B) ‖ nonce (12 B) ‖ ciphertext ‖ tag (16 B)
//! tree key  = HKDF-SHA256(salt "mifeng/v1/at-rest", root key, info = transcript("mifeng/v1/tree", instance, tree))
//! value key = HMAC-SHA256(tree key, transcript("mifeng/v1/value", salt, outer))
//! associated data = transcript("mifeng/v1/at-rest", first 6 bytes of the value, instance, tree, key)
//! suite 01  = ChaCha20-Poly1305
//!
//! outer     = the case's data key for what belongs to a case, nothing for the rest
//! data key  = 32 random bytes, stored under year (2 B) ‖ month (1 B) ‖ value with outer = the retention key
//!             of the month the case may be forgotten in; an entry of the staff record lies likewise
//! chunk     = in slots beside the trees: ChaCha20-Poly1305(HMAC-SHA256(data key, transcript("mifeng/v1/blob", instance, blob id)),
//!             nonce = index (12 B), associated data = transcript("mifeng/v1/chunk", instance, blob id, index))
//! ```
//! What it does not give: root key, retention keys and disk together read everything here (identities lie
//! sealed *inside*, and stay so). Keys of records are in clear: report ids, case numbers, locator hashes, log-in
//! names, and so is how many records there are and how long each is. Whoever can write to the disk can put
//! back an older value of the same place, or remove it; `mifeng check` and the log show some of that, not all.

use super::{
    OpenRefused, Refused,
    engine::{SLOT, Tree},
    retention::Month,
};
use crate::{
    ids::{BlobId, Instance},
    transcript::{hash, transcript},
};
use ring::{
    aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf, hmac,
    rand::{SecureRandom, SystemRandom},
};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const CHACHA20_POLY1305_HMAC: u8 = 1;
const HEAD: usize = 6;
const SALT: usize = 16;
/// Bytes a value grows by.
pub const OVERHEAD: usize = HEAD + SALT + NONCE_LEN + 16;
/// Plaintext bytes of one chunk of a file.
pub const CHUNK: usize = SLOT - 16;

type Key = Zeroizing<[u8; 32]>;

/// First bytes of a hash of the key: tells which root key a value was written under.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct RootKeyId(pub [u8; 4]);

/// The server's root keys: the first writes, all read. Kept outside the data folder and its backups.
pub struct RootKeys(Vec<Key>);

impl RootKeys {
    /// One line a key: `mifeng-root-1 ` and 64 hexadecimal digits. Empty lines and `#` lines are skipped.
    pub fn parse(text: &str) -> Result<Self, OpenRefused> {
        let mut keys = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let digits = line.strip_prefix("mifeng-root-1 ").ok_or(OpenRefused::RootKeyFile)?;
            let mut key = Zeroizing::new([0; 32]);
            hex::decode_to_slice(digits.trim(), key.as_mut()).map_err(|_| OpenRefused::RootKeyFile)?;
            keys.push(key);
        }
        if keys.is_empty() { Err(OpenRefused::RootKeyFile) } else { Ok(Self(keys)) }
    }

    /// The text of a key file holding one fresh key.
    pub fn draw_file(rng: &mut impl rand::CryptoRng) -> Zeroizing<String> {
        let mut key = Zeroizing::new([0; 32]);
        rng.fill_bytes(key.as_mut());
        Zeroizing::new(format!("mifeng-root-1 {}\n", *Zeroizing::new(hex::encode(*key))))
    }

    /// Ids of the keys, the writing one first; may be shown.
    pub fn ids(&self) -> Vec<RootKeyId> {
        self.0.iter().map(id_of).collect()
    }
}

fn id_of(key: &Key) -> RootKeyId {
    let digest = hash("mifeng/v1/root-key-id", &[key.as_ref()]);
    RootKeyId([digest[0], digest[1], digest[2], digest[3]])
}

/// The key of one case's content. Forgotten by destroying what it is wrapped under.
#[derive(Clone)]
pub struct DataKey(Key);

/// Seals and opens stored values.
pub struct Vault {
    instance: Instance,
    writing: RootKeyId,
    trees: BTreeMap<(RootKeyId, Tree), hmac::Key>,
    random: SystemRandom,
}

impl Vault {
    pub fn new(instance: &Instance, roots: &RootKeys) -> Self {
        let mut trees = BTreeMap::new();
        for root in &roots.0 {
            let root_key = hkdf::Salt::new(hkdf::HKDF_SHA256, b"mifeng/v1/at-rest").extract(root.as_ref());
            for tree in Tree::ALL {
                let info = transcript("mifeng/v1/tree", &[instance.0.as_bytes(), tree.name().as_bytes()]);
                let info = [info.as_slice()];
                // Unwrap safety: HKDF-SHA256 refuses only outputs over 8,160 bytes.
                let okm = root_key.expand(&info, hmac::HMAC_SHA256).unwrap();
                trees.insert((id_of(root), tree), hmac::Key::from(okm));
            }
        }
        // Unwrap safety: `RootKeys::parse` refuses a file without a key.
        Self {
            instance: instance.clone(),
            writing: *roots.ids().first().unwrap(),
            trees,
            random: SystemRandom::new(),
        }
    }

    /// For sketches of matters: of the key that writes. Another root key makes other sketches.
    pub fn sketch_key(&self) -> hmac::Key {
        let from =
            hmac::sign(&self.trees[&(self.writing, Tree::Cases)], &transcript("mifeng/v1/sketch", &[]));
        hmac::Key::new(hmac::HMAC_SHA256, from.as_ref())
    }

    /// A value that belongs to no case.
    pub fn seal(&self, tree: Tree, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, Refused> {
        self.seal_under(&[], tree, key, plain)
    }

    pub fn open(&self, tree: Tree, key: &[u8], value: &[u8]) -> Result<Vec<u8>, Refused> {
        self.open_under(&[], tree, key, value)
    }

    /// A value that is forgotten with its case.
    pub fn seal_case(
        &self,
        data: &DataKey,
        tree: Tree,
        key: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, Refused> {
        self.seal_under(data.0.as_ref(), tree, key, plain)
    }

    pub fn open_case(
        &self,
        data: &DataKey,
        tree: Tree,
        key: &[u8],
        value: &[u8],
    ) -> Result<Vec<u8>, Refused> {
        self.open_under(data.0.as_ref(), tree, key, value)
    }

    /// A fresh data key and its stored form under a month's retention key.
    pub fn draw_data_key(
        &self,
        key: &[u8],
        month: Month,
        retention: &[u8; 32],
    ) -> Result<(DataKey, Vec<u8>), Refused> {
        let mut data = Zeroizing::new([0; 32]);
        self.fill(data.as_mut())?;
        let data = DataKey(data);
        let wrapped = self.wrap(&data, key, month, retention)?;
        Ok((data, wrapped))
    }

    /// The stored form of a data key; written again under a later month when a case lives longer.
    pub fn wrap(
        &self,
        data: &DataKey,
        key: &[u8],
        month: Month,
        retention: &[u8; 32],
    ) -> Result<Vec<u8>, Refused> {
        self.seal_until(month, retention, Tree::DataKeys, key, data.0.as_ref())
    }

    /// A value that is forgotten with a month.
    pub fn seal_until(
        &self,
        month: Month,
        retention: &[u8; 32],
        tree: Tree,
        key: &[u8],
        plain: &[u8],
    ) -> Result<Vec<u8>, Refused> {
        let mut value = month.to_key().to_vec();
        value.extend(self.seal_under(retention, tree, key, plain)?);
        Ok(value)
    }

    /// `retention_of` finds the key of the month the value names. One that names none, written before there was a period,
    /// lies under the root key alone: no year begins with the version of a value.
    pub fn open_until(
        &self,
        tree: Tree,
        key: &[u8],
        value: &[u8],
        retention_of: impl FnOnce(Month) -> Result<Key, Refused>,
    ) -> Result<Vec<u8>, Refused> {
        match month_before(value) {
            None => self.open(tree, key, value),
            Some((month, sealed)) => self.open_under(&retention_of(month)?[..], tree, key, sealed),
        }
    }

    /// The month whose retention key a stored data key lies under.
    pub fn month_of(&self, key: &[u8], wrapped: &[u8]) -> Result<Month, Refused> {
        let month = wrapped.first_chunk::<3>().and_then(|month| Month::from_key(*month));
        month.ok_or_else(|| damaged(Tree::DataKeys, key))
    }

    /// `retention_of` finds the key of the month the value names.
    pub fn unwrap(
        &self,
        key: &[u8],
        wrapped: &[u8],
        retention_of: impl FnOnce(Month) -> Result<Key, Refused>,
    ) -> Result<DataKey, Refused> {
        let (month, value) = wrapped.split_first_chunk::<3>().ok_or_else(|| damaged(Tree::DataKeys, key))?;
        let month = Month::from_key(*month).ok_or_else(|| damaged(Tree::DataKeys, key))?;
        let plain = Zeroizing::new(self.open_under(&retention_of(month)?[..], Tree::DataKeys, key, value)?);
        let data = <[u8; 32]>::try_from(plain.as_slice()).map_err(|_| damaged(Tree::DataKeys, key))?;
        Ok(DataKey(Zeroizing::new(data)))
    }

    /// One chunk of a blob. The caller never seals two different chunks under one (blob, index).
    pub fn seal_chunk(&self, data: &DataKey, blob: BlobId, index: u32, plain: &[u8]) -> Vec<u8> {
        let mut sealed = Vec::with_capacity(plain.len() + 16);
        sealed.extend_from_slice(plain);
        let (key, nonce, aad) = self.chunk_key(data, blob, index);
        // Unwrap safety: ring refuses only inputs over 256 GiB.
        key.seal_in_place_append_tag(nonce, Aad::from(aad), &mut sealed).unwrap();
        sealed
    }

    pub fn open_chunk(
        &self,
        data: &DataKey,
        blob: BlobId,
        index: u32,
        mut sealed: Vec<u8>,
    ) -> Result<Vec<u8>, Refused> {
        let (key, nonce, aad) = self.chunk_key(data, blob, index);
        let plain = key
            .open_in_place(nonce, Aad::from(aad), &mut sealed)
            .map_err(|_| damaged(Tree::Files, blob.as_bytes()))?
            .len();
        sealed.truncate(plain);
        Ok(sealed)
    }

    fn chunk_key(&self, data: &DataKey, blob: BlobId, index: u32) -> (LessSafeKey, Nonce, Vec<u8>) {
        let instance = self.instance.0.as_bytes();
        let key = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, data.0.as_ref()),
            &transcript("mifeng/v1/blob", &[instance, blob.as_bytes()]),
        );
        let mut nonce = [0; NONCE_LEN];
        nonce[NONCE_LEN - 4..].copy_from_slice(&index.to_be_bytes());
        let aad = transcript("mifeng/v1/chunk", &[instance, blob.as_bytes(), &index.to_be_bytes()]);
        (aead_key(key.as_ref()), Nonce::assume_unique_for_key(nonce), aad)
    }

    fn seal_under(&self, outer: &[u8], tree: Tree, key: &[u8], plain: &[u8]) -> Result<Vec<u8>, Refused> {
        let mut value = Vec::with_capacity(plain.len() + OVERHEAD);
        value.extend([VERSION, CHACHA20_POLY1305_HMAC]);
        value.extend(self.writing.0);
        let mut drawn = [0; SALT + NONCE_LEN];
        self.fill(&mut drawn)?;
        value.extend(drawn);
        value.extend_from_slice(plain);
        let (salt, nonce) = drawn.split_at(SALT);
        // The writing key has an entry for every tree, see `new`.
        let cipher = value_key(&self.trees[&(self.writing, tree)], salt, outer);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| Refused::Randomness)?;
        let aad = self.associated_data(&value[..HEAD], tree, key);
        let tag = cipher
            .seal_in_place_separate_tag(nonce, Aad::from(aad), &mut value[HEAD + SALT + NONCE_LEN..])
            .map_err(|_| damaged(tree, key))?;
        value.extend_from_slice(tag.as_ref());
        Ok(value)
    }

    fn open_under(&self, outer: &[u8], tree: Tree, key: &[u8], value: &[u8]) -> Result<Vec<u8>, Refused> {
        let bad = || damaged(tree, key);
        let (head, rest) = value.split_first_chunk::<HEAD>().ok_or_else(bad)?;
        if head[..2] != [VERSION, CHACHA20_POLY1305_HMAC] {
            return Err(bad());
        }
        let root = RootKeyId([head[2], head[3], head[4], head[5]]);
        let tree_key = self.trees.get(&(root, tree)).ok_or(Refused::UnknownRootKey)?;
        let (salt, rest) = rest.split_at_checked(SALT).ok_or_else(bad)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE_LEN).ok_or_else(bad)?;
        let cipher = value_key(tree_key, salt, outer);
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| bad())?;
        let mut plain = sealed.to_vec();
        let aad = self.associated_data(head, tree, key);
        let len = cipher.open_in_place(nonce, Aad::from(aad), &mut plain).map_err(|_| bad())?.len();
        plain.truncate(len);
        Ok(plain)
    }

    fn associated_data(&self, head: &[u8], tree: Tree, key: &[u8]) -> Vec<u8> {
        transcript("mifeng/v1/at-rest", &[head, self.instance.0.as_bytes(), tree.name().as_bytes(), key])
    }

    fn fill(&self, bytes: &mut [u8]) -> Result<(), Refused> {
        self.random.fill(bytes).map_err(|_| Refused::Randomness)
    }
}

/// The month that stands before a value, and the value.
pub(super) fn month_before(value: &[u8]) -> Option<(Month, &[u8])> {
    let (month, sealed) = value.split_first_chunk::<3>()?;
    let month = Month::from_key(*month).filter(|_| month[0] != VERSION)?;
    Some((month, sealed))
}

fn value_key(tree_key: &hmac::Key, salt: &[u8], outer: &[u8]) -> LessSafeKey {
    let bound = Zeroizing::new(transcript("mifeng/v1/value", &[salt, outer]));
    aead_key(hmac::sign(tree_key, &bound).as_ref())
}

fn aead_key(bytes: &[u8]) -> LessSafeKey {
    // Unwrap safety: every caller hands over an HMAC-SHA256 tag, 32 bytes.
    LessSafeKey::new(UnboundKey::new(&CHACHA20_POLY1305, bytes).unwrap())
}

fn damaged(tree: Tree, key: &[u8]) -> Refused {
    Refused::Damaged { tree: tree.name(), key: hex::encode(key) }
}

#[cfg(test)]
mod tests;

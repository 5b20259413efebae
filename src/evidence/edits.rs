//! What the office's tool says, offline, of the edited copies it made or compared with the original. The server cannot look:
//! the original is sealed. Signed by the office's key, for exactly these bytes and exactly this request.
//!
//! ```text
//! edits = JSON { format, request, copies: [ { sha256 (hexadecimal), changes } ], signature }
//! signature = Ed25519(office, transcript("mifeng/v1/edits", instance, request's name, SHA-256(JSON of copies)))
//! ```
//! **Not promised.** That what is left points to nobody: a second person looks. Who holds the office's key can sign what was
//! never compared; both persons of the office are named for what they did.

use crate::{
    recipients::RecipientSet,
    signing::{Signature, SigningKey},
    transcript::sha256,
};
use serde::{Deserialize, Serialize};

const FORMAT: u16 = 1;
const DOMAIN: &str = "mifeng/v1/edits";
/// Copies in one statement.
pub const MOST_EDITED: usize = 50;
/// Changes of one copy.
const MOST_CHANGES: usize = 64;

/// One difference between an original and its copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Nothing that can be seen or heard was changed.
    AsItWas,
    /// The copy shows this share of the picture; 1 to 100 %.
    Cropped {
        shows: u8,
    },
    /// Within what it shows, this share was painted over or differs otherwise; 1 to 100 %.
    Covered {
        share: u8,
    },
    /// Smaller, or turned, than the original.
    Resized,
    /// Nothing of the original was found again in it.
    Redrawn,
    /// One page of a document, as a picture; from 1.
    Page {
        number: u16,
        of: u16,
    },
    /// A place of the picture was painted over during these seconds.
    CoveredFor {
        from: u32,
        to: u32,
    },
    /// These seconds are not in it.
    CutOut {
        from: u32,
        to: u32,
    },
    /// Of a film: the pictures show all that the original shows, whatever was done to the sound.
    PicturesKept,
    SoundRemoved,
    /// Every voice is pitched otherwise. Experts may undo it.
    VoicesChanged,
    /// Voices sound as they were recorded.
    VoicesKept,
}

impl Change {
    /// In message keys.
    pub fn code(&self) -> &'static str {
        match self {
            Self::AsItWas => "as-it-was",
            Self::Cropped { .. } => "cropped",
            Self::Covered { .. } => "covered",
            Self::Resized => "resized",
            Self::Redrawn => "redrawn",
            Self::Page { .. } => "page",
            Self::CoveredFor { .. } => "covered-for",
            Self::CutOut { .. } => "cut-out",
            Self::PicturesKept => "pictures-kept",
            Self::SoundRemoved => "sound-removed",
            Self::VoicesChanged => "voices-changed",
            Self::VoicesKept => "voices-kept",
        }
    }

    /// The numbers in its sentence, by their names.
    pub fn numbers(&self) -> Vec<(&'static str, u32)> {
        match *self {
            Self::Cropped { shows } => vec![("share", shows.into())],
            Self::Covered { share } => vec![("share", share.into())],
            Self::Page { number, of } => vec![("number", number.into()), ("of", of.into())],
            Self::CoveredFor { from, to } | Self::CutOut { from, to } => vec![("from", from), ("to", to)],
            _ => Vec::new(),
        }
    }

    /// Whether somebody could be less known by it. A page, a size or a kept voice hides nothing.
    fn hides(&self) -> bool {
        match self {
            Self::Cropped { .. } | Self::Covered { .. } | Self::Redrawn => true,
            Self::CoveredFor { .. } | Self::CutOut { .. } => true,
            Self::AsItWas | Self::Resized | Self::Page { .. } | Self::PicturesKept | Self::VoicesKept => {
                false
            }
            Self::SoundRemoved | Self::VoicesChanged => true,
        }
    }

    /// Of what is heard: it covers no face.
    pub(super) fn is_of_sound(&self) -> bool {
        matches!(self, Self::SoundRemoved | Self::VoicesChanged)
    }
}

/// Whether a copy of which this is said shows all that the original shows. Of a film its pictures count: a voice pitched
/// otherwise covers no face in them.
pub fn hides_nothing(changes: &[Change], is_film: bool) -> bool {
    let hides = |change: &Change| change.hides() && !(is_film && change.is_of_sound());
    changes.contains(&Change::PicturesKept) || !changes.iter().any(hides)
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edited {
    /// SHA-256 of the copy as the tool wrote or read it.
    #[serde(with = "hex::serde")]
    pub sha256: [u8; 32],
    pub changes: Vec<Change>,
}

/// As it travels from the office's machine to its pages.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edits {
    format: u16,
    /// `2026-000417-F1`
    request: String,
    copies: Vec<Edited>,
    signature: Signature,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EditsRefused {
    #[error("this is no statement of the office's tool")]
    Unreadable,
    #[error("the statement is of another request")]
    OtherRequest,
    #[error("the statement is not signed by the office")]
    Signature,
}

impl Edits {
    pub fn sign(set: &RecipientSet, request: &str, copies: Vec<Edited>, key: &SigningKey) -> Self {
        let signature = key.sign(DOMAIN, &parts(set, request, &copies).each_ref().map(Vec::as_slice));
        Self { format: FORMAT, request: request.to_owned(), copies, signature }
    }

    /// What is said of each copy, if the office signed it for this request.
    pub fn read(text: &str, set: &RecipientSet, request: &str) -> Result<Vec<Edited>, EditsRefused> {
        let read: Self = serde_json::from_str(text).map_err(|_| EditsRefused::Unreadable)?;
        let many = |edited: &Edited| edited.changes.is_empty() || edited.changes.len() > MOST_CHANGES;
        if read.format != FORMAT || read.copies.len() > MOST_EDITED || read.copies.iter().any(many) {
            return Err(EditsRefused::Unreadable);
        }
        if read.request != request {
            return Err(EditsRefused::OtherRequest);
        }
        let parts = parts(set, request, &read.copies);
        let parts = parts.each_ref().map(Vec::as_slice);
        match set.office().verify.accepts(DOMAIN, &parts, &read.signature) {
            true => Ok(read.copies),
            false => Err(EditsRefused::Signature),
        }
    }
}

fn parts(set: &RecipientSet, request: &str, copies: &[Edited]) -> [Vec<u8>; 3] {
    // Unwrap safety: numbers, hexadecimal and names of ours are always written.
    let copies = serde_json::to_vec(copies).unwrap();
    [set.instance().0.clone().into_bytes(), request.as_bytes().to_vec(), sha256(&copies).to_vec()]
}

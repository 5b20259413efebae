//! What is asked, word for word as the reporter, the trustees and the office read it.
//!
//! ```text
//! terms hash = SHA-256(transcript("mifeng/v1/files-terms", instance, report id, case number, request number (4 B),
//!              original's blob id, SHA-256(sealed original), SHA-256(envelope), use, need, asked by, day asked,
//!              last day to object, last day to open))
//! words hash = SHA-256(transcript("mifeng/v1/files-words", request's name, original's blob id, use, need, day asked,
//!              last day to object, last day to open)): what its reporter reads
//! asked leaf    carries SHA-256(transcript("mifeng/v1/files-asked", terms hash, words hash))
//! objected leaf carries SHA-256(transcript("mifeng/v1/files-objected", terms hash))
//! joined leaf   carries SHA-256(transcript("mifeng/v1/files-joined", terms hash, copy's blob id))
//! ended leaf    carries SHA-256(transcript("mifeng/v1/files-ended", terms hash))
//! ```

use crate::{
    clock::Day,
    ids::{BlobId, CaseNumber, Instance, ReportId, StaffId},
    log::{Event, Leaf, Purpose},
    transcript,
};
use serde::{Deserialize, Serialize};

/// For what an original is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Use {
    Investigation,
    Court,
}

impl Use {
    pub const ALL: [Self; 2] = [Self::Investigation, Self::Court];

    pub fn code(self) -> &'static str {
        match self {
            Self::Investigation => "investigation",
            Self::Court => "court",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|each| each.code() == code)
    }
}

/// One request. Bound to one sealed original, byte for byte.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FilesTerms {
    pub instance: Instance,
    pub report: ReportId,
    pub case: CaseNumber,
    /// 1 for the case's first, one more for each later one.
    pub request: u32,
    pub original: BlobId,
    /// SHA-256 of the sealed original as it is stored.
    #[serde(with = "hex::serde")]
    pub sealed: [u8; 32],
    /// SHA-256 of the envelope whose files section holds the original's key.
    #[serde(with = "hex::serde")]
    pub envelope: [u8; 32],
    pub needed_for: Use,
    /// Why the original and no copy, in plain words. The reporter reads it, too.
    pub need: String,
    pub asked_by: StaffId,
    pub asked: Day,
    /// The last whole day on which the reporter may object and nothing can be opened yet.
    pub object_until: Day,
    /// The last day on which a share may be given or the package opened.
    pub good_until: Day,
}

/// Where the leaf stands by which the reporter was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub leaf_index: u64,
    /// Which of the report's leaves it is, counted from 0.
    pub leaf_n: u8,
}

impl FilesTerms {
    /// SHA-256 of all of it.
    pub fn hash(&self) -> [u8; 32] {
        let day = |day: Day| day.to_string().into_bytes();
        let parts: [Vec<u8>; 13] = [
            self.instance.0.clone().into_bytes(),
            self.report.as_bytes().to_vec(),
            self.case.to_string().into_bytes(),
            self.request.to_be_bytes().to_vec(),
            self.original.as_bytes().to_vec(),
            self.sealed.to_vec(),
            self.envelope.to_vec(),
            self.needed_for.code().into(),
            self.need.clone().into_bytes(),
            self.asked_by.0.clone().into_bytes(),
            day(self.asked),
            day(self.object_until),
            day(self.good_until),
        ];
        let parts: Vec<&[u8]> = parts.iter().map(|part| &part[..]).collect();
        transcript::hash("mifeng/v1/files-terms", &parts)
    }

    /// `2026-000417-F1`: how the log calls it.
    pub fn name(&self) -> String {
        format!("{}-F{}", self.case, self.request)
    }

    /// SHA-256 of what its reporter reads of it. With [`FilesTerms::hash`] alone beside it, their device compares the words
    /// with the leaf, and learns nothing of who asked.
    pub fn words(&self) -> [u8; 32] {
        let [asked, until, good] =
            [self.asked, self.object_until, self.good_until].map(|day| day.to_string().into_bytes());
        let name = self.name().into_bytes();
        let (use_for, need) = (self.needed_for.code().as_bytes(), self.need.as_bytes());
        let parts: [&[u8]; 7] = [&name, self.original.as_bytes(), use_for, need, &asked, &until, &good];
        transcript::hash("mifeng/v1/files-words", &parts)
    }

    /// By which the reporter's own log says that it was asked, and in which words.
    pub fn asked_leaf(&self) -> Leaf {
        self.leaf(Event::Asked, self.asked, &self.words())
    }

    /// By which their log says that it ended otherwise than by their objection.
    pub fn ended_leaf(&self, day: Day) -> Leaf {
        self.leaf(Event::Ended, day, &[])
    }

    pub fn objected_leaf(&self, day: Day) -> Leaf {
        self.leaf(Event::Objected, day, &[])
    }

    pub fn joined_leaf(&self, copy: BlobId, day: Day) -> Leaf {
        self.leaf(Event::Joined, day, copy.as_bytes())
    }

    fn leaf(&self, event: Event, day: Day, more: &[u8]) -> Leaf {
        let domain = match event {
            Event::Asked => "mifeng/v1/files-asked",
            Event::Objected => "mifeng/v1/files-objected",
            Event::Ended => "mifeng/v1/files-ended",
            _ => "mifeng/v1/files-joined",
        };
        let hash = self.hash();
        let mut parts: Vec<&[u8]> = vec![&hash];
        if !more.is_empty() {
            parts.push(more);
        }
        Leaf {
            purpose: Some(Purpose::Files),
            award: self.name().parse().ok(),
            digest: Some(transcript::hash(domain, &parts)),
            ..Leaf::plain(event, day)
        }
    }
}

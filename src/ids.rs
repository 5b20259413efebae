//! Names of things. All are random or counted; none is derived from a person or a receipt.

use rand::Rng;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What was wrong with a name's text form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadId {
    #[error("expected 32 hexadecimal digits")]
    NotHex16,
    #[error("expected a case number such as 2026-000417")]
    NotCaseNumber,
}

macro_rules! random_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name([u8; 16]);

        impl $name {
            pub fn random(rng: &mut impl Rng) -> Self {
                let mut bytes = [0; 16];
                rng.fill_bytes(&mut bytes);
                Self(bytes)
            }
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }
            pub fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                let mut bytes = [0; 16];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| BadId::NotHex16)?;
                Ok(Self(bytes))
            }
        }
        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

random_id!(
    /// One report, drawn when the reporter begins. Bound into every sealed byte of the report.
    ReportId
);
random_id!(
    /// One draft, as its reporter's browser knows it. In no store: what a browser remembers leads to no report.
    DraftMark
);
random_id!(
    /// One file on its way from a reporter's device.
    UploadId
);
random_id!(
    /// One stored file (a sealed original or a cleaned copy).
    BlobId
);
random_id!(
    /// One object of an object store: some chunks of one file, under a name that says nothing.
    ObjectId
);

/// What staff call a case, e.g. `2026-000417`. Counted within a year; says nothing about the reporter.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseNumber {
    pub year: u16,
    pub serial: u32,
}

impl CaseNumber {
    /// Sorts like the number itself; used as a key in the store.
    pub fn to_key(self) -> [u8; 6] {
        let mut key = [0; 6];
        key[..2].copy_from_slice(&self.year.to_be_bytes());
        key[2..].copy_from_slice(&self.serial.to_be_bytes());
        key
    }
}

impl fmt::Display for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{:06}", self.year, self.serial)
    }
}
impl fmt::Debug for CaseNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CaseNumber({self})")
    }
}
impl FromStr for CaseNumber {
    type Err = BadId;
    fn from_str(text: &str) -> Result<Self, BadId> {
        let (year, serial) = text.trim().split_once('-').ok_or(BadId::NotCaseNumber)?;
        let digits =
            |s: &str, most: usize| !s.is_empty() && s.len() <= most && s.bytes().all(|b| b.is_ascii_digit());
        if !(digits(year, 4) && digits(serial, 9)) {
            return Err(BadId::NotCaseNumber);
        }
        Ok(Self {
            year: year.parse().map_err(|_| BadId::NotCaseNumber)?,
            serial: serial.parse().map_err(|_| BadId::NotCaseNumber)?,
        })
    }
}
impl Serialize for CaseNumber {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for CaseNumber {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The log-in name of a member of staff. Staff are named on everything they do; reporters never.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, Debug)]
#[serde(transparent)]
pub struct StaffId(pub String);

impl fmt::Display for StaffId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Names one deployment in every signature and associated data, so that nothing sealed for one
/// instance is accepted by another.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(transparent)]
pub struct Instance(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_number_reads_back_as_it_was_written() {
        let number: CaseNumber = "2026-000417".parse().unwrap();
        assert_eq!(number, CaseNumber { year: 2026, serial: 417 });
        assert_eq!(number.to_string(), "2026-000417");
        for bad in ["", "2026", "2026-", "-1", "2026-+4", "99999-1", "2026-4294967296"] {
            assert_eq!(bad.parse::<CaseNumber>(), Err(BadId::NotCaseNumber), "{bad:?}");
        }
    }

    #[test]
    fn case_numbers_sort_in_the_store_as_they_do_in_the_office() {
        let (a, b) = (CaseNumber { year: 2026, serial: 9 }, CaseNumber { year: 2026, serial: 10 });
        assert!(a < b && a.to_key() < b.to_key());
    }
}

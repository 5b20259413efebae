//! How many groups of writes a folder has kept, in a file beside the database. sled takes what it cannot read at the end of its
//! log for a write that a crash cut short, and goes on without it: without this file a damaged database would come up older,
//! or empty, and nobody would know.
//!
//! ```text
//! mifeng-groups-1 00000000000000001234
//! ```
//! Written after a group is durable and made durable by the next one, so it never counts more than the disk has.

use std::{
    fs::{File, OpenOptions},
    io::{Error, ErrorKind, Read},
    os::unix::fs::{FileExt, OpenOptionsExt},
    path::Path,
};

pub const FILE: &str = "groups.kept";
const FORMAT: &str = "mifeng-groups-1";

pub struct Kept(File);

impl Kept {
    /// The file and its count; a new file begins with what the database holds.
    pub fn open(folder: &Path, held: u64) -> std::io::Result<(Self, u64)> {
        let path = folder.join(FILE);
        if !path.exists() {
            // Aside first: a power cut must not leave an empty one, which would be taken for a damaged one.
            let aside = folder.join(format!("{FILE}.new"));
            let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
            let kept = Self(file);
            kept.note(held)?;
            kept.0.sync_all()?;
            std::fs::rename(&aside, &path)?;
            File::open(folder)?.sync_all()?;
            return Ok((kept, held));
        }
        let mut file = OpenOptions::new().read(true).write(true).open(path)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        let count = text.strip_suffix('\n').and_then(|line| line.split_once(' '));
        let count = count.filter(|(format, count)| *format == FORMAT && count.len() == 20);
        let count = count.and_then(|(_, count)| count.parse().ok());
        count.map(|count| (Self(file), count)).ok_or_else(|| {
            Error::new(
                ErrorKind::InvalidData,
                "is damaged; if `mifeng check` finds nothing missing without it, remove it",
            )
        })
    }

    pub fn note(&self, groups: u64) -> std::io::Result<()> {
        self.0.write_all_at(format!("{FORMAT} {groups:020}\n").as_bytes(), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_count_is_kept_and_a_damaged_one_is_never_guessed() {
        let folder = tempfile::tempdir().unwrap();
        let (kept, count) = Kept::open(folder.path(), 7).unwrap();
        assert_eq!(count, 7);
        kept.note(u64::MAX).unwrap();
        assert_eq!(Kept::open(folder.path(), 0).unwrap().1, u64::MAX);
        let whole = std::fs::read(folder.path().join(FILE)).unwrap();
        let shorter = [&whole[..20], b"\n"].concat();
        for damaged in [&whole[..whole.len() - 1], &whole[..0], &[&whole[..], b"x"].concat(), &shorter] {
            std::fs::write(folder.path().join(FILE), damaged).unwrap();
            assert!(Kept::open(folder.path(), 0).is_err());
        }
    }
}

//! A finished file gets its name, over nothing: in one step where the file system knows how, in two where it does not (NFS,
//! some of FUSE).

use rustix::{
    fs::{CWD, RenameFlags, renameat_with},
    io::Errno,
};
use std::{
    io::{Error, ErrorKind},
    os::unix::fs::MetadataExt,
    path::Path,
};

/// Moves `aside` to `to`, both in one folder, which the caller syncs. [`ErrorKind::AlreadyExists`] if something is there;
/// `aside` is then what it was.
pub fn without_replacing(aside: &Path, to: &Path) -> Result<(), Error> {
    match renameat_with(CWD, aside, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => by_link(aside, to),
        done => Ok(done?),
    }
}

/// The same in two steps: a crash between them leaves the file under both names.
pub fn by_link(aside: &Path, to: &Path) -> Result<(), Error> {
    match std::fs::hard_link(aside, to) {
        // An answer of NFS that was lost is asked for again, and finds what the first question has made.
        Err(cause) if cause.kind() == ErrorKind::AlreadyExists && are_one(aside, to)? => {}
        linked => linked?,
    }
    std::fs::remove_file(aside)
}

/// Whether both are names of one file.
pub fn are_one(one: &Path, other: &Path) -> Result<bool, Error> {
    let [one, other] = [one.symlink_metadata()?, other.symlink_metadata()?];
    Ok((one.dev(), one.ino()) == (other.dev(), other.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_name_and_never_takes_another_s() {
        for place in [without_replacing, by_link] {
            let folder = tempfile::tempdir().unwrap();
            let [aside, to] = ["aside", "to"].map(|name| folder.path().join(name));
            std::fs::write(&aside, "new").unwrap();
            std::fs::write(&to, "old").unwrap();
            assert_eq!(place(&aside, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
            assert_eq!(std::fs::read_to_string(&to).unwrap(), "old");
            assert_eq!(std::fs::read_to_string(&aside).unwrap(), "new", "and it is still there");
            std::fs::remove_file(&to).unwrap();
            // Nor does it follow a link that leads to nothing.
            std::os::unix::fs::symlink(folder.path().join("nothing"), &to).unwrap();
            assert_eq!(place(&aside, &to).unwrap_err().kind(), ErrorKind::AlreadyExists);
            std::fs::remove_file(&to).unwrap();
            place(&aside, &to).unwrap();
            assert_eq!((std::fs::read_to_string(&to).unwrap().as_str(), aside.exists()), ("new", false));
        }
    }

    #[test]
    fn a_link_that_was_made_already_is_no_refusal() {
        let folder = tempfile::tempdir().unwrap();
        let [aside, to] = ["aside", "to"].map(|name| folder.path().join(name));
        std::fs::write(&aside, "new").unwrap();
        std::fs::hard_link(&aside, &to).unwrap();
        by_link(&aside, &to).unwrap();
        assert!(to.exists() && !aside.exists());
    }
}

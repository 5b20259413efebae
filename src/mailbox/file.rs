//! A file of staff's to a reporter, sealed to the receipt's mailbox as it streams in.
//!
//! ```text
//! sealed file = version (1) ‖ suite (1) ‖ age file to the mailbox ‖ zeros ‖ length of the age file (8 B, big-endian)
//! inside      = the bytes of the file, unchanged: the stock `age --decrypt` gives the file back
//! label       = sealed as a message; inside: JSON {"format":1, "report", "blob", "name", "media_type", "bytes"}
//! ```
//! The frame and its padding: [`crate::sealed_file`]. The name is apart from the file so that a page can show it before
//! the file is fetched, and so that `age` gives the file alone. Every label has one length.
//!
//! **Caller's duty.** An upload that breaks off leaves chunks without an end: forget them. **Not given.** Who sealed it,
//! and that the file under a label is the one it was written for: the server, which sees the file while it is sent, could
//! put another in its place. The label's length is checked against what opens.

use super::{SealedMessage, open, seal};
use crate::{
    file_kind::{FileKind, SNIFF_BYTES, sniff},
    file_name,
    receipt::Mailbox,
    sealed_file::{ChunkSink, Chunks, FilePlace, NotSealed, SealedFile},
};
use age::{
    Decryptor, Encryptor,
    stream::{StreamReader, StreamWriter},
    x25519::Identity as AgeKey,
};
use serde::{Deserialize, Serialize};
use std::io::{BufReader, Read, Take, Write};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// Longer names are refused: cut, they would lose the ending that devices go by. Fits one step of a label.
pub const MAX_NAME_BYTES: usize = 200;

/// Why a file was not sealed. Nothing of it is kept by this module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FileRefused {
    #[error("files of this kind are not sent to reporters")]
    KindNotTaken,
    #[error("the name does not end as files of this kind do")]
    Ending(FileKind),
    #[error("the name is longer than {MAX_NAME_BYTES} bytes")]
    NameTooLong,
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the file is empty")]
    Empty,
    #[error("a chunk could not be stored")]
    NotStored,
}

/// Why a sealed file was not opened; no reason is told apart further.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotOpened {
    #[error("not a file sealed to this receipt, or changed")]
    Sealed,
    #[error("it belongs to another report or another place")]
    WrongPlace,
}

/// What is said of a file under seal.
#[derive(Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[serde(deny_unknown_fields)]
pub struct Label {
    format: u16,
    report: String,
    blob: String,
    name: String,
    media_type: String,
    bytes: u64,
}

impl Label {
    /// Made harmless once more: whoever knows the mailbox can seal a label.
    pub fn name(&self) -> String {
        file_name::harmless(&self.name)
    }
    /// By the content's first bytes when it was sealed.
    pub fn media_type(&self) -> &str {
        &self.media_type
    }
    /// Length of the file.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// Says how large a file of this kind may be, or why it is not taken.
pub type Rules<'a> = dyn Fn(FileKind) -> Result<u64, FileRefused> + Send + Sync + 'a;

/// Takes the parts of one file in order, of any size; told by content, sealed as they come. Holds one age chunk
/// (64 KiB) and one of ours. In a blocking task.
pub struct FileToReporter<'a, S: ChunkSink> {
    place: FilePlace,
    mailbox: Mailbox,
    name: Zeroizing<String>,
    rules: &'a Rules<'a>,
    stage: Stage<S>,
}

enum Stage<S: ChunkSink> {
    /// The first bytes tell the kind, and the kind whether it is taken.
    Head {
        head: Zeroizing<Vec<u8>>,
        sink: S,
    },
    Sealing(Box<Sealing<S>>),
    /// An error was returned; nothing more is taken.
    Over,
}

struct Sealing<S: ChunkSink> {
    age: StreamWriter<Chunks<S>>,
    kind: FileKind,
    bytes: u64,
    max_bytes: u64,
}

/// A file that was sealed whole.
pub struct SealedToReporter<S> {
    pub sealed: SealedFile,
    pub label: SealedMessage,
    pub sink: S,
}

impl<'a, S: ChunkSink> FileToReporter<'a, S> {
    /// `name` is what the sender's device calls the file; it is made harmless and stays inside the seal.
    ///
    /// # Errors
    /// [`FileRefused::NameTooLong`].
    pub fn new(
        place: FilePlace,
        mailbox: &Mailbox,
        name: &str,
        rules: &'a Rules<'a>,
        sink: S,
    ) -> Result<Self, FileRefused> {
        let name = Zeroizing::new(file_name::harmless(name));
        if name.len() > MAX_NAME_BYTES {
            return Err(FileRefused::NameTooLong);
        }
        let stage = Stage::Head { head: Zeroizing::new(Vec::with_capacity(SNIFF_BYTES)), sink };
        Ok(Self { place, mailbox: mailbox.clone(), name, rules, stage })
    }

    /// # Errors
    /// Any [`FileRefused`] but `Empty`; the file is over then.
    pub fn push(&mut self, part: &[u8]) -> Result<(), FileRefused> {
        let mut rest = part;
        if let Stage::Head { head, .. } = &mut self.stage {
            let (first, later) = part.split_at(part.len().min(SNIFF_BYTES - head.len()));
            head.extend_from_slice(first);
            if head.len() < SNIFF_BYTES {
                return Ok(());
            }
            self.start()?;
            rest = later;
        }
        match &mut self.stage {
            Stage::Sealing(sealing) => sealing.push(rest).inspect_err(|_| self.stage = Stage::Over),
            _ => Err(FileRefused::NotStored),
        }
    }

    /// Ends the age file, pads, and seals the label.
    ///
    /// # Errors
    /// Any [`FileRefused`]: a short file is looked at only now.
    pub fn finish(mut self) -> Result<SealedToReporter<S>, FileRefused> {
        if let Stage::Head { head, .. } = &self.stage {
            if head.is_empty() {
                return Err(FileRefused::Empty);
            }
            self.start()?;
        }
        let Stage::Sealing(sealing) = self.stage else { return Err(FileRefused::NotStored) };
        let sealing = *sealing;
        let label = Label {
            format: 1,
            report: self.place.report.to_string(),
            blob: self.place.blob.to_string(),
            name: self.name.to_string(),
            media_type: sealing.kind.media_type().into(),
            bytes: sealing.bytes,
        };
        // Unwrap safety: a struct of strings and numbers always serialises.
        let label = Zeroizing::new(serde_json::to_string(&label).unwrap());
        let out = sealing.age.finish().map_err(|_| FileRefused::NotStored)?;
        let (sealed, sink) = out.pad_and_end().map_err(|_| FileRefused::NotStored)?;
        Ok(SealedToReporter { sealed, label: seal(&label, &self.mailbox), sink })
    }

    /// Decides by the first bytes, and seals them.
    fn start(&mut self) -> Result<(), FileRefused> {
        let Stage::Head { head, sink } = std::mem::replace(&mut self.stage, Stage::Over) else {
            return Ok(());
        };
        let kind = sniff(&head);
        let max_bytes = (self.rules)(kind)?;
        let out = Chunks::begin(sink).map_err(|_| FileRefused::NotStored)?;
        let recipient = self.mailbox.recipient();
        // Unwrap safety: age refuses only an empty or mixed list of recipients.
        let encryptor =
            Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient)).unwrap();
        let age = encryptor.wrap_output(out).map_err(|_| FileRefused::NotStored)?;
        let mut sealing = Sealing { age, kind, bytes: 0, max_bytes };
        sealing.push(&head)?;
        self.stage = Stage::Sealing(Box::new(sealing));
        Ok(())
    }
}

impl<S: ChunkSink> Sealing<S> {
    fn push(&mut self, bytes: &[u8]) -> Result<(), FileRefused> {
        self.bytes += bytes.len() as u64;
        if self.bytes > self.max_bytes {
            return Err(FileRefused::TooLarge { max_bytes: self.max_bytes });
        }
        self.age.write_all(bytes).map_err(|_| FileRefused::NotStored)
    }
}

/// Opens a label with the key the receipt gives; it must be of this place.
///
/// # Errors
/// [`NotOpened`].
pub fn open_label(label: &SealedMessage, place: FilePlace, key: &AgeKey) -> Result<Label, NotOpened> {
    let text = open(label, key).map_err(|_| NotOpened::Sealed)?;
    let label: Label = serde_json::from_str(&text).map_err(|_| NotOpened::Sealed)?;
    if label.format != 1 {
        return Err(NotOpened::Sealed);
    }
    let here = label.report == place.report.to_string() && label.blob == place.blob.to_string();
    if here { Ok(label) } else { Err(NotOpened::WrongPlace) }
}

/// The file inside, read as it is opened, in constant memory. An error while reading means that it was changed.
pub struct OpenedFile<R: Read>(StreamReader<BufReader<Take<R>>>);

/// The age file alone, as `age --decrypt` reads it. `sealed` stands at the beginning of the sealed file.
///
/// # Errors
/// [`NotSealed::Version`], also where it cannot be read.
pub fn age_file<R: Read>(mut sealed: R, age_bytes: u64) -> Result<Take<R>, NotSealed> {
    crate::sealed_file::pass_prefix(&mut sealed)?;
    Ok(sealed.take(age_bytes))
}

/// Opens with the key the receipt gives, which is not needed any more afterwards. For the page without script.
///
/// # Errors
/// [`NotOpened::Sealed`].
pub fn open_file<R: Read>(sealed: R, age_bytes: u64, key: &AgeKey) -> Result<OpenedFile<R>, NotOpened> {
    let file = age_file(sealed, age_bytes).map_err(|_| NotOpened::Sealed)?;
    let decryptor = Decryptor::new_buffered(BufReader::new(file)).map_err(|_| NotOpened::Sealed)?;
    let opened = decryptor.decrypt(std::iter::once(key as &dyn age::Identity));
    opened.map(OpenedFile).map_err(|_| NotOpened::Sealed)
}

impl<R: Read> Read for OpenedFile<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ids::{BlobId, ReportId},
        receipt::Receipt,
        sealed_file::{CHUNK_BYTES, SinkRefused, age_bytes, padme},
    };
    use proptest::prelude::*;

    struct Shelf(Vec<u8>);

    impl ChunkSink for Shelf {
        fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
            self.0.extend_from_slice(bytes);
            Ok(())
        }
    }

    fn place() -> FilePlace {
        FilePlace { report: ReportId::from_bytes([1; 16]), blob: BlobId::from_bytes([2; 16]) }
    }

    fn rules(kind: FileKind) -> Result<u64, FileRefused> {
        match kind {
            FileKind::Pdf => Ok(300_000),
            FileKind::Jpeg => Err(FileRefused::Ending(kind)),
            _ => Err(FileRefused::KindNotTaken),
        }
    }

    fn sealed(
        file: &[u8],
        part: usize,
        name: &str,
        receipt: &Receipt,
    ) -> Result<(Vec<u8>, SealedMessage), FileRefused> {
        let mut sealing = FileToReporter::new(place(), &receipt.mailbox(), name, &rules, Shelf(Vec::new()))?;
        file.chunks(part).try_for_each(|part| sealing.push(part))?;
        let SealedToReporter { sealed, label, sink } = sealing.finish()?;
        assert_eq!(sealed.bytes, sink.0.len() as u64);
        Ok((sink.0, label))
    }

    fn opened(sealed: &[u8], receipt: &Receipt) -> Option<Vec<u8>> {
        let length = age_bytes(sealed, sealed.len() as u64).ok()?;
        let mut file = open_file(sealed, length, &receipt.mailbox_key()).ok()?;
        let mut out = Vec::new();
        file.read_to_end(&mut out).ok()?;
        Some(out)
    }

    fn pdf(length: usize) -> Vec<u8> {
        b"%PDF-1.7\n".iter().copied().chain((0..length).map(|n| (n * 7 % 251) as u8)).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn a_file_of_any_length_comes_back(
            length in prop_oneof![0..300usize, 4000..4200usize, 30_000..140_000usize, Just(65_536 - 9)],
            part in 1..100_000usize,
        ) {
            let receipt = Receipt::draw(&mut rand::rng());
            let (file, label) = sealed(&pdf(length), part, "决定书.pdf", &receipt).unwrap();
            prop_assert_eq!(padme(file.len() as u64), file.len() as u64);
            prop_assert!(file.len() >= CHUNK_BYTES);
            prop_assert_eq!(opened(&file, &receipt), Some(pdf(length)));
            let label = open_label(&label, place(), &receipt.mailbox_key()).unwrap();
            let said = (label.name(), label.media_type(), label.bytes());
            prop_assert_eq!(said, ("决定书.pdf".into(), "application/pdf", 9 + length as u64));
        }

        #[test]
        fn opening_anything_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(opened(&bytes, &Receipt::draw(&mut rand::rng())).is_none());
        }
    }

    #[test]
    fn the_receipt_opens_it_and_no_other_and_labels_are_of_one_length() {
        let (receipt, other) = (Receipt::draw(&mut rand::rng()), Receipt::draw(&mut rand::rng()));
        let (file, label) = sealed(&pdf(9), 99, "a.pdf", &receipt).unwrap();
        assert_eq!(opened(&file, &other), None);
        let refused = |place, key: &Receipt| open_label(&label, place, &key.mailbox_key()).err();
        assert_eq!(refused(place(), &other), Some(NotOpened::Sealed));
        let elsewhere = FilePlace { blob: BlobId::from_bytes([3; 16]), ..place() };
        assert_eq!(refused(elsewhere, &receipt), Some(NotOpened::WrongPlace));
        let elsewhere = FilePlace { report: ReportId::from_bytes([3; 16]), ..place() };
        assert_eq!(refused(elsewhere, &receipt), Some(NotOpened::WrongPlace));
        // The longest names.
        for name in ["a.pdf".to_owned(), "文".repeat(MAX_NAME_BYTES / 3)] {
            let (_, label) = sealed(&pdf(9), 99, &name, &receipt).unwrap();
            assert_eq!(label.as_bytes().len(), 4096, "{name}");
        }
        assert!(!file.windows(6).any(|w| w == b"%PDF-1"));
    }

    #[test]
    fn what_was_changed_does_not_open_whole() {
        let receipt = Receipt::draw(&mut rand::rng());
        let (file, _) = sealed(&pdf(70_000), 4096, "a.pdf", &receipt).unwrap();
        for at in [0, 1, 30, 2_000, file.len() - 1] {
            let mut changed = file.clone();
            changed[at] ^= 1;
            assert_eq!(opened(&changed, &receipt), None, "byte {at}");
        }
        assert_eq!(opened(&file[..file.len() - 1], &receipt), None);
    }

    #[test]
    fn what_policy_does_not_allow_is_refused_as_soon_as_it_shows() {
        let receipt = Receipt::draw(&mut rand::rng());
        let refused = |file: &[u8], name: &str| sealed(file, 1000, name, &receipt).err();
        assert_eq!(refused(b"", "a.pdf"), Some(FileRefused::Empty));
        assert_eq!(refused(b"MZ\x90\0", "a.pdf"), Some(FileRefused::KindNotTaken));
        assert_eq!(refused(b"\xFF\xD8\xFF", "a.pdf"), Some(FileRefused::Ending(FileKind::Jpeg)));
        assert_eq!(refused(&pdf(300_000), "a.pdf"), Some(FileRefused::TooLarge { max_bytes: 300_000 }));
        assert_eq!(refused(&pdf(299_991), "a.pdf"), None);
        assert_eq!(refused(&pdf(1), &"a".repeat(MAX_NAME_BYTES + 1)), Some(FileRefused::NameTooLong));
    }
}

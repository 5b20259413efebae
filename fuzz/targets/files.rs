//! Files, whole and by their beginning, and sealed ones by their frame.

use super::{LITTLE, for_text, held};
use mifeng::{
    age_header,
    cleartext::{
        clean::{CleanLimits, clean},
        files::{FilePlace, stored_bytes, unseal_file},
    },
    file_kind::{SNIFF_BYTES, sniff},
    file_name, fit,
    ids::{BlobId, ReportId},
    mailbox::file::open_file,
    receipt::Receipt,
    sealed_file::{Inspector, NotSealed, age_bytes},
};
use std::io::{Cursor, Read};

/// Small, so that a picture of few bytes can try to break them.
const LIMITS: CleanLimits = CleanLimits {
    max_side: 2048,
    max_pixels: 256 * 256,
    max_frames: 16,
    max_frame_pixels: 4 * 256 * 256,
    max_copy_bytes: 1 << 20,
};
/// What one picture within [`LIMITS`] may take while it is being cleaned: copy, decoders and encoders together.
const CLEANING: usize = 8 << 20;
/// The largest upload a sealed file may hold here.
const MOST_UPLOAD: u64 = 256 * 1024;

/// A picture, and the cleaned copy of it.
pub fn image(data: &[u8]) {
    // A decoder that gives up in panic is caught, and told like any other refusal.
    let Ok(copy) = held(CLEANING + 4 * data.len(), || clean(data, &LIMITS)) else { return };
    let pixels = u64::from(copy.width) * u64::from(copy.height);
    assert!(copy.bytes.len() <= LIMITS.max_copy_bytes && (1..=LIMITS.max_pixels).contains(&pixels));
    assert!(copy.width.max(copy.height) <= LIMITS.max_side);
    assert_eq!(sniff(&copy.bytes).media_type(), copy.media_type);
    let again = clean(&copy.bytes, &LIMITS).expect("a cleaned copy is a picture that can be cleaned");
    assert_eq!((again.width, again.height, again.media_type), (copy.width, copy.height, copy.media_type));
}

/// What a file is, and what it is called.
pub fn file_kind(data: &[u8]) {
    let kind = held(LITTLE, || sniff(data));
    assert_eq!(kind, sniff(&data[..data.len().min(SNIFF_BYTES)]), "the beginning decides");
    assert!(!kind.media_type().is_empty() && !kind.contradicts(kind.media_type()));
    let Ok(name) = std::str::from_utf8(data) else { return };
    kind.contradicts(name);
    let harmless = held(for_text(data), || file_name::harmless(name));
    assert!(
        !harmless.is_empty() && !harmless.starts_with('.') && harmless.trim() == harmless,
        "{harmless:?}"
    );
    assert!(!harmless.contains(['/', '\\', ':']) && !harmless.contains(char::is_control), "{harmless:?}");
    assert!(!harmless.contains(turns), "{harmless:?}");
    assert_eq!(file_name::harmless(&harmless), harmless, "harmless once is harmless");
    assert!(!file_name::ending(&harmless).contains('.'));
    let fit = fit::fit(name);
    assert!(!fit.contains(fit::acts) && fit::fit(&fit) == fit, "{fit:?}");
}

/// Marks that change the direction of what follows (Unicode, annex 9).
fn turns(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// The header of an age file; the first byte says to how many recipients.
pub fn age_header(data: &[u8]) {
    let Some((recipients, file)) = data.split_first() else { return };
    let recipients = usize::from(recipients % 4);
    let whole = held(LITTLE, || age_header::check(file, recipients, true));
    if whole.is_ok() {
        assert_eq!(age_header::check(file, recipients, false), Ok(()));
        assert!(age_header::check(file, recipients + 1, true).is_err());
        let more = [file, &[0xff; 100][..]].concat();
        assert_eq!(age_header::check(&more, recipients, true), Ok(()), "only the header is judged");
    }
}

/// A sealed file as it comes by. Even first byte: these are all its bytes; odd: these are the age file, framed well.
pub fn sealed_file(data: &[u8]) {
    let Some((mode, bytes)) = data.split_first() else { return };
    let piece = usize::from(*mode).max(1) * 16;
    let framed = (mode % 2 == 1).then(|| frame(bytes));
    let file = framed.as_deref().unwrap_or(bytes);
    let verdict = held(LITTLE, || judge(file, file.len().max(1)));
    assert_eq!(held(LITTLE, || judge(file, piece)), verdict, "however it is cut");
    let place = FilePlace { report: ReportId::from_bytes([1; 16]), blob: BlobId::from_bytes([2; 16]) };
    let key = Receipt::parse("1234 5678 9012 3456 7890 1234 5678 9039").expect("a receipt").mailbox_key();
    let length = age_bytes(file, file.len() as u64);
    if verdict.is_ok() {
        assert!(length.is_ok(), "what was let in can be read back");
    }
    if let Ok(length) = length {
        assert_eq!(stored_bytes(length), file.len() as u64);
        assert!(framed.is_none() || length == bytes.len() as u64);
        if let Ok(mut opened) = open_file(file, length, &key) {
            let _ = opened.read_to_end(&mut Vec::new());
        }
    }
    let opened = unseal_file(Cursor::new(file), &[key], place, std::io::sink());
    assert!(opened.is_err(), "nobody has sealed anything to this place");
}

fn judge(file: &[u8], piece: usize) -> Result<(), NotSealed> {
    let mut inspector = Inspector::new(MOST_UPLOAD);
    file.chunks(piece).try_for_each(|bytes| inspector.push(bytes))?;
    inspector.finish()
}

fn frame(age_file: &[u8]) -> Vec<u8> {
    let length = age_file.len() as u64;
    let mut file = [&[1, 1][..], age_file].concat();
    file.resize(stored_bytes(length) as usize - 8, 0);
    file.extend(length.to_be_bytes());
    file
}

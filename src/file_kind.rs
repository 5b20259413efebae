//! What a file is, by its first bytes. A name or a declared type is only somebody's word.

/// How much of a file's beginning [`sniff`] wants to see: enough to find the first entries of an office file.
pub const SNIFF_BYTES: usize = 4096;

/// A kind of file that people send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileKind {
    Jpeg,
    Png,
    WebP,
    Gif,
    Heic,
    Avif,
    Tiff,
    Bmp,
    Mp4,
    Mov,
    ThreeGp,
    Matroska,
    WebM,
    Avi,
    Wmv,
    Flv,
    Mpeg,
    Mp3,
    M4a,
    Aac,
    Amr,
    Wav,
    Ogg,
    Flac,
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    OpenDocument,
    /// Word, Excel, PowerPoint and WPS before they were zip files.
    OldOffice,
    Rtf,
    Text,
    Zip,
    Rar,
    SevenZip,
    Gzip,
    /// Something a machine would run: Windows, Linux, macOS and Android programs, scripts.
    Program,
    Unknown,
}

/// What a page calls a file, and what a size limit is set for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Image,
    Video,
    Audio,
    Document,
    Archive,
    Program,
    Unknown,
}

impl FileKind {
    /// Whether the cleaner of pictures takes it. All others stay sealed.
    pub fn is_cleanable(self) -> bool {
        use FileKind::*;
        matches!(self, Jpeg | Png | WebP | Gif)
    }

    pub fn family(self) -> Family {
        use FileKind::*;
        match self {
            Jpeg | Png | WebP | Gif | Heic | Avif | Tiff | Bmp => Family::Image,
            Mp4 | Mov | ThreeGp | Matroska | WebM | Avi | Wmv | Flv | Mpeg => Family::Video,
            Mp3 | M4a | Aac | Amr | Wav | Ogg | Flac => Family::Audio,
            Pdf | Docx | Xlsx | Pptx | OpenDocument | OldOffice | Rtf | Text => Family::Document,
            Zip | Rar | SevenZip | Gzip => Family::Archive,
            Program => Family::Program,
            Unknown => Family::Unknown,
        }
    }

    /// The registered media type, for policy and for the sealed header of the original.
    pub fn media_type(self) -> &'static str {
        use FileKind::*;
        match self {
            Jpeg => "image/jpeg",
            Png => "image/png",
            WebP => "image/webp",
            Gif => "image/gif",
            Heic => "image/heic",
            Avif => "image/avif",
            Tiff => "image/tiff",
            Bmp => "image/bmp",
            Mp4 => "video/mp4",
            Mov => "video/quicktime",
            ThreeGp => "video/3gpp",
            Matroska => "video/x-matroska",
            WebM => "video/webm",
            Avi => "video/x-msvideo",
            Wmv => "video/x-ms-wmv",
            Flv => "video/x-flv",
            Mpeg => "video/mpeg",
            Mp3 => "audio/mpeg",
            M4a => "audio/mp4",
            Aac => "audio/aac",
            Amr => "audio/amr",
            Wav => "audio/wav",
            Ogg => "audio/ogg",
            Flac => "audio/flac",
            Pdf => "application/pdf",
            Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            OpenDocument => "application/vnd.oasis.opendocument",
            OldOffice => "application/x-ole-storage",
            Rtf => "application/rtf",
            Text => "text/plain",
            Zip => "application/zip",
            Rar => "application/vnd.rar",
            SevenZip => "application/x-7z-compressed",
            Gzip => "application/gzip",
            Program | Unknown => "application/octet-stream",
        }
    }

    /// Whether a declared media type claims a picture, film or sound that this is not. A browser that says
    /// nothing (`application/octet-stream`) contradicts nothing; a JPEG called PNG is still a picture.
    pub fn contradicts(self, declared: &str) -> bool {
        let claimed_picture = match declared.split('/').next().map(str::trim) {
            Some(kind) if kind.eq_ignore_ascii_case("image") => true,
            Some(kind) if kind.eq_ignore_ascii_case("video") || kind.eq_ignore_ascii_case("audio") => false,
            _ => return false,
        };
        match self.family() {
            Family::Image => !claimed_picture,
            // Containers hold either; the first bytes do not tell.
            Family::Video | Family::Audio => claimed_picture,
            _ => true,
        }
    }
}

/// The kind of the file that begins with these bytes. Give up to [`SNIFF_BYTES`] of them; more are not read.
pub fn sniff(first_bytes: &[u8]) -> FileKind {
    let head = &first_bytes[..first_bytes.len().min(SNIFF_BYTES)];
    by_magic(head)
        .or_else(|| media_container(head))
        .or_else(|| zip(head))
        .or_else(|| text(head))
        .unwrap_or(FileKind::Unknown)
}

/// Fixed bytes at the very beginning. Order matters where one is a prefix of another.
const MAGIC: &[(&[u8], FileKind)] = &[
    (b"\xFF\xD8\xFF", FileKind::Jpeg),
    (b"\x89PNG\r\n\x1A\n", FileKind::Png),
    (b"GIF87a", FileKind::Gif),
    (b"GIF89a", FileKind::Gif),
    (b"II*\0", FileKind::Tiff),
    (b"MM\0*", FileKind::Tiff),
    (b"%PDF-", FileKind::Pdf),
    (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::OldOffice),
    (b"{\\rtf", FileKind::Rtf),
    (b"Rar!\x1A\x07", FileKind::Rar),
    (b"7z\xBC\xAF\x27\x1C", FileKind::SevenZip),
    (b"\x1F\x8B\x08", FileKind::Gzip),
    (b"#!AMR", FileKind::Amr),
    (b"OggS", FileKind::Ogg),
    (b"fLaC", FileKind::Flac),
    (b"ID3", FileKind::Mp3),
    (b"\xFF\xFB", FileKind::Mp3),
    (b"\xFF\xF3", FileKind::Mp3),
    (b"\xFF\xF2", FileKind::Mp3),
    (b"\xFF\xF1", FileKind::Aac),
    (b"\xFF\xF9", FileKind::Aac),
    (b"FLV\x01", FileKind::Flv),
    (b"\x30\x26\xB2\x75\x8E\x66\xCF\x11", FileKind::Wmv),
    (b"\0\0\x01\xBA", FileKind::Mpeg),
    (b"\0\0\x01\xB3", FileKind::Mpeg),
    (b"MZ", FileKind::Program),
    (b"\x7FELF", FileKind::Program),
    (b"\xCF\xFA\xED\xFE", FileKind::Program),
    (b"\xCA\xFE\xBA\xBE", FileKind::Program),
    (b"dex\n", FileKind::Program),
    (b"#!", FileKind::Program),
];

fn by_magic(head: &[u8]) -> Option<FileKind> {
    // "BM" alone is two letters of a text: a bitmap also has four zero bytes at 6.
    if head.starts_with(b"BM") && head.get(6..10) == Some(&[0; 4]) {
        return Some(FileKind::Bmp);
    }
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, kind)| *kind)
}

fn media_container(head: &[u8]) -> Option<FileKind> {
    let tag = |at: usize| head.get(at..at + 4);
    if tag(0)? == b"RIFF" {
        return match tag(8)? {
            b"WEBP" => Some(FileKind::WebP),
            b"WAVE" => Some(FileKind::Wav),
            b"AVI " => Some(FileKind::Avi),
            _ => None,
        };
    }
    if tag(0)? == b"\x1A\x45\xDF\xA3" {
        let doctype = &head[..head.len().min(64)];
        return Some(if contains(doctype, b"webm") { FileKind::WebM } else { FileKind::Matroska });
    }
    match tag(4)? {
        b"ftyp" => Some(match tag(8)? {
            b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"mif1" | b"msf1" => FileKind::Heic,
            b"avif" | b"avis" => FileKind::Avif,
            b"qt  " => FileKind::Mov,
            b"M4A " | b"M4B " => FileKind::M4a,
            brand if brand.starts_with(b"3g") => FileKind::ThreeGp,
            _ => FileKind::Mp4,
        }),
        b"moov" | b"mdat" | b"wide" => Some(FileKind::Mov),
        _ => None,
    }
}

/// Zip files are told apart by the names of their first entries: `"PK" 3 4 …26 bytes… name`.
fn zip(head: &[u8]) -> Option<FileKind> {
    if !head.starts_with(b"PK\x03\x04") {
        return None;
    }
    let names = (0..head.len())
        .filter(|at| head[*at..].starts_with(b"PK\x03\x04"))
        .filter_map(|at| head.get(at + 30..));
    for name in names {
        for (start, kind) in [
            (b"word/".as_slice(), FileKind::Docx),
            (b"xl/", FileKind::Xlsx),
            (b"ppt/", FileKind::Pptx),
            (b"mimetypeapplication/vnd.oasis.opendocument", FileKind::OpenDocument),
            (b"AndroidManifest.xml", FileKind::Program),
        ] {
            if name.starts_with(start) {
                return Some(kind);
            }
        }
    }
    Some(FileKind::Zip)
}

/// Text has no control characters but white space. UTF-8 and GB 18030 both pass; UTF-16 by its mark.
fn text(head: &[u8]) -> Option<FileKind> {
    let marked = head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF");
    let plain = |b: &u8| !matches!(b, 0..=8 | 0x0B | 0x0E..=0x1F | 0x7F | 0xFF);
    (!head.is_empty() && (marked || head.iter().all(plain))).then_some(FileKind::Text)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_by_content() {
        let zip_of = |names: &[&str]| {
            names.iter().fold(Vec::new(), |mut zip, name| {
                zip.extend_from_slice(b"PK\x03\x04");
                zip.extend_from_slice(&[0; 26]);
                zip.extend_from_slice(name.as_bytes());
                zip
            })
        };
        for (head, kind) in [
            (b"\xFF\xD8\xFF\xE1".to_vec(), FileKind::Jpeg),
            (b"RIFF\x10\0\0\0WEBPVP8 ".to_vec(), FileKind::WebP),
            (b"RIFF\x10\0\0\0WAVEfmt ".to_vec(), FileKind::Wav),
            (b"\0\0\0\x18ftypheic".to_vec(), FileKind::Heic),
            (b"\0\0\0\x14ftypqt  ".to_vec(), FileKind::Mov),
            (b"\0\0\0\x20ftypisom".to_vec(), FileKind::Mp4),
            (b"\0\0\0\x20ftyp3gp5".to_vec(), FileKind::ThreeGp),
            (b"%PDF-1.7".to_vec(), FileKind::Pdf),
            (zip_of(&["[Content_Types].xml", "_rels/.rels", "word/document.xml"]), FileKind::Docx),
            (zip_of(&["a.txt"]), FileKind::Zip),
            (b"MZ\x90\0".to_vec(), FileKind::Program),
            ("现场情况说明".as_bytes().to_vec(), FileKind::Text),
            (b"\xCF\xD6\xB3\xA1\xC7\xE9\xBF\xF6".to_vec(), FileKind::Text),
            (b"\0\0\0\0".to_vec(), FileKind::Unknown),
            (Vec::new(), FileKind::Unknown),
        ] {
            assert_eq!(sniff(&head), kind, "{head:?}");
        }
    }

    #[test]
    fn a_program_called_a_picture_is_a_contradiction() {
        assert!(sniff(b"MZ\x90\0").contradicts("image/jpeg"));
        assert!(sniff(b"\xFF\xD8\xFF\xE0").contradicts("video/mp4"));
        assert!(!sniff(b"\xFF\xD8\xFF\xE0").contradicts("image/png"));
        assert!(!sniff(b"MZ\x90\0").contradicts("application/octet-stream"));
    }
}

//! Strings to look for, in every spelling a program might leave them in.

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use std::{
    collections::BTreeSet,
    fs::File,
    io::Read,
    path::{Path, PathBuf},
};

/// What one string was looked for as; the label is told when it is found.
struct Needle {
    label: String,
    bytes: Vec<u8>,
}

/// All spellings of some strings, ready to be searched for in one pass.
#[derive(Default)]
pub struct Needles {
    needles: Vec<Needle>,
    /// Needles by their first two bytes.
    by_start: Vec<Vec<u32>>,
}

impl Needles {
    /// `strings`: what each is called, and what it says. Each must be long enough not to be found by chance.
    pub fn new<'a>(strings: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut needles: Vec<Needle> = Vec::new();
        for (name, text) in strings {
            for (encoding, bytes) in spellings(text) {
                if needles.iter().any(|known| known.bytes == bytes) {
                    continue;
                }
                assert!(bytes.len() >= 6, "{name} as {encoding} would be found by chance");
                needles.push(Needle { label: format!("{name} ({encoding})"), bytes });
            }
        }
        let mut by_start = vec![Vec::new(); 1 << 16];
        for (i, needle) in needles.iter().enumerate() {
            by_start[start(&needle.bytes)].push(i as u32);
        }
        Self { needles, by_start }
    }

    pub fn longest(&self) -> usize {
        self.needles.iter().map(|needle| needle.bytes.len()).max().unwrap_or(0)
    }

    /// Labels of what stands in `bytes`, with the place of the first.
    pub fn found_in(&self, bytes: &[u8]) -> BTreeSet<String> {
        self.places_in(bytes).into_iter().map(|(label, _)| label).collect()
    }

    pub fn places_in(&self, bytes: &[u8]) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        if bytes.len() < 2 {
            return found;
        }
        let mut key = usize::from(bytes[0]);
        let mut at = 1;
        while at < bytes.len() {
            key = (key << 8 | usize::from(bytes[at])) & 0xFFFF;
            let candidates = &self.by_start[key];
            if !candidates.is_empty() {
                for needle in candidates.iter().map(|i| &self.needles[*i as usize]) {
                    if bytes[at - 1..].starts_with(&needle.bytes) {
                        found.push((needle.label.clone(), at - 1));
                    }
                }
            }
            at += 1;
        }
        found
    }

    /// Searches every file below `folder`, and the names of the files. What is found, with where.
    pub fn found_below(&self, folder: &Path) -> Vec<(String, PathBuf)> {
        let mut found = Vec::new();
        let mut waiting = vec![folder.to_owned()];
        while let Some(path) = waiting.pop() {
            let labels = self.found_in(path.as_os_str().as_encoded_bytes());
            found.extend(labels.into_iter().map(|label| (label, path.clone())));
            let kind = std::fs::symlink_metadata(&path).unwrap().file_type();
            if kind.is_dir() {
                waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            } else if kind.is_file() {
                let mut bytes = Vec::new();
                File::open(&path).unwrap().read_to_end(&mut bytes).unwrap();
                found.extend(self.found_in(&bytes).into_iter().map(|label| (label, path.clone())));
            }
        }
        found
    }
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

/// Spellings that come out the same are named after the first.
fn spellings(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, bytes: Vec<u8>| {
        all.push((name, bytes));
    };
    let each = |write: &dyn Fn(u8) -> String| text.bytes().map(write).collect::<String>().into_bytes();
    add("UTF-8", text.into());
    add("hex", each(&|b| format!("{b:02x}")));
    add("HEX", each(&|b| format!("{b:02X}")));
    add(
        "percent, as browsers do",
        each(&|b| if b.is_ascii_alphanumeric() { char::from(b).into() } else { format!("%{b:02X}") }),
    );
    add("percent, every byte", each(&|b| format!("%{b:02X}")));
    add("percent, every byte, lower case", each(&|b| format!("%{b:02x}")));
    let units: Vec<u16> = text.encode_utf16().collect();
    add("UTF-16LE", units.iter().flat_map(|u| u.to_le_bytes()).collect());
    add("UTF-16BE", units.iter().flat_map(|u| u.to_be_bytes()).collect());
    add("UTF-32LE", text.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect());
    let escaped = |write: &dyn Fn(u16) -> String| {
        units
            .iter()
            .map(|u| if *u < 128 { char::from(*u as u8).into() } else { write(*u) })
            .collect::<String>()
    };
    add("JSON", escaped(&|u| format!("\\u{u:04x}")).into());
    add("JSON, upper case", escaped(&|u| format!("\\u{u:04X}")).into());
    let entities = |hex: bool| {
        let write = |c: char| match (c.is_ascii(), hex) {
            (true, _) => c.to_string(),
            (_, true) => format!("&#x{:x};", u32::from(c)),
            (_, false) => format!("&#{};", u32::from(c)),
        };
        text.chars().map(write).collect::<String>().into_bytes()
    };
    add("HTML, decimal", entities(false));
    add("HTML, hexadecimal", entities(true));
    for shift in 0..3 {
        let shifted = [vec![0; shift], text.as_bytes().to_vec()].concat();
        let code = BASE64_STANDARD_NO_PAD.encode(&shifted);
        // Only the digits that depend on the text alone.
        let (from, to) = ((shift * 8).div_ceil(6), shifted.len() * 8 / 6);
        add(["base64", "base64, shifted by 1", "base64, shifted by 2"][shift], code[from..to].into());
        let url = code[from..to].replace('+', "-").replace('/', "_");
        add(["base64url", "base64url, shifted by 1", "base64url, shifted by 2"][shift], url.into());
    }
    if text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        let in_fours: Vec<_> = text.as_bytes().chunks(4).map(|c| String::from_utf8_lossy(c)).collect();
        add("in fours", in_fours.join(" ").into());
        add("in fours, dashed", in_fours.join("-").into());
        add("in fours, plus signs", in_fours.join("+").into());
        add("in fours, as the receipt page has it", in_fours.join("</span> <span>").into());
        let spaced: Vec<_> = text.chars().map(String::from).collect();
        add("spaced", spaced.join(" ").into());
        if text.len() == 11 {
            add("as a phone number", format!("{} {} {}", &text[..3], &text[3..7], &text[7..]).into());
            add("as a phone number, dashed", format!("{}-{}-{}", &text[..3], &text[3..7], &text[7..]).into());
        }
        let wide: String = text.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xFEE0)).collect();
        add("full width", wide.into());
    }
    all
}

//! What a core dump of a running process would hold: every page it can write, read while it runs.

use super::Needles;
use std::{fs::File, os::unix::fs::FileExt};

/// Memory of one process at one moment.
pub struct Image {
    /// What `/proc/<pid>/maps` says of each, and its bytes.
    mappings: Vec<(String, Vec<u8>)>,
}

impl Image {
    /// Reads every private mapping that is readable: heap, stacks, data, and the program itself. A mapping that
    /// goes away while it is read is left out.
    pub fn of(pid: u32) -> Self {
        let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
        let memory = File::open(format!("/proc/{pid}/mem")).expect("the test may read its child's memory");
        let mut mappings = Vec::new();
        for line in maps.lines() {
            let mut words = line.split_whitespace();
            let (range, flags) = (words.next().unwrap(), words.next().unwrap());
            // The program's own text and constants cannot be written: nothing typed is there.
            let is_file = words.nth(2).is_some_and(|inode| inode != "0");
            let constant = is_file && !flags.contains('w');
            if !flags.starts_with('r') || !flags.ends_with('p') || constant || line.ends_with("[vvar]") {
                continue;
            }
            let (from, to) = range.split_once('-').unwrap();
            let at = |hex: &str| u64::from_str_radix(hex, 16).unwrap();
            let mut bytes = vec![0; usize::try_from(at(to) - at(from)).unwrap()];
            if memory.read_exact_at(&mut bytes, at(from)).is_ok() {
                mappings.push((line.to_owned(), bytes));
            }
        }
        assert!(mappings.iter().any(|(line, _)| line.ends_with("[heap]") || line.ends_with("[stack]")));
        Self { mappings }
    }

    pub fn len(&self) -> usize {
        self.mappings.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// What is found, with the bytes around it, so that whoever left it there can be found too.
    pub fn found(&self, needles: &Needles) -> Vec<String> {
        let mut found = Vec::new();
        for (line, bytes) in &self.mappings {
            for (label, at) in needles.places_in(bytes) {
                let around = &bytes[at.saturating_sub(200)..bytes.len().min(at + 300)];
                let shown: String = String::from_utf8_lossy(around)
                    .chars()
                    .map(|c| if c.is_control() || c == '\u{FFFD}' { '.' } else { c })
                    .collect();
                found.push(format!("{label} in {line} at {at:#x}: {shown}"));
            }
        }
        found
    }
}

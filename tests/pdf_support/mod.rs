//! Reads a PDF with other people's program (poppler's, which `scripts/tools.sh` installs), as a reader would.

use std::{io::Read, process::Command};

pub struct Pdf {
    file: tempfile::NamedTempFile,
    bytes: Vec<u8>,
}

impl Pdf {
    pub fn read(bytes: &[u8]) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Self { file, bytes: bytes.to_vec() }
    }

    fn said_by(&self, program: &str, arguments: &[&str], after: &[&str]) -> String {
        let mut command = Command::new(program);
        command.args(arguments).arg(self.file.path()).args(after);
        let output = command.output().unwrap_or_else(|_| panic!("{program}: apt-get install poppler-utils"));
        assert!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
        // Titles of headings come as they stand in the file, in UTF-16.
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Of all pages, line by line.
    pub fn text(&self) -> String {
        let text = self.said_by("pdftotext", &["-raw", "-nopgbrk", "-enc", "UTF-8"], &["-"]);
        text.lines().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    pub fn info(&self, name: &str) -> String {
        let all = self.said_by("pdfinfo", &["-rawdates"], &[]);
        let line = all.lines().find_map(|line| line.strip_prefix(&format!("{name}:"))).unwrap_or_default();
        line.trim().to_owned()
    }

    pub fn metadata(&self) -> String {
        self.said_by("pdfinfo", &["-meta"], &[])
    }

    pub fn language(&self) -> String {
        let metadata = self.metadata();
        let rest = metadata.split("<dc:language>").nth(1).unwrap_or_default();
        rest.split("<rdf:li>").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned()
    }

    /// Roles of the structure tree, in its order.
    pub fn tags(&self) -> Vec<String> {
        let tree = self.said_by("pdfinfo", &["-struct"], &[]);
        let roles =
            tree.lines().map(|line| line.trim().split([' ', '(', ':']).next().unwrap_or_default().to_owned());
        roles.filter(|role| !role.is_empty()).collect()
    }

    /// The same with the text in it: what a reading voice is given.
    pub fn read_aloud(&self) -> String {
        self.said_by("pdfinfo", &["-struct-text"], &[])
    }

    /// Text, tags, title, metadata, and every stream unpacked.
    pub fn everything(&self) -> String {
        let unpacked = String::from_utf8_lossy(&self.unpacked()).into_owned();
        [self.text(), self.read_aloud(), self.metadata(), self.said_by("pdfinfo", &[], &[]), unpacked]
            .concat()
    }

    /// The file, and after it what its packed streams hold.
    pub fn unpacked(&self) -> Vec<u8> {
        let mut all = self.bytes.clone();
        let starts = (0..self.bytes.len()).filter(|at| self.bytes[*at..].starts_with(b"stream\n"));
        for start in starts {
            // What is no packed stream ends at once, with an error or without.
            let mut stream = Vec::new();
            let _ = flate2::read::ZlibDecoder::new(&self.bytes[start + 7..]).read_to_end(&mut stream);
            all.extend(stream);
        }
        all
    }
}

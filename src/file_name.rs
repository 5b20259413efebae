//! Names of files, which are only somebody's word.

/// A name made harmless for a file system and for the eye: no folders, no control or direction-changing characters,
/// no leading dot, and never empty.
pub fn harmless(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: char| match c {
        ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c if c.is_control() || turns(c) => '_',
        c => c,
    };
    let name: String = last.chars().map(harmless).collect();
    match name.trim_start_matches(|c: char| c == '.' || c.is_whitespace()).trim_end() {
        "" => "file".into(),
        name => name.into(),
    }
}

/// Marks that change the direction of what follows (Unicode, annex 9).
fn turns(c: char) -> bool {
    matches!(c, '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// What stands after the last dot, in small letters; empty if there is none.
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_made_harmless() {
        for (given, safe) in [
            ("现场照片.jpg", "现场照片.jpg"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\me\\a.docx", "a.docx"),
            (".bashrc", "bashrc"),
            ("photo\u{202E}gpj.exe", "photo_gpj.exe"),
            ("a\0b\nc", "a_b_c"),
            ("..", "file"),
            (".. .bashrc", "bashrc"),
            ("photo\u{61C}gpj.exe", "photo_gpj.exe"),
            ("", "file"),
        ] {
            assert_eq!(harmless(given), safe);
        }
    }

    #[test]
    fn an_ending_is_what_a_device_would_go_by() {
        for (name, last) in [("决定书.PDF", "pdf"), ("a.pdf.exe", "exe"), ("none", ""), ("dot.", "")] {
            assert_eq!(ending(name), last);
        }
    }
}

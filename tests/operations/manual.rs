//! The manual's pages: what they link to is there, and what they quote is said.

use crate::operations_support::SOURCE;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// At night nobody looks for a page that has moved.
#[test]
fn every_link_of_the_documents_leads_to_a_page_and_a_heading() {
    let mut tried = 0;
    for page in pages(Path::new(SOURCE)) {
        let text = fs::read_to_string(&page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let to = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(to.exists(), "{}: {link}", page.display());
            let found =
                heading.is_empty() || anchors(&fs::read_to_string(to).unwrap()).any(|at| at == heading);
            assert!(found, "{}: {link}: no such heading", page.display());
            tried += 1;
        }
    }
    assert!(tried > 100, "{tried}");
    let index = fs::read_to_string(format!("{SOURCE}/docs/operations.md")).unwrap();
    for section in pages(&Path::new(SOURCE).join("docs/operations")) {
        let name = section.file_name().unwrap().to_str().unwrap();
        let number = name[..2].trim_start_matches('0');
        let listed = index.lines().any(|line| {
            line.starts_with(&format!("{number}. [")) && line.contains(&format!("](operations/{name})"))
        });
        assert!(listed, "section {number} is not in the index");
    }
}

/// What stands in a quotation of section 5 and not in our sources: put in as it is said, or said by others.
const NOT_OURS: [&str; 9] = [
    "too many people at once",
    "the store has not answered within 5 s",
    "Read-only file system",
    "corruption",
    "groups.kept is damaged",
    "the record objects/",
    ": no answer within 20 seconds",
    "chunks that no file names were not taken out:",
    "schema version 4294967295",
];

/// Who looks for a sentence at night finds it as it was said.
#[test]
fn what_the_section_on_trouble_quotes_is_what_the_program_says() {
    let mut ours = String::new();
    for (folder, ends) in [("src", ".rs"), ("messages", ".ftl"), ("web/src", ".ts")] {
        for file in files(&Path::new(SOURCE).join(folder), ends) {
            ours += &fs::read_to_string(file).unwrap();
        }
    }
    let page = fs::read_to_string(format!("{SOURCE}/docs/operations/05-when-something-breaks.md")).unwrap();
    let mut tried = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        let said = row.trim_start_matches("| ").split(" | ").next().unwrap();
        let quoted = said.split('"').skip(1).step_by(2).flat_map(|quoted| quoted.split('…'));
        for part in quoted.map(str::trim).filter(|part| part.len() > 6 && !NOT_OURS.contains(part)) {
            assert!(ours.contains(part), "nobody says {part:?}: {said}");
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

fn pages(folder: &Path) -> Vec<PathBuf> {
    files(folder, ".md")
}

/// Every file of ours in a folder whose name ends so.
fn files(folder: &Path, ends: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            let skipped = name.starts_with('.') || ["node_modules", "target", "documents"].contains(&name);
            if !skipped {
                found.extend(files(&path, ends));
            }
        } else if name.ends_with(ends) {
            found.push(path);
        }
    }
    found
}

/// The headings as they are linked to: in small letters, without signs, hyphens for spaces.
fn anchors(page: &str) -> impl Iterator<Item = String> + '_ {
    let plain = page.split("```").step_by(2).flat_map(str::lines);
    plain.filter(|line| line.starts_with('#')).map(|line| {
        let words = line.trim_start_matches('#').trim().to_lowercase();
        let kept = words.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
        kept.map(|c| if c == ' ' { '-' } else { c }).collect()
    })
}

//! `policy/documents/`: `documents.toml`, with title and number of each letter and what all of them share; and a template for
//! each in `zh/` and `en/`. Read once.

use super::{
    issued::DocumentKind,
    place::{Place, Texts},
    template::{Template, Words},
};
use crate::policy::{Lang, PolicyError, Source, Text};
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};
use toml::Spanned;

/// In the policy folder.
const FOLDER: &str = "documents";
const FILE: &str = "documents.toml";

/// What every letter has beside its own words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sheet {
    /// Whom it is to.
    pub salutation: Text,
    /// Small print at the end, a paragraph each.
    pub foot: Vec<Spanned<Text>>,
    /// Of the foot, where the font has no shape for a character; `{count}` and `{characters}` are filled in.
    pub missing: Spanned<Text>,
    /// At the end of each page; `{page}` and `{pages}` are filled in.
    pub page: Spanned<Text>,
}

/// How the reply names what was found.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Findings {
    pub confirmed: Text,
    pub partly: Text,
    pub not_confirmed: Text,
}

/// How the reply says whether the matter meets the conditions of a reward.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Conditions {
    pub met: Text,
    pub not_met: Text,
}

/// What a reply says to whoever reported a matter after somebody else: it was handled with the earlier report.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Joint {
    /// Instead of what else could be done.
    pub next: Text,
    /// Instead of [`Conditions::met`].
    pub met: Text,
}

/// What is said of what another office is given to read.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PassedOn {
    /// A text was made for it, and nothing that the check found was left in.
    pub checked: Text,
    /// The reporter's own words, as they are.
    pub as_written: Text,
}

/// How a letter is called, and its number: `{year}` and `{serial}` are the case's.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Form {
    pub title: Text,
    pub number: Spanned<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sheet: Sheet,
    finding: Findings,
    conditions: Conditions,
    joint: Joint,
    passed_on: PassedOn,
    letter: BTreeMap<Spanned<String>, Form>,
}

/// All that `policy/documents/` says.
pub(super) struct Forms {
    pub sheet: Sheet,
    pub finding: Findings,
    pub conditions: Conditions,
    pub joint: Joint,
    pub passed_on: PassedOn,
    pub letters: BTreeMap<DocumentKind, Form>,
    foot: BTreeMap<&'static str, Vec<Words>>,
    /// By name of the file without its ending.
    templates: BTreeMap<(&'static str, &'static str), Template>,
}

impl Forms {
    /// `None` where the policy has no such folder: then there are no letters.
    ///
    /// # Errors
    /// The first file that is missing, unknown or not what it should be, with its line.
    pub fn load(policy: &Path, rewards: bool) -> Result<Option<Self>, PolicyError> {
        if !policy.join(FOLDER).exists() {
            return Ok(None);
        }
        let source = Source::read(policy, &format!("{FOLDER}/{FILE}"))?;
        let File { sheet, finding, conditions, joint, passed_on, letter } = source.parse()?;
        let letters = letters(&source, letter, rewards)?;
        holes(&source, &sheet.page, &["{page}", "{pages}"])?;
        holes(&source, &sheet.missing, &["{count}", "{characters}"])?;
        let (mut templates, mut foot) = (BTreeMap::new(), BTreeMap::new());
        let mut expected = BTreeSet::from([FILE.to_owned()]);
        for (kind, lang) in letters.keys().flat_map(|kind| Lang::ALL.map(|lang| (*kind, lang))) {
            let small = sheet.foot.iter().map(|text| {
                let words = Words::parse(text.get_ref().get(lang), kind);
                words.map_err(|reason| source.refuse(&text.span(), reason))
            });
            foot.insert(lang.path(), small.collect::<Result<_, _>>()?);
            for name in kind.templates() {
                let path = format!("{}/{name}.md", lang.path());
                let template = Source::read(policy, &format!("{FOLDER}/{path}"))?;
                templates.insert((lang.path(), *name), Template::parse(&template, kind, lang)?);
                expected.insert(path);
            }
        }
        for folder in ["", "zh/", "en/"] {
            no_others(policy, folder, &expected)?;
        }
        Ok(Some(Self { sheet, finding, conditions, joint, passed_on, letters, foot, templates }))
    }

    /// `name`: one of the kind's templates; its kind is one of the letters.
    pub fn template(&self, lang: Lang, name: &'static str) -> Option<&Template> {
        self.templates.get(&(lang.path(), name))
    }

    /// The small print.
    pub fn foot(&self, lang: Lang, texts: &Texts) -> Vec<String> {
        self.foot.get(lang.path()).into_iter().flatten().filter_map(|words| words.fill(texts)).collect()
    }
}

fn letters(
    source: &Source,
    read: BTreeMap<Spanned<String>, Form>,
    rewards: bool,
) -> Result<BTreeMap<DocumentKind, Form>, PolicyError> {
    let mut letters = BTreeMap::new();
    for (code, form) in read {
        let possible = |kind: &DocumentKind| rewards || !kind.is_of_award();
        let Some(kind) = DocumentKind::parse(code.get_ref()).filter(possible) else {
            let known: Vec<_> =
                DocumentKind::ALL.into_iter().filter(possible).map(DocumentKind::code).collect();
            let reason = format!("unknown letter {}; there are {}", code.get_ref(), known.join(", "));
            return Err(source.refuse(&code.span(), reason));
        };
        holes(source, &form.number, &["{serial}"])?;
        letters.insert(kind, form);
    }
    Ok(letters)
}

/// Both languages name all of these.
fn holes(source: &Source, text: &Spanned<Text>, holes: &[&str]) -> Result<(), PolicyError> {
    for hole in holes {
        if !Lang::ALL.into_iter().all(|lang| text.get_ref().get(lang).contains(hole)) {
            return Err(source.refuse(&text.span(), format!("this needs {hole}, in both languages")));
        }
    }
    Ok(())
}

/// A template that no letter uses would be a letter somebody believes in.
fn no_others(policy: &Path, folder: &str, expected: &BTreeSet<String>) -> Result<(), PolicyError> {
    let refuse = |name: String, reason: String| PolicyError { file: name, line: 0, reason };
    let here = format!("{FOLDER}/{folder}");
    let unreadable = |cause: std::io::Error| refuse(here.clone(), format!("cannot be read: {cause}"));
    let Ok(entries) = fs::read_dir(policy.join(&here)) else { return Ok(()) };
    for entry in entries {
        let name = format!("{folder}{}", entry.map_err(unreadable)?.file_name().to_string_lossy());
        if !expected.contains(&name) && !(folder.is_empty() && (name == "zh" || name == "en")) {
            let reason = "no letter of documents.toml uses it".to_owned();
            return Err(refuse(format!("{FOLDER}/{name}"), reason));
        }
    }
    Ok(())
}

impl Place {
    /// In templates tried at start.
    pub(super) fn specimen(self) -> Vec<String> {
        let text = "a‘{}’#*|<b>\\ 〔2026〕 王\u{9fa2}𠮷".to_owned();
        if self.is_long() { vec![text.repeat(30); 6] } else { vec![text] }
    }
}

//! The words the holders' scripts say: why no share is given, why nothing is opened, what is asked of the officer.
//! They go into the page as a `<template>`; the script looks them up by key.

use super::Lang;

const ZH: &str = include_str!("../../messages/holders.zh.ftl");
const EN: &str = include_str!("../../messages/holders.en.ftl");
/// Of the file's keys, those that scripts look up by the rest of the key, or whole.
const SPOKEN: &str = "holder-say-";

/// Key and sentence, with `{name}` where the script fills in a value. Sentences stand on one line each.
pub fn holder_words(lang: Lang) -> Vec<(&'static str, String)> {
    let file = if lang == Lang::Zh { ZH } else { EN };
    let lines = file.lines().filter_map(|line| line.split_once(" = "));
    lines
        .filter_map(|(key, text)| {
            let said = key.starts_with("refused-") || key.starts_with("within-");
            let key = key.strip_prefix(SPOKEN).or(said.then_some(key))?;
            Some((key, text.replace("{ $", "{").replace(" }", "}")))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs};

    /// Every refusal that a holder's script can make has its words, and every word the script asks for is there.
    #[test]
    fn the_scripts_find_all_their_words() {
        let words: BTreeSet<_> = holder_words(Lang::En).into_iter().map(|(key, _)| key).collect();
        let zh: BTreeSet<_> = holder_words(Lang::Zh).into_iter().map(|(key, _)| key).collect();
        assert_eq!(words, zh);
        let source = |name: &str| fs::read_to_string(format!("web/src/{name}.ts")).unwrap();
        let mut asked = Vec::new();
        for (file, table) in [("log/refusals", "refused-"), ("holders/refusals", "refused-")] {
            let text = source(file);
            let table_text =
                text.split("const SENTENCES").nth(1).unwrap().split("} as const").next().unwrap();
            asked.extend(table_text.lines().filter_map(|line| {
                Some(format!("{table}{}", line.trim().strip_prefix('"')?.split_once("\": ")?.0))
            }));
        }
        for file in ["trustee", "office", "passkey"] {
            let text = source(&format!("holders/{file}"));
            asked
                .extend(text.split("word(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned()));
        }
        assert!(asked.len() > 60, "{asked:?}");
        let missing: Vec<_> = asked.iter().filter(|key| !words.contains(key.as_str())).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    /// The English sentences are those of the scripts, and so of the command-line tools.
    #[test]
    fn the_pages_refuse_in_the_tools_own_words() {
        let words = holder_words(Lang::En);
        let text = |name: &str| fs::read_to_string(format!("web/src/{name}.ts")).unwrap();
        let both = text("log/refusals") + &text("holders/refusals");
        let mut compared = 0;
        for (key, sentence) in words.iter().filter(|(key, _)| key.starts_with("refused-")) {
            let code = format!("\"{}\": \"", &key["refused-".len()..]);
            if let Some(rest) = both.split(&code).nth(1) {
                assert_eq!(rest.split("\",\n").next(), Some(sentence.as_str()), "{key}");
                compared += 1;
            }
        }
        assert!(compared > 50, "{compared}");
    }
}

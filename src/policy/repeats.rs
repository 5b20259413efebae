//! When an earlier case is offered as likely the same matter.

use super::source::{PolicyError, Source};
use serde::Deserialize;
use toml::Spanned;

/// `repeats.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepeatRules {
    /// Offered at most; 1 to 20.
    pub most: u8,
    /// Least share of letter pairs two names have in common, in percent; 1 to 100.
    pub similar_name: u8,
    /// Least share of runs of three characters two texts have in common, in percent; 1 to 100.
    pub similar_words: u8,
    /// Left out at the end of a company's name, as written.
    pub suffixes: Vec<String>,
}

impl RepeatRules {
    /// # Errors
    /// If something is missing, unknown or out of range, or a suffix is empty.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let file: File = source.parse()?;
        let within = |name: &str, value: &Spanned<u8>, most: u8| match value.get_ref() {
            found if (1..=most).contains(found) => Ok(*found),
            found => {
                Err(source.refuse(&value.span(), format!("expected {name} from 1 to {most}, found {found}")))
            }
        };
        if let Some(empty) = file.suffixes.iter().find(|suffix| suffix.get_ref().trim().is_empty()) {
            return Err(source.refuse(&empty.span(), "a suffix must not be empty"));
        }
        Ok(Self {
            most: within("most", &file.most, 20)?,
            similar_name: within("similar_name", &file.similar_name, 100)?,
            similar_words: within("similar_words", &file.similar_words, 100)?,
            suffixes: file.suffixes.into_iter().map(Spanned::into_inner).collect(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    most: Spanned<u8>,
    similar_name: Spanned<u8>,
    similar_words: Spanned<u8>,
    suffixes: Vec<Spanned<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RepeatRules, PolicyError> {
        RepeatRules::parse(&Source { file: "repeats.toml".into(), text: text.into() })
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_line() {
        let good = "most = 5\nsimilar_name = 40\nsimilar_words = 25\nsuffixes = [\"ltd\"]\n";
        assert!(parse(good).is_ok());
        for (find, replace, line) in [
            ("= 5", "= 0", 1),
            ("= 40", "= 101", 2),
            ("= 25", "= 0", 3),
            ("\"ltd\"", "\" \"", 4),
            ("most", "mots", 1),
        ] {
            assert_eq!(parse(&good.replacen(find, replace, 1)).unwrap_err().line, line, "{replace}");
        }
    }
}

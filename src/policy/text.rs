//! Words that come from policy, in the two languages of the service.

use serde::{Deserialize, Serialize};

/// The languages every page and every rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    Zh,
    En,
}

/// One text in both languages. Neither may be empty, hold control characters or begin or end with a space.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Text {
    pub zh: String,
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    zh: String,
    en: String,
}

/// Why a text was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadText {
    #[error("a text needs words in both zh and en")]
    Empty,
    #[error("a text must not begin or end with a space, or hold control characters")]
    Untidy,
}

impl Text {
    /// # Errors
    /// If either language is empty or untidy.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Result<Self, BadText> {
        let text = Self { zh: zh.into(), en: en.into() };
        for words in [&text.zh, &text.en] {
            if words.trim().is_empty() {
                return Err(BadText::Empty);
            }
            if words.trim() != words || words.chars().any(char::is_control) {
                return Err(BadText::Untidy);
            }
        }
        Ok(text)
    }

    /// The words in that language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl TryFrom<Unchecked> for Text {
    type Error = BadText;
    fn try_from(text: Unchecked) -> Result<Self, BadText> {
        Self::new(text.zh, text.en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_words_in_both_languages() {
        assert_eq!(Text::new("受理", "Accepted").unwrap().get(Lang::En), "Accepted");
        assert_eq!(Text::new("受理", " "), Err(BadText::Empty));
        assert_eq!(Text::new("受理\n", "Accepted"), Err(BadText::Untidy));
    }
}

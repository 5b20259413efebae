//! A rule file as it stands on disk, and how it is refused: file, line, reason.

use serde::de::DeserializeOwned;
use std::{fs, ops::Range, path::Path};

/// A rule file that was refused. Nothing of it is used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {reason}")]
pub struct PolicyError {
    /// Path below the policy folder, e.g. `rewards/national.toml`.
    pub file: String,
    /// Counted from 1; 0 if the file could not be read at all.
    pub line: usize,
    pub reason: String,
}

/// The text of a rule file and its name.
pub struct Source {
    pub file: String,
    pub text: String,
}

impl Source {
    /// # Errors
    /// If the file is missing, unreadable or not UTF-8.
    pub fn read(dir: &Path, file: &str) -> Result<Self, PolicyError> {
        let text = fs::read_to_string(dir.join(file)).map_err(|cause| PolicyError {
            file: file.to_owned(),
            line: 0,
            reason: format!("cannot be read: {cause}"),
        })?;
        Ok(Self { file: file.to_owned(), text })
    }

    /// # Errors
    /// If the text is not TOML or not what `T` allows.
    pub fn parse<T: DeserializeOwned>(&self) -> Result<T, PolicyError> {
        toml::from_str(&self.text)
            .map_err(|cause| self.refuse(&cause.span().unwrap_or(0..0), cause.message().to_owned()))
    }

    /// The refusal of what stands at `span` (bytes).
    pub fn refuse(&self, span: &Range<usize>, reason: impl Into<String>) -> PolicyError {
        let before = &self.text.as_bytes()[..span.start.min(self.text.len())];
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        PolicyError { file: self.file.clone(), line, reason: reason.into() }
    }

    /// The refusal of the file as a whole.
    pub fn refuse_whole(&self, reason: impl Into<String>) -> PolicyError {
        self.refuse(&(0..0), reason)
    }
}

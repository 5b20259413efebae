//! The structure of what a device sealed, as far as it can be seen from outside.

use crate::{
    age_header::{self, Odd},
    age_recipient,
    envelope::SealedReport,
    portal::visit::Visitor,
    recipients::RecipientSet,
};
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Why what came is not of the one shape all reports have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Misshapen {
    #[error("it is sealed to another recipient set")]
    OtherSet,
    #[error("there is not one share file for each trustee")]
    ShareFiles,
    #[error("a share file: {0}")]
    ShareFile(#[from] Odd),
    #[error("the padding of a share file is not zeros")]
    Padding,
    #[error("the files recipient is not an age recipient, or cannot be sealed to")]
    FilesRecipient,
}

/// What the script is told. The cause goes to the log: it says nothing of the reporter.
pub(super) fn refused(visitor: &Visitor, misshapen: Misshapen) -> Response {
    let (status, key) = match misshapen {
        Misshapen::OtherSet => (StatusCode::CONFLICT, "device-old-set"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "device-misshapen"),
    };
    tracing::warn!(%misshapen, "what a device sealed was refused");
    visitor.asked.notice(status, key).into_response()
}

/// Sizes and versions were checked when it was read; the envelope's inside is closed to us.
pub(super) fn check(sealed: &SealedReport, set: &RecipientSet) -> Result<(), Misshapen> {
    if sealed.set_number != set.number() {
        return Err(Misshapen::OtherSet);
    }
    if sealed.share_files.len() != set.trustees().len() {
        return Err(Misshapen::ShareFiles);
    }
    for file in &sealed.share_files {
        age_header::check(file.age_file().ok_or(Misshapen::Padding)?, 1, true)?;
    }
    if !is_recipient(&sealed.files_recipient) {
        return Err(Misshapen::FilesRecipient);
    }
    Ok(())
}

/// In exactly the spelling the age crate writes: one string a recipient, so that no two records of one differ.
pub(super) fn is_recipient(text: &str) -> bool {
    age_recipient::parse(text).is_some_and(|parsed| parsed.to_string() == text)
}

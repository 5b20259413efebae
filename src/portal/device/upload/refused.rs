//! Why a request about an upload was not answered, and what is said of it.

use super::room::NoPlace;
use crate::{
    policy::Attachments,
    portal::{PortalState, kept::NotKept},
    sealed_file::NotSealed,
    web::{Lang, problem},
};
use axum::{http::StatusCode, response::Response};

/// Why a request about an upload was not answered.
#[derive(Debug)]
pub(super) enum Not {
    SignedOut,
    Foreign,
    Unreadable,
    Unknown,
    TooMany,
    Busy,
    PieceTooLarge,
    /// The bytes do not follow those that are here: `at` of them.
    Offset {
        at: u64,
    },
    AlreadyKept,
    NotSealed(NotSealed),
    NotKept(NotKept),
}

impl From<NotKept> for Not {
    fn from(why: NotKept) -> Self {
        Self::NotKept(why)
    }
}

impl From<NoPlace> for Not {
    fn from(why: NoPlace) -> Self {
        match why {
            NoPlace::OfTheReport => Self::TooMany,
            NoPlace::AtAll => Self::Busy,
        }
    }
}

impl Not {
    pub(super) fn code(&self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::SignedOut => (S::GONE, "signed-out"),
            Self::Foreign => (S::GONE, "foreign-form"),
            Self::Unreadable => (S::BAD_REQUEST, "unreadable"),
            Self::Unknown => (S::NOT_FOUND, "unknown-upload"),
            Self::TooMany => (S::TOO_MANY_REQUESTS, "too-many-uploads"),
            Self::Busy => (S::SERVICE_UNAVAILABLE, "busy"),
            Self::PieceTooLarge => (S::PAYLOAD_TOO_LARGE, "piece-too-large"),
            Self::Offset { .. } => (S::CONFLICT, "offset"),
            Self::AlreadyKept => (S::CONFLICT, "kept"),
            Self::NotSealed(NotSealed::TooLarge) => (S::PAYLOAD_TOO_LARGE, "too-large"),
            Self::NotSealed(_) => (S::UNPROCESSABLE_ENTITY, "not-sealed"),
            Self::NotKept(NotKept::Full) => (S::CONFLICT, "full"),
            Self::NotKept(NotKept::TooBig { .. }) => (S::PAYLOAD_TOO_LARGE, "too-large"),
            Self::NotKept(NotKept::Store) => (S::INSUFFICIENT_STORAGE, "store"),
            Self::NotKept(NotKept::Broken) => (S::BAD_REQUEST, "broken"),
            Self::NotKept(_) => (S::UNPROCESSABLE_ENTITY, "picture"),
        }
    }

    fn sentence(&self, lang: Lang, attachments: &Attachments) -> String {
        match self {
            Self::SignedOut | Self::Foreign => lang.t("upload-signed-out"),
            Self::Unknown => lang.t("upload-unknown"),
            Self::TooMany | Self::Busy => lang.t("upload-busy"),
            Self::NotSealed(NotSealed::TooLarge) => {
                NotKept::TooBig { mb: attachments.most_bytes() >> 20 }.sentence(lang, attachments)
            }
            Self::Unreadable | Self::PieceTooLarge | Self::Offset { .. } | Self::NotSealed(_) => {
                lang.t("upload-misshapen")
            }
            Self::AlreadyKept => lang.t("files-added"),
            Self::NotKept(why) => why.sentence(lang, attachments),
        }
    }

    pub(super) fn answer(self, portal: &PortalState, lang: Lang) -> Response {
        if let Self::NotSealed(cause) = &self {
            // Our own page seals rightly; who sees this often has a broken or a hostile one among the visitors.
            tracing::warn!(%cause, "a device sent what is not sealed as ours is");
        }
        let (status, code) = self.code();
        let more = match self {
            Self::Offset { at } => vec![("at", at.into())],
            _ => vec![],
        };
        problem(lang, status, code, self.sentence(lang, &portal.policy.intake.attachments), &more)
    }
}

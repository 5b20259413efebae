//! A file becomes part of a report, or does not, or no longer: the same for what was sealed here and what a device
//! has sealed.

use super::{PortalState, refused_by_store};
use crate::{
    casework::{Actor, Case, CaseFile, Move, Rules, apply},
    ids::BlobId,
    policy::Attachments,
    receipt::{AuthHash, LocatorHash},
    store::{self, Found, Refused},
    web::{Lang, NotWhole},
};

/// Why a file was not kept; each has its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NotKept {
    NoFile,
    TooBig { mb: u64 },
    Type,
    Broken,
    Slow,
    Picture,
    Full,
    Crowded,
    Store,
}

impl NotKept {
    /// The cause goes to the log.
    pub fn by_store(refused: Refused) -> Self {
        refused_by_store(&refused);
        Self::Store
    }

    /// What happened and what to do.
    pub fn sentence(self, lang: Lang, attachments: &Attachments) -> String {
        match self {
            Self::NoFile => lang.t("files-error-none"),
            Self::TooBig { mb } => lang.t1("files-error-big", "mb", mb),
            Self::Type => {
                let endings = attachments.types.iter().filter_map(|t| t.endings.first());
                let endings: Vec<_> = endings.map(ToString::to_string).collect();
                lang.t1("files-error-type", "types", endings.join(if lang == Lang::Zh { "、" } else { ", " }))
            }
            Self::Broken => lang.t("files-error-broken"),
            Self::Slow => lang.t("files-error-slow"),
            Self::Picture => lang.t("files-error-picture"),
            Self::Full => lang.t("files-error-full"),
            Self::Crowded => lang.t("files-error-crowded"),
            Self::Store => lang.t("files-error-store"),
        }
    }
}

/// Takes a file out of the report and writes over what was stored of it. Waits for the disk: for a blocking task.
pub(super) fn detach(portal: &PortalState, found: &Found, original: BlobId) -> Result<(), Refused> {
    let (day, rules) = (portal.clock.today(), Rules::of(&portal.policy));
    let step = store::Step {
        expected_version: None,
        sealed: None,
        change: Box::new(move |dossier, _| {
            dossier.case = apply(&dossier.case, Move::Detach { original }, &Actor::Reporter, day, &rules)?;
            Ok(None)
        }),
    };
    portal.reports.act(found.report, step.by(found.receipt)).wait()?;
    // The report is without it already; what could not be written over is tried again at the next removal.
    if let Err(refused) = portal.reports.overwrite_removed() {
        refused_by_store(&refused);
    }
    Ok(())
}

impl From<NotWhole> for NotKept {
    fn from(not_whole: NotWhole) -> Self {
        match not_whole {
            NotWhole::Broken => Self::Broken,
            NotWhole::Slow => Self::Slow,
        }
    }
}

/// Makes a sealed original, and its copy if there is one, part of the report: one durable unit. Waits for the disk:
/// for a blocking task.
pub(super) fn attach(
    portal: &PortalState,
    receipt: (LocatorHash, AuthHash),
    uploads: Vec<store::Upload>,
    file: CaseFile,
) -> Result<Case, NotKept> {
    let (day, rules) = (file.day, Rules::of(&portal.policy));
    let step = store::Step {
        expected_version: None,
        sealed: None,
        change: Box::new(move |dossier, _| {
            dossier.case = apply(&dossier.case, Move::Attach { file }, &Actor::Reporter, day, &rules)?;
            Ok(None)
        }),
    };
    portal.reports.attach(uploads, step.by(receipt)).wait().map_err(|refused| match refused {
        Refused::Move(_) => NotKept::Full,
        refused => NotKept::by_store(refused),
    })
}

//! Why a step of a request is not taken.

use crate::{award::release::ReleaseRefused, casework::Permission, clock::Day, ids::StaffId};

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilesRefused {
    #[error("this cannot be done to a request that is {0}")]
    State(&'static str),
    #[error("the reporter may object until {0}")]
    TooEarly(Day),
    #[error("the request was good until {0}")]
    TooLate(Day),
    #[error("the reporter has objected: nothing is opened over that")]
    Objected,
    #[error(transparent)]
    Release(#[from] ReleaseRefused),
    #[error("the opening is for another request")]
    OtherRequest,
    #[error("the report has no envelope to open")]
    NoEnvelope,
    #[error("a reason is needed")]
    NoReason,
    #[error("{0} has put this copy in; another person must look at it")]
    SamePerson(StaffId),
    #[error("{by} has done {did:?} in this case; another person must do this")]
    ActsApart { by: StaffId, did: Permission },
    #[error("this person was asked about for another act")]
    OtherAct,
    #[error("there is no such copy, or it was looked at already")]
    NoSuchCopy,
    #[error("this copy hides nothing of the original, and what was said about it does not fit that")]
    HidesNothing,
    #[error("whoever says yes to a copy has opened it before")]
    Unseen,
    #[error("a request has at most {0} copies")]
    TooManyCopies(u8),
    #[error("the request, or what it froze, was altered")]
    Altered,
}

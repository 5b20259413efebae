//! What a move does to the requests for originals.

use super::{
    actor::{Actor, Permission},
    apply::MoveRefused,
    case::Case,
    deadlines::Rules,
    moves::Move,
    state::State::{self, MergedInto, NotAccepted, TransferredOut, Withdrawn},
};
use crate::{
    clock::Day,
    evidence::{FilesEnd, FilesRequest},
    ids::BlobId,
};

/// The requests as they are after the move; refused where the move does not fit them.
pub(super) fn after(
    mv: &Move,
    case: &Case,
    actor: &Actor,
    today: Day,
    rules: &Rules,
) -> Result<Vec<FilesRequest>, MoveRefused> {
    let mut requests = case.evidence.clone();
    match (mv, actor) {
        (Move::AskOriginal { request }, Actor::Staff { id, .. }) => {
            let terms = request.terms();
            if !case.files.iter().any(|file| file.original == terms.original) {
                return Err(MoveRefused::NoSuchFile);
            }
            let most = rules.evidence.most_requests;
            if requests.len() >= usize::from(most) {
                return Err(MoveRefused::TooManyRequests { most });
            }
            // One that has run out is ended first, by a step of its own, so that its end stands in the log.
            if requests.last().is_some_and(|last| !last.has_ended()) {
                return Err(MoveRefused::RequestUnderWay);
            }
            case.apart(id, Permission::Investigate, &rules.apart)?;
            let fits = (terms.case, terms.report, terms.asked) == (case.number, case.report, today)
                && usize::try_from(terms.request) == Ok(requests.len() + 1)
                && terms.object_until == rules.evidence.object.after(today)
                && terms.good_until == rules.evidence.good.after(today)
                && terms.asked_by == *id
                && **request == FilesRequest::ask(terms.clone(), request.told());
            if !fits {
                return Err(MoveRefused::RequestDoesNotFit);
            }
            requests.push((**request).clone());
        }
        (Move::ObjectOriginal { text }, _) => {
            let last = requests.last_mut().ok_or(MoveRefused::NoRequest)?;
            *last = last.object(text, today)?;
        }
        (Move::JoinCopy { blob, as_it_was }, Actor::Staff { id, .. }) => {
            let last = requests.last_mut().ok_or(MoveRefused::NoRequest)?;
            let second = case.apart(id, Permission::OpenPackage, &rules.apart)?;
            *last = last.join(*blob, &second, *as_it_was, today)?;
        }
        _ => {}
    }
    Ok(requests)
}

/// The reporter took the file back: nothing about it goes on, and no copy of it stays.
pub(super) fn take_back(case: &mut Case, original: BlobId, today: Day) {
    for request in case.evidence.iter_mut().filter(|request| request.terms().original == original) {
        *request = request.taken_back(FilesEnd::TakenBack, today);
    }
}

/// A case that leaves this office's hands takes no opening along.
pub(super) fn end_with(case: &mut Case, before: State, today: Day) {
    let why = match case.state {
        now if now == before => return,
        Withdrawn => FilesEnd::Withdrawn,
        NotAccepted | TransferredOut | MergedInto => FilesEnd::GivenUp,
        _ => return,
    };
    if let Some(last) = case.evidence.last_mut()
        && let Ok(ended) = last.end(why, "", None, today)
    {
        *last = ended;
    }
}

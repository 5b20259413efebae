//! The table of moves, and the one function that makes them.

use super::{
    actor::{Actor, Permission},
    case::{Case, Event, Who},
    checks,
    deadlines::{Deadlines, Rules},
    evidence,
    move_kind::MoveKind,
    moves::Move,
    record::record,
    state::State::{self, *},
};
use crate::{clock::Day, evidence::FilesRefused, ids::CaseNumber, policy::Code};

/// Why a move was not made. The case is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoveRefused {
    #[error("{mv:?} is not possible while the case is {state:?}")]
    NotFromHere { mv: MoveKind, state: State },
    #[error("this person's roles do not permit {0:?}")]
    NotPermitted(MoveKind),
    #[error("only the owner of the case may do this")]
    NotTheOwner,
    #[error("{0:?} is for the reporter")]
    ReporterOnly(MoveKind),
    #[error("{0:?} is for staff")]
    StaffOnly(MoveKind),
    #[error("a message to the reporter must be sealed, and one from the reporter is not")]
    Sealing,
    #[error("{0} is empty")]
    Missing(&'static str),
    #[error("{field} is longer than {most} characters")]
    TooLong { field: &'static str, most: u32 },
    #[error("the time to verify was already extended once")]
    AlreadyExtended,
    #[error("an extension is asked for and not answered yet")]
    ExtensionPending,
    #[error("no extension is asked for")]
    NoExtensionAsked,
    #[error("{0} is not a ground of the policy")]
    UnknownGround(Code),
    #[error("an extension is 1 to {most} days")]
    ExtensionDays { most: u32 },
    #[error("a report has at most {most} files, and its reporter is sent no more than that")]
    TooManyFiles { most: u8 },
    #[error("the last day to object was {0}")]
    ObjectionTooLate(Day),
    #[error("the last word is not the reporter's")]
    NothingUnread,
    #[error("no word of retaliation waits for an answer")]
    NothingToAnswer,
    #[error("no deletion is asked for")]
    NoDeletionAsked,
    #[error("a deletion is asked for and not decided yet, or was made")]
    DeletionAsked,
    #[error("this was objected to already")]
    AlreadyObjected,
    #[error("{0} cannot be merged with this case")]
    NotMergeable(CaseNumber),
    #[error("{0} is not the next in the order of this matter")]
    NotNext(CaseNumber),
    #[error("{0} is not an office of the policy")]
    UnknownOffice(Code),
    #[error("{0} is not a body that this case can be handed to")]
    UnknownBody(Code),
    #[error("a sheet says all that the case says, and is for somebody whom it can go to")]
    SheetDoesNotFit,
    #[error("handed over {most} times: the body above decides")]
    TooManyHandovers { most: u8 },
    #[error("this file is not part of the report")]
    NoSuchFile,
    #[error("nobody grants what they asked for or worked on")]
    OwnCase,
    #[error("staff entered this report, and its reporter has not drawn a receipt of their own yet")]
    AwaitsReporter,
    #[error("nobody has said that this reporter reported it before: a repeat is merged")]
    NotSameReporter,
    #[error("{0} is linked already, is not an earlier case, or one more would be too many")]
    NotLinkable(CaseNumber),
    #[error("the reporter's receipt is their own already")]
    OwnReceipt,
    #[error("an original is asked for already, and that has not ended")]
    RequestUnderWay,
    #[error("originals were asked for {most} times")]
    TooManyRequests { most: u8 },
    #[error("no original is asked for")]
    NoRequest,
    #[error("the request does not fit the case or the rules")]
    RequestDoesNotFit,
    #[error(transparent)]
    Files(#[from] FilesRefused),
}

/// Who may make a move.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    /// Staff with this permission.
    Staff(Permission),
    /// The owner of the case, with this permission.
    Owner(Permission),
    /// Somebody with this permission who has not worked on the case.
    Another(Permission),
    /// Staff who may open this case.
    Reader,
    /// Staff who may open this case and write to reporters.
    Writer,
    Reporter,
    /// Staff who may open this case and write to reporters, or the reporter.
    Either,
}

enum To {
    State(State),
    Stays,
    /// As [`To::Stays`], but a request for a supplement is thereby answered.
    Answers,
    /// To where the objection came from.
    Back,
    /// To where the matter is looked into anew: accepted if it never was, else verified again.
    Anew,
}

struct Line {
    mv: MoveKind,
    from: &'static [State],
    by: By,
    to: To,
}

const fn line(mv: MoveKind, from: &'static [State], by: By, to: To) -> Line {
    Line { mv, from, by, to }
}

const BEFORE_REPLY: &[State] = &[Submitted, SupplementRequested, Accepted, Assigned, Verifying, Concluded];
/// Reporter and staff can still write.
const TALKS: &[State] = &[
    Submitted,
    SupplementRequested,
    Accepted,
    Assigned,
    Verifying,
    Concluded,
    Replied,
    Objected,
    MergedInto,
];

/// The case has ended: staff write no more, unless the reporter suffers for it.
pub(super) const ENDED: &[State] = &[NotAccepted, Closed, TransferredOut, Withdrawn];

/// Somebody's to go on with: the matter, or the award that follows.
const OWNED: &[State] = &[Assigned, Verifying, Concluded, Replied, Closed, Objected, MergedInto];
/// Somebody is on it, or was: an original may be needed, in court also after the end.
const WORKED_ON: &[State] = &[Assigned, Verifying, Concluded, Replied, Objected, Closed];
/// Nothing was decided yet.
const UNDECIDED: &[State] = &[Submitted, SupplementRequested];
/// Accepted, and nothing found yet.
const TAKEN_UP: &[State] = &[Accepted, Assigned, Verifying];
/// Something was.
const DECIDED: &[State] = &[
    NotAccepted,
    Accepted,
    Assigned,
    Verifying,
    Concluded,
    Replied,
    Objected,
    Closed,
    MergedInto,
    TransferredOut,
    Withdrawn,
];

/// A case that another one can be merged into.
const LEADS: &[State] =
    &[Submitted, SupplementRequested, Accepted, Assigned, Verifying, Concluded, Replied, Closed];
/// A matter that was answered, by the case that answers for it or by one that took its award over.
const AFTER_REPLY: &[State] = &[Replied, Closed, MergedInto];

/// The law of the house (2018/19, 应急〔2023〕106号), a line a move. What has no line is refused.
const TABLE: &[Line] = &[
    line(MoveKind::Accept, &[Submitted], By::Staff(Permission::Admit), To::State(Accepted)),
    line(
        MoveKind::Decline,
        &[Submitted, SupplementRequested],
        By::Staff(Permission::Admit),
        To::State(NotAccepted),
    ),
    line(MoveKind::AskSupplement, &[Submitted], By::Staff(Permission::Admit), To::State(SupplementRequested)),
    line(MoveKind::Assign, &[Accepted], By::Staff(Permission::Assign), To::State(Assigned)),
    line(MoveKind::Assign, &[Assigned, Verifying], By::Staff(Permission::Assign), To::Stays),
    line(MoveKind::Reassign, OWNED, By::Staff(Permission::HandOver), To::Stays),
    line(MoveKind::Begin, &[Assigned], By::Owner(Permission::Investigate), To::State(Verifying)),
    line(MoveKind::Conclude, &[Verifying], By::Owner(Permission::Conclude), To::State(Concluded)),
    line(MoveKind::AskExtension, &[Verifying], By::Owner(Permission::Investigate), To::Stays),
    line(MoveKind::GrantExtension, &[Verifying], By::Another(Permission::GrantExtension), To::Stays),
    line(MoveKind::RefuseExtension, &[Verifying], By::Another(Permission::GrantExtension), To::Stays),
    line(MoveKind::Reply, &[Concluded], By::Owner(Permission::Reply), To::State(Replied)),
    line(MoveKind::Close, &[Replied], By::Owner(Permission::Close), To::State(Closed)),
    line(
        MoveKind::Transfer,
        &[Submitted, SupplementRequested, Accepted],
        By::Staff(Permission::Admit),
        To::State(TransferredOut),
    ),
    line(MoveKind::HandUp, UNDECIDED, By::Staff(Permission::Admit), To::Stays),
    line(MoveKind::HandUp, TAKEN_UP, By::Staff(Permission::Admit), To::State(Accepted)),
    line(MoveKind::HandDown, UNDECIDED, By::Staff(Permission::Admit), To::Stays),
    line(MoveKind::HandDown, TAKEN_UP, By::Staff(Permission::Admit), To::State(Accepted)),
    line(MoveKind::MakeSheet, UNDECIDED, By::Staff(Permission::Admit), To::Stays),
    line(MoveKind::MakeSheet, TAKEN_UP, By::Staff(Permission::Admit), To::Stays),
    line(MoveKind::MakeSheet, &[TransferredOut], By::Staff(Permission::Admit), To::Stays),
    line(
        MoveKind::Merge,
        &[Submitted, SupplementRequested, Accepted],
        By::Staff(Permission::Admit),
        To::State(MergedInto),
    ),
    line(MoveKind::Join, LEADS, By::Staff(Permission::Admit), To::Stays),
    line(MoveKind::Separate, &[MergedInto], By::Staff(Permission::Admit), To::State(Submitted)),
    line(MoveKind::PassOn, AFTER_REPLY, By::Owner(Permission::ComputeAward), To::Stays),
    line(MoveKind::TakeOver, AFTER_REPLY, By::Staff(Permission::ComputeAward), To::Stays),
    line(MoveKind::Uphold, &[Objected], By::Another(Permission::Review), To::Back),
    line(MoveKind::Overturn, &[Objected], By::Another(Permission::Review), To::Anew),
    line(MoveKind::AnswerRetaliation, &State::ALL, By::Staff(Permission::ProtectReporter), To::Stays),
    line(
        MoveKind::GrantDeletion,
        &[Accepted, Assigned, Verifying, Concluded, MergedInto],
        By::Another(Permission::DecideDeletion),
        To::State(Withdrawn),
    ),
    line(
        MoveKind::GrantDeletion,
        &[NotAccepted, Replied, Closed, TransferredOut, Withdrawn],
        By::Another(Permission::DecideDeletion),
        To::Stays,
    ),
    line(MoveKind::RefuseDeletion, DECIDED, By::Another(Permission::DecideDeletion), To::Stays),
    line(MoveKind::AskOriginal, WORKED_ON, By::Owner(Permission::Investigate), To::Stays),
    line(MoveKind::JoinCopy, &State::ALL, By::Staff(Permission::OpenPackage), To::Stays),
    line(MoveKind::ObjectOriginal, &State::ALL, By::Reporter, To::Stays),
    line(MoveKind::Say, TALKS, By::Either, To::Stays),
    line(MoveKind::Say, ENDED, By::Either, To::Stays),
    line(MoveKind::Note, &State::ALL, By::Reader, To::Stays),
    line(MoveKind::MarkRead, TALKS, By::Writer, To::Stays),
    line(MoveKind::Add, TALKS, By::Reporter, To::Answers),
    line(MoveKind::Attach, TALKS, By::Reporter, To::Stays),
    line(MoveKind::Detach, TALKS, By::Reporter, To::Stays),
    line(MoveKind::Object, &[NotAccepted, Replied, Closed], By::Reporter, To::State(Objected)),
    line(MoveKind::Retaliation, &State::ALL, By::Reporter, To::Stays),
    line(MoveKind::AskDeletion, UNDECIDED, By::Reporter, To::State(Withdrawn)),
    line(MoveKind::AskDeletion, DECIDED, By::Reporter, To::Stays),
    line(MoveKind::Withdraw, &[MergedInto], By::Reporter, To::State(Withdrawn)),
    line(MoveKind::Withdraw, BEFORE_REPLY, By::Reporter, To::State(Withdrawn)),
    line(MoveKind::Link, TALKS, By::Reporter, To::Stays),
    line(MoveKind::DrawReceipt, &State::ALL, By::Reporter, To::Stays),
];

/// Makes `mv`, or says why not. Nothing is stored; the caller compares versions when it stores the result.
pub fn apply(case: &Case, mv: Move, actor: &Actor, today: Day, rules: &Rules) -> Result<Case, MoveRefused> {
    let kind = mv.kind();
    let line = line_for(kind, case.state)?;
    permitted(line, case, actor)?;
    checks::sealing(&mv, actor)?;
    checks::texts(&mv, rules)?;
    checks::extension(&mv, case, rules)?;
    checks::objection(&mv, case, today)?;
    checks::merging(&mv, case)?;
    checks::handing(&mv, case, rules)?;
    checks::sheet(&mv, case, rules)?;
    checks::rights(kind, case)?;
    checks::receipt(kind, case, actor)?;
    checks::same_reporter(&mv, case, rules)?;
    let evidence = evidence::after(&mv, case, actor, today, rules)?;
    let files = match mv {
        Move::Attach { .. } => Some(case.files.len()),
        Move::Say { file: Some(_), .. } => Some(case.sent_files().count()),
        _ => None,
    };
    if files.is_some_and(|files| files >= usize::from(rules.files)) {
        return Err(MoveRefused::TooManyFiles { most: rules.files });
    }
    if let Move::Detach { original } = &mv
        && !case.files.iter().any(|file| file.original == *original)
    {
        return Err(MoveRefused::NoSuchFile);
    }

    let mut next = case.clone();
    next.version += 1;
    next.state = match line.to {
        To::State(state) => state,
        To::Answers if case.state == SupplementRequested => Submitted,
        To::Stays | To::Answers => case.state,
        To::Back => case.objections.last().map_or(case.state, |objection| objection.from),
        To::Anew if case.declined.is_some() => Accepted,
        To::Anew => Verifying,
    };
    let by = match actor {
        Actor::Reporter => Who::Reporter,
        Actor::Staff { id, .. } => Who::Staff(id.clone()),
    };
    next.evidence = evidence;
    let (reason, told) = record(&mut next, mv, &by, case.state, today, rules);
    evidence::end_with(&mut next, case.state, today);
    let until = set_by(kind, &next.deadlines);
    next.history.push(Event { day: today, by, what: kind, state: next.state, reason, told, until });
    Ok(next)
}

/// Of the clocks as they run now, the one that this move has set.
fn set_by(mv: MoveKind, clocks: &Deadlines) -> Option<Day> {
    match mv {
        MoveKind::Accept | MoveKind::GrantExtension | MoveKind::Overturn => clocks.conclude_by,
        MoveKind::AskSupplement => clocks.supplement_by,
        MoveKind::Decline | MoveKind::Reply => clocks.objection_by,
        MoveKind::Separate => clocks.accept_by,
        _ => None,
    }
}

/// The moves this person could make now, in the order of the table. Texts are not looked at.
pub fn allowed(case: &Case, actor: &Actor) -> Vec<MoveKind> {
    let mut kinds: Vec<MoveKind> = TABLE
        .iter()
        .filter(|line| line.from.contains(&case.state) && permitted(line, case, actor).is_ok())
        .map(|line| line.mv)
        .collect();
    let asked = case.extension.as_ref().is_some_and(|e| e.granted_by.is_none());
    kinds.retain(|kind| match kind {
        MoveKind::AskExtension => case.extension.is_none(),
        MoveKind::GrantExtension | MoveKind::RefuseExtension => asked,
        MoveKind::Object => !case.is_objected_to(),
        MoveKind::Separate => case.conclusion.is_none(),
        // Made with the other case, from its page; or with all cases of one person, from that person's.
        MoveKind::Reassign | MoveKind::Join | MoveKind::PassOn | MoveKind::TakeOver => false,
        MoveKind::MakeSheet => case.erased.is_none(),
        MoveKind::AskOriginal => !case.files.is_empty() && case.erased.is_none(),
        MoveKind::ObjectOriginal => case.asked_original().is_some(),
        // From the office's pages.
        MoveKind::JoinCopy => false,
        MoveKind::Merge => case.merged.is_empty(),
        kind => checks::rights(*kind, case).is_ok(),
    });
    kinds.retain(|kind| checks::receipt(*kind, case, actor).is_ok());
    kinds
}

/// What a move takes of staff, by its lines.
pub(super) fn needs(mv: MoveKind) -> impl Iterator<Item = Permission> {
    TABLE.iter().filter(move |line| line.mv == mv).filter_map(|line| match line.by {
        By::Staff(needed) | By::Owner(needed) | By::Another(needed) => Some(needed),
        By::Reader | By::Writer | By::Reporter | By::Either => None,
    })
}

fn line_for(mv: MoveKind, state: State) -> Result<&'static Line, MoveRefused> {
    let mut lines = TABLE.iter().filter(|line| line.mv == mv);
    lines.find(|line| line.from.contains(&state)).ok_or(MoveRefused::NotFromHere { mv, state })
}

fn permitted(line: &Line, case: &Case, actor: &Actor) -> Result<(), MoveRefused> {
    let Actor::Staff { id, .. } = actor else {
        return match line.by {
            By::Reporter | By::Either => Ok(()),
            _ => Err(MoveRefused::StaffOnly(line.mv)),
        };
    };
    let permitted = match line.by {
        By::Reporter => return Err(MoveRefused::ReporterOnly(line.mv)),
        By::Staff(needed) | By::Owner(needed) | By::Another(needed) => actor.may(needed),
        By::Reader => actor.may_read(case.owner.as_ref()),
        By::Either | By::Writer => {
            actor.may_read(case.owner.as_ref()) && actor.may(Permission::WriteReporter)
        }
    };
    match line.by {
        _ if !permitted => Err(MoveRefused::NotPermitted(line.mv)),
        By::Owner(_) if case.owner.as_ref() != Some(id) => Err(MoveRefused::NotTheOwner),
        By::Another(_) if case.worked_on().contains(id) => Err(MoveRefused::OwnCase),
        _ => Ok(()),
    }
}

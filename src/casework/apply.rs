//! The table of moves, and the one function that makes them.

use super::{
    actor::{Actor, Permission},
    case::{Case, Event, Extension, MessageText, Who},
    deadlines::Rules,
    moves::{Move, MoveKind},
    record::record,
    state::State::{self, *},
};
use crate::{
    clock::Day,
    ids::CaseNumber,
    policy::{Code, LengthProblem},
};

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
    #[error("this file is not part of the report")]
    NoSuchFile,
    #[error("nobody grants what they asked for or worked on")]
    OwnCase,
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
const ENDED: &[State] = &[NotAccepted, Closed, TransferredOut, Withdrawn];

/// Nothing was decided yet.
const UNDECIDED: &[State] = &[Submitted, SupplementRequested];
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
    line(
        MoveKind::Merge,
        &[Submitted, SupplementRequested, Accepted],
        By::Staff(Permission::Admit),
        To::State(MergedInto),
    ),
    line(MoveKind::Join, LEADS, By::Staff(Permission::Admit), To::Stays),
    line(MoveKind::Separate, &[MergedInto], By::Staff(Permission::Admit), To::State(Submitted)),
    line(MoveKind::PassOn, AFTER_REPLY, By::Owner(Permission::ComputeAward), To::Stays),
    line(MoveKind::TakeOver, &[MergedInto], By::Staff(Permission::ComputeAward), To::Stays),
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
    line(MoveKind::Say, TALKS, By::Either, To::Stays),
    line(MoveKind::Say, ENDED, By::Either, To::Stays),
    line(MoveKind::Note, &State::ALL, By::Reader, To::Stays),
    line(MoveKind::Add, TALKS, By::Reporter, To::Answers),
    line(MoveKind::Attach, TALKS, By::Reporter, To::Stays),
    line(MoveKind::Detach, TALKS, By::Reporter, To::Stays),
    line(MoveKind::Object, &[NotAccepted, Replied, Closed], By::Reporter, To::State(Objected)),
    line(MoveKind::Retaliation, &State::ALL, By::Reporter, To::Stays),
    line(MoveKind::AskDeletion, UNDECIDED, By::Reporter, To::State(Withdrawn)),
    line(MoveKind::AskDeletion, DECIDED, By::Reporter, To::Stays),
    line(MoveKind::Withdraw, &[MergedInto], By::Reporter, To::State(Withdrawn)),
    line(MoveKind::Withdraw, BEFORE_REPLY, By::Reporter, To::State(Withdrawn)),
];

/// Makes `mv`, or says why not. Nothing is stored; the caller compares versions when it stores the result.
pub fn apply(case: &Case, mv: Move, actor: &Actor, today: Day, rules: &Rules) -> Result<Case, MoveRefused> {
    let kind = mv.kind();
    let line = line_for(kind, case.state)?;
    permitted(line, case, actor)?;
    check_sealing(&mv, actor)?;
    check_texts(&mv, rules)?;
    check_extension(&mv, case, rules)?;
    check_objection(&mv, case, today)?;
    check_merging(&mv, case)?;
    check_rights(kind, case)?;
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
    let (reason, told) = record(&mut next, mv, &by, case.state, today, rules);
    next.history.push(Event { day: today, by, what: kind, state: next.state, reason, told });
    Ok(next)
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
        // Made with the other case, from its page.
        MoveKind::Join | MoveKind::PassOn | MoveKind::TakeOver => false,
        MoveKind::Merge => case.merged.is_empty(),
        kind => check_rights(*kind, case).is_ok(),
    });
    kinds
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
        By::Either => actor.may_read(case.owner.as_ref()) && actor.may(Permission::WriteReporter),
    };
    match line.by {
        _ if !permitted => Err(MoveRefused::NotPermitted(line.mv)),
        By::Owner(_) if case.owner.as_ref() != Some(id) => Err(MoveRefused::NotTheOwner),
        By::Another(_) if case.worked_on().contains(id) => Err(MoveRefused::OwnCase),
        _ => Ok(()),
    }
}

/// The store never holds in clear what staff write to a reporter.
fn check_sealing(mv: &Move, actor: &Actor) -> Result<(), MoveRefused> {
    match (mv, actor) {
        (
            Move::Say { text: MessageText::Clear(_), .. }
            | Move::AnswerRetaliation { answer: MessageText::Clear(_), .. },
            Actor::Staff { .. },
        )
        | (
            Move::Say { text: MessageText::Sealed(_), .. } | Move::Say { file: Some(_), .. },
            Actor::Reporter,
        ) => Err(MoveRefused::Sealing),
        _ => Ok(()),
    }
}

fn check_texts(mv: &Move, rules: &Rules) -> Result<(), MoveRefused> {
    if let Move::Decline { ground, .. } = mv
        && !rules.grounds.contains(ground)
    {
        return Err(MoveRefused::UnknownGround(ground.clone()));
    }
    if let Move::Transfer { office, .. } = mv
        && !rules.offices.contains(office)
    {
        return Err(MoveRefused::UnknownOffice(office.clone()));
    }
    for (field, text) in mv.texts() {
        if text.trim().is_empty() {
            return Err(MoveRefused::Missing(field));
        }
        if let Err(LengthProblem::Long { most, .. }) = rules.text.check(text) {
            return Err(MoveRefused::TooLong { field, most });
        }
    }
    Ok(())
}

/// Once, in time, and again only against a new decision.
fn check_objection(mv: &Move, case: &Case, today: Day) -> Result<(), MoveRefused> {
    match (mv, case.deadlines.objection_by) {
        (Move::Object { .. }, _) if case.is_objected_to() => Err(MoveRefused::AlreadyObjected),
        (Move::Object { .. }, Some(by)) if today > by => Err(MoveRefused::ObjectionTooLate(by)),
        _ => Ok(()),
    }
}

/// No case is merged with itself, twice, or while others are merged into it.
fn check_merging(mv: &Move, case: &Case) -> Result<(), MoveRefused> {
    match mv {
        Move::Merge { into, .. } if *into >= case.number || !case.merged.is_empty() => {
            Err(MoveRefused::NotMergeable(*into))
        }
        Move::Join { case: other } if *other <= case.number || case.merged.contains(other) => {
            Err(MoveRefused::NotMergeable(*other))
        }
        Move::PassOn { to } if case.passed_to.is_some() || *to == case.number => {
            Err(MoveRefused::NotNext(*to))
        }
        Move::TakeOver { .. } if case.conclusion.is_some() => Err(MoveRefused::NotNext(case.number)),
        // Its award is on its way.
        Move::Separate { .. } | Move::Withdraw | Move::GrantDeletion { .. }
            if case.merged_into.is_some() && case.conclusion.is_some() =>
        {
            Err(MoveRefused::NotFromHere { mv: mv.kind(), state: case.state })
        }
        _ => Ok(()),
    }
}

fn check_rights(mv: MoveKind, case: &Case) -> Result<(), MoveRefused> {
    let asked = case.open_deletion().is_some();
    let is_open = case.open_retaliation().is_some();
    match mv {
        MoveKind::AnswerRetaliation if !is_open => Err(MoveRefused::NothingToAnswer),
        MoveKind::GrantDeletion | MoveKind::RefuseDeletion if !asked => Err(MoveRefused::NoDeletionAsked),
        MoveKind::AskDeletion if asked || case.erased.is_some() => Err(MoveRefused::DeletionAsked),
        MoveKind::Say if !is_open && ENDED.contains(&case.state) => {
            Err(MoveRefused::NotFromHere { mv, state: case.state })
        }
        _ => Ok(()),
    }
}

fn check_extension(mv: &Move, case: &Case, rules: &Rules) -> Result<(), MoveRefused> {
    let asked = case.extension.as_ref();
    match (mv, asked) {
        (Move::AskExtension { .. }, Some(Extension { granted_by: Some(_), .. })) => {
            Err(MoveRefused::AlreadyExtended)
        }
        (Move::AskExtension { .. }, Some(_)) => Err(MoveRefused::ExtensionPending),
        (Move::AskExtension { days, .. }, None) if *days > rules.extend => {
            Err(MoveRefused::ExtensionDays { most: rules.extend.count() })
        }
        (Move::GrantExtension { .. } | Move::RefuseExtension { .. }, asked)
            if asked.is_none_or(|e| e.granted_by.is_some()) =>
        {
            Err(MoveRefused::NoExtensionAsked)
        }
        _ => Ok(()),
    }
}

//! What a move must be beside possible and permitted.

use super::{
    actor::Actor,
    apply::{ENDED, MoveRefused},
    case::{Case, Extension, MessageText},
    deadlines::Rules,
    move_kind::MoveKind,
    moves::Move,
    sheet::Recipient,
    summary::LastWord,
};
use crate::{
    clock::Day,
    policy::{Body, Code, LengthProblem},
    scrub::Piece,
};

/// The store never holds in clear what staff write to a reporter.
pub(super) fn sealing(mv: &Move, actor: &Actor) -> Result<(), MoveRefused> {
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

pub(super) fn texts(mv: &Move, rules: &Rules) -> Result<(), MoveRefused> {
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
pub(super) fn objection(mv: &Move, case: &Case, today: Day) -> Result<(), MoveRefused> {
    match (mv, case.deadlines.objection_by) {
        (Move::Object { .. }, _) if case.is_objected_to() => Err(MoveRefused::AlreadyObjected),
        (Move::Object { .. }, Some(by)) if today > by => Err(MoveRefused::ObjectionTooLate(by)),
        _ => Ok(()),
    }
}

/// No case is merged with itself, twice, or while others are merged into it.
pub(super) fn merging(mv: &Move, case: &Case) -> Result<(), MoveRefused> {
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
        // Once; the case that answers for the matter only after others who come before.
        Move::TakeOver { .. } if !may_take_over(case) => Err(MoveRefused::NotNext(case.number)),
        // Its award is on its way.
        Move::Separate { .. } | Move::Withdraw | Move::GrantDeletion { .. }
            if case.merged_into.is_some() && case.conclusion.is_some() =>
        {
            Err(MoveRefused::NotFromHere { mv: mv.kind(), state: case.state })
        }
        _ => Ok(()),
    }
}

fn may_take_over(case: &Case) -> bool {
    match case.merged_into {
        Some(_) => case.conclusion.is_none(),
        None => case.passed_to.is_some(),
    }
}

/// Up and down the tree of bodies, so often and no more; after that only to the next body above, which decides.
pub(super) fn handing(mv: &Move, case: &Case, rules: &Rules) -> Result<(), MoveRefused> {
    let (bodies, now) = (&*rules.bodies, case.handled_by(&rules.bodies));
    let is_over = case.handovers.len() >= usize::from(rules.transfers);
    let fits = |code: &Code, fits: &dyn Fn(&Body) -> bool| match bodies.get(code.as_str()) {
        Some(body) if fits(body) => Ok(()),
        _ => Err(MoveRefused::UnknownBody(code.clone())),
    };
    match mv {
        Move::HandUp { body, .. } if is_over => fits(body, &|to| bodies.above(now).next() == Some(to)),
        Move::HandUp { body, .. } => fits(body, &|to| bodies.is_above(to, now)),
        Move::HandDown { .. } if is_over => Err(MoveRefused::TooManyHandovers { most: rules.transfers }),
        Move::HandDown { body, .. } => fits(body, &|to| bodies.is_above(now, to)),
        _ => Ok(()),
    }
}

/// Part by part what the reporter wrote, less what was taken out; for the department it went to, or one it may still go to.
pub(super) fn sheet(mv: &Move, case: &Case, rules: &Rules) -> Result<(), MoveRefused> {
    let Move::MakeSheet { to, parts, .. } = mv else { return Ok(()) };
    let may_go = match (to, &case.transferred) {
        (Recipient::Office(office), Some(gone)) => gone.office == *office,
        (Recipient::Office(office), None) => rules.offices.contains(office),
        (Recipient::Body(_), Some(_)) => false,
        (Recipient::Body(body), None) => {
            let now = case.handled_by(&rules.bodies);
            let to = rules.bodies.get(body.as_str());
            to.is_some_and(|to| rules.bodies.is_above(to, now) || rules.bodies.is_above(now, to))
        }
    };
    let words = case.own_words();
    let is_whole = !words.is_empty()
        && words.len() == parts.len()
        && words
            .iter()
            .zip(parts)
            .all(|((part, text), made)| made.part == *part && is_cut_from(&made.pieces, text));
    if may_go && is_whole { Ok(()) } else { Err(MoveRefused::SheetDoesNotFit) }
}

/// Whether these are the text with something left out, and nothing put in.
fn is_cut_from(pieces: &[Piece], text: &str) -> bool {
    let (mut rest, mut is_open) = (text, false);
    for (i, piece) in pieces.iter().enumerate() {
        let Piece::Kept(kept) = piece else {
            is_open = true;
            continue;
        };
        let after = match is_open {
            false => rest.strip_prefix(kept.as_str()),
            true if i + 1 == pieces.len() => return rest.ends_with(kept.as_str()),
            true => rest.split_once(kept.as_str()).map(|(_, after)| after),
        };
        let Some(after) = after else { return false };
        (rest, is_open) = (after, false);
    }
    is_open || rest.is_empty()
}

pub(super) fn rights(mv: MoveKind, case: &Case) -> Result<(), MoveRefused> {
    let asked = case.open_deletion().is_some();
    let is_open = case.open_retaliation().is_some();
    match mv {
        MoveKind::Reassign if case.owner.is_none() => Err(MoveRefused::NotFromHere { mv, state: case.state }),
        MoveKind::AnswerRetaliation if !is_open => Err(MoveRefused::NothingToAnswer),
        MoveKind::MarkRead if case.last_word() != LastWord::Reporter => Err(MoveRefused::NothingUnread),
        MoveKind::GrantDeletion | MoveKind::RefuseDeletion if !asked => Err(MoveRefused::NoDeletionAsked),
        MoveKind::AskDeletion if asked || !case.can_be_erased() => Err(MoveRefused::DeletionAsked),
        MoveKind::Say if !is_open && ENDED.contains(&case.state) => {
            Err(MoveRefused::NotFromHere { mv, state: case.state })
        }
        _ => Ok(()),
    }
}

/// While staff know the only receipt, nobody acts with it but to draw another, and nothing is sealed to it. Files that
/// came with the report are added by whoever enters it, who also takes it back if the receipt was lost unwritten.
pub(super) fn receipt(mv: MoveKind, case: &Case, actor: &Actor) -> Result<(), MoveRefused> {
    use MoveKind::{AnswerRetaliation, AskOriginal, Attach, Detach, DrawReceipt, Say, Withdraw};
    match mv {
        DrawReceipt if !case.awaits_reporter() => Err(MoveRefused::OwnReceipt),
        DrawReceipt | Attach | Detach | Withdraw => Ok(()),
        // Nobody could be told, and nobody object.
        Say | AnswerRetaliation | AskOriginal if case.awaits_reporter() => Err(MoveRefused::AwaitsReporter),
        _ if *actor == Actor::Reporter && case.awaits_reporter() => Err(MoveRefused::AwaitsReporter),
        _ => Ok(()),
    }
}

/// Links a case can have.
const MOST_LINKS: usize = 8;

/// A repeat is declined only where its reporter has said that it is one.
pub(super) fn same_reporter(mv: &Move, case: &Case, rules: &Rules) -> Result<(), MoveRefused> {
    match mv {
        Move::Decline { ground, .. }
            if rules.same_reporter_grounds.contains(ground) && case.same_reporter.is_empty() =>
        {
            Err(MoveRefused::NotSameReporter)
        }
        Move::Link { earlier }
            if *earlier >= case.number
                || case.same_reporter.contains(earlier)
                || case.same_reporter.len() >= MOST_LINKS =>
        {
            Err(MoveRefused::NotLinkable(*earlier))
        }
        _ => Ok(()),
    }
}

/// The most days an extension of this case may add, from the day it would end without.
fn most_days(case: &Case, rules: &Rules) -> u32 {
    rules.extend.days_from(case.deadlines.conclude_by.unwrap_or(case.received))
}

pub(super) fn extension(mv: &Move, case: &Case, rules: &Rules) -> Result<(), MoveRefused> {
    let asked = case.extension.as_ref();
    match (mv, asked) {
        (Move::AskExtension { .. }, Some(Extension { granted_by: Some(_), .. })) => {
            Err(MoveRefused::AlreadyExtended)
        }
        (Move::AskExtension { .. }, Some(_)) => Err(MoveRefused::ExtensionPending),
        (Move::AskExtension { days, .. }, None) if days.count() > most_days(case, rules) => {
            Err(MoveRefused::ExtensionDays { most: most_days(case, rules) })
        }
        (Move::GrantExtension { .. } | Move::RefuseExtension { .. }, asked)
            if asked.is_none_or(|e| e.granted_by.is_some()) =>
        {
            Err(MoveRefused::NoExtensionAsked)
        }
        _ => Ok(()),
    }
}

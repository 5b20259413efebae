//! R11, what comes next: one sentence each, with one real date. What has passed is not promised any more.

use super::{PortalState, award_objection};
use crate::{
    casework::{Deadline, DeadlineKind, MoveKind, State},
    clock::Day,
    store::Found,
    web::Lang,
};

/// What comes next, with one real date.
pub(super) fn next(portal: &PortalState, lang: Lang, found: &Found) -> Vec<String> {
    let (case, today) = (&found.dossier.case, portal.clock.today());
    let mut lines = Vec::new();
    if let Some(deadline) = case.retaliation_deadline() {
        lines.push(ours(lang, deadline, today, "mine-next-retaliation"));
    }
    if let Some(deadline) = case.deletion_deadline() {
        lines.push(ours(lang, deadline, today, "mine-next-deletion"));
    }
    if case.erased.is_some() {
        lines.push(lang.t("mine-erased"));
    }
    lines.extend(award_objection::come(portal, lang, &found.dossier));
    if case.state == State::MergedInto {
        lines.push(lang.t("mine-merged"));
        // What is asked of the other reporter is not asked of this one.
        if let Some(deadline) = found.answers().step_deadline().filter(|deadline| deadline.by >= today) {
            match deadline.kind {
                DeadlineKind::Conclude => {
                    lines.push(lang.t1("mine-next-conclude", "day", lang.day(deadline.by)))
                }
                DeadlineKind::Reply => lines.push(lang.t1("mine-next-reply", "day", lang.day(deadline.by))),
                _ => {}
            }
        }
        return lines;
    }
    if let Some(declined) = &case.declined
        && case.state == State::NotAccepted
    {
        let reason = case.history.iter().rev().find(|e| e.what == MoveKind::Decline).map(|e| e.told.clone());
        let reason = reason.filter(|told| !told.is_empty()).unwrap_or_else(|| declined.reason.clone());
        lines.push(lang.t1("mine-declined", "reason", reason.trim_end_matches(['。', '.']).to_owned()));
    }
    if let Some(transferred) = case.history.iter().rev().find(|e| e.what == MoveKind::Transfer) {
        let office = transferred.told.trim_end_matches(['。', '.']).to_owned();
        lines.push(lang.t1("mine-passed-on", "office", office));
    }
    if !case.handovers.is_empty() && !case.state.is_final() {
        let body = case.handled_by(&portal.policy.bodies);
        lines.push(lang.t1("mine-handed-over", "body", body.name.get(lang).to_owned()));
    }
    if let Some(until) = case.may_object_until(today) {
        lines.push(lang.t1("mine-next-objection", "day", lang.day(until)));
    }
    // Their own day: nothing of ours is late when it has passed, and they can still do it.
    if let Some(by) = case.deadlines.supplement_by.filter(|_| case.state == State::SupplementRequested) {
        let key = if by < today { "mine-next-supplement-late" } else { "mine-next-supplement" };
        lines.push(lang.t1(key, "day", lang.day(by)));
    }
    lines.extend(case.step_deadline().and_then(|deadline| step(lang, deadline, today)));
    lines
}

/// What the case waits for from us.
fn step(lang: Lang, deadline: Deadline, today: Day) -> Option<String> {
    let key = match deadline.kind {
        // Each has a line of its own.
        DeadlineKind::Supplement
        | DeadlineKind::Objection
        | DeadlineKind::Retaliation
        | DeadlineKind::Deletion => return None,
        DeadlineKind::Danger => "mine-next-danger",
        DeadlineKind::Accept => "mine-next-accept",
        DeadlineKind::Conclude => "mine-next-conclude",
        DeadlineKind::Reply => "mine-next-reply",
        DeadlineKind::Review => "mine-next-review",
    };
    Some(ours(lang, deadline, today, key))
}

/// What we have promised, under `key`; once its day has passed, what is late.
fn ours(lang: Lang, deadline: Deadline, today: Day, key: &str) -> String {
    let day = lang.day(deadline.by);
    if deadline.by >= today {
        return lang.t1(key, "day", day);
    }
    let what = lang.t(&format!("mine-late-{}", deadline.kind.code()));
    lang.t_with("mine-next-late", &[("what", what.into()), ("day", day.into())])
}

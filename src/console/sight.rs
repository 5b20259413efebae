//! Which cases somebody may know of: their own where they may only read their own, and only of their body and those
//! below. Worked out once a request, not once a row: a list looks at every row there is.

use super::ConsoleState;
use crate::{
    casework::{CaseSummary, Permission},
    policy::{Bodies, Body},
    staff::Member,
};
use std::collections::HashSet;

pub(super) struct Sight<'a> {
    member: &'a Member,
    bodies: &'a Bodies,
    /// Cases of others, too.
    pub of_others: bool,
    /// Codes of the bodies reached; `None`: all there are.
    reached: Option<HashSet<&'a str>>,
}

impl ConsoleState {
    pub(super) fn sight<'a>(&'a self, member: &'a Member) -> Sight<'a> {
        let bodies = &*self.policy.bodies;
        let listed = member.may(Permission::SeeQueue) && !member.may(Permission::ReadOwnCase);
        let reached = match member.account.body(bodies) {
            Some(own) if own.code == bodies.root().code => None,
            Some(own) => Some(bodies.iter().filter(|body| bodies.covers(own, body)).collect()),
            None => Some(Vec::new()),
        };
        Sight {
            member,
            bodies,
            of_others: listed || member.may(Permission::ReadAnyCase),
            reached: reached.map(|all| all.into_iter().map(|body| body.code.as_str()).collect()),
        }
    }
}

impl Sight<'_> {
    pub fn sees(&self, row: &CaseSummary) -> bool {
        (self.of_others || self.member.actor.may_read(row.owner.as_ref())) && self.reaches(row)
    }

    pub fn reaches_body(&self, body: &Body) -> bool {
        self.reached.as_ref().is_none_or(|reached| reached.contains(body.code.as_str()))
    }

    fn reaches(&self, row: &CaseSummary) -> bool {
        let Some(reached) = &self.reached else { return true };
        // What it says is nearly always a body that policy knows.
        row.body.as_ref().is_some_and(|code| reached.contains(code.as_str()))
            || reached.contains(row.handled_by(self.bodies).code.as_str())
    }
}

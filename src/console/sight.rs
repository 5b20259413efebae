//! Which cases somebody may know of: their own where they may only read their own, and only of their body and those
//! below. Worked out once a request, not once a row: a list looks at every row there is.

use super::{ConsoleState, filter::Owner};
use crate::{
    casework::{CaseSummary, Permission},
    ids::StaffId,
    policy::{Bodies, Body},
    staff::Member,
    web::Choice,
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

    /// Colleagues whose cases whoever sees those of others may ask for. `asked`, if it is somebody, is always among them:
    /// else the form would drop what the list shows.
    pub(super) fn owners(&self, member: &Member, asked: Option<&Owner>) -> Vec<Choice> {
        let known = match self.sight(member).of_others {
            // Accounts that cannot be read now narrow nothing down; the list itself does without.
            true => self.investigators_below(member).unwrap_or_default(),
            false => Vec::new(),
        };
        let others = known.into_iter().filter(|account| account.id != *member.id());
        let mut owners: Vec<_> = others.map(|account| (Owner::Of(account.id), account.name)).collect();
        if let Some(Owner::Of(id)) = asked
            && !owners.iter().any(|(known, _)| Some(known) == asked)
        {
            owners.push((Owner::Of(id.clone()), self.colleague(member, id)));
        }
        owners.into_iter().map(|(owner, name)| Choice::new(owner.code(), name)).collect()
    }

    /// The name of somebody of this person's body or one below it; of anybody else what was asked, the log-in name.
    pub(super) fn colleague(&self, member: &Member, id: &StaffId) -> String {
        let bodies = &self.policy.bodies;
        let account = self.staff.account(id).ok().flatten();
        let near = account.filter(|account| account.body(bodies).is_some_and(|b| self.reaches(member, b)));
        near.map_or_else(|| id.to_string(), |account| account.name)
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

//! Last days that have passed are told upwards: to the head of the body that handles the case, then to the head of the
//! body above it. Each once, as policy says when.

use super::{
    case::{Case, Event, Who},
    deadlines::{Deadline, DeadlineKind},
    move_kind::MoveKind,
};
use crate::{
    clock::Day,
    policy::{Deadlines as Clocks, Level},
};
use serde::{Deserialize, Serialize};

/// A last day that passed, and who was told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    pub day: Day,
    pub deadline: DeadlineKind,
    /// The last day.
    pub by: Day,
    pub level: Level,
}

impl Case {
    /// The case with what time has brought about by `today`; `None`: nothing that is not recorded already. However
    /// often and however late it is asked, each level is told once of each last day.
    pub fn escalated(&self, today: Day, clocks: &Clocks) -> Option<Self> {
        let mut next = self.clone();
        for deadline in self.running() {
            for level in Level::ALL.into_iter().filter(|level| today >= clocks.tells_on(deadline.by, *level))
            {
                if !self.has_told(&deadline, level) {
                    next.tell(today, deadline, level);
                }
            }
        }
        (next.escalations.len() > self.escalations.len()).then_some(next)
    }

    /// The highest level that was told of a last day which still counts.
    pub fn open_escalation(&self) -> Option<Level> {
        let told = |deadline: &Deadline| {
            Level::ALL.into_iter().filter(|level| self.has_told(deadline, *level)).max()
        };
        self.running().filter_map(|deadline| told(&deadline)).max()
    }

    /// Every deadline that runs for us.
    fn running(&self) -> impl Iterator<Item = Deadline> {
        let all = [self.step_deadline(), self.retaliation_deadline(), self.deletion_deadline()];
        all.into_iter().flatten().filter(|deadline| !deadline.is_the_reporters())
    }

    fn has_told(&self, deadline: &Deadline, level: Level) -> bool {
        let same =
            |told: &Escalation| (told.deadline, told.by, told.level) == (deadline.kind, deadline.by, level);
        self.escalations.iter().any(same)
    }

    fn tell(&mut self, day: Day, deadline: Deadline, level: Level) {
        let Deadline { kind, by } = deadline;
        self.version += 1;
        self.escalations.push(Escalation { day, deadline: kind, by, level });
        let (reason, told) = (format!("{} {} {by}", level.code(), kind.code()), String::new());
        let (by, what) = (Who::Rule, MoveKind::Escalate);
        self.history.push(Event { day, by, what, state: self.state, reason, told, until: None });
    }
}

//! Clocks of a case: calendar days and months in Asia/Shanghai, the last day included.

use super::{case::Case, state::State};
use crate::{
    clock::Day,
    policy::{ActsApart, Bands, Bodies, Code, EvidenceRules, Length, Period, Policy},
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What moves are measured against; see [`Policy`] for where each comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// To accept or decline, from the day of receipt or of the reporter's supplement.
    pub accept: Period,
    /// To take up a matter with imminent danger, from the day of receipt.
    pub danger: Period,
    /// For the reporter to answer a request for a supplement.
    pub supplement: Period,
    /// To conclude and reply, from acceptance.
    pub verify: Period,
    /// The one extension, at most.
    pub extend: Period,
    /// For the reporter to object, from the reply.
    pub objection: Period,
    /// To answer an objection, from the day it came.
    pub review: Period,
    /// To answer a reporter who suffers retaliation, from the day they say so.
    pub retaliation: Period,
    /// To decide whether a report is deleted, from the day its reporter asks.
    pub deletion: Period,
    /// Grounds on which a report may be declined.
    pub grounds: Vec<Code>,
    /// Those of them that hold only where the reporter has said that an earlier report is theirs too.
    pub same_reporter_grounds: Vec<Code>,
    /// Offices a matter may be passed to.
    pub offices: Vec<Code>,
    /// Bodies a case may be handled by.
    pub bodies: Arc<Bodies>,
    /// How often a case may be handed from body to body before the one above decides.
    pub transfers: u8,
    /// Of every text in a move.
    pub text: Length,
    /// Files a report may have.
    pub files: u8,
    /// Of the opening of originals.
    pub evidence: EvidenceRules,
    /// What nobody may do both of in one case.
    pub apart: ActsApart,
}

impl Rules {
    pub fn of(policy: &Policy) -> Self {
        let d = &policy.deadlines;
        Self {
            accept: d.accept,
            danger: d.imminent_danger,
            supplement: d.supplement,
            verify: d.verify,
            extend: d.extend,
            objection: d.objection,
            review: d.review,
            retaliation: d.retaliation,
            deletion: d.deletion,
            same_reporter_grounds: policy
                .intake
                .not_accepted
                .iter()
                .filter(|ground| ground.same_reporter)
                .map(|ground| ground.code.clone())
                .collect(),
            grounds: policy.intake.not_accepted.iter().map(|ground| ground.code.clone()).collect(),
            offices: policy.intake.out_of_scope.iter().map(|sector| sector.code.clone()).collect(),
            bodies: policy.bodies.clone(),
            transfers: d.most_transfers,
            text: policy.intake.fields.message,
            files: policy.intake.attachments.most,
            evidence: policy.evidence,
            apart: policy.roles.acts_apart.clone(),
        }
    }
}

/// Last days, each inclusive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deadlines {
    pub accept_by: Option<Day>,
    /// Set only where there is imminent danger: somebody must be on it by the end of this day.
    pub danger_by: Option<Day>,
    pub supplement_by: Option<Day>,
    pub conclude_by: Option<Day>,
    pub objection_by: Option<Day>,
    #[serde(default)]
    pub review_by: Option<Day>,
}

/// Which deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    Danger,
    Accept,
    Supplement,
    Conclude,
    Reply,
    Objection,
    Review,
    Retaliation,
    Deletion,
}

impl DeadlineKind {
    /// In message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Danger => "danger",
            Self::Accept => "accept",
            Self::Supplement => "supplement",
            Self::Conclude => "conclude",
            Self::Reply => "reply",
            Self::Objection => "objection",
            Self::Review => "review",
            Self::Retaliation => "retaliation",
            Self::Deletion => "deletion",
        }
    }
}

/// The next thing that must happen, and by when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deadline {
    pub kind: DeadlineKind,
    pub by: Day,
}

/// How near a deadline is; `policy/deadlines.toml` says how many days left are soon or coming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Band {
    Overdue,
    Soon,
    Coming,
    Later,
}

impl Band {
    pub const ALL: [Self; 4] = [Self::Overdue, Self::Soon, Self::Coming, Self::Later];

    pub fn code(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Soon => "soon",
            Self::Coming => "coming",
            Self::Later => "later",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.code() == code)
    }
}

impl Deadline {
    /// Days left, 0 on the last day, negative when overdue.
    pub fn days_left(&self, today: Day) -> i32 {
        today.until(self.by).map_or(0, |span| span.get_days())
    }
    /// The reporter's time to act, not ours: when it has passed nothing is overdue, the next step is free.
    pub fn is_the_reporters(&self) -> bool {
        matches!(self.kind, DeadlineKind::Supplement | DeadlineKind::Objection)
    }
    pub fn band(&self, today: Day, bands: &Bands) -> Band {
        match u32::try_from(self.days_left(today)) {
            _ if self.is_the_reporters() => Band::Later,
            Err(_) => Band::Overdue,
            Ok(left) if left <= bands.soon.count() => Band::Soon,
            Ok(left) if left <= bands.coming.count() => Band::Coming,
            Ok(_) => Band::Later,
        }
    }
}

impl Deadlines {
    /// The clocks that start when a report arrives.
    pub fn at_receipt(received: Day, imminent_danger: bool, rules: &Rules) -> Self {
        Self {
            accept_by: Some(rules.accept.after(received)),
            danger_by: imminent_danger.then(|| rules.danger.after(received)),
            ..Self::default()
        }
    }
}

impl Case {
    /// The deadline that counts now, whatever it is of: the first of those that run for us.
    pub fn next_deadline(&self) -> Option<Deadline> {
        let all = self
            .step_deadline()
            .into_iter()
            .chain(self.retaliation_deadline())
            .chain(self.deletion_deadline());
        all.min_by_key(|deadline| (deadline.is_the_reporters(), deadline.by))
    }

    /// By when a reporter who suffers retaliation must have an answer; it runs beside the step's, after the end too.
    pub fn retaliation_deadline(&self) -> Option<Deadline> {
        let open = self.open_retaliation()?;
        Some(Deadline { kind: DeadlineKind::Retaliation, by: open.answer_by })
    }

    /// By when a wish for deletion must be decided.
    pub fn deletion_deadline(&self) -> Option<Deadline> {
        let open = self.open_deletion()?;
        Some(Deadline { kind: DeadlineKind::Deletion, by: open.decide_by })
    }

    /// Danger until somebody is on it, then the step the case waits for.
    pub fn step_deadline(&self) -> Option<Deadline> {
        let d = &self.deadlines;
        let (kind, by) = match self.state {
            State::Submitted => (DeadlineKind::Accept, d.accept_by),
            State::SupplementRequested => (DeadlineKind::Supplement, d.supplement_by),
            State::Accepted | State::Assigned | State::Verifying => (DeadlineKind::Conclude, d.conclude_by),
            State::Concluded => (DeadlineKind::Reply, d.conclude_by),
            State::Replied => (DeadlineKind::Objection, d.objection_by),
            State::Objected => (DeadlineKind::Review, d.review_by),
            State::NotAccepted
            | State::Closed
            | State::MergedInto
            | State::TransferredOut
            | State::Withdrawn => return None,
        };
        let step = by.map(|by| Deadline { kind, by });
        let danger = d.danger_by.map(|by| Deadline { kind: DeadlineKind::Danger, by });
        match self.state {
            State::Submitted | State::SupplementRequested | State::Accepted | State::Assigned => {
                danger.into_iter().chain(step).min_by_key(|deadline| deadline.by)
            }
            _ => step,
        }
    }
}

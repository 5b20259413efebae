//! What a reporter may ask for beside what is done about the matter.

use super::{
    case::{Case, CaseContent, Who},
    move_kind::MoveKind,
    state::State,
};
use crate::clock::Day;
use serde::{Deserialize, Serialize};

/// The reporter does not accept what was decided (应急〔2023〕106号).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Objection {
    pub day: Day,
    pub text: String,
    /// Where the case goes back to if it is upheld.
    pub from: State,
    /// `None` while it is open.
    pub review: Option<Review>,
}

/// What became of an objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    pub is_upheld: bool,
    /// For the file.
    pub reason: String,
    pub day: Day,
    pub by: Who,
}

/// The reporter says that they suffer for the report, or for being thought its author (EU 2019/1937, art. 19).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retaliation {
    pub day: Day,
    pub text: String,
    /// The last day to answer.
    pub answer_by: Day,
    /// `None` while it is open.
    pub answered: Option<Answered>,
}

/// What was done about it. What the reporter was told is among the messages, sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answered {
    pub day: Day,
    pub by: Who,
    /// For the file.
    pub reason: String,
}

/// The reporter wants the report deleted (PIPL art. 47).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deletion {
    pub day: Day,
    /// Why, if they say so.
    pub text: String,
    /// The last day to decide.
    pub decide_by: Day,
    /// `None` while it is open.
    pub decided: Option<Decided>,
}

/// What became of the wish.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    pub is_granted: bool,
    /// For the file.
    pub reason: String,
    pub day: Day,
    pub by: Who,
}

impl Case {
    /// The wish for deletion that waits to be decided.
    pub fn open_deletion(&self) -> Option<&Deletion> {
        self.deletions.last().filter(|deletion| deletion.decided.is_none())
    }

    /// What the reporter sent, and what was written between them and staff, leaves the case; the store removes the
    /// files with it. What stays: that there was a report, of what kind and where, and what staff decided and why.
    /// A word of retaliation that waits for its answer stays until then ([`Case::forget_answered`]).
    pub(super) fn erase(&mut self, day: Day) {
        self.erased = Some(day);
        self.sketch = None;
        self.same_reporter.clear();
        // The number of another report of the same reporter.
        let links = self.history.iter_mut().filter(|event| event.what == MoveKind::Link);
        links.for_each(|event| event.reason.clear());
        let CaseContent { target_name, credit_code, address, narrative, when_text, .. } = &mut self.content;
        let content = [target_name, credit_code, address, narrative, when_text].into_iter();
        let asked = self.objections.iter_mut().map(|objection| &mut objection.text);
        let asked = asked.chain(self.deletions.iter_mut().map(|deletion| &mut deletion.text));
        content.chain(asked).for_each(String::clear);
        self.forget_answered();
        self.sheets.iter_mut().for_each(|sheet| sheet.parts.clear());
        self.evidence = self.evidence.iter().map(|request| request.erased(day)).collect();
        (self.additions, self.files, self.messages) = Default::default();
    }

    /// In a deleted report, what a reporter wrote of retaliation goes once it has its answer.
    pub(super) fn forget_answered(&mut self) {
        let answered = self.retaliations.iter_mut().filter(|each| each.answered.is_some());
        answered.for_each(|each| each.text.clear());
    }

    /// Whether there is something of the reporter's that a deletion would take: a report can be deleted again once more has
    /// been written.
    pub fn can_be_erased(&self) -> bool {
        self.erased.is_none_or(|day| {
            let mut gone = self.clone();
            gone.erase(day);
            gone != *self
        })
    }

    /// The first word of retaliation that waits for an answer.
    pub fn open_retaliation(&self) -> Option<&Retaliation> {
        self.retaliations.iter().find(|retaliation| retaliation.answered.is_none())
    }

    /// The last day on which the reporter may object, if they still may.
    pub fn may_object_until(&self, today: Day) -> Option<Day> {
        self.deadlines.objection_by.filter(|until| !self.is_objected_to() && today <= *until)
    }

    /// Whether what is decided now was objected to already.
    pub(super) fn is_objected_to(&self) -> bool {
        self.objections
            .last()
            .is_some_and(|objection| objection.review.as_ref().is_none_or(|review| review.is_upheld))
    }
}

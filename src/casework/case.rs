//! The whole pseudonymous case, as it is kept (encrypted) and as investigators see it.

use super::{
    deadlines::Deadlines,
    files::{CaseFile, SentFile},
    finding::{Finding, RewardConditions},
    late::Escalation,
    move_kind::MoveKind,
    rights::{Deletion, Objection, Retaliation},
    route::Handover,
    sheet::Sheet,
    state::State,
};
use crate::{
    clock::Day,
    evidence::{EditedCopy, FilesRequest},
    ids::{BlobId, CaseNumber, ReportId, StaffId},
    mailbox::SealedMessage,
    policy::{Code, Days, MatterKind},
    repeats::Sketch,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Version of [`Case`]'s stored form. Another one is refused, never guessed at.
pub const CASE_FORMAT: u16 = 1;

/// One case. Days only, no times; no field holds or hints at who reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    pub format: u16,
    pub number: CaseNumber,
    pub report: ReportId,
    /// Counts every change that investigators may know of; a form carries the version it was built on. What becomes of an
    /// award once it is computed is none of those: it has a version of its own.
    pub version: u64,
    pub received: Day,
    pub content: CaseContent,
    pub additions: Vec<Addition>,
    pub files: Vec<CaseFile>,
    pub messages: Vec<Message>,
    pub notes: Vec<Note>,
    pub history: Vec<Event>,
    pub state: State,
    pub owner: Option<StaffId>,
    pub deadlines: Deadlines,
    pub declined: Option<Declined>,
    pub extension: Option<Extension>,
    pub conclusion: Option<Conclusion>,
    pub reply: Option<Reply>,
    pub closing: Option<Closing>,
    /// In the order they came; only the last one can be open.
    #[serde(default)]
    pub objections: Vec<Objection>,
    #[serde(default)]
    pub retaliations: Vec<Retaliation>,
    #[serde(default)]
    pub deletions: Vec<Deletion>,
    /// Last days that passed, as they were told upwards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalations: Vec<Escalation>,
    /// The day on which what the reporter sent left the case at their wish.
    #[serde(default)]
    pub erased: Option<Day>,
    #[serde(default)]
    pub transferred: Option<Transferred>,
    /// The body that handles it: a code of `policy/bodies.toml`. `None` in old records: the competent one.
    #[serde(default)]
    pub body: Option<Code>,
    /// From body to body, in their order.
    #[serde(default)]
    pub handovers: Vec<Handover>,
    /// In the order they were made.
    #[serde(default)]
    pub sheets: Vec<Sheet>,
    /// The earlier case on the same matter.
    #[serde(default)]
    pub merged_into: Option<CaseNumber>,
    /// Later cases on the same matter, in the order they were merged. Whose award it is first says
    /// [`by_acceptance`](super::by_acceptance).
    #[serde(default)]
    pub merged: Vec<CaseNumber>,
    /// The report ids of those two kinds, kept by the store: whoever may read this case alone finds them by it.
    #[serde(default)]
    pub ties: Vec<(CaseNumber, ReportId)>,
    /// The case of the same matter whose reporter is offered the award in this one's place, or after them.
    #[serde(default)]
    pub passed_to: Option<CaseNumber>,
    /// Staff who worked on the same matter under another number.
    #[serde(default)]
    pub worked_on_elsewhere: Vec<StaffId>,
    /// What stands for the matter when it is compared with others; made by the store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sketch: Option<Sketch>,
    /// Earlier cases of which the reporter says that they reported those, too. Proved by both receipts, of which nothing
    /// is kept.
    #[serde(default)]
    pub same_reporter: Vec<CaseNumber>,
    /// Originals asked for as evidence, in their order; only the last one can be under way.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<FilesRequest>,
    /// `None`: the reporter filled the form in.
    #[serde(default)]
    pub entered: Option<Entered>,
}

/// A report that a member of staff filled in for the reporter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entered {
    /// A code of `policy/intake.toml`'s list of channels.
    pub channel: Code,
    /// Who may know the reporter, and so has a hand in the case.
    pub by: StaffId,
    /// The day on which the reporter drew a receipt of their own; until then staff know the only one.
    pub taken_over: Option<Day>,
}

/// What the reporter told about the matter. Never rewritten.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseContent {
    pub kind: MatterKind,
    /// Code of an industry in `policy/intake.toml`.
    pub industry: String,
    /// GB/T 2260 code, as deep as the reporter chose.
    pub region: String,
    pub target_name: String,
    /// Unified social credit code as typed; empty if not given.
    pub credit_code: String,
    pub address: String,
    pub narrative: String,
    /// "last Tuesday's night shift": the reporter's own words.
    pub when_text: String,
    pub ongoing: bool,
    pub imminent_danger: bool,
}

/// More text from the reporter, after sending.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Addition {
    pub day: Day,
    pub text: String,
}

/// Who did or wrote something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    Reporter,
    /// What follows by rule from what somebody did elsewhere.
    Rule,
    Staff(StaffId),
}

/// One message between the office and the reporter. The reporter's page shows no staff name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    pub day: Day,
    pub from: Who,
    pub text: MessageText,
    /// What went along; of staff's messages only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<SentFile>,
}

/// What a message says: what a reporter wrote, staff read; what staff wrote, the holder of the receipt alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageText {
    Clear(String),
    Sealed(SealedMessage),
}

/// Among staff only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub day: Day,
    pub by: Who,
    pub text: String,
}

/// One line of the case's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    pub day: Day,
    pub by: Who,
    pub what: MoveKind,
    /// The state after it.
    pub state: State,
    /// For the file; never shown to the reporter.
    pub reason: String,
    /// Exactly what the reporter reads; empty: nothing.
    pub told: String,
    /// The last day it set, for us or for the reporter. `None` also in old records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Day>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Declined {
    /// A code of `policy/intake.toml`.
    pub ground: Code,
    pub reason: String,
}

/// One extension of the time to verify: asked by the owner, granted by somebody else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extension {
    pub days: Days,
    pub reason: String,
    pub asked_by: Who,
    pub granted_by: Option<Who>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conclusion {
    pub finding: Finding,
    /// Why, for the file: evidence, persons heard, sites seen.
    pub reason: String,
    pub day: Day,
    pub by: Who,
}

/// The reply to the reporter; all four parts are required (应急〔2023〕106号): conclusion (from [`Conclusion`]),
/// brief findings, handling decision, whether the reward conditions are met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    pub findings: String,
    pub handling: String,
    pub reward: RewardConditions,
    pub day: Day,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Closing {
    /// What was done and where the proof lies: document numbers, photographs, receipts of fines.
    pub evidence: String,
    pub day: Day,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transferred {
    /// A code of `policy/intake.toml`.
    pub office: Code,
    pub reason: String,
    pub day: Day,
}

impl Case {
    /// A case as it is when the report has just arrived.
    pub fn new(
        number: CaseNumber,
        report: ReportId,
        received: Day,
        content: CaseContent,
        deadlines: Deadlines,
    ) -> Self {
        Self {
            format: CASE_FORMAT,
            number,
            report,
            version: 1,
            received,
            content,
            additions: Vec::new(),
            files: Vec::new(),
            messages: Vec::new(),
            notes: Vec::new(),
            history: Vec::new(),
            state: State::Submitted,
            owner: None,
            deadlines,
            declined: None,
            extension: None,
            conclusion: None,
            reply: None,
            closing: None,
            objections: Vec::new(),
            retaliations: Vec::new(),
            deletions: Vec::new(),
            escalations: Vec::new(),
            erased: None,
            transferred: None,
            body: None,
            handovers: Vec::new(),
            sheets: Vec::new(),
            merged_into: None,
            merged: Vec::new(),
            ties: Vec::new(),
            passed_to: None,
            worked_on_elsewhere: Vec::new(),
            same_reporter: Vec::new(),
            evidence: Vec::new(),
            entered: None,
            sketch: None,
        }
    }

    /// Everything stored beside the case: the reporter's files, staff's, and edited copies.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> {
        let files = self.files.iter().flat_map(CaseFile::blobs);
        let edited = self.evidence.iter().flat_map(FilesRequest::blobs);
        files.chain(self.sent_files().map(|file| file.blob)).chain(edited)
    }

    /// Edited copies of this original that a second person has looked at.
    pub fn joined_copies(&self, original: BlobId) -> impl Iterator<Item = &EditedCopy> {
        let about = self.evidence.iter().filter(move |request| request.terms().original == original);
        about.flat_map(FilesRequest::joined)
    }

    /// The request for an original that the reporter can still stop.
    pub fn asked_original(&self) -> Option<&FilesRequest> {
        self.evidence.last().filter(|request| request.can_be_objected_to())
    }

    /// The files staff have sent to the reporter, in their order.
    pub fn sent_files(&self) -> impl Iterator<Item = &SentFile> {
        self.messages.iter().filter_map(|message| message.file.as_ref())
    }

    /// Entered by staff, and its reporter has no receipt yet that staff do not know.
    pub fn awaits_reporter(&self) -> bool {
        self.entered.as_ref().is_some_and(|entered| entered.taken_over.is_none())
    }

    /// Staff who had a hand in the case: none of them may approve its award. Sorted, each once.
    /// A note, a word marked as read, or the answer to a request for more time or deletion, to an objection or to retaliation, is not yet a hand in it.
    pub fn worked_on(&self) -> Vec<StaffId> {
        use MoveKind::*;
        let of_history = self.history.iter().filter_map(|event| match (&event.by, event.what) {
            (Who::Reporter | Who::Rule, _) => None,
            (_, Note | MarkRead | GrantExtension | RefuseExtension | Uphold | Overturn | Reassign) => None,
            (_, AnswerRetaliation | GrantDeletion | RefuseDeletion) => None,
            (Who::Staff(id), _) => Some(id),
        });
        let typed = self.entered.iter().map(|entered| &entered.by);
        let all: BTreeSet<&StaffId> =
            of_history.chain(&self.owner).chain(&self.worked_on_elsewhere).chain(typed).collect();
        all.into_iter().cloned().collect()
    }

    /// Decided on by itself again, at once: the case it was merged into ended without an answer on `day`.
    pub fn let_go(&self, day: Day) -> Self {
        let mut next = self.clone();
        next.version += 1;
        next.separate(day);
        let (reason, told) = Default::default();
        next.history.push(Event {
            day,
            by: Who::Rule,
            what: MoveKind::Separate,
            state: next.state,
            reason,
            told,
            until: next.deadlines.accept_by,
        });
        next
    }

    pub(super) fn separate(&mut self, accept_by: Day) {
        self.state = State::Submitted;
        self.merged_into = None;
        self.deadlines.accept_by = Some(accept_by);
    }
}

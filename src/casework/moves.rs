//! What can be done to a case.

use super::{
    case::{Conclusion, MessageText},
    files::{CaseFile, SentFile},
    finding::{Finding, RewardConditions},
    move_kind::MoveKind,
    sheet::{LeftIn, Recipient, SheetPart},
};
use crate::{
    evidence::FilesRequest,
    ids::{BlobId, CaseNumber, StaffId},
    policy::{Code, Days},
};

/// One move. `reason` is for the file; `told` is exactly what the reporter reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    Accept {
        reason: String,
        told: String,
    },
    /// `ground`: a code of `policy/intake.toml`.
    Decline {
        ground: Code,
        reason: String,
        told: String,
    },
    AskSupplement {
        question: String,
    },
    Assign {
        to: StaffId,
    },
    /// Its owner leaves: a colleague goes on from where the case stands.
    Reassign {
        to: StaffId,
    },
    Begin,
    AskExtension {
        days: Days,
        reason: String,
    },
    GrantExtension {
        told: String,
    },
    RefuseExtension {
        reason: String,
    },
    Conclude {
        finding: Finding,
        reason: String,
    },
    Reply {
        findings: String,
        handling: String,
        reward: RewardConditions,
    },
    Close {
        evidence: String,
    },
    /// To the office whose matter it is: `office`, a code of `policy/intake.toml`'s list of other departments.
    Transfer {
        office: Code,
        reason: String,
        told: String,
    },
    /// To a body above: `body`, a code of `policy/bodies.toml`.
    HandUp {
        body: Code,
        reason: String,
        told: String,
    },
    /// To a body below.
    HandDown {
        body: Code,
        reason: String,
        told: String,
    },
    /// A sheet that goes out with the matter. `parts`: all of [`Case::own_words`](super::Case::own_words), scrubbed and confirmed.
    MakeSheet {
        to: Recipient,
        parts: Vec<SheetPart>,
        left_in: Vec<LeftIn>,
    },
    /// The same matter as the earlier case `into`, which is worked on for both.
    Merge {
        into: CaseNumber,
        reason: String,
        told: String,
    },
    /// The other side of [`Move::Merge`]: `case` is about the same matter as this one.
    Join {
        case: CaseNumber,
    },
    /// Not the same matter after all: decided on by itself.
    Separate {
        reason: String,
    },
    /// Nobody was paid for this matter here, or somebody else comes first: the award is offered to the reporter of `to`.
    PassOn {
        to: CaseNumber,
    },
    /// The other side of [`Move::PassOn`]: what was found, and who answers for it. The case that answers for the matter has
    /// both of its own; its reporter's turn has come.
    TakeOver {
        conclusion: Conclusion,
        /// That handles the case before.
        body: Option<Code>,
        /// Of the case before: none of them may approve this one's award either.
        worked_on: Vec<StaffId>,
    },
    /// After an objection: it stays as it was decided.
    Uphold {
        reason: String,
        told: String,
    },
    /// After an objection: it is looked into anew.
    Overturn {
        reason: String,
        told: String,
    },
    /// The answer to every word of retaliation that is open, sealed to the receipt. `reason`: what was done, for the file.
    AnswerRetaliation {
        answer: MessageText,
        reason: String,
    },
    /// What the reporter asked to be deleted is: it leaves the case.
    GrantDeletion {
        reason: String,
        told: String,
    },
    /// It must stay, for example because an investigation rests on it.
    RefuseDeletion {
        reason: String,
        told: String,
    },
    /// An original is needed as evidence. The reporter is told, and may object.
    AskOriginal {
        request: Box<FilesRequest>,
    },
    /// A second person has looked at an edited copy: investigators see it from now on.
    JoinCopy {
        blob: BlobId,
        /// They say that they know that nothing is hidden in it.
        as_it_was: bool,
    },
    /// To the reporter when staff send it, sealed to the receipt, perhaps with a file; to staff when the reporter does,
    /// in clear.
    Say {
        text: MessageText,
        file: Option<SentFile>,
    },
    Note {
        text: String,
    },
    /// The reporter's last word was read and needs no answer.
    MarkRead,
    /// More text from the reporter; answers a request for a supplement.
    Add {
        text: String,
    },
    /// One more file from the reporter.
    Attach {
        file: CaseFile,
    },
    /// The reporter takes one of their files back, by its sealed original.
    Detach {
        original: BlobId,
    },
    /// The reporter does not accept what was decided.
    Object {
        text: String,
    },
    /// The reporter suffers for it: what is happening.
    Retaliation {
        text: String,
    },
    /// The reporter wants the report deleted: done at once while nobody has decided on it, else decided by staff.
    AskDeletion {
        text: String,
    },
    /// The reporter does not want the original opened that was asked for.
    ObjectOriginal {
        text: String,
    },
    Withdraw,
    /// The reporter says that the earlier case is theirs, too; the caller has checked both receipts.
    Link {
        earlier: CaseNumber,
    },
    /// The reporter of a report that staff entered has drawn a receipt of their own.
    DrawReceipt,
}

impl Move {
    pub fn kind(&self) -> MoveKind {
        match self {
            Self::Accept { .. } => MoveKind::Accept,
            Self::Decline { .. } => MoveKind::Decline,
            Self::AskSupplement { .. } => MoveKind::AskSupplement,
            Self::Assign { .. } => MoveKind::Assign,
            Self::Reassign { .. } => MoveKind::Reassign,
            Self::Begin => MoveKind::Begin,
            Self::AskExtension { .. } => MoveKind::AskExtension,
            Self::GrantExtension { .. } => MoveKind::GrantExtension,
            Self::RefuseExtension { .. } => MoveKind::RefuseExtension,
            Self::Conclude { .. } => MoveKind::Conclude,
            Self::Reply { .. } => MoveKind::Reply,
            Self::Close { .. } => MoveKind::Close,
            Self::Transfer { .. } => MoveKind::Transfer,
            Self::HandUp { .. } => MoveKind::HandUp,
            Self::HandDown { .. } => MoveKind::HandDown,
            Self::MakeSheet { .. } => MoveKind::MakeSheet,
            Self::Merge { .. } => MoveKind::Merge,
            Self::Join { .. } => MoveKind::Join,
            Self::Separate { .. } => MoveKind::Separate,
            Self::PassOn { .. } => MoveKind::PassOn,
            Self::TakeOver { .. } => MoveKind::TakeOver,
            Self::Uphold { .. } => MoveKind::Uphold,
            Self::Overturn { .. } => MoveKind::Overturn,
            Self::AnswerRetaliation { .. } => MoveKind::AnswerRetaliation,
            Self::GrantDeletion { .. } => MoveKind::GrantDeletion,
            Self::RefuseDeletion { .. } => MoveKind::RefuseDeletion,
            Self::AskOriginal { .. } => MoveKind::AskOriginal,
            Self::JoinCopy { .. } => MoveKind::JoinCopy,
            Self::Say { .. } => MoveKind::Say,
            Self::Note { .. } => MoveKind::Note,
            Self::MarkRead => MoveKind::MarkRead,
            Self::Add { .. } => MoveKind::Add,
            Self::Attach { .. } => MoveKind::Attach,
            Self::Detach { .. } => MoveKind::Detach,
            Self::Object { .. } => MoveKind::Object,
            Self::Retaliation { .. } => MoveKind::Retaliation,
            Self::AskDeletion { .. } => MoveKind::AskDeletion,
            Self::ObjectOriginal { .. } => MoveKind::ObjectOriginal,
            Self::Withdraw => MoveKind::Withdraw,
            Self::Link { .. } => MoveKind::Link,
            Self::DrawReceipt => MoveKind::DrawReceipt,
        }
    }

    /// Every text the move carries in clear, with the name of its field.
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Accept { reason, told } => vec![("reason", reason), ("told", told)],
            Self::Decline { reason, told, .. }
            | Self::Transfer { reason, told, .. }
            | Self::HandUp { reason, told, .. }
            | Self::HandDown { reason, told, .. }
            | Self::Merge { reason, told, .. }
            | Self::Uphold { reason, told }
            | Self::Overturn { reason, told }
            | Self::GrantDeletion { reason, told }
            | Self::RefuseDeletion { reason, told } => vec![("reason", reason), ("told", told)],
            Self::MakeSheet { left_in, .. } => {
                left_in.iter().map(|each| ("reason", each.reason.as_str())).collect()
            }
            Self::AskSupplement { question } => vec![("question", question)],
            Self::Assign { to } | Self::Reassign { to } => vec![("to", &to.0)],
            Self::AskExtension { reason, .. }
            | Self::RefuseExtension { reason }
            | Self::Separate { reason }
            | Self::AnswerRetaliation { answer: MessageText::Sealed(_), reason }
            | Self::Conclude { reason, .. } => vec![("reason", reason)],
            Self::AnswerRetaliation { answer: MessageText::Clear(text), reason } => {
                vec![("text", text), ("reason", reason)]
            }
            Self::GrantExtension { told } => vec![("told", told)],
            Self::AskOriginal { request } => vec![("need", &request.terms().need)],
            Self::Reply { findings, handling, .. } => vec![("findings", findings), ("handling", handling)],
            Self::Close { evidence } => vec![("evidence", evidence)],
            // Nobody has to say why.
            Self::AskDeletion { text } | Self::ObjectOriginal { text } if text.is_empty() => Vec::new(),
            Self::AskDeletion { text }
            | Self::Note { text }
            | Self::Add { text }
            | Self::Object { text }
            | Self::ObjectOriginal { text }
            | Self::Retaliation { text }
            | Self::Say { text: MessageText::Clear(text), .. } => vec![("text", text)],
            Self::Say { text: MessageText::Sealed(_), .. }
            | Self::Begin
            | Self::MarkRead
            | Self::JoinCopy { .. }
            | Self::Attach { .. }
            | Self::Detach { .. }
            | Self::Join { .. }
            | Self::PassOn { .. }
            | Self::TakeOver { .. }
            | Self::Withdraw
            | Self::Link { .. }
            | Self::DrawReceipt => Vec::new(),
        }
    }
}

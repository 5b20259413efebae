//! The names of moves, as they are written down and shown.

use serde::{Deserialize, Serialize};

/// A move's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MoveKind {
    Accept,
    Decline,
    AskSupplement,
    Assign,
    Reassign,
    Begin,
    AskExtension,
    GrantExtension,
    RefuseExtension,
    Conclude,
    Reply,
    Close,
    Transfer,
    HandUp,
    HandDown,
    MakeSheet,
    Merge,
    Join,
    Separate,
    PassOn,
    TakeOver,
    Uphold,
    Overturn,
    AnswerRetaliation,
    GrantDeletion,
    RefuseDeletion,
    AskOriginal,
    JoinCopy,
    Say,
    Note,
    MarkRead,
    Add,
    Attach,
    Detach,
    Object,
    Retaliation,
    AskDeletion,
    ObjectOriginal,
    Withdraw,
    Link,
    DrawReceipt,
    /// Nobody's move: a last day has passed.
    Escalate,
}

impl MoveKind {
    pub const ALL: [Self; 42] = [
        Self::Accept,
        Self::Decline,
        Self::AskSupplement,
        Self::Assign,
        Self::Reassign,
        Self::Begin,
        Self::AskExtension,
        Self::GrantExtension,
        Self::RefuseExtension,
        Self::Conclude,
        Self::Reply,
        Self::Close,
        Self::Transfer,
        Self::HandUp,
        Self::HandDown,
        Self::MakeSheet,
        Self::Merge,
        Self::Join,
        Self::Separate,
        Self::PassOn,
        Self::TakeOver,
        Self::Uphold,
        Self::Overturn,
        Self::AnswerRetaliation,
        Self::GrantDeletion,
        Self::RefuseDeletion,
        Self::AskOriginal,
        Self::JoinCopy,
        Self::Say,
        Self::Note,
        Self::MarkRead,
        Self::Add,
        Self::Attach,
        Self::Detach,
        Self::Object,
        Self::Retaliation,
        Self::AskDeletion,
        Self::ObjectOriginal,
        Self::Withdraw,
        Self::Link,
        Self::DrawReceipt,
        Self::Escalate,
    ];

    /// In addresses and message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Decline => "decline",
            Self::AskSupplement => "ask-supplement",
            Self::Assign => "assign",
            Self::Reassign => "reassign",
            Self::Begin => "begin",
            Self::AskExtension => "ask-extension",
            Self::GrantExtension => "grant-extension",
            Self::RefuseExtension => "refuse-extension",
            Self::Conclude => "conclude",
            Self::Reply => "reply",
            Self::Close => "close",
            Self::Transfer => "transfer",
            Self::HandUp => "hand-up",
            Self::HandDown => "hand-down",
            Self::MakeSheet => "make-sheet",
            Self::Merge => "merge",
            Self::Join => "join",
            Self::Separate => "separate",
            Self::PassOn => "pass-on",
            Self::TakeOver => "take-over",
            Self::Uphold => "uphold",
            Self::Overturn => "overturn",
            Self::AnswerRetaliation => "answer-retaliation",
            Self::GrantDeletion => "grant-deletion",
            Self::RefuseDeletion => "refuse-deletion",
            Self::AskOriginal => "ask-original",
            Self::JoinCopy => "join-copy",
            Self::Say => "say",
            Self::Note => "note",
            Self::MarkRead => "mark-read",
            Self::Add => "add",
            Self::Attach => "attach",
            Self::Detach => "detach",
            Self::Object => "object",
            Self::Retaliation => "retaliation",
            Self::AskDeletion => "ask-deletion",
            Self::ObjectOriginal => "object-original",
            Self::Withdraw => "withdraw",
            Self::Link => "link",
            Self::DrawReceipt => "draw-receipt",
            Self::Escalate => "escalate",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// No way back: staff confirm these on a page of their own.
    pub fn is_final(self) -> bool {
        matches!(
            self,
            Self::Decline
                | Self::Conclude
                | Self::Reply
                | Self::Close
                | Self::Transfer
                | Self::Merge
                | Self::Uphold
                | Self::Overturn
                | Self::GrantDeletion
        )
    }
}

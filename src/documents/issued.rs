//! Which document belongs to which event, and which of them a matter has.

use crate::{
    award::record::{Award, AwardState, Step},
    casework::{Case, MoveKind, State},
    clock::Day,
};

/// A kind of document; each has templates in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentKind {
    Acceptance,
    NonAcceptance,
    Supplement,
    Transfer,
    Handover,
    Merger,
    Extension,
    Reply,
    Review,
    Deletion,
    Award,
    ClaimTime,
    Claim,
    Lapse,
}

/// What is decided about a case, and the document that says so. What is not named is said on the page alone.
const OF_MOVES: [(MoveKind, DocumentKind); 13] = [
    (MoveKind::Accept, DocumentKind::Acceptance),
    (MoveKind::Decline, DocumentKind::NonAcceptance),
    (MoveKind::AskSupplement, DocumentKind::Supplement),
    (MoveKind::Transfer, DocumentKind::Transfer),
    (MoveKind::HandUp, DocumentKind::Handover),
    (MoveKind::HandDown, DocumentKind::Handover),
    (MoveKind::Merge, DocumentKind::Merger),
    (MoveKind::GrantExtension, DocumentKind::Extension),
    (MoveKind::Reply, DocumentKind::Reply),
    (MoveKind::Uphold, DocumentKind::Review),
    (MoveKind::Overturn, DocumentKind::Review),
    (MoveKind::GrantDeletion, DocumentKind::Deletion),
    (MoveKind::RefuseDeletion, DocumentKind::Deletion),
];

/// The same of an award. How it ended is said on the page alone: paid or not, and why, would tell whether a name was given.
fn of_step(step: &Step) -> Option<DocumentKind> {
    match step {
        Step::Notified { .. } => Some(DocumentKind::Award),
        Step::ClaimExtended { .. } | Step::ClaimResumed { .. } | Step::PublicNotice { .. } => {
            Some(DocumentKind::ClaimTime)
        }
        Step::Claimed => Some(DocumentKind::Claim),
        Step::Lapsed => Some(DocumentKind::Lapse),
        _ => None,
    }
}

impl DocumentKind {
    pub const ALL: [Self; 14] = [
        Self::Acceptance,
        Self::NonAcceptance,
        Self::Supplement,
        Self::Transfer,
        Self::Handover,
        Self::Merger,
        Self::Extension,
        Self::Reply,
        Self::Review,
        Self::Deletion,
        Self::Award,
        Self::ClaimTime,
        Self::Claim,
        Self::Lapse,
    ];

    /// In addresses, file names and `documents.toml`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Acceptance => "acceptance",
            Self::NonAcceptance => "non_acceptance",
            Self::Supplement => "supplement",
            Self::Transfer => "transfer",
            Self::Handover => "handover",
            Self::Merger => "merger",
            Self::Extension => "extension",
            Self::Reply => "reply",
            Self::Review => "review",
            Self::Deletion => "deletion",
            Self::Award => "award",
            Self::ClaimTime => "claim_time",
            Self::Claim => "claim",
            Self::Lapse => "lapse",
        }
    }
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// Names of its templates, of which one is used.
    pub(super) fn templates(self) -> &'static [&'static str] {
        match self {
            Self::Acceptance => &["acceptance"],
            Self::NonAcceptance => &["non_acceptance"],
            Self::Supplement => &["supplement"],
            Self::Transfer => &["transfer"],
            Self::Handover => &["handover"],
            Self::Merger => &["merger"],
            Self::Extension => &["extension"],
            Self::Reply => &["reply"],
            Self::Review => &["review_upheld", "review_overturned"],
            Self::Deletion => &["deletion_granted", "deletion_refused"],
            Self::Award => &["award"],
            Self::ClaimTime => &["claim_time"],
            Self::Claim => &["claim"],
            Self::Lapse => &["lapse"],
        }
    }

    /// Of money: not where nothing is paid, and not for staff, who do not see what becomes of an award.
    pub fn is_of_award(self) -> bool {
        matches!(self, Self::Award | Self::ClaimTime | Self::Claim | Self::Lapse)
    }

    fn of_move(mv: MoveKind) -> Option<Self> {
        OF_MOVES.iter().find(|(each, _)| *each == mv).map(|(_, kind)| *kind)
    }
}

/// A document that can be had now.
#[derive(Clone, Copy, Debug)]
pub struct Issued<'a> {
    pub kind: DocumentKind,
    /// The how manyth of its kind in the matter, from 1: it stays when others come or are set aside.
    pub nth: usize,
    pub day: Day,
    pub(super) what: What<'a>,
}

/// Where it stands: an event of a case, or a step of an award.
#[derive(Clone, Copy, Debug)]
pub(super) enum What<'a> {
    Event { case: &'a Case, at: usize },
    Step { award: &'a Award, at: usize },
}

impl<'a> Issued<'a> {
    /// Those about the case. `answers` is the one it was merged into, if it was: its reply is told to both reporters.
    /// What was decided and set aside again is not handed out any more.
    pub fn of_case(own: &'a Case, answers: &'a Case) -> Vec<Self> {
        let mut all = events(own);
        if own.number != answers.number {
            all.extend(events(answers).into_iter().filter(|issued| issued.kind == DocumentKind::Reply));
        }
        all
    }

    /// Those about its awards, in their order; only the last one is in force.
    pub fn of_awards(awards: &'a [Award]) -> Vec<Self> {
        let Some(last) = awards.last().filter(|last| *last.state() != AwardState::Declined) else {
            return Vec::new();
        };
        let steps = awards.iter().flat_map(|award| {
            award
                .history()
                .iter()
                .enumerate()
                .map(move |(at, past)| (award, at, past.day, of_step(&past.step)))
        });
        let kinds = steps.filter_map(|(award, at, day, kind)| Some((kind?, day, What::Step { award, at })));
        let is_in_force = |issued: &Self| match issued.what {
            What::Step { award, .. } => award.terms().award == last.terms().award,
            What::Event { .. } => false,
        };
        counted(kinds).into_iter().filter(is_in_force).collect()
    }

    /// Name of the template it is made from.
    pub(super) fn template(&self) -> &'static str {
        let what = match self.what {
            What::Event { case, at } => Some(case.history[at].what),
            What::Step { .. } => None,
        };
        let all = self.kind.templates();
        match what {
            Some(MoveKind::Overturn | MoveKind::RefuseDeletion) => all[1],
            _ => all[0],
        }
    }

    /// In addresses of staff's pages, e.g. `reply-1`.
    pub fn id(&self) -> String {
        format!("{}-{}", self.kind.code(), self.nth)
    }
}

fn events(case: &Case) -> Vec<Issued<'_>> {
    let events = case.history.iter().enumerate();
    let kinds = events.filter_map(|(at, event)| {
        Some((DocumentKind::of_move(event.what)?, event.day, What::Event { case, at }))
    });
    counted(kinds).into_iter().filter(|issued| stands(case, issued)).collect()
}

fn counted<'a>(kinds: impl Iterator<Item = (DocumentKind, Day, What<'a>)>) -> Vec<Issued<'a>> {
    let mut all: Vec<Issued> = Vec::new();
    for (kind, day, what) in kinds {
        let nth = all.iter().filter(|other| other.kind == kind).count() + 1;
        all.push(Issued { kind, nth, day, what });
    }
    all
}

/// Whether what was decided then still holds: a review can set it aside, a merged case be let go.
fn stands(case: &Case, issued: &Issued) -> bool {
    let What::Event { at, .. } = issued.what else { return false };
    let is_last = || !case.history[at + 1..].iter().any(|later| later.what == case.history[at].what);
    match issued.kind {
        DocumentKind::NonAcceptance => case.declined.is_some() && is_last(),
        DocumentKind::Reply => case.reply.is_some() && is_last(),
        DocumentKind::Merger => case.state == State::MergedInto && is_last(),
        _ => true,
    }
}

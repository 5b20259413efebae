//! The places of a template: what a letter knows, and which letters know it.

use super::issued::DocumentKind;
use std::collections::BTreeMap;

/// `{told}` in a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    Service,
    Hotline,
    LogKey,
    Number,
    Body,
    Case,
    Day,
    Received,
    Kind,
    Target,
    Region,
    Address,
    Industry,
    Told,
    Until,
    To,
    Ground,
    Finding,
    Findings,
    Handling,
    Conditions,
    Joint,
    PassedOn,
    Amount,
    How,
}

/// What stands in the places: each a paragraph or, where it may, several. Without an entry: empty.
pub(super) type Texts = BTreeMap<Place, Vec<String>>;

impl Place {
    const ALL: [(Self, &'static str); 25] = [
        (Self::Service, "service"),
        (Self::Hotline, "hotline"),
        (Self::LogKey, "log_key"),
        (Self::Number, "number"),
        (Self::Body, "body"),
        (Self::Case, "case"),
        (Self::Day, "day"),
        (Self::Received, "received"),
        (Self::Kind, "kind"),
        (Self::Target, "target"),
        (Self::Region, "region"),
        (Self::Address, "address"),
        (Self::Industry, "industry"),
        (Self::Told, "told"),
        (Self::Until, "until"),
        (Self::To, "to"),
        (Self::Ground, "ground"),
        (Self::Finding, "finding"),
        (Self::Findings, "findings"),
        (Self::Handling, "handling"),
        (Self::Conditions, "conditions"),
        (Self::Joint, "joint"),
        (Self::PassedOn, "passed_on"),
        (Self::Amount, "amount"),
        (Self::How, "how"),
    ];

    /// Several paragraphs: it has a paragraph of the template to itself.
    pub fn is_long(self) -> bool {
        matches!(self, Self::Told | Self::Findings | Self::Handling | Self::How)
    }

    /// The place of that name, if a letter of this kind knows it.
    pub fn parse(name: &str, kind: DocumentKind) -> Option<Self> {
        let (place, _) = Self::ALL.into_iter().find(|(_, known)| *known == name)?;
        place.is_of(kind).then_some(place)
    }

    /// Every name that a letter of this kind knows.
    pub fn names(kind: DocumentKind) -> Vec<&'static str> {
        Self::ALL.into_iter().filter(|(place, _)| place.is_of(kind)).map(|(_, name)| name).collect()
    }

    /// Every place that a letter of this kind knows.
    pub fn of(kind: DocumentKind) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().map(|(place, _)| place).filter(move |place| place.is_of(kind))
    }

    fn is_of(self, kind: DocumentKind) -> bool {
        use DocumentKind::*;
        match self {
            Self::Told => !kind.is_of_award() && kind != Reply,
            Self::Until => matches!(
                kind,
                Acceptance | NonAcceptance | Supplement | Extension | Reply | Review | Award | ClaimTime
            ),
            Self::To | Self::PassedOn => matches!(kind, Transfer | Handover),
            Self::Ground => kind == NonAcceptance,
            Self::Finding | Self::Findings | Self::Handling | Self::Conditions | Self::Joint => kind == Reply,
            Self::Amount => kind.is_of_award(),
            Self::How => matches!(kind, Award | ClaimTime),
            _ => true,
        }
    }
}

//! What a list of cases is asked for, as it stands in the address.

use crate::{
    casework::{Band, CaseSummary, Deadline, DeadlineKind, State},
    clock::Day,
    ids::StaffId,
    policy::{Code, MatterKind},
    web::{Field, Typed},
};
use std::cmp::Ordering;

pub(super) const FILTERS: [&str; 14] = [
    "state",
    "kind",
    "body",
    "owner",
    "band",
    "due",
    "new",
    "late",
    "danger",
    "word",
    "extension",
    "retaliation",
    "deletion",
    "repeat",
];
pub(super) const SORTS: [&str; 4] = ["deadline", "number", "state", "kind"];

/// What the address asks for. Unknown values ask for nothing.
#[derive(Clone, Default)]
pub(super) struct Filter {
    pub state: Option<State>,
    pub kind: Option<MatterKind>,
    pub body: Option<Code>,
    pub owner: Option<Owner>,
    pub band: Option<Band>,
    /// By working days, as people are reminded.
    pub due: Option<Due>,
    /// Something came from elsewhere since the working day before.
    pub news: bool,
    /// Told upwards.
    pub late: bool,
    pub danger: bool,
    pub word: bool,
    pub extension: bool,
    pub retaliation: bool,
    pub deletion: bool,
    /// Not decided on yet, and likely about the matter of an earlier case.
    pub repeat: bool,
    pub sort: usize,
    pub descending: bool,
    pub page: usize,
}

/// What must be done today, and what soon after.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Today,
    Near,
}

/// The days a filter goes by, asked once and not once a row.
#[derive(Clone, Copy)]
pub(super) struct Days {
    pub today: Day,
    /// What ends by then is near.
    pub near: Day,
    /// What came since then is new.
    pub since: Day,
    /// The last days of the bands that are so called.
    pub soon: Day,
    pub coming: Day,
}

impl Days {
    /// As [`Deadline::band`]: days are compared, none is counted.
    pub fn band(&self, next: &Deadline) -> Band {
        match next.by {
            _ if next.is_the_reporters() => Band::Later,
            by if by < self.today => Band::Overdue,
            by if by <= self.soon => Band::Soon,
            by if by <= self.coming => Band::Coming,
            _ => Band::Later,
        }
    }
}

impl Due {
    pub fn fits(self, row: &CaseSummary, days: &Days) -> bool {
        let ours = row.next.filter(|next| !next.is_the_reporters());
        ours.is_some_and(|next| match self {
            Self::Today => next.by == days.today,
            Self::Near => days.today < next.by && next.by <= days.near,
        })
    }
}

/// Each list shows its own deadline, whatever else the case waits for.
pub(super) fn under(filter: &Filter, row: &CaseSummary) -> CaseSummary {
    CaseSummary { next: filter.deadline(row), ..row.clone() }
}

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Owner {
    Me,
    Nobody,
    Of(StaffId),
}

impl Owner {
    /// `me`, `nobody`, or a log-in name behind a sign that no such name has.
    fn parse(code: &str) -> Option<Self> {
        let is_name = |id: &&str| {
            (2..=32).contains(&id.len())
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
        };
        match code {
            "me" => Some(Self::Me),
            "nobody" => Some(Self::Nobody),
            _ => code.strip_prefix('@').filter(is_name).map(|id| Self::Of(StaffId(id.to_owned()))),
        }
    }

    pub fn code(&self) -> String {
        match self {
            Self::Me => "me".to_owned(),
            Self::Nobody => "nobody".to_owned(),
            Self::Of(id) => format!("@{id}"),
        }
    }
}

impl Filter {
    pub fn parse(query: &str) -> Self {
        let typed = Typed::parse(query.as_bytes()).unwrap_or_default();
        Self {
            state: State::parse(typed.raw("state")),
            kind: MatterKind::from_code(typed.raw("kind")),
            body: typed.raw("body").parse().ok(),
            owner: Owner::parse(typed.raw("owner")),
            band: Band::parse(typed.raw("band")),
            due: match typed.raw("due") {
                "today" => Some(Due::Today),
                "near" => Some(Due::Near),
                _ => None,
            },
            news: typed.raw("new") == "1",
            late: typed.raw("late") == "1",
            danger: typed.raw("danger") == "1",
            word: typed.raw("word") == "reporter",
            extension: typed.raw("extension") == "1",
            retaliation: typed.raw("retaliation") == "1",
            deletion: typed.raw("deletion") == "1",
            repeat: typed.raw("repeat") == "1",
            sort: SORTS.iter().position(|sort| *sort == typed.raw("sort")).unwrap_or(0),
            descending: typed.raw("dir") == "down",
            page: typed.raw("page").parse::<usize>().unwrap_or(1).clamp(1, 1_000_000) - 1,
        }
    }

    /// A list of its own shows its own deadline, whatever else the case waits for.
    pub fn deadline(&self, row: &CaseSummary) -> Option<Deadline> {
        let retaliation = row.retaliation.filter(|_| self.retaliation);
        retaliation.or(row.deletion.filter(|_| self.deletion)).or(row.next)
    }

    /// The value of one filter as it stands in the address; empty: not set.
    pub fn value(&self, name: &str) -> String {
        let flag = |set: bool, value: &str| if set { value.to_owned() } else { String::new() };
        match name {
            "state" => self.state.map_or(String::new(), |s| s.code().to_owned()),
            "kind" => self.kind.map_or(String::new(), |k| k.as_str().to_owned()),
            "body" => self.body.as_ref().map_or(String::new(), Code::to_string),
            "owner" => self.owner.as_ref().map_or(String::new(), Owner::code),
            "due" => match self.due {
                Some(Due::Today) => "today".to_owned(),
                Some(Due::Near) => "near".to_owned(),
                None => String::new(),
            },
            "new" => flag(self.news, "1"),
            "late" => flag(self.late, "1"),
            "band" => self.band.map_or(String::new(), |b| b.code().to_owned()),
            "danger" => flag(self.danger, "1"),
            "word" => flag(self.word, "reporter"),
            "extension" => flag(self.extension, "1"),
            "retaliation" => flag(self.retaliation, "1"),
            "repeat" => flag(self.repeat, "1"),
            _ => flag(self.deletion, "1"),
        }
    }

    /// What a form with these fields sends along unseen, so that it drops nothing: sort, direction, and whatever is set
    /// and has no field.
    pub fn carried(&self, fields: &[Field]) -> Vec<(&'static str, String)> {
        let unseen = FILTERS.into_iter().filter(|name| fields.iter().all(|field| field.name != *name));
        let sort = if self.sort == 0 { "" } else { SORTS[self.sort] };
        let down = if self.descending { "down" } else { "" };
        let list = [("sort", sort.to_owned()), ("dir", down.to_owned())];
        let all = unseen.map(|name| (name, self.value(name))).chain(list);
        all.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The address with one filter left out, or another sort or page.
    pub fn query(&self, without: &str, sort: usize, descending: bool, page: usize) -> String {
        let mut parts: Vec<String> = FILTERS
            .iter()
            .filter(|name| **name != without)
            .map(|name| (name, self.value(name)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if sort != 0 {
            parts.push(format!("sort={}", SORTS[sort]));
        }
        if descending {
            parts.push("dir=down".into());
        }
        if page > 0 {
            parts.push(format!("page={}", page + 1));
        }
        parts.join("&")
    }
}

/// Imminent danger that nobody is on yet comes first, whatever the sort; then by the sort.
pub(super) fn order(filter: &Filter, a: &CaseSummary, b: &CaseSummary) -> Ordering {
    let danger = |row: &CaseSummary| row.next.is_none_or(|next| next.kind != DeadlineKind::Danger);
    let by = match filter.sort {
        1 => a.number.cmp(&b.number),
        2 => a.state.cmp(&b.state),
        3 => a.kind.cmp(&b.kind),
        _ => {
            // Time that runs for the reporter comes after time that runs for us.
            let next = |row: &CaseSummary| filter.deadline(row);
            let ours = |row: &CaseSummary| next(row).is_some_and(|next| !next.is_the_reporters());
            let key = |row: &CaseSummary| (next(row).is_none(), !ours(row), next(row).map(|next| next.by));
            key(a).cmp(&key(b))
        }
    };
    danger(a).cmp(&danger(b)).then(if filter.descending { by.reverse() } else { by })
}

//! The staff record (for auditors): the latest readings, of one case, one person or one copy if asked. Auditors see what
//! their own body and those below it did and handle.

use super::{ConsoleState, view};
use crate::{
    clock::day_of,
    ids::{CaseNumber, StaffId},
    staff::{May, grant},
    store::{Account, Refused, TrailEntry},
    web::{Errors, Field, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};

const MOST: usize = 200;
/// What is recorded; anything else in the store shows its code.
const KNOWN: [&str; 44] = [
    "case",
    "copy",
    "copy-bytes",
    "move",
    "move-sent",
    "document",
    "sheet",
    "sheet-form",
    "lead",
    "search",
    "entry-code",
    "entered",
    "rules",
    "export",
    "award",
    "package",
    "release",
    "share",
    "original",
    "original-sent",
    "original-request",
    "sealed-original",
    "package-original",
    "edited-copy",
    "release-original",
    "share-original",
    "account-made",
    "account-reset",
    "account-disabled",
    "account-enabled",
    "account-changed",
    "account-signed-out",
    "account-handed-over",
    "account-password",
    "account-key",
    "account-joined",
    "account-passkey-added",
    "account-passkey-removed",
    "access-made",
    "access-confirmed",
    "access-revoked",
    "system-list",
    "system-case",
    "system-figures",
];

/// What the address asks for.
#[derive(Default)]
struct Asked {
    case: Option<CaseNumber>,
    person: Option<StaffId>,
    /// The number on a copy.
    entry: Option<u64>,
}

impl Asked {
    fn fits(&self, number: u64, entry: &TrailEntry) -> bool {
        self.case.is_none_or(|case| entry.case == Some(case))
            && self.person.as_ref().is_none_or(|id| entry.by == *id || entry.account.as_ref() == Some(id))
            && self.entry.is_none_or(|asked| asked == number)
    }
}

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadStaffRecord>,
    uri: Uri,
) -> Response {
    let lang = may.lang;
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let mut errors = Errors::default();
    let mut asked = Asked::default();
    match typed.plain("case").as_str() {
        "" => {}
        text => asked.case = text.parse().map_err(|_| errors.add("case", lang.t("error-case-number"))).ok(),
    }
    match typed.plain("copy").as_str() {
        "" => {}
        text => asked.entry = text.parse().map_err(|_| errors.add("copy", lang.t("error-copy-number"))).ok(),
    }
    asked.person =
        Some(typed.plain("person")).filter(|id| !id.is_empty()).map(|id| StaffId(id.to_lowercase()));
    let found =
        if errors.is_empty() { state.trail(may.account.clone(), asked).await } else { Ok(Vec::new()) };
    let entries = match found {
        Ok(entries) => entries,
        Err(cause) => return state.down(lang, &cause),
    };
    let row = |(number, entry): &(u64, TrailEntry)| Row {
        at: if entry.has_day_alone() { view::day(day_of(entry.at)) } else { view::minute(entry.at) },
        who: format!("{} ({})", state.person(&entry.by), entry.by),
        what: if KNOWN.contains(&entry.what.as_str()) {
            let account = entry.account.as_ref().map_or("", |id| id.0.as_str());
            lang.t1(&format!("trail-{}", entry.what), "account", account)
        } else {
            entry.what.clone()
        },
        change: entry.change.clone(),
        case: entry.case.map(|number| number.to_string()).unwrap_or_default(),
        copy: number.to_string(),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let fields = [("case", "column-number"), ("person", "field-login"), ("copy", "column-copy")];
    let fields = fields.map(|(name, label)| Field::line(lang, name, lang.t(label)).filled(&typed, &errors));
    let mut page = state.page(&may, lang.t("trail-title"), "/trail");
    page.errors = errors;
    html(status, &Trail { fields: fields.into(), rows: entries.iter().map(row).collect(), page })
}

impl ConsoleState {
    /// What of the record this account may see.
    async fn trail(&self, account: Account, asked: Asked) -> Result<Vec<(u64, TrailEntry)>, Refused> {
        let state = self.clone();
        // Every entry is decrypted on the way: not on the threads that answer.
        let read = move || {
            let fits =
                |number: u64, entry: &TrailEntry| asked.fits(number, entry) && state.is_of(&account, entry);
            state.cases.trail(&fits, MOST)
        };
        tokio::task::spawn_blocking(read).await.unwrap_or(Err(Refused::Panicked))
    }

    /// About a case of the account's body or one below it; about no case, by somebody of these.
    pub(super) fn is_of(&self, account: &Account, entry: &TrailEntry) -> bool {
        let bodies = &*self.policy.bodies;
        let Some(own) = account.body(bodies) else { return false };
        if *own == *bodies.root() {
            return true;
        }
        match entry.case {
            Some(number) => {
                self.cases.row(number).is_some_and(|row| bodies.covers(own, row.handled_by(bodies)))
            }
            None => {
                let by = self.staff.account(&entry.by).ok().flatten();
                by.and_then(|by| by.body(bodies).cloned()).is_some_and(|body| bodies.covers(own, &body))
            }
        }
    }
}

struct Row {
    at: String,
    who: String,
    what: String,
    /// In codes, as it was recorded.
    change: String,
    case: String,
    /// The number on what was printed.
    copy: String,
}

#[derive(Template)]
#[template(path = "console/trail.html")]
struct Trail {
    page: Page,
    fields: Vec<Field>,
    rows: Vec<Row>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Lang;
    use std::{fs, path::Path};

    /// What records a reading, each with its code among the arguments.
    const RECORDS: [&str; 7] = [
        "state.open(",
        "trail_entry(",
        "state.released(",
        "note_read(",
        "note_account(",
        "note_system(",
        "note_system_change(",
    ];

    #[test]
    fn whatever_is_recorded_is_shown_in_words() {
        let mut codes = Vec::new();
        for face in ["console", "office"] {
            codes_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(face), &mut codes);
        }
        assert!(codes.len() > 30, "{codes:?}");
        for (code, path) in &codes {
            assert!(KNOWN.contains(&code.as_str()), "{path}: {code}");
        }
        for code in KNOWN {
            assert!(Lang::ALL.iter().all(|lang| lang.has(&format!("trail-{code}"))), "{code}");
        }
    }

    fn codes_in(folder: &Path, codes: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                codes_in(&path, codes);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let calls = RECORDS.iter().flat_map(|call| text.split(*call).skip(1));
                // The first text among the arguments; a call without one has its code from its caller.
                let found = calls.filter_map(|rest| rest.split(')').next()?.split('"').nth(1));
                let is_code = |text: &&str| {
                    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
                };
                let found = found.filter(is_code);
                codes.extend(found.map(|code| (code.to_owned(), path.display().to_string())));
            }
        }
    }
}

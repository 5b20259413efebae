//! R11, when an original is asked for: what is to be opened, why, who will see it, until when it can be stopped.

use super::PortalState;
use crate::{
    casework::Case,
    clock::Day,
    evidence::{FilesRequest, FilesState},
    web::Lang,
};
use serde::Serialize;

/// The last request, as its reporter reads it.
#[derive(Serialize)]
pub(super) struct ShownOriginal {
    pub lines: Vec<String>,
    /// The investigators' words.
    pub need: String,
    /// What the reporter's own device compares with the leaf by which they were told: days are 2026-11-26.
    pub name: String,
    /// The sealed original's blob id, hexadecimal.
    pub original: String,
    pub needed_for: &'static str,
    pub asked: String,
    pub object_until: String,
    pub good_until: String,
    /// SHA-256 of all the request says, hexadecimal: who asked stays behind it.
    pub terms: String,
    /// Whether it can still be stopped.
    pub can_stop: bool,
}

/// `None`: no original was asked for, or what became of it stands in the history alone.
pub(super) fn shown(portal: &PortalState, lang: Lang, case: &Case) -> Option<ShownOriginal> {
    let (request, today) = (case.evidence.last()?, portal.clock.today());
    let terms = request.terms();
    let lines = match request.state() {
        FilesState::Asked | FilesState::Published if request.has_lapsed(today) => vec![lang.t("stop-lapsed")],
        FilesState::Asked => asked(lang, case, request, today),
        FilesState::Objected => vec![lang.t("stop-stopped")],
        FilesState::Published => {
            vec![lang.t1("stop-published", "file", file(lang, case, request)), lang.t("stop-sees")]
        }
        FilesState::Released => {
            vec![lang.t1("stop-released", "file", file(lang, case, request)), lang.t("stop-sees")]
        }
        FilesState::Ended(_) => return None,
    };
    let can_stop = request.can_be_objected_to() && !request.has_lapsed(today);
    Some(ShownOriginal {
        lines,
        need: terms.need.clone(),
        name: terms.name(),
        original: hex::encode(terms.original.as_bytes()),
        needed_for: terms.needed_for.code(),
        asked: terms.asked.to_string(),
        object_until: terms.object_until.to_string(),
        good_until: terms.good_until.to_string(),
        terms: hex::encode(terms.hash()),
        can_stop,
    })
}

fn asked(lang: Lang, case: &Case, request: &FilesRequest, today: Day) -> Vec<String> {
    let terms = request.terms();
    let [until, good] = [terms.object_until, terms.good_until].map(|day| lang.day(day));
    let use_for = lang.t(&format!("stop-use-{}", terms.needed_for.code()));
    let when = if today <= terms.object_until { "stop-until" } else { "stop-still" };
    vec![
        lang.t_with("stop-asked", &[("file", file(lang, case, request).into()), ("for", use_for.into())]),
        lang.t("stop-sees"),
        lang.t_with(when, &[("until", until.into()), ("good", good.into())]),
    ]
}

/// Which file: what is known of it without opening it.
fn file(lang: Lang, case: &Case, request: &FilesRequest) -> String {
    let original = request.terms().original;
    let Some((i, file)) = case.files.iter().enumerate().find(|(_, file)| file.original == original) else {
        return lang.t("stop-file-gone");
    };
    let [n, size] = [(i + 1).to_string(), lang.t(&format!("file-size-{}", file.size.code()))];
    lang.t_with("stop-file", &[("n", n.into()), ("day", lang.day(file.day).into()), ("size", size.into())])
}

/// What stands above the field on the page that stops it.
pub(super) fn intro(portal: &PortalState, lang: Lang, case: &Case) -> Vec<String> {
    let Some(shown) = shown(portal, lang, case) else { return Vec::new() };
    let mut lines = shown.lines;
    lines.push(lang.t1("stop-need", "need", shown.need));
    lines.push(lang.t("stop-text"));
    lines
}

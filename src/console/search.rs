//! Looking for a word: in numbers and targets of every case this person may open, and in the texts of the newest.
//! Every text is decrypted on the way, so that many are read only when asked for once more.

use super::{
    ConsoleState,
    filter::{Filter, order},
    queue::{Queue, ROWS},
};
use crate::{
    casework::CaseSummary,
    ids::CaseNumber,
    repeats::as_compared,
    staff::{Member, Sent, grant},
    store::{Cases, Refused, Wanted},
    web::html,
};
use axum::{extract::State as Shared, http::StatusCode, response::Response};
use std::sync::Arc;

/// Cases whose texts are read at once, and when asked for once more: a tenth of a second and less, and half of one.
const READ_AT_ONCE: usize = 300;
const READ_MORE: usize = 2_000;

/// Free text comes by POST: it may hold names, and addresses end up in logs. Width, case, spaces and marks do not matter.
pub(super) async fn search(Shared(state): Shared<ConsoleState>, sent: Sent<grant::SeeQueue>) -> Response {
    let (member, lang) = (&sent.may, sent.may.lang);
    let text = as_compared(sent.typed.text("text"));
    if let Err(response) = state.note_read(member, "search", None).await {
        return response;
    }
    let read = if sent.typed.has("more") { READ_MORE } else { READ_AT_ONCE };
    let (mut rows, mut total, texts) = match text.is_empty() {
        true => (Vec::new(), 0, Vec::new()),
        false => state.look(member, &text, read),
    };
    let all_read = texts.len() < read;
    // Not on a thread that serves others.
    let (cases, wanted) = (state.cases.clone(), text.clone());
    let found = tokio::task::spawn_blocking(move || with_text(&cases, texts, &wanted)).await;
    let found = match found.unwrap_or(Err(Refused::Panicked)) {
        Ok(found) => found,
        Err(cause) => return state.down(lang, &cause),
    };
    total += found.len();
    rows.extend(found.into_iter().filter_map(|number| state.cases.row(number)));
    rows.sort_by(newest);
    let mut page = state.page(member, lang.t1("search-title", "count", total), "");
    page.back = page.href("/cases");
    let template = Queue {
        rows: rows.iter().take(ROWS).map(|row| state.row(member, row)).collect(),
        searched: true,
        read: if all_read { lang.t("search-read-all") } else { lang.t1("search-read", "count", read) },
        again: if all_read || read == READ_MORE { String::new() } else { sent.typed.plain("text") },
        ..Queue::empty(page)
    };
    html(StatusCode::OK, &template)
}

impl ConsoleState {
    /// Rows that have the word themselves, the newest first, and how many there are; and the newest of the others.
    fn look(&self, member: &Member, text: &str, read: usize) -> (Vec<CaseSummary>, usize, Vec<CaseNumber>) {
        let sight = self.sight(member);
        // A number without its dash; nothing but digits can be one.
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let has = |row: &CaseSummary| {
            row.sought.contains(text) || (is_number && row.number.to_string().replace('-', "").contains(text))
        };
        let list = |has_it: bool, most| Wanted {
            matches: Box::new(move |row: &CaseSummary| has(row) == has_it),
            order: Box::new(newest),
            skip: 0,
            most,
        };
        let opens = |row: &CaseSummary| member.actor.may_read(row.owner.as_ref()) && sight.sees(row);
        let mut found = self.cases.lists(&opens, &[list(true, ROWS), list(false, read)]);
        let others = found.pop().map(|page| page.rows).unwrap_or_default();
        let (rows, total) = found.pop().map(|page| (page.rows, page.total)).unwrap_or_default();
        (rows, total, others.into_iter().map(|row| row.number).collect())
    }
}

fn newest(a: &CaseSummary, b: &CaseSummary) -> std::cmp::Ordering {
    order(&Filter { sort: 1, descending: true, ..Filter::default() }, a, b)
}

fn with_text(
    cases: &Arc<dyn Cases>,
    numbers: Vec<CaseNumber>,
    text: &str,
) -> Result<Vec<CaseNumber>, Refused> {
    let mut found = Vec::new();
    for number in numbers {
        // One that cannot be read is told by `mifeng check`, and keeps no other from being found.
        let Ok(Some(dossier)) = cases.case(number) else { continue };
        let content = &dossier.case.content;
        let additions = dossier.case.additions.iter().map(|addition| &addition.text);
        let mut parts = [&content.target_name, &content.address, &content.narrative, &content.credit_code]
            .into_iter()
            .chain(additions);
        if parts.any(|part| as_compared(part).contains(text)) {
            found.push(number);
        }
    }
    Ok(found)
}

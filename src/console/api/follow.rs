//! The list of cases, in the order they changed: a system asks for what came after the last it has seen.
//!
//! A cursor is `RUN.PLACE`: a process puts what it is asked about in an order of its own and forgets it when it ends. A
//! cursor of another run is refused; the system then lists anew and compares versions. Each body has an order of its own: one
//! for all would count for every system how much the others have to do.

use super::{down, refused};
use crate::{
    casework::CaseSummary,
    console::ConsoleState,
    ids::CaseNumber,
    staff::{System, scope},
    web::Typed,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

/// Rows of an answer.
const MOST: usize = 500;
const USUAL: usize = 100;

/// In which order this process has seen cases change.
pub(in crate::console) struct Followed {
    run: u32,
    /// By the body's code.
    seen: Mutex<HashMap<String, Seen>>,
}

#[derive(Default)]
struct Seen {
    last: u64,
    /// Version and place of each case.
    cases: HashMap<CaseNumber, (u64, u64)>,
    by_place: BTreeMap<u64, CaseNumber>,
}

impl Followed {
    /// `run`: drawn, so that no two runs are taken for one.
    pub fn new(run: u32) -> Self {
        Self { run, seen: Mutex::default() }
    }

    /// Takes in what of this body's cases has changed since the last time, and gives up to `most` of them after `place`, with
    /// their places, and whether there are more. A case that the body has no more is not among `versions`.
    fn after(
        &self,
        body: &str,
        versions: &BTreeMap<CaseNumber, u64>,
        place: u64,
        most: usize,
    ) -> (Vec<(CaseNumber, u64)>, bool) {
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(body.to_owned()).or_default();
        for (number, version) in versions {
            let known = seen.cases.get(number).copied();
            // A reading that was overtaken by another one takes nothing back.
            if known.is_some_and(|(known, _)| known >= *version) {
                continue;
            }
            if let Some((_, place)) = known {
                seen.by_place.remove(&place);
            }
            seen.last += 1;
            let last = seen.last;
            seen.cases.insert(*number, (*version, last));
            seen.by_place.insert(last, *number);
        }
        let later = seen.by_place.range(place.saturating_add(1)..);
        let mut found: Vec<_> = later
            .filter(|(_, number)| versions.contains_key(number))
            .map(|(place, number)| (*number, *place))
            .take(most + 1)
            .collect();
        let more = found.len() > most;
        found.truncate(most);
        (found, more)
    }

    fn cursor(&self, place: u64) -> String {
        format!("{:08x}.{place}", self.run)
    }

    /// `None`: of another run, or none of ours.
    fn place(&self, cursor: &str) -> Option<u64> {
        let (run, place) = cursor.split_once('.')?;
        let place: u64 = place.parse().ok()?;
        (run == format!("{:08x}", self.run) && self.cursor(place) == cursor).then_some(place)
    }
}

pub(super) async fn list(
    State(state): State<ConsoleState>,
    system: System<scope::Cases>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let lang = system.lang();
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes())
        .map_err(|_| refused(lang, StatusCode::BAD_REQUEST, "query"))?;
    let followed = &state.followed;
    let limit = match typed.raw("limit") {
        _ if !typed.has("limit") => USUAL,
        limit => {
            let limit = limit.parse().ok().filter(|limit| (1..=MOST).contains(limit));
            limit.ok_or_else(|| refused(lang, StatusCode::BAD_REQUEST, "limit"))?
        }
    };
    let place = match typed.raw("after") {
        _ if !typed.has("after") => 0,
        cursor => followed.place(cursor).ok_or_else(|| refused(lang, StatusCode::GONE, "cursor"))?,
    };
    let work = {
        let (state, system) = (state.clone(), system.clone());
        move || rows(&state, &system, place, limit)
    };
    // Going through 100,000 rows takes milliseconds, but not on the threads that answer.
    let (rows, next, more) = tokio::task::spawn_blocking(work).await.map_err(|cause| down(lang, &cause))?;
    let next = followed.cursor(next);
    let tag = format!("\"{next}\"");
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if rows.is_empty() && known.flat_map(|value| value.split(',')).any(|value| value.trim() == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    if !rows.is_empty() {
        state.note_system(&system, lang, "system-list", None).await?;
    }
    let body = json!({ "cases": rows, "next": next, "more": more });
    Ok(([(header::ETAG, tag)], Json(body)).into_response())
}

fn rows(
    state: &ConsoleState,
    access: &crate::store::Access,
    place: u64,
    limit: usize,
) -> (Vec<Value>, u64, bool) {
    let bodies = &state.policy.bodies;
    let Some(own) = access.body(bodies) else { return (Vec::new(), place, false) };
    let mut shown: HashMap<CaseNumber, CaseSummary> = HashMap::new();
    state.cases.each(&mut |row| {
        if bodies.covers(own, row.handled_by(bodies)) {
            shown.insert(row.number, row.clone());
        }
    });
    let versions = shown.iter().map(|(number, row)| (*number, row.version)).collect();
    let (found, more) = state.followed.after(own.code.as_str(), &versions, place, limit);
    let next = found.last().map_or(place, |(_, place)| *place);
    let rows = found.iter().filter_map(|(number, _)| shown.get(number)).map(|row| summary(state, row));
    (rows.collect(), next, more)
}

/// As in the list that staff see, but for the target: its reporter typed that, and what is passed on of it stands in the sheet.
fn summary(state: &ConsoleState, row: &CaseSummary) -> Value {
    json!({
        "number": row.number.to_string(),
        "version": row.version,
        "received": row.received.to_string(),
        "state": row.state.code(),
        "kind": row.kind.as_str(),
        "industry": row.industry,
        "region": row.region,
        "body": row.handled_by(&state.policy.bodies).code.as_str(),
        "imminent_danger": row.imminent_danger,
        "deadline": row.next.map(|next| json!({ "kind": next.kind.code(), "by": next.by.to_string() })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(serial: u32) -> CaseNumber {
        CaseNumber { year: 2026, serial }
    }

    #[test]
    fn what_changes_comes_again_and_nothing_is_left_out_between_pages() {
        let followed = Followed::new(7);
        let mut cases = BTreeMap::from([1, 2, 3].map(|n| (number(n), 1)));
        let (first, more) = followed.after("here", &cases, 0, 2);
        assert_eq!((first.clone(), more), (vec![(number(1), 1), (number(2), 2)], true));
        // One that was shown changes between two pages.
        cases.insert(number(1), 2);
        let (second, more) = followed.after("here", &cases, 2, 2);
        assert_eq!((second, more), (vec![(number(3), 3), (number(1), 4)], false));
        assert_eq!(followed.after("here", &cases, 4, 2), (vec![], false));
        // An older reading changes nothing.
        cases.insert(number(1), 1);
        assert_eq!(followed.after("here", &cases, 4, 2), (vec![], false));
        // What another body has now comes here no more.
        let rest = cases.split_off(&number(2));
        assert_eq!(followed.after("here", &rest, 0, 9), (vec![(number(2), 2), (number(3), 3)], false));
    }

    #[test]
    fn a_body_s_cursor_counts_its_own_cases_alone() {
        let followed = Followed::new(7);
        let own = BTreeMap::from([(number(1), 1)]);
        assert_eq!(followed.after("here", &own, 0, 9).0, [(number(1), 1)]);
        let others = BTreeMap::from([2, 3, 4].map(|n| (number(n), 1)));
        assert_eq!(followed.after("elsewhere", &others, 0, 9).0.len(), 3);
        let changed = BTreeMap::from([(number(1), 2)]);
        assert_eq!(
            followed.after("here", &changed, 1, 9).0,
            [(number(1), 2)],
            "the next place, whatever others did"
        );
    }

    #[test]
    fn a_cursor_of_another_run_is_none() {
        let followed = Followed::new(7);
        assert_eq!(followed.place(&followed.cursor(12)), Some(12));
        for bad in [Followed::new(8).cursor(12).as_str(), "", "12", "00000007.", "00000007.+12", "7.12"] {
            assert_eq!(followed.place(bad), None, "{bad}");
        }
    }
}

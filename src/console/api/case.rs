//! One case, member by member: what is not named here does not leave. Of what the reporter wrote that is the text of the
//! latest sheet alone, as its editor confirmed it (`docs/decisions/sheets.md`); of what staff wrote, what the reporter was told.
//! Who of the staff did something is left out.

use super::{down, refused};
use crate::{
    casework::{Case, Copy, Event, Message, Part, Who},
    clock::Day,
    console::{ConsoleState, sheet},
    ids::CaseNumber,
    scrub::Piece,
    staff::{System, scope},
    web::Lang,
};
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What does not exist and what the system's body does not handle look alike. Every reading is recorded.
pub(super) async fn show(
    State(state): State<ConsoleState>,
    system: System<scope::Cases>,
    Path(number): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Response> {
    let (lang, bodies) = (system.lang(), &state.policy.bodies);
    let nothing = || refused(lang, StatusCode::NOT_FOUND, "not-found");
    let number: CaseNumber = number.parse().map_err(|_| nothing())?;
    let found = state.cases.case(number).map_err(|cause| down(lang, &cause))?;
    let own = system.body(bodies);
    let reached =
        found.filter(|dossier| own.is_some_and(|own| bodies.covers(own, dossier.case.handled_by(bodies))));
    let case = reached.ok_or_else(nothing)?.case;
    // What was taken out of a sheet is named in the language asked for.
    let tag = format!("\"{}.{}\"", case.version, lang.path());
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|value| value.split(',')).any(|value| value.trim() == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    state.note_system(&system, lang, "system-case", Some(number)).await?;
    Ok(([(header::ETAG, tag)], Json(shown(&state, lang, &case))).into_response())
}

fn shown(state: &ConsoleState, lang: Lang, case: &Case) -> Value {
    let content = &case.content;
    let clocks = &case.deadlines;
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    json!({
        "number": case.number.to_string(),
        "version": case.version,
        "received": case.received.to_string(),
        "state": case.state.code(),
        "body": case.handled_by(&state.policy.bodies).code.as_str(),
        "content": {
            "kind": content.kind.as_str(),
            "industry": content.industry,
            "region": content.region,
            "ongoing": content.ongoing,
            "imminent_danger": content.imminent_danger,
        },
        "sheet": latest_sheet(lang, case),
        "additions": days(case.additions.iter().map(|addition| addition.day)),
        "files": case.files.iter().map(|file| json!({
            "day": file.day.to_string(),
            "size": file.size.code(),
            "has_copy": matches!(file.copy, Copy::Cleaned { .. }),
        })).collect::<Vec<_>>(),
        "messages": case.messages.iter().map(message).collect::<Vec<_>>(),
        "objections": days(case.objections.iter().map(|objection| objection.day)),
        "retaliations": days(case.retaliations.iter().map(|retaliation| retaliation.day)),
        "deletions": days(case.deletions.iter().map(|deletion| deletion.day)),
        "notes": days(case.notes.iter().map(|note| note.day)),
        "history": case.history.iter().map(event).collect::<Vec<_>>(),
        "deadlines": {
            "accept_by": day(clocks.accept_by),
            "danger_by": day(clocks.danger_by),
            "supplement_by": day(clocks.supplement_by),
            "conclude_by": day(clocks.conclude_by),
            "objection_by": day(clocks.objection_by),
            "review_by": day(clocks.review_by),
        },
        "ground": case.declined.as_ref().map(|declined| declined.ground.as_str()),
        "finding": case.conclusion.as_ref().map(|conclusion| conclusion.finding.code()),
        "reply": case.reply.as_ref().map(|reply| json!({
            "day": reply.day.to_string(),
            "findings": reply.findings,
            "handling": reply.handling,
            "conditions": reply.reward.code(),
        })),
        "transferred_to": case.transferred.as_ref().map(|transferred| transferred.office.as_str()),
        "merged_into": case.merged_into.map(|number| number.to_string()),
        "merged": case.merged.iter().map(CaseNumber::to_string).collect::<Vec<_>>(),
        "channel": case.entered.as_ref().map(|entered| entered.channel.as_str()),
        "deleted": day(case.erased),
    })
}

/// The latest sheet, part by part; what was empty is null. Null before there is one, and once the report was deleted at its
/// reporter's wish.
fn latest_sheet(lang: Lang, case: &Case) -> Value {
    let Some(made) = case.sheets.last().filter(|made| !made.parts.is_empty()) else { return Value::Null };
    let of = |part: Part| {
        let found = made.parts.iter().find(|each| each.part == part);
        found.map(|each| text(lang, &each.pieces))
    };
    let additions = made.parts.iter().filter_map(|each| match each.part {
        Part::Addition(n) => {
            let day = case.additions.get(n).map(|addition| addition.day.to_string());
            Some(json!({ "day": day, "text": text(lang, &each.pieces) }))
        }
        _ => None,
    });
    json!({
        "day": made.day.to_string(),
        "target": of(Part::Target),
        "credit_code": of(Part::CreditCode),
        "address": of(Part::Address),
        "when": of(Part::When),
        "narrative": of(Part::Narrative),
        "additions": additions.collect::<Vec<_>>(),
    })
}

/// As the sheet's own page has it: what was taken out says what it was.
fn text(lang: Lang, pieces: &[Piece]) -> String {
    sheet::shown(lang, pieces).into_iter().map(|piece| piece.text).collect()
}

/// That there was something, and when.
fn days(all: impl Iterator<Item = Day>) -> Vec<Value> {
    all.map(|day| json!({ "day": day.to_string() })).collect()
}

/// What the reporter wrote stays here, and what staff wrote nobody here can read again.
fn message(message: &Message) -> Value {
    json!({ "day": message.day.to_string(), "by": by(&message.from), "file": message.file.is_some() })
}

/// Without the reason: it is for the file, and may name staff, another report or what the reporter said.
fn event(event: &Event) -> Value {
    json!({
        "day": event.day.to_string(),
        "by": by(&event.by),
        "what": event.what.code(),
        "state": event.state.code(),
        "told": event.told,
    })
}

fn by(who: &Who) -> &'static str {
    match who {
        Who::Reporter => "reporter",
        Who::Rule => "rule",
        Who::Staff(_) => "staff",
    }
}

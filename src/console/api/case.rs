//! One case, member by member: what is not named here does not leave. Who of the staff did something is left out; of its
//! reporter there is nothing to leave out.

use super::{down, refused};
use crate::{
    casework::{Case, Copy, Event, Message, MessageText, Who},
    console::ConsoleState,
    ids::CaseNumber,
    staff::{System, scope},
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
    let tag = format!("\"{}\"", case.version);
    let known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    if known.flat_map(|value| value.split(',')).any(|value| value.trim() == tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    state.note_system(&system, lang, "system-case", Some(number)).await?;
    Ok(([(header::ETAG, tag)], Json(shown(&state, &case))).into_response())
}

fn shown(state: &ConsoleState, case: &Case) -> Value {
    let content = &case.content;
    let clocks = &case.deadlines;
    let day = |day: Option<crate::clock::Day>| day.map(|day| day.to_string());
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
            "target": content.target_name,
            "credit_code": content.credit_code,
            "address": content.address,
            "narrative": content.narrative,
            "when": content.when_text,
            "ongoing": content.ongoing,
            "imminent_danger": content.imminent_danger,
        },
        "additions": case.additions.iter().map(|a| said(a.day, &a.text)).collect::<Vec<_>>(),
        "files": case.files.iter().map(|file| json!({
            "day": file.day.to_string(),
            "size": file.size.code(),
            "has_copy": matches!(file.copy, Copy::Cleaned { .. }),
        })).collect::<Vec<_>>(),
        "messages": case.messages.iter().map(message).collect::<Vec<_>>(),
        "objections": case.objections.iter().map(|o| said(o.day, &o.text)).collect::<Vec<_>>(),
        "retaliations": case.retaliations.iter().map(|r| said(r.day, &r.text)).collect::<Vec<_>>(),
        "deletions": case.deletions.iter().map(|d| said(d.day, &d.text)).collect::<Vec<_>>(),
        "notes": case.notes.iter().map(|note| said(note.day, &note.text)).collect::<Vec<_>>(),
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

fn said(day: crate::clock::Day, text: &str) -> Value {
    json!({ "day": day.to_string(), "text": text })
}

/// What staff wrote is sealed to the receipt: nobody here can read it again.
fn message(message: &Message) -> Value {
    let text = match &message.text {
        MessageText::Clear(text) => Some(text),
        MessageText::Sealed(_) => None,
    };
    json!({ "day": message.day.to_string(), "by": by(&message.from), "text": text, "file": message.file.is_some() })
}

fn event(event: &Event) -> Value {
    use crate::casework::MoveKind::{Assign, Reassign};
    // Of these the reason is a log-in name.
    let reason = if matches!(event.what, Assign | Reassign) { "" } else { &event.reason };
    json!({
        "day": event.day.to_string(),
        "by": by(&event.by),
        "what": event.what.code(),
        "state": event.state.code(),
        "reason": reason,
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

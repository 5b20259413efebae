//! A report from a client that asks the questions itself: the matter comes whole, beside what the device sealed.

use crate::{
    portal::{
        PortalState,
        device::{self, Heard, Json},
        draft::{Draft, NAMELESS, Step, check},
        files_remove::{self, Removal},
        from_office,
        once::Once,
        visit::{Visit, Visitor},
        wait,
    },
    web::{Lang, Typed, problem},
};
use axum::{
    Json as Answer,
    extract::{Path, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// The reporter has read the notice.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Agreed {
    agreed: bool,
    /// Of a refusal with code `wait`: the place that is kept, or the work done for it.
    #[serde(default)]
    place: String,
    #[serde(default)]
    work: String,
}

/// Begins a visit with a draft; gives what its seal is bound to.
pub(super) async fn begin(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Json(Agreed { agreed, place, work }): Json<Agreed>,
) -> Result<Response, Response> {
    if !agreed {
        let sentence = visitor.lang.t("api-not-agreed");
        return Err(problem(visitor.lang, StatusCode::UNPROCESSABLE_ENTITY, "not-agreed", sentence, &[]));
    }
    let pass = wait::enter(&portal, &visitor, &place, &work).await;
    let pass = pass.map_err(|ticket| wait::program_later(&portal, &visitor, ticket))?;
    let draft = Draft::new(&mut rand::rng());
    let report = draft.report.to_string();
    let mut once = String::new();
    let cookie = visitor.begin(|visit| {
        once = visit.tokens.next();
        visit.draft = Some(draft);
    });
    let cookie = cookie.await.inspect_err(|_| portal.gate.give_back(pass))?;
    let begun = json!({ "once": once, "report": report, "instance": portal.recipients.instance().0 });
    Ok((StatusCode::CREATED, [(header::SET_COOKIE, cookie)], Answer(begun)).into_response())
}

/// What investigators will read, in the pages' own terms.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Matter {
    kind: String,
    industry: String,
    /// GB/T 2260, as deep as the reporter knows.
    region: String,
    target: String,
    #[serde(default)]
    credit_code: String,
    #[serde(default)]
    address: String,
    narrative: String,
    #[serde(default)]
    when: String,
    #[serde(default)]
    ongoing: bool,
    #[serde(default)]
    imminent_danger: bool,
}

impl Matter {
    fn bytes(&self) -> usize {
        let Self { kind, industry, region, target, credit_code, address, narrative, when, .. } = self;
        [kind, industry, region, target, credit_code, address, narrative, when].map(String::len).iter().sum()
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    matter: Matter,
    seal: device::Sent,
}

/// Stores matter and seal as one durable unit; a second time, it is answered like the first. While nobody knows whether it
/// is stored, nothing else is taken in its place.
pub(super) async fn send(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(Report { matter, seal }, asked): Heard<Report>,
) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    if visit.tokens.judge(seal.once()) == Once::Foreign {
        return Err(visitor.ended().into_response());
    }
    let unsure = visit.draft.as_ref().map(|draft| draft.unsure.as_slice()).unwrap_or_default();
    if !unsure.is_empty() && unsure.iter().all(|before| before.asked != Some(asked)) {
        return Err(visitor.asked.notice(StatusCode::CONFLICT, "device-differs").into_response());
    }
    if !visit.may_grow(matter.bytes()) {
        return Err(visitor.full("busy", "/check"));
    }
    let wrong = fill(&portal, visitor.lang, &mut visit, matter);
    if !wrong.is_empty() {
        let sentence = visitor.lang.t("api-mend");
        let more = [("errors", Value::from(wrong))];
        return Err(problem(visitor.lang, StatusCode::UNPROCESSABLE_ENTITY, "mend", sentence, &more));
    }
    drop(visit);
    device::send(State(portal), visitor, Heard(seal, asked)).await
}

/// Puts the answers into the draft, if it is still there. Gives what is wrong with them.
fn fill(portal: &PortalState, lang: Lang, visit: &mut Visit, matter: Matter) -> Vec<Value> {
    let Some(draft) = &mut visit.draft else { return Vec::new() };
    let now = [("now", "ongoing", matter.ongoing), ("now", "danger", matter.imminent_danger)];
    let ticked = now.into_iter().filter(|(_, _, is)| *is).map(|(name, value, _)| (name, value.to_owned()));
    let answers: [(Step, Vec<(&str, String)>); 6] = [
        // Whether there is a name is inside the seal alone.
        (Step::Name, vec![("name", NAMELESS.to_owned())]),
        (Step::Region, vec![("region", matter.region)]),
        (Step::Kind, vec![("kind", matter.kind)]),
        (Step::Industry, vec![("industry", matter.industry)]),
        (
            Step::Place,
            vec![("target", matter.target), ("code", matter.credit_code), ("address", matter.address)],
        ),
        (
            Step::Story,
            [("story", matter.narrative), ("when", matter.when)].into_iter().chain(ticked).collect(),
        ),
    ];
    let mut wrong = Vec::new();
    for (step, pairs) in answers {
        let typed = Typed::from_pairs(pairs.into_iter().map(|(name, value)| (name.to_owned(), value)));
        if step != Step::Name {
            for (field, sentence) in check(step, &typed, &portal.policy, lang).list() {
                wrong.push(json!({ "field": member(field), "detail": sentence }));
            }
        }
        draft.keep(step, &typed, &portal.policy.intake);
    }
    wrong
}

/// The member of [`Matter`] that a page's field is.
fn member(field: &str) -> &str {
    match field {
        "query" => "region",
        "code" => "credit_code",
        "story" => "narrative",
        known => known,
    }
}

/// Which file. It travels in the body: this name stands on our disk beside a case, and addresses end up in other
/// people's logs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Which {
    blob: String,
}

/// A file of staff's, as it is kept.
pub(super) async fn from_office(
    state: State<PortalState>,
    visitor: Visitor,
    Json(Which { blob }): Json<Which>,
) -> Result<Response, Response> {
    from_office::sealed(state, visitor, Path(blob)).await
}

/// Removes a file; gives the report without it.
pub(super) async fn detach(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Json(Which { blob }): Json<Which>,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    let refused = |status, code, removal: Removal| {
        Err(problem(visitor.lang, status, code, visitor.lang.t(removal.key()), &[]))
    };
    match files_remove::remove(&portal, &visitor, &visit, &blob).await? {
        Removal::Done => device::view(&portal, &visitor, &mut visit),
        gone @ Removal::Gone => refused(StatusCode::NOT_FOUND, "no-such-file", gone),
        not @ Removal::Not => refused(StatusCode::CONFLICT, "moved", not),
    }
}

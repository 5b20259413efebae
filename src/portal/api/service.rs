//! What a client must know before it asks anything: the choices, the limits, the notice. All of it is policy.

use crate::{
    policy::{Fields, FileType, Lang, Retention, Text},
    portal::{PortalState, device, region::MOST_FOUND},
    web::Asked,
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};

pub(super) async fn service(State(portal): State<PortalState>, asked: Asked) -> Response {
    let (intake, lang) = (&portal.policy.intake, asked.lang);
    let text = |text: &Text| text.get(lang).to_owned();
    let all = |texts: &[Text]| texts.iter().map(text).collect::<Vec<_>>();
    let coded = |code: &str, name: &Text| json!({ "code": code, "name": text(name) });
    let kinds = intake.kinds.iter().map(
        |kind| json!({ "code": kind.kind.as_str(), "name": text(&kind.name), "hint": text(&kind.hint) }),
    );
    let elsewhere = intake.out_of_scope.iter().map(|sector| {
        json!({ "code": sector.code.as_str(), "name": text(&sector.name), "department": text(&sector.department) })
    });
    let service = &intake.service;
    Json(json!({
        "name": text(&service.name),
        "instance": portal.recipients.instance().0,
        "hotline": service.hotline,
        "rewards": service.rewards,
        "draft_idle_minutes": service.draft_idle_minutes,
        "notice": {
            "scope": all(&intake.notice.scope),
            "rights": all(&intake.notice.rights),
            "duties": all(&intake.notice.duties),
            "anonymous": all(&intake.notice.anonymous),
        },
        "kinds": kinds.collect::<Vec<_>>(),
        "industries": intake.industries.iter().map(|one| coded(one.code.as_str(), &one.name)).collect::<Vec<_>>(),
        "out_of_scope": elsewhere.collect::<Vec<_>>(),
        "not_accepted": all(&intake.not_accepted.iter().map(|ground| ground.text.clone()).collect::<Vec<_>>()),
        "limits": limits(&intake.fields),
        "attachments": {
            "most": intake.attachments.most,
            "types": intake.attachments.types.iter().map(|kind| file_type(kind, lang)).collect::<Vec<_>>(),
        },
        "retention": retention(&portal.policy.retention),
    }))
    .into_response()
}

/// In characters, after trimming.
fn limits(fields: &Fields) -> Value {
    json!({
        "target": fields.target_name,
        "credit_code": fields.credit_code,
        "address": fields.address,
        "narrative": fields.narrative,
        "when": fields.when,
        "message": fields.message,
        "withdraw_reason": fields.withdraw_reason,
        "person_name": fields.person_name,
        "id_number": fields.id_number,
        "mobile": fields.mobile,
        "payee_name": fields.payee_name,
        "payee_bank": fields.payee_bank,
        "payee_account": fields.payee_account,
        "joint_signatories": fields.joint_signatories,
    })
}

/// Months, as the page "what we keep" counts them.
fn retention(kept: &Retention) -> Value {
    json!({
        "open": kept.open_case.count(),
        "closed": kept.closed.count(),
        "not_accepted": kept.not_accepted.count(),
        "withdrawn": kept.withdrawn.count(),
        "award": kept.award.count(),
    })
}

fn file_type(kind: &FileType, lang: Lang) -> Value {
    json!({
        "media_type": kind.mime,
        "name": kind.name.get(lang),
        "endings": kind.endings.iter().map(|ending| ending.as_str()).collect::<Vec<_>>(),
        "most_bytes": kind.most_bytes,
        "cleaned": kind.cleaned,
    })
}

/// All regions that exist today, by code: whoever asks tells nothing of where the matter is.
pub(super) async fn regions(State(portal): State<PortalState>) -> Response {
    let all = portal.policy.regions.current().map(|region| {
        json!({ "code": region.code.to_string(), "name": region.name, "parent": region.parent.map(|code| code.to_string()) })
    });
    Json(all.collect::<Vec<_>>()).into_response()
}

/// A name, or a part of one, as it was typed. It travels in the body: addresses end up in other people's logs.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sought {
    name: String,
}

/// Regions by name, best first, each with those it lies in.
pub(super) async fn found(
    State(portal): State<PortalState>,
    device::Json(Sought { name }): device::Json<Sought>,
) -> Response {
    let regions = &portal.policy.regions;
    let found = regions.search(&name, MOST_FOUND).into_iter();
    let found = found.map(|region| {
        let more = regions.children(region.code).next().is_some();
        json!({ "code": region.code.to_string(), "name": regions.path(region.code).join(" "), "more": more })
    });
    Json(found.collect::<Vec<_>>()).into_response()
}

//! Sending what the device sealed. The matter comes from the draft; of the person, the receipt and the files key only
//! sealed bytes and public halves arrive.

use super::{
    answer::{Heard, Json, json},
    structure,
};
use crate::{
    envelope::SealedReport,
    ids::ReportId,
    portal::{
        PortalState, later,
        mine::{Keys, Own},
        once::Once,
        refused_by_store,
        sending::{Public, return_after, store_draft},
        unsure::{self, NotTaken},
        visit::{Visit, Visitor},
    },
    receipt::{AuditKey, AuthHash, LocatorHash, Mailbox},
    signing::VerifyKey,
    store::Refused,
    web::{Form, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};

/// What the script posts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Sent {
    once: String,
    report: ReportId,
    locator: LocatorHash,
    auth: AuthHash,
    audit_key: AuditKey,
    mailbox: Mailbox,
    claim_key: VerifyKey,
    sealed: SealedReport,
}

impl Sent {
    /// The form token.
    pub fn once(&self) -> &str {
        &self.once
    }
}

#[derive(Serialize)]
struct Saved {
    /// The sentence above the receipt.
    saved: String,
}

/// Stores draft and seal as one durable unit. What arrives a second time, because the first answer was lost on the way,
/// is answered like the first; something else with the same receipt is not.
pub(in crate::portal) async fn send(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(sent, asked): Heard<Sent>,
) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    let once = visit.tokens.judge(&sent.once);
    if once == Once::Foreign {
        return Err(visitor.ended().into_response());
    }
    let mistaken =
        |key| visitor.asked.notice(StatusCode::CONFLICT, key).next(visitor.href("/seal")).into_response();
    if let Some(own) =
        visit.own.as_ref().filter(|own| own.report == sent.report && own.locator == sent.locator)
    {
        let differs = own.asked.is_some_and(|before| before != asked);
        return if differs { Err(mistaken("device-differs")) } else { Ok(saved(&visitor, own)) };
    }
    // With another receipt: two tabs showed this draft, and each has drawn its own.
    if visit.own.as_ref().is_some_and(|own| own.report == sent.report) {
        return Err(mistaken("device-sent-before"));
    }
    let is_ready = |visit: &Visit| {
        let draft = visit.draft.as_ref().filter(|draft| draft.report == sent.report)?;
        Some(draft.unanswered(&portal.policy).is_none())
    };
    match is_ready(&visit) {
        Some(true) => {}
        Some(false) => return Err(mistaken("device-unfinished")),
        None => return Err(visitor.ended().into_response()),
    }
    let unsure = visit.draft.iter().flat_map(|draft| &draft.unsure);
    if unsure.filter(|before| before.locator == sent.locator).any(|before| before.asked != Some(asked)) {
        return Err(mistaken("device-differs"));
    }
    structure::check(&sent.sealed, &portal.recipients)
        .map_err(|misshapen| structure::refused(&visitor, misshapen))?;
    visitor.room_for_report()?;
    let Some(draft) = visit.draft.take() else { return Err(visitor.ended().into_response()) };
    let keys = Keys { audit: sent.audit_key, claim: sent.claim_key };
    let public = Public { locator: sent.locator, auth: sent.auth, keys, mailbox: sent.mailbox };
    let own = Own::sealed_elsewhere(&public, draft.report, return_after(&portal));
    let mut own = own.at_desk(draft.entry.is_some());
    own.asked = Some(asked);

    // On its own task: a reporter whose connection breaks now must find the report sent or the draft whole.
    let task = tokio::spawn(async move {
        match store_draft(&portal, &draft, &public, sent.sealed).await {
            Ok(()) => {
                visit.own = Some(own);
                visit.sent = Some(draft.sent());
                Ok(visit)
            }
            Err(refused) => {
                let why = unsure::put_back(&portal, &mut visit, draft, own, &refused);
                Err((why, portal.policy.intake.service.hotline.clone()))
            }
        }
    });
    match task.await {
        Ok(Ok(visit)) => match &visit.own {
            Some(own) => Ok(saved(&visitor, own)),
            None => Err(visitor.ended().into_response()),
        },
        Ok(Err((NotTaken::Before, _))) => Err(mistaken("device-sent-before")),
        Ok(Err((NotTaken::NoTicket, _))) => {
            Err(visitor.asked.notice(StatusCode::GONE, "desk-code").into_response())
        }
        Ok(Err((NotTaken::Store(key), hotline))) => {
            let notice = visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, key);
            Err(notice.with("phone", hotline).into_response())
        }
        Err(_) => Err(visitor.asked.notice(StatusCode::INTERNAL_SERVER_ERROR, "down").into_response()),
    }
}

fn saved(visitor: &Visitor, own: &Own) -> Response {
    let day = visitor.lang.day(own.return_after);
    json(&Saved { saved: visitor.lang.t1("receipt-saved", "day", day) })
}

/// The form token alone.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Token {
    once: String,
}

#[derive(Serialize)]
struct Done {}

/// The reporter has the receipt: what was typed is not needed any more.
pub(in crate::portal) async fn kept(
    visitor: Visitor,
    Json(token): Json<Token>,
) -> Result<Response, Response> {
    let mut visit = visitor.with_report().await?;
    if visit.tokens.judge(&token.once) == Once::Foreign {
        return Err(visitor.ended().into_response());
    }
    visit.sent = None;
    Ok(json(&Done {}))
}

/// The receipt went with its page before it was written down: the report is withdrawn and what was typed becomes a
/// draft again, under a new report id.
pub(super) async fn again(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let visit = visitor.visit().await?;
    visitor.own_form(&visit, &typed)?;
    let own = match (&visit.own, &visit.sent) {
        (Some(own), Some(_)) => own,
        (Some(_), None) => return Ok(see_other(&visitor.href("/mine"))),
        // Pressed a second time: the first answer was lost on the way.
        (None, _) => return Ok(see_other(&visitor.href("/seal"))),
    };
    let down = || visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, "down").into_response();
    let step = later::withdrawal(&portal, own).ok_or_else(down)?;
    // What was typed stays until the withdrawal is durable.
    let then = |visit: &mut Visit| {
        visit.own = None;
        visit.draft = visit.sent.take().map(|sent| sent.again(&mut rand::rng()));
    };
    let (mut visit, made) = later::make(&portal, &visitor, visit, step, then).await?;
    match made {
        Ok(()) => Ok(see_other(&visitor.href("/seal"))),
        // The reporter has drawn a receipt of their own: nothing of it is the desk's any more.
        Err(Refused::NoSuchReport) => {
            (visit.own, visit.sent) = (None, None);
            Err(visitor.ended().into_response())
        }
        Err(refused) => {
            refused_by_store(&refused);
            Err(down())
        }
    }
}

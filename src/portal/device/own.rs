//! "My report" for the device: the holder of a receipt proves it by what the receipt gives, never by the receipt. What
//! staff wrote leaves here sealed, as it is kept.

use super::{
    answer::{Heard, Json, json},
    structure,
    view::view,
};
use crate::{
    award::{
        claim::Claim,
        handover::Handover,
        record::{AwardRefused, Objection},
    },
    casework::Move,
    envelope::SealedReport,
    log::Event,
    portal::{
        PortalState,
        asks::Ask,
        award_objection, draft, earlier,
        later::{self, Change},
        mine::{self, Entered, Keys, Opens, Own},
        once::{Act, Once},
        own_receipt::{self, Taking},
        refused_by_store,
        sending::Public,
        visit::{Visit, Visitor},
    },
    receipt::{AuditKey, AuthHash, LocatorHash, Mailbox},
    signing::VerifyKey,
    store::{Refused, Step},
    transcript::sha256,
    web::{Errors, Typed},
};
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What a receipt gives: 32 B each, hexadecimal.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Proof {
    #[serde(with = "hex::serde")]
    locator: [u8; 32],
    #[serde(with = "hex::serde")]
    auth: [u8; 32],
    audit_key: AuditKey,
}

/// One sentence, one status and one delay for wrong and unknown alike.
pub(in crate::portal) async fn sign_in(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Json(proof): Json<Proof>,
) -> Result<Response, Response> {
    let keys = (LocatorHash(sha256(&proof.locator)), AuthHash(sha256(&proof.auth)));
    let entered = mine::enter(
        &portal,
        &visitor,
        Some(keys),
        |found| {
            Some(match found.dossier.case.awaits_reporter() {
                true => Opens::Heir(Box::new(Taking::proved(keys, found.report))),
                false => Opens::Own(Box::new(Own::proved(keys, proof.audit_key.clone(), found))),
            })
        },
        |visit| match &visit.taking {
            Some(taking) => {
                let report = taking.report.to_string();
                let instance = portal.recipients.instance().0.clone();
                Ok(json(&Heir { own_receipt: About { once: visit.tokens.next(), report, instance } }))
            }
            None => view(&portal, &visitor, visit).map(|view| json(&view)),
        },
    );
    match entered.await? {
        Entered::In { cookie, first } => Ok(([(header::SET_COOKIE, cookie)], first?).into_response()),
        Entered::Unknown { cookie, .. } => {
            let notice = visitor.asked.notice(StatusCode::NOT_FOUND, "device-unknown").into_response();
            Ok(match cookie {
                Some(cookie) => ([(header::SET_COOKIE, cookie)], notice).into_response(),
                None => notice,
            })
        }
    }
}

/// Answers a receipt that staff issued: all that the device needs to draw another.
#[derive(Serialize)]
struct Heir {
    own_receipt: About,
}

#[derive(Serialize)]
struct About {
    once: String,
    report: String,
    instance: String,
}

/// Public halves of the receipt drawn on the device, and the old one's signature over them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Drawn {
    once: String,
    handover: Handover,
    locator: LocatorHash,
    auth: AuthHash,
    audit_key: AuditKey,
    mailbox: Mailbox,
    claim_key: VerifyKey,
    sealed: SealedReport,
}

/// The reporter's own receipt takes over. If the answer is lost, the new receipt signs in.
pub(in crate::portal) async fn take_over(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Json(drawn): Json<Drawn>,
) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    if visit.own.as_ref().is_some_and(|own| own.locator == drawn.locator) {
        // Arrived a second time: the first answer was lost on the way.
        return Ok(json(&view(&portal, &visitor, &mut visit)?));
    }
    let (Some(taking), Once::Fresh(_)) = (&visit.taking, visit.tokens.judge(&drawn.once)) else {
        return Err(visitor.signed_out().into_response());
    };
    structure::check(&drawn.sealed, &portal.recipients)
        .map_err(|misshapen| structure::refused(&visitor, misshapen))?;
    let keys = Keys { audit: drawn.audit_key, claim: drawn.claim_key };
    let public = Public { locator: drawn.locator, auth: drawn.auth, keys, mailbox: drawn.mailbox };
    let order = own_receipt::order(&portal, taking.old, &public, drawn.handover, drawn.sealed);
    let own = Own::sealed_elsewhere(&public, taking.report, portal.clock.today());
    let reports = portal.reports.clone();
    let task = tokio::spawn(async move {
        let taken = reports.take_over(order).await;
        if taken.is_ok() {
            (visit.own, visit.taking) = (Some(own), None);
        }
        (visit, taken)
    });
    match task.await {
        Ok((mut visit, Ok(()))) => Ok(json(&view(&portal, &visitor, &mut visit)?)),
        Ok((_, Err(refused))) => Err(own_receipt::not_taken(&visitor, &refused)),
        Err(_) => Err(visitor.asked.notice(StatusCode::INTERNAL_SERVER_ERROR, "down").into_response()),
    }
}

/// The report as it is now.
pub(in crate::portal) async fn look(
    State(portal): State<PortalState>,
    visitor: Visitor,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    Ok(json(&view(&portal, &visitor, &mut visit)?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Added {
    once: String,
    text: String,
    sealed: SealedReport,
}

pub(in crate::portal) async fn add(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(added, asked): Heard<Added>,
) -> Result<Response, Response> {
    let typed = Typed::from_pairs([("message".to_owned(), added.text)]);
    let mut errors = Errors::default();
    let intake = &portal.policy.intake;
    draft::text(&mut errors, &typed, "message", intake, visitor.lang, "mine-add-missing", "mine-add-missing");
    mend(&visitor, &errors)?;
    let change = Change { mv: Move::Add { text: typed.text("message").to_owned() }, event: Event::Added };
    act(portal, visitor, (&added.once, asked), added.sealed, |portal, sealed| {
        later::step(portal, change, Some(sealed))
    })
    .await
}

pub(in crate::portal) async fn object(
    portal: State<PortalState>,
    visitor: Visitor,
    added: Heard<Added>,
) -> Result<Response, Response> {
    ask(Ask::Review, portal, visitor, added).await
}

pub(in crate::portal) async fn retaliation(
    portal: State<PortalState>,
    visitor: Visitor,
    added: Heard<Added>,
) -> Result<Response, Response> {
    ask(Ask::Protection, portal, visitor, added).await
}

/// In the shape of the others; the envelope is checked and not kept, so that there is always room to say no.
pub(in crate::portal) async fn original(
    portal: State<PortalState>,
    visitor: Visitor,
    added: Heard<Added>,
) -> Result<Response, Response> {
    ask(Ask::Original, portal, visitor, added).await
}

pub(in crate::portal) async fn delete(
    portal: State<PortalState>,
    visitor: Visitor,
    added: Heard<Added>,
) -> Result<Response, Response> {
    let state = portal.0.clone();
    let answer = ask(Ask::Deletion, portal, visitor, added).await?;
    Ask::Deletion.finish(&state).await;
    Ok(answer)
}

/// In the same shape as an addition.
async fn ask(
    ask: Ask,
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(added, asked): Heard<Added>,
) -> Result<Response, Response> {
    let typed = Typed::from_pairs([(ask.name().to_owned(), added.text)]);
    mend(&visitor, &ask.problems(&typed, &portal.policy.intake, visitor.lang))?;
    let change = ask.change(&typed);
    act(portal, visitor, (&added.once, asked), added.sealed, |portal, sealed| {
        later::step(portal, change, Some(sealed))
    })
    .await
}

/// The first problem, in words.
fn mend(visitor: &Visitor, errors: &Errors) -> Result<(), Response> {
    let Some((_, sentence)) = errors.list().first() else { return Ok(()) };
    let notice = visitor.asked.notice(StatusCode::UNPROCESSABLE_ENTITY, "device-mend");
    Err(notice.with("why", sentence).into_response())
}

/// What the receipt of another report gives (32 B each, hexadecimal): that one is theirs, too.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Linked {
    once: String,
    #[serde(with = "hex::serde")]
    locator: [u8; 32],
    #[serde(with = "hex::serde")]
    auth: [u8; 32],
    sealed: SealedReport,
}

/// One sentence and one delay for wrong and unknown alike. The report that is open must be the later one: what it says
/// is sealed under its receipt.
pub(in crate::portal) async fn earlier(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(linked, asked): Heard<Linked>,
) -> Result<Response, Response> {
    let visit = visitor.signed_in().await?;
    let now = portal.clock.unix_seconds();
    tokio::time::sleep(Duration::from_secs(portal.tries.wait(visit.slips, now))).await;
    let (locator, auth) = (LocatorHash(sha256(&linked.locator)), AuthHash(sha256(&linked.auth)));
    let other = mine::look_up(&portal, &visitor, &locator, &auth)?;
    let own = mine::find(&portal, &visitor, &visit)?;
    drop(visit);
    let mut errors = Errors::default();
    let Some((own, other)) = own.zip(other.filter(earlier::can_be_linked)) else {
        visitor.slip().await;
        portal.tries.slip(now);
        errors.add("earlier", visitor.lang.t("mine-unknown"));
        return Err(mend(&visitor, &errors).err().unwrap_or_else(|| mine::down(&visitor)));
    };
    let earlier = other.dossier.case.number;
    if earlier >= own.dossier.case.number {
        errors.add("earlier", visitor.lang.t("earlier-order"));
        mend(&visitor, &errors)?;
    }
    let change = Change { mv: Move::Link { earlier }, event: Event::Added };
    let step = |portal: &PortalState, sealed| later::step(portal, change, Some(sealed));
    act(portal, visitor, (&linked.once, asked), linked.sealed, step).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Withdrawn {
    once: String,
    sealed: SealedReport,
}

pub(in crate::portal) async fn withdraw(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(withdrawn, asked): Heard<Withdrawn>,
) -> Result<Response, Response> {
    let change = Change { mv: Move::Withdraw, event: Event::Withdrawn };
    let step = |portal: &PortalState, sealed| later::step(portal, change, Some(sealed));
    act(portal, visitor, (&withdrawn.once, asked), withdrawn.sealed, step).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct Claimed {
    once: String,
    claim: Claim,
    sealed: SealedReport,
}

/// The claim, signed on the device with the receipt's claim key, and the payee sealed there.
pub(in crate::portal) async fn claim(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(claimed, asked): Heard<Claimed>,
) -> Result<Response, Response> {
    let Claimed { once, claim, sealed } = claimed;
    act(portal, visitor, (&once, asked), sealed, |portal, sealed| later::claim(portal, claim, sealed)).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::portal) struct AwardObjected {
    once: String,
    objection: Objection,
    sealed: SealedReport,
}

/// In the shape of the others; the envelope is checked and not kept.
pub(in crate::portal) async fn object_award(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Heard(said, asked): Heard<AwardObjected>,
) -> Result<Response, Response> {
    let AwardObjected { once, objection, sealed } = said;
    act(portal, visitor, (&once, asked), sealed, |portal, _| award_objection::step(portal, objection)).await
}

/// Checks token and structure, makes the step, and answers with the report as it is afterwards.
async fn act(
    portal: PortalState,
    visitor: Visitor,
    (once, asked): (&str, Act),
    sealed: SealedReport,
    step: impl FnOnce(&PortalState, SealedReport) -> Step,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let number = match visit.tokens.judge(once) {
        Once::Foreign => return Err(visitor.signed_out().into_response()),
        // Arrived a second time: the first answer was lost on the way.
        Once::Spent if visit.tokens.was_spent_on(once, asked) => {
            return Ok(json(&view(&portal, &visitor, &mut visit)?));
        }
        // The token of something else that did arrive: this did not.
        Once::Spent => {
            return Err(visitor.asked.notice(StatusCode::CONFLICT, "device-spent").into_response());
        }
        Once::Fresh(number) => number,
    };
    if let Err(misshapen) = structure::check(&sealed, &portal.recipients) {
        return Err(structure::refused(&visitor, misshapen));
    }
    let step = step(&portal, sealed);
    let then = move |visit: &mut Visit| visit.tokens.spend(number, asked);
    let (mut visit, made) = later::make(&portal, &visitor, visit, step, then).await?;
    match made {
        Ok(()) => Ok(json(&view(&portal, &visitor, &mut visit)?)),
        Err(refused) => Err(not_done(&portal, &visitor, &refused)),
    }
}

fn not_done(portal: &PortalState, visitor: &Visitor, refused: &Refused) -> Response {
    let key = match refused {
        Refused::Award(AwardRefused::ObjectedAlready) => "device-award-objected",
        Refused::Move(_) | Refused::Award(_) | Refused::Inconsistent(_) => "device-moved",
        Refused::TooManyAdditions | Refused::LogFull => {
            let notice = visitor.asked.notice(StatusCode::CONFLICT, "device-full");
            return notice.with("phone", &portal.policy.intake.service.hotline).into_response();
        }
        refused => {
            refused_by_store(refused);
            let notice = visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, "device-not-stored");
            return notice.with("phone", &portal.policy.intake.service.hotline).into_response();
        }
    };
    visitor.asked.notice(StatusCode::CONFLICT, key).into_response()
}

/// Ends the visit.
pub(in crate::portal) async fn sign_out(State(portal): State<PortalState>, headers: HeaderMap) -> Response {
    let cookie = portal.visits.end(&headers);
    ([(header::SET_COOKIE, cookie)], json(&serde_json::json!({}))).into_response()
}

//! What a reporter sends after the report: more text, or the wish to withdraw.

use super::{
    PortalState, draft,
    mine::{self, Own},
    once::{Act, Once},
    refused_by_store, report, steps, submit, unsent,
    visit::{Open, Visit, Visitor},
};
use crate::{
    award::claim::Claim,
    casework::{Actor, Move, MoveRefused, Rules, State::Withdrawn, apply},
    envelope::SealedReport,
    log::{Event, Leaf},
    store::{self, Refused},
    web::{Errors, Form, Lang, Typed, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// More text from the reporter, on the page "my report".
pub(super) async fn add(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    let asked = Act::of("/mine/add", typed.raw("message").as_bytes());
    let is_sent = once == Once::Spent && visit.tokens.was_spent_on(typed.raw("once"), asked);
    let mut errors = Errors::default();
    let intake = &portal.policy.intake;
    draft::text(&mut errors, &typed, "message", intake, visitor.lang, "mine-add-missing", "mine-add-missing");
    if let Some(aside) = visitor.aside(&typed, "/mine", "/mine") {
        if is_sent || unsent::keep(&mut visit, "message", &typed, intake) {
            return Ok(see_other(&aside));
        }
        if errors.is_empty() {
            let full = steps::no_room(visitor.lang, "message");
            return Ok(steps::later(report::report_page(&portal, &visitor, &mut visit, typed, full)));
        }
    }
    if is_sent {
        return Ok(see_other(&visitor.href("/mine")));
    }
    if once == Once::Spent {
        // The way back led to a page that was sent before; other words stand on it now.
        errors.add("message", visitor.lang.t("mine-add-again"));
    }
    if !errors.is_empty() || typed.has("switch") {
        return Ok(report::report_page(&portal, &visitor, &mut visit, typed, errors));
    }
    unsent::forget(&mut visit, "message");
    let text = typed.text("message").to_owned();
    let change = Change { mv: Move::Add { text }, event: Event::Added };
    match act(&portal, &visitor, visit, (once, asked), change, "mine-add-done").await {
        Ok(answer) => Ok(answer),
        Err(NotDone::Said(answer)) => Err(answer),
        Err(NotDone::Refused(mut visit, why)) => {
            errors.add("message", why);
            Ok(report::report_page(&portal, &visitor, &mut visit, typed, errors))
        }
        Err(NotDone::Store(mut visit)) => {
            errors.add("message", visitor.lang.t("not-stored"));
            Ok(report::report_page(&portal, &visitor, &mut visit, typed, errors))
        }
    }
}

pub(super) async fn take_withdraw(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    if once == Once::Spent {
        return Ok(see_other(&visitor.href("/mine")));
    }
    let change = Change { mv: Move::Withdraw, event: Event::Withdrawn };
    let asked = Act::of("/mine/withdraw", b"");
    match act(&portal, &visitor, visit, (once, asked), change, "withdraw-done").await {
        Ok(answer) => Ok(answer),
        Err(NotDone::Said(answer)) => Err(answer),
        Err(NotDone::Refused(mut visit, why)) => {
            let mut errors = Errors::default();
            errors.add("status", why);
            Ok(report::report_page(&portal, &visitor, &mut visit, Typed::default(), errors))
        }
        Err(NotDone::Store(_)) => Err(mine::down(&visitor)),
    }
}

/// What a reporter does later. Whatever they *send* carries an envelope, so that nobody sees when a name is given.
pub(super) struct Change {
    pub mv: Move,
    pub event: Event,
}

/// Why nothing was done. The page says it, and keeps what was typed.
pub(super) enum NotDone {
    /// The answer is ready: the visit is over.
    Said(Response),
    /// The status changed meanwhile, or nothing more fits: the sentence about it.
    Refused(Open, String),
    Store(Open),
}

/// Why the store does not take what a reporter sends, in a sentence; `None`: a fault of ours. `is_shown`: what was typed
/// stands below it.
pub(super) fn refusal(portal: &PortalState, lang: Lang, refused: &Refused, is_shown: bool) -> Option<String> {
    match refused {
        Refused::Move(_) | Refused::Inconsistent(_) => {
            Some(lang.t(if is_shown { "mine-moved-kept" } else { "mine-moved-not" }))
        }
        Refused::TooManyAdditions | Refused::LogFull => {
            let key = if is_shown { "mine-add-full" } else { "mine-full" };
            Some(lang.t1(key, "phone", portal.policy.intake.service.hotline.as_str()))
        }
        _ => None,
    }
}

/// What was done says the page "my report": `done` is the key of its words.
pub(super) async fn act(
    portal: &PortalState,
    visitor: &Visitor,
    visit: Open,
    (once, asked): (Once, Act),
    change: Change,
    done: &'static str,
) -> Result<Response, NotDone> {
    let Some(own) = &visit.own else { return Err(NotDone::Said(visitor.ended().into_response())) };
    let sealed = submit::seal_nameless(portal, own.report, &own.keys);
    if sealed.is_none() {
        // A dummy is never too long; if it were, nothing may go without its envelope.
        return Err(NotDone::Store(visit));
    }
    let is_shown = !matches!(change.mv, Move::Withdraw);
    let step = step(portal, change, sealed);
    let then = move |visit: &mut Visit| {
        if let Once::Fresh(number) = once {
            visit.tokens.spend(number, asked);
        }
    };
    let (mut visit, made) = make(portal, visitor, visit, step, then).await.map_err(NotDone::Said)?;
    if let Err(refused) = made {
        let Some(why) = refusal(portal, visitor.lang, &refused, is_shown) else {
            refused_by_store(&refused);
            return Err(NotDone::Store(visit));
        };
        return Err(NotDone::Refused(visit, why));
    }
    mine::tell(&mut visit, done);
    Ok(see_other(&visitor.href("/mine")))
}

/// Makes a step for the visit's report and, when it is durable, does `then` to the visit. On a task of its own: a
/// reporter whose connection breaks now must find both done, or neither. Gives the visit back.
pub(super) async fn make(
    portal: &PortalState,
    visitor: &Visitor,
    mut visit: Open,
    step: store::Step,
    then: impl FnOnce(&mut Visit) + Send + 'static,
) -> Result<(Open, Result<(), Refused>), Response> {
    let Some(own) = &visit.own else { return Err(visitor.ended().into_response()) };
    let (report, step) = (own.report, step.by((own.locator, own.auth)));
    let portal = portal.clone();
    let task = tokio::spawn(async move {
        let made = portal.reports.act(report, step).await.map(drop);
        if made.is_ok() {
            then(&mut visit);
        }
        (visit, made)
    });
    task.await.map_err(|_| visitor.asked.notice(StatusCode::INTERNAL_SERVER_ERROR, "down").into_response())
}

/// The change as the store takes it.
pub(super) fn step(portal: &PortalState, change: Change, sealed: Option<SealedReport>) -> store::Step {
    let (day, rules) = (portal.clock.today(), Rules::of(&portal.policy));
    let stops = matches!(change.mv, Move::ObjectOriginal { .. });
    store::Step {
        expected_version: None,
        // An objection to an opening is never refused because no more envelopes fit.
        sealed: sealed.filter(|_| !stops),
        change: Box::new(move |dossier, _| {
            let before = dossier.case.state;
            dossier.case = apply(&dossier.case, change.mv, &Actor::Reporter, day, &rules)?;
            if let Some(stopped) = dossier.case.evidence.last().filter(|_| stops) {
                return Ok(Some(stopped.terms().objected_leaf(day)));
            }
            let ends = dossier.case.state == Withdrawn && before != Withdrawn;
            Ok(Some(Leaf::plain(if ends { Event::Withdrawn } else { change.event }, day)))
        }),
    }
}

/// Takes back a report whose receipt was lost with its page. `None`: no dummy could be sealed, and nothing may go
/// without its envelope.
pub(super) fn withdrawal(portal: &PortalState, own: &Own) -> Option<store::Step> {
    let sealed = submit::seal_nameless(portal, own.report, &own.keys)?;
    let change = Change { mv: Move::Withdraw, event: Event::Withdrawn };
    Some(step(portal, change, Some(sealed)))
}

/// The claim as the store takes it: signed with the receipt's claim key, with the payee or nobody in the seal.
pub(super) fn claim(portal: &PortalState, claim: Claim, sealed: SealedReport) -> store::Step {
    let day = portal.clock.today();
    store::Step {
        expected_version: None,
        sealed: Some(sealed),
        change: Box::new(move |dossier, place| {
            let award = dossier.awards.last_mut().ok_or(MoveRefused::Missing("award"))?;
            *award = award.claim(day, claim, place.claim_key)?;
            Ok(Some(Leaf::plain(Event::Claimed, day)))
        }),
    }
}

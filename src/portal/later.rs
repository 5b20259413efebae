//! What a reporter sends after the report: more text, or the wish to withdraw.

use super::{
    PortalState, draft,
    mine::{self, Own},
    refused_by_store, report, submit,
    visit::{Once, Visit, Visitor},
};
use crate::{
    award::claim::Claim,
    casework::{Actor, Move, MoveRefused, Rules, apply},
    envelope::SealedReport,
    log::{Event, Leaf},
    store::{self, Refused},
    web::{Errors, Form, see_other},
};
use axum::{
    extract::State,
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
    if once == Once::Spent {
        return Ok(see_other(&visitor.href("/mine")));
    }
    let mut errors = Errors::default();
    let intake = &portal.policy.intake;
    draft::text(&mut errors, &typed, "message", intake, visitor.lang, "mine-add-missing", "mine-add-missing");
    if !errors.is_empty() || typed.has("switch") {
        return Ok(report::report_page(&portal, &visitor, &mut visit, typed, errors));
    }
    let text = typed.text("message").to_owned();
    let change = Change { mv: Move::Add { text }, event: Event::Added };
    match act(&portal, &visitor, &mut visit, once, change).await {
        Ok(()) => {
            mine::tell(&mut visit, "mine-add-done");
            Ok(see_other(&visitor.href("/mine")))
        }
        Err(NotDone::Said(answer)) => Err(answer),
        Err(NotDone::Store) => {
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
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    if once != Once::Spent {
        let change = Change { mv: Move::Withdraw, event: Event::Withdrawn };
        match act(&portal, &visitor, &mut visit, once, change).await {
            Ok(()) => mine::tell(&mut visit, "withdraw-done"),
            Err(NotDone::Said(answer)) => return Err(answer),
            Err(NotDone::Store) => return Err(mine::down(&visitor)),
        }
    }
    Ok(see_other(&visitor.href("/mine")))
}

/// What a reporter does later. Whatever they *send* carries an envelope, so that nobody sees when a name is given.
pub(super) struct Change {
    pub mv: Move,
    pub event: Event,
}

/// Why nothing was done. The page says it, and keeps what was typed.
pub(super) enum NotDone {
    /// The answer is ready: the status changed meanwhile, or nothing more fits.
    Said(Response),
    Store,
}

pub(super) async fn act(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    once: Once,
    change: Change,
) -> Result<(), NotDone> {
    let Some(own) = &visit.own else { return Err(NotDone::Said(visitor.ended().into_response())) };
    let sealed = submit::seal_nameless(portal, own.report, &own.keys);
    if sealed.is_none() {
        // A dummy is never too long; if it were, nothing may go without its envelope.
        return Err(NotDone::Store);
    }
    let step = step(portal, change, sealed);
    match portal.reports.act(own.report, step).await {
        Ok(_) => {
            if let Once::Fresh(number) = once {
                visit.spend(number);
            }
            Ok(())
        }
        Err(Refused::Move(_) | Refused::Inconsistent(_)) => {
            mine::tell(visit, "mine-moved-not");
            Err(NotDone::Said(see_other(&visitor.href("/mine"))))
        }
        Err(Refused::TooManyAdditions | Refused::LogFull) => {
            mine::tell(visit, "mine-add-full");
            Err(NotDone::Said(see_other(&visitor.href("/mine"))))
        }
        Err(refused) => {
            refused_by_store(&refused);
            Err(NotDone::Store)
        }
    }
}

/// The change as the store takes it.
pub(super) fn step(portal: &PortalState, change: Change, sealed: Option<SealedReport>) -> store::Step {
    let (day, rules) = (portal.clock.today(), Rules::of(&portal.policy));
    store::Step {
        expected_version: None,
        sealed,
        change: Box::new(move |dossier, _| {
            dossier.case = apply(&dossier.case, change.mv, &Actor::Reporter, day, &rules)?;
            Ok(Some(Leaf::plain(change.event, day)))
        }),
    }
}

/// Takes back a report whose receipt was lost with its page.
pub(super) async fn withdraw(portal: &PortalState, own: &Own) -> Result<(), Refused> {
    let sealed = submit::seal_nameless(portal, own.report, &own.keys);
    let change = Change { mv: Move::Withdraw, event: Event::Withdrawn };
    portal.reports.act(own.report, step(portal, change, sealed)).await.map(drop)
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

//! Where a reporter's person passes through: the identity page, the sending, additions and the claim.
//! The only file of the portal, with `files`, that names the fence. What is sealed here is sealed in the very
//! request that carried it; nothing of a person is kept outside the seal.

use super::{
    PortalState,
    draft::Draft,
    later,
    mine::{self, Keys, Own},
    once::{Act, Once},
    person_page::{claim_page, identity_page},
    refused_by_store,
    sending::{Public, return_after, store_draft},
    steps,
    unsure::{self, NotTaken},
    visit::{Visit, Visitor},
};
use crate::{
    award::claim::Claim,
    cleartext::{
        identity::{Person, SealedBy},
        intake::{self, Problem},
        seal::{self, Binding, SealRefused, Whom},
    },
    envelope::SealedReport,
    ids::ReportId,
    policy::Length,
    receipt::Receipt,
    store::Refused,
    web::{Errors, Form, Lang, Typed, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// R6b. Comes empty even when something is sealed already: nobody can read it back, we neither.
pub(super) async fn identity(
    State(portal): State<PortalState>,
    visitor: Visitor,
) -> Result<Response, Response> {
    let mut visit = visitor.drafting().await?;
    match &visit.draft {
        Some(draft) if draft.is_named() => {}
        Some(draft) if draft.is_answered_on_device() => {
            return Ok(see_other(&visitor.href(steps::PLAIN_NAME)));
        }
        _ => return Ok(see_other(&visitor.href("/name"))),
    }
    Ok(identity_page(&portal, &visitor, &mut visit, &Typed::default(), Errors::default()))
}

/// Reads, seals and forgets. The router ends the connection that carried the name.
pub(super) async fn take_identity(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.drafting().await?;
    visitor.own_form(&visit, &typed)?;
    if typed.has("switch") {
        return Ok(identity_page(&portal, &visitor, &mut visit, &typed, Errors::default()));
    }
    let sealed_bytes = SealedReport::bytes_for(portal.recipients.trustees().len());
    if visit.draft.as_ref().is_some_and(|draft| draft.sealed.is_none()) && !visit.may_grow(sealed_bytes) {
        let full = steps::no_room(visitor.lang, "person-name");
        return Ok(steps::later(identity_page(&portal, &visitor, &mut visit, &typed, full)));
    }
    let sealed = match person(&portal, visitor.lang, &typed) {
        Ok(person) => {
            let Some(draft) = &mut visit.draft else { return Err(visitor.ended().into_response()) };
            let (report, keys) = (draft.report, Keys::of(draft.receipt(&mut rand::rng())));
            seal(&portal, Whom::Named(&person), report, &keys)
                .map_err(|refused| too_long(visitor.lang, refused))
        }
        Err(errors) => Err(errors),
    };
    Ok(match (sealed, &mut visit.draft) {
        (Ok(sealed), Some(draft)) => {
            draft.sealed = Some(sealed);
            see_other(&visitor.href(steps::next(&portal, &visit)))
        }
        (Ok(_), None) => visitor.ended().into_response(),
        (Err(errors), _) => identity_page(&portal, &visitor, &mut visit, &typed, errors),
    })
}

/// Sends the draft: seals a dummy if there is no name, stores everything as one durable unit, and only then
/// shows the receipt. A second press finds the receipt page.
pub(super) async fn send(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    if visit.draft.is_none() {
        return Err(visitor.no_draft(&visit));
    }
    let once = visitor.own_form(&visit, &typed)?;
    if once == Once::Spent {
        let sent = visit.own.is_some();
        return if sent {
            Ok(see_other(&visitor.href("/receipt")))
        } else {
            Err(visitor.ended().into_response())
        };
    }
    let next = steps::next(&portal, &visit);
    if next == "/check" {
        visitor.room_for_report()?;
    }
    let Some(mut draft) = visit.draft.take_if(|_| next == "/check") else {
        return Ok(see_other(&visitor.href(next)));
    };

    // On its own task: a reporter whose connection breaks now must find the report sent or the draft whole.
    let task = tokio::spawn(async move {
        let receipt = draft.receipt(&mut rand::rng()).clone();
        let own = Own::new(&receipt, draft.report, return_after(&portal), Some(receipt.clone()));
        let own = own.at_desk(draft.entry.is_some());
        match store(&portal, &draft, &receipt).await {
            Ok(()) => {
                visit.own = Some(own);
                if let Once::Fresh(number) = once {
                    visit.tokens.spend(number, Act::of("/send", b""));
                }
                Ok(())
            }
            Err(refused) => {
                let why = unsure::put_back(&portal, &mut visit, draft, own, &refused);
                Err((why, portal.policy.intake.service.hotline.clone()))
            }
        }
    });
    match task.await {
        Ok(Ok(())) => Ok(see_other(&visitor.href("/receipt"))),
        Ok(Err((why, hotline))) => Err(not_stored(&visitor, why, &hotline)),
        Err(_) => Err(visitor.asked.notice(StatusCode::INTERNAL_SERVER_ERROR, "down").into_response()),
    }
}

async fn store(portal: &PortalState, draft: &Draft, receipt: &Receipt) -> Result<(), Refused> {
    let public = Public::of(receipt);
    let sealed = match &draft.sealed {
        Some(sealed) => sealed.clone(),
        None => seal(portal, Whom::Nameless, draft.report, &public.keys).map_err(|_| Refused::Panicked)?,
    };
    store_draft(portal, draft, &public, sealed).await
}

/// R12.
pub(super) async fn claim(State(portal): State<PortalState>, visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    claim_page(&portal, &visitor, &mut visit, &Typed::default(), Errors::default())
}

/// The claim: the receipt once more, and the payee sealed in this very request (or a dummy, when the name sealed
/// before is to be used). Both look alike from outside.
pub(super) async fn take_claim(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    if once == Once::Spent {
        return Ok(see_other(&visitor.href("/mine")));
    }
    let lang = visitor.lang;
    if typed.has("switch") {
        return claim_page(&portal, &visitor, &mut visit, &typed, Errors::default());
    }
    let Some(own) = &visit.own else { return Err(visitor.ended().into_response()) };
    let mut errors = Errors::default();
    let receipt = Receipt::parse(typed.raw("receipt")).ok().filter(|r| r.auth() == own.auth);
    if receipt.is_none() {
        errors.add("receipt", lang.t("claim-receipt-wrong"));
    }
    let named = match typed.raw("who") {
        "before" => None,
        "now" => match person(&portal, lang, &typed) {
            Ok(person) => Some(person),
            Err(found) => {
                found.list().iter().for_each(|(field, sentence)| errors.add(field, sentence.clone()));
                None
            }
        },
        _ => {
            errors.add("who", lang.t("claim-who-missing"));
            None
        }
    };
    let sealed = match (&named, errors.is_empty()) {
        (_, false) => None,
        (Some(person), _) => seal(&portal, Whom::Named(person), own.report, &own.keys)
            .map_err(|refused| errors = too_long(lang, refused))
            .ok(),
        (None, _) => seal(&portal, Whom::Nameless, own.report, &own.keys).ok(),
    };
    drop(named);
    let (Some(sealed), Some(receipt)) = (sealed, receipt) else {
        return claim_page(&portal, &visitor, &mut visit, &typed, errors);
    };
    // Over the award as it stands now: should another one take its place before the store has this, it is refused.
    let claim = mine::find(&portal, &visitor, &visit)?
        .and_then(|found| Some(Claim::sign(found.dossier.award()?.terms(), &receipt.claim_key())));
    let Some(claim) = claim else {
        mine::tell(&mut visit, "mine-moved-not");
        return Ok(see_other(&visitor.href("/mine")));
    };
    drop(receipt);
    let step = later::claim(&portal, claim, sealed);
    let then = move |visit: &mut Visit| {
        if let Once::Fresh(number) = once {
            visit.tokens.spend(number, Act::of("/mine/claim", b""));
        }
    };
    let (mut visit, made) = later::make(&portal, &visitor, visit, step, then).await?;
    match made {
        Ok(()) => {
            let done = visitor.asked.notice(StatusCode::OK, "claim-done").next(visitor.href("/mine"));
            Ok(done.into_response())
        }
        Err(Refused::Move(_) | Refused::Award(_) | Refused::Inconsistent(_)) => {
            mine::tell(&mut visit, "mine-moved-not");
            Ok(see_other(&visitor.href("/mine")))
        }
        Err(refused) => {
            refused_by_store(&refused);
            errors.add("receipt", lang.t("not-stored"));
            claim_page(&portal, &visitor, &mut visit, &typed, errors)
        }
    }
}

fn person(portal: &PortalState, lang: Lang, typed: &Typed) -> Result<Person, Errors> {
    intake::read(&|field| typed.raw(field), &portal.policy.intake.fields).map_err(|problems| {
        let mut errors = Errors::default();
        for (field, problem) in problems {
            errors.add(field, sentence(lang, problem));
        }
        errors
    })
}

fn sentence(lang: Lang, problem: Problem) -> String {
    let between = |key: &str, length: Length| {
        lang.t_with(key, &[("least", length.least.into()), ("most", length.most.into())])
    };
    match problem {
        Problem::NameMissing => lang.t("error-name-missing"),
        Problem::NameLength(length) => between("error-name-length", length),
        Problem::IdKind => lang.t("error-id-kind"),
        Problem::IdMissing => lang.t("error-id-missing"),
        Problem::IdLength(length) => between("error-id-length", length),
        Problem::IdCheck => lang.t("error-id-check"),
        Problem::Mobile(length) => between("error-mobile", length),
        Problem::MobileCheck => lang.t("error-mobile-check"),
        Problem::Payee => lang.t("error-payee"),
        Problem::Holder => lang.t("error-holder"),
        Problem::Bank => lang.t("error-bank"),
        Problem::Account(length) => between("error-account", length),
        Problem::AccountCheck => lang.t("error-account-check"),
        Problem::Own => lang.t("error-own"),
        Problem::Consent => lang.t("error-consent"),
        Problem::JointLine(line) => lang.t1("error-joint-line", "line", line),
        Problem::JointMany(most) => lang.t1("error-joint-many", "most", most),
        Problem::TooLong(length) => lang.t1("error-too-long", "most", length.most),
        Problem::Receipt => lang.t("receipt-in-field"),
    }
}

fn too_long(lang: Lang, SealRefused::TooLong: SealRefused) -> Errors {
    let mut errors = Errors::default();
    errors.add("joint", lang.t("error-identity-long"));
    errors
}

/// What goes with everything a nameless reporter sends, and with all that carries no name.
pub(super) fn seal_nameless(portal: &PortalState, report: ReportId, keys: &Keys) -> Option<SealedReport> {
    seal(portal, Whom::Nameless, report, keys).ok()
}

fn seal(
    portal: &PortalState,
    whom: Whom<'_>,
    report: ReportId,
    keys: &Keys,
) -> Result<SealedReport, SealRefused> {
    let binding = Binding {
        report,
        audit_key: &keys.audit,
        claim_key: keys.claim,
        set: &portal.recipients,
        sealed_by: SealedBy::Server,
    };
    seal::seal_report(whom, &binding, &mut rand::rng())
}

/// What the reporter is told when the store did not take the report.
fn not_stored(visitor: &Visitor, why: NotTaken, hotline: &str) -> Response {
    match why {
        NotTaken::Before => see_other(&visitor.href("/seal")),
        NotTaken::NoTicket => {
            let notice = visitor.asked.notice(StatusCode::GONE, "desk-code");
            notice.next(visitor.href("/desk")).into_response()
        }
        NotTaken::Store(key) => {
            let notice = visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, key);
            notice.with("phone", hotline).next(visitor.href("/check")).into_response()
        }
    }
}

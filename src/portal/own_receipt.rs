//! A receipt that staff issued, and so know, opens one page: it says why, draws another, and hands the report over to
//! it. Nothing of the report is shown before. The new one counts only once it is written down: until then the old one
//! is good, whatever breaks.

use super::{
    PortalState,
    mine::{self, Own},
    refused_by_store,
    sending::Public,
    submit,
    visit::{Visit, Visitor},
};
use crate::{
    award::handover::{Handover, Heir},
    casework::Rules,
    ids::ReportId,
    receipt::{AuthHash, LocatorHash, Receipt},
    signing::SigningKey,
    store::{Refused, TakeOver},
    web::{Errors, Field, Form, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use zeroize::Zeroizing;

pub(super) const PATH: &str = "/own-receipt";

/// Signed in by a receipt that staff issued.
pub(super) struct Taking {
    pub report: ReportId,
    pub old: (LocatorHash, AuthHash),
    /// Signs the handover here; `None`: the device has the receipt, and signs.
    key: Option<SigningKey>,
    /// Drawn here, shown, not yet counting.
    drawn: Option<Receipt>,
}

impl Taking {
    /// The receipt was typed on the way without script.
    pub fn typed(receipt: &Receipt, report: ReportId) -> Self {
        let old = (receipt.locator(), receipt.auth());
        Self { report, old, key: Some(receipt.claim_key()), drawn: None }
    }

    /// The receipt stays on its device.
    pub fn proved(old: (LocatorHash, AuthHash), report: ReportId) -> Self {
        Self { report, old, key: None, drawn: None }
    }
}

#[derive(Template)]
#[template(path = "portal/own_receipt.html")]
struct OwnReceipt {
    page: Page,
    /// The new code, once it is drawn.
    groups: Option<[Zeroizing<String>; 8]>,
    last: Field,
}

pub(super) async fn show(visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    page(&visitor, &mut visit, &Typed::default(), Errors::default())
}

fn page(visitor: &Visitor, visit: &mut Visit, typed: &Typed, errors: Errors) -> Result<Response, Response> {
    let lang = visitor.lang;
    let mut page = visitor.page(PATH, lang.t("own-receipt-title"), visit);
    let Some(taking) = visit.taking.as_ref().filter(|taking| taking.key.is_some()) else {
        return Err(visitor.signed_out().into_response());
    };
    let last = Field::digits(lang, "last", lang.t("own-receipt-last"), "w-5")
        .hint(lang.t("receipt-check-hint"))
        .filled(typed, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    Ok(html(status, &OwnReceipt { page, groups: taking.drawn.as_ref().map(Receipt::groups), last }))
}

/// Draws the new receipt; again, the same one is shown.
pub(super) async fn draw(visitor: Visitor, Form(typed): Form) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    visitor.own_form(&visit, &typed)?;
    let Some(taking) = visit.taking.as_mut().filter(|taking| taking.key.is_some()) else {
        return Err(visitor.signed_out().into_response());
    };
    taking.drawn.get_or_insert_with(|| Receipt::draw(&mut rand::rng()));
    Ok(see_other(&visitor.href(PATH)))
}

/// The new receipt is on paper: it takes over.
pub(super) async fn keep(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.visit().await?;
    visitor.own_form(&visit, &typed)?;
    if visit.taking.is_none() && visit.own.is_some() {
        // Pressed a second time: the first answer was lost on the way.
        return Ok(see_other(&visitor.href("/mine")));
    }
    let Some(taking) = visit.taking.as_ref() else { return Err(visitor.signed_out().into_response()) };
    let (Some(key), Some(receipt)) = (&taking.key, taking.drawn.clone()) else {
        return Ok(see_other(&visitor.href(PATH)));
    };
    if !receipt.ends_with(typed.raw("last")) {
        let mut errors = Errors::default();
        errors.add("last", visitor.lang.t("receipt-check-wrong"));
        return page(&visitor, &mut visit, &typed, errors);
    }
    let (report, public) = (taking.report, Public::of(&receipt));
    let heir = Heir {
        instance: portal.recipients.instance(),
        report,
        claim_key: public.keys.claim,
        audit_key: &public.keys.audit,
    };
    let handover = Handover::sign(key, &heir);
    let sealed = submit::seal_nameless(&portal, report, &public.keys).ok_or_else(|| mine::down(&visitor))?;
    let taking = order(&portal, taking.old, &public, handover, sealed);
    let own = Own::new(&receipt, report, portal.clock.today(), None);

    // On its own task: a reporter whose connection breaks now must find it taken over, or not.
    let task = tokio::spawn(async move {
        let taken = portal.reports.take_over(taking).await;
        if taken.is_ok() {
            (visit.own, visit.taking) = (Some(own), None);
            mine::tell(&mut visit, "own-receipt-done");
        } else if matches!(taken, Err(Refused::NoSuchReport)) {
            visit.taking = None;
        }
        taken
    });
    match task.await {
        Ok(Ok(())) => Ok(see_other(&visitor.href("/mine"))),
        Ok(Err(refused)) => Err(not_taken(&visitor, &refused)),
        Err(_) => Err(visitor.asked.notice(StatusCode::INTERNAL_SERVER_ERROR, "down").into_response()),
    }
}

/// What the store is asked to do, for both ways.
pub(super) fn order(
    portal: &PortalState,
    old: (LocatorHash, AuthHash),
    public: &Public,
    handover: Handover,
    sealed: crate::envelope::SealedReport,
) -> TakeOver {
    TakeOver {
        instance: portal.recipients.instance().clone(),
        old,
        handover,
        locator: public.locator,
        auth: public.auth,
        audit_key: public.keys.audit.clone(),
        mailbox: public.mailbox.clone(),
        claim_key: public.keys.claim,
        sealed,
        day: portal.clock.today(),
        rules: Rules::of(&portal.policy),
    }
}

/// Somebody was quicker with the same receipt, or the store could not.
pub(super) fn not_taken(visitor: &Visitor, refused: &Refused) -> Response {
    if matches!(refused, Refused::NoSuchReport) {
        let lost = visitor.asked.notice(StatusCode::CONFLICT, "own-receipt-lost");
        return lost.next(visitor.href("/mine")).into_response();
    }
    refused_by_store(refused);
    let notice = visitor.asked.notice(StatusCode::SERVICE_UNAVAILABLE, "own-receipt-not");
    notice.next(visitor.href(PATH)).into_response()
}

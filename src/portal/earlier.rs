//! "Did you report this before?" Whoever holds the receipts of two reports can say that both are theirs: optional, one
//! question, now or later, from either of them. The later case gets the number of the earlier one, and nothing else; of
//! the receipts nothing is kept.

use super::{
    PortalState,
    later::{self, Change},
    mine::{self, Keys},
    once::{Act, Once},
    refused_by_store,
    steps::FormPage,
    submit,
    visit::{Visit, Visitor},
};
use crate::{
    casework::{Move, MoveRefused},
    log::Event,
    receipt::Receipt,
    store::{Found, Refused},
    web::{Errors, Field, Form, Typed, html, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::time::Duration;

pub(super) const PATH: &str = "/mine/earlier";

pub(super) async fn show(visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    Ok(page(&visitor, &mut visit, &Typed::default(), Errors::default()))
}

fn page(visitor: &Visitor, visit: &mut Visit, typed: &Typed, errors: Errors) -> Response {
    let lang = visitor.lang;
    let mut page = visitor.page(PATH, lang.t("earlier-title"), visit);
    page.back = page.href("/mine");
    page.switch_posts = true;
    let field = Field::digits(lang, "earlier", lang.t("earlier-label"), "")
        .hint(lang.t("mine-receipt-hint"))
        .filled(typed, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page.errors = errors;
    let mut form = FormPage::new(page, PATH, lang.t("earlier-go"), vec![field]);
    form.intro = vec![lang.t("earlier-about"), lang.t("earlier-tells"), lang.t("mine-server")];
    form.others.push((visitor.href("/mine"), lang.t("earlier-no")));
    html(status, &form)
}

/// One sentence for a slip, an unknown and a wrong code alike; wrong ones make everybody's next try slower.
pub(super) async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    if typed.has("switch") {
        return Ok(page(&visitor, &mut visit, &Typed::default(), Errors::default()));
    }
    let Once::Fresh(token) = once else { return Ok(see_other(&visitor.href("/mine"))) };
    let now = portal.clock.unix_seconds();
    tokio::time::sleep(Duration::from_secs(portal.tries.wait(visit.slips, now))).await;
    let receipt = Receipt::parse(typed.raw("earlier")).ok();
    let other = match &receipt {
        Some(receipt) => mine::look_up(&portal, &visitor, &receipt.locator(), &receipt.auth())?,
        None => None,
    };
    let own = mine::find(&portal, &visitor, &visit)?;
    let mut errors = Errors::default();
    let (Some(receipt), Some(own), Some(other)) = (receipt, own, other.filter(can_be_linked)) else {
        visit.slips += 1;
        portal.tries.slip(now);
        errors.add("earlier", visitor.lang.t("mine-unknown"));
        // What was typed may be a receipt: it is not shown again.
        return Ok(page(&visitor, &mut visit, &Typed::default(), errors));
    };
    if own.report == other.report {
        errors.add("earlier", visitor.lang.t("earlier-same"));
        return Ok(page(&visitor, &mut visit, &Typed::default(), errors));
    }
    let (mine_number, other_number) = (own.dossier.case.number, other.dossier.case.number);
    let Some(keys) = visit.own.as_ref().map(|own| own.keys.clone()) else {
        return Err(visitor.ended().into_response());
    };
    // The later of the two says so, whichever is signed in to.
    let (report, keys, earlier) = match other_number < mine_number {
        true => (own.report, keys, other_number),
        false => (other.report, Keys::of(&receipt), mine_number),
    };
    drop(receipt);
    let sealed = submit::seal_nameless(&portal, report, &keys).ok_or_else(|| mine::down(&visitor))?;
    let step = later::step(&portal, Change { mv: Move::Link { earlier }, event: Event::Added }, Some(sealed));
    let reports = portal.reports.clone();
    let task = tokio::spawn(async move {
        let made = reports.act(report, step).await.map(drop);
        if made.is_ok() {
            visit.tokens.spend(token, Act::of(PATH, b""));
        }
        (visit, made)
    });
    let (mut visit, made) = task.await.map_err(|_| mine::down(&visitor))?;
    match made {
        // Or said before.
        Ok(()) | Err(Refused::Move(MoveRefused::NotLinkable(_))) => {
            mine::tell(&mut visit, "earlier-done");
            Ok(see_other(&visitor.href("/mine")))
        }
        Err(refused) => {
            let Some(why) = later::refusal(&portal, visitor.lang, &refused, false) else {
                refused_by_store(&refused);
                return Err(mine::down(&visitor));
            };
            errors.add("earlier", why);
            Ok(page(&visitor, &mut visit, &Typed::default(), errors))
        }
    }
}

/// A receipt that staff issued proves nothing of a reporter.
pub(super) fn can_be_linked(found: &Found) -> bool {
    !found.dossier.case.awaits_reporter()
}

//! The way with script: what is a person's, and the receipt, is sealed on the reporter's own device. What comes here is
//! sealed already and judged by its structure, never by what it says of itself. Names no plaintext and no fence.

mod answer;
mod foreign;
mod live;
mod own;
mod page;
mod send;
mod structure;
pub(super) mod upload;
mod view;

#[doc(hidden)]
pub use foreign::read_any;
// What the interface for other programs takes as it is.
pub(super) use answer::{Heard, Json};
pub(super) use own::{
    add, claim, delete, earlier, look, object, object_award, original, retaliation, sign_in, sign_out,
    take_over, withdraw,
};
pub(super) use page::recipients;
pub(super) use send::{Sent, kept, send};
pub(super) use view::shown as view;

use super::{PortalState, both, from_office};
use axum::{Router, routing::get, routing::post};

/// Pages whose script seals, and the addresses the script talks to; in both languages, as everything here.
pub(super) fn routes(router: Router<PortalState>) -> Router<PortalState> {
    let router = router.route("/recipients.json", get(page::recipients));
    let router = both(router, "/seal", get(page::seal));
    let router = both(router, "/device/send", post(send::send));
    let router = both(router, "/device/kept", post(send::kept));
    let router = both(router, "/device/again", post(send::again));
    let router = both(router, "/return", get(page::come_back));
    let router = both(router, "/device/sign-in", post(own::sign_in));
    let router = both(router, "/device/own-receipt", post(own::take_over));
    let router = both(router, "/device/look", post(own::look));
    let router = both(router, "/device/add", post(own::add));
    let router = both(router, "/device/claim", post(own::claim));
    let router = both(router, "/device/object", post(own::object));
    let router = both(router, "/device/award-objection", post(own::object_award));
    let router = both(router, "/device/retaliation", post(own::retaliation));
    let router = both(router, "/device/original", post(own::original));
    let router = both(router, "/device/delete", post(own::delete));
    let router = both(router, "/device/earlier", post(own::earlier));
    let router = both(router, "/device/withdraw", post(own::withdraw));
    let router = both(router, "/device/sign-out", post(own::sign_out));
    let router = both(router, "/device/live", get(live::live));
    let router = both(router, "/device/from-office/{blob}", get(from_office::sealed));
    upload::routes(router)
}

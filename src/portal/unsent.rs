//! What is written under a report, or on a page of its own, and not sent yet: Back and Help lose nothing of it. In the
//! visit's memory alone, and wiped with it.

use super::{
    draft,
    visit::{Open, Visit},
};
use crate::{policy::Intake, web::Typed};

/// All of it, by field.
pub(super) fn of(visit: &Visit) -> Typed {
    visit.own.as_ref().map(|own| own.unsent.clone()).unwrap_or_default()
}

/// Keeps what is typed into `field`. `false`: there is no room for it, or it must not be kept (see [`draft::kept`]).
pub(super) fn keep(visit: &mut Open, field: &str, typed: &Typed, limits: &Intake) -> bool {
    let text = typed.raw(field);
    let before = visit.own.as_ref().map_or(0, |own| own.unsent.raw(field).len());
    let more = text.len().saturating_sub(before);
    if draft::kept(limits, field, text).len() < text.len() || !visit.may_grow(more) {
        return false;
    }
    put(visit, field, text);
    true
}

/// It is on its way now.
pub(super) fn forget(visit: &mut Visit, field: &str) {
    put(visit, field, "");
}

fn put(visit: &mut Visit, field: &str, text: &str) {
    if let Some(own) = &mut visit.own {
        own.unsent.set(field, text);
    }
}

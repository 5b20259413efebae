//! Face three: the reward office. It sees awards, releases and sealed packages; never a name, an uplift or what was
//! paid. Names appear in the officers' tool, or in the officer's browser by the script of one page that sends nothing.

/// One award: how it was computed, who agreed, what may be done next.
mod award;
/// Edited copies on their way in.
mod coming;
/// Edited copies as the office's page shows them.
mod copies;
/// Edited copies and what is said of them, the package for an original, the sealed original.
mod edited;
/// Awards by what waits, the most urgent last day first.
mod list;
/// The page whose script opens a package in the officer's browser.
mod open;
/// Originals asked for as evidence: the list, the request, every act on it.
mod original;
/// The release package, the same bytes every time.
mod package;
/// Every act on an award: the page before it, and the act.
mod steps;
/// The page around the content, words, and the one way to an award.
mod view;

use crate::{
    clock::Clock,
    policy::Policy,
    recipients::{RecipientSet, Roster, UntrustedRoster, UntrustedSet},
    staff::{Door, WaysIn, session_layer, sign_in},
    store::{Rewards, Staff},
    web::{Asked, Face, asset_routes, harden, see_other},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, FromRef},
    http::StatusCode,
    routing::{get, post},
};
use std::{ops::Deref, sync::Arc};
use tokio::sync::Semaphore;

/// What the office may touch. Cloned into every request.
#[derive(Clone)]
pub struct OfficeState(Arc<Office>);

/// What the office is made of.
pub struct OfficeParts {
    pub rewards: Arc<dyn Rewards>,
    pub staff: Arc<dyn Staff>,
    pub policy: Arc<Policy>,
    pub clock: Arc<dyn Clock>,
    pub recipients: Arc<RecipientSet>,
    /// The same set as it lies in its file, for the officers' tool to check.
    pub set_file: UntrustedSet,
    pub roster: Arc<Roster>,
    pub roster_file: UntrustedRoster,
    /// The office is reached over https: its cookie must not travel without it.
    pub https: bool,
    pub ways: WaysIn,
}

pub(crate) struct Office {
    parts: OfficeParts,
    door: Door,
    /// Cleaning takes memory: one picture at a time.
    cleaner: Semaphore,
}

impl OfficeState {
    pub fn new(parts: OfficeParts) -> Self {
        let door = Door::new(
            parts.staff.clone(),
            parts.policy.clone(),
            parts.clock.clone(),
            Face::Office,
            parts.ways.clone(),
        );
        Self(Arc::new(Office { parts, door, cleaner: Semaphore::new(1) }))
    }

    fn cleaner(&self) -> &Semaphore {
        &self.0.cleaner
    }
}
impl Deref for OfficeState {
    type Target = OfficeParts;
    fn deref(&self) -> &OfficeParts {
        &self.0.parts
    }
}
impl FromRef<OfficeState> for Door {
    fn from_ref(state: &OfficeState) -> Self {
        state.0.door.clone()
    }
}

/// Every address of the office; each exists in both languages.
pub fn router(state: OfficeState) -> Router {
    let (https, sessions) = (state.https, state.policy.roles.sessions);
    let pages = Router::new()
        .route("/", get(async |asked: Asked| see_other(&format!("/{}/", asked.lang.path()))))
        .route("/{lang}/", get(list::waiting))
        .route("/{lang}/ended", get(list::ended))
        .route("/{lang}/open", get(open::show))
        .route("/{lang}/awards/{number}", get(award::show))
        .route("/{lang}/awards/{number}/package", get(package::download))
        .route("/{lang}/awards/{number}/{act}", get(steps::show).post(steps::take))
        .route("/{lang}/originals", get(original::list))
        .route("/{lang}/originals/{number}", get(original::show))
        .route("/{lang}/originals/{number}/package", get(edited::package))
        .route("/{lang}/originals/{number}/sealed", get(edited::sealed))
        .route("/{lang}/originals/{number}/copies/{blob}", get(edited::copy))
        .route(
            "/{lang}/originals/{number}/copy",
            // Read as it comes, within limits of its own.
            post(edited::put_in).layer(DefaultBodyLimit::disable()),
        )
        .route("/{lang}/originals/{number}/{act}", post(original::take))
        .route("/{lang}/me/password", get(view::password_elsewhere))
        .merge(sign_in::routes())
        .fallback(async |asked: Asked| {
            crate::staff::notice(Face::Office, asked.lang, StatusCode::NOT_FOUND, "office-not-found")
        })
        .with_state(state)
        .layer(session_layer("mifeng-office", https, &sessions));
    harden(pages.merge(asset_routes()), false)
}

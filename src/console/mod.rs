//! Face two: clerks, investigators, approvers, trustees, auditors and administrators. Works without script.
//! It never sees an envelope: its doors of the store lead to none.

mod account;
mod api;
mod award;
mod award_form;
mod bulk;
mod case;
mod confirm;
mod copy;
mod decide;
mod desk;
mod documents;
mod facts;
mod figures;
mod filter;
mod first;
mod first_tasks;
mod hand;
mod help;
mod late;
mod merge;
mod money;
mod move_form;
mod original;
mod passkeys;
mod people;
mod person;
mod queue;
mod release_original;
mod releases;
mod rules;
mod search;
mod send_file;
mod sheet;
mod sheet_form;
mod sight;
mod systems;
mod trail;
mod view;
mod views;
mod what_if;

use crate::{
    clock::Clock,
    documents::DocumentDesk,
    figures::FiguresDesk,
    policy::Policy,
    publisher::Publisher,
    recipients::{RecipientSet, Roster, Sets, UntrustedRoster, UntrustedSet},
    staff::{Door, WaysIn, session_layer, sign_in},
    store::{Cases, Staff, Trustees},
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

/// What the console may touch: cases without reporters, accounts, trustees' papers, the public log, the rules.
#[derive(Clone)]
pub struct ConsoleState(Arc<Console>);

/// What a console is made of.
pub struct ConsoleParts {
    pub cases: Arc<dyn Cases>,
    pub staff: Arc<dyn Staff>,
    pub trustees: Arc<dyn Trustees>,
    pub figures: Arc<FiguresDesk>,
    pub documents: Arc<DocumentDesk>,
    /// Proves to trustees that a release stands in the log.
    pub publisher: Arc<Publisher>,
    pub policy: Arc<Policy>,
    pub clock: Arc<dyn Clock>,
    pub recipients: Arc<RecipientSet>,
    /// The same set with those before it: whose share files an earlier report has.
    pub sets: Arc<Sets>,
    /// The same set as it lies in its file, for the trustees' tools to check.
    pub set_file: UntrustedSet,
    pub roster: Arc<Roster>,
    pub roster_file: UntrustedRoster,
    /// The console is reached over https: its cookie must not travel without it.
    pub https: bool,
    pub ways: WaysIn,
}

pub struct Console {
    parts: ConsoleParts,
    door: Door,
    /// Turns at trying a changed rule on every open award.
    trials: Arc<Semaphore>,
    /// What other systems follow.
    followed: api::Followed,
}

/// So many at once: each keeps one of the processor's cores busy.
const TRIALS: usize = 2;

impl ConsoleState {
    pub fn new(parts: ConsoleParts) -> Self {
        let door = Door::new(
            parts.staff.clone(),
            parts.policy.clone(),
            parts.clock.clone(),
            Face::Console,
            parts.ways.clone(),
        );
        let followed = api::Followed::new(rand::random());
        Self(Arc::new(Console { parts, door, trials: Arc::new(Semaphore::new(TRIALS)), followed }))
    }
}
impl Deref for Console {
    type Target = ConsoleParts;
    fn deref(&self) -> &ConsoleParts {
        &self.parts
    }
}
impl Deref for ConsoleState {
    type Target = Console;
    fn deref(&self) -> &Console {
        &self.0
    }
}
impl FromRef<ConsoleState> for Door {
    fn from_ref(state: &ConsoleState) -> Self {
        state.door.clone()
    }
}

/// Every address of the console; each exists in both languages.
pub fn router(state: ConsoleState) -> Router {
    let (https, sessions) = (state.https, state.policy.roles.sessions);
    let api = api::routes(state.clone());
    let pages = Router::new()
        .route("/", get(async |asked: Asked| see_other(&format!("/{}/", asked.lang.path()))))
        .route("/{lang}/", get(first::show))
        .route("/{lang}/cases", get(queue::show))
        .route("/{lang}/cases/search", post(search::search))
        .route("/{lang}/cases/bulk", get(bulk::told).post(bulk::take))
        .route("/{lang}/views", get(views::list).post(views::keep))
        .route("/{lang}/views/{id}/remove", post(views::remove))
        .route("/{lang}/views/{id}/share", post(views::share))
        .route("/{lang}/views/{id}/take", post(views::take))
        .route("/{lang}/cases/{number}", get(case::show))
        .route("/{lang}/cases/{number}/copies/{blob}", get(copy::show))
        .route("/{lang}/cases/{number}/copies/{blob}/bytes", get(copy::bytes))
        .route(
            "/{lang}/cases/{number}/moves/{mv}",
            // A file may come with a message: read as it comes, within limits of its own.
            get(decide::show).post(decide::take).layer(DefaultBodyLimit::disable()),
        )
        .route("/{lang}/cases/{number}/sheet", get(sheet::ask).post(sheet::make))
        .route("/{lang}/cases/{number}/sheets/{n}", get(sheet::show))
        .route("/{lang}/cases/{number}/original", get(original::show).post(original::ask))
        .route("/{lang}/cases/{number}/original/end", post(original::give_up))
        .route("/{lang}/cases/{number}/documents/{id}", get(documents::show))
        .route("/{lang}/cases/{number}/award", get(award::show))
        .route("/{lang}/cases/{number}/award/pass-on", get(merge::ask_pass_on).post(merge::pass_on))
        .route("/{lang}/cases/{number}/award/facts", get(award_form::show).post(award_form::take))
        .route("/{lang}/cases/{number}/award/what-if", get(what_if::show).post(what_if::take))
        .route("/{lang}/cases/{number}/award/approve", get(award::ask_approve).post(award::approve))
        .route("/{lang}/cases/{number}/award/refuse", get(award::ask_refuse).post(award::refuse))
        .route("/{lang}/cases/{number}/award/withdraw", post(award::withdraw))
        .route("/{lang}/cases/{number}/award/file", post(award::file))
        .route("/{lang}/cases/{number}/award/notify", post(award::notify))
        .route("/{lang}/cases/{number}/award/extend", post(award::extend))
        .route("/{lang}/cases/{number}/award/public-notice", post(award::public_notice))
        .route("/{lang}/cases/{number}/award/lapse", get(award::ask_lapse).post(award::lapse))
        .route("/{lang}/late", get(late::show))
        .route("/{lang}/help", get(help::show))
        .route("/{lang}/help/keys", post(help::switch))
        .route("/{lang}/desk", get(desk::show).post(desk::issue))
        .route("/{lang}/approvals", get(award::list))
        .route("/{lang}/rules", get(rules::list))
        .route("/{lang}/rules/try", get(rules::ask).post(rules::take))
        .route("/{lang}/releases", get(releases::list))
        .route("/{lang}/releases/{number}", get(releases::show).post(releases::deposit))
        .route("/{lang}/releases/{number}/request", get(releases::request))
        .route(
            "/{lang}/releases/{number}/original",
            get(release_original::show).post(release_original::deposit),
        )
        .route("/{lang}/releases/{number}/original/request", get(release_original::request))
        .route("/{lang}/figures", get(figures::show))
        .route("/{lang}/figures/csv", get(figures::export))
        .route("/{lang}/figures/dataset.csv", get(figures::dataset_csv))
        .route("/{lang}/figures/dataset.parquet", get(figures::dataset_parquet))
        .route("/{lang}/trail", get(trail::show))
        .route("/{lang}/people", get(people::list))
        .route("/{lang}/people/new", get(people::new).post(people::create))
        .route("/{lang}/people/{id}", get(person::show))
        .route("/{lang}/people/{id}/change", get(person::ask_change).post(person::change))
        .route("/{lang}/people/{id}/sign-out", post(person::end_sessions))
        .route("/{lang}/people/{id}/subject", post(person::join))
        .route("/{lang}/people/{id}/hand-over", post(person::hand_over))
        .route("/{lang}/people/{id}/disable", post(people::disable))
        .route("/{lang}/people/{id}/enable", post(people::enable))
        .route("/{lang}/people/{id}/reset", post(people::reset))
        .route("/{lang}/systems", get(systems::list).post(systems::make))
        .route("/{lang}/systems/{number}/confirm", post(systems::confirm))
        .route("/{lang}/systems/{number}/revoke", post(systems::revoke))
        .route("/{lang}/me", get(account::show))
        .route("/{lang}/me/password", get(account::ask_password).post(account::change_password))
        .route("/{lang}/me/key", post(account::make_key))
        .route("/{lang}/me/passkeys", get(passkeys::ask).post(passkeys::add))
        .route("/{lang}/me/passkeys/begin", post(passkeys::begin))
        .route("/{lang}/me/passkeys/remove", post(passkeys::remove))
        .route("/{lang}/me/sign-out-everywhere", post(account::leave_everywhere))
        .merge(sign_in::routes())
        .fallback(async |asked: Asked| {
            crate::staff::notice(Face::Console, asked.lang, StatusCode::NOT_FOUND, "console-not-found")
        })
        .with_state(state)
        .layer(session_layer("mifeng-console", https, &sessions));
    harden(pages.merge(api).merge(asset_routes()), true)
}

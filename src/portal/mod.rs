//! Face one: reporters. No script, no trace, one question a page, in two languages.

mod api;
mod asks;
mod award_objection;
mod check;
mod desk;
mod device;
mod documents;
mod draft;
mod earlier;
mod figures;
mod files;
mod files_page;
mod files_remove;
mod from_office;
mod gate;
mod house;
mod kept;
mod later;
mod log;
mod mine;
mod next;
mod notices;
mod once;
mod original;
mod own_receipt;
mod pages;
mod person_page;
mod region;
mod report;
mod sending;
mod steps;
mod submit;
mod unsent;
mod unsure;
mod visit;
mod wait;

#[doc(hidden)]
pub use device::read_any;
pub use house::Room;

use crate::{
    clock::Clock,
    documents::DocumentDesk,
    figures::FiguresDesk,
    notices::NoticesDesk,
    policy::Policy,
    pressure::Pressure,
    publisher::Publisher,
    recipients::{RecipientSet, UntrustedSet},
    store::{Refused, Reports},
    web::{Asked, Sender, asset_routes, harden, see_other},
};
use asks::Ask;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderValue, StatusCode, header},
    middleware::{Next, from_fn, map_response},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get, post},
};
use std::{
    ops::Deref,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::sync::Semaphore;

/// What the portal may touch: reports by receipt, the public log, the rules. No case, no envelope, no account.
#[derive(Clone)]
pub struct PortalState(Arc<Portal>);

/// What a portal is made of.
pub struct PortalParts {
    pub reports: Arc<dyn Reports>,
    /// The log as outsiders get it.
    pub publisher: Arc<Publisher>,
    /// Counts that may be shown; the cases themselves stay behind it.
    pub figures: Arc<FiguresDesk>,
    /// Awards announced in public; of each a number and two days.
    pub notices: Arc<NoticesDesk>,
    pub documents: Arc<DocumentDesk>,
    pub policy: Arc<Policy>,
    /// Whom new envelopes are sealed to.
    pub recipients: Arc<RecipientSet>,
    /// The same set as it is signed, for scripts, which check it themselves.
    pub set_file: UntrustedSet,
    pub clock: Arc<dyn Clock>,
    /// Whether newcomers wait in line.
    pub pressure: Pressure,
    /// The portal is reached over https: its cookie must not travel without it.
    pub https: bool,
}

/// What [`PortalState`] shares.
pub struct Portal {
    reports: Arc<dyn Reports>,
    publisher: Arc<Publisher>,
    figures: Arc<FiguresDesk>,
    notices: Arc<NoticesDesk>,
    documents: Arc<DocumentDesk>,
    policy: Arc<Policy>,
    recipients: Arc<RecipientSet>,
    set_file: UntrustedSet,
    clock: Arc<dyn Clock>,
    visits: visit::Visits,
    gate: gate::Gate,
    tries: mine::Tries,
    /// Cleaning takes memory: one picture at a time.
    cleaner: Mutex<()>,
    /// Files on their way.
    uploads: device::upload::Room,
    /// Of those, files that are sealed here.
    sealers: Arc<Semaphore>,
}

/// Files sealed here at once. Each holds one of the process's blocking threads, however slowly it comes.
pub const MOST_SEALED_HERE: usize = 64;

impl PortalState {
    pub fn new(parts: PortalParts) -> Self {
        Self::with_room(parts, Room::default())
    }

    /// A portal with room for so many visits.
    pub fn with_room(parts: PortalParts, room: Room) -> Self {
        let idle = Duration::from_secs(u64::from(parts.policy.intake.service.draft_idle_minutes) * 60);
        Self(Arc::new(Portal {
            reports: parts.reports,
            publisher: parts.publisher,
            figures: parts.figures,
            notices: parts.notices,
            documents: parts.documents,
            policy: parts.policy,
            recipients: parts.recipients,
            set_file: parts.set_file,
            clock: parts.clock,
            visits: visit::Visits::new(room, idle, parts.https),
            gate: gate::Gate::new(parts.pressure, &mut rand::rng()),
            tries: mine::Tries::default(),
            cleaner: Mutex::new(()),
            uploads: device::upload::Room::default(),
            sealers: Arc::new(Semaphore::new(MOST_SEALED_HERE)),
        }))
    }

    /// How many of the places for drafts are taken by somebody who cannot be spared, and how many there are.
    pub fn drafts(&self) -> (usize, usize) {
        self.visits.drafts()
    }

    /// The same of the places for visits with a report.
    pub fn reports(&self) -> (usize, usize) {
        self.visits.reports()
    }

    /// Wipes drafts that have been idle too long. To be called once a minute: nothing else runs in a quiet night.
    pub fn sweep(&self) {
        self.visits.sweep(self.clock.unix_seconds(), device::upload::SILENCE_SECONDS);
    }
}

impl Deref for PortalState {
    type Target = Portal;
    fn deref(&self) -> &Portal {
        &self.0
    }
}

impl Portal {
    /// Hours after which an unsent draft is gone, as the pages say it.
    fn idle_hours(&self) -> String {
        let minutes = self.policy.intake.service.draft_idle_minutes;
        if minutes.is_multiple_of(60) {
            (minutes / 60).to_string()
        } else {
            format!("{:.1}", f64::from(minutes) / 60.0)
        }
    }
}

/// Every address of the portal, in the order a reporter meets them; each exists in both languages.
pub fn router(state: PortalState) -> Router {
    let router = Router::new()
        .route("/", get(async |asked: Asked| see_other(&format!("/{}/start", asked.lang.path()))))
        .route("/leave", get(pages::leave));
    let router =
        both(router, "/", get(async |asked: Asked| see_other(&format!("/{}/start", asked.lang.path()))));

    let router = both(router, "/start", get(pages::start));
    let router = both(router, "/before", get(pages::before));
    let router = both(router, "/agree", open_to_all(get(pages::agree).post(pages::agreed)));
    let router = both(router, "/wait", get(wait::show));
    let router = both(router, "/help", get(pages::help));
    let router = both(router, "/kept", get(pages::kept));
    let router = both(router, "/figures", get(figures::show));
    let router = both(router, "/notices", get(notices::show));

    let router = both(router, "/desk", open_to_all(get(desk::show).post(desk::take)));

    let router = both(router, "/name", get(steps::name).post(steps::take_name));
    let router = both(router, "/region", get(region::show).post(region::take));
    let router = both(router, "/kind", get(steps::kind).post(steps::take_kind));
    let router = both(router, "/industry", get(steps::industry).post(steps::take_industry));
    let router = both(router, "/elsewhere/{sector}", get(pages::elsewhere));
    let router = both(router, "/place", get(steps::place).post(steps::take_place));
    let router = both(router, "/story", get(steps::story).post(steps::take_story));
    let router = both(router, "/identity", closing(get(submit::identity).post(submit::take_identity)));
    let router = both(router, "/check", get(check::show));
    let router = both(router, "/send", post(submit::send));
    let router = both(router, "/receipt", closing(get(check::receipt)));
    let router =
        both(router, "/receipt-check", closing(get(check::receipt_check).post(check::take_receipt_check)));

    let router =
        both(router, "/files", get(files_page::show).post(files::take).layer(DefaultBodyLimit::disable()));
    let router = both(router, "/files/remove", get(files_remove::show).post(files_remove::take));
    let router = device::routes(router);
    let router = both(router, "/finish", post(mine::finish));
    let router = both(router, "/mine", open_to_all(get(mine::show).merge(closing(post(mine::sign_in)))));
    let router = both(router, own_receipt::PATH, closing(get(own_receipt::show).post(own_receipt::draw)));
    let router = both(router, "/own-receipt/keep", closing(post(own_receipt::keep)));
    let router = both(router, earlier::PATH, closing(get(earlier::show).post(earlier::take)));
    let router = both(router, "/mine/add", get(mine::show).post(later::add));
    let router = both(router, "/mine/messages", closing(get(mine::show).post(report::read_messages)));
    let router = both(router, "/mine/files/{blob}", closing(get(mine::show).post(from_office::open)));
    let router = both(router, "/mine/files/{blob}/age", get(from_office::age_file));
    let router = both(router, "/mine/documents/{id}", get(documents::download));
    let router = both(router, "/mine/claim", closing(get(submit::claim).post(submit::take_claim)));
    let router = both(router, award_objection::PATH, award_objection::page());
    let router = both(router, Ask::Review.path(), Ask::Review.page());
    let router = both(router, Ask::Protection.path(), Ask::Protection.page());
    let router = both(router, Ask::Original.path(), Ask::Original.page());
    let router = both(router, Ask::Deletion.path(), Ask::Deletion.page());
    let router = both(router, "/mine/withdraw", get(mine::withdraw).post(later::take_withdraw));
    let router = both(router, "/mine/sign-out", post(mine::sign_out));

    let router = router
        .merge(log::router())
        .merge(api::routes(&state))
        .fallback(async |asked: Asked| asked.notice(StatusCode::NOT_FOUND, "not-found"));
    harden(router.layer(from_fn(from_our_pages)).with_state(state).merge(asset_routes()), false)
}

/// Nothing is done for a form, or a call, that comes from another site's page.
async fn from_our_pages(request: Request, next: Next) -> Response {
    if !request.method().is_safe() && Sender::of(request.headers()) == Sender::Elsewhere {
        return foreign(&request);
    }
    next.run(request).await
}

/// For the forms that need no visit and so carry no token: who hides where they come from is refused too. So that
/// no browser hides it for our own, these pages alone let it say so, to us only.
fn open_to_all(page: MethodRouter<PortalState>) -> MethodRouter<PortalState> {
    page.layer(from_fn(async |request: Request, next: Next| {
        if !request.method().is_safe() && Sender::of(request.headers()) != Sender::Here {
            return foreign(&request);
        }
        let mut answer = next.run(request).await;
        answer.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        answer
    }))
}

fn foreign(request: &Request) -> Response {
    let asked = Asked::of(request.uri(), request.headers());
    asked.notice(StatusCode::FORBIDDEN, "foreign").into_response()
}

/// For pages that carry a name or a receipt: whatever the answer, the connection ends with it, so that its buffers
/// are freed (and wiped by the program's allocator) instead of waiting for the next request.
fn closing(page: MethodRouter<PortalState>) -> MethodRouter<PortalState> {
    page.layer(map_response(async |mut answer: Response| {
        answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        answer
    }))
}

fn both(router: Router<PortalState>, path: &str, page: MethodRouter<PortalState>) -> Router<PortalState> {
    router.route(&format!("/zh{path}"), page.clone()).route(&format!("/en{path}"), page)
}

/// The cause goes to the log, where it says nothing of the reporter; the page says what to do.
fn refused_by_store(refused: &Refused) {
    tracing::error!(cause = %refused, "the store refused a reporter");
}

//! The three faces, each handed the doors of the store that are its own and no others.

use super::listen::{Face, Limits};
use crate::{
    clock::{CheckedClock, Clock, Doubt},
    config::{Addresses, Config, DoorFile, FaceName, Mode, ServerKeys},
    console::{self, ConsoleParts, ConsoleState},
    documents::{DocumentDesk, Press},
    escalation::Escalation,
    figures::FiguresDesk,
    lapse,
    log::checkpoint::Origin,
    notices::NoticesDesk,
    office::{self, OfficeParts, OfficeState},
    policy::Policy,
    portal::{self, PortalParts, PortalState, Room},
    pressure::{Measure, Pressure},
    publisher::{PublishRefused, Publisher},
    recipients::Sets,
    staff::{Passkeys, Sso, WaysIn},
    store::{Refused, Rewards, Store},
};
use axum::Router;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, time::interval};

/// Names of the faces, as the log has them.
pub const PORTAL: &str = "portal";
const CONSOLE: &str = "console";
const OFFICE: &str = "office";
/// Not a face, and listened to like one.
pub const STATUS: &str = "status";

/// Everything that answers.
pub struct Faces {
    portal: Option<PortalState>,
    console: Option<Router>,
    office: Option<Router>,
    /// Where the portal is another process: what it shows is counted, and listed, here.
    shown_there: Option<(Arc<FiguresDesk>, Arc<NoticesDesk>, Arc<Store>)>,
    /// Where files may be gone through: what broken uploads have left is taken out.
    sweeper: Option<Arc<Store>>,
    publisher: Arc<Publisher>,
    sets: Arc<Sets>,
    /// Where cases are worked on.
    escalation: Option<Escalation>,
    /// Where originals are opened.
    requests: Option<Arc<dyn Rewards>>,
    /// Where days are recorded, and what was last said of the clock.
    store: Arc<Store>,
    clock: Arc<CheckedClock>,
    said: Mutex<Option<Doubt>>,
}

pub fn build(
    config: &Config,
    keys: ServerKeys,
    policy: Arc<Policy>,
    press: Press,
    store: Arc<Store>,
    ways: WaysIn,
    (checked, pressure, room): (Arc<CheckedClock>, Pressure, Room),
) -> Result<Faces, Box<dyn std::error::Error>> {
    let clock: Arc<dyn Clock> = checked.clone();
    let (sets, recipients) = (Arc::new(keys.sets), Arc::new(keys.set));
    let origin: Origin = format!("{}/log", recipients.instance().0).parse()?;
    let publisher = Arc::new(Publisher::new(origin, keys.log, store.clone()).after(keys.closed));
    let serves = |face| config.face.is_none_or(|only| only == face);
    let figures = Arc::new(match config.face {
        Some(FaceName::Portal) => FiguresDesk::elsewhere(store.clone(), policy.clone(), clock.clone()),
        _ => FiguresDesk::new(store.clone(), policy.clone(), clock.clone()),
    });
    let notices = Arc::new(match config.face {
        Some(FaceName::Portal) => NoticesDesk::elsewhere(store.clone(), clock.clone()),
        _ => NoticesDesk::new(store.clone(), clock.clone()),
    });
    let documents = Arc::new(DocumentDesk::new(Arc::new(press), policy.clone(), publisher.key().to_string()));
    let portal = serves(FaceName::Portal).then(|| {
        let parts = PortalParts {
            reports: store.clone(),
            publisher: publisher.clone(),
            figures: figures.clone(),
            notices: notices.clone(),
            documents: documents.clone(),
            policy: policy.clone(),
            recipients: recipients.clone(),
            set_file: keys.set_file.clone(),
            clock: clock.clone(),
            pressure,
            https: config.https,
        };
        PortalState::with_room(parts, room)
    });
    let escalation =
        serves(FaceName::Console).then(|| Escalation::new(store.clone(), policy.clone(), clock.clone()));
    let roster = Arc::new(keys.roster);
    let console = serves(FaceName::Console).then(|| {
        console::router(ConsoleState::new(ConsoleParts {
            cases: store.clone(),
            staff: store.clone(),
            trustees: store.clone(),
            publisher: publisher.clone(),
            figures: figures.clone(),
            documents: documents.clone(),
            policy: policy.clone(),
            clock: clock.clone(),
            recipients: recipients.clone(),
            sets: sets.clone(),
            set_file: keys.set_file.clone(),
            roster: roster.clone(),
            roster_file: keys.roster_file.clone(),
            https: config.https,
            ways: ways.clone(),
        }))
    });
    let shown_there = (config.face == Some(FaceName::Console)).then(|| (figures, notices, store.clone()));
    let requests = serves(FaceName::Office).then(|| store.clone() as Arc<dyn Rewards>);
    let sweeper = serves(FaceName::Console).then(|| store.clone());
    let office = serves(FaceName::Office).then(|| {
        office::router(OfficeState::new(OfficeParts {
            rewards: store.clone(),
            staff: store.clone(),
            policy,
            clock,
            recipients: recipients.clone(),
            set_file: keys.set_file,
            roster,
            roster_file: keys.roster_file,
            https: config.https,
            ways,
        }))
    });
    let (clock, said) = (checked, Mutex::default());
    Ok(Faces {
        portal,
        console,
        office,
        shown_there,
        sweeper,
        publisher,
        sets,
        escalation,
        requests,
        store,
        clock,
        said,
    })
}

/// Passkeys and single sign-on, as the file says; a demo has passkeys by the name `localhost`.
pub fn ways(config: &Config) -> Result<WaysIn, Box<dyn std::error::Error>> {
    let at = &config.addresses;
    let file = match (&config.door, config.mode) {
        (Some(path), mode) => DoorFile::load(path, mode)?,
        (None, Mode::Demo) => DoorFile::demo(at.console.port(), at.office.port()),
        (None, Mode::Production) => return Ok(WaysIn::default()),
    };
    let passkeys = match file.sites.passkeys.is_empty() {
        true => None,
        false => Some(Arc::new(Passkeys::new(&file.sites)?)),
    };
    let sso = file.sso.map(|sso| Sso::new(sso, file.sites)).transpose()?.map(Arc::new);
    Ok(WaysIn { passkeys, sso })
}

impl Faces {
    /// Before anybody is answered: the log must name what they are handed.
    pub async fn announce(&self) -> Result<(), PublishRefused> {
        self.publisher.holds_what_was_closed()?;
        self.publisher.announce(&self.sets, self.clock.today()).await
    }

    /// Places for visits that are taken, and all of them; none where the portal is another process.
    pub fn places(&self) -> impl Iterator<Item = (Measure, (usize, usize))> {
        let of =
            |portal: &PortalState| [(Measure::Drafts, portal.drafts()), (Measure::Reports, portal.reports())];
        self.portal.iter().flat_map(of)
    }

    pub async fn listen(&self, at: Addresses) -> Result<Vec<Face>, String> {
        let mut listening = Vec::new();
        if let Some(portal) = &self.portal {
            listening.push(face(PORTAL, at.portal, portal::router(portal.clone())).await?);
        }
        if let Some(console) = &self.console {
            listening.push(face(CONSOLE, at.console, console.clone()).await?);
        }
        if let Some(office) = &self.office {
            listening.push(face(OFFICE, at.office, office.clone()).await?);
        }
        Ok(listening)
    }

    /// Signs checkpoints, wipes idle drafts, sweeps, and tells of last days that have passed, for as long as the process runs.
    pub async fn keep_up(&self, mode: Mode) {
        tokio::join!(
            self.keep_dated(),
            self.keep_published(mode),
            self.keep_telling(),
            self.keep_ending(),
            self.keep_swept()
        );
    }

    /// Records the day that is served by, takes in what others have recorded, and says it if the clock is not believed.
    pub async fn keep_date(&self) -> Result<(), Refused> {
        let recorded = match self.store.newest_day() {
            // Whoever knows the day writes it again; who has only just started does not.
            Err(damaged @ Refused::Damaged { .. }) => {
                tracing::error!(%damaged, "the newest day cannot be read");
                None
            }
            recorded => recorded?,
        };
        recorded.into_iter().for_each(|recorded| self.clock.follow(recorded));
        let today = self.clock.today();
        let mut outcome = Ok(());
        if !matches!(self.clock.doubt(), Some(Doubt::Record { .. }))
            && recorded.is_none_or(|recorded| recorded.day < today)
        {
            match self.store.record_day(today, recorded).await {
                Ok(recorded) => self.clock.follow(recorded),
                // A database judges days by its own clock.
                Err(refused) => {
                    self.clock.refused(today);
                    outcome = Err(refused);
                }
            }
        }
        let doubt = self.clock.doubt();
        let before = std::mem::replace(&mut *self.said.lock().unwrap_or_else(PoisonError::into_inner), doubt);
        // Again with each day that passes, or every minute would bury all else.
        match doubt {
            Some(doubt) if before != Some(doubt) => tracing::error!("{doubt}"),
            None if before.is_some() => tracing::info!(%today, "the machine's clock is believed again"),
            _ => {}
        }
        outcome
    }

    async fn keep_dated(&self) {
        let mut look = interval(Duration::from_secs(60));
        loop {
            look.tick().await;
            if let Err(cause) = self.keep_date().await {
                tracing::warn!(%cause, "the day was not recorded");
            }
        }
    }

    async fn keep_ending(&self) {
        let Some(requests) = &self.requests else { return };
        let mut look = interval(Duration::from_secs(60));
        loop {
            look.tick().await;
            match lapse::round(&**requests, &*self.clock).await {
                Ok(0) => {}
                Ok(ended) => tracing::info!(ended, "what may be opened no more was ended"),
                Err(cause) => tracing::error!(%cause, "what may be opened no more was not all ended"),
            }
        }
    }

    async fn keep_swept(&self) {
        let Some(store) = &self.sweeper else { return };
        let mut day = interval(Duration::from_secs(24 * 60 * 60));
        // Not right after a start: what was put back wrongly is noticed first.
        day.tick().await;
        loop {
            day.tick().await;
            let (store, clock) = (store.clone(), self.clock.clone());
            match tokio::task::spawn_blocking(move || store.sweep(&*clock)).await {
                Ok(Ok(0)) | Err(_) => {}
                Ok(Ok(chunks)) => tracing::info!(chunks, "chunks that no file names were taken out"),
                Ok(Err(cause)) => tracing::warn!(%cause, "chunks that no file names were not taken out"),
            }
        }
    }

    async fn keep_telling(&self) {
        let Some(escalation) = &self.escalation else { return };
        let mut look = interval(Duration::from_secs(60));
        loop {
            look.tick().await;
            match escalation.round().await {
                Ok(0) => {}
                Ok(cases) => tracing::info!(cases, "last days passed were told upwards"),
                Err(cause) => tracing::error!(%cause, "last days passed were not all told upwards"),
            }
        }
    }

    async fn keep_published(&self, mode: Mode) {
        let every = match mode {
            Mode::Production => PUBLISH_EVERY,
            Mode::Demo => Duration::from_secs(1),
        };
        let (mut publish, mut sweep) = (interval(every), interval(Duration::from_secs(60)));
        loop {
            tokio::select! {
                _ = publish.tick() => {
                    // Strangers are shown what any process has signed: by the clocks of three they would see the log
                    // grow three times as finely.
                    match self.portal {
                        Some(_) => if let Err(cause) = self.publisher.checkpoint().await {
                            tracing::error!(%cause, "no checkpoint was signed");
                        },
                        None => if let Err(cause) = self.publisher.look() {
                            tracing::error!(%cause, "the log was not found to hold the newest checkpoint");
                        },
                    }
                }
                _ = sweep.tick() => {
                    self.portal.iter().for_each(PortalState::sweep);
                    let Some((figures, notices, shelf)) = &self.shown_there else { continue };
                    if let Err(cause) = figures.put_on(&**shelf).await {
                        tracing::warn!(%cause, "the portal shows older figures");
                    }
                    if let Err(cause) = notices.put_on(&**shelf).await {
                        tracing::warn!(%cause, "the portal shows older notices");
                    }
                }
            }
        }
    }
}

/// Whoever watches the public log sees it grow. Signed seldom, it does not show the minute of a report.
const PUBLISH_EVERY: Duration = Duration::from_secs(600);

pub async fn face(name: &'static str, address: SocketAddr, router: Router) -> Result<Face, String> {
    let listener = TcpListener::bind(address).await.map_err(|e| {
        format!("{name}: {address}: {e} (set MIFENG_{} to another address)", name.to_uppercase())
    })?;
    Ok(Face::new(name, listener, router, Limits::of(name)))
}

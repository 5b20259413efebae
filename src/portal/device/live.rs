//! Says when something about a report has changed, as server-sent events: a version, nothing of what changed. Each
//! answer ends after some seconds and the browser asks again, so that no connection is held for long and a stop of the
//! server waits for nobody. Whoever cannot have it presses "Look again". Asking is no use of the visit: an open page
//! that nobody is at must not keep it from lapsing.

use super::view::version;
use crate::portal::{
    PortalState, mine,
    visit::{Onlooker, Visitor},
};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use http_body_util::channel::Channel;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use tokio::sync::Semaphore;

/// Below the time a stop waits for running requests.
const ROUNDS: u32 = 5;
const EVERY: Duration = Duration::from_secs(4);
/// What the browser waits before it asks again, in milliseconds.
const PAUSE: &str = "retry: 4000\n\n";
/// Readers at once; more are told to press the button.
static ROOM: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(1000)));

pub(super) async fn live(State(portal): State<PortalState>, Onlooker(visitor): Onlooker) -> Response {
    // 204 tells the browser not to ask again.
    let Some(first) = now(&portal, &visitor).await else { return StatusCode::NO_CONTENT.into_response() };
    let Ok(room) = ROOM.clone().try_acquire_owned() else { return StatusCode::NO_CONTENT.into_response() };
    let (mut out, body) = Channel::<Bytes>::new(4);
    tokio::spawn(async move {
        let _room = room;
        let mut said = first;
        if out.send_data(format!("{PAUSE}{}", event(&said)).into()).await.is_err() {
            return;
        }
        for _ in 0..ROUNDS {
            tokio::time::sleep(EVERY).await;
            let Some(version) = now(&portal, &visitor).await else { return };
            if version != said {
                said = version;
                if out.send_data(event(&said).into()).await.is_err() {
                    return;
                }
            }
        }
    });
    ([(header::CONTENT_TYPE, "text/event-stream")], Body::new(body)).into_response()
}

fn event(version: &str) -> String {
    format!("event: version\ndata: {version}\n\n")
}

/// The version of the visit's report; `None` when nobody is signed in any more. The visit is held for a moment only.
async fn now(portal: &PortalState, visitor: &Visitor) -> Option<String> {
    let visit = visitor.open().await?;
    let found = mine::find(portal, visitor, &visit).ok()??;
    Some(version(portal, visitor.lang, &found))
}

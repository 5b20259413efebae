//! Sessions of staff: in memory, idle 15 minutes, 12 hours at most, a new id at every sign-in.

use super::guard::DoorRefused;
use crate::{ids::StaffId, store::Account, transcript};
use serde::{Deserialize, Serialize};
use tower_sessions::{
    Expiry, MemoryStore, Session, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

pub const IDLE_MINUTES: i64 = 15;
pub const LONGEST_HOURS: i64 = 12;
const KEY: &str = "signed-in";

/// What a session knows. Rights are looked up anew at every request, so that a disabled account is out at once.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SignedIn {
    pub id: StaffId,
    /// Seconds since 1970-01-01T00:00Z.
    since: i64,
    seen: i64,
    /// Stands for the password it began with: a changed password ends all other sessions.
    pub password: String,
    /// In every form of this session; a form without it is not ours.
    pub token: String,
}

/// The cookie and the store of one face. `name` must differ between faces on one host: cookies know no ports.
pub fn session_layer(name: &'static str, https: bool) -> SessionManagerLayer<MemoryStore> {
    SessionManagerLayer::new(MemoryStore::default())
        .with_name(name)
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::minutes(IDLE_MINUTES)))
}

/// Starts a session under a new id, whatever session the browser came with. `token`: random.
pub(super) async fn begin(
    session: &Session,
    account: &Account,
    now: i64,
    token: [u8; 16],
) -> Result<(), DoorRefused> {
    let signed_in = SignedIn {
        id: account.id.clone(),
        since: now,
        seen: now,
        password: mark(&account.password),
        token: hex::encode(token),
    };
    session.clear().await;
    session.cycle_id().await.map_err(|_| DoorRefused::Session)?;
    session.insert(KEY, signed_in).await.map_err(|_| DoorRefused::Session)
}

/// Who is signed in, if the session is neither idle nor too old; counts this request as a sign of life.
pub(super) async fn carry_on(session: &Session, now: i64) -> Result<SignedIn, DoorRefused> {
    let found: Option<SignedIn> = session.get(KEY).await.map_err(|_| DoorRefused::Session)?;
    let mut signed_in = found.ok_or(DoorRefused::NotSignedIn)?;
    let over = now - signed_in.seen >= IDLE_MINUTES * 60 || now - signed_in.since >= LONGEST_HOURS * 3600;
    if over {
        session.flush().await.map_err(|_| DoorRefused::Session)?;
        return Err(DoorRefused::Expired);
    }
    signed_in.seen = now;
    session.insert(KEY, signed_in.clone()).await.map_err(|_| DoorRefused::Session)?;
    Ok(signed_in)
}

/// After the member's own change of password: this session goes on, all others end.
pub(super) async fn keep(session: &Session, password: &str) -> Result<(), DoorRefused> {
    let found: Option<SignedIn> = session.get(KEY).await.map_err(|_| DoorRefused::Session)?;
    let mut signed_in = found.ok_or(DoorRefused::NotSignedIn)?;
    signed_in.password = mark(password);
    session.insert(KEY, signed_in).await.map_err(|_| DoorRefused::Session)
}

/// Of a password's hash.
pub(super) fn mark(password: &str) -> String {
    hex::encode(&transcript::sha256(password.as_bytes())[..8])
}

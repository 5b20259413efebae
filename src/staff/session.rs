//! Sessions of staff: in memory, ended when idle and when old (`policy/roles.toml`), a new id at every sign-in.

use super::guard::DoorRefused;
use crate::{ids::StaffId, policy::Sessions, store::Account, transcript};
use serde::{Deserialize, Serialize};
use tower_sessions::{
    Expiry, MemoryStore, Session, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

const KEY: &str = "signed-in";
/// A clock may be set back by so much without ending sessions.
const STEP_BACK_SECONDS: i64 = 300;
/// The last list of cases that was shown.
pub(super) const LIST: &str = "list";

/// What a session knows. Rights are looked up anew at every request, so that a disabled account is out at once.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct SignedIn {
    pub id: StaffId,
    /// Seconds since 1970-01-01T00:00Z, as are the next two.
    since: i64,
    seen: i64,
    /// When they last proved who they are.
    proved: i64,
    /// Stands for password, roles and generation it began under: any of them changed ends it.
    pub mark: String,
    /// In every form of this session; a form without it is not ours.
    pub token: String,
}

/// Until when a session goes on; seconds since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// If nothing is done before.
    Idle(i64),
    /// Whatever is done.
    Longest(i64),
}

impl SignedIn {
    pub fn until(&self, rules: &Sessions) -> Until {
        let idle = self.seen + i64::from(rules.idle_minutes) * 60;
        let longest = self.since + i64::from(rules.longest_hours) * 3600;
        if longest < idle { Until::Longest(longest) } else { Until::Idle(idle) }
    }

    /// Whether the last proof still counts for what needs a fresh one.
    pub fn is_fresh(&self, now: i64, rules: &Sessions) -> bool {
        (0..i64::from(rules.fresh_minutes) * 60).contains(&(now - self.proved))
    }
}

/// The cookie and the store of one face. `name` must differ between faces on one host: cookies know no ports.
pub fn session_layer(name: &'static str, https: bool, rules: &Sessions) -> SessionManagerLayer<MemoryStore> {
    SessionManagerLayer::new(MemoryStore::default())
        .with_name(name)
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(Duration::minutes(rules.idle_minutes.into())))
}

/// Starts a session under a new id, whatever session the browser came with. `proved`: when they proved who they
/// are, which a provider may have asked long ago. `token`: random.
pub(super) async fn begin(
    session: &Session,
    account: &Account,
    now: i64,
    proved: i64,
    token: [u8; 16],
) -> Result<(), DoorRefused> {
    let signed_in = SignedIn {
        id: account.id.clone(),
        since: now,
        seen: now,
        proved,
        mark: mark(account),
        token: hex::encode(token),
    };
    session.clear().await;
    session.cycle_id().await.map_err(|_| DoorRefused::Session)?;
    session.insert(KEY, signed_in).await.map_err(|_| DoorRefused::Session)
}

/// Who is signed in, if the session is neither idle nor too old; counts this request as a sign of life.
pub(super) async fn carry_on(session: &Session, now: i64, rules: &Sessions) -> Result<SignedIn, DoorRefused> {
    let mut signed_in = find(session).await?;
    // A clock that went back would make an idle session last for as long as it went.
    let over = now - signed_in.seen >= i64::from(rules.idle_minutes) * 60
        || signed_in.seen - now > STEP_BACK_SECONDS
        || now - signed_in.since >= i64::from(rules.longest_hours) * 3600;
    if over {
        session.flush().await.map_err(|_| DoorRefused::Session)?;
        return Err(DoorRefused::Expired);
    }
    signed_in.seen = now;
    session.insert(KEY, signed_in.clone()).await.map_err(|_| DoorRefused::Session)?;
    Ok(signed_in)
}

/// After the member's own change of the account: this session goes on, all others end.
pub(super) async fn keep(session: &Session, account: &Account) -> Result<(), DoorRefused> {
    let signed_in = SignedIn { mark: mark(account), ..find(session).await? };
    session.insert(KEY, signed_in).await.map_err(|_| DoorRefused::Session)
}

/// They have just proved anew who they are.
pub(super) async fn proved(session: &Session, now: i64) -> Result<(), DoorRefused> {
    let signed_in = SignedIn { proved: now, ..find(session).await? };
    session.insert(KEY, signed_in).await.map_err(|_| DoorRefused::Session)
}

async fn find(session: &Session) -> Result<SignedIn, DoorRefused> {
    session.get(KEY).await.map_err(|_| DoorRefused::Session)?.ok_or(DoorRefused::NotSignedIn)
}

/// Of password, roles and generation.
pub(super) fn mark(account: &Account) -> String {
    let roles: Vec<String> = account.roles.iter().map(|role| format!("{role:?}")).collect();
    let (roles, generation) = (roles.join(" "), account.ways.generation.to_be_bytes());
    let parts: [&[u8]; 3] = [account.password.as_bytes(), roles.as_bytes(), &generation];
    hex::encode(&transcript::hash("mifeng/v1/session", &parts)[..8])
}

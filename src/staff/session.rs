//! Sessions of staff: in memory, ended when idle and when old (`policy/roles.toml`), a new id at every sign-in.
//!
//! Of one that is over something is left for a while, which opens nothing: whose it was, and how its forms are known. By that
//! a form that comes too late is told from one that another site made ([`super::over`]).

use super::guard::DoorRefused;
use crate::{ids::StaffId, policy::Sessions, store::Account, transcript};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use tower_sessions::{
    Expiry, MemoryStore, Session, SessionManagerLayer,
    cookie::{SameSite, time::Duration},
};

const KEY: &str = "signed-in";
/// What is left of a session that is over.
const OVER: &str = "over";
/// For so long a form is still known whose session is over: from Friday evening to Monday morning.
const KNOWN_SECONDS: i64 = 3 * 24 * 3600;
/// Of so many sessions, one after the other in the same browser, the forms are known.
const MOST_EARLIER: usize = 8;
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
    /// In forms of the same person's sessions before it, in this browser. Such a form is shown again and not taken.
    pub earlier: Vec<String>,
}

/// What is left of a session that is over: enough to know its forms and whose they are, no right to anything.
#[derive(Serialize, Deserialize)]
pub(super) struct Earlier {
    pub id: StaffId,
    mark: String,
    /// Its own first, then those before it.
    tokens: Vec<String>,
    /// Seconds since 1970-01-01T00:00Z.
    until: i64,
}

impl Earlier {
    fn of(signed_in: SignedIn, now: i64) -> Self {
        let tokens = std::iter::once(signed_in.token).chain(signed_in.earlier).take(MOST_EARLIER).collect();
        let until = signed_in.seen.min(now) + KNOWN_SECONDS;
        Self { id: signed_in.id, mark: signed_in.mark, tokens, until }
    }

    /// Neither too old nor kept by a clock that went back.
    fn is_known(&self, now: i64) -> bool {
        (1..=KNOWN_SECONDS + STEP_BACK_SECONDS).contains(&(self.until - now))
    }

    /// The account is in use, with the password and the roles it had.
    pub fn is_of(&self, account: &Account) -> bool {
        !account.disabled && self.id == account.id && self.mark == mark(account)
    }

    pub fn knows(&self, token: &str) -> bool {
        is_among(&self.tokens, token)
    }
}

pub(super) fn is_among(tokens: &[String], token: &str) -> bool {
    tokens.iter().any(|known| known.as_bytes().ct_eq(token.as_bytes()).into())
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

/// The cookie and the store of one face. `name` must differ between faces on one host: cookies know no ports. The cookie
/// outlives its session, whose end `carry_on` sees: by it a form that comes later is known.
pub fn session_layer(name: &'static str, https: bool, rules: &Sessions) -> SessionManagerLayer<MemoryStore> {
    SessionManagerLayer::new(MemoryStore::default())
        .with_name(name)
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(
            Duration::minutes(rules.idle_minutes.into()) + Duration::seconds(KNOWN_SECONDS),
        ))
}

/// Starts a session under a new id, whatever session the browser came with. `proved`: when they proved who they
/// are, which a provider may have asked long ago. `token`: random. Of the one before it goes on nothing but how its forms
/// are known, and that for the same person alone.
pub(super) async fn begin(
    session: &Session,
    account: &Account,
    now: i64,
    proved: i64,
    token: [u8; 16],
) -> Result<(), DoorRefused> {
    let before = earlier(session, now).await.filter(|earlier| earlier.is_of(account));
    let signed_in = SignedIn {
        id: account.id.clone(),
        since: now,
        seen: now,
        proved,
        mark: mark(account),
        token: hex::encode(token),
        earlier: before.map(|earlier| earlier.tokens).unwrap_or_default(),
    };
    session.clear().await;
    session.cycle_id().await.map_err(|_| DoorRefused::Session)?;
    session.insert(KEY, signed_in).await.map_err(|_| DoorRefused::Session)
}

/// Who is signed in, if the session is neither idle nor too old; counts this request as a sign of life. One that is over
/// loses all it holds but [`Earlier`].
pub(super) async fn carry_on(session: &Session, now: i64, rules: &Sessions) -> Result<SignedIn, DoorRefused> {
    let mut signed_in = find(session).await?;
    // A clock that went back would make an idle session last for as long as it went.
    let over = now - signed_in.seen >= i64::from(rules.idle_minutes) * 60
        || signed_in.seen - now > STEP_BACK_SECONDS
        || now - signed_in.since >= i64::from(rules.longest_hours) * 3600;
    if over {
        session.clear().await;
        session.insert(OVER, Earlier::of(signed_in, now)).await.map_err(|_| DoorRefused::Session)?;
        return Err(DoorRefused::Expired);
    }
    signed_in.seen = now;
    session.insert(KEY, signed_in.clone()).await.map_err(|_| DoorRefused::Session)?;
    Ok(signed_in)
}

/// What is left of a session that is over, if that is not long ago. `None` while somebody is signed in.
pub(super) async fn over(session: &Session, now: i64) -> Option<Earlier> {
    let left: Earlier = session.get(OVER).await.ok()??;
    if left.is_known(now) {
        return Some(left);
    }
    let _ = session.flush().await;
    None
}

/// Of the session this browser has, or had.
pub(super) async fn earlier(session: &Session, now: i64) -> Option<Earlier> {
    match find(session).await {
        Ok(signed_in) => Some(Earlier::of(signed_in, now)).filter(|earlier| earlier.is_known(now)),
        Err(_) => over(session, now).await,
    }
}

/// After the member's own change of the account: this session goes on, all others end, and forms of those before it are
/// known no more.
pub(super) async fn keep(session: &Session, account: &Account) -> Result<(), DoorRefused> {
    let signed_in = SignedIn { mark: mark(account), earlier: Vec::new(), ..find(session).await? };
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

#[cfg(test)]
mod tests {
    use super::*;

    fn signed_in(seen: i64, earlier: usize) -> SignedIn {
        let earlier = (0..earlier).map(|n| format!("before {n}")).collect();
        let (id, mark, token) = (StaffId("clerk".into()), "mark".to_owned(), "now".to_owned());
        SignedIn { id, since: 0, seen, proved: 0, mark, token, earlier }
    }

    #[test]
    fn what_is_left_of_a_session_is_known_for_a_weekend_whatever_the_clock_does() {
        let left = Earlier::of(signed_in(1_000, 0), 5_000);
        assert!(left.is_known(5_000) && left.is_known(1_000 + KNOWN_SECONDS - 1));
        assert!(!left.is_known(1_000 + KNOWN_SECONDS));
        assert!(!left.is_known(1_000 - STEP_BACK_SECONDS - 1), "the clock went back since");
        assert!(Earlier::of(signed_in(9_000_000, 0), 5_000).is_known(5_000), "it went back before");
    }

    #[test]
    fn the_forms_of_the_last_sessions_are_known_and_no_others() {
        let left = Earlier::of(signed_in(0, 2), 0);
        assert!(left.knows("now") && left.knows("before 1"));
        assert!(!left.knows("") && !left.knows("before 2"));
        let many = Earlier::of(signed_in(0, MOST_EARLIER), 0);
        assert_eq!((many.tokens.len(), many.knows("before 7"), many.knows("before 6")), (8, false, true));
    }
}

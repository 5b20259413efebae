//! Staff at the door of the console and the office: passwords, one-time codes, sessions, and what each may do.
//!
//! A page asks for a permission, not for a role: its handler takes `May<G>` or, for a form, `Sent<G>`,
//! which only the checks in this module make. Password and code, passkey and single sign-on all end in
//! `session::begin`.

mod access;
mod begun;
mod code;
mod guard;
mod over;
mod passkey;
mod password;
mod prove;
mod session;
pub mod sign_in;
mod signing_key;
mod sso;

pub use access::{Scoped, System, scope};
pub use code::{check_code, new_code_secret, setup_address};
pub use guard::{AnyStaff, DoorRefused, Grant, May, Member, Sent, grant, notice};
pub use over::{kept_at_sign_in, may_be_kept};
pub use passkey::{Answer, KeptPasskey, MOST_PASSKEYS, PasskeyRefused, Passkeys, told};
pub use password::{PasswordRefused, check_password, hash_password, password_problem};
pub use session::session_layer;
pub use signing_key::{SealedSigningKey, SigningKeyRefused};
pub use sso::{Sso, SsoRefused};

use crate::{clock::Clock, policy::Policy, store::Staff, web::Face};
use sign_in::{NotIn, own_attempts_key};
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What a face needs to let staff in. Cloned into every request; see [`guard`](May).
#[derive(Clone)]
pub struct Door {
    pub staff: Arc<dyn Staff>,
    pub policy: Arc<Policy>,
    pub clock: Arc<dyn Clock>,
    pub face: Face,
    pub ways: WaysIn,
    /// Password checks at a time: each takes 19 MiB and some 20 ms.
    checks: Arc<Semaphore>,
    /// How fast other systems ask.
    pace: Arc<access::Pace>,
}

/// What lets staff in beside password and code, as it was set up; the same for both faces.
#[derive(Clone, Default)]
pub struct WaysIn {
    pub passkeys: Option<Arc<Passkeys>>,
    pub sso: Option<Arc<Sso>>,
}

/// Password checks that may run at once; the others wait.
const CHECKS_AT_ONCE: usize = 2;

impl Door {
    pub fn new(
        staff: Arc<dyn Staff>,
        policy: Arc<Policy>,
        clock: Arc<dyn Clock>,
        face: Face,
        ways: WaysIn,
    ) -> Self {
        Self {
            staff,
            policy,
            clock,
            face,
            ways,
            checks: Arc::new(Semaphore::new(CHECKS_AT_ONCE)),
            pace: Arc::default(),
        }
    }

    /// Whether this is the password of whoever is signed in. Tries are counted, and slow after failures: a session without
    /// the password must not be a place to guess it.
    ///
    /// # Errors
    /// In words for the field, in the member's language; `wrong` is the key of those for a wrong one.
    pub async fn own_password(&self, may: &Member, password: &str, wrong: &str) -> Result<(), String> {
        let account = &may.account;
        sign_in::counted(self, &own_attempts_key(&account.id), self.clock.unix_seconds(), async || {
            if self.password_fits(password, &account.password).await { Ok(()) } else { Err(NotIn::Wrong) }
        })
        .await
        .map_err(|not| match not {
            NotIn::Wait(minutes) => may.lang.t1("password-wait", "minutes", minutes),
            NotIn::Wrong => may.lang.t(wrong),
            NotIn::Store => may.lang.t("door-down-text"),
        })
    }

    /// Checks a password without holding up other requests.
    async fn password_fits(&self, password: &str, hash: &str) -> bool {
        let Ok(_permit) = self.checks.clone().acquire_owned().await else { return false };
        let (password, hash) = (zeroize::Zeroizing::new(password.to_owned()), hash.to_owned());
        tokio::task::spawn_blocking(move || check_password(&password, &hash)).await.unwrap_or(false)
    }
}

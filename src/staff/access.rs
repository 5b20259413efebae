//! Other systems of the authority at the console's door: a bearer token instead of a session, and a scope instead of a
//! permission. A handler that takes `System<S>` cannot forget the check.
//!
//! ```compile_fail,E0451
//! fn forge(access: mifeng::store::Access) -> mifeng::staff::System<mifeng::staff::scope::Cases> {
//!     mifeng::staff::System { access, lang: mifeng::policy::Lang::En, scope: std::marker::PhantomData }
//! }
//! ```
//! ```
//! fn given(system: mifeng::staff::System<mifeng::staff::scope::Cases>) { drop(system); }
//! ```

use super::Door;
use crate::{
    store::{Access, AccessHash, Attempts, Scope},
    web::{Lang, problem},
};
use axum::{
    extract::{FromRef, FromRequestParts},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::Response,
};
use std::{collections::HashMap, marker::PhantomData, ops::Deref, sync::Mutex};

/// Requests a system may make in a minute.
const MOST_A_MINUTE: u32 = 600;
/// Wrong tokens are counted together: whoever has a right one is not held up by them.
const ATTEMPTS: &str = "token";

/// A scope as a type.
pub trait Scoped: Send + Sync + 'static {
    const SCOPE: Scope;
}

/// One type a scope, for [`System`].
pub mod scope {
    use super::{Scope, Scoped};

    macro_rules! scopes {
        ($($name:ident)*) => {$(
            pub struct $name;
            impl Scoped for $name {
                const SCOPE: Scope = Scope::$name;
            }
        )*};
    }
    scopes! { Cases Figures Log }
}

/// Proof that a request carries a token with this scope, as it stands now.
pub struct System<S> {
    access: Access,
    lang: Lang,
    scope: PhantomData<S>,
}

impl<S> Deref for System<S> {
    type Target = Access;
    fn deref(&self) -> &Access {
        &self.access
    }
}

impl<S> System<S> {
    pub fn lang(&self) -> Lang {
        self.lang
    }
}

impl<T: Send + Sync, S: Scoped> FromRequestParts<T> for System<S>
where
    Door: FromRef<T>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &T) -> Result<Self, Response> {
        let door = Door::from_ref(state);
        let lang = Lang::of_request(&parts.uri, &parts.headers);
        let access = match bearer(&parts.headers).and_then(AccessHash::sent) {
            Some(token) => door.staff.access(token).map_err(|_| down(lang))?,
            None => None,
        };
        let today = door.clock.today();
        let Some(access) = access.filter(|access| access.is_open(today) || access.awaits(today)) else {
            return Err(unknown(&door, lang).await);
        };
        if let Some(wait) = door.pace.wait(access.number, door.clock.unix_seconds()) {
            return Err(slower(lang, wait));
        }
        // Who holds the token is no stranger, and may know what is missing.
        if !access.is_open(today) {
            let sentence = lang.t("systems-unconfirmed");
            return Err(problem(lang, StatusCode::FORBIDDEN, "unconfirmed", sentence, &[]));
        }
        if !access.scopes.contains(&S::SCOPE) {
            let sentence = lang.t1("systems-scope", "scope", S::SCOPE.code());
            return Err(problem(lang, StatusCode::FORBIDDEN, "scope", sentence, &[]));
        }
        Ok(Self { access, lang, scope: PhantomData })
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// One answer for no token, a wrong, a revoked and an expired one, and one that nobody confirmed in time; after a few it takes
/// waiting, as at the sign-in page.
async fn unknown(door: &Door, lang: Lang) -> Response {
    let now = door.clock.unix_seconds();
    let waiting: fn(&Attempts, i64) -> i64 = super::sign_in::waiting;
    let Ok(before) = door.staff.count_attempt(ATTEMPTS, now, waiting).await else { return down(lang) };
    match waiting(&before, now) {
        0 => {
            let mut answer = problem(lang, StatusCode::UNAUTHORIZED, "token", lang.t("systems-token"), &[]);
            answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            answer
        }
        wait => slower(lang, wait),
    }
}

fn slower(lang: Lang, seconds: i64) -> Response {
    let sentence = lang.t1("systems-slower", "seconds", seconds);
    let mut answer = problem(lang, StatusCode::TOO_MANY_REQUESTS, "slower", sentence, &[]);
    answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    answer
}

fn down(lang: Lang) -> Response {
    problem(lang, StatusCode::SERVICE_UNAVAILABLE, "down", lang.t("door-down-text"), &[])
}

/// Requests of each system in the minute that runs.
#[derive(Default)]
pub struct Pace(Mutex<HashMap<u64, (i64, u32)>>);

impl Pace {
    /// Counts one; seconds to wait if it is one too many.
    fn wait(&self, number: u64, now: i64) -> Option<i64> {
        let mut systems = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let minute = now.div_euclid(60);
        let (at, count) = systems.entry(number).or_insert((minute, 0));
        if *at != minute {
            (*at, *count) = (minute, 0);
        }
        *count += 1;
        (*count > MOST_A_MINUTE).then(|| 60 - now.rem_euclid(60))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_waits_for_the_next_minute_and_holds_up_no_other() {
        let pace = Pace::default();
        assert!((0..MOST_A_MINUTE).all(|_| pace.wait(1, 6_010).is_none()));
        assert_eq!(pace.wait(1, 6_010), Some(50));
        assert_eq!(pace.wait(2, 6_010), None);
        assert_eq!(pace.wait(1, 6_060), None);
    }
}

//! Single sign-on (OpenID Connect Core 1.0, authorization code with PKCE): the provider says who it is, an account here
//! says what they may. Nobody gets an account by it: an administrator joins the two.
//!
//! Our session's cookie is `SameSite=Strict` and so does not come along when the provider sends the browser back. The
//! visit has a cookie of its own (`Lax`, five minutes), and the page it comes back to leads on to one of ours.

use super::{
    Door,
    begun::Begun,
    guard::{AnyStaff, DoorRefused, May, Sent, turn_away},
    prove::{self, Then},
    session,
};
use crate::{
    authority,
    config::{Claim, Sites, SsoConfig},
    ids::StaffId,
    web::{Face, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header},
    response::Response,
};
use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, HttpRequest, HttpResponse,
    IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
    core::{
        CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreIdTokenClaims, CoreJwsSigningAlgorithm,
        CoreProviderMetadata,
    },
};
use std::{sync::Arc, time::Duration};
use subtle::ConstantTimeEq;
use tokio::sync::Semaphore;
use tower_sessions::Session;
use ureq::tls::TlsConfig;

/// Who waits for the provider at once; others wait for a turn.
const CALLS_AT_ONCE: usize = 8;
/// For one request to the provider.
const WITHIN: Duration = Duration::from_secs(10);
/// Bytes of an answer of the provider.
const MOST: u64 = 256 * 1024;
/// Seconds by which two clocks may differ.
const SKEW: i64 = 60;

/// Why the provider's word was not taken.
#[derive(Debug, thiserror::Error)]
pub enum SsoRefused {
    #[error("the provider cannot be reached, or does not answer as one")]
    Down,
    #[error("this visit to the provider was not begun here, ended already, or took too long")]
    NotBegun,
    #[error("the provider did not sign this person in")]
    Declined,
    #[error("the provider's word does not hold: {0}")]
    Token(String),
    #[error("the provider did not ask for what is demanded here")]
    TooWeak,
    #[error("the certificates of the provider's authority cannot be read")]
    Authority,
}

/// The provider.
pub struct Sso {
    config: SsoConfig,
    sites: Sites,
    agent: ureq::Agent,
    visits: Begun<Visit>,
    arrivals: Begun<Arrival>,
    /// Each of these holds a thread, some times [`WITHIN`] where the provider is slow.
    calls: Semaphore,
}

/// On the way to the provider.
struct Visit {
    lang: Lang,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    why: Why,
}

/// Back from it.
struct Arrival {
    subject: String,
    /// When it asked them for a proof; 0: it does not say.
    proved: i64,
    why: Why,
}

enum Why {
    Arrive,
    /// The member who must prove anew, since when, and what follows.
    Prove {
        who: StaffId,
        since: i64,
        then: Then,
    },
}

impl Sso {
    pub fn new(config: SsoConfig, sites: Sites) -> Result<Self, SsoRefused> {
        let mut tls = TlsConfig::builder();
        if let Some(pem) = &config.ca {
            tls = tls.root_certs(authority::trusting(pem).ok_or(SsoRefused::Authority)?);
        }
        // No redirects: the provider's own addresses are asked and no others.
        let agent = ureq::Agent::config_builder()
            .tls_config(tls.build())
            .timeout_global(Some(WITHIN))
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .build()
            .into();
        Ok(Self {
            config,
            sites,
            agent,
            visits: Begun::default(),
            arrivals: Begun::default(),
            calls: Semaphore::new(CALLS_AT_ONCE),
        })
    }

    /// Ports that may be called to ask the provider: its own, https, and that of names.
    pub fn ports(&self) -> Vec<u16> {
        let own = IssuerUrl::new(self.config.issuer.clone()).ok();
        let own = own.and_then(|issuer| issuer.url().port_or_known_default());
        own.into_iter().chain([443, 53]).collect()
    }

    fn http(&self) -> impl Fn(HttpRequest) -> Result<HttpResponse, ureq::Error> {
        |request| {
            let (parts, mut body) = self.agent.run(request)?.into_parts();
            let bytes = body.with_config().limit(MOST).read_to_vec()?;
            Ok(HttpResponse::from_parts(parts, bytes))
        }
    }

    /// Asked for at each visit, so that a provider's new keys and addresses count at once.
    fn metadata(&self) -> Result<CoreProviderMetadata, SsoRefused> {
        let issuer = IssuerUrl::new(self.config.issuer.clone()).map_err(|_| SsoRefused::Down)?;
        CoreProviderMetadata::discover(&issuer, &self.http()).map_err(|cause| {
            tracing::warn!("single sign-on: {cause}");
            SsoRefused::Down
        })
    }

    fn back(&self, face: Face) -> Result<RedirectUrl, SsoRefused> {
        let site = if face == Face::Office { &self.sites.office } else { &self.sites.console };
        RedirectUrl::new(format!("{site}/sso/back")).map_err(|_| SsoRefused::Down)
    }

    fn ids(&self) -> (ClientId, Option<ClientSecret>) {
        let secret = ClientSecret::new(self.config.secret.to_string());
        (ClientId::new(self.config.client_id.clone()), Some(secret))
    }

    /// Where the browser goes, and the name of the visit for its cookie.
    fn leave(&self, face: Face, lang: Lang, at: i64, why: Why) -> Result<(String, String), SsoRefused> {
        let (id, secret) = self.ids();
        let client = CoreClient::from_provider_metadata(self.metadata()?, id, secret)
            .set_redirect_uri(self.back(face)?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let mut request = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge);
        match self.config.claim {
            Claim::Sub => {}
            Claim::Email => request = request.add_scope(Scope::new("email".into())),
            Claim::PreferredUsername => request = request.add_scope(Scope::new("profile".into())),
        }
        for acr in &self.config.acr {
            request =
                request.add_auth_context_value(openidconnect::AuthenticationContextClass::new(acr.clone()));
        }
        if matches!(why, Why::Prove { .. }) {
            request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (url, state, nonce) = request.url();
        let visit = Visit { lang, state, nonce, verifier, why };
        Ok((url.to_string(), self.visits.keep(at, visit)))
    }

    /// What the code stands for: the provider is asked, and its word checked.
    fn redeem(&self, face: Face, code: String, visit: Visit) -> Result<Arrival, SsoRefused> {
        let (id, secret) = self.ids();
        let client = CoreClient::from_provider_metadata(self.metadata()?, id, secret)
            .set_redirect_uri(self.back(face)?);
        let refused = |cause: &dyn std::fmt::Display| SsoRefused::Token(cause.to_string());
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|cause| refused(&cause))?;
        let tokens =
            exchange.set_pkce_verifier(visit.verifier).request(&self.http()).map_err(
                |cause| match cause {
                    openidconnect::RequestTokenError::Request(_) => SsoRefused::Down,
                    cause => refused(&cause),
                },
            )?;
        let token = tokens.id_token().ok_or_else(|| refused(&"no ID token"))?;
        // Signature, issuer, audience, expiry and nonce. Only signatures by a key of the provider's own.
        let verifier = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::RsaSsaPssSha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let claims = token.claims(&verifier, &visit.nonce).map_err(|cause| refused(&cause))?;
        if let Some(expected) = claims.access_token_hash() {
            let alg = token.signing_alg().map_err(|cause| refused(&cause))?;
            let key = token.signing_key(&verifier).map_err(|cause| refused(&cause))?;
            let found = AccessTokenHash::from_token(tokens.access_token(), alg, key);
            if found.map_err(|cause| refused(&cause))? != *expected {
                return Err(refused(&"the access token is another's"));
            }
        }
        self.strong_enough(claims)?;
        let subject = self.subject(claims).ok_or_else(|| refused(&"it does not name the person"))?;
        let proved = claims.auth_time().map_or(0, |at| at.timestamp());
        Ok(Arrival { subject, proved, why: visit.why })
    }

    /// The ways of signing in that are demanded here were used there.
    fn strong_enough(&self, claims: &CoreIdTokenClaims) -> Result<(), SsoRefused> {
        let acr = claims.auth_context_ref().map(|acr| acr.as_str());
        let used = claims.auth_method_refs();
        let amr = |wanted: &String| used.is_some_and(|used| used.iter().any(|amr| amr.as_str() == wanted));
        let class = self.config.acr.is_empty() || self.config.acr.iter().any(|wanted| acr == Some(wanted));
        if class && self.config.amr.iter().all(amr) { Ok(()) } else { Err(SsoRefused::TooWeak) }
    }

    fn subject(&self, claims: &CoreIdTokenClaims) -> Option<String> {
        let named = match self.config.claim {
            Claim::Sub => Some(claims.subject().to_string()),
            Claim::PreferredUsername => claims.preferred_username().map(|name| name.to_string()),
            Claim::Email if claims.email_verified() == Some(true) => {
                claims.email().map(|email| email.to_string())
            }
            Claim::Email => None,
        };
        named.filter(|name| !name.is_empty())
    }
}

/// Cookies know no ports: each face has its own.
fn cookie_name(face: Face) -> &'static str {
    if face == Face::Office { "mifeng-office-sso" } else { "mifeng-console-sso" }
}

fn with_cookie(door: &Door, sso: &Sso, name: &str, mut response: Response) -> Response {
    let secure = if sso.sites.console.starts_with("https:") { "; Secure" } else { "" };
    let age = if name.is_empty() { 0 } else { 300 };
    let cookie =
        format!("{}={name}; Path=/; Max-Age={age}; HttpOnly; SameSite=Lax{secure}", cookie_name(door.face));
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

fn cookie(door: &Door, headers: &HeaderMap) -> String {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, _)| *name == cookie_name(door.face))
        .map(|(_, value)| value.to_owned())
        .unwrap_or_default()
}

async fn leave(door: &Door, lang: Lang, why: Why) -> Result<(Arc<Sso>, String, String), SsoRefused> {
    let sso = door.ways.sso.clone().ok_or(SsoRefused::NotBegun)?;
    let (face, now, asked) = (door.face, door.clock.unix_seconds(), sso.clone());
    let turn = sso.calls.acquire().await;
    let left = tokio::task::spawn_blocking(move || asked.leave(face, lang, now, why)).await;
    drop(turn);
    let (url, visit) = left.map_err(|_| SsoRefused::Down)??;
    Ok((sso, url, visit))
}

/// From the sign-in page to the provider.
pub(super) async fn arrive(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Response {
    let lang = Lang::of_request(&uri, &headers);
    match leave(&door, lang, Why::Arrive).await {
        Ok((sso, url, visit)) => with_cookie(&door, &sso, &visit, see_other(&url)),
        Err(refused) => say(&door, lang, &refused),
    }
}

/// From the question who it is to the provider, which must ask for a proof. A page in between: a form may lead
/// nowhere else (CSP), and what was typed waits here.
pub(super) async fn prove(State(door): State<Door>, Sent { may, typed }: Sent<AnyStaff>) -> Response {
    let lang = may.lang;
    let Some(then) = Then::of(&typed) else { return see_other(&format!("/{}/", lang.path())) };
    let why =
        Why::Prove { who: may.id().clone(), since: door.clock.unix_seconds(), then: then.without_own() };
    match leave(&door, lang, why).await {
        Ok((sso, url, visit)) => with_cookie(&door, &sso, &visit, lead_on(&door, lang, "sso-go", &url)),
        Err(refused) => say(&door, lang, &refused),
    }
}

/// The provider sends the browser back here.
pub(super) async fn back(State(door): State<Door>, uri: Uri, headers: HeaderMap) -> Response {
    let (now, name) = (door.clock.unix_seconds(), cookie(&door, &headers));
    let visit = door.ways.sso.clone().and_then(|sso| sso.visits.take(now, &name).map(|visit| (sso, visit)));
    let Some((sso, visit)) = visit else {
        return say(&door, Lang::of_request(&uri, &headers), &SsoRefused::NotBegun);
    };
    let lang = visit.lang;
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let is_ours: bool = visit.state.secret().as_bytes().ct_eq(typed.raw("state").as_bytes()).into();
    let redeemed = if !is_ours {
        Err(SsoRefused::NotBegun)
    } else if typed.has("error") || typed.raw("code").is_empty() {
        Err(SsoRefused::Declined)
    } else {
        let (asked, face, code) = (sso.clone(), door.face, typed.raw("code").to_owned());
        let turn = sso.calls.acquire().await;
        let redeemed = tokio::task::spawn_blocking(move || asked.redeem(face, code, visit)).await;
        drop(turn);
        redeemed.unwrap_or(Err(SsoRefused::Down))
    };
    match redeemed {
        Ok(arrival) => {
            let name = sso.arrivals.keep(now, arrival);
            let next = format!("/{}/sso/done", lang.path());
            with_cookie(&door, &sso, &name, lead_on(&door, lang, "sso-back", &next))
        }
        Err(refused) => with_cookie(&door, &sso, "", say(&door, lang, &refused)),
    }
}

/// Ours again, with all cookies: a session begins, or a proof counts.
pub(super) async fn done(State(door): State<Door>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let (now, name) = (door.clock.unix_seconds(), cookie(&door, &parts.headers));
    let lang = Lang::of_request(&parts.uri, &parts.headers);
    let arrival =
        door.ways.sso.clone().and_then(|sso| sso.arrivals.take(now, &name).map(|found| (sso, found)));
    let Some((sso, arrival)) = arrival else { return say(&door, lang, &SsoRefused::NotBegun) };
    let Ok(accounts) = door.staff.accounts() else { return turn_away(&door, lang, DoorRefused::Store) };
    let joined = |account: &&crate::store::Account| account.ways.subject.as_ref() == Some(&arrival.subject);
    let Some(account) = accounts.iter().find(joined).filter(|account| !account.disabled) else {
        let mut page = Page::new(lang, lang.t("sso-unknown-title"));
        page.face = door.face;
        let template = Unknown { subject: arrival.subject, next: page.href("/sign-in"), page };
        return with_cookie(&door, &sso, "", html(StatusCode::FORBIDDEN, &template));
    };
    let answer = match arrival.why {
        Why::Arrive => {
            let Ok(session) = Session::from_request_parts(&mut parts, &door).await else {
                return turn_away(&door, lang, DoorRefused::Session);
            };
            // Signed in there long ago is signed in here, but no fresh proof.
            let proved = arrival.proved.min(now);
            match session::begin(&session, account, now, proved, rand::random()).await {
                Ok(()) => see_other(&format!("/{}/", lang.path())),
                Err(refused) => turn_away(&door, lang, refused),
            }
        }
        Why::Prove { who, since, then } => {
            let may = match May::<AnyStaff>::from_request_parts(&mut parts, &door).await {
                Ok(may) => may,
                Err(response) => return response,
            };
            // The same person, and asked since: a provider that only remembered proves nothing.
            if *may.id() != who || account.id != who || arrival.proved < since - SKEW {
                return with_cookie(&door, &sso, "", say(&door, lang, &SsoRefused::TooWeak));
            }
            match session::proved(&may.session, now).await {
                Ok(()) => prove::go_on(&door, &may, &then),
                Err(refused) => turn_away(&door, lang, refused),
            }
        }
    };
    with_cookie(&door, &sso, "", answer)
}

/// What went wrong, and that password and passkey are still there.
fn say(door: &Door, lang: Lang, refused: &SsoRefused) -> Response {
    let (status, key) = match refused {
        SsoRefused::Down | SsoRefused::Authority => (StatusCode::SERVICE_UNAVAILABLE, "sso-down"),
        SsoRefused::NotBegun => (StatusCode::BAD_REQUEST, "sso-not-begun"),
        SsoRefused::Declined => (StatusCode::FORBIDDEN, "sso-declined"),
        SsoRefused::TooWeak => (StatusCode::FORBIDDEN, "sso-too-weak"),
        SsoRefused::Token(_) => (StatusCode::FORBIDDEN, "sso-token"),
    };
    if let SsoRefused::Token(cause) = refused {
        tracing::warn!("single sign-on: {cause}");
    }
    let mut page = Page::new(lang, lang.t(&format!("{key}-title")));
    page.face = door.face;
    let template = Says {
        text: lang.t(&format!("{key}-text")),
        next: page.href("/sign-in"),
        label: lang.t("sso-local"),
        page,
    };
    html(status, &template)
}

/// A page that goes on by itself, and says where to.
fn lead_on(door: &Door, lang: Lang, key: &str, to: &str) -> Response {
    let mut page = Page::new(lang, lang.t(&format!("{key}-title")));
    page.face = door.face;
    let template = Says {
        text: lang.t(&format!("{key}-text")),
        next: to.to_owned(),
        label: lang.t("prove-button"),
        page,
    };
    let mut response = html(StatusCode::OK, &template);
    if let Ok(refresh) = HeaderValue::try_from(format!("0; url={to}")) {
        response.headers_mut().insert(header::REFRESH, refresh);
    }
    response
}

#[derive(Template)]
#[template(path = "console/sso.html")]
struct Says {
    page: Page,
    text: String,
    next: String,
    label: String,
}

#[derive(Template)]
#[template(path = "console/sso-unknown.html")]
struct Unknown {
    page: Page,
    subject: String,
    next: String,
}

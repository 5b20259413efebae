//! The provider: where it sends a person, what it says of them, and whether that holds.

use crate::{
    authority,
    config::{Claim, Sites, SsoConfig},
    ids::StaffId,
    staff::{begun::Begun, prove::Then},
    web::{Face, Lang},
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
use std::time::Duration;
use tokio::sync::Semaphore;
use ureq::tls::TlsConfig;

/// Who waits for the provider at once; others wait for a turn.
const CALLS_AT_ONCE: usize = 8;
/// For one request to the provider.
const WITHIN: Duration = Duration::from_secs(10);
/// Bytes of an answer of the provider.
const MOST: u64 = 256 * 1024;

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
    pub(super) sites: Sites,
    agent: ureq::Agent,
    pub(super) visits: Begun<Visit>,
    pub(super) arrivals: Begun<Arrival>,
    /// Each of these holds a thread, some times [`WITHIN`] where the provider is slow.
    pub(super) calls: Semaphore,
}

/// On the way to the provider.
pub(super) struct Visit {
    pub lang: Lang,
    pub state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    why: Why,
}

/// Back from it.
pub(super) struct Arrival {
    pub subject: String,
    /// When it asked them for a proof; 0: it does not say.
    pub proved: i64,
    pub why: Why,
}

pub(super) enum Why {
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
    pub(super) fn leave(
        &self,
        face: Face,
        lang: Lang,
        at: i64,
        why: Why,
    ) -> Result<(String, String), SsoRefused> {
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
    pub(super) fn redeem(&self, face: Face, code: String, visit: Visit) -> Result<Arrival, SsoRefused> {
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

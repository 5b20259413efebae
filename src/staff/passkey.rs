//! Passkeys (WebAuthn level 3), with the holder verified by their device each time. The browser's part is
//! `web/src/staff/passkey.ts`. A challenge is answered once, within five minutes.

use super::{
    Door,
    begun::Begun,
    guard::{AnyStaff, DoorRefused, Sent, is_from_here, turn_away},
    over::Arriving,
};
use crate::{
    clock::Day,
    config::Sites,
    ids::StaffId,
    store::{Account, Refused},
    transcript,
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use webauthn_rs::prelude::{
    DiscoverableAuthentication, DiscoverableKey, Passkey, PasskeyAuthentication, PasskeyRegistration,
    PublicKeyCredential, RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// As many as one person may have.
pub const MOST_PASSKEYS: usize = 10;

/// One passkey of an account.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptPasskey {
    /// As its holder calls it.
    pub name: String,
    pub added: Day,
    /// Its id, base64url; which one it is.
    pub id: String,
    /// The credential, in webauthn-rs' own JSON: public key and counter, no secret.
    credential: String,
}

impl KeptPasskey {
    fn passkey(&self) -> Option<Passkey> {
        serde_json::from_str(&self.credential).ok()
    }
}

/// Why a passkey was not made or did not let in.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyRefused {
    #[error("this challenge was answered already, is too old, or was never made")]
    NotBegun,
    #[error("the browser's answer cannot be read")]
    Unreadable,
    #[error("nobody's passkey, or of an account that is not in use")]
    Unknown,
    #[error("the account has {MOST_PASSKEYS} passkeys")]
    TooMany,
    #[error(transparent)]
    Webauthn(#[from] WebauthnError),
    #[error(transparent)]
    Store(#[from] Refused),
}

/// What the browser is asked, with the name its answer carries.
#[derive(Serialize)]
pub struct Challenge {
    flow: String,
    options: serde_json::Value,
}

impl Challenge {
    fn new(flow: String, options: &impl Serialize) -> Result<Self, PasskeyRefused> {
        let options = serde_json::to_value(options).map_err(|_| PasskeyRefused::Unreadable)?;
        Ok(Self { flow, options })
    }
}

/// The server's side, the same for both faces.
pub struct Passkeys {
    webauthn: Webauthn,
    /// Anybody's, at the sign-in page: apart, so that a flood of them pushes out no others.
    arriving: Begun<DiscoverableAuthentication>,
    proving: Begun<(StaffId, PasskeyAuthentication)>,
    making: Begun<(StaffId, PasskeyRegistration)>,
}

impl Passkeys {
    /// For the faces' addresses; see [`Sites`].
    pub fn new(sites: &Sites) -> Result<Self, PasskeyRefused> {
        let url = |text: &str| text.parse::<Url>().map_err(|_| PasskeyRefused::Unreadable);
        let (console, office) = (url(&sites.console)?, url(&sites.office)?);
        let webauthn = WebauthnBuilder::new(&sites.passkeys, &console)?
            .append_allowed_origin(&office)
            .rp_name("mifeng")
            .build()?;
        Ok(Self { webauthn, arriving: Begun::default(), proving: Begun::default(), making: Begun::default() })
    }

    /// Asks the browser to make one for this account. The device must keep it findable: the sign-in page asks for
    /// no name.
    pub fn begin_making(&self, account: &Account, now: i64) -> Result<Challenge, PasskeyRefused> {
        if account.ways.passkeys.len() >= MOST_PASSKEYS {
            return Err(PasskeyRefused::TooMany);
        }
        let known = account.ways.passkeys.iter().filter_map(KeptPasskey::passkey);
        let known = known.map(|key| key.cred_id().clone()).collect();
        let (options, state) = self.webauthn.start_passkey_registration(
            handle(&account.id),
            &account.id.0,
            &account.name,
            Some(known),
        )?;
        let flow = self.making.keep(now, (account.id.clone(), state));
        let mut challenge = Challenge::new(flow, &options.public_key)?;
        challenge.options["authenticatorSelection"]["residentKey"] = "required".into();
        challenge.options["authenticatorSelection"]["requireResidentKey"] = true.into();
        Ok(challenge)
    }

    /// What the browser made, to be kept in the account.
    pub fn made(
        &self,
        account: &Account,
        answer: &Answer,
        name: &str,
        now: i64,
        today: Day,
    ) -> Result<KeptPasskey, PasskeyRefused> {
        let (id, state) = self.making.take(now, &answer.flow).ok_or(PasskeyRefused::NotBegun)?;
        if id != account.id {
            return Err(PasskeyRefused::NotBegun);
        }
        let made: RegisterPublicKeyCredential = answer.read()?;
        let key = self.webauthn.finish_passkey_registration(&made, &state)?;
        let credential = serde_json::to_string(&key).map_err(|_| PasskeyRefused::Unreadable)?;
        let id = base64url(key.cred_id());
        Ok(KeptPasskey { name: name.to_owned(), added: today, id, credential })
    }

    fn begin_arriving(&self, now: i64) -> Result<Challenge, PasskeyRefused> {
        let (options, state) = self.webauthn.start_discoverable_authentication()?;
        Challenge::new(self.arriving.keep(now, state), &options.public_key)
    }

    fn begin_proving(&self, account: &Account, now: i64) -> Result<Challenge, PasskeyRefused> {
        let keys: Vec<Passkey> = account.ways.passkeys.iter().filter_map(KeptPasskey::passkey).collect();
        let (options, state) = self.webauthn.start_passkey_authentication(&keys)?;
        Challenge::new(self.proving.keep(now, (account.id.clone(), state)), &options.public_key)
    }
}

/// What a form brings back: the challenge's name, and the browser's answer to it.
pub struct Answer {
    pub flow: String,
    pub json: String,
}

impl Answer {
    fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, PasskeyRefused> {
        serde_json::from_str(&self.json).map_err(|_| PasskeyRefused::Unreadable)
    }
}

/// The user handle: the same for every passkey of an account, and of no use to who reads it.
fn handle(id: &StaffId) -> Uuid {
    let hash = transcript::hash("mifeng/v1/passkey-user", &[id.0.as_bytes()]);
    // Unwrap safety: 16 of 32 bytes.
    Uuid::from_slice(&hash[..16]).unwrap()
}

fn base64url(bytes: &[u8]) -> String {
    use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Who answers a challenge of the sign-in page.
async fn arrived(door: &Door, answer: &Answer, now: i64) -> Result<Account, PasskeyRefused> {
    let passkeys = door.ways.passkeys.as_deref().ok_or(PasskeyRefused::NotBegun)?;
    let state = passkeys.arriving.take(now, &answer.flow).ok_or(PasskeyRefused::NotBegun)?;
    let given: PublicKeyCredential = answer.read()?;
    let (user, id) = passkeys.webauthn.identify_discoverable_authentication(&given)?;
    let id = base64url(id);
    let accounts = door.staff.accounts()?;
    let account = accounts.into_iter().find(|account| handle(&account.id) == user && !account.disabled);
    let account = account.ok_or(PasskeyRefused::Unknown)?;
    let kept = account.ways.passkeys.iter().find(|kept| kept.id == id);
    let mut key = kept.and_then(KeptPasskey::passkey).ok_or(PasskeyRefused::Unknown)?;
    let known = DiscoverableKey::from(&key);
    let result = passkeys.webauthn.finish_discoverable_authentication_v2(&given, state, &known)?;
    if !result.user_verified() {
        return Err(PasskeyRefused::Unknown);
    }
    if key.update_credential(&result) == Some(true) {
        remember(door, &account.id, &id, &key).await?;
    }
    Ok(account)
}

/// Whether the member answers a challenge made for them.
pub(super) async fn proves(
    door: &Door,
    account: &Account,
    answer: &Answer,
    now: i64,
) -> Result<(), PasskeyRefused> {
    let passkeys = door.ways.passkeys.as_deref().ok_or(PasskeyRefused::NotBegun)?;
    let (id, state) = passkeys.proving.take(now, &answer.flow).ok_or(PasskeyRefused::NotBegun)?;
    let given: PublicKeyCredential = answer.read()?;
    let result = passkeys.webauthn.finish_passkey_authentication(&given, &state)?;
    let used = base64url(result.cred_id());
    let kept = account.ways.passkeys.iter().find(|kept| kept.id == used);
    // One removed since the challenge is none.
    let mut key = kept.and_then(KeptPasskey::passkey).ok_or(PasskeyRefused::Unknown)?;
    if id != account.id || !result.user_verified() {
        return Err(PasskeyRefused::Unknown);
    }
    if key.update_credential(&result) == Some(true) {
        remember(door, &account.id, &used, &key).await?;
    }
    Ok(())
}

/// The counter moved on: a copy of the passkey would be behind it.
async fn remember(door: &Door, of: &StaffId, id: &str, key: &Passkey) -> Result<(), PasskeyRefused> {
    let credential = serde_json::to_string(key).map_err(|_| PasskeyRefused::Unreadable)?;
    let id = id.to_owned();
    let change = move |mut now: Account| {
        if let Some(kept) = now.ways.passkeys.iter_mut().find(|kept| kept.id == id) {
            kept.credential = credential;
        }
        Ok(now)
    };
    Ok(door.staff.change_account(of, Box::new(change)).await?)
}

/// For the script of the sign-in page.
pub(super) async fn begin(State(door): State<Door>, headers: HeaderMap) -> Response {
    let Some(passkeys) = door.ways.passkeys.as_deref().filter(|_| is_from_here(&headers)) else {
        return StatusCode::FORBIDDEN.into_response();
    };
    told(passkeys.begin_arriving(door.clock.unix_seconds()))
}

/// For the script of the page that asks anew.
pub(super) async fn begin_proof(State(door): State<Door>, sent: Sent<AnyStaff>) -> Response {
    let Some(passkeys) = door.ways.passkeys.as_deref() else { return StatusCode::FORBIDDEN.into_response() };
    told(passkeys.begin_proving(&sent.may.account, door.clock.unix_seconds()))
}

/// The challenge as the script reads it.
pub fn told(challenge: Result<Challenge, PasskeyRefused>) -> Response {
    match challenge {
        Ok(challenge) => Json(challenge).into_response(),
        Err(_) => StatusCode::CONFLICT.into_response(),
    }
}

/// In by passkey: the device has verified its holder, and nothing else is asked.
pub(super) async fn sign_in(State(door): State<Door>, arriving: Arriving) -> Response {
    let now = door.clock.unix_seconds();
    let answer = Answer { flow: arriving.plain("flow"), json: arriving.raw("answer").to_owned() };
    match arrived(&door, &answer, now).await {
        Ok(account) => arriving.enter(&door, &account, now).await,
        Err(PasskeyRefused::Store(_)) => turn_away(&door, arriving.lang, DoorRefused::Store),
        Err(_) => super::sign_in::passkey_refused(&door, arriving),
    }
}

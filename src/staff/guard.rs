//! What a request must show before a handler runs. A handler that takes `May` or `Sent` cannot forget a check:
//! neither can be made outside this file.
//!
//! ```compile_fail,E0451
//! fn forge(m: mifeng::staff::Member) -> mifeng::staff::May<mifeng::staff::grant::Admit> {
//!     mifeng::staff::May { member: m, grant: std::marker::PhantomData }
//! }
//! ```
//! ```
//! fn given(may: mifeng::staff::May<mifeng::staff::grant::Admit>) { drop(may); }
//! ```

use super::{Door, over, prove, session};
use crate::{
    casework::{Actor, Permission, Role},
    clock::{Doubt, time_of_day},
    ids::StaffId,
    store::Account,
    web::{Face, Form, Lang, Page, Sender, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{HeaderMap, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use std::{marker::PhantomData, ops::Deref};
use subtle::ConstantTimeEq;
use tower_sessions::Session;

/// Why a request was turned away at the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DoorRefused {
    #[error("nobody is signed in")]
    NotSignedIn,
    #[error("the session was idle too long or is too old")]
    Expired,
    #[error("the account's roles do not permit this")]
    NotPermitted,
    #[error("the account holds two roles that must be different people")]
    RolesApart,
    #[error("the form does not carry this session's token")]
    Token,
    #[error("the form was sent from another site")]
    ForeignSite,
    #[error("the session could not be read or written")]
    Session,
    #[error("the account could not be read")]
    Store,
}

/// A signed-in member of staff, as the account stands now.
pub struct Member {
    pub lang: Lang,
    pub account: Account,
    pub actor: Actor,
    pub(super) token: String,
    /// Of forms from before they signed in anew.
    pub(super) earlier: Vec<String>,
    /// Proved lately enough for what needs it.
    is_fresh: bool,
    /// The server's clock is not believed: whoever decides by days must know.
    doubt: Option<Doubt>,
    until: session::Until,
    pub(super) session: Session,
}

impl Member {
    pub fn id(&self) -> &StaffId {
        &self.account.id
    }
    pub fn may(&self, permission: Permission) -> bool {
        self.actor.may(permission)
    }
    pub fn may_any(&self, permissions: &[Permission]) -> bool {
        permissions.is_empty() || permissions.iter().any(|permission| self.may(*permission))
    }
    /// After this member's own change of the account, which now is `account`: this session goes on, all others end.
    pub async fn keep_session(&self, account: &Account) {
        // Without it they sign in again; nothing else is lost.
        let _ = session::keep(&self.session, account).await;
    }
    /// Before a page whose act needs a fresh proof, or a download that does: the question for it, if the last proof
    /// is too old. `back`: where it leads on to, with language.
    pub fn asked_to_prove(&self, door: &Door, back: &str) -> Option<Response> {
        (!self.is_fresh).then(|| prove::ask(door, self, &prove::Then::open(back)))
    }
    /// As [`Sent`] does by itself: `typed` is carried along and sent again to `action`.
    pub fn asked_to_prove_first(&self, door: &Door, action: &str, typed: &Typed) -> Option<Response> {
        (!self.is_fresh).then(|| prove::ask(door, self, &prove::Then::send(action, typed)))
    }
    /// For `page.once`: the token every form of this session carries.
    pub fn token(&self) -> &str {
        &self.token
    }
    /// Where this session left the list of cases, for the way back from one: what stands after the `?`.
    pub async fn leave_list_at(&self, query: &str) {
        // Without it the way back leads to the whole list.
        let _ = self.session.insert(session::LIST, query).await;
    }
    pub async fn left_list_at(&self) -> String {
        self.session.get(session::LIST).await.ok().flatten().unwrap_or_default()
    }
    /// What a page says of this session: whose it is and until when it goes on. Its forms carry the token.
    pub fn sign(&self, page: &mut Page) {
        let (key, until) = match self.until {
            session::Until::Idle(until) => ("signed-in-until", until),
            session::Until::Longest(until) => ("signed-in-at-most", until),
        };
        page.once = self.token.clone();
        page.signed_in = self.account.name.clone();
        page.signed_in_until = self.lang.t1(key, "time", time_of_day(until));
        if let Some(doubt) = self.doubt {
            let (words, says, known) = match doubt {
                Doubt::Machine { says, known } => ("door-clock", says, known),
                Doubt::Record { says: Some(says), known } => ("door-clock-record", says, known),
                Doubt::Record { says: None, known } => ("door-clock-unread", known, known),
                Doubt::Unrecorded { known } => ("door-clock-unrecorded", known, known),
            };
            let [says, known] = [says, known].map(|day| day.to_string().into());
            page.banner = self.lang.t_with(words, &[("says", says), ("known", known)]);
        }
    }
}

/// A permission as a type.
pub trait Grant: Send + Sync + 'static {
    /// Any of these is enough; none at all means: any member of staff.
    const ANY_OF: &'static [Permission];
    /// A form needs a fresh proof of who sends it; what was typed is carried over the question.
    const FRESH: bool = false;
}

/// One type a permission, for [`May`] and [`Sent`].
pub mod grant {
    use super::{Grant, Permission};

    macro_rules! grants {
        (fresh) => { true };
        ($($(#[$doc:meta])* $name:ident $(($fresh:ident))?: [$($permission:ident),*];)*) => {$(
            $(#[$doc])*
            pub struct $name;
            impl Grant for $name {
                const ANY_OF: &'static [Permission] = &[$(Permission::$permission),*];
                const FRESH: bool = false $(|| grants!($fresh))?;
            }
        )*};
    }
    grants! {
        /// Any member of staff.
        Staff: [];
        /// One's own ways in.
        OwnWays (fresh): [];
        SeeQueue: [SeeQueue];
        /// Open cases: all of them, or one's own. Which, the page asks again.
        ReadCases: [ReadAnyCase, ReadOwnCase];
        /// Some move on a case; which, the table of moves decides.
        MoveCases: [Admit, Assign, Investigate, WriteReporter, GrantExtension, Conclude, Reply, Close];
        EnterReport: [EnterReport];
        Admit: [Admit];
        /// A sheet that goes out with a matter.
        MakeSheet (fresh): [Admit];
        ReadAward: [ReadAward];
        ComputeAward: [ComputeAward];
        ApproveAward: [ApproveAward];
        NotifyAward: [NotifyAward];
        /// An award that nobody claimed is recorded as waived.
        Lapse (fresh): [NotifyAward];
        /// An original, as evidence.
        AskOriginal (fresh): [Investigate];
        /// A vote on an award.
        Vote (fresh): [ApproveAward];
        ReleaseShare: [ReleaseShare];
        OpenPackage: [OpenPackage];
        /// A step of the reward office on an award; which, its page asks again.
        Step (fresh): [OpenPackage];
        RecordPayment: [RecordPayment];
        ReadStaffRecord: [ReadStaffRecord];
        SeeFigures: [SeeFigures];
        Oversee: [Oversee];
        Export: [Export];
        ManageStaff (fresh): [ManageStaff];
        /// Cases of somebody who leaves.
        HandOver (fresh): [HandOver];
    }
}
pub use grant::Staff as AnyStaff;

/// Proof that the member's roles hold one of the grant's permissions.
pub struct May<G> {
    member: Member,
    grant: PhantomData<G>,
}

impl<G> Deref for May<G> {
    type Target = Member;
    fn deref(&self) -> &Member {
        &self.member
    }
}

/// A form sent from one of our pages, in this session, by somebody who may.
pub struct Sent<G> {
    pub may: May<G>,
    pub typed: Typed,
}

impl<S: Send + Sync> FromRequestParts<S> for Member
where
    Door: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let door = Door::from_ref(state);
        let lang = Lang::of_request(&parts.uri, &parts.headers);
        let refuse = |refused| turn_away(&door, lang, refused);
        let session =
            Session::from_request_parts(parts, state).await.map_err(|_| refuse(DoorRefused::Session))?;
        let (now, rules) = (door.clock.unix_seconds(), door.policy.roles.sessions);
        let signed_in = session::carry_on(&session, now, &rules).await.map_err(refuse)?;
        let account = door.staff.account(&signed_in.id).map_err(|_| refuse(DoorRefused::Store))?;
        let Some(account) = account.filter(|a| !a.disabled && session::mark(a) == signed_in.mark) else {
            let _ = session.flush().await;
            return Err(refuse(DoorRefused::NotSignedIn));
        };
        // However it came to hold them: nobody acts with both.
        if are_roles_apart(&door, &account) {
            let _ = session.flush().await;
            return Err(refuse(DoorRefused::RolesApart));
        }
        let open = ["/me/password", "/sign-out"].map(|path| format!("/{}{path}", lang.path()));
        if account.must_change_password && !open.iter().any(|path| path == parts.uri.path()) {
            return Err(see_other(&format!("/{}/me/password", lang.path())));
        }
        let actor = Actor::staff(account.id.clone(), &account.roles, &door.policy.roles);
        let is_fresh = signed_in.is_fresh(now, &rules);
        let until = signed_in.until(&rules);
        let doubt = door.clock.doubt();
        let (token, earlier) = (signed_in.token, signed_in.earlier);
        Ok(Self { lang, account, actor, token, earlier, is_fresh, doubt, until, session })
    }
}

impl<S: Send + Sync, G: Grant> FromRequestParts<S> for May<G>
where
    Door: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let member = Member::from_request_parts(parts, state).await?;
        if !member.may_any(G::ANY_OF) {
            return Err(turn_away(&Door::from_ref(state), member.lang, DoorRefused::NotPermitted));
        }
        Ok(Self { member, grant: PhantomData })
    }
}

impl<S: Send + Sync, G: Grant> FromRequest<S> for Sent<G>
where
    Door: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let door = Door::from_ref(state);
        if !is_from_here(&parts.headers) {
            let lang = Lang::of_request(&parts.uri, &parts.headers);
            return Err(turn_away(&door, lang, DoorRefused::ForeignSite));
        }
        // The body first: whoever holds it open is judged by session and account as they stand when it has come.
        let Form(typed) = Form::of_staff(Request::from_parts(parts.clone(), body)).await?;
        let may = match May::<G>::from_request_parts(&mut parts, state).await {
            Ok(may) => may,
            Err(answer) => return Err(over::kept_at_sign_in(&door, &mut parts, &typed, answer).await),
        };
        if !may.owns_token(typed.raw("once")) {
            return Err(may.not_of_this_session(&door, &parts, &typed));
        }
        if G::FRESH
            && let Some(question) = may.asked_to_prove_first(&door, parts.uri.path(), &typed)
        {
            return Err(question);
        }
        Ok(Self { may, typed })
    }
}

/// For [`Sent`], and for an upload, whose fields are read one by one.
impl Member {
    /// Whether this is the session's token.
    pub fn owns_token(&self, token: &str) -> bool {
        self.token.as_bytes().ct_eq(token.as_bytes()).into()
    }
    /// The answer to a form with another: one from before they signed in anew is shown, to be sent from here; any other of
    /// ours is shown, to be copied; the rest is turned away.
    pub fn not_of_this_session(&self, door: &Door, parts: &Parts, typed: &Typed) -> Response {
        over::again(door, self, parts, typed)
            .unwrap_or_else(|| turn_away(door, self.lang, DoorRefused::Token))
    }
}

/// Whether the account holds two roles that must be different people.
pub(super) fn are_roles_apart(door: &Door, account: &Account) -> bool {
    let held: Vec<Role> = account.roles.iter().copied().collect();
    door.policy.roles.conflict(&held).is_some()
}

/// Every form of staff carries its session's token; what older browsers do not say is left to that.
pub(super) fn is_from_here(headers: &HeaderMap) -> bool {
    Sender::of(headers) != Sender::Elsewhere
}

/// The answer to who is turned away: to the sign-in page, or a page that says what is wrong.
pub(super) fn turn_away(door: &Door, lang: Lang, refused: DoorRefused) -> Response {
    let (status, key) = match refused {
        DoorRefused::NotSignedIn => return see_other(&format!("/{}/sign-in", lang.path())),
        DoorRefused::Expired => return see_other(&format!("/{}/sign-in?over=1", lang.path())),
        DoorRefused::NotPermitted => (StatusCode::FORBIDDEN, "door-not-permitted"),
        DoorRefused::RolesApart => (StatusCode::FORBIDDEN, "door-roles-apart"),
        DoorRefused::Token | DoorRefused::ForeignSite => (StatusCode::FORBIDDEN, "door-token"),
        DoorRefused::Session | DoorRefused::Store => (StatusCode::SERVICE_UNAVAILABLE, "door-down"),
    };
    notice(door.face, lang, status, key)
}

/// A whole answer of a staff face that is only a message: words `{key}-title` and `{key}-text`.
pub fn notice(face: Face, lang: Lang, status: StatusCode, key: &str) -> Response {
    let mut page = Page::new(lang, lang.t(&format!("{key}-title")));
    page.face = face;
    let next = format!("/{}/", lang.path());
    let text = lang.t(&format!("{key}-text"));
    html(status, &StaffNotice { page, text, next, next_label: lang.t("door-next") }).into_response()
}

#[derive(Template)]
#[template(path = "notice.html")]
struct StaffNotice {
    page: Page,
    text: String,
    next: String,
    next_label: String,
}

//! A form that comes when its session is over, or from before its sender signed in anew: nothing of it is lost, and nothing
//! of it is kept here. The sign-in page carries it in its own form; once the same person has signed in, a page shows what it
//! holds and where it goes, and sends it by one button, with the new session's token. Passwords and files are not carried.
//!
//! For that it must bear a token of the session that is over. Else any site could have a form of its own sent by whoever
//! signs in next. One that bears none, as after a restart, is shown to be copied and can be sent by no button, if the browser
//! itself says that a page of ours sends it.

use super::{
    Door,
    guard::{DoorRefused, Member, are_roles_apart, is_from_here, turn_away},
    prove::{Then, leads_here},
    session::{self, Earlier},
    sign_in::{self, Shown},
};
use crate::{
    ids::StaffId,
    store::Account,
    web::{Form, Lang, Page, Sender, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{FromRef, FromRequest, FromRequestParts, Request},
    http::{StatusCode, Uri, request::Parts},
    response::Response,
};
use tower_sessions::Session;

/// Fields of the sign-in page bear it where a form waits in it, whose own fields may have the same names.
pub(super) const PREFIX: &str = "over-";

/// What pages of ours put beside what is typed: nothing to be read.
const BESIDE: [&str; 5] = ["version", "seen", "shown-to", "list", "flow"];
/// Fields that have the same words on whatever page they stand. The others are counted.
const WORDED: [&str; 17] = [
    "told", "text", "reason", "ground", "office", "into", "question", "days", "finding", "findings",
    "handling", "reward", "evidence", "base", "roles", "trustee", "scopes",
];

/// A form that waits in a page.
pub(super) struct Waiting {
    /// Where it goes: an address of this face, with language.
    pub to: String,
    /// What was filled in, without passwords.
    pub kept: Vec<(String, String)>,
    /// Of the session it was filled in under.
    pub token: String,
}

impl Waiting {
    /// As it was sent. `None`: nothing is lost with it.
    fn of(uri: &Uri, typed: &Typed) -> Option<Self> {
        // What waited behind the question who it is goes on without it: signing in answers it.
        let is_question = uri.path().ends_with("/prove");
        let then = if is_question { Then::of(typed)? } else { Then::send(uri.path(), typed) };
        Self::new(&then, typed)
    }

    /// As the sign-in page brings it back.
    fn brought_back(typed: &Typed) -> Option<Self> {
        Self::new(&Then::send(typed.raw("over-to"), typed), typed)
    }

    fn new(then: &Then, typed: &Typed) -> Option<Self> {
        let (to, mut kept) = (then.to.clone(), then.kept());
        // An act that was confirmed is shown once more before it is done: days may lie between.
        kept.retain(|(name, value)| (name.as_str(), value.as_str()) != ("step", "do"));
        let has_something = leads_here(&to) && kept.iter().any(|(_, value)| !value.is_empty());
        has_something.then(|| Self { to, kept, token: typed.raw("once").to_owned() })
    }

    /// What a person reads of it: a label and what stood there.
    pub fn filled_in(&self, lang: Lang) -> Vec<(String, String)> {
        let is_read =
            |(name, value): &&(String, String)| !value.is_empty() && !BESIDE.contains(&name.as_str());
        let label = |n: usize, name: &str| match WORDED.contains(&name) {
            true => lang.t(&format!("field-{name}")),
            false => lang.t1("over-field", "n", n.to_string()),
        };
        let read = self.kept.iter().filter(is_read).zip(1..);
        read.map(|((name, value), n)| (label(n, name), value.clone())).collect()
    }
}

/// The answer to whoever sent `typed` and is turned away: the sign-in page with it, if their session is over and the form
/// is one of its own; a page to copy it from, if it is another of ours; else `turned_away`.
pub async fn kept_at_sign_in(
    door: &Door,
    parts: &mut Parts,
    typed: &Typed,
    turned_away: Response,
) -> Response {
    if let Some(answer) = kept(door, parts, typed).await {
        return answer;
    }
    if !may_be_copied(parts, turned_away.status()) {
        return turned_away;
    }
    if turned_away.status().is_redirection() {
        let lang = Lang::of_request(&parts.uri, &parts.headers);
        let waiting = Waiting::of(&parts.uri, typed);
        return waiting.and_then(|waiting| to_copy(door, lang, None, &waiting)).unwrap_or(turned_away);
    }
    // Who may not do this may have signed in over whose form it is, in another window.
    match Member::from_request_parts(parts, door).await {
        Ok(member) if !member.owns_token(typed.raw("once")) => {
            again(door, &member, parts, typed).unwrap_or(turned_away)
        }
        _ => turned_away,
    }
}

/// Whether anything can become of an upload's words, whose sender is turned away: they are read then, and no file.
pub async fn may_be_kept(door: &Door, parts: &mut Parts, turned_away: StatusCode) -> bool {
    if may_be_copied(parts, turned_away) {
        return true;
    }
    let Ok(session) = Session::from_request_parts(parts, door).await else { return false };
    session::over(&session, door.clock.unix_seconds()).await.is_some()
}

/// The browser says that it is ours. To a server that is down it sends it again.
fn may_be_copied(parts: &Parts, turned_away: StatusCode) -> bool {
    !turned_away.is_server_error() && Sender::says_ours(&parts.headers)
}

async fn kept(door: &Door, parts: &mut Parts, typed: &Typed) -> Option<Response> {
    let lang = Lang::of_request(&parts.uri, &parts.headers);
    let session = Session::from_request_parts(parts, door).await.ok()?;
    let earlier = session::over(&session, door.clock.unix_seconds()).await?;
    if !is_from_here(&parts.headers) {
        return None;
    }
    match is_its_form(door, &session, &earlier, typed).await {
        Ok(true) => {}
        Ok(false) => return None,
        Err(refused) => return Some(turn_away(door, lang, refused)),
    }
    if parts.uri.path() == format!("/{}/sign-out", lang.path()) {
        // Whoever leaves leaves nothing.
        let _ = session.flush().await;
        return Some(see_other(&format!("/{}/sign-in", lang.path())));
    }
    let waiting = Some(Waiting::of(&parts.uri, typed)?);
    // Sent on from the sign-in page, by who was said to have signed in elsewhere.
    let problem = if typed.has("over-to") { lang.t("over-not-yet") } else { String::new() };
    let shown = Shown { login: typed.raw("over-name").to_owned(), problem, waiting, ..Shown::default() };
    Some(sign_in::page(door, lang, StatusCode::FORBIDDEN, shown))
}

/// Whether the form is of that session, and the account what it was. Where the account is not, nothing is left of the session.
async fn is_its_form(
    door: &Door,
    session: &Session,
    earlier: &Earlier,
    typed: &Typed,
) -> Result<bool, DoorRefused> {
    let account = door.staff.account(&earlier.id).map_err(|_| DoorRefused::Store)?;
    if !account.is_some_and(|account| earlier.is_of(&account) && !are_roles_apart(door, &account)) {
        let _ = session.flush().await;
        return Ok(false);
    }
    Ok(earlier.knows(typed.raw("once")))
}

/// A form from before this member signed in anew, in this browser, or another of ours; for any that might not be, `None`.
pub(super) fn again(door: &Door, member: &Member, parts: &Parts, typed: &Typed) -> Option<Response> {
    let waiting = Waiting::of(&parts.uri, typed)?;
    if session::is_among(&member.earlier, typed.raw("once")) {
        return Some(offer(door, member, waiting));
    }
    let is_ours = Sender::says_ours(&parts.headers);
    is_ours.then(|| to_copy(door, member.lang, Some(member), &waiting)).flatten()
}

/// The page that sends what waited.
fn offer(door: &Door, member: &Member, waiting: Waiting) -> Response {
    let mut page = Page::new(member.lang, member.lang.t("over-title"));
    page.face = door.face;
    member.sign(&mut page);
    let filled_in = waiting.filled_in(member.lang);
    html(StatusCode::OK, &Again { to: waiting.to, kept: waiting.kept, filled_in, page })
}

/// The page that shows what cannot be sent from here: the only place it is in. `None`: there is nothing to read.
fn to_copy(door: &Door, lang: Lang, member: Option<&Member>, waiting: &Waiting) -> Option<Response> {
    let filled_in = waiting.filled_in(lang);
    if filled_in.is_empty() {
        return None;
    }
    let mut page = Page::new(lang, lang.t("over-copy-title"));
    page.face = door.face;
    let (next, key) =
        if member.is_some() { ("/", "over-copy-open") } else { ("/sign-in", "over-copy-sign-in") };
    if let Some(member) = member {
        member.sign(&mut page);
    }
    let (next, label) = (page.href(next), lang.t(key));
    Some(html(StatusCode::FORBIDDEN, &ToCopy { at: waiting.to.clone(), filled_in, next, label, page }))
}

/// Somebody at the sign-in page, with the form that waits in it and whose it is.
pub(super) struct Arriving {
    pub lang: Lang,
    typed: Typed,
    waiting: Option<(StaffId, Waiting)>,
    session: Session,
    parts: Parts,
}

impl<S: Send + Sync> FromRequest<S> for Arriving
where
    Door: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request(request: Request, state: &S) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let door = Door::from_ref(state);
        let lang = Lang::of_request(&parts.uri, &parts.headers);
        if !is_from_here(&parts.headers) {
            return Err(turn_away(&door, lang, DoorRefused::ForeignSite));
        }
        let session = Session::from_request_parts(&mut parts, state)
            .await
            .map_err(|_| turn_away(&door, lang, DoorRefused::Session))?;
        let request = Request::from_parts(parts.clone(), body);
        let earlier = session::earlier(&session, door.clock.unix_seconds()).await;
        // As many values as staff send from whoever was one of them or sends a page of ours, and from nobody else.
        let Form(typed) = if earlier.is_some() || Sender::says_ours(&parts.headers) {
            Form::of_staff(request).await?
        } else {
            Form::from_request(request, state).await?
        };
        let Some(waiting) = Waiting::brought_back(&typed) else {
            return Ok(Self { lang, typed, waiting: None, session, parts });
        };
        let owner = match earlier {
            Some(earlier) => {
                let is_its = is_its_form(&door, &session, &earlier, &typed).await;
                is_its.map_err(|refused| turn_away(&door, lang, refused))?.then_some(earlier.id)
            }
            None => None,
        };
        // Before anybody is let in: afterwards it would be lost.
        if owner.is_none()
            && Sender::says_ours(&parts.headers)
            && let Some(page) = to_copy(&door, lang, None, &waiting)
        {
            return Err(page);
        }
        Ok(Self { lang, typed, waiting: owner.map(|owner| (owner, waiting)), session, parts })
    }
}

impl Arriving {
    /// What was typed into a field of the sign-in page.
    pub fn raw(&self, name: &str) -> &str {
        self.typed.raw(&self.own(name))
    }
    pub fn plain(&self, name: &str) -> String {
        self.typed.plain(&self.own(name))
    }

    fn own(&self, name: &str) -> String {
        if self.typed.has("over-to") { format!("{PREFIX}{name}") } else { name.to_owned() }
    }

    /// The page once more, with everything that stood in it but the password, for what was wrong.
    pub fn shown(self, problem: String) -> Shown {
        let login = self.raw("name").to_owned();
        Shown { login, problem, waiting: self.waiting.map(|(_, waiting)| waiting), ..Shown::default() }
    }

    /// Begins a session for who it has turned out to be. What waits is its owner's alone to send: for anybody else no session
    /// begins, and it goes on waiting.
    pub async fn enter(mut self, door: &Door, account: &Account, now: i64) -> Response {
        if self.waiting.as_ref().is_some_and(|(owner, _)| *owner != account.id) {
            let (lang, problem) = (self.lang, self.lang.t("over-other"));
            return sign_in::page(door, lang, StatusCode::CONFLICT, self.shown(problem));
        }
        if let Err(refused) = session::begin(&self.session, account, now, now, rand::random()).await {
            return turn_away(door, self.lang, refused);
        }
        let first = see_other(&format!("/{}/", self.lang.path()));
        let Some((_, waiting)) = self.waiting else { return first };
        match Member::from_request_parts(&mut self.parts, door).await {
            Ok(member) if session::is_among(&member.earlier, &waiting.token) => offer(door, &member, waiting),
            // The account has changed in this moment.
            Ok(member) => to_copy(door, member.lang, Some(&member), &waiting).unwrap_or(first),
            Err(answer) if answer.status().is_redirection() => {
                to_copy(door, self.lang, None, &waiting).unwrap_or(answer)
            }
            Err(answer) => answer,
        }
    }
}

#[derive(Template)]
#[template(path = "console/over.html")]
struct Again {
    page: Page,
    to: String,
    kept: Vec<(String, String)>,
    /// The same, to be read.
    filled_in: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "console/over-copy.html")]
struct ToCopy {
    page: Page,
    /// The page it was filled in on.
    at: String,
    filled_in: Vec<(String, String)>,
    /// Opens in a window of its own.
    next: String,
    label: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        Typed::from_pairs(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn what_was_typed_waits_and_nothing_else() {
        let uri = Uri::from_static("/zh/cases/2026-1/moves/say");
        let waiting = Waiting::of(&uri, &typed(&[("once", "t"), ("text", "长文"), ("password", "secret")]));
        let waiting = waiting.unwrap();
        assert_eq!((waiting.to.as_str(), waiting.token.as_str()), ("/zh/cases/2026-1/moves/say", "t"));
        assert_eq!(waiting.kept, [("text".to_owned(), "长文".to_owned())]);
        for nothing in [&[("once", "t")][..], &[("once", "t"), ("text", "")], &[("password", "secret")]] {
            assert!(Waiting::of(&uri, &typed(nothing)).is_none(), "{nothing:?}");
        }
    }

    #[test]
    fn what_somebody_filled_in_can_be_read_and_no_act_is_confirmed_beforehand() {
        let uri = Uri::from_static("/zh/cases/2026-1/moves/decline");
        let fields = [("once", "t"), ("version", "3"), ("told", "长文"), ("typed-number", "2026-1")];
        let more = [("note", ""), ("step", "do")];
        let waiting = Waiting::of(&uri, &typed(&[&fields[..], &more[..]].concat())).unwrap();
        let pair = |(label, value): (&str, &str)| (label.to_owned(), value.to_owned());
        let read = [("写给举报人的话", "长文"), ("第 2 项", "2026-1")].map(pair);
        assert_eq!(waiting.filled_in(Lang::Zh), read);
        assert!(waiting.kept.iter().all(|(name, _)| name != "step"));
        // Each of them has its words.
        let each = WORDED.map(|name| (name, "x"));
        for lang in Lang::ALL {
            assert_eq!(Waiting::of(&uri, &typed(&each)).unwrap().filled_in(lang).len(), WORDED.len());
        }
    }

    #[test]
    fn what_waited_behind_the_question_goes_on_without_it() {
        let question = Uri::from_static("/zh/prove");
        let fields = [
            ("once", "t"),
            ("prove-to", "/zh/people/new"),
            ("prove-send", "1"),
            ("id", "zhao"),
            ("prove-password", "secret"),
            ("prove-code", "123456"),
        ];
        let waiting = Waiting::of(&question, &typed(&fields)).unwrap();
        assert_eq!(waiting.to, "/zh/people/new");
        assert_eq!(waiting.kept, [("id".to_owned(), "zhao".to_owned())]);
        // A page that was to be opened, and a challenge for a script.
        assert!(Waiting::of(&question, &typed(&fields[..2])).is_none());
        assert!(Waiting::of(&Uri::from_static("/zh/passkey/prove"), &typed(&fields[..1])).is_none());
    }

    #[test]
    fn the_sign_in_page_sends_it_nowhere_else() {
        let page = |to| typed(&[("once", "t"), ("over-to", to), ("name", "a"), ("over-password", "secret")]);
        let waiting = Waiting::brought_back(&page("/en/people/new")).unwrap();
        assert_eq!(waiting.kept, [("name".to_owned(), "a".to_owned())]);
        for to in ["", "//evil.example/zh/", "https://evil.example", "/zh//evil"] {
            assert!(Waiting::brought_back(&page(to)).is_none(), "{to:?}");
        }
    }
}

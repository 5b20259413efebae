//! One account (for administrators): what it may, what its holder still has in hand, and the ways it changes: other
//! roles or another region, sessions ended, cases handed to a colleague.

/// Other roles, another body, another name.
mod change;

pub(super) use change::{ask_change, change};

use super::{ConsoleState, people, view};
use crate::{
    award::record::AwardState,
    casework::{Actor, CaseSummary, Move, Permission, Rules, State, apply},
    ids::{CaseNumber, StaffId},
    staff::{May, Member, Sent, grant},
    store::{Account, Dossier, Place, Refused, Step},
    web::{Choice, Errors, Field, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

/// Characters a provider may name a person by (OpenID Connect Core 1.0, section 2: 255).
const SUBJECT: usize = 255;

type At = Path<(String, String)>;

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ManageStaff>,
    Path((_, id)): At,
    uri: Uri,
) -> Response {
    let account = match people::find(&state, &may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let done = uri.query().and_then(|query| query.strip_prefix("done="));
    let done = match done {
        Some(code @ ("changed" | "sessions" | "handed" | "joined")) => {
            may.lang.t(&format!("person-done-{code}"))
        }
        _ => String::new(),
    };
    page(&state, &may, &account, done, &Typed::default(), Errors::default())
}

/// Nothing was done to the account: its page says why.
pub(super) fn not_done(state: &ConsoleState, may: &Member, account: &Account, why: &str) -> Response {
    page_with(state, may, account, &Typed::default(), ("stands", why))
}

/// The page with one problem: what it is about, and the key of the sentence.
fn page_with(
    state: &ConsoleState,
    may: &Member,
    account: &Account,
    typed: &Typed,
    (name, why): (&str, &str),
) -> Response {
    let mut errors = Errors::default();
    errors.add(name, may.lang.t(why));
    page(state, may, account, String::new(), typed, errors)
}

fn page(
    state: &ConsoleState,
    may: &Member,
    account: &Account,
    done: String,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = may.lang;
    let held = match held(state, may, account) {
        Ok(held) => held,
        Err(cause) => return state.down(lang, &cause),
    };
    let colleagues = match colleagues(state, may, account) {
        Ok(colleagues) => colleagues,
        Err(cause) => return state.down(lang, &cause),
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(may, account.name.clone(), &format!("/people/{}", account.id));
    page.back = page.href("/people");
    let to = Field::select(lang, "to", lang.t("person-hand-to"), colleagues).filled(typed, &errors);
    let subject = Field::line(lang, "subject", lang.t("person-subject")).hint(lang.t("person-subject-hint"));
    let subject = match typed.has("subject") {
        true => subject.optional().filled(typed, &errors),
        false => subject.optional().filled(&subject_of(account), &errors),
    };
    page.errors = errors;
    let template = Person {
        done,
        id: account.id.0.clone(),
        roles: people::roles(state, lang, account),
        body: people::body(state, lang, account),
        trustee: account.trustee.map(|n| n.to_string()).unwrap_or_default(),
        verify: account.signing_key.as_ref().map(|key| key.verify.to_string()).unwrap_or_default(),
        disabled: account.disabled,
        own: account.id == *may.id(),
        base: page.href(&format!("/people/{}", account.id)),
        cases: held.cases.iter().map(|row| (row.number.to_string(), view::state(lang, row.state))).collect(),
        votes: held.votes.iter().map(CaseNumber::to_string).collect(),
        elsewhere: held.elsewhere,
        has_sso: state.ways.sso.is_some(),
        subject,
        may_hand_over: may.may(Permission::HandOver),
        to,
        page,
    };
    html(status, &template)
}

fn subject_of(account: &Account) -> Typed {
    let subject = account.ways.subject.clone().unwrap_or_default();
    Typed::from_pairs([("subject".to_owned(), subject)])
}

/// What a person still has in hand, as far as the administrator's own body and those below it go.
struct Held {
    /// Theirs to work on, not at an end.
    cases: Vec<CaseSummary>,
    /// Cases whose award they have approved, while it still waits for others.
    votes: Vec<CaseNumber>,
    /// There is more with other bodies, whose administrators see it.
    elsewhere: bool,
}

fn held(state: &ConsoleState, may: &Member, account: &Account) -> Result<Held, Refused> {
    let awards = state.cases.awards();
    let bodies = &state.policy.bodies;
    let (mut cases, mut votes, mut elsewhere) = (Vec::new(), Vec::new(), false);
    state.cases.each(&mut |row| {
        let award = || awards.iter().find(|award| award.case == row.number).map(|award| award.state.as_str());
        if row.owner.as_ref() == Some(&account.id) && is_open(row, award) {
            match state.reaches(may, row.handled_by(bodies)) {
                true => cases.push(row.clone()),
                false => elsewhere = true,
            }
        }
    });
    for summary in awards.iter().filter(|award| award.state == "computed") {
        let dossier = state.cases.case(summary.case)?;
        let award = dossier.as_ref().and_then(Dossier::award);
        let voted = award.is_some_and(|award| {
            matches!(award.state(), AwardState::Computed)
                && award.approvals().iter().any(|vote| vote.by == account.id)
        });
        match dossier.filter(|_| voted).map(|dossier| state.reaches(may, dossier.case.handled_by(bodies))) {
            Some(true) => votes.push(summary.case),
            Some(false) => elsewhere = true,
            None => {}
        }
    }
    Ok(Held { cases, votes, elsewhere })
}

/// Not at an end: work, or an award that was not computed yet or must be anew.
fn is_open<'a>(row: &CaseSummary, award: impl FnOnce() -> Option<&'a str>) -> bool {
    use State::{Assigned, Closed, Concluded, MergedInto, Objected, Replied, Verifying};
    match row.state {
        Assigned | Verifying | Concluded | Replied | Objected | MergedInto => true,
        Closed => {
            row.finding.is_some_and(|finding| finding.is_verified())
                && matches!(award(), None | Some("declined"))
        }
        _ => false,
    }
}

/// Who can take over: in use, may investigate, and is of the administrator's own body or one below it.
fn colleagues(state: &ConsoleState, may: &Member, account: &Account) -> Result<Vec<Choice>, Refused> {
    let lang = may.lang;
    let mut choices = vec![Choice::new("", lang.t("choose"))];
    let can = |other: &Account| {
        other.id != account.id
            && !other.disabled
            && people::is_theirs(state, may, other)
            && Actor::staff(other.id.clone(), &other.roles, &state.policy.roles).may(Permission::Investigate)
    };
    let others = state.staff.accounts()?;
    let line = |other: &Account| {
        Choice::new(other.id.0.clone(), format!("{} · {}", other.name, people::body(state, lang, other)))
    };
    choices.extend(others.iter().filter(|other| can(other)).map(line));
    Ok(choices)
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

/// Out of every browser at once; the account stays as it is.
pub(super) async fn end_sessions(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    sent: Sent<grant::ManageStaff>,
) -> Response {
    let account = match people::find(&state, &sent.may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    if let Err(response) = state.note_account(&sent.may, "account-signed-out", &account.id, "").await {
        return response;
    }
    let change = |now: Account| Ok(now.without_sessions());
    match state.staff.change_account_by(&sent.may.account, &account.id, Box::new(change)).await {
        Ok(()) => see_other(&format!("/{}/people/{id}?done=sessions", sent.may.lang.path())),
        Err(cause) => state.down(sent.may.lang, &cause),
    }
}

/// Who this person is to the provider of single sign-on; empty: they do not come that way.
pub(super) async fn join(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    Sent { may, typed }: Sent<grant::ManageStaff>,
) -> Response {
    let account = match people::find(&state, &may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let back = format!("/{}/people/{id}", may.lang.path());
    let subject = typed.text("subject").to_owned();
    if subject.chars().count() > SUBJECT {
        return page_with(&state, &may, &account, &typed, ("subject", "person-not-long"));
    }
    let before = account.ways.subject.clone().unwrap_or_default();
    if before == subject {
        return see_other(&back);
    }
    let change = format!("{} → {}", or_dash(&before), or_dash(&subject));
    if let Err(response) = state.note_account(&may, "account-joined", &account.id, change).await {
        return response;
    }
    let change = move |mut now: Account| {
        now.ways.subject = Some(subject).filter(|subject| !subject.is_empty());
        Ok(now.without_sessions())
    };
    match state.staff.change_account_by(&may.account, &account.id, Box::new(change)).await {
        Ok(()) => see_other(&format!("{back}?done=joined")),
        Err(Refused::SubjectTaken) => {
            page_with(&state, &may, &account, &typed, ("subject", "person-not-taken"))
        }
        Err(cause) => state.down(may.lang, &cause),
    }
}

/// All open cases of one person to another. Nothing of a case is shown; its history names who did it.
pub(super) async fn hand_over(
    Shared(state): Shared<ConsoleState>,
    Path((_, id)): At,
    Sent { may, typed }: Sent<grant::HandOver>,
) -> Response {
    let lang = may.lang;
    let account = match people::find(&state, &may, &id) {
        Ok(account) => account,
        Err(response) => return response,
    };
    let (to, known) = match colleagues(&state, &may, &account) {
        Ok(known) => (typed.plain("to"), known),
        Err(cause) => return state.down(lang, &cause),
    };
    let heir = state.staff.account(&StaffId(to.clone())).ok().flatten();
    let heir = heir.filter(|_| known.iter().any(|choice| !to.is_empty() && choice.value == to));
    let Some(heir) = heir else {
        return page_with(&state, &may, &account, &typed, ("to", "person-hand-to-error"));
    };
    let cases = match held(&state, &may, &account) {
        Ok(held) => held.cases,
        Err(cause) => return state.down(lang, &cause),
    };
    let numbers: Vec<String> = cases.iter().map(|row| row.number.to_string()).collect();
    let change = format!("{} → {}: {}", account.id, heir.id, numbers.join(", "));
    if let Err(response) = state.note_account(&may, "account-handed-over", &account.id, change).await {
        return response;
    }
    let mut left = 0;
    for row in cases.iter() {
        let sees = heir.reaches(row.handled_by(&state.policy.bodies), &state.policy.bodies);
        match if sees {
            give(&state, &may, row.number, &account.id, &heir.id).await
        } else {
            Err(Refused::Changed)
        } {
            Ok(()) => {}
            // Somebody else was quicker, or the colleague does not reach that body: the list shows what is left.
            Err(Refused::Changed | Refused::Move(_)) => left += 1,
            Err(cause) => return state.down(lang, &cause),
        }
    }
    if left > 0 {
        return page_with(&state, &may, &account, &Typed::default(), ("holds", "person-not-left"));
    }
    see_other(&format!("/{}/people/{id}?done=handed", lang.path()))
}

async fn give(
    state: &ConsoleState,
    may: &Member,
    number: CaseNumber,
    from: &StaffId,
    to: &StaffId,
) -> Result<(), Refused> {
    let (actor, today, rules) = (may.actor.clone(), state.clock.today(), Rules::of(&state.policy));
    let (from, to) = (from.clone(), to.clone());
    let change = move |dossier: &mut Dossier, _: &Place| {
        if dossier.case.owner.as_ref() != Some(&from) {
            return Err(Refused::Changed);
        }
        dossier.case = apply(&dossier.case, Move::Reassign { to }, &actor, today, &rules)?;
        Ok(None)
    };
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    state.cases.change(number, step).await.map(drop)
}

#[derive(Template)]
#[template(path = "console/person.html")]
struct Person {
    page: Page,
    done: String,
    id: String,
    roles: String,
    body: String,
    trustee: String,
    verify: String,
    disabled: bool,
    own: bool,
    base: String,
    /// Number and state of what they still work on.
    cases: Vec<(String, String)>,
    /// Cases whose award they have approved and others have not yet.
    votes: Vec<String>,
    elsewhere: bool,
    may_hand_over: bool,
    has_sso: bool,
    subject: Field,
    to: Field,
}

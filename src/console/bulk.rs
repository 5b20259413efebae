//! One move on many cases: chosen in the list, shown case by case before anything happens, done one by one, and told
//! case by case. Nothing that a reporter reads, and nothing without a way on: assign, begin, mark as read.

use super::{ConsoleState, filter::Filter, view};
use crate::{
    casework::{Case, Move, MoveKind, MoveRefused, Permission, Rules, apply},
    ids::{CaseNumber, StaffId},
    staff::{Member, Sent, grant},
    store::{Account, Dossier, Place, Refused, Step},
    web::{Choice, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};
use std::collections::BTreeMap;

/// Cases in one go: a page of them is read before it is sent.
pub(super) const MOST: usize = 200;

/// What can be done to many, in the order of the buttons.
const ACTS: [(MoveKind, Permission); 3] = [
    (MoveKind::Assign, Permission::Assign),
    (MoveKind::Begin, Permission::Investigate),
    (MoveKind::MarkRead, Permission::WriteReporter),
];

/// The buttons under the list: code and words of what this person's roles may do to many at once.
pub(super) fn buttons(member: &Member) -> Vec<(&'static str, String)> {
    let may = ACTS.iter().filter(|(_, needed)| member.may(*needed));
    may.map(|(act, _)| (act.code(), member.lang.t(&format!("bulk-{}", act.code())))).collect()
}

pub(super) async fn take(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::SeeQueue>,
) -> Response {
    let lang = may.lang;
    let list = Filter::parse(typed.raw("list"));
    let back = list.query("", list.sort, list.descending, list.page);
    let found = ACTS.iter().find(|(act, needed)| act.code() == typed.raw("act") && may.may(*needed));
    let Some((act, _)) = found else { return see_other(&format!("/{}/cases?{back}", lang.path())) };
    let to = StaffId(typed.plain("to"));
    // What was shown was shown for this colleague.
    let is_sure = typed.raw("step") == "do" && typed.plain("shown-to") == to.0;
    let chosen = match typed.has("all") {
        true => {
            let rows = state.matching(&may, &list, 0, MOST).rows;
            rows.into_iter().map(|row| (row.number, None)).collect()
        }
        false => chosen(&typed, is_sure),
    };
    let mut errors = Errors::default();
    let heirs = if *act == MoveKind::Assign { state.investigators_below(&may) } else { Ok(Vec::new()) };
    let heirs = match heirs {
        Ok(heirs) => heirs,
        Err(cause) => return state.down(lang, &cause),
    };
    let heir = heirs.iter().find(|account| account.id == to);
    if chosen.is_empty() {
        errors.add("n", lang.t("bulk-nothing"));
    } else if *act == MoveKind::Assign && heir.is_none() && typed.has("step") {
        errors.add("to", lang.t("error-to"));
    }
    let asked = Asked { act: *act, heir, me: may.id() };
    let judged = match state.judge(&may, &asked, &chosen) {
        Ok(judged) => judged,
        Err(cause) => return state.down(lang, &cause),
    };
    if is_sure && errors.is_empty() {
        return match state.do_all(&may, &asked, judged).await {
            Ok(told) => {
                see_other(&format!("/{}/cases/bulk?{told}&list={}", lang.path(), back.replace('&', "%26")))
            }
            Err(cause) => state.down(lang, &cause),
        };
    }
    let field = Field::select(lang, "to", lang.t("field-to"), choices(lang, &heirs)).filled(&typed, &errors);
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(&may, lang.t(&format!("bulk-{}", act.code())), "");
    page.back = page.href(&format!("/cases?{back}"));
    page.errors = errors;
    let (will, wont): (Vec<_>, Vec<_>) = judged.into_iter().partition(|judged| judged.refused.is_empty());
    let template = Review {
        action: page.href("/cases/bulk"),
        act: act.code(),
        about: lang.t(&format!("about-{}", act.code())),
        button: lang.t(&format!("bulk-do-{}", act.code())),
        ready: *act != MoveKind::Assign || heir.is_some(),
        shown_to: heir.map(|account| account.id.0.clone()).unwrap_or_default(),
        to: (*act == MoveKind::Assign).then_some(field),
        list: back,
        will,
        wont,
        most: MOST,
        page,
    };
    html(status, &template)
}

/// Numbers, each once, with the version that was looked at where one was. Those that were left out are looked at again,
/// and never done unseen.
fn chosen(typed: &Typed, is_sure: bool) -> Vec<(CaseNumber, Option<u64>)> {
    let read = |value: &str| {
        let (number, version) = value.split_once('.').unwrap_or((value, ""));
        Some((number.parse().ok()?, version.parse().ok()))
    };
    let left_out = typed.all("left-out").filter(|_| !is_sure);
    let each: BTreeMap<CaseNumber, Option<u64>> = left_out.chain(typed.all("n")).filter_map(read).collect();
    each.into_iter().take(MOST).collect()
}

/// What is to be done to each.
struct Asked<'a> {
    act: MoveKind,
    /// Who gets them, if they are assigned and somebody was named.
    heir: Option<&'a Account>,
    /// Stands for whoever will be named, until then.
    me: &'a StaffId,
}

impl Asked<'_> {
    fn mv(&self) -> Option<Move> {
        match self.act {
            MoveKind::Assign => {
                let to = self.heir.map_or(self.me, |account| &account.id).clone();
                Some(Move::Assign { to })
            }
            MoveKind::Begin => Some(Move::Begin),
            MoveKind::MarkRead => Some(Move::MarkRead),
            _ => None,
        }
    }
}

/// One case, and whether it can be done to it.
struct Judged {
    number: CaseNumber,
    version: u64,
    kind: String,
    state: String,
    owner: String,
    /// Why not, in words; empty: it can.
    refused: String,
}

impl ConsoleState {
    /// Accounts in use that may investigate, of this person's body and those below it.
    pub(super) fn investigators_below(&self, member: &Member) -> Result<Vec<Account>, Refused> {
        let bodies = &self.policy.bodies;
        let mut accounts = self.staff.accounts()?;
        accounts.retain(|account| {
            let roles: Vec<_> = account.roles.iter().copied().collect();
            !account.disabled
                && self.policy.roles.may(&roles, Permission::Investigate)
                && account.body(bodies).is_some_and(|body| self.reaches(member, body))
        });
        Ok(accounts)
    }

    fn judge(
        &self,
        member: &Member,
        asked: &Asked,
        chosen: &[(CaseNumber, Option<u64>)],
    ) -> Result<Vec<Judged>, Refused> {
        let (lang, sight) = (member.lang, self.sight(member));
        let mut all = Vec::new();
        for (number, version) in chosen {
            // What does not exist and what may not be seen look alike.
            let row = self.cases.row(*number).filter(|row| sight.sees(row));
            let dossier = match &row {
                Some(_) => self.cases.case(*number)?,
                None => None,
            };
            let (Some(row), Some(dossier)) = (row, dossier) else {
                all.push(Judged {
                    number: *number,
                    version: 0,
                    kind: String::new(),
                    state: String::new(),
                    owner: String::new(),
                    refused: lang.t("bulk-why-unknown"),
                });
                continue;
            };
            let case = &dossier.case;
            let changed = version.is_some_and(|version| version != case.version);
            all.push(Judged {
                number: *number,
                version: case.version,
                kind: self.kind(lang, row.kind),
                state: view::state(lang, row.state),
                owner: row.owner.as_ref().map_or_else(|| lang.t("owner-nobody"), |id| self.person(id)),
                refused: if changed { lang.t("bulk-why-changed") } else { self.why_not(member, asked, case) },
            });
        }
        Ok(all)
    }

    /// Empty: it can be done.
    fn why_not(&self, member: &Member, asked: &Asked, case: &Case) -> String {
        let (lang, bodies) = (member.lang, &self.policy.bodies);
        if let Some(heir) = asked.heir {
            if !heir.reaches(case.handled_by(bodies), bodies) {
                return lang.t("bulk-why-body");
            }
            if case.owner.as_ref() == Some(&heir.id) {
                return lang.t("bulk-why-same");
            }
        }
        let Some(mv) = asked.mv() else { return String::new() };
        match apply(case, mv, &member.actor, self.clock.today(), &Rules::of(&self.policy)) {
            Ok(_) => String::new(),
            Err(MoveRefused::NotFromHere { .. }) => lang.t("bulk-why-state"),
            Err(MoveRefused::NotTheOwner) => lang.t("bulk-why-owner"),
            Err(MoveRefused::NothingUnread) => lang.t("bulk-why-read"),
            Err(_) => lang.t("bulk-why-not-permitted"),
        }
    }

    /// Each by itself: one that somebody else changed meanwhile keeps none of the others. Gives the address of what
    /// became of them.
    async fn do_all(
        &self,
        member: &Member,
        asked: &Asked<'_>,
        judged: Vec<Judged>,
    ) -> Result<String, Refused> {
        let (today, rules) = (self.clock.today(), Rules::of(&self.policy));
        let (mut done, mut left) = (Vec::new(), Vec::new());
        let mut under_way = Vec::new();
        for Judged { number, version, refused, .. } in judged {
            let Some(mv) = asked.mv().filter(|_| refused.is_empty()) else {
                left.push(number);
                continue;
            };
            let (actor, rules) = (member.actor.clone(), rules.clone());
            let change = move |dossier: &mut Dossier, _: &Place| {
                dossier.case = apply(&dossier.case, mv, &actor, today, &rules)?;
                Ok(None)
            };
            let step = Step { expected_version: Some(version), sealed: None, change: Box::new(change) };
            under_way.push((number, self.cases.change(number, step)));
        }
        for (number, commit) in under_way {
            match commit.await {
                Ok(_) => done.push(number),
                Err(Refused::Changed | Refused::Move(_)) => left.push(number),
                Err(cause) => return Err(cause),
            }
        }
        let list =
            |numbers: &[CaseNumber]| numbers.iter().map(CaseNumber::to_string).collect::<Vec<_>>().join(",");
        Ok(format!("act={}&done={}&left={}", asked.act.code(), list(&done), list(&left)))
    }
}

fn choices(lang: Lang, heirs: &[Account]) -> Vec<Choice> {
    let each = heirs.iter().map(|account| Choice::new(account.id.0.clone(), account.name.clone()));
    std::iter::once(Choice::new("", lang.t("choose"))).chain(each).collect()
}

/// What became of each, as the cases stand now.
pub(super) async fn told(
    Shared(state): Shared<ConsoleState>,
    may: crate::staff::May<grant::SeeQueue>,
    uri: Uri,
) -> Response {
    let lang = may.lang;
    let typed = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let list = Filter::parse(typed.raw("list"));
    let sight = state.sight(&may);
    let rows = |name: &str| -> Vec<super::queue::Row> {
        let numbers = typed.raw(name).split(',').filter_map(|number| number.parse().ok()).take(MOST);
        let rows = numbers.filter_map(|number| state.cases.row(number)).filter(|row| sight.sees(row));
        rows.map(|row| state.row(&may, &row)).collect()
    };
    let (done, left) = (rows("done"), rows("left"));
    let title = lang.t1("bulk-told", "count", done.len());
    let mut page = state.page(&may, title, "");
    page.back = page.href(&format!("/cases?{}", list.query("", list.sort, list.descending, list.page)));
    html(StatusCode::OK, &Told { done, left, page })
}

#[derive(Template)]
#[template(path = "console/bulk.html")]
struct Review {
    page: Page,
    action: String,
    act: &'static str,
    about: String,
    button: String,
    /// To whom, if they are assigned.
    to: Option<Field>,
    /// Nothing is left to be said first.
    ready: bool,
    /// For whom the cases below were looked at.
    shown_to: String,
    /// The list it began in.
    list: String,
    will: Vec<Judged>,
    wont: Vec<Judged>,
    most: usize,
}

#[derive(Template)]
#[template(path = "console/bulk-told.html")]
struct Told {
    page: Page,
    done: Vec<super::queue::Row>,
    left: Vec<super::queue::Row>,
}

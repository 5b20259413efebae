//! What several pages share: the page around them, words for policy's codes, and the one way to open a case.

use super::ConsoleState;
use crate::{
    casework::{Band, CaseContent, Deadline, Permission, State},
    clock::{Day, day_of, time_of_day},
    ids::{CaseNumber, StaffId},
    policy::{Body, Code, MatterKind, RegionCode, Text},
    staff::{Member, notice},
    store::{Dossier, Refused, TrailEntry},
    web::{Face, Lang, NavItem, Page},
};
use axum::{http::StatusCode, response::Response};
use fluent_bundle::FluentValue;
use std::ops::Deref;

/// A case opened for reading, and the reading's number in the staff record.
pub(super) struct Opened {
    dossier: Dossier,
    entry: u64,
}

impl Deref for Opened {
    type Target = Dossier;
    fn deref(&self) -> &Dossier {
        &self.dossier
    }
}

/// A deadline as staff read it: sign (hidden from readers), which one, the day, how many days are left.
#[derive(Clone)]
pub struct DeadlineTag {
    /// Class of the tag.
    pub class: &'static str,
    pub sign: &'static str,
    pub which: String,
    pub text: String,
}

impl ConsoleState {
    /// The page around the content. `here`: its address without the language.
    pub(super) fn page(&self, member: &Member, title: impl Into<String>, here: &str) -> Page {
        let mut page = Page::new(member.lang, title);
        page.face = Face::Console;
        page.here = here.to_owned();
        member.sign(&mut page);
        page.keys = member.account.ways.shortcuts;
        let items: [(&str, &str, &[Permission]); 10] = [
            ("/", "nav-first", &[]),
            ("/cases", "nav-cases", &[Permission::SeeQueue]),
            ("/late", "nav-late", &[Permission::Oversee]),
            ("/desk", "nav-desk", &[Permission::EnterReport]),
            ("/approvals", "nav-approvals", &[Permission::ApproveAward]),
            ("/releases", "nav-releases", &[Permission::ReleaseShare]),
            ("/figures", "nav-figures", &[Permission::SeeFigures]),
            ("/trail", "nav-trail", &[Permission::ReadStaffRecord]),
            ("/people", "nav-people", &[Permission::ManageStaff]),
            ("/me", "nav-me", &[]),
        ];
        let shown = items.into_iter().filter(|(_, _, needed)| member.may_any(needed));
        page.nav = shown
            .map(|(path, key, _)| NavItem {
                href: page.href(path),
                label: member.lang.t(key),
                here: if path == "/" { here == "/" } else { here.starts_with(path) },
            })
            .collect();
        page
    }

    /// Opens a case for reading: checks the number, the permission and the body, and records the reading
    /// before anything is shown. What does not exist and what may not be seen look alike.
    pub(super) async fn open(&self, member: &Member, number: &str, what: &str) -> Result<Opened, Response> {
        let dossier = self.peek(member, number)?;
        let entry = self.note_read(member, what, Some(dossier.case.number)).await?;
        Ok(Opened { dossier, entry })
    }

    /// Whose copy this is: log-in, body, day, and the number of the reading in the staff record.
    pub(super) fn mark(&self, member: &Member, opened: &Opened) -> String {
        let body = member.account.body(&self.policy.bodies);
        let body = body.map(|body| text(&body.name, member.lang)).unwrap_or_default();
        let [day, entry] = [self.clock.today().to_string(), opened.entry.to_string()];
        let id = member.id().0.as_str();
        let pairs = [("id", id), ("body", &body), ("day", &day), ("entry", &entry)];
        member.lang.t_with("mark", &values(&pairs))
    }

    /// As [`ConsoleState::open`], for a step of somebody who has just read the case.
    pub(super) fn peek(&self, member: &Member, number: &str) -> Result<Dossier, Response> {
        let found = match number.parse::<CaseNumber>() {
            Ok(number) => self.cases.case(number).map_err(|cause| self.down(member.lang, &cause))?,
            Err(_) => None,
        };
        found
            .filter(|dossier| {
                let case = &dossier.case;
                member.actor.may_read(case.owner.as_ref())
                    && self.reaches(member, case.handled_by(&self.policy.bodies))
            })
            .ok_or_else(|| self.no_such_case(member.lang))
    }

    pub(super) async fn note_read(
        &self,
        member: &Member,
        what: &str,
        case: Option<CaseNumber>,
    ) -> Result<u64, Response> {
        self.note(member, what, case, None, String::new()).await
    }

    /// Records what is about to be done to an account.
    pub(super) async fn note_account(
        &self,
        member: &Member,
        what: &str,
        account: &StaffId,
        change: impl Into<String>,
    ) -> Result<u64, Response> {
        self.note(member, what, None, Some(account.clone()), change.into()).await
    }

    /// Records what is about to be done to another system's access.
    pub(super) async fn note_system_change(
        &self,
        member: &Member,
        what: &str,
        change: String,
    ) -> Result<u64, Response> {
        self.note(member, what, None, None, change).await
    }

    async fn note(
        &self,
        member: &Member,
        what: &str,
        case: Option<CaseNumber>,
        account: Option<StaffId>,
        change: String,
    ) -> Result<u64, Response> {
        let entry = self.trail_entry(member, what, case, account, change);
        self.cases.note_read(entry).await.map_err(|cause| self.down(member.lang, &cause))
    }

    /// What this member of staff does now, for the staff record.
    pub(super) fn trail_entry(
        &self,
        member: &Member,
        what: &str,
        case: Option<CaseNumber>,
        account: Option<StaffId>,
        change: String,
    ) -> TrailEntry {
        let (at, by) = (self.clock.unix_seconds(), member.id().clone());
        TrailEntry { at, by, what: what.into(), case, account, change }
    }

    pub(super) fn no_such_case(&self, lang: Lang) -> Response {
        notice(Face::Console, lang, StatusCode::NOT_FOUND, "console-no-case")
    }

    /// The store could not; the cause goes to the log, not to the page.
    pub(super) fn down(&self, lang: Lang, cause: &Refused) -> Response {
        tracing::error!("console: {cause}");
        notice(Face::Console, lang, StatusCode::SERVICE_UNAVAILABLE, "door-down")
    }

    /// Whether a case that `body` handles is handled by this person's own body or one below it.
    pub(super) fn reaches(&self, member: &Member, body: &Body) -> bool {
        member.account.reaches(body, &self.policy.bodies)
    }

    /// Whether this person sees cases of more bodies than one.
    pub(super) fn has_below(&self, member: &Member) -> bool {
        let bodies = &self.policy.bodies;
        member.account.body(bodies).is_some_and(|own| bodies.has_below(own))
    }

    /// The name of a body; of one that policy no longer knows, its code.
    pub(super) fn body(&self, lang: Lang, code: &Code) -> String {
        self.policy.bodies.get(code.as_str()).map_or_else(|| code.to_string(), |body| text(&body.name, lang))
    }

    pub(super) fn kind(&self, lang: Lang, kind: MatterKind) -> String {
        text(&self.policy.intake.kind(kind).name, lang)
    }

    pub(super) fn industry(&self, lang: Lang, code: &str) -> String {
        self.policy
            .intake
            .industry(code)
            .map_or_else(|| code.to_owned(), |industry| text(&industry.name, lang))
    }

    /// 山东省 济南市 历下区
    pub(super) fn place(&self, region: &str) -> String {
        match region.parse::<RegionCode>() {
            Ok(code) => self.policy.regions.path(code).join(" "),
            Err(_) => region.to_owned(),
        }
    }

    pub(super) fn deadline(&self, lang: Lang, deadline: &Deadline) -> DeadlineTag {
        let today = self.clock.today();
        let left = deadline.days_left(today);
        let (class, sign) = match deadline.band(today, &self.policy.deadlines.bands) {
            Band::Overdue => ("tag bad", "!!"),
            Band::Soon => ("tag warn", "!"),
            Band::Coming => ("tag info", ""),
            Band::Later => ("", ""),
        };
        let which = lang.t(&format!("deadline-{}", deadline.kind.code()));
        let text = match left {
            ..=-1 if deadline.is_the_reporters() => lang.t("deadline-passed"),
            ..=-1 => lang.t1("deadline-over", "days", -left),
            0 => lang.t("deadline-today"),
            _ => lang.t1("deadline-left", "days", left),
        };
        DeadlineTag { class, sign, which, text: format!("{}{text}", deadline.by) }
    }

    /// The account's name, else its log-in name.
    pub(super) fn person(&self, id: &StaffId) -> String {
        let account = self.staff.account(id).ok().flatten();
        account.map_or_else(|| id.0.clone(), |account| account.name)
    }
}

pub(super) fn text(text: &Text, lang: Lang) -> String {
    match lang {
        Lang::Zh => text.zh.clone(),
        Lang::En => text.en.clone(),
    }
}

pub(super) fn state(lang: Lang, state: State) -> String {
    lang.t(&format!("state-{}", state.code().replace('_', "-")))
}

/// Day and minute in Shanghai, for staff's own doings only.
pub(super) fn minute(unix_seconds: i64) -> String {
    format!("{} {}", day_of(unix_seconds), time_of_day(unix_seconds))
}

/// A day as staff read it.
pub(super) fn day(day: Day) -> String {
    day.to_string()
}

/// What a text might give away, as keys of warnings: long runs of digits look like telephones or ID numbers.
pub(super) fn giveaways(text: &str, content: &CaseContent) -> Vec<&'static str> {
    let mut found = Vec::new();
    let mut run = 0;
    for c in text.chars() {
        run = if c.is_ascii_digit() || (run > 0 && "xX".contains(c)) { run + 1 } else { 0 };
        if run == 11 {
            found.push("warn-digits");
            break;
        }
    }
    let narrative: Vec<char> = content.narrative.chars().filter(|c| !c.is_whitespace()).collect();
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    if narrative.windows(QUOTE).any(|window| text.contains(&window.iter().collect::<String>())) {
        found.push("warn-quote");
    }
    found
}

/// So many characters of the reporter's own in a row are a quotation.
const QUOTE: usize = 10;

/// `name = value` pairs for words with several values.
pub(super) fn values<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(&'a str, FluentValue<'a>)> {
    pairs.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect()
}

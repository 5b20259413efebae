//! What the office's pages share.

use super::OfficeState;
use crate::{
    award::record::{Answer, Award},
    clock::Day,
    ids::{CaseNumber, StaffId},
    policy::Text,
    staff::{Member, notice},
    store::{Dossier, Refused, TrailEntry},
    web::{Asked, Face, Lang, NavItem, Page},
};
use axum::{http::StatusCode, response::Response};
use fluent_bundle::FluentValue;

/// A last day as staff read it: sign (hidden from readers), the day, how many days are left.
pub struct LastDay {
    pub class: &'static str,
    pub sign: &'static str,
    pub text: String,
}

impl OfficeState {
    /// The page around the content. `here`: its address without the language.
    pub(super) fn page(&self, member: &Member, title: impl Into<String>, here: &str) -> Page {
        let mut page = Page::new(member.lang, title);
        page.face = Face::Office;
        page.here = here.to_owned();
        member.sign(&mut page);
        page.nav = [
            ("/", "office-nav-waiting"),
            ("/originals", "office-nav-originals"),
            ("/ended", "office-nav-ended"),
        ]
        .map(|(path, key)| NavItem { href: page.href(path), label: member.lang.t(key), here: here == path })
        .into();
        page
    }

    /// The dossier of a case that has an award. What does not exist and what has none look alike.
    pub(super) fn find(&self, lang: Lang, number: &str) -> Result<Dossier, Response> {
        let found = match number.parse::<CaseNumber>() {
            Ok(number) => self.rewards.dossier(number).map_err(|cause| self.down(lang, &cause))?,
            Err(_) => None,
        };
        found
            .filter(|dossier| dossier.award().is_some())
            .ok_or_else(|| notice(Face::Office, lang, StatusCode::NOT_FOUND, "office-no-award"))
    }

    /// Records a reading before anything is shown.
    pub(super) async fn note_read(
        &self,
        member: &Member,
        what: &str,
        case: CaseNumber,
    ) -> Result<(), Response> {
        let (at, by) = (self.clock.unix_seconds(), member.id().clone());
        let (what, change) = (what.into(), String::new());
        let entry = TrailEntry { at, by, what, case: Some(case), account: None, change };
        self.rewards.record_reading(entry).await.map(drop).map_err(|cause| self.down(member.lang, &cause))
    }

    /// The store could not; the cause goes to the log, not to the page.
    pub(super) fn down(&self, lang: Lang, cause: &Refused) -> Response {
        tracing::error!("office: {cause}");
        notice(Face::Office, lang, StatusCode::SERVICE_UNAVAILABLE, "door-down")
    }

    pub(super) fn last_day(&self, lang: Lang, day: Day) -> LastDay {
        let left = days_between(self.clock.today(), day);
        let bands = &self.policy.deadlines.bands;
        let (class, sign) = match left {
            ..=-1 => ("tag bad", "!!"),
            _ if left <= i64::from(bands.soon.count()) => ("tag warn", "!"),
            _ if left <= i64::from(bands.coming.count()) => ("tag info", ""),
            _ => ("", ""),
        };
        let rest = match left {
            ..=-1 => lang.t1("office-days-over", "days", -left),
            0 => lang.t("office-days-today"),
            _ => lang.t1("office-days-left", "days", left),
        };
        LastDay { class, sign, text: format!("{day}{rest}") }
    }

    /// The last day to answer an objection of this day.
    pub(super) fn answer_by(&self, objected: Day) -> Day {
        self.policy.deadlines.review.after(objected)
    }

    /// The last day that the reporter of this award has to come, or to be reached, after an objection that waits.
    pub(super) fn come_by(&self, award: &Award) -> Option<Day> {
        award.open_objection().map(|(objected, _)| self.policy.deadlines.come_by(objected))
    }

    /// What can be answered today to what the reporter of this award objects.
    pub(super) fn answers(&self, award: &Award) -> Vec<Answer> {
        let come_by = self.come_by(award);
        come_by.map(|day| award.answers(day, self.clock.today())).unwrap_or_default()
    }

    /// The account's name, else its log-in name.
    pub(super) fn person(&self, id: &StaffId) -> String {
        let account = self.staff.account(id).ok().flatten();
        account.map_or_else(|| id.0.clone(), |account| account.name)
    }
}

/// Passwords are changed on the console, where every member of staff has an account page.
pub(super) async fn password_elsewhere(asked: Asked) -> Response {
    notice(Face::Office, asked.lang, StatusCode::FORBIDDEN, "office-password")
}

/// Above the Day's own arithmetic: whole days from one to the other, negative when it has passed.
fn days_between(from: Day, to: Day) -> i64 {
    (to - from).get_days().into()
}

pub(super) fn text(text: &Text, lang: Lang) -> String {
    match lang {
        Lang::Zh => text.zh.clone(),
        Lang::En => text.en.clone(),
    }
}

/// Where an award stands, in words.
pub(super) fn state(lang: Lang, name: &str) -> String {
    lang.t(&format!("office-state-{name}"))
}

/// `2026-000417-1`: how the log and the books call an award.
pub(super) fn award_name(award: &Award) -> String {
    format!("{}-{}", award.terms().case, award.terms().award)
}

/// An award's version as a form carries it.
pub(super) fn version((award, changes): (u32, usize)) -> String {
    format!("{award}-{changes}")
}

/// `name = value` pairs for words with several values.
pub(super) fn values<'a>(pairs: &[(&'a str, &'a str)]) -> Vec<(&'a str, FluentValue<'a>)> {
    pairs.iter().map(|(name, value)| (*name, FluentValue::from(*value))).collect()
}

pub(super) fn count_of(lang: Lang, found: usize, needed: usize) -> String {
    let (found, needed) = (found.to_string(), needed.to_string());
    lang.t_with("office-count-of", &values(&[("found", &found), ("needed", &needed)]))
}

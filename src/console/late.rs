//! What heads are told of: cases of their body that end soon, and those whose last day has passed, of their body and of
//! the one right below. Number, kind, place, deadline and owner; nothing is opened.

use super::{
    ConsoleState,
    filter::{Due, Filter},
    queue::Row,
};
use crate::{
    casework::CaseSummary,
    policy::Level,
    staff::{May, Member, grant},
    store::{Page as Rows, Wanted},
    web::{Page, html},
};
use askama::Template;
use axum::{extract::State as Shared, http::StatusCode, response::Response};

/// Rows of each list; what is more is for the bodies themselves to work off.
const ROWS: usize = 200;

pub(super) async fn show(Shared(state): Shared<ConsoleState>, may: May<grant::Oversee>) -> Response {
    let lang = may.lang;
    let lists = state.overseen(&may, ROWS);
    let sections = lists.into_iter().map(|(key, found)| Section {
        title: lang.t(key),
        total: found.total,
        rows: found.rows.iter().map(|row| state.row(&may, row)).collect(),
    });
    let page = state.page(&may, lang.t("late-title"), "/late");
    html(StatusCode::OK, &Late { sections: sections.collect(), page })
}

impl ConsoleState {
    /// What this head was told of and what ends soon, with the keys of their headings.
    pub(super) fn overseen(&self, member: &Member, most: usize) -> Vec<(&'static str, Rows)> {
        let near = Filter { due: Some(Due::Near), ..Filter::default() };
        let today = Filter { due: Some(Due::Today), ..Filter::default() };
        let by_day =
            |a: &CaseSummary, b: &CaseSummary| a.next.map(|next| next.by).cmp(&b.next.map(|next| next.by));
        let told = Wanted {
            matches: Box::new(|row| row.escalated.is_some_and(|level| self.is_told(member, row, level))),
            order: Box::new(by_day),
            skip: 0,
            most,
        };
        let ends = |filter| {
            let Wanted { matches, order, skip, most } = self.wanted(member, filter, 0, most);
            let of_own_body = move |row: &CaseSummary| matches(row) && self.is_head_of(member, row);
            Wanted { matches: Box::new(of_own_body), order, skip, most }
        };
        let wanted = [told, ends(&today), ends(&near)];
        let found = self.cases.lists(&|_| true, &wanted);
        ["first-escalated", "first-today", "first-near"].into_iter().zip(found).collect()
    }

    fn is_head_of(&self, member: &Member, row: &CaseSummary) -> bool {
        let bodies = &self.policy.bodies;
        member.account.body(bodies).is_some_and(|own| own.code == row.handled_by(bodies).code)
    }

    /// The head of the body that handles it is told first, and stays told.
    fn is_told(&self, member: &Member, row: &CaseSummary, level: Level) -> bool {
        let bodies = &self.policy.bodies;
        let above = || bodies.above(row.handled_by(bodies)).next();
        let own = member.account.body(bodies);
        let is_above = || own.zip(above()).is_some_and(|(own, above)| own.code == above.code);
        self.is_head_of(member, row) || (level == Level::Above && is_above())
    }
}

struct Section {
    title: String,
    total: usize,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "console/late.html")]
struct Late {
    page: Page,
    sections: Vec<Section>,
}

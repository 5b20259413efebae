//! The page before an act: what follows, how the amount was computed, and what must be typed.

use super::Act;
use crate::{
    award::record::{Answer, Award, AwardState, Ground},
    office::{
        OfficeState,
        award::{StepView, ending, steps},
        view,
    },
    staff::Member,
    store::Dossier,
    web::{Choice, Control, Errors, Field, Lang, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};

pub(super) fn page(
    state: &OfficeState,
    may: &Member,
    dossier: &Dossier,
    act: Act,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = may.lang;
    let number = dossier.case.number.to_string();
    let Some(award) = dossier.award() else { return see_other(&format!("/{}/", lang.path())) };
    let amount = lang.money(award.terms().base_fen);
    let words = [("number", number.as_str()), ("amount", amount.as_str())];
    let title = lang.t_with(&format!("office-ask-{}", act.code()), &view::values(&words));
    let mut page = state.page(may, title, &format!("/awards/{number}/{}", act.code()));
    page.back = page.href(&format!("/awards/{number}"));
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let template = StepPage {
        action: page.href(&format!("/awards/{number}/{}", act.code())),
        version: view::version(award.version()),
        consequence: lang.t(&format!("office-about-{}", act.code())),
        is_final: act.is_final(),
        steps: if act == Act::Release { steps(lang, award) } else { vec![] },
        approved: award.approvals().iter().map(|a| (state.person(&a.by), a.day.to_string())).collect(),
        recorded: ending(state, lang, award),
        reads: if act == Act::LetStand { reads(state, lang, award) } else { String::new() },
        fields: fields(state, lang, &number, act, award)
            .into_iter()
            .map(|f| f.filled(typed, &errors))
            .collect(),
        button: lang.t(&format!("office-act-{}", act.code())),
        page: {
            page.errors = errors;
            page
        },
    };
    html(status, &template)
}

fn fields(state: &OfficeState, lang: Lang, number: &str, act: Act, award: &Award) -> Vec<Field> {
    let mut fields = Vec::new();
    if act == Act::Outcome {
        fields.push(Field::radios(lang, "outcome", lang.t("office-field-outcome"), outcomes(lang, award)));
    }
    if act == Act::LetStand {
        let answer =
            Field::radios(lang, "answer", lang.t("office-field-answer"), answers(state, lang, award));
        fields.push(answer.hint(not_yet(state, lang, award)));
    }
    if act == Act::Pay {
        let voucher = Field::new(
            lang,
            "voucher",
            lang.t("office-field-voucher"),
            Control::Line { width: "w-20", numeric: false },
        );
        fields.push(voucher.hint(lang.t("office-hint-voucher")));
    }
    if act.needs_reason() {
        let reason = Field::area(lang, "reason", lang.t("office-field-reason"), 3);
        fields.push(reason.hint(lang.t("office-hint-reason")));
    }
    if act.is_final() {
        let label = lang.t1("office-field-typed-number", "number", number.to_owned());
        fields.push(Field::line(lang, "typed-number", label));
        let password = Field::new(lang, "password", lang.t("office-field-password"), Control::Password);
        fields.push(password.hint(lang.t("office-hint-password")));
    }
    fields
}

pub(super) fn outcomes(lang: Lang, award: &Award) -> Vec<Choice> {
    let released = matches!(award.state(), AwardState::Released);
    let mut choices = Vec::new();
    if matches!(award.state(), AwardState::ReleasePublished) {
        choices.push(
            Choice::new("unreleased", lang.t("office-ending-unreleased"))
                .hint(lang.t("office-outcome-unreleased-hint")),
        );
        return choices;
    }
    if released {
        choices.push(
            Choice::new("verified", lang.t("office-outcome-verified"))
                .hint(lang.t("office-outcome-verified-hint")),
        );
    }
    for ground in Ground::ALL {
        choices.push(Choice::new(ground.code(), lang.t(&format!("office-ground-{}", ground.code()))));
    }
    if released {
        choices.push(
            Choice::new("unreadable", lang.t("office-ending-unreadable"))
                .hint(lang.t("office-outcome-unreadable-hint")),
        );
    }
    choices
}

/// What can be answered today to what the reporter says, in the words that they read.
fn answers(state: &OfficeState, lang: Lang, award: &Award) -> Vec<Choice> {
    let answers = state.answers(award).into_iter();
    answers.map(|answer| Choice::new(answer.code(), why(lang, answer))).collect()
}

/// Until when the reporter can come, and nobody says that they did not; empty once that is over.
fn not_yet(state: &OfficeState, lang: Lang, award: &Award) -> String {
    let come_by = state.come_by(award).filter(|day| state.clock.today() <= *day);
    come_by.map(|day| lang.t1("office-hint-answer", "day", lang.day(day))).unwrap_or_default()
}

fn why(lang: Lang, answer: Answer) -> String {
    lang.t(&format!("award-answer-{}", answer.code()))
}

/// What the reporter reads if it stands, with the place of the reason.
fn reads(state: &OfficeState, lang: Lang, award: &Award) -> String {
    let Some((day, objection)) = award.open_objection() else { return String::new() };
    let what = lang.t(&format!("award-objection-{}", objection.code()));
    let (day, today, chosen) = (lang.day(day), lang.day(state.clock.today()), lang.t("office-answer-chosen"));
    let words = [("day", &*day), ("what", &*what), ("answered", &*today), ("why", &*chosen)];
    lang.t_with("award-answered", &view::values(&words))
}

#[derive(Template)]
#[template(path = "office/step.html")]
struct StepPage {
    page: Page,
    action: String,
    /// Of the award, as this page shows it.
    version: String,
    consequence: String,
    is_final: bool,
    /// How the amount was computed, where money is at stake for the first time.
    steps: Vec<StepView>,
    approved: Vec<(String, String)>,
    recorded: String,
    /// What the reporter will read; empty where the act tells them nothing in words.
    reads: String,
    fields: Vec<Field>,
    button: String,
}

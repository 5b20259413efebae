//! One award as the office sees it. The base amount is read-only; there is nothing about a person to show.

use super::{
    OfficeState,
    steps::{Act, is_apart, offered},
    view::{self, LastDay},
};
use crate::{
    award::{
        paper::Paper,
        record::{Answer, Award, AwardState, Ending, Objection, Past, Step},
    },
    casework::Permission,
    staff::{May, Member, grant},
    web::{Lang, Page, html},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

/// One step of the computation, and where the rule says so.
pub(super) struct StepView {
    pub text: String,
    pub article: String,
}

pub(super) async fn show(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let lang = may.lang;
    let dossier = match state.find(lang, &number) {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let case = dossier.case.number;
    if let Err(response) = state.note_read(&may, "award", case).await {
        return response;
    }
    let Some(award) = dossier.award() else { return state.down(lang, &crate::store::Refused::NoSuchCase) };
    let done = uri.query().and_then(|query| query.strip_prefix("done=")).and_then(Act::from_code);
    let mut page = state.page(&may, lang.t1("office-award-title", "number", case.to_string()), "");
    page.here = format!("/awards/{case}");
    page.back = page.href("/");
    let base = page.href(&format!("/awards/{case}"));
    let acts = offered(&state, &may, &dossier);
    let template = AwardPage {
        done: done.map(|act| lang.t(&format!("office-done-{}", act.code()))).unwrap_or_default(),
        facts: facts(&state, lang, award),
        last_day: award.claim_until().filter(|_| is_open(award)).map(|day| state.last_day(lang, day)),
        answer_by: award.open_objection().map(|(day, _)| state.last_day(lang, state.answer_by(day))),
        steps: steps(lang, award),
        ending: ending(&state, lang, award),
        history: award.history().iter().map(|past| history_line(&state, lang, past)).collect(),
        has_package: award.is_released(state.clock.today())
            && is_apart(&state, &may, &dossier, Permission::OpenPackage),
        package_command: format!(
            "mifeng-office open package-{case}.json --key office.key --state state --voucher voucher.txt"
        ),
        acts: acts
            .into_iter()
            .map(|act| (format!("{base}/{}", act.code()), lang.t(&format!("office-act-{}", act.code()))))
            .collect(),
        waits_for_other: waits_for_other(&may, award),
        base,
        page,
    };
    html(StatusCode::OK, &template)
}

/// Label and value, in the order of the page.
fn facts(state: &OfficeState, lang: Lang, award: &Award) -> Vec<(String, String)> {
    let mut rows = vec![
        ("office-fact-state", view::state(lang, award.state().name())),
        ("office-fact-amount", lang.money(award.terms().base_fen)),
    ];
    if let Ok(paper) = Paper::read(award.decision()) {
        let rule = &paper.amount.rule;
        rows.push((
            "office-fact-rule",
            format!("{} · {} · v{}", view::text(&rule.title, lang), rule.document, rule.version),
        ));
    }
    let approvers: Vec<_> =
        award.approvals().iter().map(|a| format!("{} {}", state.person(&a.by), a.day)).collect();
    rows.push(("office-fact-approved", approvers.join(" · ")));
    if let Some(release) = award.release() {
        let shares = view::count_of(lang, release.deposits.len(), state.recipients.threshold());
        // Counted from 1, as the log's readers do.
        rows.push(("office-fact-leaf", (release.terms.leaf_index + 1).to_string()));
        rows.push(("office-fact-shares", shares));
        rows.push(("office-fact-until", release.terms.expires.to_string()));
    }
    if let Some(notice) = award.notice() {
        rows.push(("office-fact-notice", notice.number.to_string()));
    }
    if let Some((day, objection)) = award.objection() {
        rows.push(("office-fact-objection", format!("{day} · {}", objected(lang, objection))));
    }
    if let Some(day) = state.come_by(award) {
        rows.push(("office-fact-come-by", day.to_string()));
    }
    if let Some((day, answer)) = award.answer() {
        rows.push(("office-fact-answer", format!("{day} · {}", answered(lang, answer))));
    }
    rows.into_iter().map(|(key, value)| (lang.t(key), value)).collect()
}

/// What the reporter chose to say, in words.
fn objected(lang: Lang, objection: Objection) -> String {
    lang.t(&format!("office-objection-{}", objection.code()))
}

/// That it stands, and why.
fn answered(lang: Lang, answer: Answer) -> String {
    lang.t1("office-answer", "why", lang.t(&format!("award-answer-{}", answer.code())))
}

pub(super) fn steps(lang: Lang, award: &Award) -> Vec<StepView> {
    let paper = Paper::read(award.decision()).ok();
    let steps = paper.iter().flat_map(|paper| &paper.amount.steps);
    steps
        .map(|step| StepView { text: view::text(&step.text, lang), article: view::text(&step.article, lang) })
        .collect()
}

/// What was recorded about the end, in words; empty before.
pub(super) fn ending(state: &OfficeState, lang: Lang, award: &Award) -> String {
    let recorded = match award.state() {
        AwardState::ToConfirm { ending, by } => {
            return lang.t_with(
                "office-ending-recorded",
                &view::values(&[("who", &state.person(by)), ("what", &ending_words(lang, ending))]),
            );
        }
        AwardState::Refused { ground } => Ending::Refused(*ground),
        AwardState::Unreadable => Ending::Unreadable,
        AwardState::Paid { voucher } => Ending::Paid(voucher.clone()),
        _ => return String::new(),
    };
    ending_words(lang, &recorded)
}

fn ending_words(lang: Lang, ending: &Ending) -> String {
    match ending {
        Ending::Refused(ground) => lang.t(&format!("office-ground-{}", ground.code())),
        Ending::Unreadable => lang.t("office-ending-unreadable"),
        Ending::Unreleased => lang.t("office-ending-unreleased"),
        Ending::Paid(voucher) => lang.t1("office-ending-paid", "voucher", voucher.clone()),
    }
}

fn waits_for_other(may: &Member, award: &Award) -> bool {
    matches!(award.state(), AwardState::ToConfirm { by, .. } if by == may.id())
}

fn is_open(award: &Award) -> bool {
    matches!(award.state(), AwardState::Notified | AwardState::Claimed)
}

fn history_line(state: &OfficeState, lang: Lang, past: &Past) -> (String, String) {
    let what = match &past.step {
        Step::Notified { claim_until }
        | Step::PublicNotice { claim_until }
        | Step::ClaimResumed { claim_until } => {
            lang.t1(&format!("office-step-{}", step_code(&past.step)), "until", claim_until.to_string())
        }
        Step::ClaimExtended { claim_until, reason } => lang.t_with(
            "office-step-claim-extended",
            &view::values(&[("until", &claim_until.to_string()), ("reason", reason)]),
        ),
        Step::ReleasePublished { reason, .. } | Step::Reopened { reason } => {
            lang.t1(&format!("office-step-{}", step_code(&past.step)), "reason", reason.clone())
        }
        Step::Deposited { trustee } => lang.t1("office-step-deposited", "trustee", usize::from(*trustee)),
        Step::Objected { objection } => lang.t1("office-step-objected", "what", objected(lang, *objection)),
        Step::LetStand { answer } => lang.t1("office-step-let-stand", "what", answered(lang, *answer)),
        step => lang.t(&format!("office-step-{}", step_code(step))),
    };
    let who = past.by.as_ref().map(|by| state.person(by)).unwrap_or_default();
    (format!("{} {who}", past.day), what)
}

fn step_code(step: &Step) -> &'static str {
    match step {
        Step::Computed => "computed",
        Step::Approved => "approved",
        Step::ApprovalWithdrawn => "approval-withdrawn",
        Step::Declined => "declined",
        Step::Overturned => "overturned",
        Step::Filed => "filed",
        Step::Notified { .. } => "notified",
        Step::ClaimExtended { .. } => "claim-extended",
        Step::ClaimResumed { .. } => "claim-resumed",
        Step::PublicNotice { .. } => "public-notice",
        Step::Claimed => "claimed",
        Step::Lapsed => "lapsed",
        Step::ReleasePublished { .. } => "release-published",
        Step::Deposited { .. } => "deposited",
        Step::ReleaseExpired => "release-expired",
        Step::Verified => "verified",
        Step::Recorded => "recorded",
        Step::SentBack => "sent-back",
        Step::Confirmed => "confirmed",
        Step::Objected { .. } => "objected",
        Step::LetStand { .. } => "let-stand",
        Step::Reopened { .. } => "reopened",
    }
}

#[derive(Template)]
#[template(path = "office/award.html")]
struct AwardPage {
    page: Page,
    base: String,
    done: String,
    facts: Vec<(String, String)>,
    last_day: Option<LastDay>,
    /// Until when the reporter's objection is to be answered.
    answer_by: Option<LastDay>,
    steps: Vec<StepView>,
    ending: String,
    /// Day and person; what.
    history: Vec<(String, String)>,
    has_package: bool,
    package_command: String,
    /// Address and label.
    acts: Vec<(String, String)>,
    waits_for_other: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The keys are put together at run time, each from an arm of `step_code`.
    #[test]
    fn every_step_of_the_history_has_its_words() {
        let arms =
            include_str!("award.rs").split("fn step_code").nth(1).unwrap().split("\n}").next().unwrap();
        let codes: Vec<&str> =
            arms.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(codes.len() > 15, "{codes:?}");
        for code in codes {
            assert!(Lang::ALL.iter().all(|lang| lang.has(&format!("office-step-{code}"))), "{code}");
        }
    }

    #[test]
    fn every_objection_and_every_answer_to_one_has_its_words() {
        let of = |list: &str, code: &str| format!("{list}-{code}");
        let mut keys: Vec<String> = Answer::ALL.iter().map(|one| of("award-answer", one.code())).collect();
        for one in Objection::ALL {
            keys.extend(["office-objection", "award-objection"].map(|list| of(list, one.code())));
        }
        for key in keys {
            assert!(Lang::ALL.iter().all(|lang| lang.has(&key)), "{key}");
        }
    }
}

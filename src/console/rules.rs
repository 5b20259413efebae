//! The reward rules in force, and what a changed rule file would do to awards that are still open. Nothing is stored
//! here: a rule becomes one by being put into the policy folder.

use super::{ConsoleState, award_form::Outcome, view};
use crate::{
    award::{
        effect::{Effect, effect, is_open},
        paper::Paper,
    },
    ids::CaseNumber,
    policy::{PolicyError, RewardRules, Rule, Source},
    staff::{May, Member, Sent, grant, notice},
    web::{Errors, Face, Field, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{
    extract::State as Shared,
    http::{StatusCode, Uri},
    response::Response,
};

pub(super) async fn list(Shared(state): Shared<ConsoleState>, may: May<grant::ApproveAward>) -> Response {
    let lang = may.lang;
    let row = |(file, rule): (&str, &Rule)| RuleRow {
        title: view::text(&rule.title, lang),
        document: rule.document.clone(),
        version: rule.version.to_string(),
        place: state.place(&rule.region.to_string()),
        days: days(lang, rule),
        href: format!("/{}/rules/try?file={file}", lang.path()),
        file: file.to_owned(),
    };
    let rows = state.policy.rewards.files().map(row).collect();
    let page = state.page(&may, lang.t("rules-title"), "/approvals");
    html(StatusCode::OK, &RulesPage { rows, page })
}

fn days(lang: Lang, rule: &Rule) -> String {
    let from = view::day(rule.from);
    match rule.to {
        Some(to) => lang.t_with("rules-from-to", &view::values(&[("from", &from), ("to", &view::day(to))])),
        None => lang.t1("rules-from", "from", from),
    }
}

pub(super) async fn ask(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ApproveAward>,
    uri: Uri,
) -> Response {
    let query = Typed::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let mut typed = Typed::default();
    if let Some((file, text)) =
        state.policy.rewards.sources().iter().find(|(file, _)| file == query.raw("file"))
    {
        typed.set("file", file.clone());
        typed.set("text", text.clone());
    }
    page(&state, &may, None, &typed, Errors::default())
}

pub(super) async fn take(
    Shared(state): Shared<ConsoleState>,
    Sent { may, typed }: Sent<grant::ApproveAward>,
) -> Response {
    let mut errors = Errors::default();
    let changed = Source { file: typed.plain("file"), text: typed.raw("text").to_owned() };
    match state.policy.rewards_with(changed) {
        Ok(rules) => match state.note_read(&may, "rules", None).await {
            Ok(_) => match try_out(&state, may, rules).await {
                Ok((may, found)) => page(&state, &may, Some(found), &typed, errors),
                Err(response) => response,
            },
            Err(response) => response,
        },
        Err(refused) => {
            let field = if refused.line == 0 { "file" } else { "text" };
            errors.add(field, refusal(may.lang, &refused));
            page(&state, &may, None, &typed, errors)
        }
    }
}

/// Every open award is opened and decided again: not on a thread that serves others, and a few at once.
async fn try_out(
    state: &ConsoleState,
    may: May<grant::ApproveAward>,
    rules: RewardRules,
) -> Result<(May<grant::ApproveAward>, Found), Response> {
    let (lang, down) = (may.lang, "door-down");
    let refused = || notice(Face::Console, lang, StatusCode::SERVICE_UNAVAILABLE, down);
    let turn = state.trials.clone().acquire_owned().await.map_err(|_| refused())?;
    let console = state.clone();
    let tried = tokio::task::spawn_blocking(move || {
        let found = console.altered(&may, &rules);
        // Held until the work is done, also for somebody who has gone away meanwhile.
        drop(turn);
        (may, found)
    });
    tried.await.map_err(|_| refused())
}

fn refusal(lang: Lang, refused: &PolicyError) -> String {
    let line = refused.line.to_string();
    let values = [("file", refused.file.as_str()), ("line", &line), ("reason", &refused.reason)];
    lang.t_with("error-rule-file", &view::values(&values))
}

/// What a changed rule file would do.
struct Found {
    altered: Vec<AlteredRow>,
    /// Open awards it would leave as they are, under whatever number of steps.
    same: usize,
}

impl ConsoleState {
    /// Open awards this member may see, decided again under `rules`.
    fn altered(&self, member: &Member, rules: &RewardRules) -> Found {
        let lang = member.lang;
        let mut found = Found { altered: Vec::new(), same: 0 };
        for summary in self.cases.awards().into_iter().filter(|summary| is_open(&summary.state)) {
            let Ok(dossier) = self.peek(member, &summary.case.to_string()) else { continue };
            let Some(award) = dossier.award().filter(|award| is_open(award.state().name())) else { continue };
            let Ok(paper) = Paper::read(award.decision()) else { continue };
            match effect(&paper, rules) {
                Effect::None | Effect::SameSum => found.same += 1,
                Effect::Other(decision) => {
                    let Outcome { headline, text, rule, .. } = Outcome::of(lang, &decision);
                    found.altered.push(AlteredRow {
                        number: summary.case,
                        href: format!("/{}/cases/{}/award", lang.path(), summary.case),
                        state: lang.t(&format!("award-{}", award.state().name())),
                        now: lang.money(paper.amount.base_fen.0),
                        then: headline,
                        why: if rule.is_empty() { text } else { rule },
                    });
                }
            }
        }
        found.altered.sort_by_key(|row| row.number);
        found
    }

    /// For an award that is still open: what today's rules would make of its facts, if that is something else.
    pub(super) fn otherwise_now(&self, lang: Lang, paper: &Paper) -> String {
        match effect(paper, &self.policy.rewards) {
            Effect::None | Effect::SameSum => String::new(),
            Effect::Other(decision) => {
                lang.t1("award-other-rules", "amount", Outcome::of(lang, &decision).headline)
            }
        }
    }
}

fn page(
    state: &ConsoleState,
    member: &Member,
    found: Option<Found>,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = member.lang;
    let fields = [
        Field::line(lang, "file", lang.t("rules-file")).hint(lang.t("hint-rules-file")),
        Field::area(lang, "text", lang.t("rules-text"), 20),
    ];
    let fields = fields.into_iter().map(|field| field.filled(typed, &errors)).collect();
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = state.page(member, lang.t("rules-try-title"), "/approvals");
    page.back = page.href("/rules");
    page.errors = errors;
    let result = found.as_ref().map(|found| {
        let (altered, same) = (found.altered.len().to_string(), found.same.to_string());
        lang.t_with("rules-altered", &view::values(&[("altered", &altered), ("same", &same)]))
    });
    let template = TryPage {
        action: page.href("/rules/try"),
        result: result.unwrap_or_default(),
        altered: found.map(|found| found.altered).unwrap_or_default(),
        fields,
        page,
    };
    html(status, &template)
}

struct RuleRow {
    title: String,
    document: String,
    version: String,
    place: String,
    days: String,
    href: String,
    file: String,
}

struct AlteredRow {
    number: CaseNumber,
    href: String,
    state: String,
    now: String,
    then: String,
    why: String,
}

#[derive(Template)]
#[template(path = "console/rules.html")]
struct RulesPage {
    page: Page,
    rows: Vec<RuleRow>,
}

#[derive(Template)]
#[template(path = "console/rules-try.html")]
struct TryPage {
    page: Page,
    action: String,
    /// Empty: nothing was tried yet.
    result: String,
    altered: Vec<AlteredRow>,
    fields: Vec<Field>,
}

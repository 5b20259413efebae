//! The questions that are plain forms: name or not, kind, industry, where and who, what happened.
//!
//! The answer to the first one stays on the device where a script can keep it there: `web/src/reporter/name.ts` sends
//! [`draft::DEVICE`] in its place. Who goes on without script after that is asked again, on a page that has none
//! ([`PLAIN_NAME`]).

use super::{
    PortalState,
    draft::{self, Draft, NAMELESS, SEALED, Step},
    visit::{Visit, Visitor},
};
use crate::{
    policy::MatterKind,
    web::{
        Choice, Control, Errors, Field, Form, Lang, Page, Script, Typed, html, script, see_other, with_script,
    },
};
use askama::Template;
use axum::{
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::Response,
};

/// The first question where the server is to know the answer: this page has no script, and leads on to the others
/// without one.
pub(super) const PLAIN_NAME: &str = "/name?plain=1";
/// A hidden field of that page's form.
const PLAIN: &str = "plain";

/// Any page that is a heading, a form and one main button.
#[derive(Template)]
#[template(path = "portal/form.html")]
pub(super) struct FormPage {
    pub page: Page,
    /// What keeps the answer on the device.
    pub script: Option<&'static Script>,
    /// Whose answer it is, for the script; empty: there is none.
    pub mark: String,
    /// The page has its own `h1`; else the first field's label is it.
    pub heading: bool,
    pub intro: Vec<String>,
    pub warning: Vec<String>,
    pub hidden: Vec<(&'static str, String)>,
    pub fields: Vec<Field>,
    pub outro: Vec<String>,
    pub action: &'static str,
    pub button: String,
    pub danger: bool,
    /// Words of a way back that stands before the button; empty: none.
    pub stay: String,
    /// Address and words of each other way on.
    pub others: Vec<(String, String)>,
    /// Heading and lines of something to unfold above the form; no lines: nothing.
    pub more: (String, Vec<String>),
}

impl FormPage {
    pub fn new(page: Page, action: &'static str, button: String, fields: Vec<Field>) -> Self {
        Self {
            page,
            script: None,
            mark: String::new(),
            heading: true,
            intro: Vec::new(),
            warning: Vec::new(),
            hidden: Vec::new(),
            fields,
            outro: Vec::new(),
            action,
            button,
            danger: false,
            stay: String::new(),
            others: Vec::new(),
            more: Default::default(),
        }
    }
}

macro_rules! step {
    ($show:ident, $take:ident, $step:expr) => {
        pub(super) async fn $show(
            State(portal): State<PortalState>,
            visitor: Visitor,
            RawQuery(query): RawQuery,
        ) -> Result<Response, Response> {
            let mut visit = visitor.drafting().await?;
            let plain = query.as_deref() == Some("plain=1");
            Ok(show(&portal, &visitor, &mut visit, $step, plain, None))
        }
        pub(super) async fn $take(
            State(portal): State<PortalState>,
            visitor: Visitor,
            Form(typed): Form,
        ) -> Result<Response, Response> {
            let mut visit = visitor.drafting().await?;
            visitor.own_form(&visit, &typed)?;
            if !visit.may_grow(more(&visit, $step, &typed)) {
                let full = no_room(visitor.lang, $step.fields()[0]);
                let plain = typed.has(PLAIN);
                return Ok(later(show(&portal, &visitor, &mut visit, $step, plain, Some((typed, full)))));
            }
            Ok(take(&portal, &visitor, &mut visit, $step, typed))
        }
    };
}
step!(name, take_name, Step::Name);
step!(kind, take_kind, Step::Kind);
step!(industry, take_industry, Step::Industry);
step!(place, take_place, Step::Place);
step!(story, take_story, Step::Story);

fn take(portal: &PortalState, visitor: &Visitor, visit: &mut Visit, step: Step, typed: Typed) -> Response {
    let policy = &portal.policy;
    let errors = draft::check(step, &typed, policy, visitor.lang);
    let plain = typed.has(PLAIN);
    let mut is_kept = false;
    if let Some(draft) = &mut visit.draft {
        draft.keep(step, &typed, &policy.intake);
        is_kept = draft.holds(step, &typed);
    }
    // Whoever looks elsewhere is not told what is missing, but does not leave behind what cannot be kept.
    if typed.has("switch") && (is_kept || errors.is_empty()) {
        let aside = visitor.aside(&typed, step.path(), before(step));
        return see_other(&aside.unwrap_or_else(|| visitor.href(step.path())));
    }
    if step == Step::Industry && policy.intake.out_of_scope(typed.raw("industry")).is_some() {
        return see_other(&visitor.href(&format!("/elsewhere/{}", typed.raw("industry"))));
    }
    if !errors.is_empty() {
        return show(portal, visitor, visit, step, plain, Some((typed, errors)));
    }
    see_other(&visitor.href(if plain { next(portal, visit) } else { onward(portal, visit) }))
}

/// How much heavier the draft becomes by what was typed at this step.
pub(super) fn more(visit: &Visit, step: Step, typed: &Typed) -> usize {
    let kept = visit.draft.as_ref().map_or(0, |draft| draft.typed(step).bytes());
    typed.bytes().saturating_sub(kept)
}

/// What is said where a visit has become so heavy that there is no room for more of it. The page shows what was typed.
pub(super) fn no_room(lang: Lang, field: &str) -> Errors {
    let mut errors = Errors::default();
    errors.add(field, lang.t("no-room"));
    errors
}

/// Such a page: it may be sent again as it is.
pub(super) fn later(mut page: Response) -> Response {
    *page.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    page.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
    page
}

/// The next question without an answer, else the page that seals.
pub(super) fn onward(portal: &PortalState, visit: &Visit) -> &'static str {
    visit.draft.as_ref().and_then(|draft| draft.unanswered(&portal.policy)).map_or("/seal", Step::path)
}

/// The same on the way without script: what was answered on the device is asked here, and the identity page comes before
/// the check page.
pub(super) fn next(portal: &PortalState, visit: &Visit) -> &'static str {
    visit.draft.as_ref().map_or("/check", |draft| without_script(portal, draft))
}

/// Where that way goes on with this draft.
pub(super) fn without_script(portal: &PortalState, draft: &Draft) -> &'static str {
    match draft.missing(&portal.policy) {
        Some(Step::Name) if draft.is_answered_on_device() => PLAIN_NAME,
        Some(step) => step.path(),
        None => "/check",
    }
}

/// Where "Back" leads: the question before.
pub(super) fn before(step: Step) -> &'static str {
    match Step::ALL.iter().position(|s| *s == step) {
        Some(at) if at > 0 => Step::ALL[at - 1].path(),
        _ => "/agree",
    }
}

/// The same on the page of [`PLAIN_NAME`]: the page of that way which is next with the answer as it is. There is none where
/// that way was not taken yet, or not up to its end.
fn before_plain(portal: &PortalState, visit: &Visit) -> &'static str {
    match next(portal, visit) {
        here @ ("/identity" | "/check") => here,
        _ => "/seal",
    }
}

fn show(
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    step: Step,
    plain: bool,
    refused: Option<(Typed, Errors)>,
) -> Response {
    let lang = visitor.lang;
    // Where there is no choice, there is nothing that the server should not know.
    let has_choice = step == Step::Name && portal.policy.intake.service.rewards;
    let plain = plain && has_choice;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let kept = || visit.draft.as_ref().map(|draft: &Draft| draft.typed(step).clone()).unwrap_or_default();
    let (typed, errors) = refused.unwrap_or_else(|| (kept(), Errors::default()));

    let title = lang.t(match step {
        Step::Name => "name-title",
        Step::Region => "region-title",
        Step::Kind => "kind-title",
        Step::Industry => "industry-title",
        Step::Place => "place-title",
        Step::Story => "story-title",
        Step::Identity => "identity-title",
    });
    let mut page = visitor.page(if plain { PLAIN_NAME } else { step.path() }, title, visit);
    // Who leaves the page that says what the server sees does not tell it by leaving.
    (page.switch_posts, page.keeps_typed) = (!plain, !plain);
    page.back = page.href(if plain { before_plain(portal, visit) } else { before(step) });
    let fields = fields(portal, step, lang, &typed).into_iter().map(|f| f.filled(&typed, &errors)).collect();
    page.errors = errors;

    let mut form = FormPage::new(page, step.path(), lang.t("continue"), fields);
    form.heading = matches!(step, Step::Place | Step::Story);
    match step {
        Step::Name => form.outro.push(lang.t("name-change")),
        Step::Story => form.intro.push(lang.t("story-point")),
        _ => {}
    }
    if plain {
        form.warning.push(lang.t("name-server"));
        form.hidden.push((PLAIN, "1".to_owned()));
    } else if let Some(draft) = visit.draft.as_ref().filter(|_| has_choice) {
        form.script = Some(script("reporter-name"));
        form.mark = draft.mark.to_string();
    }
    let shown = html(status, &form);
    if form.script.is_some() { with_script(shown) } else { shown }
}

/// The first question's answers, in the same words wherever it is asked.
pub(super) fn name_choices(portal: &PortalState, lang: Lang) -> Vec<Choice> {
    let nameless = Choice::new(NAMELESS, lang.t("name-nameless"));
    if !portal.policy.intake.service.rewards {
        // Only a claim opens a name; where nothing can be claimed, none is taken.
        return vec![nameless.hint(lang.t("name-none-asked-hint"))];
    }
    let hint = lang.t1("name-sealed-hint", "trustees", portal.recipients.threshold());
    let sealed = Choice::new(SEALED, lang.t("name-sealed")).hint(hint);
    vec![nameless.hint(lang.t("name-nameless-hint")), sealed]
}

/// The same for the page that seals, where nothing remembers the answer: a list, which needs no name to be one.
pub(super) fn local_name_field(portal: &PortalState, lang: Lang) -> Field {
    let none = Choice::new("", lang.t("device-choose"));
    let choices = std::iter::once(none).chain(name_choices(portal, lang)).collect();
    Field::select(lang, "name", lang.t("name-choose"), choices).local()
}

fn fields(portal: &PortalState, step: Step, lang: Lang, typed: &Typed) -> Vec<Field> {
    let intake = &portal.policy.intake;
    match step {
        Step::Name => {
            let choices = name_choices(portal, lang);
            vec![Field::radios(lang, "name", lang.t("name-title"), choices).heading()]
        }
        Step::Kind => {
            let choice = |kind: &crate::policy::Kind| {
                Choice::new(kind.kind.as_str(), kind.name.get(lang)).hint(kind.hint.get(lang))
            };
            let (unsure, kinds): (Vec<_>, Vec<_>) =
                intake.kinds.iter().partition(|kind| kind.kind == MatterKind::Unsure);
            let choices = kinds.into_iter().chain(unsure).map(choice).collect();
            vec![Field::radios(lang, "kind", lang.t("kind-title"), choices).heading()]
        }
        Step::Industry => {
            let mut choices: Vec<_> = intake
                .industries
                .iter()
                .map(|industry| Choice::new(industry.code.as_str(), industry.name.get(lang)))
                .chain(intake.out_of_scope.iter().map(|s| Choice::new(s.code.as_str(), s.name.get(lang))))
                .collect();
            choices[0].group = lang.t("industry-in");
            choices[intake.industries.len()].group = lang.t("industry-out");
            let field = Field::radios(lang, "industry", lang.t("industry-title"), choices);
            vec![field.heading().hint(lang.t("industry-hint"))]
        }
        Step::Place => vec![
            Field::line(lang, "target", lang.t("place-target")).hint(lang.t("place-target-hint")),
            Field::line(lang, "address", lang.t("place-address"))
                .hint(lang.t("place-address-hint"))
                .optional(),
            Field::new(lang, "code", lang.t("place-code"), Control::Line { width: "w-20", numeric: false })
                .hint(lang.t("place-code-hint"))
                .optional(),
        ],
        Step::Story => {
            let now = vec![
                Choice::new("ongoing", lang.t("story-ongoing")),
                Choice::new("danger", lang.t("story-danger")).hint(lang.t("story-danger-hint")),
            ];
            let mut story = Field::area(lang, "story", lang.t("story-story"), 10).hint(lang.t("story-hint"));
            let (count, most) = (typed.length("story"), intake.fields.narrative.most as usize);
            if count * 5 > most * 4 {
                story.hint = lang.t_with("count-near", &[("count", count.into()), ("most", most.into())]);
            }
            vec![
                story,
                Field::line(lang, "when", lang.t("story-when")).hint(lang.t("story-when-hint")).optional(),
                Field::checks(lang, "now", lang.t("story-now"), now).optional(),
            ]
        }
        Step::Region | Step::Identity => Vec::new(),
    }
}

//! R11, what a reporter asks for on a page of its own: one text, checked as an addition is and sent as one, with an
//! envelope.

use super::{
    PortalState, draft,
    later::{self, Change, NotDone},
    mine,
    once::{Act, Once},
    steps::FormPage,
    visit::{Visit, Visitor},
};
use crate::{
    casework::{Case, Move},
    clock::Day,
    log::Event,
    policy::Intake,
    web::{Errors, Field, Form, Lang, Typed, html, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};

/// What is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// The reporter does not accept what was decided: somebody else is to look again.
    Review,
    /// The reporter suffers for it: whatever became of the case.
    Protection,
}

impl Ask {
    pub fn path(self) -> &'static str {
        match self {
            Self::Review => "/mine/object",
            Self::Protection => "/mine/retaliation",
        }
    }

    /// The name of the one field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Review => "objection",
            Self::Protection => "retaliation",
        }
    }

    fn words(self, lang: Lang, which: &str) -> String {
        let of = match self {
            Self::Review => "object",
            Self::Protection => "retaliation",
        };
        lang.t(&format!("{of}-{which}"))
    }

    fn missing(self) -> &'static str {
        match self {
            Self::Review => "object-missing",
            Self::Protection => "retaliation-missing",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Review => "mine-object-done",
            Self::Protection => "mine-retaliation-done",
        }
    }

    fn is_possible(self, case: &Case, today: Day) -> bool {
        match self {
            Self::Review => case.may_object_until(today).is_some(),
            Self::Protection => true,
        }
    }

    /// What to do about the text, in words.
    pub fn problems(self, typed: &Typed, intake: &Intake, lang: Lang) -> Errors {
        let mut errors = Errors::default();
        draft::text(&mut errors, typed, self.name(), intake, lang, self.missing(), self.missing());
        errors
    }

    pub fn change(self, typed: &Typed) -> Change {
        let text = typed.text(self.name()).to_owned();
        match self {
            Self::Review => Change { mv: Move::Object { text }, event: Event::Objected },
            // In the log an addition like any other: it says nothing of what the reporter goes through.
            Self::Protection => Change { mv: Move::Retaliation { text }, event: Event::Added },
        }
    }

    /// The one field, on the page without script and on the device.
    pub fn field(self, lang: Lang) -> Field {
        Field::area(lang, self.name(), self.words(lang, "title"), 6).hint(self.words(lang, "hint"))
    }

    pub fn page(self) -> MethodRouter<PortalState> {
        get(async move |portal: State<PortalState>, visitor: Visitor| show(self, portal, visitor).await).post(
            async move |portal: State<PortalState>, visitor: Visitor, form: Form| {
                take(self, portal, visitor, form).await
            },
        )
    }
}

async fn show(ask: Ask, State(portal): State<PortalState>, visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let Some(found) = mine::find(&portal, &visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    if !ask.is_possible(&found.dossier.case, portal.clock.today()) {
        mine::tell(&mut visit, "mine-moved-not");
        return Ok(see_other(&visitor.href("/mine")));
    }
    Ok(page(ask, &visitor, &mut visit, &Typed::default(), Errors::default()))
}

async fn take(
    ask: Ask,
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    let asked = Act::of(ask.path(), typed.raw(ask.name()).as_bytes());
    if once == Once::Spent && visit.tokens.was_spent_on(typed.raw("once"), asked) {
        return Ok(see_other(&visitor.href("/mine")));
    }
    let mut errors = ask.problems(&typed, &portal.policy.intake, visitor.lang);
    if once == Once::Spent {
        errors.add(ask.name(), visitor.lang.t("mine-add-again"));
    }
    if !errors.is_empty() || typed.has("switch") {
        return Ok(page(ask, &visitor, &mut visit, &typed, errors));
    }
    match later::act(&portal, &visitor, visit, (once, asked), ask.change(&typed), ask.done()).await {
        Ok(answer) => Ok(answer),
        Err(NotDone::Said(answer)) => Err(answer),
        Err(NotDone::Store(mut visit)) => {
            errors.add(ask.name(), visitor.lang.t("not-stored"));
            Ok(page(ask, &visitor, &mut visit, &typed, errors))
        }
    }
}

fn page(ask: Ask, visitor: &Visitor, visit: &mut Visit, typed: &Typed, errors: Errors) -> Response {
    let lang = visitor.lang;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visitor.page(ask.path(), ask.words(lang, "go"), visit);
    page.back = page.href("/mine");
    page.switch_posts = true;
    let field = ask.field(lang).filled(typed, &errors);
    page.errors = errors;
    let mut form = FormPage::new(page, ask.path(), ask.words(lang, "send"), vec![field]);
    form.intro = vec![ask.words(lang, "text")];
    html(status, &form)
}

//! R11, "ask for a review": the reporter does not accept what was decided, and says why.

use super::{
    PortalState, draft,
    later::{self, Change, NotDone},
    mine,
    once::{Act, Once},
    steps::FormPage,
    visit::{Visit, Visitor},
};
use crate::{
    casework::Move,
    log::Event,
    policy::Intake,
    web::{Errors, Field, Form, Lang, Typed, html, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

pub(super) async fn show(State(portal): State<PortalState>, visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let Some(found) = mine::find(&portal, &visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    if found.dossier.case.may_object_until(portal.clock.today()).is_none() {
        mine::tell(&mut visit, "mine-moved-not");
        return Ok(see_other(&visitor.href("/mine")));
    }
    Ok(page(&visitor, &mut visit, &Typed::default(), Errors::default()))
}

pub(super) async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    let asked = Act::of("/mine/object", typed.raw("objection").as_bytes());
    if once == Once::Spent && visit.tokens.was_spent_on(typed.raw("once"), asked) {
        return Ok(see_other(&visitor.href("/mine")));
    }
    let mut errors = problems(&typed, &portal.policy.intake, visitor.lang);
    if once == Once::Spent {
        errors.add("objection", visitor.lang.t("mine-add-again"));
    }
    if !errors.is_empty() || typed.has("switch") {
        return Ok(page(&visitor, &mut visit, &typed, errors));
    }
    match later::act(&portal, &visitor, visit, (once, asked), change(&typed), "mine-object-done").await {
        Ok(answer) => Ok(answer),
        Err(NotDone::Said(answer)) => Err(answer),
        Err(NotDone::Store(mut visit)) => {
            errors.add("objection", visitor.lang.t("not-stored"));
            Ok(page(&visitor, &mut visit, &typed, errors))
        }
    }
}

/// What to do about the text, in words.
pub(super) fn problems(typed: &Typed, intake: &Intake, lang: Lang) -> Errors {
    let mut errors = Errors::default();
    draft::text(&mut errors, typed, "objection", intake, lang, "object-missing", "object-missing");
    errors
}

pub(super) fn change(typed: &Typed) -> Change {
    Change { mv: Move::Object { text: typed.text("objection").to_owned() }, event: Event::Objected }
}

/// The one field, on the page without script and on the device.
pub(super) fn field(lang: Lang) -> Field {
    Field::area(lang, "objection", lang.t("object-title"), 6).hint(lang.t("object-hint"))
}

fn page(visitor: &Visitor, visit: &mut Visit, typed: &Typed, errors: Errors) -> Response {
    let lang = visitor.lang;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visitor.page("/mine/object", lang.t("object-go"), visit);
    page.back = page.href("/mine");
    page.switch_posts = true;
    let field = field(lang).filled(typed, &errors);
    page.errors = errors;
    let mut form = FormPage::new(page, "/mine/object", lang.t("object-send"), vec![field]);
    form.intro = vec![lang.t("object-text")];
    html(status, &form)
}

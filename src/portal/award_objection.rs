//! R11, when an award is not paid: its reporter objects to that, by one of a few sentences and no words of their own, so
//! that nothing about a person can be written. It stands in the award's record, for the reward office alone; the case
//! and what staff read of it stay as they were, whatever state the case is in.

use super::{
    PortalState, later, mine,
    once::{Act, Once},
    refused_by_store,
    steps::FormPage,
    visit::{Visit, Visitor},
};
use crate::{
    award::record::{Award, AwardRefused, Objection},
    casework::MoveRefused,
    log::{Event, Leaf},
    store::{Dossier, Found, Refused, Step},
    web::{Choice, Errors, Field, Form, Lang, Typed, html, see_other},
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use fluent_bundle::FluentValue;

pub(super) const PATH: &str = "/mine/award-objection";
/// The name of the one field.
const FIELD: &str = "award-objection";

pub(super) fn page() -> MethodRouter<PortalState> {
    get(show).post(take)
}

/// The one field, for the device's script: a list, which needs no name to be one.
pub(super) fn local_field(lang: Lang) -> Field {
    let none = Choice::new("", lang.t("device-choose"));
    let choices = std::iter::once(none).chain(choices(lang)).collect();
    Field::select(lang, FIELD, lang.t("award-object-title"), choices).local()
}

/// What can be said, in the order shown.
fn choices(lang: Lang) -> Vec<Choice> {
    Objection::ALL.into_iter().map(|one| Choice::new(one.code(), words(lang, one))).collect()
}

pub(super) fn words(lang: Lang, objection: Objection) -> String {
    lang.t(&format!("award-objection-{}", objection.code()))
}

async fn show(State(portal): State<PortalState>, visitor: Visitor) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let Some(found) = mine::find(&portal, &visitor, &visit)? else {
        return Err(visitor.ended().into_response());
    };
    if let Some(why) = why_not(&found) {
        mine::tell(&mut visit, why);
        return Ok(see_other(&visitor.href("/mine")));
    }
    Ok(form(&visitor, &mut visit, &Typed::default(), Errors::default()))
}

async fn take(
    State(portal): State<PortalState>,
    visitor: Visitor,
    Form(typed): Form,
) -> Result<Response, Response> {
    let mut visit = visitor.signed_in().await?;
    let once = visitor.own_form(&visit, &typed)?;
    let asked = Act::of(PATH, typed.raw(FIELD).as_bytes());
    if once == Once::Spent {
        // The way back led to a page that was sent before; something else was chosen on it now.
        if !visit.tokens.was_spent_on(typed.raw("once"), asked) {
            mine::tell(&mut visit, "mine-award-object-again");
        }
        return Ok(see_other(&visitor.href("/mine")));
    }
    let Some(objection) = Objection::from_code(typed.raw(FIELD)) else {
        let mut errors = Errors::default();
        errors.add(FIELD, visitor.lang.t("award-object-missing"));
        return Ok(form(&visitor, &mut visit, &typed, errors));
    };
    let then = move |visit: &mut Visit| {
        if let Once::Fresh(number) = once {
            visit.tokens.spend(number, asked);
        }
    };
    let step = step(&portal, objection);
    let (mut visit, made) = later::make(&portal, &visitor, visit, step, then).await?;
    let said = match made {
        Ok(()) => "mine-award-object-done",
        Err(Refused::Award(AwardRefused::ObjectedAlready)) => "mine-award-object-again",
        Err(Refused::Award(_) | Refused::Move(_) | Refused::Inconsistent(_) | Refused::LogFull) => {
            "mine-moved-not"
        }
        Err(refused) => {
            refused_by_store(&refused);
            return Err(mine::down(&visitor));
        }
    };
    mine::tell(&mut visit, said);
    Ok(see_other(&visitor.href("/mine")))
}

/// The objection as the store takes it. No envelope goes with it: there is nothing that one could hold, and it is never
/// refused because no more of them fit. The case's version stays: whoever reads the case must not see that something
/// was done.
pub(super) fn step(portal: &PortalState, objection: Objection) -> Step {
    let day = portal.clock.today();
    Step {
        expected_version: None,
        sealed: None,
        change: Box::new(move |dossier, _| {
            if dossier.case.passed_to.is_some() {
                return Err(MoveRefused::Missing("award").into());
            }
            let award = dossier.awards.last_mut().ok_or(MoveRefused::Missing("award"))?;
            *award = award.object(objection, day)?;
            Ok(Some(Leaf::plain(Event::Objected, day)))
        }),
    }
}

/// Why there is nothing to object to now, as a key.
fn why_not(found: &Found) -> Option<&'static str> {
    match found.dossier.award() {
        // The next of the matter has it: it comes back to nobody.
        Some(_) if found.dossier.case.passed_to.is_some() => Some("mine-moved-not"),
        Some(award) if award.awaits_objection() => None,
        Some(award) if award.objection().is_some() => Some("mine-award-object-again"),
        _ => Some("mine-moved-not"),
    }
}

/// Whether the report's page offers it.
pub(super) fn is_offered(found: &Found) -> bool {
    why_not(found).is_none()
}

/// What its reporter has objected, and what was answered, else until when there is to be an answer. `None`: nothing was said.
pub(super) fn told(portal: &PortalState, lang: Lang, award: &Award) -> Option<String> {
    let (day, objection) = award.objection()?;
    let until = portal.policy.deadlines.review.after(day);
    let mut values: Vec<(&str, FluentValue<'_>)> =
        vec![("day", lang.day(day).into()), ("what", words(lang, objection).into())];
    let key = match award.answer() {
        Some((on, answer)) => {
            values.push(("answered", lang.day(on).into()));
            values.push(("why", lang.t(&format!("award-answer-{}", answer.code())).into()));
            "award-answered"
        }
        None if portal.clock.today() <= until => {
            values.push(("until", lang.day(until).into()));
            "award-objected"
        }
        // What has passed is not promised any more.
        None => "award-objected-late",
    };
    Some(lang.t_with(key, &values))
}

/// Where whoever has objected can come, and by which day. `None`: nothing is open, the day has passed, or the next of the
/// matter has the award.
pub(super) fn come(portal: &PortalState, lang: Lang, dossier: &Dossier) -> Option<String> {
    let (objected, _) = dossier.award()?.open_objection()?;
    let by = portal.policy.deadlines.come_by(objected);
    if dossier.case.passed_to.is_some() || portal.clock.today() > by {
        return None;
    }
    let day = ("day", lang.day(by).into());
    let case = ("case", dossier.case.number.to_string().into());
    let phone = ("phone", portal.policy.intake.service.hotline.as_str().into());
    Some(lang.t_with("mine-next-award-come", &[day, case, phone]))
}

fn form(visitor: &Visitor, visit: &mut Visit, typed: &Typed, errors: Errors) -> Response {
    let lang = visitor.lang;
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visitor.page(PATH, lang.t("award-object-go"), visit);
    page.back = page.href("/mine");
    let field =
        Field::radios(lang, FIELD, lang.t("award-object-title"), choices(lang)).filled(typed, &errors);
    page.errors = errors;
    let mut form = FormPage::new(page, PATH, lang.t("award-object-send"), vec![field]);
    form.intro = vec![lang.t("award-object-text")];
    html(status, &form)
}

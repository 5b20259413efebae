//! R11, what a reporter asks for on a page of its own: one text, checked as an addition is and sent as one, with an
//! envelope.

use super::{
    PortalState, draft,
    later::{self, Change, NotDone},
    mine,
    once::{Act, Once},
    original, refused_by_store,
    steps::{self, FormPage},
    unsent,
    visit::{Visit, Visitor},
};
use crate::{
    casework::{Case, Move, State as CaseState},
    clock::Day,
    log::Event,
    policy::{Intake, Months},
    store::Month,
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
    /// An original is not to be opened that was asked for.
    Original,
    /// The report is to be deleted: at once while nobody has decided on it, else when staff agree.
    Deletion,
}

impl Ask {
    pub fn path(self) -> &'static str {
        match self {
            Self::Review => "/mine/object",
            Self::Protection => "/mine/retaliation",
            Self::Original => "/mine/original",
            Self::Deletion => "/mine/delete",
        }
    }

    /// The name of the one field.
    pub fn name(self) -> &'static str {
        match self {
            Self::Review => "objection",
            Self::Protection => "retaliation",
            Self::Original => "refusal",
            Self::Deletion => "deletion",
        }
    }

    fn words(self, lang: Lang, which: &str) -> String {
        let of = match self {
            Self::Review => "object",
            Self::Protection => "retaliation",
            Self::Original => "stop",
            Self::Deletion => "delete",
        };
        lang.t(&format!("{of}-{which}"))
    }

    fn missing(self) -> &'static str {
        match self {
            Self::Review => "object-missing",
            Self::Protection => "retaliation-missing",
            // Never said: nobody has to say why.
            Self::Original | Self::Deletion => "not-stored",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Review => "mine-object-done",
            Self::Protection => "mine-retaliation-done",
            Self::Original => "mine-stop-done",
            Self::Deletion => "mine-delete-done",
        }
    }

    fn is_possible(self, case: &Case, today: Day) -> bool {
        match self {
            Self::Review => case.may_object_until(today).is_some(),
            Self::Protection => true,
            Self::Original => case.asked_original().is_some_and(|request| !request.has_lapsed(today)),
            Self::Deletion => may_delete(case),
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
            Self::Original => Change { mv: Move::ObjectOriginal { text }, event: Event::Objected },
            Self::Deletion => Change { mv: Move::AskDeletion { text }, event: Event::Added },
        }
    }

    /// The one field, on the page without script and on the device.
    pub fn field(self, lang: Lang) -> Field {
        let field =
            Field::area(lang, self.name(), self.words(lang, "title"), 6).hint(self.words(lang, "hint"));
        if matches!(self, Self::Original | Self::Deletion) { field.optional() } else { field }
    }

    /// After it is stored. The report is without its files already; what could not be written over is tried again at
    /// the next removal.
    pub async fn finish(self, portal: &PortalState) {
        if self != Self::Deletion {
            return;
        }
        let reports = portal.reports.clone();
        let overwritten = tokio::task::spawn_blocking(move || reports.overwrite_removed()).await;
        if let Ok(Err(refused)) = overwritten {
            refused_by_store(&refused);
        }
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
    let written = unsent::of(&visit);
    Ok(page(ask, &portal, &visitor, &mut visit, &written, Errors::default()))
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
    let is_sent = once == Once::Spent && visit.tokens.was_spent_on(typed.raw("once"), asked);
    let mut errors = ask.problems(&typed, &portal.policy.intake, visitor.lang);
    if let Some(aside) = visitor.aside(&typed, ask.path(), "/mine") {
        if is_sent || unsent::keep(&mut visit, ask.name(), &typed, &portal.policy.intake) {
            return Ok(see_other(&aside));
        }
        if errors.is_empty() {
            let full = steps::no_room(visitor.lang, ask.name());
            return Ok(steps::later(page(ask, &portal, &visitor, &mut visit, &typed, full)));
        }
    }
    if is_sent {
        return Ok(see_other(&visitor.href("/mine")));
    }
    if once == Once::Spent {
        errors.add(ask.name(), visitor.lang.t("mine-add-again"));
    }
    if !errors.is_empty() || typed.has("switch") {
        return Ok(page(ask, &portal, &visitor, &mut visit, &typed, errors));
    }
    unsent::forget(&mut visit, ask.name());
    match later::act(&portal, &visitor, visit, (once, asked), ask.change(&typed), ask.done()).await {
        Ok(answer) => {
            ask.finish(&portal).await;
            if ask == Ask::Deletion {
                tell_if_deleted(&portal, &visitor).await;
            }
            Ok(answer)
        }
        Err(NotDone::Said(answer)) => Err(answer),
        Err(NotDone::Refused(mut visit, why)) => {
            errors.add(ask.name(), why);
            Ok(page(ask, &portal, &visitor, &mut visit, &typed, errors))
        }
        Err(NotDone::Store(mut visit)) => {
            errors.add(ask.name(), visitor.lang.t("not-stored"));
            Ok(page(ask, &portal, &visitor, &mut visit, &typed, errors))
        }
    }
}

/// What nobody had decided on is gone already, and waits for no decision.
async fn tell_if_deleted(portal: &PortalState, visitor: &Visitor) {
    let Some(mut visit) = visitor.open().await else { return };
    let found = mine::find(portal, visitor, &visit).ok().flatten();
    if found.is_some_and(|found| found.dossier.case.open_deletion().is_none()) {
        mine::tell(&mut visit, "mine-deleted-done");
    }
}

fn page(
    ask: Ask,
    portal: &PortalState,
    visitor: &Visitor,
    visit: &mut Visit,
    typed: &Typed,
    errors: Errors,
) -> Response {
    let lang = visitor.lang;
    let intro = match ask {
        Ask::Deletion | Ask::Original => match mine::find(portal, visitor, visit) {
            Ok(found) => {
                let lines = if ask == Ask::Deletion { deletion } else { original::intro };
                found.map(|found| lines(portal, lang, &found.dossier.case)).unwrap_or_default()
            }
            Err(answer) => return answer,
        },
        _ => vec![ask.words(lang, "text")],
    };
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let mut page = visitor.page(ask.path(), ask.words(lang, "go"), visit);
    page.back = page.href("/mine");
    (page.switch_posts, page.keeps_typed) = (true, true);
    let field = ask.field(lang).filled(typed, &errors);
    page.errors = errors;
    let mut form = FormPage::new(page, ask.path(), ask.words(lang, "send"), vec![field]);
    form.intro = intro;
    if ask == Ask::Deletion {
        (form.danger, form.stay) = (true, lang.t("delete-stay"));
    }
    html(status, &form)
}

pub(super) fn may_delete(case: &Case) -> bool {
    case.open_deletion().is_none() && case.can_be_erased()
}

/// What is deleted at once, what waits for its month's key, what stays in the public log.
pub(super) fn deletion(portal: &PortalState, lang: Lang, case: &Case) -> Vec<String> {
    let (kept, today) = (&portal.policy.retention, portal.clock.today());
    let last = |months: Months, from: Day| lang.day(Month::of(months.after(from)).last_day());
    let is_undecided = matches!(case.state, CaseState::Submitted | CaseState::SupplementRequested);
    let by = lang.day(portal.policy.deadlines.deletion.after(today));
    let first = match is_undecided {
        true => lang.t("delete-now"),
        false => lang.t1("delete-asked", "day", by),
    };
    let waits = [("here", last(kept.withdrawn, today)), ("backups", last(kept.open_case, case.received))];
    let mut lines = vec![first, lang.t("delete-at-once")];
    lines.push(lang.t_with("delete-waits", &waits.map(|(name, day)| (name, day.into()))));
    lines.extend(["delete-stays", "delete-log", "delete-end"].map(|key| lang.t(key)));
    lines
}

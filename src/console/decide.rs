//! One page a move (screens I3, I4): the form, then for words that the reporter reads, and for moves with no way
//! back, a page that shows exactly what will happen. Nothing is shown as done before the store has it.

use super::{
    ConsoleState, confirm, move_form,
    send_file::{self, Chosen, Received},
    view,
};
use crate::{
    casework::{Case, MessageText, Move, MoveKind, MoveRefused, Rules, apply},
    ids::CaseNumber,
    log::{Event, Leaf},
    mailbox,
    staff::{May, Member, grant},
    store::{Refused, Step, Upload},
    web::{Errors, Field, Page, Typed, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, Request, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};
use zeroize::Zeroizing;

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::MoveCases>,
    Path((_, number, mv)): Path<(String, String, String)>,
    uri: Uri,
) -> Response {
    let dossier = match state.open(&may, &number, "move").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    match MoveKind::parse(&mv).filter(|mv| state.made_here(&dossier.case, &may, *mv)) {
        None => state.no_such_move(&may, &number),
        Some(mv) => {
            let mut typed = move_form::first_values(&state, may.lang, &dossier.case, mv);
            let into = uri.query().and_then(|query| query.strip_prefix("into="));
            if let (MoveKind::Merge, Some(Ok(lead))) = (mv, into.map(str::parse::<CaseNumber>)) {
                // From the list of likely repeats.
                typed.set("into", lead.to_string());
            }
            form(&state, &may, &dossier.case, mv, &typed, Errors::default(), StatusCode::OK)
        }
    }
}

pub(super) async fn take(
    Shared(state): Shared<ConsoleState>,
    Path((_, number, mv)): Path<(String, String, String)>,
    request: Request,
) -> Response {
    let Received { may, typed, chosen } = match send_file::receive(&state, &number, &mv, request).await {
        Ok(received) => received,
        Err(response) => return response,
    };
    // A page that comes back with an error shows the case as well.
    let case = match state.open(&may, &number, "move-sent").await {
        Ok(opened) => opened.case.clone(),
        Err(response) => return response,
    };
    let Some(mv) = MoveKind::parse(&mv) else { return state.no_such_move(&may, &number) };
    let (lang, today, rules) = (may.lang, state.clock.today(), Rules::of(&state.policy));
    let mut errors = Errors::default();
    // First of all, so that what was typed is kept even where the move is gone.
    if typed.plain("version").parse() != Ok(case.version) {
        errors.add("version", lang.t("error-changed"));
        return form(&state, &may, &case, mv, &typed, errors, StatusCode::CONFLICT);
    }
    if !state.made_here(&case, &may, mv) {
        return state.no_such_move(&may, &number);
    }
    let Some(read) = move_form::read(&state, lang, &case, mv, &typed, &mut errors) else {
        return form(&state, &may, &case, mv, &typed, errors, StatusCode::UNPROCESSABLE_ENTITY);
    };
    let told = move_form::told(lang, &read);
    let read = match state.sealed(&case, read, &chosen) {
        Ok(Some(sealed)) => sealed,
        Ok(None) => {
            errors.add("text", lang.t("error-no-mailbox"));
            return form(&state, &may, &case, mv, &typed, errors, StatusCode::CONFLICT);
        }
        Err(cause) => return state.down(lang, &cause),
    };
    let after = match apply(&case, read.clone(), &may.actor, today, &rules) {
        Ok(after) => after,
        Err(refused) => return state.refuse_move(&may, &case, mv, &typed, &refused),
    };
    if let Move::Merge { into, .. } = &read
        && let Err(refused) = state.check_lead(&may, &case, *into)
    {
        return state.refuse_move(&may, &case, mv, &typed, &refused);
    }
    if let Move::Decline { ground, .. } = &read
        && rules.same_reporter_grounds.contains(ground)
        && !state.was_accepted_before(&case)
    {
        return state.refuse_move(&may, &case, mv, &typed, &MoveRefused::NotSameReporter);
    }
    let needs_a_look = mv.is_final() || !told.is_empty();
    if typed.raw("step") == "back" {
        return form(&state, &may, &case, mv, &typed, errors, StatusCode::OK);
    }
    if let Chosen::NotTaken(why) = chosen {
        errors.add("file", why.sentence(lang, &state.policy.intake.attachments));
    }
    if needs_a_look && (typed.raw("step") != "do" || !errors.is_empty()) {
        if let Move::Merge { into, .. } = &read
            && let Err(response) = state.note_read(&may, "lead", Some(*into)).await
        {
            return response;
        }
        return confirm::show(&state, &may, &case, &after, mv, &typed, &told, errors);
    }
    if mv.is_final() && typed.plain("typed-number") != case.number.to_string() {
        errors.add("typed-number", lang.t1("error-typed-number", "number", case.number.to_string()));
        return confirm::show(&state, &may, &case, &after, mv, &typed, &told, errors);
    }
    let made = match read {
        Move::Merge { into, .. } => state.merge(&may, &case, read, into).await,
        read => state.make(&may, &case, read, rules, chosen.upload()).await,
    };
    match made {
        // Handed up, it is out of reach for those below.
        Ok(()) if !state.reaches(&may, after.handled_by(&state.policy.bodies)) => {
            see_other(&format!("/{}/cases?done={}", lang.path(), mv.code()))
        }
        Ok(()) => see_other(&format!("/{}/cases/{number}?done={}", lang.path(), mv.code())),
        Err(Refused::Changed) => {
            errors.add("version", lang.t("error-changed"));
            form(&state, &may, &case, mv, &typed, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Move(refused)) => state.refuse_move(&may, &case, mv, &typed, &refused),
        // Case and award do not allow it together, for example a deletion while an award is on its way.
        Err(Refused::Inconsistent(_)) => state.no_such_move(&may, &number),
        Err(cause) => state.down(lang, &cause),
    }
}

impl ConsoleState {
    /// Whether this is the page of that move, and this person's to make now.
    fn made_here(&self, case: &Case, member: &Member, mv: MoveKind) -> bool {
        !matches!(mv, MoveKind::MakeSheet | MoveKind::AskOriginal) && self.moves(case, member).contains(&mv)
    }

    /// Words to the reporter as the store may have them: sealed to the receipt, here and nowhere later. `None`: there
    /// is no mailbox to seal them to.
    fn sealed(&self, case: &Case, mv: Move, chosen: &Chosen) -> Result<Option<Move>, Refused> {
        let (words, done) = match mv {
            Move::Say { text: MessageText::Clear(words), .. } => (words, None),
            Move::AnswerRetaliation { answer: MessageText::Clear(words), reason } => (words, Some(reason)),
            mv => return Ok(Some(mv)),
        };
        let words = Zeroizing::new(words);
        let Some(mailbox) = self.cases.mailbox(case.number)? else { return Ok(None) };
        let text = MessageText::Sealed(mailbox::seal(&words, &mailbox));
        Ok(Some(match done {
            None => Move::Say { text, file: chosen.file() },
            Some(reason) => Move::AnswerRetaliation { answer: text, reason },
        }))
    }

    /// Makes the move on the case as it is then, with the file it sends, if it is still the version the form was built on.
    async fn make(
        &self,
        member: &Member,
        case: &Case,
        mv: Move,
        rules: Rules,
        upload: Option<Upload>,
    ) -> Result<(), Refused> {
        let (actor, id, today) = (member.actor.clone(), member.id().clone(), self.clock.today());
        // The reporter's own history in the log shows a conclusion that never led to a reply.
        let event = (mv.kind() == MoveKind::Conclude).then(|| Leaf::plain(Event::Concluded, today));
        let deletes = mv.kind() == MoveKind::GrantDeletion;
        let change = Box::new(move |dossier: &mut crate::store::Dossier, _: &crate::store::Place| {
            let kind = mv.kind();
            dossier.case = apply(&dossier.case, mv, &actor, today, &rules)?;
            dossier.after_review(kind, &id, today);
            Ok(event)
        });
        let step = Step { expected_version: Some(case.version), sealed: None, change };
        let made = match upload {
            Some(upload) => {
                // Sending ends with a write of its own: not on a thread that serves requests.
                let (cases, number) = (self.cases.clone(), case.number);
                let sent = tokio::task::spawn_blocking(move || cases.send(number, upload, step).wait());
                sent.await.unwrap_or(Err(Refused::Panicked))
            }
            None => self.cases.change(case.number, step).await,
        };
        if made.is_ok() && deletes {
            let cases = self.cases.clone();
            let overwritten = tokio::task::spawn_blocking(move || cases.overwrite_removed()).await;
            // The case is without its files already; what could not be written over is tried again at the next removal.
            if let Ok(Err(cause)) = overwritten {
                tracing::error!(%cause, "console: the files of a deleted report were not written over");
            }
        }
        made.map(|_| ())
    }

    pub(super) fn no_such_move(&self, member: &Member, number: &str) -> Response {
        let mut page = self.page(member, member.lang.t("move-gone-title"), "");
        page.back = page.href(&format!("/cases/{number}"));
        html(StatusCode::CONFLICT, &Gone { text: member.lang.t("move-gone-text"), page })
    }

    fn refuse_move(
        &self,
        member: &Member,
        case: &Case,
        mv: MoveKind,
        typed: &Typed,
        refused: &MoveRefused,
    ) -> Response {
        let lang = member.lang;
        let mut errors = Errors::default();
        match refused {
            MoveRefused::Missing(field) => errors.add(field, lang.t1("error-short", "least", 1)),
            MoveRefused::TooLong { field, most } => errors.add(field, lang.t1("error-long", "most", *most)),
            MoveRefused::ExtensionDays { .. } => errors.add("days", lang.t("error-days")),
            MoveRefused::NotMergeable(_) => errors.add("into", lang.t("error-into")),
            MoveRefused::UnknownOffice(_) => errors.add("office", lang.t("error-office")),
            MoveRefused::UnknownBody(_) => errors.add("body", lang.t("error-body")),
            MoveRefused::NotSameReporter => errors.add("ground", lang.t("error-ground-repeat")),
            MoveRefused::UnknownGround(_) => errors.add("ground", lang.t("error-ground")),
            _ => return self.no_such_move(member, &case.number.to_string()),
        }
        form(self, member, case, mv, typed, errors, StatusCode::UNPROCESSABLE_ENTITY)
    }
}

fn form(
    state: &ConsoleState,
    member: &Member,
    case: &Case,
    mv: MoveKind,
    typed: &Typed,
    errors: Errors,
    status: StatusCode,
) -> Response {
    let lang = member.lang;
    let here = format!("/cases/{}/moves/{}", case.number, mv.code());
    let mut page = state.page(member, lang.t(&format!("move-{}", mv.code())), &here);
    // The switch of language would lose what is typed; the two pages before this one have it.
    page.here = String::new();
    page.back = page.href(&format!("/cases/{}", case.number));
    let fields = move_form::fields(state, lang, case, mv, typed, &errors);
    let conflict = errors.of("version").is_some();
    page.errors = errors;
    let template = MoveForm {
        number: case.number.to_string(),
        target: case.content.target_name.clone(),
        status: view::state(lang, case.state),
        about: lang.t(&format!("about-{}", mv.code())),
        action: page.href(&here),
        version: case.version.to_string(),
        conflict,
        fields,
        page,
    };
    html(status, &template)
}

#[derive(Template)]
#[template(path = "console/move.html")]
struct MoveForm {
    page: Page,
    number: String,
    target: String,
    status: String,
    /// The law or ground, and what follows.
    about: String,
    action: String,
    version: String,
    conflict: bool,
    fields: Vec<Field>,
}

#[derive(Template)]
#[template(path = "console/gone.html")]
struct Gone {
    page: Page,
    text: String,
}

//! A sheet that goes out with a matter: read beside what is proposed to be taken out of it, confirmed by a person, and
//! from then on only read. Every opening of one is a copy with its reader's mark.

use super::{ConsoleState, sheet_form::Draft, view};
use crate::{
    casework::{Case, Move, MoveKind, MoveRefused, Part, Recipient, Rules, Sheet, apply},
    scrub::Piece,
    staff::{May, Member, Sent, grant},
    store::{Dossier, Place, Refused, Step},
    web::{Errors, Lang, Page, html, see_other},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

pub(super) async fn ask(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::MakeSheet>,
    Path((_, number)): Path<(String, String)>,
) -> Response {
    // Before anything is typed.
    let here = format!("/{}/cases/{number}/sheet", may.lang.path());
    if let Some(question) = may.asked_to_prove(&state.door, &here) {
        return question;
    }
    let opened = match state.open(&may, &number, "sheet-form").await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    if !state.may_make_sheet(&opened.case, &may) {
        return state.no_such_move(&may, &number);
    }
    let draft = Draft::first(&state, &opened.case);
    draft.page(&state, &may, &opened, Errors::default(), StatusCode::OK)
}

pub(super) async fn make(
    Shared(state): Shared<ConsoleState>,
    Path((_, number)): Path<(String, String)>,
    Sent { may, typed }: Sent<grant::MakeSheet>,
) -> Response {
    // The page that comes back shows every text.
    let opened = match state.open(&may, &number, "sheet-form").await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let case = &opened.case;
    if !state.may_make_sheet(case, &may) {
        return state.no_such_move(&may, &number);
    }
    let lang = may.lang;
    let mut errors = Errors::default();
    let draft = Draft::typed(case, typed);
    if draft.version() != Some(case.version) {
        // The reporter may have written more: nothing of what was looked at is taken over unread.
        errors.add("version", lang.t("error-changed"));
        return draft.page(&state, &may, &opened, errors, StatusCode::CONFLICT);
    }
    let read = draft.read(&state, lang, &mut errors);
    let Some(mv) = read.filter(|_| draft.is_confirmed()) else {
        let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        return draft.page(&state, &may, &opened, errors, status);
    };
    match state.make_sheet(&may, case, mv).await {
        Ok(n) => see_other(&format!("/{}/cases/{number}/sheets/{n}", lang.path())),
        Err(Refused::Changed) => {
            errors.add("version", lang.t("error-changed"));
            draft.page(&state, &may, &opened, errors, StatusCode::CONFLICT)
        }
        Err(Refused::Move(MoveRefused::SheetDoesNotFit)) => {
            errors.add("to", lang.t("error-sheet-to"));
            draft.page(&state, &may, &opened, errors, StatusCode::UNPROCESSABLE_ENTITY)
        }
        Err(Refused::Move(_)) => state.no_such_move(&may, &number),
        Err(cause) => state.down(lang, &cause),
    }
}

impl ConsoleState {
    pub(super) fn may_make_sheet(&self, case: &Case, member: &Member) -> bool {
        self.moves(case, member).contains(&MoveKind::MakeSheet)
    }

    /// Gives the sheet's number within the case.
    async fn make_sheet(&self, member: &Member, case: &Case, mv: Move) -> Result<usize, Refused> {
        let (actor, today, rules) = (member.actor.clone(), self.clock.today(), Rules::of(&self.policy));
        let change = move |dossier: &mut Dossier, _: &Place| {
            dossier.case = apply(&dossier.case, mv, &actor, today, &rules)?;
            Ok(None)
        };
        let step = Step { expected_version: Some(case.version), sealed: None, change: Box::new(change) };
        self.cases.change(case.number, step).await.map(|case| case.sheets.len())
    }

    pub(super) fn recipient(&self, lang: Lang, to: &Recipient) -> String {
        match to {
            Recipient::Body(code) => self.body(lang, code),
            Recipient::Office(code) => {
                let office = self.policy.intake.out_of_scope(code.as_str());
                office.map_or_else(|| code.to_string(), |office| view::text(&office.department, lang))
            }
        }
    }
}

/// What a part is called.
pub(super) fn label(lang: Lang, case: &Case, part: Part) -> String {
    lang.t(match part {
        Part::Target => "fact-target",
        Part::CreditCode => "fact-code",
        Part::Address => "fact-address",
        Part::When => "fact-when",
        Part::Narrative => "fact-narrative",
        Part::Addition(n) => {
            let day = case.additions.get(n).map(|addition| view::day(addition.day)).unwrap_or_default();
            return lang.t1("sheet-addition", "day", day);
        }
    })
}

/// A piece as it is shown: what was taken out says what it was.
pub(super) struct ShownPiece {
    pub text: String,
    pub is_cut: bool,
}

pub(super) fn shown(lang: Lang, pieces: &[Piece]) -> Vec<ShownPiece> {
    let show = |piece: &Piece| match piece {
        Piece::Kept(text) => ShownPiece { text: text.clone(), is_cut: false },
        Piece::Removed(kind) => ShownPiece { text: lang.t(&format!("cut-{}", kind.code())), is_cut: true },
    };
    pieces.iter().map(show).collect()
}

/// One copy, for paper: content without identity, and all over it whose copy it is.
pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number, n)): Path<(String, String, String)>,
    uri: Uri,
) -> Response {
    let here = uri.path();
    // Found first: a sheet that is not there leaves no copy in the record.
    let index = n.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
    let found = |dossier: &Dossier| index.and_then(|index| dossier.case.sheets.get(index)).cloned();
    match state.peek(&may, &number) {
        Ok(dossier) if found(&dossier).is_some() => {}
        Ok(_) => return state.no_such_case(may.lang),
        Err(response) => return response,
    }
    if let Some(question) = may.asked_to_prove(&state.door, here) {
        return question;
    }
    let opened = match state.open(&may, &number, "sheet").await {
        Ok(opened) => opened,
        Err(response) => return response,
    };
    let (lang, case) = (may.lang, &opened.case);
    let Some(sheet) = found(&opened) else { return state.no_such_case(lang) };
    let mut page = state.page(
        &may,
        lang.t1("sheet-title", "number", case.number.to_string()),
        here.get(3..).unwrap_or_default(),
    );
    page.back = page.href(&format!("/cases/{number}"));
    page.mark = state.mark(&may, &opened);
    page.mark_shown = true;
    html(
        StatusCode::OK,
        &SheetPage { facts: facts(&state, lang, case, &sheet), parts: parts(lang, case, &sheet), page },
    )
}

fn facts(state: &ConsoleState, lang: Lang, case: &Case, sheet: &Sheet) -> Vec<(String, String)> {
    let content = &case.content;
    let yes_no = |yes: bool| lang.t(if yes { "yes" } else { "no" });
    let rows = [
        ("sheet-to", state.recipient(lang, &sheet.to)),
        ("sheet-from", state.body(lang, &sheet.from)),
        ("sheet-day", view::day(sheet.day)),
        ("column-number", case.number.to_string()),
        ("event-received", view::day(case.received)),
        ("fact-kind", state.kind(lang, content.kind)),
        ("fact-industry", state.industry(lang, &content.industry)),
        ("fact-place", state.place(&content.region)),
        ("fact-ongoing", yes_no(content.ongoing)),
        ("fact-danger", yes_no(content.imminent_danger)),
    ];
    rows.into_iter().map(|(key, value)| (lang.t(key), value)).collect()
}

fn parts(lang: Lang, case: &Case, sheet: &Sheet) -> Vec<(String, Vec<ShownPiece>)> {
    sheet.parts.iter().map(|made| (label(lang, case, made.part), shown(lang, &made.pieces))).collect()
}

/// A line on the case's page for each sheet: where it leads, and to whom and when it was made.
pub(super) fn list(state: &ConsoleState, lang: Lang, case: &Case) -> Vec<(String, String)> {
    let line = |(n, sheet): (usize, &Sheet)| {
        let words = [("to", state.recipient(lang, &sheet.to)), ("day", view::day(sheet.day))];
        let words: Vec<_> = words.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let href = format!("/{}/cases/{}/sheets/{}", lang.path(), case.number, n + 1);
        (href, lang.t_with("sheet-line", &view::values(&words)))
    };
    case.sheets.iter().enumerate().map(line).collect()
}

#[derive(Template)]
#[template(path = "console/sheet.html")]
struct SheetPage {
    page: Page,
    facts: Vec<(String, String)>,
    /// Empty: the report was deleted at its reporter's wish.
    parts: Vec<(String, Vec<ShownPiece>)>,
}

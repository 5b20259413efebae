//! The form a sheet is made with: original and redacted text side by side, each proposal with a box and a place for the
//! reason it is left in, and room for words that the program did not find.

use super::{
    ConsoleState,
    sheet::{self, ShownPiece},
    systems,
    view::Opened,
};
use crate::{
    casework::{Case, LeftIn, Move, Part, Recipient, SheetPart},
    scrub::{self, Found},
    staff::Member,
    web::{Choice, Errors, Field, Lang, Page, Typed, html},
};
use askama::Template;
use axum::{http::StatusCode, response::Response};
use std::collections::BTreeSet;

/// Lines of words to take out: one fewer than this.
const MOST_WORDS: usize = 101;

/// A sheet while it is made.
pub(super) struct Draft {
    typed: Typed,
    parts: Vec<DraftPart>,
}

struct DraftPart {
    part: Part,
    text: String,
    /// In their order; `true`: to be taken out.
    proposed: Vec<(Found, bool)>,
}

impl Draft {
    /// Everything that was found is to be taken out.
    pub fn first(state: &ConsoleState, case: &Case) -> Self {
        let mut typed = Typed::default();
        typed.set("version", case.version.to_string());
        if let Some(to) = state.recipients(case).into_iter().next().filter(|_| case.transferred.is_some()) {
            typed.set("to", code_of(&to));
        }
        Self::of(case, typed, |_, _, _| true)
    }

    pub fn typed(case: &Case, typed: Typed) -> Self {
        Self::of(case, typed, |typed, part, n| typed.has(&cut_name(part, n)))
    }

    fn of(case: &Case, typed: Typed, is_cut: impl Fn(&Typed, usize, usize) -> bool) -> Self {
        let part = |(i, (part, text)): (usize, (Part, &str))| DraftPart {
            part,
            text: text.to_owned(),
            proposed: (scrub::find(text).into_iter().enumerate())
                .map(|(n, found)| (found, is_cut(&typed, i, n)))
                .collect(),
        };
        let parts = case.own_words().into_iter().enumerate().map(part).collect();
        Self { parts, typed }
    }

    pub fn version(&self) -> Option<u64> {
        self.typed.plain("version").parse().ok()
    }

    /// Pressed below exactly the texts that would be stored.
    pub fn is_confirmed(&self) -> bool {
        self.typed.raw("step") == "do" && self.typed.raw("seen") == self.seen()
    }

    /// Each once, and no more than anybody adds by hand.
    fn words(&self) -> Vec<String> {
        let lines: BTreeSet<&str> = self.typed.text("words").lines().map(str::trim).collect();
        lines.into_iter().filter(|line| !line.is_empty()).take(MOST_WORDS).map(str::to_owned).collect()
    }

    fn cuts(&self, part: &DraftPart) -> Vec<Found> {
        let proposed = part.proposed.iter().filter(|(_, is_cut)| *is_cut).map(|(found, _)| found.clone());
        scrub::join(proposed.chain(scrub::find_words(&part.text, &self.words())).collect())
    }

    /// Which parts of which texts are out: where, not what.
    fn seen(&self) -> String {
        let place = |found: &Found| format!("{}-{}", found.at.start, found.at.end);
        let part = |part: &DraftPart| self.cuts(part).iter().map(place).collect::<Vec<_>>().join(",");
        self.parts.iter().map(part).collect::<Vec<_>>().join(";")
    }

    /// The move, if nothing is missing.
    pub fn read(&self, state: &ConsoleState, lang: Lang, errors: &mut Errors) -> Option<Move> {
        let to = recipient(self.typed.raw("to"));
        if to.is_none() {
            errors.add("to", lang.t("error-sheet-to"));
        }
        if self.words().len() == MOST_WORDS {
            errors.add("words", lang.t1("error-sheet-words", "most", MOST_WORDS - 1));
        }
        let mut left_in = Vec::new();
        let least = state.policy.intake.fields.staff_reason;
        for (i, part) in self.parts.iter().enumerate() {
            for (n, (found, _)) in part.proposed.iter().enumerate().filter(|(_, (_, is_cut))| !is_cut) {
                let name = why_name(i, n);
                let reason = self.typed.text(&name).to_owned();
                if least.check(&reason).is_err() {
                    errors.add(&name, lang.t1("error-sheet-why", "least", least.least));
                }
                left_in.push(LeftIn { part: part.part, kind: found.kind, reason });
            }
        }
        let made = |part: &DraftPart| SheetPart {
            part: part.part,
            pieces: scrub::cut(&part.text, &self.cuts(part)),
        };
        let parts = self.parts.iter().map(made).collect();
        to.filter(|_| errors.is_empty()).map(|to| Move::MakeSheet { to, parts, left_in })
    }

    pub fn page(
        &self,
        state: &ConsoleState,
        member: &Member,
        opened: &Opened,
        errors: Errors,
        status: StatusCode,
    ) -> Response {
        let (lang, case) = (member.lang, &opened.case);
        let here = format!("/cases/{}/sheet", case.number);
        let mut page = state.page(member, lang.t("sheet-make"), &here);
        // The switch of language would lose what is typed.
        page.here = String::new();
        page.mark = state.mark(member, opened);
        page.back = page.href(&format!("/cases/{}", case.number));
        let choices = state.recipients(case).into_iter();
        let choices = choices.map(|to| Choice::new(code_of(&to), state.recipient(lang, &to)));
        let choices = std::iter::once(Choice::new("", lang.t("choose"))).chain(choices).collect();
        let words =
            Field::area(lang, "words", lang.t("field-sheet-words"), 4).hint(lang.t("hint-sheet-words"));
        let mut number = 0;
        let parts = self
            .parts
            .iter()
            .enumerate()
            .map(|(i, part)| self.shown(lang, case, i, part, &mut number, &errors));
        let template = SheetForm {
            number: case.number.to_string(),
            action: page.href(&here),
            version: case.version.to_string(),
            parts: parts.collect(),
            seen: self.seen(),
            to: Field::select(lang, "to", lang.t("sheet-to"), choices).filled(&self.typed, &errors),
            words: words.optional().filled(&self.typed, &errors),
            // Better said once too often: what another system has read is not taken back.
            systems: systems::read_sheet(state, case).unwrap_or(true),
            // Pressed above other texts than these.
            again: self.typed.raw("step") == "do" && errors.is_empty(),
            page: {
                page.errors = errors;
                page
            },
        };
        html(status, &template)
    }

    fn shown(
        &self,
        lang: Lang,
        case: &Case,
        i: usize,
        part: &DraftPart,
        number: &mut usize,
        errors: &Errors,
    ) -> ShownPart {
        let (mut original, mut proposals, mut from) = (Vec::new(), Vec::new(), 0);
        for (n, (found, is_cut)) in part.proposed.iter().enumerate() {
            *number += 1;
            let words = part.text[found.at.clone()].to_owned();
            original.push((part.text[from..found.at.start].to_owned(), 0));
            original.push((words.clone(), *number));
            from = found.at.end;
            let why = why_name(i, n);
            proposals.push(Proposal {
                number: *number,
                kind: lang.t(&format!("scrub-{}", found.kind.code())),
                words,
                name: cut_name(i, n),
                is_cut: *is_cut,
                reason: self.typed.text(&why).to_owned(),
                error: errors.of(&why).unwrap_or_default().to_owned(),
                why,
            });
        }
        original.push((part.text[from..].to_owned(), 0));
        let redacted = sheet::shown(lang, &scrub::cut(&part.text, &self.cuts(part)));
        ShownPart { label: sheet::label(lang, case, part.part), original, redacted, proposals }
    }
}

fn cut_name(part: usize, n: usize) -> String {
    format!("cut-{part}-{n}")
}
fn why_name(part: usize, n: usize) -> String {
    format!("why-{part}-{n}")
}

fn code_of(to: &Recipient) -> String {
    match to {
        Recipient::Office(code) => format!("office.{code}"),
        Recipient::Body(code) => format!("body.{code}"),
    }
}
fn recipient(code: &str) -> Option<Recipient> {
    let (what, code) = code.split_once('.')?;
    let code = code.parse().ok()?;
    match what {
        "office" => Some(Recipient::Office(code)),
        "body" => Some(Recipient::Body(code)),
        _ => None,
    }
}

impl ConsoleState {
    /// Whom a sheet can be for: the department it went to, else any, and the bodies above and below on the way.
    fn recipients(&self, case: &Case) -> Vec<Recipient> {
        if let Some(gone) = &case.transferred {
            return vec![Recipient::Office(gone.office.clone())];
        }
        let bodies = &*self.policy.bodies;
        let now = case.handled_by(bodies);
        let content = &case.content;
        let competent = bodies.competent(&content.region, &content.industry, content.kind);
        let below = std::iter::once(competent)
            .chain(bodies.above(competent))
            .filter(|body| bodies.is_above(now, body));
        let codes = bodies.above(now).chain(below).map(|body| Recipient::Body(body.code.clone()));
        let offices =
            self.policy.intake.out_of_scope.iter().map(|office| Recipient::Office(office.code.clone()));
        codes.chain(offices).collect()
    }
}

struct Proposal {
    number: usize,
    kind: String,
    words: String,
    name: String,
    is_cut: bool,
    why: String,
    reason: String,
    error: String,
}

struct ShownPart {
    label: String,
    /// Text, and the number of the proposal it is; 0: none.
    original: Vec<(String, usize)>,
    redacted: Vec<ShownPiece>,
    proposals: Vec<Proposal>,
}

#[derive(Template)]
#[template(path = "console/sheet-form.html")]
struct SheetForm {
    page: Page,
    number: String,
    action: String,
    version: String,
    parts: Vec<ShownPart>,
    seen: String,
    to: Field,
    words: Field,
    /// The sheet goes to other systems too.
    systems: bool,
    again: bool,
}

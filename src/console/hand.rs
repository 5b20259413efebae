//! A case on its way to a body above or below: which it can be, and what its reporter reads.

use super::{ConsoleState, view};
use crate::{
    casework::{Case, Move, MoveKind, allowed},
    policy::{Bodies, Body},
    staff::Member,
    web::{Choice, Field, Lang, Typed},
};

/// Whom a case can be handed up to: the next body alone once it was handed over as often as policy allows.
fn upwards<'a>(state: &'a ConsoleState, case: &Case) -> Vec<&'a Body> {
    let bodies = &*state.policy.bodies;
    let most = if is_over(state, case) { 1 } else { usize::MAX };
    bodies.above(case.handled_by(bodies)).take(most).collect()
}

/// Handed over as often as policy allows: whoever has it decides, or the body above does.
fn is_over(state: &ConsoleState, case: &Case) -> bool {
    case.handovers.len() >= usize::from(state.policy.deadlines.most_transfers)
}

/// What the form begins with: the next body above, or the next one below on the way to the place of the matter.
pub(super) fn proposed(bodies: &Bodies, case: &Case, mv: MoveKind) -> Option<String> {
    let now = case.handled_by(bodies);
    let content = &case.content;
    let body = match mv {
        MoveKind::HandUp => bodies.above(now).next(),
        _ => {
            let competent = bodies.competent(&content.region, &content.industry, content.kind);
            let way = std::iter::once(competent).chain(bodies.above(competent));
            way.filter(|body| bodies.is_above(now, body)).last()
        }
    };
    body.map(|body| body.code.to_string())
}

pub(super) fn field(state: &ConsoleState, lang: Lang, case: &Case, mv: MoveKind) -> Field {
    let label = lang.t("field-body");
    if mv == MoveKind::HandDown {
        return Field::line(lang, "body", label).hint(lang.t("hint-hand-down"));
    }
    let choice = |body: &Body| Choice::new(body.code.as_str(), view::text(&body.name, lang));
    let bodies = upwards(state, case).into_iter().map(choice);
    Field::select(
        lang,
        "body",
        label,
        std::iter::once(Choice::new("", lang.t("choose"))).chain(bodies).collect(),
    )
}

/// `None`: there is no such body. Whether it is the right one is for the table of moves.
pub(super) fn read(state: &ConsoleState, mv: MoveKind, typed: &Typed, reason: String) -> Option<Move> {
    let body = state.policy.bodies.find(typed.text("body"))?;
    let told = match typed.text("told") {
        // The reporter's language is not known: it stands in both.
        "" => {
            let told = |lang: Lang| lang.t1("told-hand", "body", view::text(&body.name, lang));
            Lang::ALL.map(told).join("\n")
        }
        told => told.to_owned(),
    };
    let body = body.code.clone();
    Some(match mv {
        MoveKind::HandUp => Move::HandUp { body, reason, told },
        _ => Move::HandDown { body, reason, told },
    })
}

impl ConsoleState {
    /// The moves this person could make now, as far as there is somewhere to hand the case to.
    pub(super) fn moves(&self, case: &Case, member: &Member) -> Vec<MoveKind> {
        let bodies = &self.policy.bodies;
        let mut moves = allowed(case, &member.actor);
        moves.retain(|mv| match mv {
            MoveKind::HandUp => !upwards(self, case).is_empty(),
            MoveKind::HandDown => !is_over(self, case) && bodies.has_below(case.handled_by(bodies)),
            _ => true,
        });
        moves
    }

    /// Who handles it, and how often it was handed over where that happened.
    pub(super) fn handled_by(&self, lang: Lang, case: &Case) -> String {
        let name = view::text(&case.handled_by(&self.policy.bodies).name, lang);
        if case.handovers.is_empty() {
            return name;
        }
        let [times, most] =
            [case.handovers.len(), self.policy.deadlines.most_transfers.into()].map(|n| n.to_string());
        let pairs = [("body", name.as_str()), ("times", &times), ("most", &most)];
        lang.t_with("handled-by-times", &view::values(&pairs))
    }
}

//! What each move leaves in the case.

use super::{
    case::{
        Addition, Case, Closing, Conclusion, Declined, Extension, Message, MessageText, Note, Reply,
        Transferred, Who,
    },
    deadlines::Rules,
    moves::Move,
    rights::{Answered, Decided, Deletion, Objection, Retaliation, Review},
    route::Handover,
    sheet::{Recipient, Sheet},
    state::State,
};
use crate::clock::Day;

/// Writes what the move carries into the case; gives the reason for the file and the words for the reporter.
pub(super) fn record(
    case: &mut Case,
    mv: Move,
    by: &Who,
    from: State,
    today: Day,
    rules: &Rules,
) -> (String, String) {
    let nothing = String::new;
    let clocks = &mut case.deadlines;
    match mv {
        Move::Accept { reason, told } => {
            clocks.conclude_by = Some(rules.verify.after(today));
            (reason, told)
        }
        Move::Decline { ground, reason, told } => {
            clocks.objection_by = Some(rules.objection.after(today));
            case.declined = Some(Declined { ground, reason: reason.clone() });
            (reason, told)
        }
        Move::AskSupplement { question } => {
            clocks.accept_by = None;
            clocks.supplement_by = Some(rules.supplement.after(today));
            let text = MessageText::Clear(question.clone());
            case.messages.push(Message { day: today, from: by.clone(), text, file: None });
            (nothing(), question)
        }
        Move::Assign { to } | Move::Reassign { to } => {
            let reason = to.0.clone();
            case.owner = Some(to);
            (reason, nothing())
        }
        Move::Begin | Move::MarkRead => (nothing(), nothing()),
        Move::AskExtension { days, reason } => {
            let asked_by = by.clone();
            case.extension = Some(Extension { days, reason: reason.clone(), asked_by, granted_by: None });
            (reason, nothing())
        }
        Move::GrantExtension { told } => {
            if let Some(extension) = &mut case.extension {
                extension.granted_by = Some(by.clone());
                clocks.conclude_by = clocks.conclude_by.map(|day| extension.days.after(day));
            }
            (nothing(), told)
        }
        Move::RefuseExtension { reason } => {
            case.extension = None;
            (reason, nothing())
        }
        Move::Conclude { finding, reason } => {
            case.conclusion =
                Some(Conclusion { finding, reason: reason.clone(), day: today, by: by.clone() });
            (reason, nothing())
        }
        Move::Reply { findings, handling, reward } => {
            clocks.objection_by = Some(rules.objection.after(today));
            let told = format!("{findings}\n\n{handling}");
            case.reply = Some(Reply { findings, handling, reward, day: today });
            (nothing(), told)
        }
        Move::Close { evidence } => {
            case.closing = Some(Closing { evidence: evidence.clone(), day: today });
            (evidence, nothing())
        }
        Move::Transfer { office, reason, told } => {
            case.transferred = Some(Transferred { office, reason: reason.clone(), day: today });
            (reason, told)
        }
        Move::HandUp { body: to, reason, told } | Move::HandDown { body: to, reason, told } => {
            let from = case.handled_by(&rules.bodies).code.clone();
            case.handovers.push(Handover { day: today, from, to: to.clone() });
            (case.body, case.owner) = (Some(to), None);
            // Who asked for more time is not on it any more; what was granted stays.
            case.extension.take_if(|asked| asked.granted_by.is_none());
            (reason, told)
        }
        Move::MakeSheet { to, parts, left_in } => {
            let (Recipient::Office(code) | Recipient::Body(code)) = &to;
            let code = code.to_string();
            let from = case.handled_by(&rules.bodies).code.clone();
            case.sheets.push(Sheet { day: today, by: by.clone(), from, to, parts, left_in });
            (code, nothing())
        }
        Move::Merge { into, reason, told } => {
            case.merged_into = Some(into);
            (reason, told)
        }
        Move::Join { case: other } => {
            case.merged.push(other);
            (other.to_string(), nothing())
        }
        Move::PassOn { to } => {
            case.passed_to = Some(to);
            (to.to_string(), nothing())
        }
        Move::Separate { reason } => {
            case.separate(rules.accept.after(today));
            (reason, nothing())
        }
        Move::TakeOver { conclusion, body, worked_on } => {
            case.worked_on_elsewhere = worked_on;
            // Whoever passed it on before has what was found, and an owner.
            if case.passed_to.take().is_none() {
                case.body = body.or(case.body.take());
                if let Who::Staff(id) = by {
                    case.owner = Some(id.clone());
                }
                case.conclusion = Some(conclusion);
            }
            (nothing(), nothing())
        }
        Move::Object { text } => {
            clocks.review_by = Some(rules.review.after(today));
            case.objections.push(Objection { day: today, text, from, review: None });
            (nothing(), nothing())
        }
        Move::Retaliation { text } => {
            let answer_by = rules.retaliation.after(today);
            case.retaliations.push(Retaliation { day: today, text, answer_by, answered: None });
            (nothing(), nothing())
        }
        Move::AnswerRetaliation { answer, reason } => {
            case.messages.push(Message { day: today, from: by.clone(), text: answer, file: None });
            for open in case.retaliations.iter_mut().filter(|each| each.answered.is_none()) {
                open.answered = Some(Answered { day: today, by: by.clone(), reason: reason.clone() });
            }
            if case.erased.is_some() {
                case.forget_answered();
            }
            (reason, nothing())
        }
        Move::AskDeletion { text } => {
            let decide_by = rules.deletion.after(today);
            match from {
                State::Submitted | State::SupplementRequested => case.erase(today),
                _ => case.deletions.push(Deletion { day: today, text, decide_by, decided: None }),
            }
            (nothing(), nothing())
        }
        Move::GrantDeletion { reason, told } => {
            decide(case, true, &reason, today, by);
            case.erase(today);
            (reason, told)
        }
        Move::RefuseDeletion { reason, told } => {
            decide(case, false, &reason, today, by);
            (reason, told)
        }
        Move::Uphold { reason, told } => {
            review(case, true, &reason, today, by);
            (reason, told)
        }
        Move::Overturn { reason, told } => {
            review(case, false, &reason, today, by);
            case.deadlines.objection_by = None;
            case.deadlines.conclude_by = Some(rules.verify.after(today));
            (case.declined, case.conclusion, case.reply, case.closing) = (None, None, None, None);
            (reason, told)
        }
        Move::Say { text, file } => {
            // For the file: that one was sent, and about how large; the name is under seal.
            let sent = file.as_ref().map_or_else(nothing, |file| file.size.code().to_owned());
            case.messages.push(Message { day: today, from: by.clone(), text, file });
            (sent, nothing())
        }
        Move::Note { text } => {
            case.notes.push(Note { day: today, by: by.clone(), text });
            (nothing(), nothing())
        }
        Move::Add { text } => {
            if clocks.supplement_by.take().is_some() {
                clocks.accept_by = Some(rules.accept.after(today));
            }
            case.additions.push(Addition { day: today, text });
            (nothing(), nothing())
        }
        Move::Attach { file } => {
            case.files.push(file);
            (nothing(), nothing())
        }
        Move::Detach { original } => {
            case.files.retain(|file| file.original != original);
            super::evidence::take_back(case, original, today);
            (nothing(), nothing())
        }
        Move::AskOriginal { request } => (request.terms().name(), nothing()),
        Move::JoinCopy { .. } | Move::ObjectOriginal { .. } => (nothing(), nothing()),
        Move::Withdraw => (nothing(), nothing()),
        Move::Link { earlier } => {
            case.same_reporter.push(earlier);
            (earlier.to_string(), nothing())
        }
        Move::DrawReceipt => {
            if let Some(entered) = &mut case.entered {
                entered.taken_over = Some(today);
            }
            (nothing(), nothing())
        }
    }
}

fn decide(case: &mut Case, is_granted: bool, reason: &str, today: Day, by: &Who) {
    if let Some(deletion) = case.deletions.last_mut() {
        deletion.decided =
            Some(Decided { is_granted, reason: reason.to_owned(), day: today, by: by.clone() });
    }
}

fn review(case: &mut Case, is_upheld: bool, reason: &str, today: Day, by: &Who) {
    case.deadlines.review_by = None;
    if let Some(objection) = case.objections.last_mut() {
        objection.review = Some(Review { is_upheld, reason: reason.to_owned(), day: today, by: by.clone() });
    }
}

//! The form of each move: its fields, and the move read back from what was typed.

use super::{ConsoleState, hand, view};
use crate::{
    casework::{Case, Finding, MessageText, Move, MoveKind, Permission, RewardConditions},
    ids::StaffId,
    policy::{Days, Length, LengthProblem, OutOfScope},
    store::Account,
    web::{Choice, Errors, Field, Lang, Typed},
};

/// The names of a move's fields, in their order.
pub(super) fn names(mv: MoveKind) -> &'static [&'static str] {
    match mv {
        MoveKind::Accept => &["told", "reason"],
        MoveKind::Decline => &["ground", "told", "reason"],
        MoveKind::AskSupplement => &["question"],
        MoveKind::Assign => &["to"],
        MoveKind::AskExtension => &["days", "reason"],
        MoveKind::GrantExtension => &["told"],
        MoveKind::RefuseExtension => &["reason"],
        MoveKind::Conclude => &["finding", "reason"],
        MoveKind::Reply => &["findings", "handling", "reward"],
        MoveKind::Close => &["evidence"],
        MoveKind::Transfer => &["office", "told", "reason"],
        MoveKind::HandUp | MoveKind::HandDown => &["body", "told", "reason"],
        MoveKind::Merge => &["into", "told", "reason"],
        MoveKind::Separate => &["reason"],
        MoveKind::Uphold | MoveKind::Overturn | MoveKind::GrantDeletion | MoveKind::RefuseDeletion => {
            &["told", "reason"]
        }
        MoveKind::AnswerRetaliation => &["text", "reason"],
        MoveKind::Say | MoveKind::Note => &["text"],
        MoveKind::Begin
        | MoveKind::MarkRead
        | MoveKind::Reassign
        | MoveKind::MakeSheet
        | MoveKind::AskOriginal
        | MoveKind::JoinCopy
        | MoveKind::ObjectOriginal
        | MoveKind::Add
        | MoveKind::Attach
        | MoveKind::Detach
        | MoveKind::Object
        | MoveKind::Retaliation
        | MoveKind::AskDeletion
        | MoveKind::Join
        | MoveKind::PassOn
        | MoveKind::TakeOver
        | MoveKind::Withdraw
        | MoveKind::Link
        | MoveKind::DrawReceipt
        | MoveKind::Escalate => &[],
    }
}

/// What is already filled in when the form is opened.
pub(super) fn first_values(state: &ConsoleState, lang: Lang, case: &Case, mv: MoveKind) -> Typed {
    let mut typed = Typed::default();
    match mv {
        MoveKind::Accept => {
            typed.set("told", lang.t("told-accept"));
            typed.set("reason", lang.t("reason-accept"));
        }
        MoveKind::Merge => typed.set("told", lang.t("told-merge")),
        MoveKind::HandUp | MoveKind::HandDown => {
            typed.set("body", hand::proposed(&state.policy.bodies, case, mv).unwrap_or_default());
        }
        MoveKind::GrantExtension => typed.set("told", lang.t("told-extension")),
        _ => {}
    }
    typed
}

pub(super) fn fields(
    state: &ConsoleState,
    lang: Lang,
    case: &Case,
    mv: MoveKind,
    typed: &Typed,
    errors: &Errors,
) -> Vec<Field> {
    let label = |name: &str| lang.t(&format!("field-{name}"));
    let area = |name: &str, rows: u8| {
        let field = Field::area(lang, name, label(name), rows);
        if seen_by_reporter(name) { field.hint(lang.t("hint-told")) } else { field }
    };
    let radios = |name: &str, choices: Vec<Choice>| Field::radios(lang, name, label(name), choices);
    let field = |name: &&str| match *name {
        "ground" => {
            let grounds = &state.policy.intake.not_accepted;
            radios(
                "ground",
                grounds.iter().map(|g| Choice::new(g.code.as_str(), view::text(&g.text, lang))).collect(),
            )
        }
        "finding" => radios("finding", words(lang, "finding", Finding::ALL.map(Finding::code))),
        "reward" => {
            radios("reward", words(lang, "reward", RewardConditions::ALL.map(RewardConditions::code)))
        }
        "to" => Field::select(lang, "to", label("to"), to_investigate(state, case, lang)),
        "days" => {
            let from = case.deadlines.conclude_by.unwrap_or(case.received);
            let most = state.policy.deadlines.extend.days_from(from);
            Field::digits(lang, "days", label("days"), "w-5").hint(lang.t1("hint-days", "most", most))
        }
        "into" => Field::line(lang, "into", label("into")).hint(lang.t("hint-into")),
        "office" => {
            let offices = &state.policy.intake.out_of_scope;
            let line = |o: &OutOfScope| Choice::new(o.code.as_str(), view::text(&o.department, lang));
            radios("office", offices.iter().map(line).collect())
        }
        "body" => hand::field(state, lang, case, mv),
        "told" if matches!(mv, MoveKind::HandUp | MoveKind::HandDown) => {
            area("told", 4).optional().hint(lang.t("hint-hand-told"))
        }
        "told" if mv == MoveKind::Decline => area("told", 4).optional().hint(lang.t("hint-decline-told")),
        "told" if mv == MoveKind::Transfer => area("told", 4).optional().hint(lang.t("hint-transfer-told")),
        "text" if matches!(mv, MoveKind::Say | MoveKind::AnswerRetaliation) => {
            area("text", 6).hint(lang.t("hint-say"))
        }
        name => area(name, 5),
    };
    names(mv).iter().map(field).map(|field| field.filled(typed, errors)).collect()
}

/// Reads the move; what cannot be read is said at its field. Words to the reporter are not sealed yet.
pub(super) fn read(
    state: &ConsoleState,
    lang: Lang,
    case: &Case,
    mv: MoveKind,
    typed: &Typed,
    errors: &mut Errors,
) -> Option<Move> {
    let limits = &state.policy.intake.fields;
    let mut text = |name: &str, length: Length| {
        match length.check(typed.text(name)) {
            Ok(()) => {}
            Err(LengthProblem::Short { least }) => errors.add(name, lang.t1("error-short", "least", least)),
            Err(LengthProblem::Long { most, .. }) => errors.add(name, lang.t1("error-long", "most", most)),
        }
        typed.text(name).to_owned()
    };
    let read = match mv {
        MoveKind::Accept => Some(Move::Accept {
            told: text("told", limits.staff_reply),
            reason: text("reason", limits.staff_reason),
        }),
        MoveKind::Decline => {
            let reason = text("reason", limits.staff_reason);
            let found = state.policy.intake.ground(typed.raw("ground"));
            found.map(|ground| Move::Decline {
                ground: ground.code.clone(),
                reason,
                // The reporter's language is not known: without words of our own, the ground stands in both.
                told: match typed.text("told") {
                    "" => format!("{}\n{}", ground.text.zh, ground.text.en),
                    told => told.to_owned(),
                },
            })
        }
        MoveKind::Transfer => {
            let reason = text("reason", limits.staff_reason);
            let found = state.policy.intake.out_of_scope(typed.raw("office"));
            found.map(|office| Move::Transfer {
                office: office.code.clone(),
                reason,
                told: match typed.text("told") {
                    "" => format!("{}\n{}", office.department.zh, office.department.en),
                    told => told.to_owned(),
                },
            })
        }
        MoveKind::HandUp | MoveKind::HandDown => {
            let reason = text("reason", limits.staff_reason);
            hand::read(state, mv, typed, reason)
        }
        MoveKind::Merge => {
            let (told, reason) = (text("told", limits.staff_reply), text("reason", limits.staff_reason));
            typed.plain("into").parse().ok().map(|into| Move::Merge { into, told, reason })
        }
        MoveKind::Separate => Some(Move::Separate { reason: text("reason", limits.staff_reason) }),
        MoveKind::Uphold => Some(Move::Uphold {
            told: text("told", limits.staff_reply),
            reason: text("reason", limits.staff_reason),
        }),
        MoveKind::Overturn => Some(Move::Overturn {
            told: text("told", limits.staff_reply),
            reason: text("reason", limits.staff_reason),
        }),
        MoveKind::GrantDeletion => Some(Move::GrantDeletion {
            told: text("told", limits.staff_reply),
            reason: text("reason", limits.staff_reason),
        }),
        MoveKind::RefuseDeletion => Some(Move::RefuseDeletion {
            told: text("told", limits.staff_reply),
            reason: text("reason", limits.staff_reason),
        }),
        MoveKind::AskSupplement => {
            Some(Move::AskSupplement { question: text("question", limits.staff_reply) })
        }
        MoveKind::Assign => {
            let to = StaffId(typed.plain("to"));
            let known = investigators(state, case).iter().any(|account| account.id == to);
            known.then_some(Move::Assign { to })
        }
        MoveKind::Begin => Some(Move::Begin),
        MoveKind::MarkRead => Some(Move::MarkRead),
        MoveKind::AskExtension => {
            let reason = text("reason", limits.staff_reason);
            let days = typed.plain("days").parse().ok().and_then(|days: u32| Days::try_from(days).ok());
            days.map(|days| Move::AskExtension { days, reason })
        }
        MoveKind::GrantExtension => Some(Move::GrantExtension { told: text("told", limits.staff_reply) }),
        MoveKind::RefuseExtension => {
            Some(Move::RefuseExtension { reason: text("reason", limits.staff_reason) })
        }
        MoveKind::Conclude => {
            let reason = text("reason", limits.staff_reply);
            Finding::parse(typed.raw("finding")).map(|finding| Move::Conclude { finding, reason })
        }
        MoveKind::Reply => {
            let (findings, handling) =
                (text("findings", limits.staff_reply), text("handling", limits.staff_reply));
            RewardConditions::parse(typed.raw("reward")).map(|reward| Move::Reply {
                findings,
                handling,
                reward,
            })
        }
        MoveKind::Close => Some(Move::Close { evidence: text("evidence", limits.staff_reply) }),
        MoveKind::Say => {
            let text = MessageText::Clear(text("text", limits.message));
            Some(Move::Say { text, file: None })
        }
        MoveKind::AnswerRetaliation => Some(Move::AnswerRetaliation {
            answer: MessageText::Clear(text("text", limits.message)),
            reason: text("reason", limits.staff_reason),
        }),
        MoveKind::Note => Some(Move::Note { text: text("text", limits.staff_note) }),
        // A page of its own makes it.
        MoveKind::MakeSheet
        | MoveKind::AskOriginal
        | MoveKind::JoinCopy
        | MoveKind::ObjectOriginal
        | MoveKind::Add
        | MoveKind::Attach
        | MoveKind::Detach
        | MoveKind::Object
        | MoveKind::Retaliation
        | MoveKind::AskDeletion
        | MoveKind::Join
        | MoveKind::PassOn
        | MoveKind::TakeOver
        | MoveKind::Reassign
        | MoveKind::Withdraw
        | MoveKind::Link
        | MoveKind::DrawReceipt
        | MoveKind::Escalate => None,
    };
    if read.is_none()
        && let Some(name) = ["ground", "office", "body", "into", "to", "days", "finding", "reward"]
            .iter()
            .find(|n| names(mv).contains(n))
    {
        errors.add(name, lang.t(&format!("error-{name}")));
    }
    read.filter(|_| errors.is_empty())
}

/// What the reporter will read after this move, apart from the status; empty: nothing.
pub(super) fn told(lang: Lang, mv: &Move) -> String {
    match mv {
        Move::Accept { told, .. }
        | Move::Decline { told, .. }
        | Move::Transfer { told, .. }
        | Move::HandUp { told, .. }
        | Move::HandDown { told, .. }
        | Move::Merge { told, .. }
        | Move::Uphold { told, .. }
        | Move::Overturn { told, .. }
        | Move::GrantDeletion { told, .. }
        | Move::RefuseDeletion { told, .. }
        | Move::GrantExtension { told } => told.clone(),
        Move::AskSupplement { question } => question.clone(),
        Move::Reply { findings, handling, reward } => {
            format!(
                "{findings}\n\n{handling}\n\n{}",
                lang.t(&format!("reward-{}", reward.code().replace('_', "-")))
            )
        }
        Move::Say { text: MessageText::Clear(text), .. }
        | Move::AnswerRetaliation { answer: MessageText::Clear(text), .. } => text.clone(),
        _ => String::new(),
    }
}

fn seen_by_reporter(name: &str) -> bool {
    matches!(name, "told" | "question" | "findings" | "handling")
}

fn words<const N: usize>(lang: Lang, of: &str, codes: [&str; N]) -> Vec<Choice> {
    codes.iter().map(|code| Choice::new(*code, lang.t(&format!("{of}-{}", code.replace('_', "-"))))).collect()
}

/// Accounts that may investigate it: their roles and their body permit.
fn investigators(state: &ConsoleState, case: &Case) -> Vec<Account> {
    let accounts = state.staff.accounts().unwrap_or_default();
    let handled_by = case.handled_by(&state.policy.bodies);
    let may = |account: &Account| {
        let roles: Vec<_> = account.roles.iter().copied().collect();
        !account.disabled
            && state.policy.roles.may(&roles, Permission::Investigate)
            && account.reaches(handled_by, &state.policy.bodies)
    };
    accounts.into_iter().filter(may).collect()
}

/// With the one who has the case now marked.
fn to_investigate(state: &ConsoleState, case: &Case, lang: Lang) -> Vec<Choice> {
    let found = investigators(state, case).into_iter().map(|account| {
        let now = if case.owner.as_ref() == Some(&account.id) { lang.t("owner-now") } else { String::new() };
        Choice::new(account.id.0.clone(), format!("{}{now}", account.name))
    });
    std::iter::once(Choice::new("", lang.t("choose"))).chain(found).collect()
}

//! One case (screens I2, I5): what was said, what was done, what can be done now. Reading is recorded first.

use super::{
    ConsoleState,
    award::{follows_award, outcome},
    documents,
    merge::Likely,
    original::ShownRequest,
    release_original, sheet,
    view::{self, DeadlineTag},
};
use crate::{
    casework::{Case, Copy, Deletion, Event, MessageText, MoveKind, Objection, Permission, Retaliation, Who},
    ids::{CaseNumber, StaffId},
    staff::{May, grant},
    web::{Lang, Page, html},
};
use askama::Template;
use axum::{
    extract::{Path, State as Shared},
    http::{StatusCode, Uri},
    response::Response,
};

pub(super) async fn show(
    Shared(state): Shared<ConsoleState>,
    may: May<grant::ReadCases>,
    Path((_, number)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let dossier = match state.open(&may, &number, "case").await {
        Ok(dossier) => dossier,
        Err(response) => return response,
    };
    let (case, lang) = (&dossier.case, may.lang);
    let mut page = state.page(
        &may,
        lang.t1("case-title", "number", case.number.to_string()),
        &format!("/cases/{number}"),
    );
    // To the list as it was left, at the row of this case.
    page.back = page.href(&format!("/cases?{}#c-{}", may.left_list_at().await, case.number));
    page.mark = state.mark(&may, &dossier);
    let words = CaseWords { state: &state, lang, case };
    let template = CasePage {
        done: uri
            .query()
            .and_then(|query| query.strip_prefix("done="))
            .filter(|code| MoveKind::parse(code).is_some())
            .map(|code| lang.t(&format!("done-{code}")))
            .unwrap_or_default(),
        facts: words.facts(),
        narrative: case.content.narrative.clone(),
        additions: case.additions.iter().map(|a| (view::day(a.day), a.text.clone())).collect(),
        files: words.files(),
        requests: state.requests(lang, case),
        messages: words.messages(),
        retaliations: case.retaliations.iter().map(|r| words.retaliation(r)).collect(),
        deletions: case.deletions.iter().map(|d| words.deletion(d)).collect(),
        objections: case.objections.iter().map(|o| words.objection(o)).collect(),
        notes: case
            .notes
            .iter()
            .map(|note| (view::day(note.day), words.who(&note.by), note.text.clone()))
            .collect(),
        events: case.history.iter().rev().map(|event| words.event(event)).collect(),
        entered: words.entered(),
        repeats: state.likely_repeats(&may, case),
        merged: words.merged(),
        status: view::state(lang, case.state),
        decided: words.decided(),
        danger: case.content.imminent_danger && !case.state.is_final(),
        owner: case.owner.as_ref().map_or_else(|| lang.t("owner-nobody"), |id| state.person(id)),
        body: state.handled_by(lang, case),
        deadline: case.next_deadline().map(|next| state.deadline(lang, &next)),
        documents: documents::list(&state, lang, case),
        sheets: sheet::list(&state, lang, case),
        moves: state
            .moves(case, &may)
            .into_iter()
            .map(|mv| {
                let page = match mv {
                    MoveKind::MakeSheet => "sheet".to_owned(),
                    MoveKind::AskOriginal => "original".to_owned(),
                    mv => format!("moves/{}", mv.code()),
                };
                (lang.t(&format!("move-{}", mv.code())), format!("/{}/cases/{number}/{page}", lang.path()))
            })
            .collect(),
        award: award_line(&may, &dossier, lang),
        received: view::day(case.received),
        page,
    };
    html(StatusCode::OK, &template)
}

/// One line about the award with a link, for those who may see it and where there can be one.
fn award_line(
    may: &May<grant::ReadCases>,
    dossier: &crate::store::Dossier,
    lang: Lang,
) -> Option<(String, String)> {
    let concluded = dossier.case.conclusion.as_ref().is_some_and(|c| c.finding.is_verified());
    if !may.may(Permission::ReadAward) || !(concluded || dossier.award().is_some()) {
        return None;
    }
    let text = match dossier.award() {
        Some(award) if follows_award(may) => lang.t(&format!("award-{}", award.state().name())),
        Some(award) => outcome(lang, award),
        None => lang.t("award-none"),
    };
    Some((text, format!("/{}/cases/{}/award", lang.path(), dossier.case.number)))
}

struct CaseWords<'a> {
    state: &'a ConsoleState,
    lang: Lang,
    case: &'a Case,
}

impl CaseWords<'_> {
    fn facts(&self) -> Vec<(String, String)> {
        let (content, lang) = (&self.case.content, self.lang);
        let yes_no = |yes: bool| lang.t(if yes { "yes" } else { "no" });
        let rows = [
            ("fact-kind", self.state.kind(lang, content.kind)),
            ("fact-industry", self.state.industry(lang, &content.industry)),
            ("fact-place", self.state.place(&content.region)),
            ("fact-target", content.target_name.clone()),
            ("fact-code", content.credit_code.clone()),
            ("fact-address", content.address.clone()),
            ("fact-when", content.when_text.clone()),
            ("fact-ongoing", yes_no(content.ongoing)),
            ("fact-danger", yes_no(content.imminent_danger)),
        ];
        let given = |value: String| if value.is_empty() { lang.t("not-given") } else { value };
        rows.into_iter().map(|(key, value)| (lang.t(key), given(value))).collect()
    }

    /// What was decided so far: ground, finding, reply, closing.
    fn decided(&self) -> Vec<(String, String)> {
        let (case, lang) = (self.case, self.lang);
        let code = |code: &str| code.replace('_', "-");
        let mut rows = Vec::new();
        if let Some(declined) = &case.declined {
            let ground = self.state.policy.intake.ground(declined.ground.as_str());
            let words = ground.map_or_else(|| declined.ground.to_string(), |g| view::text(&g.text, lang));
            rows.push(("field-ground", words));
        }
        if let Some(extension) = &case.extension {
            let key = if extension.granted_by.is_some() { "extension-granted" } else { "extension-waits" };
            rows.push(("field-extension", lang.t1(key, "days", extension.days.count())));
        }
        if let Some(conclusion) = &case.conclusion {
            rows.push(("field-finding", lang.t(&format!("finding-{}", code(conclusion.finding.code())))));
        }
        if let Some(transferred) = &case.transferred {
            let office = self.state.policy.intake.out_of_scope(transferred.office.as_str());
            let words =
                office.map_or_else(|| transferred.office.to_string(), |o| view::text(&o.department, lang));
            rows.push(("field-office", words));
        }
        if let Some(day) = case.erased {
            rows.push(("case-erased", view::day(day)));
        }
        if let Some(reply) = &case.reply {
            rows.push(("field-reward", lang.t(&format!("reward-{}", code(reply.reward.code())))));
        }
        rows.into_iter().map(|(key, value)| (lang.t(key), value)).collect()
    }

    /// How the report came, if staff entered it, and what that means as long as only they have its receipt. Not who:
    /// they may know the reporter, and nobody is to ask them.
    fn entered(&self) -> Option<(String, String)> {
        let entered = self.case.entered.as_ref()?;
        let channel = self.state.policy.intake.channel(entered.channel.as_str());
        let channel = channel.map_or_else(|| entered.channel.to_string(), |c| view::text(&c.name, self.lang));
        let became = match entered.taken_over {
            None => self.lang.t("entered-waits"),
            Some(day) => self.lang.t1("entered-taken-over", "day", view::day(day)),
        };
        Some((self.lang.t1("entered-by-staff", "channel", channel), became))
    }

    fn merged(&self) -> Vec<(String, String, String)> {
        let into = self.case.merged_into.iter().map(|number| ("case-merged-into", number));
        let all = into.chain(self.case.merged.iter().map(|number| ("case-merged", number)));
        let all = all.chain(self.case.same_reporter.iter().map(|number| ("case-same-reporter", number)));
        let line = |(key, number): (&str, &CaseNumber)| {
            let href = format!("/{}/cases/{number}", self.lang.path());
            (self.lang.t(key), href, number.to_string())
        };
        all.map(line).collect()
    }

    /// Day, what became of it, and the reporter's words.
    fn objection(&self, objection: &Objection) -> (String, String, String) {
        let became = match objection.review.as_ref().map(|review| review.is_upheld) {
            None => "objection-open",
            Some(true) => "objection-upheld",
            Some(false) => "objection-overturned",
        };
        (view::day(objection.day), self.lang.t(became), objection.text.clone())
    }

    /// Day, what became of it, and the reporter's words.
    fn deletion(&self, deletion: &Deletion) -> (String, String, String) {
        let became = match deletion.decided.as_ref().map(|decided| decided.is_granted) {
            None => self.lang.t1("deletion-open", "day", view::day(deletion.decide_by)),
            Some(true) => self.lang.t("deletion-granted"),
            Some(false) => self.lang.t("deletion-refused"),
        };
        (view::day(deletion.day), became, deletion.text.clone())
    }

    /// Day, what became of it, and the reporter's words.
    fn retaliation(&self, retaliation: &Retaliation) -> (String, String, String) {
        let became = match &retaliation.answered {
            None => self.lang.t1("retaliation-open", "day", view::day(retaliation.answer_by)),
            Some(answered) => self.lang.t1("retaliation-answered", "day", view::day(answered.day)),
        };
        (view::day(retaliation.day), became, retaliation.text.clone())
    }

    fn files(&self) -> Vec<FileRow> {
        let lang = self.lang;
        let row = |(i, file): (usize, &crate::casework::CaseFile)| FileRow {
            label: lang.t1("file-n", "n", i + 1),
            about: format!("{}, {}", view::day(file.day), lang.t(&format!("file-size-{}", file.size.code()))),
            href: match &file.copy {
                Copy::Cleaned { blob, .. } => {
                    format!("/{}/cases/{}/copies/{blob}", lang.path(), self.case.number)
                }
                Copy::SealedOnly => String::new(),
            },
            edited: release_original::joined(self.state, lang, self.case, file.original),
        };
        self.case.files.iter().enumerate().map(row).collect()
    }

    fn messages(&self) -> Vec<Said> {
        let said = |message: &crate::casework::Message| Said {
            own: message.from != Who::Reporter,
            who: self.who(&message.from),
            day: view::day(message.day),
            text: match &message.text {
                MessageText::Clear(text) => text.clone(),
                MessageText::Sealed(_) => self.lang.t("message-sealed"),
            },
            sealed: matches!(message.text, MessageText::Sealed(_)),
            file: message.file.as_ref().map(|file| {
                let size = self.lang.t(&format!("file-size-{}", file.size.code()));
                self.lang.t1("message-file", "size", size)
            }),
        };
        self.case.messages.iter().map(said).collect()
    }

    fn who(&self, who: &Who) -> String {
        match who {
            Who::Reporter => self.lang.t("who-reporter"),
            Who::Rule => self.lang.t("who-rule"),
            Who::Staff(id) => self.state.person(id),
        }
    }

    /// `reason`: level, kind and last day, as it was recorded.
    fn escalated(&self, reason: &str) -> String {
        let mut parts = reason.split(' ');
        let mut next = || parts.next().unwrap_or_default();
        let (level, kind, by) = (next(), next(), next());
        let which = self.lang.t(&format!("deadline-{kind}"));
        self.lang.t_with(&format!("done-escalate-{level}"), &view::values(&[("which", &which), ("by", by)]))
    }

    fn event(&self, event: &Event) -> Happened {
        Happened {
            day: view::day(event.day),
            who: self.who(&event.by),
            what: match event.what {
                MoveKind::Assign | MoveKind::Reassign => {
                    let key = format!("done-{}-to", event.what.code());
                    self.lang.t1(&key, "name", self.state.person(&StaffId(event.reason.clone())))
                }
                MoveKind::Say if !event.reason.is_empty() => {
                    let size = self.lang.t(&format!("file-size-{}", event.reason));
                    self.lang.t1("done-say-file", "size", size)
                }
                MoveKind::Escalate => self.escalated(&event.reason),
                what => self.lang.t(&format!("done-{}", what.code())),
            },
            // Of these the reason is a code, and said already.
            reason: match event.what {
                MoveKind::Assign | MoveKind::Reassign | MoveKind::Say => String::new(),
                MoveKind::MakeSheet | MoveKind::Escalate => String::new(),
                _ => event.reason.clone(),
            },
            told: event.told.clone(),
        }
    }
}

struct FileRow {
    label: String,
    about: String,
    /// Empty: sealed, no copy.
    href: String,
    /// Copies that the office edited: where each is, and what was done to it.
    edited: Vec<(String, String)>,
}

struct Said {
    own: bool,
    who: String,
    day: String,
    text: String,
    /// `text` is ours then, not what was written.
    sealed: bool,
    /// That a file went along, and about how large.
    file: Option<String>,
}

struct Happened {
    day: String,
    who: String,
    what: String,
    reason: String,
    told: String,
}

#[derive(Template)]
#[template(path = "console/case.html")]
struct CasePage {
    page: Page,
    done: String,
    facts: Vec<(String, String)>,
    narrative: String,
    additions: Vec<(String, String)>,
    files: Vec<FileRow>,
    requests: Vec<ShownRequest>,
    messages: Vec<Said>,
    retaliations: Vec<(String, String, String)>,
    deletions: Vec<(String, String, String)>,
    objections: Vec<(String, String, String)>,
    notes: Vec<(String, String, String)>,
    events: Vec<Happened>,
    status: String,
    entered: Option<(String, String)>,
    repeats: Vec<Likely>,
    /// Label, address and number of each case on the same matter.
    merged: Vec<(String, String, String)>,
    decided: Vec<(String, String)>,
    danger: bool,
    owner: String,
    body: String,
    deadline: Option<DeadlineTag>,
    /// Address and words.
    documents: Vec<(String, String)>,
    /// Address and words.
    sheets: Vec<(String, String)>,
    moves: Vec<(String, String)>,
    award: Option<(String, String)>,
    received: String,
}

//! What a letter says: texts that are ready to be read, in its language. Nothing of who reported, nothing that tells whether
//! a name was given.

use super::{
    DocumentDesk,
    forms::Forms,
    issued::{Issued, What},
    place::{Place, Texts},
};
use crate::{
    award::{
        paper::Paper,
        record::{Award, Step},
    },
    casework::{Case, Event, Finding, MoveKind, Recipient, RewardConditions},
    clock::Day,
    policy::{Body, Code, Lang, Text},
};

/// One letter before it is set.
#[derive(Clone, Debug)]
pub(super) struct Letter {
    /// Name of its template.
    pub template: &'static str,
    pub lang: Lang,
    pub title: String,
    pub number: String,
    /// Who has decided.
    pub body: String,
    pub day: Day,
    pub texts: Texts,
    /// On copies for staff: whose it is.
    pub mark: Option<String>,
}

impl DocumentDesk {
    /// `own`: the case of whoever asks, also where another one answers for its matter. `None` if the policy has no such letter.
    pub(super) fn letter(&self, lang: Lang, own: &Case, issued: &Issued) -> Option<Letter> {
        let forms = self.press.forms()?;
        let form = forms.letters.get(&issued.kind)?;
        let serial = match issued.nth {
            1 => format!("{:06}", own.number.serial),
            nth => format!("{:06}-{nth}", own.number.serial),
        };
        let number = form.number.get_ref().get(lang);
        let number = number.replace("{year}", &own.number.year.to_string()).replace("{serial}", &serial);
        let mut texts = self.about(lang, own);
        let body = match issued.what {
            What::Event { case, at } => self.of_event(forms, &mut texts, lang, own, (case, at)),
            What::Step { award, at } => self.of_step(&mut texts, lang, own, award, at),
        };
        let service = &self.policy.intake.service;
        for (place, text) in [
            (Place::Service, service.name.get(lang).to_owned()),
            (Place::Hotline, service.hotline.clone()),
            (Place::LogKey, self.log_key.clone()),
            (Place::Number, number.clone()),
            (Place::Body, body.clone()),
            (Place::Case, own.number.to_string()),
            (Place::Day, lang.day(issued.day)),
            (Place::Received, lang.day(own.received)),
        ] {
            texts.insert(place, vec![text]);
        }
        Some(Letter {
            template: issued.template(),
            lang,
            title: form.title.get(lang).to_owned(),
            number,
            body,
            day: issued.day,
            texts,
            mark: None,
        })
    }

    /// `at` in `case`, which answers for the matter of `own`. Gives who has decided.
    fn of_event(
        &self,
        forms: &Forms,
        texts: &mut Texts,
        lang: Lang,
        own: &Case,
        (case, at): (&Case, usize),
    ) -> String {
        let event = &case.history[at];
        let name = |text: &Text| vec![text.get(lang).to_owned()];
        let [from, to] = self.bodies_at(case, at);
        texts.insert(Place::Told, paragraphs(&event.told));
        texts.extend(until(case, event).map(|day| (Place::Until, vec![lang.day(day)])));
        match event.what {
            MoveKind::Decline => {
                let ground =
                    case.declined.as_ref().and_then(|d| self.policy.intake.ground(d.ground.as_str()));
                texts.extend(ground.map(|ground| (Place::Ground, name(&ground.text))));
            }
            MoveKind::Transfer => {
                let office = case.transferred.as_ref();
                let office = office.and_then(|to| self.policy.intake.out_of_scope(to.office.as_str()));
                texts.extend(office.map(|office| (Place::To, name(&office.department))));
                let said = match goes_out_checked(case) {
                    true => &forms.passed_on.checked,
                    false => &forms.passed_on.as_written,
                };
                texts.insert(Place::PassedOn, name(said));
            }
            MoveKind::HandUp | MoveKind::HandDown => {
                texts.insert(Place::To, name(&to.name));
                // The next body reads the case itself, whatever text was made beside it.
                texts.insert(Place::PassedOn, name(&forms.passed_on.as_written));
            }
            MoveKind::Reply => self.of_reply(forms, texts, lang, own, case),
            _ => {}
        }
        from.name.get(lang).to_owned()
    }

    fn of_reply(&self, forms: &Forms, texts: &mut Texts, lang: Lang, own: &Case, case: &Case) {
        let Some(reply) = &case.reply else { return };
        let is_joint = own.number != case.number;
        if is_joint {
            // Only whoever reported first can ask for a review.
            texts.remove(&Place::Until);
            texts.insert(Place::Joint, vec![forms.joint.next.get(lang).to_owned()]);
        }
        texts.remove(&Place::Told);
        texts.insert(Place::Findings, paragraphs(&reply.findings));
        texts.insert(Place::Handling, paragraphs(&reply.handling));
        if let Some(conclusion) = &case.conclusion {
            // No more than the three words of the reporter's page.
            let finding = match conclusion.finding {
                Finding::True => &forms.finding.confirmed,
                Finding::Partly => &forms.finding.partly,
                Finding::False | Finding::CannotBeEstablished => &forms.finding.not_confirmed,
            };
            texts.insert(Place::Finding, vec![finding.get(lang).to_owned()]);
        }
        if self.policy.intake.service.rewards {
            let conditions = match reply.reward {
                RewardConditions::Met if is_joint => &forms.joint.met,
                RewardConditions::Met => &forms.conditions.met,
                RewardConditions::NotMet => &forms.conditions.not_met,
            };
            texts.insert(Place::Conditions, vec![conditions.get(lang).to_owned()]);
        }
    }

    fn of_step(&self, texts: &mut Texts, lang: Lang, own: &Case, award: &Award, at: usize) -> String {
        texts.insert(Place::Amount, vec![lang.money(award.terms().base_fen)]);
        texts.insert(Place::How, explained(lang, award));
        if let Step::Notified { claim_until }
        | Step::ClaimExtended { claim_until, .. }
        | Step::ClaimResumed { claim_until }
        | Step::PublicNotice { claim_until } = &award.history()[at].step
        {
            texts.insert(Place::Until, vec![lang.day(*claim_until)]);
        }
        own.handled_by(&self.policy.bodies).name.get(lang).to_owned()
    }

    /// Who handled the case when the `at`th event came, and who after it.
    fn bodies_at<'b>(&'b self, case: &'b Case, at: usize) -> [&'b Body; 2] {
        let bodies = &self.policy.bodies;
        let is_handover = |event: &Event| matches!(event.what, MoveKind::HandUp | MoveKind::HandDown);
        let content = &case.content;
        let competent = || bodies.competent(&content.region, &content.industry, content.kind);
        let known = |code: &Code| bodies.get(code.as_str());
        let before = case.history[..at].iter().filter(|event| is_handover(event)).count();
        let is_taken_over = case.history[at..].iter().any(|event| event.what == MoveKind::TakeOver);
        let after = |handovers: usize| match case.handovers.get(handovers) {
            Some(next) => known(&next.from),
            // The award of the case before has brought the body before with it.
            None if is_taken_over => case.handovers.last().and_then(|last| known(&last.to)),
            None => Some(case.handled_by(bodies)),
        };
        [before, before + 1].map(|handovers| after(handovers).unwrap_or_else(competent))
    }

    /// What was reported, in short: the story itself is the reporter's and stays on their page.
    fn about(&self, lang: Lang, case: &Case) -> Texts {
        let (c, intake) = (&case.content, &self.policy.intake);
        let region =
            c.region.parse().map(|code| self.policy.regions.path(code).join(" ")).unwrap_or_default();
        let industry = intake.industry(&c.industry).map(|i| i.name.get(lang).to_owned()).unwrap_or_default();
        let rows = [
            (Place::Kind, intake.kind(c.kind).name.get(lang).to_owned()),
            (Place::Target, c.target_name.clone()),
            (Place::Region, region),
            (Place::Address, c.address.clone()),
            (Place::Industry, industry),
        ];
        rows.into_iter().filter(|row| !row.1.is_empty()).map(|(place, text)| (place, vec![text])).collect()
    }
}

/// As it was set; where an old record does not say, as it stands now.
fn until(case: &Case, event: &Event) -> Option<Day> {
    let now = match event.what {
        MoveKind::Accept | MoveKind::GrantExtension | MoveKind::Overturn => case.deadlines.conclude_by,
        MoveKind::AskSupplement => case.deadlines.supplement_by,
        MoveKind::Decline | MoveKind::Reply => case.deadlines.objection_by,
        _ => None,
    };
    event.until.or(now)
}

/// Whether a text was made for the office that the case went to, from which everything was taken that the check found.
fn goes_out_checked(case: &Case) -> bool {
    let Some(to) = case.transferred.as_ref().map(|to| Recipient::Office(to.office.clone())) else {
        return false;
    };
    let mut for_it = case.sheets.iter().filter(|sheet| sheet.to == to).peekable();
    for_it.peek().is_some() && for_it.all(|sheet| sheet.left_in.is_empty())
}

fn paragraphs(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// How the amount was worked out: the rule, then its steps, each with its article.
pub(crate) fn explained(lang: Lang, award: &Award) -> Vec<String> {
    let Ok(paper) = Paper::read(award.decision()) else { return Vec::new() };
    let rule = &paper.amount.rule;
    let line = |article: &str, text: &str| {
        lang.t_with("explained", &[("article", article.into()), ("text", text.into())])
    };
    let steps = paper.amount.steps.iter().map(|step| line(step.article.get(lang), step.text.get(lang)));
    std::iter::once(line(&rule.document, rule.title.get(lang))).chain(steps).collect()
}

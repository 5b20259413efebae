//! A report being written: what was typed at each step, as typed. Memory only; wiped when dropped.

use super::mine::Own;
use crate::{
    casework::CaseContent,
    envelope::SealedReport,
    ids::{DraftMark, ReportId},
    policy::{Code, Intake, Length, MatterKind, Policy, RegionCode},
    receipt::Receipt,
    store::TicketHash,
    web::{Errors, Lang, Typed},
};
use rand::CryptoRng;

/// The questions, in the order the service is known by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, PartialOrd, Ord)]
pub(super) enum Step {
    Name,
    Region,
    Kind,
    Industry,
    Place,
    Story,
    Identity,
}

impl Step {
    pub const ALL: [Self; 7] =
        [Self::Name, Self::Region, Self::Kind, Self::Industry, Self::Place, Self::Story, Self::Identity];

    /// Its address after the language.
    pub fn path(self) -> &'static str {
        match self {
            Self::Name => "/name",
            Self::Region => "/region",
            Self::Kind => "/kind",
            Self::Industry => "/industry",
            Self::Place => "/place",
            Self::Story => "/story",
            Self::Identity => "/identity",
        }
    }

    /// The names of its fields; nothing else of a form is kept.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Name => &["name"],
            Self::Region => &["region", "query"],
            Self::Kind => &["kind"],
            Self::Industry => &["industry"],
            Self::Place => &["target", "code", "address"],
            Self::Story => &["story", "when", NOW],
            Self::Identity => &[],
        }
    }
}

/// The one field of check boxes, and all that can be ticked there.
const NOW: &str = "now";
const ONGOING: &str = "ongoing";
const DANGER: &str = "danger";

/// Real name, or none, as it is answered where no script runs. Kept in the draft only; after sending the answer exists
/// inside the envelope alone.
pub(super) const NAMELESS: &str = "nameless";
pub(super) const SEALED: &str = "sealed";
/// What comes in their place where script runs: it was answered, and the answer stays on the device.
pub(super) const DEVICE: &str = "device";

/// A member of staff fills the form in for somebody. Which one is not known here.
#[derive(Clone)]
pub(super) struct Desk {
    pub ticket: TicketHash,
    /// How the report came: a code of policy.
    pub channel: Code,
}

pub(super) struct Draft {
    pub report: ReportId,
    /// What an answer that stays on the device is bound to there.
    pub mark: DraftMark,
    /// Drawn when something is sealed or sent here: a device that seals draws its own.
    receipt: Option<Receipt>,
    typed: [Typed; 7],
    /// Filled in by a member of staff, with this code.
    pub entry: Option<Desk>,
    /// The person, sealed in the request that carried them. Opaque here.
    pub sealed: Option<SealedReport>,
    /// What was sent of it, where the store does not know whether it has it, as it would be open had it been answered. It is
    /// sent again as it is, and changed no more: a report that is stored stays as it was, whatever comes after it.
    pub unsure: Vec<Own>,
}

impl Draft {
    pub fn new(rng: &mut impl CryptoRng) -> Self {
        let (report, mark) = (ReportId::random(rng), DraftMark::random(rng));
        let typed = Default::default();
        Self { report, mark, receipt: None, typed, entry: None, sealed: None, unsure: Vec::new() }
    }

    /// The receipt this draft will have; drawn on the first call.
    pub fn receipt(&mut self, rng: &mut impl CryptoRng) -> &Receipt {
        self.receipt.get_or_insert_with(|| Receipt::draw(rng))
    }

    /// The same answers for another visit. What is about the person is asked again, and nothing that could be
    /// known elsewhere goes along: the report's id, its mark on the device, its receipt, a name that was sealed.
    pub fn again(&self, rng: &mut impl CryptoRng) -> Self {
        let mut typed = self.typed.clone();
        typed[Step::Name as usize] = Typed::default();
        Self { typed, entry: self.entry.clone(), ..Self::new(rng) }
    }

    /// What is kept of it when it was sent from a device: nothing of the person, not even whether there is one.
    pub fn sent(mut self) -> Sent {
        self.typed[Step::Name as usize] = Typed::default();
        (self.receipt, self.sealed) = (None, None);
        self.unsure.clear();
        Sent(self)
    }

    /// Where it is sent again while nobody knows whether it is stored: where it was sent, but a receipt drawn here is
    /// still here.
    pub fn unsure_at(&self) -> Option<&'static str> {
        let here = self.unsure.iter().any(|own| own.receipt.is_some());
        (!self.unsure.is_empty()).then_some(if here { "/check" } else { "/seal" })
    }

    /// Nothing was answered yet.
    pub fn is_blank(&self) -> bool {
        self.sealed.is_none() && self.typed.iter().all(Typed::is_empty)
    }

    pub fn typed(&self, step: Step) -> &Typed {
        &self.typed[step as usize]
    }

    /// What it holds in memory beside itself, about.
    pub fn bytes(&self) -> usize {
        let typed: usize = self.typed.iter().map(Typed::bytes).sum();
        let unsure = self.unsure.len() * size_of::<Own>();
        typed + self.sealed.as_ref().map_or(0, SealedReport::bytes) + unsure
    }

    /// Keeps what was typed, also what still has a problem: the page shows it again. One value a name, but for the
    /// check boxes. What must not be kept (a receipt, a text far over its limit) is left out.
    pub fn keep(&mut self, step: Step, typed: &Typed, limits: &Intake) {
        let mut kept = Vec::new();
        for name in step.fields().iter().filter(|name| typed.has(name)) {
            if *name == NOW {
                let ticked =
                    [ONGOING, DANGER].into_iter().filter(|value| typed.all(name).any(|v| v == *value));
                kept.extend(ticked.map(|value| ((*name).to_owned(), value.to_owned())));
                continue;
            }
            kept.push(((*name).to_owned(), self::kept(limits, name, typed.raw(name)).to_owned()));
        }
        self.typed[step as usize] = Typed::from_pairs(kept);
        // Sealed here before: it is taken back, or the device seals now.
        if [NAMELESS, DEVICE].contains(&self.typed(Step::Name).raw("name")) {
            self.sealed = None;
        }
    }

    /// Whether all of what was typed at this step is kept.
    pub fn holds(&self, step: Step, typed: &Typed) -> bool {
        let is_empty = |typed: &Typed, name: &str| typed.raw(name).is_empty();
        step.fields().iter().all(|name| is_empty(typed, name) || !is_empty(self.typed(step), name))
    }

    /// The server was told that there is a name.
    pub fn is_named(&self) -> bool {
        self.named() == SEALED
    }

    /// Whether there is one was answered on the device, and is not known here.
    pub fn is_answered_on_device(&self) -> bool {
        self.named() == DEVICE
    }

    /// Whether there is a name, as far as is known here.
    pub fn named(&self) -> &'static str {
        let answer = self.typed(Step::Name).raw("name");
        [SEALED, DEVICE].into_iter().find(|known| *known == answer).unwrap_or(NAMELESS)
    }

    /// The first question about the matter without a good answer.
    pub fn unanswered(&self, policy: &Policy) -> Option<Step> {
        let about_the_matter = Step::ALL.into_iter().filter(|step| *step != Step::Identity);
        about_the_matter
            .into_iter()
            .find(|step| !check(*step, self.typed(*step), policy, Lang::Zh).is_empty())
    }

    /// The first page of the way without script that is not done; `None` when the report can be sent there. What was
    /// answered on the device was not answered here.
    pub fn missing(&self, policy: &Policy) -> Option<Step> {
        let untold = self.is_answered_on_device().then_some(Step::Name);
        let unnamed = (self.is_named() && self.sealed.is_none()).then_some(Step::Identity);
        self.unanswered(policy).or(untold).or(unnamed)
    }

    /// What investigators will read. Only for a draft in which nothing is missing.
    pub fn content(&self) -> CaseContent {
        let place = self.typed(Step::Place);
        let story = self.typed(Step::Story);
        CaseContent {
            kind: MatterKind::from_code(self.typed(Step::Kind).raw("kind")).unwrap_or(MatterKind::Unsure),
            industry: self.typed(Step::Industry).raw("industry").to_owned(),
            region: self.typed(Step::Region).raw("region").to_owned(),
            target_name: place.text("target").to_owned(),
            credit_code: place.plain("code").to_uppercase(),
            address: place.text("address").to_owned(),
            narrative: story.text("story").to_owned(),
            when_text: story.text("when").to_owned(),
            ongoing: story.all(NOW).any(|v| v == ONGOING),
            imminent_danger: story.all(NOW).any(|v| v == DANGER),
        }
    }
}

/// A draft that was sent, in case its receipt is lost. Only [`Draft::sent`] makes one.
pub(super) struct Sent(Draft);

impl Sent {
    /// What it holds in memory beside itself, about.
    pub fn bytes(&self) -> usize {
        self.0.bytes()
    }

    /// The same answers under a new report id.
    pub fn again(&self, rng: &mut impl CryptoRng) -> Draft {
        self.0.again(rng)
    }
}

/// What is kept of a value as typed: nothing, if there is a receipt in it, or if it is far over its limit.
pub(super) fn kept<'a>(limits: &Intake, name: &str, value: &'a str) -> &'a str {
    let most = length(limits, name).map_or(200, |length| length.most as usize * 2);
    if Receipt::is_in(value) || value.chars().count() > most { "" } else { value }
}

/// The limit of a field of free text.
pub(super) fn length(intake: &Intake, field: &str) -> Option<Length> {
    let fields = &intake.fields;
    Some(match field {
        "target" => fields.target_name,
        "code" => fields.credit_code,
        "address" => fields.address,
        "story" => fields.narrative,
        "when" => fields.when,
        "message" | "objection" | "retaliation" => fields.message,
        // Nobody has to say why.
        "refusal" => Length { least: 0, ..fields.message },
        "reason" | "deletion" => fields.withdraw_reason,
        _ => return None,
    })
}

/// What to do about the answers to one question, in words.
pub(super) fn check(step: Step, typed: &Typed, policy: &Policy, lang: Lang) -> Errors {
    let mut errors = Errors::default();
    let intake = &policy.intake;
    match step {
        Step::Name if !name_answers(intake).contains(&typed.raw("name")) => {
            errors.add("name", lang.t("name-missing"));
        }
        Step::Region => {
            let known = typed.raw("region").parse::<RegionCode>().ok().and_then(|c| policy.regions.get(c));
            if known.is_none() {
                errors.add("query", lang.t("region-missing"));
            }
        }
        Step::Kind if MatterKind::from_code(typed.raw("kind")).is_none() => {
            errors.add("kind", lang.t("kind-missing"))
        }
        Step::Industry if !intake.industries.iter().any(|i| i.code.as_str() == typed.raw("industry")) => {
            errors.add("industry", lang.t("industry-missing"));
        }
        Step::Place => {
            text(&mut errors, typed, "target", intake, lang, "target-missing", "target-missing");
            text(&mut errors, typed, "code", intake, lang, "", "");
            text(&mut errors, typed, "address", intake, lang, "", "");
        }
        Step::Story => {
            text(&mut errors, typed, "story", intake, lang, "story-missing", "story-short");
            text(&mut errors, typed, "when", intake, lang, "", "");
        }
        _ => {}
    }
    errors
}

/// What the first question can be answered with. Where no award can be claimed no name is taken, and there is no choice.
fn name_answers(intake: &Intake) -> &'static [&'static str] {
    if intake.service.rewards { &[NAMELESS, SEALED, DEVICE] } else { &[NAMELESS] }
}

/// Checks one field of free text: there, long enough, short enough, and no receipt in it.
pub(super) fn text(
    errors: &mut Errors,
    typed: &Typed,
    field: &str,
    intake: &Intake,
    lang: Lang,
    missing: &str,
    short: &str,
) {
    let Some(limit) = length(intake, field) else { return };
    let count = typed.length(field);
    if Receipt::is_in(typed.raw(field)) {
        errors.add(field, lang.t("receipt-in-field"));
    } else if count > limit.most as usize {
        errors.add(field, too_long(lang, count, limit));
    } else if count == 0 && limit.least > 0 {
        errors.add(field, lang.t(missing));
    } else if count < (limit.least as usize) {
        errors.add(field, lang.t1(short, "least", limit.least));
    }
}

pub(super) fn too_long(lang: Lang, count: usize, limit: Length) -> String {
    lang.t_with("too-long", &[("most", limit.most.into()), ("over", (count - limit.most as usize).into())])
}

#[cfg(test)]
mod tests;

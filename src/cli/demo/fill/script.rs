//! `cases.toml`: what each sample case says, and how far it has come.

use super::originals::Originals;
use crate::{
    casework::{CaseContent, Finding, MessageText, Move, RewardConditions},
    clock::Day,
    ids::StaffId,
    policy::{Code, Days, Fen, MatterKind},
};
use jiff::ToSpan;
use serde::Deserialize;

const CASES: &str = include_str!("cases.toml");

/// What happens to a case, in the order of its days.
pub enum Action {
    Submit,
    Staff(&'static str, Move),
    Reporter(Move),
    Compute(&'static str),
    Approve(&'static str),
    File(&'static str),
    Notify(&'static str),
    Claim,
    Attach,
    AskOriginal(&'static str),
    JoinCopy,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Sample>,
}

/// How far a case has come.
#[derive(Deserialize, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Until {
    Submitted,
    SupplementRequested,
    NotAccepted,
    Withdrawn,
    Accepted,
    Assigned,
    Verifying,
    Concluded,
    Replied,
    Closed,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    #[serde(default)]
    pub fines_fen: Vec<Fen>,
    #[serde(default)]
    pub deaths: u32,
    #[serde(default)]
    approved: u8,
    #[serde(default)]
    notified: bool,
    #[serde(default)]
    claimed: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sample {
    received: i64,
    until: Until,
    kind: MatterKind,
    industry: String,
    region: String,
    pub target: String,
    address: String,
    when: String,
    narrative: String,
    ongoing: bool,
    danger: bool,
    pub name: Option<String>,
    ask: Option<String>,
    /// A body above that took it over.
    hand_up: Option<Code>,
    answer: Option<String>,
    say: Option<String>,
    ground: Option<Code>,
    decline: Option<String>,
    told: Option<String>,
    extension: Option<String>,
    finding: Option<Finding>,
    conclude: Option<String>,
    findings: Option<String>,
    handling: Option<String>,
    reward: Option<RewardConditions>,
    evidence: Option<String>,
    pub award: Option<Figures>,
    pub original: Option<Originals>,
    /// The receipt is given away in `demo.json`.
    #[serde(default)]
    pub receipt: bool,
}

pub fn samples() -> Result<Vec<Sample>, toml::de::Error> {
    Ok(toml::from_str::<Cases>(CASES)?.case)
}

const HANDED_UP: &str = "您的举报现在由淄博市应急管理局办理。";
const ACCEPTED: &str = "我们已受理您的举报，正在安排核查。核查期限和进展会写在这个页面上。";

impl Sample {
    pub fn content(&self) -> CaseContent {
        CaseContent {
            kind: self.kind,
            industry: self.industry.clone(),
            region: self.region.clone(),
            target_name: self.target.clone(),
            credit_code: String::new(),
            address: self.address.clone(),
            narrative: self.narrative.clone(),
            when_text: self.when.clone(),
            ongoing: self.ongoing,
            imminent_danger: self.danger,
        }
    }

    /// For the list in `demo.json`.
    pub fn about(&self) -> String {
        match &self.award {
            Some(Figures { claimed: true, .. }) => {
                "the award is claimed: trustees and office are next".into()
            }
            Some(Figures { notified: true, .. }) => "the award can be claimed".into(),
            _ => match self.original {
                Some(Originals::Asked) => "an original is asked for: its reporter can stop it".into(),
                Some(Originals::Ready) => "an original can be opened: the office is next".into(),
                Some(Originals::Joined) => "an edited copy of an original has joined".into(),
                None => "a sample case".into(),
            },
        }
    }

    /// The `i`th case's days and actions; nothing happens after `today`.
    pub fn plan(&self, i: usize, today: Day) -> Vec<(Day, Action)> {
        let received = today.saturating_sub(self.received.days());
        let day = |after: i64| received.saturating_add(after.days()).min(today);
        let owner = if i.is_multiple_of(2) { "investigator" } else { "investigator2" };
        let text = |text: &Option<String>, or: &str| text.clone().unwrap_or_else(|| or.into());
        let mut plan = vec![(received, Action::Submit)];
        let mut staff = |after, login, mv| plan.push((day(after), Action::Staff(login, mv)));

        if let Some(question) = &self.ask {
            staff(2, "clerk", Move::AskSupplement { question: question.clone() });
        }
        if let Some(body) = self.hand_up.clone() {
            let (reason, told) = ("涉及本辖区几个区县，由上级单位统一核查。".into(), HANDED_UP.into());
            staff(1, "clerk", Move::HandUp { body, reason, told });
        }
        match self.until {
            Until::NotAccepted => {
                let (reason, told) =
                    (text(&self.decline, "不属于受理范围。"), text(&self.told, "我们没有受理。"));
                if let Some(ground) = self.ground.clone() {
                    staff(3, "clerk", Move::Decline { ground, reason, told });
                }
            }
            until if until >= Until::Accepted => {
                let reason = "对象和事实明确，属于受理范围。".into();
                staff(2, "clerk", Move::Accept { reason, told: ACCEPTED.into() });
            }
            _ => {}
        }
        if self.until >= Until::Assigned {
            staff(3, "clerk", Move::Assign { to: StaffId(owner.into()) });
        }
        if self.until >= Until::Verifying {
            staff(5, owner, Move::Begin);
        }
        if let Some(words) = &self.say {
            staff(9, owner, Move::Say { text: MessageText::Clear(words.clone()), file: None });
        }
        if let Some(reason) = &self.extension
            && let Ok(days) = Days::try_from(20)
        {
            staff(48, owner, Move::AskExtension { days, reason: reason.clone() });
        }
        let reply = self.replied_after(i);
        if self.until >= Until::Concluded {
            let finding = self.finding.unwrap_or(Finding::CannotBeEstablished);
            staff(reply - 2, owner, Move::Conclude { finding, reason: text(&self.conclude, "见核查报告。") });
        }
        if self.until >= Until::Replied {
            let (findings, handling) =
                (text(&self.findings, "见核查报告。"), text(&self.handling, "已责令整改。"));
            let reward = self.reward.unwrap_or(RewardConditions::NotMet);
            staff(reply, owner, Move::Reply { findings, handling, reward });
        }
        if self.until == Until::Closed {
            staff(reply + 12, owner, Move::Close { evidence: text(&self.evidence, "整改复查记录。") });
        }
        if let Some(answer) = &self.answer {
            plan.push((day(4), Action::Reporter(Move::Add { text: answer.clone() })));
        }
        if self.until == Until::Withdrawn {
            plan.push((day(6), Action::Reporter(Move::Withdraw)));
        }
        if let Some(original) = self.original {
            let ago = |days: i64| today.saturating_sub(days.days());
            plan.push((day(1), Action::Attach));
            let asked = match original {
                Originals::Asked => 1,
                Originals::Ready => 5,
                Originals::Joined => 9,
            };
            plan.push((ago(asked), Action::AskOriginal(owner)));
            if original == Originals::Joined {
                plan.push((ago(2), Action::JoinCopy));
            }
        }
        self.plan_award(owner, reply, &day, &mut plan);
        plan.sort_by_key(|(day, _)| *day);
        plan
    }

    /// Days from receipt to reply: late enough that most objections are still open when the demo is made.
    fn replied_after(&self, i: usize) -> i64 {
        match self.until {
            Until::Replied => self.received - 7 - i64::try_from(i % 3).unwrap_or(0),
            _ => 28,
        }
    }

    fn plan_award(
        &self,
        owner: &'static str,
        reply: i64,
        day: &dyn Fn(i64) -> Day,
        plan: &mut Vec<(Day, Action)>,
    ) {
        let Some(figures) = &self.award else { return };
        plan.push((day(reply + 1), Action::Compute(owner)));
        for (after, login) in [(2, "approver"), (3, "approver2")].into_iter().take(figures.approved.into()) {
            plan.push((day(reply + after), Action::Approve(login)));
        }
        if figures.notified {
            plan.push((day(reply + 4), Action::File("approver")));
            plan.push((day(reply + 5), Action::Notify("approver")));
        }
        if figures.claimed {
            plan.push((day(reply + 6), Action::Claim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use std::path::Path;

    #[test]
    fn the_sample_cases_are_many_and_known_to_the_policy() {
        let policy = Policy::load(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/policy"))).unwrap();
        let samples = samples().unwrap();
        assert!(samples.len() >= 30);
        for sample in &samples {
            let code = sample.region.parse().unwrap();
            assert!(policy.regions.get(code).is_some(), "{}", sample.region);
            let mut industries = policy.intake.industries.iter();
            assert!(industries.any(|i| i.code.as_str() == sample.industry), "{}", sample.industry);
        }
    }
}

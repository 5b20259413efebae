//! Sample cases, made the way real ones are: sealed, submitted, moved by staff with their permissions, day by day.

mod originals;
mod script;

use super::staff::Member;
use crate::{
    award::{
        approval::Approval,
        claim::Claim,
        compute::decide,
        decision::{Decision, Facts},
        paper::Paper,
        record::{About, Award, Ballot},
    },
    casework::{Actor, Case, Deadlines, MessageText, Move, Rules, apply},
    cleartext::{
        identity::{Person, SealedBy},
        seal::{Binding, Whom, seal_report},
    },
    clock::Day,
    config::ServerKeys,
    envelope::SealedReport,
    ids::{CaseNumber, ReportId, StaffId},
    log::{Event, Leaf, PublicKind},
    mailbox,
    policy::{MatterKind, Policy, RewardKind, Severity},
    receipt::Receipt,
    signing::SigningKey,
    store::{Cases, Dossier, Month, PublicLog, Refused, Reports, Staff, Step, Store, Submission},
};
use rand::CryptoRng;
use script::{Action, Sample};
use serde::{Deserialize, Serialize};
use serde_json::json;

type Failed = Box<dyn std::error::Error>;

/// A receipt that `demo.json` gives away.
#[derive(Serialize, Deserialize)]
pub struct SampleReceipt {
    pub case: String,
    pub about: String,
    pub receipt: String,
}

struct Filling<'a> {
    store: &'a Store,
    policy: &'a Policy,
    rules: Rules,
    keys: &'a ServerKeys,
    staff: &'a [Member],
    trustees: &'a [SigningKey],
}

/// One case while it is made.
struct Made {
    report: ReportId,
    receipt: Receipt,
    number: CaseNumber,
}

/// Puts in staff and cases. Everything happens in the order of its days, as the log would have it.
pub fn fill(
    store: &Store,
    policy: &Policy,
    keys: &ServerKeys,
    (staff, trustees): (&[Member], &[SigningKey]),
    today: Day,
    rng: &mut impl CryptoRng,
) -> Result<Vec<SampleReceipt>, Failed> {
    for member in staff {
        store.put_account(member.account.clone()).wait()?;
    }
    let filling = Filling { store, policy, rules: Rules::of(policy), keys, staff, trustees };
    let samples = script::samples()?;
    let mut plan: Vec<(Day, usize, Action)> = Vec::new();
    for (i, sample) in samples.iter().enumerate() {
        plan.extend(sample.plan(i, today).into_iter().map(|(day, action)| (day, i, action)));
    }
    plan.sort_by_key(|(day, i, _)| (*day, *i));

    if let Some((first, ..)) = plan.first() {
        let set = &keys.set;
        let announced = u64::from(set.number());
        store.announce(PublicKind::RecipientSet, announced, *first, *set.fingerprint().as_bytes()).wait()?;
    }
    let mut made: Vec<Option<Made>> = samples.iter().map(|_| None).collect();
    for (day, i, action) in plan {
        match (&made[i], action) {
            (None, Action::Submit) => made[i] = Some(filling.submit(&samples[i], day, rng)?),
            (Some(case), action) => filling.act(case, &samples[i], action, day, rng)?,
            (None, _) => return Err(format!("sample case {i} moves before it is there").into()),
        }
    }
    let mut shown: Vec<_> = samples.iter().zip(&made).filter(|(sample, _)| sample.receipt).collect();
    // The awards first: they are what the tour goes through.
    shown.sort_by_key(|(sample, _)| sample.original.is_some());
    Ok(shown.into_iter().filter_map(|(sample, made)| made.as_ref().map(|made| made.shown(sample))).collect())
}

impl Made {
    fn shown(&self, sample: &Sample) -> SampleReceipt {
        let groups = self.receipt.groups();
        SampleReceipt {
            case: self.number.to_string(),
            about: sample.about(),
            receipt: groups.iter().map(|group| group.as_str()).collect::<Vec<_>>().join(" "),
        }
    }
}

impl Filling<'_> {
    fn submit(&self, sample: &Sample, day: Day, rng: &mut impl CryptoRng) -> Result<Made, Failed> {
        let (report, receipt) = (ReportId::random(rng), Receipt::draw(rng));
        let person = sample.name.as_deref().map(person).transpose()?;
        let whom = person.as_ref().map_or(Whom::Nameless, Whom::Named);
        let content = sample.content();
        let deadlines = Deadlines::at_receipt(day, content.imminent_danger, &self.rules);
        let bodies = self.policy.bodies.clone();
        let submission = Submission {
            report,
            locator: receipt.locator(),
            auth: receipt.auth(),
            audit_key: receipt.audit_key(),
            mailbox: receipt.mailbox(),
            claim_key: receipt.claim_verify_key(),
            sealed: self.seal(whom, report, &receipt, rng)?,
            day,
            forget: Month::of(self.policy.retention.open_case.after(day)),
            open_case: Box::new(move |number| {
                Case::new(number, report, day, content, deadlines).routed(&bodies)
            }),
            entry: None,
        };
        let number = self.store.submit(submission).wait()?;
        Ok(Made { report, receipt, number })
    }

    fn seal(
        &self,
        whom: Whom<'_>,
        report: ReportId,
        receipt: &Receipt,
        rng: &mut impl CryptoRng,
    ) -> Result<SealedReport, Failed> {
        let audit_key = receipt.audit_key();
        let binding = Binding {
            report,
            audit_key: &audit_key,
            claim_key: receipt.claim_verify_key(),
            set: &self.keys.set,
            sealed_by: SealedBy::Server,
        };
        Ok(seal_report(whom, &binding, rng)?)
    }

    fn act(
        &self,
        made: &Made,
        sample: &Sample,
        action: Action,
        day: Day,
        rng: &mut impl CryptoRng,
    ) -> Result<(), Failed> {
        match action {
            Action::Submit => Ok(()),
            Action::Staff(login, mv) => self.staff_move(made, login, mv, day),
            Action::Reporter(mv) => {
                let sealed = match mv {
                    Move::Add { .. } => Some(self.seal(Whom::Nameless, made.report, &made.receipt, rng)?),
                    _ => None,
                };
                self.reporter_move(made, mv, sealed, day)
            }
            Action::Attach => self.attach(made, day),
            Action::AskOriginal(login) => self.ask_original(made, login, day),
            Action::JoinCopy => self.join_copy(made, self.trustees, day),
            Action::Compute(login) => self.compute(made, sample, login, day),
            Action::Approve(login) => self.approve(made, login, day),
            Action::File(login) => {
                let by = StaffId(login.into());
                self.award_move(made, move |award| Ok(award.file(&by, day)?), Some(Event::Filed), day)
            }
            Action::Notify(login) => {
                let (by, until) = (StaffId(login.into()), self.policy.deadlines.claim.after(day));
                let notify = move |award: &Award| Ok(award.notify(until, &by, day)?);
                self.award_move(made, notify, Some(Event::Notified), day)
            }
            Action::Claim => {
                let person = person(sample.name.as_deref().unwrap_or("举报人"))?;
                let sealed = self.seal(Whom::Named(&person), made.report, &made.receipt, rng)?;
                let (claim_key, key) = (made.receipt.claim_key(), made.receipt.claim_verify_key());
                let claim = change(
                    move |award: &Award| Ok(award.claim(day, Claim::sign(award.terms(), &claim_key), key)?),
                    Some(Event::Claimed),
                    day,
                );
                let step = Step { expected_version: None, sealed: Some(sealed), change: claim };
                self.store.act(made.report, step).wait()?;
                Ok(())
            }
        }
    }

    fn staff_move(&self, made: &Made, login: &str, mv: Move, day: Day) -> Result<(), Failed> {
        let (actor, rules) = (self.actor(login)?, self.rules.clone());
        let mv = match mv {
            Move::Say { text: MessageText::Clear(words), file } => {
                let sealed = mailbox::seal(&words, &made.receipt.mailbox());
                Move::Say { text: MessageText::Sealed(sealed), file }
            }
            mv => mv,
        };
        let concluded = matches!(mv, Move::Conclude { .. });
        let change = Box::new(move |dossier: &mut Dossier, _: &_| {
            dossier.case = apply(&dossier.case, mv, &actor, day, &rules)?;
            Ok(concluded.then(|| Leaf::plain(Event::Concluded, day)))
        });
        let step = Step { expected_version: None, sealed: None, change };
        self.store.change(made.number, step).wait()?;
        Ok(())
    }

    fn reporter_move(
        &self,
        made: &Made,
        mv: Move,
        sealed: Option<SealedReport>,
        day: Day,
    ) -> Result<(), Failed> {
        let rules = self.rules.clone();
        let event = match mv {
            Move::Add { .. } => Some(Event::Added),
            Move::Withdraw => Some(Event::Withdrawn),
            _ => None,
        };
        let change = Box::new(move |dossier: &mut Dossier, _: &_| {
            dossier.case = apply(&dossier.case, mv, &Actor::Reporter, day, &rules)?;
            Ok(event.map(|event| Leaf::plain(event, day)))
        });
        self.store.act(made.report, Step { expected_version: None, sealed, change }).wait()?;
        Ok(())
    }

    /// Computed from policy, as the award page does it.
    fn compute(&self, made: &Made, sample: &Sample, login: &str, day: Day) -> Result<(), Failed> {
        let dossier = self.store.case(made.number)?.ok_or("the case is gone")?;
        let facts = self.facts(sample, &dossier.case, day)?;
        let Decision::Amount(amount) = decide(&self.policy.rewards, &facts) else {
            return Err(format!("{}: the rules give no amount", sample.target).into());
        };
        let paper = Paper::settle(&self.policy.rewards, &facts, &amount, None)?;
        let about = About {
            instance: self.keys.set.instance().clone(),
            report: made.report,
            case: made.number,
            award: 1,
            worked_on: dossier.case.worked_on(),
        };
        let by = StaffId(login.into());
        let award = Award::computed(about, &paper, &self.policy.rewards, self.ballot(day), &by)?;
        let change = Box::new(move |dossier: &mut Dossier, _: &_| {
            dossier.case.version += 1;
            dossier.awards.push(award);
            Ok(None)
        });
        let step = Step { expected_version: None, sealed: None, change };
        self.store.change(made.number, step).wait()?;
        Ok(())
    }

    fn facts(&self, sample: &Sample, case: &Case, day: Day) -> Result<Facts, Failed> {
        let figures = sample.award.as_ref().ok_or("no figures for an award")?;
        let kind = match case.content.kind {
            MatterKind::ConcealedAccident => RewardKind::ConcealedAccident,
            MatterKind::Hazard => RewardKind::Hazard,
            MatterKind::Violation | MatterKind::Unsure => RewardKind::Violation,
        };
        let industries = &self.policy.intake.industries;
        let industry = industries.iter().find(|industry| industry.code.as_str() == case.content.industry);
        Ok(Facts {
            region: case.content.region.parse()?,
            sector: industry.map(|industry| industry.code.clone()),
            decided: day,
            kinds: [kind].into(),
            severity: Severity::Major,
            class: None,
            filed: !figures.fines_fen.is_empty(),
            fines_fen: figures.fines_fen.clone(),
            confiscated_fen: Default::default(),
            deaths_verified: figures.deaths,
            deaths_total: figures.deaths,
            injuries_verified: 0,
            loss_fen: Default::default(),
            first_accepted: true,
            already_known: false,
            earlier_award: false,
            insider: None,
            real_name: None,
        })
    }

    fn approve(&self, made: &Made, login: &str, day: Day) -> Result<(), Failed> {
        let member = self.member(login)?;
        let key = member.signing.as_ref().ok_or("no approver")?;
        let dossier = self.store.case(made.number)?.ok_or("the case is gone")?;
        let award = dossier.award().ok_or("no award")?;
        let approval = Approval::sign(award.terms(), &member.id(), day, key);
        let roster = self.keys.roster.clone();
        self.award_move(made, move |award| Ok(award.approve(approval, &roster, day)?), None, day)
    }

    fn award_move(
        &self,
        made: &Made,
        mv: impl FnOnce(&Award) -> Result<Award, Refused> + Send + 'static,
        event: Option<Event>,
        day: Day,
    ) -> Result<(), Failed> {
        let step = Step { expected_version: None, sealed: None, change: change(mv, event, day) };
        self.store.change(made.number, step).wait()?;
        Ok(())
    }

    fn actor(&self, login: &str) -> Result<Actor, Failed> {
        let member = self.member(login)?;
        Ok(Actor::staff(member.id(), &member.account.roles, &self.policy.roles))
    }

    fn member(&self, login: &str) -> Result<&Member, Failed> {
        let found = self.staff.iter().find(|member| member.login.login == login);
        found.ok_or_else(|| format!("nobody is called {login}").into())
    }

    fn ballot(&self, computed: Day) -> Ballot {
        Ballot {
            needed: self.policy.quorum.approvers.count(),
            until: self.policy.deadlines.approval_expires.after(computed),
            life: self.policy.deadlines.approval_expires.count(),
        }
    }
}

/// One transition of the award in force.
fn change(
    mv: impl FnOnce(&Award) -> Result<Award, Refused> + Send + 'static,
    event: Option<Event>,
    day: Day,
) -> crate::store::Change {
    Box::new(move |dossier, _| {
        let award = dossier.awards.last_mut().ok_or(Refused::NoSuchCase)?;
        *award = mv(award)?;
        Ok(event.map(|event| Leaf::plain(event, day)))
    })
}

/// Somebody invented, with the published sample number of GB 11643.
fn person(name: &str) -> Result<Person, serde_json::Error> {
    serde_json::from_value(json!({
        "name": name,
        "id_kind": "resident_id",
        "id_number": "11010519491231002X",
        "mobile": "13800138000",
        "payee": { "kind": "account", "holder": name, "bank": "示例银行", "number": "79927398713" },
        "own_employer": true,
        "joint": [],
    }))
}

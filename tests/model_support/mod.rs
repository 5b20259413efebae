//! One case, its award, and everybody who can do something to them.

pub mod originals;

#[path = "../common/figures.rs"]
#[allow(dead_code, reason = "every story uses its own part")]
mod figures;

use mifeng::{
    award::{
        approval::Approval,
        claim::Claim,
        decision::Refusal,
        notice::NoticeNumber,
        paper::Paper,
        record::{About, Answer, Award, AwardRefused, AwardState, Ballot, Ending, Ground, Objection},
        release::{Deposit, Purpose, ReleaseTerms},
    },
    casework::{
        Actor, Case, CaseContent, Deadlines, Entered, Finding, MessageText, Move, RewardConditions, Role,
        Rules, apply,
    },
    clock::Day,
    ids::{CaseNumber, Instance, ReportId, StaffId},
    mailbox::{self, SealedMessage},
    policy::{Days, MatterKind, Policy},
    receipt::Receipt,
    recipients::{Approver, Office, RecipientSet, Roster, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
    store::Dossier,
};
use rand::SeedableRng;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{LazyLock, Mutex},
};

/// What tells one state from another. Days count only as "still" or "no longer".
pub type Key = String;

struct Fixed {
    policy: Policy,
    rules: Rules,
    set: RecipientSet,
    trustees: Vec<SigningKey>,
    approvers: Vec<(StaffId, SigningKey)>,
    roster: Roster,
    receipt: Receipt,
    sealed: SealedMessage,
}

const START: Day = jiff::civil::date(2026, 11, 23);
fn report() -> ReportId {
    ReportId::from_bytes([7; 16])
}
const NUMBER: CaseNumber = CaseNumber { year: 2026, serial: 1 };

static FIXED: LazyLock<Fixed> = LazyLock::new(|| {
    let policy = Policy::load("policy".as_ref()).unwrap();
    let mut rules = Rules::of(&policy);
    let day = Days::try_from(1).unwrap().into();
    for clock in
        [&mut rules.accept, &mut rules.supplement, &mut rules.verify, &mut rules.objection, &mut rules.review]
    {
        *clock = day;
    }
    let key = |n: u8| SigningKey::from_seed([n; 32]);
    let recipient = || age::x25519::Identity::generate().to_public().to_string();
    let office = Office { working: recipient(), recovery: recipient(), verify: key(1).verify_key() };
    let trustees: Vec<_> = (11..=13).map(key).collect();
    let listed = trustees.iter().zip(1..).map(|(key, n)| Trustee {
        name: format!("trustee {n}"),
        recipient: recipient(),
        verify: key.verify_key(),
    });
    let instance = Instance("model".into());
    let mut draft = UntrustedSet::draft(&instance, 1, office, listed.collect(), 2).unwrap();
    draft.sign("office", &key(1));
    for (n, key) in trustees.iter().enumerate() {
        draft.sign(&format!("trustee-{}", n + 1), key);
    }
    let set = draft.pinned(&draft.fingerprint()).unwrap();
    // The investigator is an approver too, in other cases.
    let approvers: Vec<_> =
        [("qian", 21), ("sun", 22), ("zhao", 23)].map(|(id, n)| (StaffId(id.into()), key(n))).into();
    let enrolled =
        approvers.iter().map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
    let roster = UntrustedRoster::signed(&instance, 1, enrolled.collect(), &key(1)).trusted(&set).unwrap();
    let receipt = Receipt::draw(&mut rand::rngs::StdRng::seed_from_u64(1));
    let sealed = mailbox::seal("文字", &receipt.mailbox());
    Fixed { policy, rules, set, trustees, approvers, roster, receipt, sealed }
});

/// The last day to come for whoever has objected to an award.
pub fn come_by(objected: Day) -> Day {
    objected.saturating_add(jiff::ToSpan::days(1))
}

#[derive(Clone)]
pub struct World {
    pub dossier: Dossier,
    pub today: Day,
    /// Nothing checks case and award against each other.
    pub is_careless: bool,
}

type Tried = Result<Award, AwardRefused>;

impl World {
    pub fn new() -> Self {
        let content = CaseContent {
            kind: MatterKind::Hazard,
            industry: "chemical".into(),
            region: "370100".into(),
            target_name: "某化工厂".into(),
            credit_code: String::new(),
            address: String::new(),
            narrative: "报警器被关掉了。".into(),
            when_text: String::new(),
            ongoing: true,
            imminent_danger: false,
        };
        let deadlines = Deadlines::at_receipt(START, false, &FIXED.rules);
        let case = Case::new(NUMBER, report(), START, content, deadlines);
        Self { dossier: Dossier { case, awards: vec![] }, today: START, is_careless: false }
    }

    /// The same report, entered by a member of staff for a reporter who never draws a receipt of their own. (One who
    /// does is from then on like any other.)
    pub fn entered() -> Self {
        let mut world = Self::new();
        let (channel, by) = ("letter".parse().unwrap(), StaffId("li".into()));
        world.dossier.case.entered = Some(Entered { channel, by, taken_over: None });
        world
    }

    pub fn threshold(&self) -> usize {
        FIXED.set.threshold()
    }

    pub fn key(&self) -> Key {
        let case = &self.dossier.case;
        let over = |by: Option<Day>| by.map(|by| self.today > by);
        let award = self.dossier.award().map(|award| {
            let votes: BTreeSet<_> = award.approvals().iter().map(|a| &a.by).collect();
            let release = award.release().map(|release| {
                let given: BTreeSet<_> = release.deposits.iter().map(|d| d.trustee).collect();
                (given, self.today > release.terms.expires)
            });
            let clocks = (over(award.claim_until()), award.is_stale(self.today));
            // Once it is claimed, whether it was announced changes nothing.
            let waits = matches!(award.state(), AwardState::Notified);
            let answered = award.answer().is_some();
            let can_come = over(award.open_objection().map(|(objected, _)| come_by(objected)));
            let said = (waits && award.notice().is_some(), award.objection().is_some(), answered, can_come);
            format!(
                "{:?} {votes:?} {:?} {release:?} {clocks:?} {said:?}",
                award.state(),
                award.signed_claim().is_some()
            )
        });
        // Who has a case counts while it can still be handed over.
        let handled = case.conclusion.is_none().then_some((&case.body, case.handovers.len()));
        let objection = case.objections.last().map(|o| (o.from, o.review.as_ref().map(|r| r.is_upheld)));
        format!(
            "{:?} {:?} {:?} {handled:?} declined {} {objection:?} suffers {} deletion {} {} {:?} | {:?} {}",
            case.state,
            case.conclusion.as_ref().map(|c| c.finding),
            case.extension.as_ref().map(|e| e.granted_by.is_some()),
            case.declined.is_some(),
            case.open_retaliation().is_some(),
            case.open_deletion().is_some(),
            case.erased.is_some(),
            over(case.deadlines.objection_by),
            award,
            // Of earlier awards only whether one has ended counts.
            self.dossier.awards.iter().rev().skip(1).any(Award::is_ended),
        )
    }

    /// Nothing is left to be done.
    pub fn is_at_an_end(&self) -> bool {
        use AwardState::*;
        self.dossier.case.state.is_final()
            && self.dossier.case.open_retaliation().is_none()
            && self.dossier.case.open_deletion().is_none()
            && self.dossier.award().is_none_or(|award| {
                matches!(
                    award.state(),
                    NotEligible { .. } | Lapsed | Refused { .. } | Unreadable | Paid { .. }
                )
            })
    }

    pub fn everything_anybody_can_do(&self) -> Vec<World> {
        let mut all = vec![World { today: self.today.saturating_add(jiff::ToSpan::days(2)), ..self.clone() }];
        all.extend(self.moves());
        all.extend(self.computations());
        all.extend(self.award_steps());
        all.retain(|next| self.is_careless || next.dossier.follows(&self.dossier).is_ok());
        all
    }

    fn moves(&self) -> Vec<World> {
        let text = || "文字".to_owned();
        let (reason, told) = (text, text);
        let by = |id: &str, role: Role| Actor::staff(StaffId(id.into()), &[role].into(), &FIXED.policy.roles);
        let actors = [
            by("li", Role::Clerk),
            by("zhao", Role::Investigator),
            by("qian", Role::Approver),
            by("zhao", Role::Approver),
            Actor::Reporter,
        ];
        let needs_a_link = |ground: &&_| FIXED.rules.same_reporter_grounds.contains(ground);
        let ground = FIXED.rules.grounds.iter().find(|ground| !needs_a_link(ground)).unwrap().clone();
        let office = FIXED.rules.offices[0].clone();
        let body = |code: &str| code.parse().unwrap();
        let sealed = || MessageText::Sealed(FIXED.sealed.clone());
        let conclude = |finding| Move::Conclude { finding, reason: text() };
        let moves = || {
            [
                Move::Accept { reason: reason(), told: told() },
                Move::Decline { ground: ground.clone(), reason: reason(), told: told() },
                Move::AskSupplement { question: text() },
                Move::Transfer { office: office.clone(), reason: reason(), told: told() },
                Move::HandUp { body: body("province_370000"), reason: reason(), told: told() },
                Move::HandDown { body: body("county_370102"), reason: reason(), told: told() },
                Move::Assign { to: StaffId("zhao".into()) },
                Move::Begin,
                Move::AskExtension { days: Days::try_from(1).unwrap(), reason: reason() },
                Move::GrantExtension { told: told() },
                Move::RefuseExtension { reason: reason() },
                conclude(Finding::True),
                conclude(Finding::CannotBeEstablished),
                Move::Reply { findings: text(), handling: text(), reward: RewardConditions::Met },
                Move::Close { evidence: text() },
                Move::Uphold { reason: reason(), told: told() },
                Move::Overturn { reason: reason(), told: told() },
                Move::Add { text: text() },
                Move::Retaliation { text: text() },
                Move::AskDeletion { text: text() },
                Move::GrantDeletion { reason: reason(), told: told() },
                Move::RefuseDeletion { reason: reason(), told: told() },
                Move::AnswerRetaliation { answer: sealed(), reason: reason() },
                Move::Object { text: text() },
                Move::Withdraw,
            ]
        };
        let tried = actors.iter().flat_map(|actor| {
            moves().into_iter().filter_map(|mv| {
                let kind = mv.kind();
                let case = apply(&self.dossier.case, mv, actor, self.today, &FIXED.rules).ok()?;
                let mut next = World { dossier: Dossier { case, ..self.dossier.clone() }, ..self.clone() };
                next.dossier.after_review(kind, &StaffId("qian".into()), self.today);
                Some(next)
            })
        });
        tried.collect()
    }

    /// An award may be put at any time; what may not be is for the checks to refuse.
    fn computations(&self) -> Vec<World> {
        let is_open = self.dossier.award().is_none_or(|award| {
            matches!(award.state(), AwardState::Declined | AwardState::NotEligible { .. })
                || award.is_stale(self.today)
        });
        if !is_open {
            return vec![];
        }
        let about = || About {
            instance: Instance("model".into()),
            report: report(),
            case: NUMBER,
            award: 1,
            worked_on: self.dossier.case.worked_on(),
        };
        let by = StaffId("zhao".into());
        let paper = self.paper();
        let ballot = Ballot { needed: 2, until: self.tomorrow(), life: 90 };
        let computed = Award::computed(about(), &paper, &FIXED.policy.rewards, ballot, &by);
        let nothing = Award::not_eligible(about(), &paper.facts, Refusal::AlreadyKnown, &by);
        let put = |award: Award| {
            let mut next = self.clone();
            next.dossier.awards.push(award);
            next
        };
        computed.into_iter().chain([nothing]).map(put).collect()
    }

    /// Reading the rules is most of the work of computing; the days are few.
    fn paper(&self) -> Paper {
        static READ: Mutex<BTreeMap<Day, Paper>> = Mutex::new(BTreeMap::new());
        let mut read = READ.lock().unwrap();
        read.entry(self.today).or_insert_with(|| figures::paper(&FIXED.policy.rewards, self.today)).clone()
    }

    fn tomorrow(&self) -> Day {
        self.today.saturating_add(jiff::ToSpan::days(1))
    }

    fn award_steps(&self) -> Vec<World> {
        let Some(award) = self.dossier.award() else { return vec![] };
        let (today, tomorrow) = (self.today, self.tomorrow());
        let officers = [StaffId("wu".into()), StaffId("zheng".into())];
        let mut tried: Vec<Tried> = Vec::new();
        // Signing is most of the work: nothing is signed that no state would even look at.
        let is = |state: &[&str]| state.contains(&award.state().name());
        for (id, key) in FIXED.approvers.iter().filter(|_| is(&["computed", "declined", "approved"])) {
            tried.push(award.approve(Approval::sign(award.terms(), id, today, key), &FIXED.roster, today));
            // A signature of somebody else's.
            let stolen =
                Approval { by: StaffId("sun".into()), ..Approval::sign(award.terms(), id, today, key) };
            if *id != stolen.by {
                tried.push(award.approve(stolen, &FIXED.roster, today));
            }
            tried.push(award.decline(id, "不妥", &FIXED.roster, today));
            tried.push(award.withdraw_approval(id, today));
        }
        let qian = StaffId("qian".into());
        tried.push(award.file(&qian, today));
        tried.push(award.notify(tomorrow, &qian, today));
        tried.push(award.extend_claim(tomorrow, "住院", &qian, today));
        tried.push(award.public_notice(NoticeNumber::try_from(1).unwrap(), tomorrow, &qian, today));
        tried.push(award.lapse(today));
        let claim_key = FIXED.receipt.claim_key();
        let forged = SigningKey::from_seed([99; 32]);
        for key in [&claim_key, &forged].into_iter().filter(|_| is(&["notified", "lapsed", "claimed"])) {
            tried.push(award.claim(today, Claim::sign(award.terms(), key), FIXED.receipt.claim_verify_key()));
        }
        if let Some(approval) =
            award.approval(&FIXED.roster, today).ok().filter(|_| !is(&["computed", "declined"]))
        {
            let terms = ReleaseTerms {
                award: award.terms().clone(),
                purpose: Purpose::Identity,
                expires: tomorrow,
                leaf_index: 1,
                leaf_n: 1,
            };
            tried.push(award.publish_release(
                approval,
                terms,
                vec!["00".into()],
                "申领",
                &officers[0],
                today,
            ));
        }
        if let Some(release) = award.release().filter(|_| is(&["release-published", "released"])) {
            for (n, key) in (1..).zip(&FIXED.trustees) {
                let deposit = Deposit::sign(&release.terms, &FIXED.set, n, b"resealed", key);
                let holder = StaffId(format!("trustee-{n}"));
                tried.push(award.deposit(deposit, &holder, &FIXED.set, today));
            }
        }
        for officer in &officers {
            tried.push(award.verified(officer, today));
            for ending in [Ending::Paid("V-1".into()), Ending::Refused(Ground::NoName), Ending::Unreadable] {
                tried.push(award.record(ending, officer, today));
            }
            tried.push(award.confirm(officer, today));
            tried.push(award.send_back(officer, today));
            tried.push(award.reopen("异议", officer, today));
            if let Some((objected, _)) = award.objection() {
                tried.push(award.let_stand(Answer::NotShown, come_by(objected), officer, today));
            }
        }
        tried.push(award.object(Objection::CanShow, today));
        let next = |award: Award| {
            let mut next = self.clone();
            *next.dossier.awards.last_mut().unwrap() = award;
            next
        };
        tried.into_iter().flatten().map(next).collect()
    }
}

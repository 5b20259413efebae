use super::figures;
use jiff::civil::{Date, date};
use mifeng::{
    award::{
        approval::{self, Approval, AwardTerms, PayoutApproval},
        claim::{Claim, ProvenClaim},
        paper::{Paper, decision_hash},
        release::{Deposit, PublishedRelease, Purpose, ReleasePackage, ReleaseRequest, ReleaseTerms, Terms},
    },
    cleartext::{
        identity::{Person, SealedBy},
        seal::{Binding, Whom, seal_report},
        share::{Expected, OpenedShares, ShareRefused},
    },
    cli::{keyfile::HolderKey, pins::State},
    envelope::SealedReport,
    ids::{CaseNumber, Instance, ReportId, StaffId},
    lock::{SHARE_FILE_LEN, ShareFile},
    log::{
        Event, Frontier, Hash, Leaf, LeafEntry, NodeId, Nodes, PublicKind,
        checkpoint::{self, Checkpoint, LogKey},
        proof::Proof,
    },
    policy::{LONGEST_APPROVAL, Policy, RewardRules},
    receipt::{AuditKey, Receipt},
    recipients::{Approver, Office, RecipientSet, Roster, Trustee, UntrustedRoster, UntrustedSet},
    signing::SigningKey,
};
use std::collections::HashMap;

type AgeKey = age::x25519::Identity;

#[derive(Default)]
struct Memory(HashMap<NodeId, Hash>);

impl Nodes for Memory {
    fn node(&self, id: NodeId) -> Option<Hash> {
        self.0.get(&id).copied()
    }
}

pub struct Ceremony {
    pub today: Date,
    pub report: ReportId,
    pub receipt: Receipt,
    pub audit: AuditKey,
    pub office_key: AgeKey,
    pub recovery_key: AgeKey,
    pub trustee_keys: Vec<(AgeKey, SigningKey)>,
    pub untrusted_set: UntrustedSet,
    pub set: RecipientSet,
    pub office_sign: SigningKey,
    pub untrusted_roster: UntrustedRoster,
    pub roster: Roster,
    pub terms: ReleaseTerms,
    pub decision: String,
    pub rules: String,
    pub policy: RewardRules,
    pub paper: Paper,
    pub approvals: Vec<Approval>,
    pub approver_keys: Vec<(StaffId, SigningKey)>,
}

/// The text form of a person, as the fence serialises it; canaries go in as the name.
pub fn person_json(name: &str) -> String {
    format!(
        r#"{{"name":"{name}","id_kind":"resident_id","id_number":"11010519491231002X","mobile":"13800138000",
            "payee":{{"kind":"account","holder":"{name}","bank":"测试银行","number":"79927398713"}},
            "own_employer":true,"joint":[{{"name":"联名人","id_number":"34052419800101001X"}}]}}"#
    )
}

impl Ceremony {
    pub fn new() -> Self {
        let mut rng = rand::rng();
        let today = date(2026, 11, 23);
        let instance = Instance("test".into());
        let (office_key, recovery_key) = (AgeKey::generate(), AgeKey::generate());
        let office_sign = SigningKey::generate(&mut rng);
        let trustee_keys: Vec<_> =
            (0..3).map(|_| (AgeKey::generate(), SigningKey::generate(&mut rng))).collect();
        let trustees = trustee_keys.iter().enumerate().map(|(i, (key, sign))| Trustee {
            name: format!("trustee {}", i + 1),
            recipient: key.to_public().to_string(),
            verify: sign.verify_key(),
        });
        let office = Office {
            working: office_key.to_public().to_string(),
            recovery: recovery_key.to_public().to_string(),
            verify: office_sign.verify_key(),
        };
        let mut set = UntrustedSet::draft(&instance, 1, office, trustees.collect(), 2).unwrap();
        set.sign("office", &office_sign);
        for (i, (_, sign)) in trustee_keys.iter().enumerate() {
            set.sign(&format!("trustee-{}", i + 1), sign);
        }
        let untrusted_set = set;
        let set = untrusted_set.pinned(&untrusted_set.fingerprint()).unwrap();

        let approvers: Vec<_> =
            ["qian", "sun"].map(|n| (StaffId(n.into()), SigningKey::generate(&mut rng))).into();
        let enrolled =
            approvers.iter().map(|(staff, key)| Approver { staff: staff.clone(), verify: key.verify_key() });
        let roster = UntrustedRoster::signed(&instance, 1, enrolled.collect(), &office_sign);
        let report = ReportId::random(&mut rng);
        let rules = Policy::load("policy".as_ref()).unwrap().rewards;
        let paper = figures::paper(&rules, today);
        let decision = paper.text();
        let award = AwardTerms {
            instance,
            report,
            case: CaseNumber { year: 2026, serial: 417 },
            award: 1,
            rule_and_inputs: decision_hash(&decision),
            base_fen: paper.amount.base_fen.0,
            approvals_needed: 2,
            computed: today,
            worked_on: vec![StaffId("zhao".into())],
        };
        let approvals =
            approvers.iter().map(|(staff, key)| Approval::sign(&award, staff, today, key)).collect();
        let receipt = Receipt::draw(&mut rng);
        let expires = date(2026, 12, 23);
        let terms = ReleaseTerms { award, purpose: Purpose::Identity, expires, leaf_index: 4, leaf_n: 2 };
        Self {
            today,
            report,
            audit: receipt.audit_key(),
            receipt,
            office_key,
            recovery_key,
            trustee_keys,
            roster: roster.trusted(&set).unwrap(),
            untrusted_roster: roster,
            office_sign,
            untrusted_set,
            set,
            terms,
            decision,
            rules: rules.snapshot_in_force(paper.facts.region, None, today),
            policy: rules,
            paper,
            approvals,
            approver_keys: approvers,
        }
    }

    /// The same award, computed and approved on another day.
    pub fn date(&mut self, today: Date) {
        self.today = today;
        self.paper = figures::paper(&self.policy, today);
        self.rules = self.policy.snapshot_in_force(self.paper.facts.region, None, today);
        self.decision = self.paper.text();
        self.terms.award.rule_and_inputs = decision_hash(&self.decision);
        self.terms.award.computed = today;
        self.terms.expires = today.checked_add(jiff::Span::new().days(30)).unwrap();
        self.approve_again();
    }

    /// Takes over the keys of a frozen vector, and approves anew for its report.
    pub fn adopt(&mut self, report: ReportId, office: AgeKey, trustees: Vec<(AgeKey, SigningKey)>) {
        self.report = report;
        self.terms.award.report = report;
        self.terms.award.instance = self.set.instance().clone();
        self.office_key = office;
        self.trustee_keys = trustees;
        self.approve_again();
    }

    pub fn approval(&self) -> PayoutApproval {
        let (award, approvals) = (&self.terms.award, &self.approvals);
        approval::verify(award, approvals, &self.roster, self.today, LONGEST_APPROVAL).unwrap()
    }

    /// The holder of the receipt claims the award as it is.
    pub fn claim(&self) -> Claim {
        Claim::sign(&self.terms.award, &self.receipt.claim_key())
    }

    pub fn proven_claim(&self) -> ProvenClaim {
        self.claim().prove(&self.terms.award, self.receipt.claim_verify_key()).unwrap()
    }

    pub fn seal_named(&self, person: &str) -> SealedReport {
        let person: Person = serde_json::from_str(person).unwrap();
        self.seal(Whom::Named(&person))
    }

    pub fn seal_nameless(&self) -> SealedReport {
        self.seal(Whom::Nameless)
    }

    fn seal(&self, whom: Whom<'_>) -> SealedReport {
        let binding = Binding {
            report: self.report,
            audit_key: &self.audit,
            claim_key: self.receipt.claim_verify_key(),
            set: &self.set,
            sealed_by: SealedBy::Server,
        };
        seal_report(whom, &binding, &mut rand::rng()).unwrap()
    }

    /// The report again, trustee `trustee`'s share file naming the claim key of this ceremony's receipt.
    pub fn with_claim_key(&self, sealed: &SealedReport, trustee: usize) -> SealedReport {
        let key = &self.trustee_keys[trustee - 1].0;
        let padded = &sealed.share_files[trustee - 1].as_bytes()[2..];
        let length = u32::from_be_bytes(padded[..4].try_into().unwrap()) as usize;
        let plain = age::decrypt(key, &padded[4..4 + length]).unwrap();
        let mut body: serde_json::Value = serde_json::from_slice(&plain).unwrap();
        body["claim_key"] = self.receipt.claim_verify_key().to_string().into();
        let mut fooled = sealed.clone();
        fooled.share_files[trustee - 1] = share_file(&key.to_public(), body.to_string().as_bytes());
        fooled
    }

    pub fn deposit(&self, sealed: &[SealedReport], trustee: usize) -> Deposit {
        self.try_deposit(sealed, trustee).unwrap()
    }

    pub fn try_deposit(&self, sealed: &[SealedReport], trustee: usize) -> Result<Deposit, ShareRefused> {
        let (key, sign) = &self.trustee_keys[trustee - 1];
        let hashes: Vec<_> = sealed.iter().map(|s| s.envelope.hash()).collect();
        let files: Vec<_> = sealed.iter().map(|s| s.share_files[trustee - 1].clone()).collect();
        let expected = Expected { set: &self.set, report: self.report, envelopes: &hashes, handover: None };
        let opened = OpenedShares::open(&files, key, &expected).unwrap();
        let (approval, claim) = (self.approval(), self.proven_claim());
        opened.reseal(&self.terms, &approval, &claim, &self.published(), &self.set, sign)
    }

    /// What trustee `trustee` downloads.
    pub fn request(&self, sealed: &[SealedReport], trustee: u8) -> ReleaseRequest {
        let own = usize::from(trustee) - 1;
        ReleaseRequest {
            format: 1,
            set: self.untrusted_set.clone(),
            roster: self.untrusted_roster.clone(),
            terms: self.terms.clone(),
            approvals: self.approvals.clone(),
            claim: self.claim(),
            handover: None,
            decision: self.decision.clone(),
            rules: self.rules.clone(),
            trustee,
            envelopes: sealed.iter().map(|s| hex::encode(s.envelope.hash())).collect(),
            share_files: sealed.iter().map(|s| s.share_files[own].clone()).collect(),
            proof: self.proof(),
        }
    }

    /// What the office downloads.
    pub fn package(&self, sealed: &[SealedReport], deposits: Vec<Deposit>) -> ReleasePackage {
        ReleasePackage {
            format: 1,
            set: self.untrusted_set.clone(),
            roster: self.untrusted_roster.clone(),
            terms: self.terms.clone(),
            approvals: self.approvals.clone(),
            claim: self.claim(),
            decision: self.decision.clone(),
            rules: self.rules.clone(),
            envelopes: sealed.iter().map(|s| s.envelope.clone()).collect(),
            deposits,
        }
    }

    /// A machine that has pinned this ceremony's set and log.
    pub fn machine(&self, folder: &std::path::Path) -> State {
        let set = folder.join("set.json");
        std::fs::write(&set, serde_json::to_string(&self.untrusted_set).unwrap()).unwrap();
        let pin = self.untrusted_set.fingerprint();
        State::pin(&folder.join("state"), &set, &pin, Some(self.log_key())).unwrap()
    }

    /// Trustee `trustee`'s key file, opened.
    pub fn holder(&self, trustee: usize) -> HolderKey {
        let (opening, signing) = &self.trustee_keys[trustee - 1];
        HolderKey { opening: opening.clone(), signing: SigningKey::from_seed(*signing.seed()) }
    }

    /// Approves whatever the terms are now.
    pub fn approve_again(&mut self) {
        let sign =
            |(staff, key): &(StaffId, SigningKey)| Approval::sign(&self.terms.award, staff, self.today, key);
        self.approvals = self.approver_keys.iter().map(sign).collect();
    }

    /// A log with some leaves before and after the release leaf.
    pub fn proof(&self) -> Proof {
        let ReleaseTerms { purpose, leaf_index, leaf_n, .. } = &self.terms;
        let digest = self.terms.digest();
        let leaf =
            Leaf { purpose: Some(*purpose), digest: Some(digest), ..Leaf::plain(Event::Release, self.today) };
        let entry = LeafEntry::report(&self.audit, *leaf_n, &leaf);
        let mut nodes = Memory::default();
        let mut frontier = Frontier::empty();
        for i in 0..7 {
            let other = LeafEntry::public(PublicKind::Script, i, self.today, [9; 32]);
            let entry = if i == *leaf_index { &entry } else { &other };
            nodes.0.extend(frontier.append(entry.as_bytes()));
        }
        let checkpoint = Checkpoint {
            origin: self.log_key().name().clone(),
            size: frontier.size(),
            root: frontier.root(),
        };
        let signed = checkpoint::sign(&log_signing_key(), &checkpoint);
        Proof::make(&nodes, &signed, *leaf_index, &entry, 1..7).unwrap()
    }

    pub fn log_key(&self) -> LogKey {
        LogKey::new("test.example/log".parse().unwrap(), log_signing_key().verify_key())
    }

    pub fn published(&self) -> PublishedRelease {
        let published = self.proof().verify(&self.log_key(), None).unwrap();
        PublishedRelease::check(&self.terms, &self.audit, &published).unwrap()
    }
}

/// Anything in a share file's frame, sealed to one trustee.
pub fn share_file(to: &age::x25519::Recipient, inside: &[u8]) -> ShareFile {
    let file = age::encrypt(to, inside).unwrap();
    let mut bytes = vec![1, 1];
    bytes.extend(u32::try_from(file.len()).unwrap().to_be_bytes());
    bytes.extend(file);
    bytes.resize(SHARE_FILE_LEN, 0);
    ShareFile::parse(&bytes).unwrap()
}

fn log_signing_key() -> SigningKey {
    SigningKey::from_seed([3; 32])
}

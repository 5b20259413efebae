//! One case with one file, and everybody who can do something about the original: in any order, with the leaves the store
//! is given, and without them.

use super::{FIXED, NUMBER, START, World, report};
use mifeng::{
    award::release::Deposit,
    casework::{
        Actor, Case, CaseFile, Copy, Finding, Move, Permission, Role, Rules, SizeClass, State, apply,
    },
    clock::Day,
    evidence::{
        Change, EditedCopy, FilesEnd, FilesRefused, FilesRequest, FilesState, FilesTerms, Measure, Told, Use,
    },
    ids::{BlobId, Instance, StaffId},
    log::{Event, Leaf},
    policy::{Days, EvidenceRules},
    signing::SigningKey,
    store::{Dossier, Place},
};

const ORIGINAL: [u8; 16] = [5; 16];
const ENVELOPE: [u8; 32] = [6; 32];

/// A state of the case and of its log: what was written is never taken out.
#[derive(Clone)]
pub struct Way {
    pub dossier: Dossier,
    pub log: Vec<Leaf>,
    pub today: Day,
    /// Nothing checks what is stored against the leaves, nor against what was stored before.
    pub is_careless: bool,
}

type Step = (Dossier, Option<Leaf>);

fn rules() -> Rules {
    let days = |n| Days::try_from(n).unwrap();
    let evidence = EvidenceRules {
        object: days(1),
        good: days(3),
        most_requests: 2,
        most_copies: 1,
        copies: FIXED.rules.evidence.copies,
    };
    Rules { evidence, ..FIXED.rules.clone() }
}

fn staff(id: &str, role: Role) -> Actor {
    Actor::staff(StaffId(id.into()), &[role].into(), &FIXED.policy.roles)
}

impl Way {
    pub fn new() -> Self {
        let mut dossier = World::new().dossier;
        let case = &mut dossier.case;
        case.state = State::Verifying;
        case.owner = Some(StaffId("zhao".into()));
        case.files.push(CaseFile {
            original: BlobId::from_bytes(ORIGINAL),
            copy: Copy::SealedOnly,
            size: SizeClass::UpTo1M,
            day: START,
        });
        Self { dossier, log: Vec::new(), today: START, is_careless: false }
    }

    /// What tells one state from another.
    pub fn key(&self) -> String {
        let case = &self.dossier.case;
        // Days that are left; how long ago one passed does not matter.
        let left = |until: Day| (until - self.today).get_days().max(-1);
        let requests = case.evidence.iter().map(|request| {
            let shares: Vec<u8> = request
                .opening()
                .map(|opening| opening.deposits.iter().map(|deposit| deposit.trustee).collect())
                .unwrap_or_default();
            let copies: Vec<_> = request.copies().iter().map(|copy| (&copy.by, &copy.checked)).collect();
            let terms = request.terms();
            format!(
                "{:?} {} {} {shares:?} {copies:?} {}",
                request.state(),
                left(terms.object_until),
                left(terms.good_until),
                terms.need.is_empty()
            )
        });
        let requests: Vec<String> = requests.collect();
        let log: Vec<_> = self.log.iter().map(|leaf| (leaf.event, leaf.purpose)).collect();
        format!("{:?} {} {:?} | {requests:?} | {log:?}", case.state, case.files.len(), case.erased.is_some())
    }

    fn place(&self) -> Place {
        Place {
            index: self.log.len() as u64,
            n: u8::try_from(self.log.len()).unwrap(),
            envelopes: vec![hex::encode(ENVELOPE)],
            claim_key: FIXED.receipt.claim_verify_key(),
            receipt: (FIXED.receipt.locator(), FIXED.receipt.auth()),
        }
    }

    pub fn everything_anybody_can_do(&self) -> Vec<Way> {
        let mut next: Vec<Way> =
            vec![Way { today: self.today.saturating_add(jiff::ToSpan::days(1)), ..self.clone() }];
        let place = self.place();
        for (dossier, leaf) in self.steps(&place) {
            // As it should be, and as a careless or hostile face would store it.
            for leaf in [leaf, None] {
                let follows = dossier.follows(&self.dossier).is_ok()
                    && dossier.is_announced(&self.dossier, leaf.as_ref(), &place).is_ok();
                if follows || self.is_careless {
                    // The store itself writes the end of what ended.
                    let ended = dossier.ended_requests(&self.dossier);
                    let log = self.log.iter().cloned().chain(leaf).chain(ended).collect();
                    next.push(Way { dossier: dossier.clone(), log, ..self.clone() });
                }
            }
        }
        // A day later than a second request's end nothing new can happen.
        next.retain(|way| (way.today - START).get_days() <= 8);
        next
    }

    fn steps(&self, place: &Place) -> Vec<Step> {
        let mut all = self.moves(place);
        let Some(last) = self.dossier.case.evidence.last() else { return all };
        let today = self.today;
        let officers = ["wu", "zheng"].map(|id| StaffId(id.into()));
        let mut tried: Vec<(Result<FilesRequest, FilesRefused>, bool)> = Vec::new();
        for officer in &officers {
            let envelopes = place.envelopes.clone();
            let may = |act| self.dossier.case.apart(officer, act, &rules().apart).unwrap();
            let opens = may(Permission::OpenPackage);
            tried.push((last.publish((place.index, place.n), envelopes, &opens, today), true));
            let copy = EditedCopy {
                blob: BlobId::from_bytes([9; 16]),
                media: "image/png".into(),
                size: SizeClass::UpTo1M,
                measures: vec![Measure::FacesCovered],
                changes: vec![Change::Covered { share: 5 }],
                day: today,
                by: officer.clone(),
                seen_by: Vec::new(),
                checked: None,
            };
            // Whoever can say yes to it has it before their eyes at once: the walk is long enough without that.
            let put = last.put_in(copy, &opens, rules().evidence.most_copies);
            let seen = |request: FilesRequest, by| request.see(BlobId::from_bytes([9; 16]), by);
            tried.push((put.and_then(|request| officers.iter().try_fold(request, seen)), false));
            tried.push((last.send_back(BlobId::from_bytes([9; 16]), "看得出人", officer, today), false));
            if last.has_lapsed(today) {
                tried.push((last.end(FilesEnd::Lapsed, "", None, today), false));
            }
            tried.push((last.end(FilesEnd::Done, "已完成", Some(officer), today), false));
        }
        if let Some(opening) = last.opening() {
            for (n, key) in (1..).zip(&FIXED.trustees) {
                let by = StaffId(format!("trustee-{n}"));
                let by = self.dossier.case.apart(&by, Permission::ReleaseShare, &rules().apart).unwrap();
                let honest = Deposit::sign(&opening.terms, &FIXED.set, n, b"resealed", key);
                tried.push((last.deposit(honest, &by, &FIXED.set, today), false));
            }
            // Somebody else's key under the second trustee's number.
            let forged =
                Deposit::sign(&opening.terms, &FIXED.set, 2, b"resealed", &SigningKey::from_seed([99; 32]));
            let by = StaffId("trustee-2".into());
            let by = self.dossier.case.apart(&by, Permission::ReleaseShare, &rules().apart).unwrap();
            assert!(last.deposit(forged, &by, &FIXED.set, today).is_err());
        }
        for (request, announces) in tried {
            let Ok(request) = request else { continue };
            let leaf = request.opening().filter(|_| announces).map(|opening| opening.terms.leaf(today));
            let mut dossier = self.dossier.clone();
            *dossier.case.evidence.last_mut().unwrap() = request;
            all.push((dossier, leaf));
        }
        all
    }

    fn moves(&self, place: &Place) -> Vec<Step> {
        let text = || "文字".to_owned();
        let (case, today, rules) = (&self.dossier.case, self.today, rules());
        let ask = |by: &str| {
            let terms = FilesTerms {
                instance: Instance("model".into()),
                report: report(),
                case: NUMBER,
                request: u32::try_from(case.evidence.len() + 1).unwrap(),
                original: BlobId::from_bytes(ORIGINAL),
                sealed: [4; 32],
                envelope: ENVELOPE,
                needed_for: Use::Court,
                need: text(),
                asked_by: StaffId(by.into()),
                asked: today,
                object_until: rules.evidence.object.after(today),
                good_until: rules.evidence.good.after(today),
            };
            let leaf = terms.asked_leaf();
            let told = Told { leaf_index: place.index, leaf_n: place.n };
            (Move::AskOriginal { request: Box::new(FilesRequest::ask(terms, told)) }, Some(leaf))
        };
        let objected = case.evidence.last().map(|last| last.terms().objected_leaf(today));
        let joined = BlobId::from_bytes([9; 16]);
        let joins = case.evidence.last().map(|last| last.terms().joined_leaf(joined, today));
        let investigator = || staff("zhao", Role::Investigator);
        let tried: Vec<(Actor, Move, Option<Leaf>)> = [
            (investigator(), ask("zhao")),
            (staff("li", Role::Clerk), ask("li")),
            (Actor::Reporter, (Move::ObjectOriginal { text: text() }, objected)),
            (
                staff("wu", Role::RewardOfficer),
                (Move::JoinCopy { blob: joined, as_it_was: false }, joins.clone()),
            ),
            (
                staff("zheng", Role::RewardOfficer),
                (Move::JoinCopy { blob: joined, as_it_was: false }, joins.clone()),
            ),
            (investigator(), (Move::JoinCopy { blob: joined, as_it_was: false }, joins)),
            (investigator(), (Move::Conclude { finding: Finding::True, reason: text() }, None)),
            (Actor::Reporter, (Move::Detach { original: BlobId::from_bytes(ORIGINAL) }, None)),
            (Actor::Reporter, (Move::AskDeletion { text: text() }, None)),
            (staff("qian", Role::Approver), (Move::GrantDeletion { reason: text(), told: text() }, None)),
            (Actor::Reporter, (Move::Withdraw, None)),
        ]
        .into_iter()
        .map(|(actor, (mv, leaf))| (actor, mv, leaf))
        .collect();
        let make = |(actor, mv, leaf): (Actor, Move, Option<Leaf>)| {
            let case: Case = apply(case, mv, &actor, today, &rules).ok()?;
            Some((Dossier { case, ..self.dossier.clone() }, leaf))
        };
        tried.into_iter().filter_map(make).collect()
    }

    /// What must hold in every state that can be reached.
    pub fn check(&self) -> Result<(), String> {
        for request in &self.dossier.case.evidence {
            let terms = request.terms();
            let told = self.log.get(usize::from(request.told().leaf_n));
            let is_wiped = terms.need.is_empty();
            if !is_wiped && told != Some(&terms.asked_leaf()) {
                return Err("it was asked, and the reporter's log does not say so".into());
            }
            let end = terms.ended_leaf(self.today).digest;
            let in_log = self.log.iter().any(|leaf| leaf.event == Event::Ended && leaf.digest == end);
            let has_ended = request.has_ended() && request.state() != FilesState::Objected;
            if !is_wiped && in_log != has_ended {
                return Err("it ended, and the reporter's log does not say so, or says so too early".into());
            }
            let Some(opening) = request.opening() else {
                if !request.copies().is_empty() {
                    return Err("a copy of what was never opened".into());
                }
                continue;
            };
            let n = usize::from(opening.terms.leaf_n);
            let leaf = self.log.get(n).ok_or("an opening that the log does not know")?;
            if !is_wiped && *leaf != opening.terms.leaf(leaf.day) {
                return Err("the leaf announces something else".into());
            }
            if leaf.day <= terms.object_until {
                return Err(format!(
                    "opened on {}, and to be stopped until {}",
                    leaf.day, terms.object_until
                ));
            }
            if request.objection().is_some() || request.state() == FilesState::Objected {
                return Err("opened over an objection".into());
            }
            let mut trustees: Vec<u8> = opening.deposits.iter().map(|deposit| deposit.trustee).collect();
            trustees.sort_unstable();
            trustees.dedup();
            if trustees.len() != opening.deposits.len() {
                return Err("a trustee gave twice".into());
            }
            if request.state() == FilesState::Released && trustees.len() < FIXED.set.threshold() {
                return Err("released by too few".into());
            }
            for copy in request.copies() {
                if copy.checked.as_ref().is_some_and(|checked| checked.by == copy.by) {
                    return Err("nobody looks at their own copy".into());
                }
            }
        }
        Ok(())
    }

    /// What was opened, and what joined: that the walk gets there.
    pub fn has_joined(&self) -> bool {
        self.dossier.case.evidence.iter().any(|request| request.joined().count() > 0)
    }
}

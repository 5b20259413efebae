//! Every order in which anybody can do anything to one case and its award, walked to the end. Days are of two kinds
//! only: every clock is one day, and a step in time lets all that run expire.
//!
//! Shown for every state that can be reached: no package is complete without a verified matter, two approvers who did
//! not work on it, the reporter's own claim and two distinct trustees; and there is always a way to an end.

mod model_support;

use mifeng::{
    award::record::AwardState,
    casework::{Finding, State},
};
use model_support::{Key, World, come_by, originals::Way};
use std::collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry};

/// Each state reached, with the states one action leads to.
fn walk(start: World) -> (BTreeMap<Key, World>, BTreeMap<Key, BTreeSet<Key>>) {
    let mut seen = BTreeMap::from([(start.key(), start.clone())]);
    let mut steps: BTreeMap<Key, BTreeSet<Key>> = BTreeMap::new();
    let mut waiting = VecDeque::from([start]);
    while let Some(world) = waiting.pop_front() {
        let from = world.key();
        for next in world.everything_anybody_can_do() {
            let to = next.key();
            steps.entry(from.clone()).or_default().insert(to.clone());
            if let Entry::Vacant(place) = seen.entry(to) {
                place.insert(next.clone());
                waiting.push_back(next);
            }
        }
    }
    (seen, steps)
}

#[test]
fn no_order_of_events_opens_too_early_and_none_is_stuck() {
    let (seen, packages) = check(World::new());
    assert!(packages > 0, "the walk gets as far as a package");
    let awards = || seen.values().filter_map(|world| world.dossier.award());
    let answered = || awards().filter_map(|award| Some((award.objection()?.0, award.answer()?.0)));
    assert!(answered().count() > 0, "and as an objection that was answered");
    let mut said = answered();
    assert!(
        said.all(|(objected, on)| on > come_by(objected)),
        "nobody is told too early that they did not come"
    );
}

/// A report that staff entered, and whose reporter never comes, is worked on and ends like any other; nobody claims
/// with the receipt that staff know, and so nothing is opened.
#[test]
fn nor_for_a_report_that_staff_entered() {
    let (seen, packages) = check(World::entered());
    assert_eq!(packages, 0);
    let awards = || seen.values().filter_map(|world| world.dossier.award());
    assert!(awards().all(|award| award.signed_claim().is_none()));
    assert!(awards().any(|award| *award.state() == AwardState::Lapsed), "it was offered, and nobody claimed");
}

/// Gives every state reached, and in how many a share was given.
fn check(start: World) -> (BTreeMap<Key, World>, usize) {
    let (seen, steps) = walk(start);

    let mut packages = 0;
    for world in seen.values() {
        let Some(award) = world.dossier.award() else { continue };
        let is_open = matches!(award.state(), AwardState::Released | AwardState::Verified);
        if !is_open && award.release().is_none_or(|release| release.deposits.is_empty()) {
            continue;
        }
        packages += 1;
        let found = world.dossier.case.conclusion.as_ref().map(|conclusion| conclusion.finding);
        assert!(found.is_some_and(Finding::is_verified), "a share was given, and the matter is {found:?}");
        assert_ne!(world.dossier.case.state, State::Objected);
        let approvers: BTreeSet<_> = award.approvals().iter().map(|approval| &approval.by).collect();
        assert!(approvers.len() >= 2, "{approvers:?}");
        assert!(approvers.iter().all(|by| !world.dossier.case.worked_on().contains(by)), "{approvers:?}");
        assert!(award.signed_claim().is_some());
        let release = award.release().unwrap();
        let trustees: BTreeSet<_> = release.deposits.iter().map(|deposit| deposit.trustee).collect();
        assert_eq!(trustees.len(), release.deposits.len(), "each once");
        assert!(!is_open || trustees.len() >= world.threshold());
    }

    // Backwards from the ends: whatever can be reached can still end.
    let mut back: BTreeMap<&Key, BTreeSet<&Key>> = BTreeMap::new();
    for (from, to) in steps.iter().flat_map(|(from, all)| all.iter().map(move |to| (from, to))) {
        back.entry(to).or_default().insert(from);
    }
    let mut ends: Vec<&Key> =
        seen.iter().filter(|(_, world)| world.is_at_an_end()).map(|(key, _)| key).collect();
    let is_paid = |world: &World| {
        world.dossier.award().is_some_and(|award| matches!(award.state(), AwardState::Paid { .. }))
    };
    assert_eq!(ends.iter().any(|key| is_paid(&seen[*key])), packages > 0);
    let mut can_end: BTreeSet<&Key> = ends.iter().copied().collect();
    while let Some(key) = ends.pop() {
        for before in back.get(key).into_iter().flatten() {
            if can_end.insert(before) {
                ends.push(before);
            }
        }
    }
    let stuck: Vec<_> = seen.keys().filter(|key| !can_end.contains(key)).collect();
    assert!(
        stuck.is_empty(),
        "{} of {} states cannot end, for example {:?}",
        stuck.len(),
        seen.len(),
        stuck[0]
    );
    println!(
        "{} states, {} steps, {packages} with a share given",
        seen.len(),
        steps.values().map(BTreeSet::len).sum::<usize>()
    );
    drop((back, can_end, ends));
    (seen, packages)
}

/// The walk finds what it looks for: with the checks between case and award taken out, a share is given for a matter
/// that is under review.
#[test]
fn without_the_checks_between_case_and_award_the_walk_finds_the_fault() {
    let mut world = World::new();
    world.is_careless = true;
    let mut seen = BTreeSet::from([world.key()]);
    let mut waiting = VecDeque::from([world]);
    while let Some(world) = waiting.pop_front() {
        let given =
            world.dossier.award().and_then(|award| award.release()).is_some_and(|r| !r.deposits.is_empty());
        let verified = world.dossier.case.conclusion.as_ref().is_some_and(|c| c.finding.is_verified());
        if given && (!verified || world.dossier.case.state == State::Objected) {
            return;
        }
        for next in world.everything_anybody_can_do() {
            if seen.insert(next.key()) {
                waiting.push_back(next);
            }
        }
    }
    panic!("nothing found");
}

/// Every order in which an original is asked for, objected to, opened, edited, taken back or deleted, with each step stored
/// as it should be and without its leaf.
#[test]
fn no_original_is_opened_untold_too_early_or_over_an_objection() {
    let start = Way::new();
    let mut seen = BTreeSet::from([start.key()]);
    let mut waiting = VecDeque::from([start]);
    let mut joined = 0;
    while let Some(way) = waiting.pop_front() {
        way.check().unwrap_or_else(|why| panic!("{why}: {}", way.key()));
        joined += usize::from(way.has_joined());
        for next in way.everything_anybody_can_do() {
            if seen.insert(next.key()) {
                waiting.push_back(next);
            }
        }
    }
    println!("{} states, {joined} with a copy that joined", seen.len());
    assert!(joined > 0, "the walk gets as far as a copy that joined");
}

/// Without the checks the walk finds an opening that no leaf announces.
#[test]
fn without_the_checks_of_leaves_the_walk_finds_an_opening_nobody_was_told_of() {
    let mut way = Way::new();
    way.is_careless = true;
    let mut seen = BTreeSet::from([way.key()]);
    let mut waiting = VecDeque::from([way]);
    while let Some(way) = waiting.pop_front() {
        if way.check().is_err() {
            return;
        }
        for next in way.everything_anybody_can_do() {
            if seen.insert(next.key()) {
                waiting.push_back(next);
            }
        }
    }
    panic!("nothing found");
}

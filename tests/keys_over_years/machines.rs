//! A holder's machine: the set it has pinned, and the log it has seen.

use super::after;
use mifeng::{
    award::release::ReleaseRequest,
    cli::{
        pins::{Memory, State, StateRefused},
        trustee::{NoShare, check},
    },
    log::proof::Seen,
    recipients::{SetRefused, UntrustedSet},
};
use std::path::Path;

/// A machine that has not taken the new set gives nothing under it; one that has, nothing under the old.
#[test]
fn a_machine_gives_shares_under_the_set_it_has_pinned_alone() {
    let after = after();
    let elsewhere = tempfile::tempdir().unwrap();
    let path = elsewhere.path().join("first.json");
    std::fs::write(&path, serde_json::to_string(&after.first).unwrap()).unwrap();
    let old = State::pin(
        &elsewhere.path().join("state"),
        &path,
        &after.first.fingerprint(),
        Some(after.c.log_key()),
    );
    let refused = check(&after.request(1), &after.c.holder(1), &old.unwrap(), after.c.today).err();
    assert!(matches!(refused, Some(NoShare::Set(SetRefused::NotThePinnedOne { .. }))));
    let request = ReleaseRequest { set: after.first.clone(), ..after.request(1) };
    let refused = check(&request, &after.c.holder(1), &after.machine(), after.c.today).err();
    assert!(matches!(refused, Some(NoShare::Set(SetRefused::NotThePinnedOne { .. }))));
}

#[test]
fn two_runs_at_once_on_one_machine_take_back_nothing_that_either_has_seen() {
    let (after, temp) = (after(), tempfile::tempdir().unwrap());
    let (state, set) = (temp.path().join("state"), temp.path().join("set"));
    std::fs::write(&set, serde_json::to_string(&after.first).unwrap()).unwrap();
    let mut one = State::pin(&state, &set, &after.first.fingerprint(), Some(after.c.log_key())).unwrap();
    let mut other = State::open(&state).unwrap();
    let seen = |size, root| Seen { size, root: mifeng::log::Hash([root; 32]) };
    let memory = |seen, roster| Memory { seen: Some(seen), roster };
    one.remember(memory(seen(9, 1), 2), Some(b"nine")).unwrap();
    other.remember(memory(seen(7, 2), 3), Some(b"seven")).unwrap();
    assert_eq!(other.memory, memory(seen(9, 1), 3));
    assert_eq!(State::open(&state).unwrap().memory, other.memory);
    assert_eq!(std::fs::read(state.join("checkpoint")).unwrap(), b"nine");
    let forked = one.remember(memory(seen(9, 5), 1), None);
    assert!(matches!(forked, Err(StateRefused::Forked(9))), "{forked:?}");

    // After a restore, and on its trustees' word alone, a shorter log is the one this machine goes on with.
    one.accept_restored(seen(4, 4)).unwrap();
    assert_eq!(State::open(&state).unwrap().memory, memory(seen(4, 4), 3));
    assert!(std::fs::read_to_string(state.join("restored")).unwrap().starts_with("9 "));
    assert!(matches!(one.accept_restored(seen(4, 4)), Err(StateRefused::NothingLost(4))));
}

#[test]
fn a_machine_that_broke_off_while_it_took_a_later_set_knows_the_old_or_the_new_one() {
    let (after, temp) = (after(), tempfile::tempdir().unwrap());
    let state = temp.path().join("state");
    let write =
        |path: &Path, set: &UntrustedSet| std::fs::write(path, serde_json::to_string(set).unwrap()).unwrap();
    let (first, second) = (&after.first, &after.c.untrusted_set);
    for (name, set) in [("first", first), ("second", second)] {
        write(&temp.path().join(name), set);
    }
    let pin = |name: &str, set: &UntrustedSet| {
        State::pin(&state, &temp.path().join(name), &set.fingerprint(), Some(after.c.log_key())).unwrap()
    };
    let in_force = || State::open(&state).unwrap().set.fingerprint();
    pin("first", first);
    write(&state.join("recipient-set.next.json"), second);
    assert_eq!(in_force(), first.fingerprint());
    pin("second", second);
    write(&state.join("recipient-set.json"), first);
    assert_eq!(in_force(), second.fingerprint());
    pin("second", second);
    assert_eq!(in_force(), second.fingerprint());
}

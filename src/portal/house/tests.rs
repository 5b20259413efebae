use super::*;

const IDLE: u64 = 7200;

fn house(places: usize) -> House<u32> {
    House::new(Room { drafts: places, reports: places, ..Room::default() }, at(IDLE))
}

fn at(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn enter(house: &House<u32>, n: u8, class: Class, seconds: u64) -> bool {
    house.admit(None, [n; 32], n.into(), any(class), at(seconds)).is_ok()
}

fn any(class: Class) -> Stay {
    Stay::least(class)
}

fn weighing(class: Class, bytes: usize) -> Stay {
    Stay { bytes, ..any(class) }
}

#[test]
fn a_newcomer_waits_until_the_one_unused_longest_can_be_spared() {
    for (class, spared) in [(Class::Blank, 300), (Class::Written, 1800)] {
        let house = house(2);
        assert!(enter(&house, 1, class, 0) && enter(&house, 2, class, 0));
        assert_eq!(house.find(&[1; 32], at(10)), Some(1));
        assert!(!enter(&house, 3, Class::Blank, spared - 1), "{class:?}");
        assert!(enter(&house, 3, Class::Blank, spared), "{class:?}");
        assert!(house.holds(&[1; 32]) && !house.holds(&[2; 32]), "the one used meanwhile stays");
    }
}

#[test]
fn places_of_those_who_can_be_spared_do_not_count_as_taken() {
    let house = house(4);
    assert!(enter(&house, 1, Class::Blank, 0) && enter(&house, 2, Class::Written, 0));
    assert!(enter(&house, 3, Class::SignedIn, 0), "no draft");
    for (seconds, taken) in [(0, 2), (299, 2), (300, 1), (1799, 1), (1800, 0)] {
        assert_eq!(house.drafts(at(seconds)), (taken, 4), "{seconds}");
    }
}

#[test]
fn a_heavy_visit_takes_several_places_and_who_is_inside_may_go_on_until_as_many_again_are_taken() {
    const KIB: usize = 1 << 10;
    let house = house(4);
    assert!(enter(&house, 1, Class::Blank, 0) && enter(&house, 2, Class::Blank, 0));
    let story = weighing(Class::Written, 17 * KIB);
    assert!(house.may_grow(&[1; 32], story, at(1)) && house.settle(&[1; 32], story, at(1)));
    assert_eq!(house.drafts(at(1)), (4, 4), "three places of 8 KiB, and one");
    assert!(!enter(&house, 3, Class::Blank, 1), "nobody comes in");
    let within = weighing(Class::Written, 8 * KIB);
    let longest = weighing(Class::Written, 40 * KIB);
    assert!(house.may_grow(&[2; 32], within, at(1)), "an ordinary report is never refused");
    assert!(house.may_grow(&[2; 32], longest, at(1)) && house.settle(&[2; 32], longest, at(1)));
    assert_eq!(house.drafts(at(1)), (8, 4));
    assert!(!house.may_grow(&[1; 32], longest, at(2)), "twice as many are taken");
    assert!(house.may_grow(&[1; 32], story, at(2)), "what there is stays");
    // What left takes all of its places along, and so does one that could be spared.
    house.end(&[2; 32]);
    assert_eq!(house.drafts(at(2)), (3, 4));
    assert!(enter(&house, 3, Class::Blank, 2) && !enter(&house, 4, Class::Blank, 300));
    assert!(enter(&house, 4, Class::Blank, 302) && enter(&house, 5, Class::Blank, 1801));
    assert!(house.holds(&[1; 32]) && !house.holds(&[4; 32]), "what was written stays longer");
    assert_eq!(house.drafts(at(1801)), (1, 4), "and could be spared by now");
    assert!(enter(&house, 7, Class::Blank, 1801) && !house.holds(&[1; 32]));
    assert_eq!(house.drafts(at(1801)), (2, 4), "three places at once");
    let signed_in = Stay { bytes: 5 * KIB, ..any(Class::SignedIn) };
    assert_eq!(house.admit(None, [6; 32], 6, signed_in, at(1801)), Ok(()));
    assert_eq!(house.reports(at(1801)), (2, 4), "of 4 KiB each");
    assert!(!house.may_grow(&[9; 32], within, at(1801)), "nobody");
}

#[test]
fn what_can_be_begun_again_goes_before_what_would_be_lost() {
    for (heavy, light) in [(Class::Written, Class::Blank), (Class::Uncopied, Class::SignedIn)] {
        let house = house(2);
        assert!(enter(&house, 1, heavy, 0) && enter(&house, 2, light, 1000));
        assert!(enter(&house, 3, light, 2000), "both could be spared");
        assert!(house.holds(&[1; 32]) && !house.holds(&[2; 32]));
    }
}

#[test]
fn drafts_and_reports_do_not_take_each_others_places() {
    let house = house(1);
    assert!(enter(&house, 1, Class::Uncopied, 0) && enter(&house, 5, Class::Blank, 0));
    assert!(!enter(&house, 4, Class::SignedIn, 0) && house.has_room_for_report(at(0)), "sending goes first");
    assert!(house.settle(&[5; 32], any(Class::Uncopied), at(0)) && enter(&house, 2, Class::Blank, 0));
    assert!(!house.has_room_for_report(at(1799)) && !enter(&house, 3, Class::Blank, 299));
    assert!(enter(&house, 3, Class::Blank, 300));
    assert!(house.holds(&[1; 32]), "no draft pushes a receipt out");
    assert!(house.has_room_for_report(at(1800)));
}

#[test]
fn a_visit_that_swaps_its_cookie_keeps_its_place_and_a_refused_one_its_visit() {
    let house = house(1);
    assert!(enter(&house, 1, Class::Written, 0));
    assert_eq!(house.admit(Some([1; 32]), [2; 32], 2, any(Class::Written), at(1)), Ok(()));
    assert!(!house.holds(&[1; 32]) && house.holds(&[2; 32]));
    assert!(enter(&house, 3, Class::SignedIn, 1));
    let full = house.admit(Some([2; 32]), [4; 32], 4, any(Class::SignedIn), at(2));
    assert_eq!(full, Err(NotAdmitted::Full));
    assert!(house.holds(&[2; 32]), "and what it had stays");
}

#[test]
fn one_report_has_a_few_places_and_what_would_be_lost_keeps_its_own() {
    let house: House<u32> = House::new(Room { reports: 4, of_a_report: 2, ..Room::default() }, at(IDLE));
    let [mine, other] = [1, 2].map(|n| Some(ReportId::from_bytes([n; 16])));
    let enter = |n: u8, old: Option<u8>, class, report| {
        house
            .admit(old.map(|old| [old; 32]), [n; 32], n.into(), Stay { report, ..any(class) }, at(n.into()))
            .is_ok()
    };
    let here = |wanted: &[u8]| (1..=9).filter(|n| house.holds(&[*n; 32])).eq(wanted.iter().copied());
    assert!(enter(1, None, Class::Uncopied, mine) && enter(2, None, Class::SignedIn, mine));
    assert!(enter(3, None, Class::SignedIn, mine) && here(&[1, 3]), "not the one with something to lose");
    assert!(enter(4, None, Class::SignedIn, other) && enter(5, None, Class::SignedIn, other));
    assert!(
        enter(6, None, Class::SignedIn, other) && here(&[1, 3, 5, 6]),
        "nor anybody else's, in a full room"
    );
    assert!(enter(7, Some(3), Class::SignedIn, mine) && here(&[1, 5, 6, 7]), "who comes back ends nobody's");
    let sent = Stay { report: mine, ..any(Class::Uncopied) };
    assert!(house.settle(&[7; 32], sent, at(8)) && house.settle(&[1; 32], sent, at(9)));
    assert!(enter(9, None, Class::SignedIn, mine) && here(&[1, 5, 6, 9]), "unused longest");
}

#[test]
fn a_visit_that_ended_stays_ended_and_an_idle_one_ends() {
    let house = house(2);
    assert!(enter(&house, 1, Class::Blank, 0) && enter(&house, 2, Class::Written, 0));
    house.end(&[1; 32]);
    assert!(!house.settle(&[1; 32], any(Class::Uncopied), at(1)) && !house.holds(&[1; 32]));
    let late = house.admit(Some([1; 32]), [3; 32], 3, any(Class::SignedIn), at(1));
    assert_eq!((late, house.holds(&[3; 32])), (Err(NotAdmitted::Left), false));
    assert!(house.settle(&[2; 32], any(Class::Uncopied), at(1)));
    assert_eq!(house.find(&[2; 32], at(IDLE)), Some(2));
    assert_eq!(house.glance(&[2; 32], at(2 * IDLE - 1)), Some(2));
    assert_eq!(house.glance(&[2; 32], at(2 * IDLE)), None, "a glance is no use");
    assert!(!house.holds(&[2; 32]));
}

/// What is sent must find a place, whatever those type who have only signed in.
#[test]
fn nobody_who_has_signed_in_types_the_places_full_that_are_for_reports_sent() {
    const KIB: usize = 1 << 10;
    let house = house(4);
    assert!(enter(&house, 1, Class::SignedIn, 0));
    assert!(house.may_grow(&[1; 32], weighing(Class::SignedIn, 12 * KIB), at(1)), "within the first half");
    assert!(!house.may_grow(&[1; 32], weighing(Class::SignedIn, 20 * KIB), at(1)));
    assert!(house.has_room_for_report(at(1)));
}

/// A light visit that gives way to a heavy one frees one place, not all that the other takes.
#[test]
fn whoever_takes_anothers_place_takes_no_more_than_that_of_a_full_house() {
    const KIB: usize = 1 << 10;
    let house = house(4);
    assert!((1..=4).all(|n| enter(&house, n, Class::SignedIn, 0)));
    let heavy = weighing(Class::SignedIn, 12 * KIB);
    let admits = |stay: Stay| house.admit(Some([1; 32]), [9; 32], 9, stay, at(1)).is_ok();
    assert!(!admits(heavy), "three places for one");
    assert!(house.holds(&[1; 32]), "and nobody has left");
    assert!(admits(any(Class::SignedIn)), "one for one");
}

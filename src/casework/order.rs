//! Who comes first where several have reported one matter: whose report was accepted first (安监总财〔2018〕19号), whichever
//! case answers for the matter, and in whatever order the others were merged into it.

use super::{case::Case, move_kind::MoveKind, state::State};
use crate::clock::Day;

/// The case that answers for a matter and those merged into it, in the order of acceptance; of one day, the lowest number
/// first. One that nobody has accepted yet comes last.
pub fn by_acceptance<'a>(lead: &'a Case, merged: impl IntoIterator<Item = &'a Case>) -> Vec<&'a Case> {
    let mut all: Vec<&Case> = std::iter::once(lead).chain(merged).collect();
    all.sort_by_key(|case| {
        let day = case.accepted_on().or_else(|| case.accepted_with(lead));
        (day.is_none(), day, case.number)
    });
    all
}

impl Case {
    /// The first day on which it was accepted by itself: by a clerk, or by a review of the refusal to.
    pub fn accepted_on(&self) -> Option<Day> {
        self.history.iter().find(|event| event.state == State::Accepted).map(|event| event.day)
    }

    /// Merged before that, it is accepted with the lead, and not before it was merged.
    fn accepted_with(&self, lead: &Case) -> Option<Day> {
        let merged = self.history.iter().rfind(|event| event.what == MoveKind::Merge).map(|event| event.day);
        lead.accepted_on().map(|day| merged.map_or(day, |merged| day.max(merged)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        casework::{
            Move, apply,
            tests::{RULES, accept, clerk, fresh},
        },
        ids::CaseNumber,
    };
    use jiff::ToSpan;
    use proptest::{collection::vec, option, prelude::*};

    const LEAD: CaseNumber = CaseNumber { year: 2026, serial: 5 };

    fn on(case: &Case, mv: Move, day: Day) -> Case {
        apply(case, mv, &clerk(), day, &RULES).unwrap()
    }

    /// Days are counted from the first.
    fn day(n: i64) -> Day {
        jiff::civil::date(2026, 1, 1).saturating_add(n.days())
    }

    /// Accepted on that day, if on one.
    fn case(serial: u32, accepted: Option<i64>) -> Case {
        let case = Case { number: CaseNumber { year: 2026, serial }, ..fresh() };
        match accepted {
            Some(n) => on(&case, accept(), day(n)),
            None => case,
        }
    }

    fn merged(serial: u32, accepted: Option<i64>, merged: i64) -> Case {
        let merge = Move::Merge { into: LEAD, reason: "同一事项".into(), told: "并案".into() };
        on(&case(serial, accepted), merge, day(merged))
    }

    fn order(lead: &Case, merged: &[Case]) -> Vec<u32> {
        by_acceptance(lead, merged).iter().map(|case| case.number.serial).collect()
    }

    #[test]
    fn a_lower_number_that_was_accepted_later_comes_later() {
        let lead = case(5, Some(3));
        let others = [merged(8, Some(1), 4), merged(7, Some(3), 4), merged(6, None, 2), merged(9, None, 4)];
        // 6 was merged before its lead was accepted, and so accepted with it.
        assert_eq!(order(&lead, &others), [8, 5, 6, 7, 9]);
        // Nobody has accepted the matter yet, but for one who had their report accepted before.
        assert_eq!(order(&case(5, None), &others[..3]), [8, 7, 5, 6]);
    }

    #[test]
    fn a_refusal_that_a_review_sets_aside_is_an_acceptance_of_that_day() {
        let mut overturned = case(7, None);
        overturned.history.push(crate::casework::Event {
            day: day(2),
            by: crate::casework::Who::Rule,
            what: MoveKind::Overturn,
            state: State::Accepted,
            reason: String::new(),
            told: String::new(),
            until: None,
        });
        assert_eq!((overturned.accepted_on(), case(7, None).accepted_on()), (Some(day(2)), None));
    }

    proptest! {
        #[test]
        fn the_order_of_merging_counts_for_nothing(
            lead in 0i64..5,
            days in vec(option::of(0i64..5), 1..6),
            turn in 0usize..6,
            back: bool,
        ) {
            let numbered = (6..).zip(&days);
            let mut others: Vec<Case> = numbered.clone().map(|(serial, n)| merged(serial, *n, 9)).collect();
            others.rotate_left(turn % days.len());
            if back {
                others.reverse();
            }
            let mut expected: Vec<(i64, u32)> = numbered.map(|(serial, n)| (n.unwrap_or(9), serial)).collect();
            expected.push((lead, 5));
            expected.sort_unstable();
            let expected: Vec<u32> = expected.into_iter().map(|(_, serial)| serial).collect();
            prop_assert_eq!(order(&case(5, Some(lead)), &others), expected);
        }
    }
}

use super::{
    suppress,
    tally::{self, Tally},
    *,
};
use crate::casework::{Pace, State};
use proptest::prelude::*;
use rand::SeedableRng;
use std::collections::BTreeMap;

const SMALLEST: u32 = 5;

/// Three regions, the last with nothing below it, and three dimensions of four, two and two categories.
const BELOW: [usize; 3] = [3, 2, 1];
const WIDTH: [usize; 3] = [4, 2, 2];

type OneCase = (usize, usize, [usize; 3]);

fn tally(cases: &[OneCase]) -> Tally {
    let mut tally = Tally {
        rows: vec![0; 3],
        below: BELOW.map(|n| vec![0; n]).into(),
        counted: WIDTH.map(|n| vec![vec![0; n]; 3]).into(),
    };
    for &(row, below, is) in cases {
        tally.rows[row] += 1;
        tally.below[row][below % BELOW[row]] += 1;
        is.into_iter().enumerate().for_each(|(d, category)| tally.counted[d][row][category] += 1);
    }
    tally
}

/// Few of some, many of others, as life has it.
fn cases() -> impl Strategy<Value = Vec<OneCase>> {
    let skewed = |n: usize| prop_oneof![4 => Just(0), 2 => Just(1 % n), 1 => 0..n];
    let one = (skewed(3), skewed(3), (skewed(4), skewed(2), skewed(2)));
    let one = one.prop_map(|(row, below, (first, second, third))| (row, below, [first, second, third]));
    prop::collection::vec(one, 0..90)
}

/// Sums of counts that anybody knows, as vectors over all counts; told from one another by elimination.
#[derive(Default)]
struct Known {
    /// By the first place that is not 0.
    basis: BTreeMap<usize, Vec<i128>>,
}

/// Prime: the counts are small, so that nothing is lost.
const P: i128 = (1 << 61) - 1;

impl Known {
    fn reduced(&self, mut sum: Vec<i128>) -> Vec<i128> {
        for (place, vector) in &self.basis {
            let factor = sum[*place];
            if factor != 0 {
                sum.iter_mut().zip(vector).for_each(|(x, y)| *x = (*x - factor * y).rem_euclid(P));
            }
        }
        sum
    }
    fn learn(&mut self, sum: Vec<i128>) {
        let sum = self.reduced(sum);
        let Some(place) = sum.iter().position(|x| *x != 0) else { return };
        let inverse = power(sum[place], P - 2);
        self.basis.insert(place, sum.iter().map(|x| x * inverse % P).collect());
    }
    /// Whether it follows from what is known.
    fn tells(&self, sum: Vec<i128>) -> bool {
        self.reduced(sum).iter().all(|x| *x == 0)
    }
}

fn power(mut base: i128, mut exponent: i128) -> i128 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % P;
        }
        base = base * base % P;
        exponent >>= 1;
    }
    result
}

/// Where each count stands in a vector: the dimensions' cells, then what lies below each region.
fn cell(dimension: usize, row: usize, column: usize) -> usize {
    3 * WIDTH[..dimension].iter().sum::<usize>() + row * WIDTH[dimension] + column
}
fn below(row: usize, i: usize) -> usize {
    24 + BELOW[..row].iter().sum::<usize>() + i
}
const PLACES: usize = 30;

fn sum(places: impl IntoIterator<Item = usize>) -> Vec<i128> {
    let mut vector = vec![0; PLACES];
    places.into_iter().for_each(|place| vector[place] += 1);
    vector
}
fn row_sum(dimension: usize, row: usize) -> Vec<i128> {
    sum((0..WIDTH[dimension]).map(|c| cell(dimension, row, c)))
}
fn column_sum(dimension: usize, column: usize) -> Vec<i128> {
    sum((0..3).map(|r| cell(dimension, r, column)))
}
fn below_sum(row: usize) -> Vec<i128> {
    sum((0..BELOW[row]).map(|i| below(row, i)))
}
fn minus(a: &[i128], b: &[i128]) -> Vec<i128> {
    a.iter().zip(b).map(|(a, b)| (a - b).rem_euclid(P)).collect()
}

/// The counts themselves, in the places of the vectors.
fn values(cases: &[OneCase]) -> Vec<u32> {
    let tally = tally(cases);
    let counted = tally.counted.iter().flatten().flatten();
    counted.chain(tally.below.iter().flatten()).copied().collect()
}

/// Every count of a year with its vector.
fn counts(year: &Year) -> Vec<(Vec<i128>, Option<u32>)> {
    let mut all = vec![(sum((0..3).flat_map(|r| (0..4).map(move |c| cell(0, r, c)))), Some(year.total))];
    for (row, places) in BELOW.into_iter().enumerate() {
        all.push((row_sum(0, row), year.rows[row]));
        all.extend((0..places).map(|i| (sum([below(row, i)]), year.below[row][i])));
        for (d, counted) in year.counted.iter().enumerate() {
            all.extend((0..WIDTH[d]).map(|c| (sum([cell(d, row, c)]), counted.cells[row][c])));
        }
    }
    for (d, counted) in year.counted.iter().enumerate() {
        all.extend((0..WIDTH[d]).map(|c| (column_sum(d, c), counted.columns[c])));
    }
    all
}

/// The others say of the first what timeliness says of status: who is in its first category, who in the next two.
fn linked() -> [Link; 3] {
    let link = |coarser, columns: &[usize], sum| Link {
        finer: 0,
        coarser,
        columns: columns.into(),
        sums: vec![sum],
    };
    [link(1, &[0], 0), link(2, &[1, 2], 0), link(2, &[0, 3], 1)]
}

fn as_linked(first: usize) -> [usize; 3] {
    [first, usize::from(first != 0), usize::from(![1, 2].contains(&first))]
}

/// A count that is shown wrongly, or hidden and follows though it is below `most_told` or, if that is 1, whatever it is.
fn told(year: &Year, cases: &[OneCase], links: &[Link], most_told: u32) -> Option<String> {
    let all = counts(year);
    let mut known = Known::default();
    for row in 0..3 {
        known.learn(minus(&row_sum(0, row), &row_sum(1, row)));
        known.learn(minus(&row_sum(0, row), &row_sum(2, row)));
        known.learn(minus(&row_sum(0, row), &below_sum(row)));
        for link in links {
            let parts = sum(link.columns.iter().map(|column| cell(link.finer, row, *column)));
            let sums = sum(link.sums.iter().map(|column| cell(link.coarser, row, *column)));
            known.learn(minus(&parts, &sums));
        }
    }
    // Whoever looks may know every 0; so much for the signs that stand for them.
    let truth = values(cases);
    (0..PLACES).filter(|place| truth[*place] == 0).for_each(|place| known.learn(sum([place])));
    all.iter().filter(|(_, count)| count.is_some()).for_each(|(vector, _)| known.learn(vector.clone()));
    all.into_iter().find_map(|(vector, count)| {
        let true_count: u32 = vector.iter().zip(&truth).filter(|(n, _)| **n == 1).map(|(_, t)| t).sum();
        let is_wrong = match count {
            Some(count) => count != true_count || (1..SMALLEST).contains(&count),
            None if true_count == 0 => false,
            None => (most_told == 1 || true_count < most_told) && known.tells(vector.clone()),
        };
        is_wrong.then(|| format!("{true_count} at {vector:?}: {count:?}"))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// All pages of a year together: every sum between them, and that regions and dimensions add up to the same.
    #[test]
    fn no_hidden_count_follows_from_the_shown_ones(cases in cases()) {
        let Some(year) = Year::of(&tally(&cases), SMALLEST, &[]) else {
            prop_assert!(cases.len() < 5);
            return Ok(());
        };
        prop_assert_eq!(told(&year, &cases, &[], 1), None);
    }

    #[test]
    fn no_small_count_follows_where_one_table_sums_up_another(mut cases in cases()) {
        cases.iter_mut().for_each(|(_, _, is)| *is = as_linked(is[0]));
        let Some(year) = Year::of(&tally(&cases), SMALLEST, &linked()) else { return Ok(()) };
        prop_assert_eq!(told(&year, &cases, &linked(), SMALLEST), None);
    }

    #[test]
    fn what_is_hidden_in_a_line_adds_up_to_enough(counts in prop::collection::vec(0u32..20, 1..8)) {
        let total: u32 = counts.iter().sum();
        let hidden = suppress::line(&counts, SMALLEST);
        let kept_back: u32 = counts.iter().zip(&hidden).filter(|(_, h)| **h).map(|(n, _)| n).sum();
        if hidden.contains(&true) && total >= SMALLEST && counts.len() > 1 {
            prop_assert!(kept_back >= SMALLEST, "{counts:?} {hidden:?}");
        }
    }
}

/// Three stand before the one step, nine before the other, six before none: with a table of who waits, the three follow.
#[test]
fn a_table_that_sums_up_another_is_judged_with_it() {
    let regions = [[0, 3, 9, 6], [0, 7, 30, 30], [0, 8, 30, 30]];
    let cases: Vec<OneCase> = regions
        .iter()
        .enumerate()
        .flat_map(|(row, counts)| {
            (0..4).flat_map(move |first| vec![(row, 0, as_linked(first)); counts[first]])
        })
        .collect();
    let apart = Year::of(&tally(&cases), SMALLEST, &[]).unwrap();
    assert!(told(&apart, &cases, &linked(), SMALLEST).is_some());
    let together = Year::of(&tally(&cases), SMALLEST, &linked()).unwrap();
    assert_eq!(told(&together, &cases, &linked(), SMALLEST), None);
    let shown = together.counted[0].cells.iter().flatten().flatten().count();
    assert!(shown > 0, "what can be shown of the finer one is");
}

#[test]
fn the_check_itself_finds_a_subtraction() {
    // Total, two of three shown: the third follows.
    let mut known = Known::default();
    known.learn(column_sum(0, 0));
    known.learn(sum([cell(0, 0, 0)]));
    assert!(!known.tells(sum([cell(0, 2, 0)])));
    known.learn(sum([cell(0, 1, 0)]));
    assert!(known.tells(sum([cell(0, 2, 0)])));
}

#[test]
fn enough_is_shown_and_a_small_count_takes_another_with_it() {
    assert_eq!(suppress::line(&[7, 9, 0, 30], 5), [false; 4]);
    // 1 alone would follow from the total; shown with the same sign, the 0 does not say that the 1 is none.
    assert_eq!(suppress::line(&[7, 9, 1, 0, 30], 5), [true, false, true, false, false]);
    assert_eq!(shown(&[7, 9, 0], &[true, false, false]), [None, Some(9), None]);
    assert_eq!(shown(&[7, 0], &[false, false]), [Some(7), Some(0)]);
    // Two small ones that add up to enough need no third.
    assert_eq!(suppress::line(&[3, 2, 30], 5), [true, true, false]);

    let shown = suppress::grid(&[vec![9, 8], vec![7, 6]], &[false, false], 5, &[]);
    assert!(!shown.cells.iter().flatten().chain(&shown.columns).any(|hidden| *hidden));
    // One small cell takes one in its row, one in its column, and the fourth.
    let shown = suppress::grid(&[vec![1, 8, 20], vec![7, 6, 20], vec![30, 40, 50]], &[false; 3], 5, &[]);
    let expected = [vec![true, true, false], vec![true, true, false], vec![false; 3]];
    assert_eq!((shown.cells, shown.columns), (expected.to_vec(), vec![false; 3]));
}

#[test]
fn a_year_with_too_few_cases_is_not_there() {
    assert!(Year::of(&tally(&[(0, 0, [0; 3]); 4]), SMALLEST, &[]).is_none());
    assert_eq!(Year::of(&tally(&[(0, 0, [0; 3]); 5]), SMALLEST, &[]).unwrap().total, 5);
}

#[test]
fn rows_with_hidden_sums_are_kept_connected() {
    // Each pair alone would hide its sums well; but another table with other pairs would then tell all four.
    let counts = [vec![2, 0], vec![8, 0], vec![0, 2], vec![0, 8], vec![50, 50]];
    let hidden = suppress::grid(&counts, &[true, true, true, true, false], 5, &[]);
    assert_eq!(hidden.columns, [true, true]);
}

/// Fourteen regions and some thousands of cases, the year not over: most stand at the end, a few at each step before it.
fn year_of_a_province(rng: &mut impl rand::RngExt) -> Tally {
    const STATES: [u32; 13] = [20, 8, 90, 12, 35, 60, 18, 80, 6, 620, 20, 25, 6];
    let mut tally = Tally {
        rows: vec![0; 14],
        below: vec![vec![0]; 14],
        counted: [1, 1, 1, 13, 4, 4, 2].map(|n| vec![vec![0; n]; 14]).into(),
    };
    for row in 0..14 {
        for _ in 0..rng.random_range(20..50) * rng.random_range(1..20) {
            let mut left = rng.random_range(0..STATES.iter().sum());
            let state =
                STATES.iter().position(|part| left.checked_sub(*part).map(|less| left = less).is_none());
            let state = State::ALL[state.unwrap()];
            let late = usize::from(rng.random_bool(0.06));
            let accepted = if Pace::BEFORE_ACCEPTANCE.contains(&state) { 2 } else { late };
            let concluded = match state {
                State::Replied | State::Objected | State::Closed => late,
                _ if Pace::BEFORE_CONCLUSION.contains(&state) => 2,
                _ => 3,
            };
            let overdue =
                usize::from(!rng.random_bool(if accepted == 2 || concluded == 2 { 0.1 } else { 0.001 }));
            tally.rows[row] += 1;
            tally.below[row][0] += 1;
            let state = State::ALL.iter().position(|one| *one == state).unwrap();
            for (counts, at) in tally.counted.iter_mut().zip([0, 0, 0, state, accepted, concluded, overdue]) {
                counts[row][at] += 1;
            }
        }
    }
    tally
}

#[test]
fn a_province_reads_its_status() {
    let mut rng = rand::rngs::StdRng::seed_from_u64(7);
    let mut whole = 0;
    for _ in 0..40 {
        let year = Year::of(&year_of_a_province(&mut rng), SMALLEST, &tally::links()).unwrap();
        whole += year.counted[3].columns.iter().flatten().count();
    }
    assert!(whole > 500, "{whole} of 520 are shown for the whole area");
}

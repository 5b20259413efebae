use super::{suppress, tally::Tally, *};
use proptest::prelude::*;
use std::collections::BTreeMap;

const SMALLEST: u32 = 5;

/// Three regions, the last with nothing below it, and two dimensions of three and two categories.
const BELOW: [usize; 3] = [3, 2, 1];
const WIDTH: [usize; 2] = [3, 2];

type OneCase = (usize, usize, usize, usize);

fn tally(cases: &[OneCase]) -> Tally {
    let mut tally = Tally {
        rows: vec![0; 3],
        below: BELOW.map(|n| vec![0; n]).into(),
        counted: WIDTH.map(|n| vec![vec![0; n]; 3]).into(),
    };
    for &(row, below, first, second) in cases {
        tally.rows[row] += 1;
        tally.below[row][below % BELOW[row]] += 1;
        tally.counted[0][row][first] += 1;
        tally.counted[1][row][second] += 1;
    }
    tally
}

/// Few of some, many of others, as life has it.
fn cases() -> impl Strategy<Value = Vec<OneCase>> {
    let skewed = |n: usize| prop_oneof![4 => Just(0), 2 => Just(1 % n), 1 => 0..n];
    prop::collection::vec((skewed(3), skewed(3), skewed(3), skewed(2)), 0..90)
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
    if dimension == 0 { row * 3 + column } else { 9 + row * 2 + column }
}
fn below(row: usize, i: usize) -> usize {
    15 + BELOW[..row].iter().sum::<usize>() + i
}
const PLACES: usize = 21;

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
    let mut all = vec![(sum((0..3).flat_map(|r| (0..3).map(move |c| cell(0, r, c)))), Some(year.total))];
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    /// All pages of a year together: every sum between them, and that regions and dimensions add up to the same.
    #[test]
    fn no_hidden_count_follows_from_the_shown_ones(cases in cases()) {
        let Some(year) = Year::of(&tally(&cases), SMALLEST) else {
            prop_assert!(cases.len() < 5);
            return Ok(());
        };
        let all = counts(&year);
        let mut known = Known::default();
        for row in 0..3 {
            known.learn(minus(&row_sum(0, row), &row_sum(1, row)));
            known.learn(minus(&row_sum(0, row), &below_sum(row)));
        }
        // Whoever looks may know every 0; so much for the signs that stand for them.
        let truth = values(&cases);
        (0..PLACES).filter(|place| truth[*place] == 0).for_each(|place| known.learn(sum([place])));
        all.iter().filter(|(_, count)| count.is_some()).for_each(|(vector, _)| known.learn(vector.clone()));
        for (vector, count) in all {
            let true_count: u32 = vector.iter().zip(&truth).filter(|(n, _)| **n == 1).map(|(_, t)| t).sum();
            match count {
                Some(count) => {
                    prop_assert_eq!(count, true_count);
                    prop_assert!(count == 0 || count >= SMALLEST, "{} is shown", count);
                }
                None if true_count == 0 => {}
                None => prop_assert!(!known.tells(vector.clone()), "{true_count} at {vector:?} follows"),
            }
        }
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

    let shown = suppress::grid(&[vec![9, 8], vec![7, 6]], &[false, false], 5);
    assert!(!shown.cells.iter().flatten().chain(&shown.columns).any(|hidden| *hidden));
    // One small cell takes one in its row, one in its column, and the fourth.
    let shown = suppress::grid(&[vec![1, 8, 20], vec![7, 6, 20], vec![30, 40, 50]], &[false; 3], 5);
    let expected = [vec![true, true, false], vec![true, true, false], vec![false; 3]];
    assert_eq!((shown.cells, shown.columns), (expected.to_vec(), vec![false; 3]));
}

#[test]
fn a_year_with_too_few_cases_is_not_there() {
    assert!(Year::of(&tally(&[(0, 0, 0, 0); 4]), SMALLEST).is_none());
    assert_eq!(Year::of(&tally(&[(0, 0, 0, 0); 5]), SMALLEST).unwrap().total, 5);
}

#[test]
fn rows_with_hidden_sums_are_kept_connected() {
    // Each pair alone would hide its sums well; but another table with other pairs would then tell all four.
    let counts = [vec![2, 0], vec![8, 0], vec![0, 2], vec![0, 8], vec![50, 50]];
    let hidden = suppress::grid(&counts, &[true, true, true, true, false], 5);
    assert_eq!(hidden.columns, [true, true]);
}

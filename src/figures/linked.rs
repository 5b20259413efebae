//! Two tables that count in part the same: who waits for a decision is exactly who is in one of two states. What the finer
//! one hides, the others must not tell.

use super::{suppress::Hidden, tally::Tally};
use std::collections::HashMap;

/// In every row, the counts of some columns of one table add up to what some of another add up to.
pub struct Link {
    /// Places in [`Tally::counted`].
    pub finer: usize,
    pub coarser: usize,
    /// Columns of the finer table.
    pub columns: Vec<usize>,
    /// Columns of the coarser one.
    pub sums: Vec<usize>,
}

impl Link {
    /// Row and column of the coarser table, its sums last, whose count must be hidden because a part of it is.
    pub fn forced(&self, finer: &Hidden, coarser: &[Vec<u32>]) -> Vec<(usize, usize)> {
        let rows = finer.cells.iter().chain([&finer.columns]).enumerate();
        let parted = rows.filter(|(_, row)| self.columns.iter().any(|&column| row[column]));
        let count = |row: usize, column: usize| match coarser.get(row) {
            Some(counts) => counts[column],
            None => coarser.iter().map(|counts| counts[column]).sum(),
        };
        // One that is not 0 is enough: without it nobody has the sum.
        parted
            .filter_map(|(row, _)| Some((row, *self.sums.iter().find(|&&column| count(row, column) > 0)?)))
            .collect()
    }
}

/// Whether a small count of a linked table follows from what is shown of all of them together, for somebody who knows every
/// 0. Exact: what is shown are sums of hidden counts, told from one another by elimination.
pub fn tell(
    links: &[Link],
    tally: &Tally,
    hidden: &[Hidden],
    rows_hidden: &[bool],
    is_small: impl Fn(u32) -> bool,
) -> bool {
    if links.is_empty() {
        return false;
    }
    let mut tables: Vec<usize> = links.iter().flat_map(|link| [link.finer, link.coarser]).collect();
    tables.sort_unstable();
    tables.dedup();
    let height = tally.rows.len();
    let width = |table: usize| tally.counted[table].first().map_or(0, Vec::len);
    // Each hidden count that is not 0 has a place in the vectors.
    let mut places = HashMap::new();
    for &table in &tables {
        for r in 0..height {
            for c in
                (0..width(table)).filter(|&c| hidden[table].cells[r][c] && tally.counted[table][r][c] > 0)
            {
                places.insert((table, r, c), places.len());
            }
        }
    }
    let vector = |cells: &mut dyn Iterator<Item = ((usize, usize, usize), u64)>| {
        let mut vector = vec![0; places.len()];
        cells.for_each(|(cell, factor)| {
            if let Some(&place) = places.get(&cell) {
                vector[place] = factor;
            }
        });
        vector
    };
    let row = |table: usize, r: usize, factor: u64| (0..width(table)).map(move |c| ((table, r, c), factor));
    let column = |table: usize, c: usize| (0..height).map(move |r| ((table, r, c), 1));

    let mut known = Known::default();
    for &table in &tables {
        known.learn(vector(&mut (0..height).flat_map(|r| row(table, r, 1))));
        (0..width(table))
            .filter(|&c| !hidden[table].columns[c])
            .for_each(|c| known.learn(vector(&mut column(table, c))));
        for (r, is_hidden) in rows_hidden.iter().enumerate() {
            match is_hidden {
                false => known.learn(vector(&mut row(table, r, 1))),
                // Not known, but the same in every table.
                true if table == tables[0] => {}
                true => known.learn(vector(&mut row(table, r, 1).chain(row(tables[0], r, MINUS_ONE)))),
            }
        }
    }
    for link in links {
        for r in 0..height {
            let parts = link.columns.iter().map(|&c| ((link.finer, r, c), 1));
            let sums = link.sums.iter().map(|&c| ((link.coarser, r, c), MINUS_ONE));
            known.learn(vector(&mut parts.chain(sums)));
        }
    }
    let cells = places.keys().filter(|(table, r, c)| is_small(tally.counted[*table][*r][*c]));
    let cells = cells.map(|cell| vector(&mut [(*cell, 1)].into_iter()));
    let sums = tables.iter().flat_map(|&table| (0..width(table)).map(move |c| (table, c)));
    let sums = sums.filter(|&(table, c)| hidden[table].columns[c]);
    let sums = sums.filter(|&(table, c)| is_small((0..height).map(|r| tally.counted[table][r][c]).sum()));
    let sums = sums.map(|(table, c)| vector(&mut column(table, c)));
    let rows = (0..height).filter(|&r| rows_hidden[r] && is_small(tally.rows[r]));
    let rows = rows.map(|r| vector(&mut row(tables[0], r, 1)));
    cells.chain(sums).chain(rows).any(|secret| known.tells(secret))
}

/// Counts are far below it, and so are the determinants of sums of them.
const PRIME: u64 = (1 << 31) - 1;
const MINUS_ONE: u64 = PRIME - 1;

/// Vectors over the field of [`PRIME`], each reduced by those before it, with its first place made 1.
#[derive(Default)]
struct Known(Vec<(usize, Vec<u64>)>);

impl Known {
    fn reduced(&self, mut vector: Vec<u64>) -> Vec<u64> {
        for (place, other) in &self.0 {
            let factor = vector[*place];
            if factor != 0 {
                let less = PRIME - factor;
                vector.iter_mut().zip(other).for_each(|(x, y)| *x = (*x + less * y) % PRIME);
            }
        }
        vector
    }

    fn learn(&mut self, vector: Vec<u64>) {
        let vector = self.reduced(vector);
        let Some(place) = vector.iter().position(|x| *x != 0) else { return };
        let inverse = power(vector[place], PRIME - 2);
        self.0.push((place, vector.iter().map(|x| x * inverse % PRIME).collect()));
    }

    fn tells(&self, vector: Vec<u64>) -> bool {
        vector.iter().any(|x| *x != 0) && self.reduced(vector).iter().all(|x| *x == 0)
    }
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

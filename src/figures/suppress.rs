//! Which counts of a table are kept back so that no small one can be found, not even by subtraction.
//!
//! A count is small from 1 to below `smallest`. Small ones are hidden, and then others with them, until
//! - no small one follows from the sums that are shown,
//! - in every row and column with a small one what is hidden, and does not follow, adds up to at least `smallest`.
//!
//! All this holds against somebody who knows every 0. For the first, rows and columns are the nodes of a graph and
//! hidden counts its edges: a count follows exactly if its edge is a bridge (Gusfield, "A graph theoretic approach to
//! statistical data security", 1988). The sums of rows are shared by several tables; that these do not tell together
//! what none tells alone, rows with a hidden sum are kept connected in each table.
//!
//! It does not: hide that a hidden count lies between 0 and the rest of its line; protect against somebody who knows
//! all other cases of a line; compare figures of two days.

/// Which counts of one list are hidden; their sum is known.
pub fn line(counts: &[u32], smallest: u32) -> Vec<bool> {
    let mut hidden: Vec<bool> = counts.iter().map(|&count| is_small(count, smallest)).collect();
    while hidden.contains(&true) {
        // Enough is always more than one: a small one alone is not.
        let kept_back: u32 = (0..counts.len()).filter(|&i| hidden[i]).map(|i| counts[i]).sum();
        if kept_back >= smallest {
            break;
        }
        let others = (0..counts.len()).filter(|&i| !hidden[i] && counts[i] > 0);
        match others.min_by_key(|&i| counts[i]) {
            Some(next) => hidden[next] = true,
            None => break,
        }
    }
    hidden
}

pub fn is_small(count: u32, smallest: u32) -> bool {
    (1..smallest).contains(&count)
}

/// Which counts of a table of rows and columns are hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// By row and column.
    pub cells: Vec<Vec<bool>>,
    /// The sums of columns.
    pub columns: Vec<bool>,
}

/// The sums of rows have been decided (`rows_hidden`, by [`line`]), and the sum of all is shown. Every row has as many
/// counts. What is `forced`, by row and column with the sums last, is kept back as if it were small.
pub fn grid(counts: &[Vec<u32>], rows_hidden: &[bool], smallest: u32, forced: &[(usize, usize)]) -> Hidden {
    let mut grid = Grid::new(counts, rows_hidden, smallest);
    for &(row, column) in forced {
        grid.forced.push((row, column));
        grid.hidden[row][column] = true;
    }
    while let Some((row, column)) = grid.next_to_hide() {
        grid.hidden[row][column] = true;
    }
    grid.show_what_follows();
    let columns = grid.hidden[grid.height][..grid.width].to_vec();
    let cells = grid.hidden[..grid.height].iter().map(|row| row[..grid.width].to_vec()).collect();
    Hidden { cells, columns }
}

/// Row and column; the last of each are the sums.
type Place = (usize, usize);

struct Grid {
    counts: Vec<Vec<u32>>,
    hidden: Vec<Vec<bool>>,
    /// Treated as small whatever they are.
    forced: Vec<Place>,
    height: usize,
    width: usize,
    smallest: u32,
}

impl Grid {
    fn new(inner: &[Vec<u32>], rows_hidden: &[bool], smallest: u32) -> Self {
        let (height, width) = (inner.len(), inner.first().map_or(0, Vec::len));
        let mut counts: Vec<Vec<u32>> = inner.to_vec();
        counts.push((0..width).map(|c| inner.iter().map(|row| row[c]).sum()).collect());
        let mut hidden = Vec::with_capacity(height + 1);
        for (r, row) in counts.iter_mut().enumerate() {
            let whole = rows_hidden.get(r).copied().unwrap_or(false);
            let mut kept_back: Vec<bool> =
                row.iter().map(|&count| count > 0 && (whole || is_small(count, smallest))).collect();
            kept_back.push(whole);
            hidden.push(kept_back);
            row.push(row.iter().sum());
        }
        Self { counts, hidden, forced: Vec::new(), height, width, smallest }
    }

    /// `None`: enough is hidden, or nothing is left to hide.
    fn next_to_hide(&self) -> Option<Place> {
        let bridges = self.bridges();
        self.to_connect().or_else(|| self.to_cover(&bridges)).or_else(|| self.to_fill(&bridges))
    }

    /// The smallest count that is shown and neither 0 nor a row's sum.
    fn least(&self, places: impl Iterator<Item = Place>) -> Option<Place> {
        places
            .filter(|&(r, c)| c < self.width && !self.hidden[r][c] && self.counts[r][c] > 0)
            .min_by_key(|&(r, c)| self.counts[r][c])
    }

    /// Rows with a hidden sum must be connected by hidden counts other than these sums. A part that is not joined to
    /// the sums of columns is joined to them.
    fn to_connect(&self) -> Option<Place> {
        let parts = self.parts();
        let mut apart =
            (0..self.height).filter(|&r| self.hidden[r][self.width] && parts[r] != parts[self.height]);
        let first = apart.next()?;
        let whole = (0..self.height).all(|r| !self.hidden[r][self.width] || parts[r] == parts[first]);
        if whole {
            return None;
        }
        let columns = (0..self.width).filter(|&c| parts[self.height + 1 + c] == parts[first]);
        self.least(columns.map(|c| (self.height, c)))
    }

    /// A small count that follows from the sums: what to hide so that its edge lies on a circle, or else what brings
    /// that nearer: in its row or column, or anywhere.
    fn to_cover(&self, bridges: &[Place]) -> Option<Place> {
        let bridge = bridges.iter().copied().find(|&place| self.is_small_at(place))?;
        let (row, column) = bridge;
        let (here, there) = (self.side(row, bridge), self.side(self.height + 1 + column, bridge));
        let all = || (0..=self.height).flat_map(|r| (0..self.width).map(move |c| (r, c)));
        let closing = all().filter(|&(r, c)| {
            let c = self.height + 1 + c;
            (here[r] && there[c]) || (there[r] && here[c])
        });
        let along = (0..self.width).map(|c| (row, c)).chain((0..=self.height).map(|r| (r, column)));
        self.least(closing).or_else(|| self.least(along)).or_else(|| self.least(all()))
    }

    /// The nodes that hidden counts connect with this one, without the one at `bridge`.
    fn side(&self, node: usize, bridge: Place) -> Vec<bool> {
        let mut reached = vec![false; self.height + self.width + 2];
        let mut waiting = vec![node];
        while let Some(node) = waiting.pop() {
            reached[node] = true;
            for other in self.across(node) {
                if !reached[other] && self.place(node, other) != bridge && self.is_hidden(node, other) {
                    waiting.push(other);
                }
            }
        }
        reached
    }

    /// The nodes of the other kind.
    fn across(&self, node: usize) -> std::ops::Range<usize> {
        let first_column = self.height + 1;
        if node < first_column { first_column..first_column + self.width + 1 } else { 0..first_column }
    }
    fn place(&self, node: usize, other: usize) -> Place {
        (node.min(other), node.max(other) - self.height - 1)
    }
    fn is_hidden(&self, node: usize, other: usize) -> bool {
        let (row, column) = self.place(node, other);
        self.hidden[row][column]
    }

    /// A line whose sum is shown, with a small count, in which too little is hidden that does not follow.
    fn to_fill(&self, bridges: &[Place]) -> Option<Place> {
        let rows = (0..=self.height).filter(|&r| !self.hidden[r][self.width]);
        let rows = rows.map(|r| (0..self.width).map(|c| (r, c)).collect::<Vec<_>>());
        let columns = (0..self.width).filter(|&c| !self.hidden[self.height][c]);
        let columns = columns.map(|c| (0..self.height).map(|r| (r, c)).collect::<Vec<_>>());
        rows.chain(columns)
            .filter(|line| self.is_short(line, bridges))
            .find_map(|line| self.least(line.into_iter()))
    }

    fn is_short(&self, line: &[Place], bridges: &[Place]) -> bool {
        let kept_back = || line.iter().filter(|&&(r, c)| self.hidden[r][c]);
        let sum: u32 =
            kept_back().filter(|place| !bridges.contains(place)).map(|&(r, c)| self.counts[r][c]).sum();
        kept_back().any(|&place| self.is_small_at(place)) && sum < self.smallest
    }

    fn is_small_at(&self, place: Place) -> bool {
        is_small(self.counts[place.0][place.1], self.smallest) || self.forced.contains(&place)
    }

    /// What follows anyway and is not small need not be hidden.
    fn show_what_follows(&mut self) {
        for (row, column) in self.bridges() {
            if column < self.width && !self.is_small_at((row, column)) {
                self.hidden[row][column] = false;
            }
        }
    }

    /// The connected part each node belongs to, the sums of rows left out. Nodes are rows, then columns.
    fn parts(&self) -> Vec<usize> {
        let mut parts: Vec<usize> = (0..self.height + self.width + 2).collect();
        for r in 0..=self.height {
            for c in (0..self.width).filter(|&c| self.hidden[r][c]) {
                let (from, to) = (parts[self.height + 1 + c], parts[r]);
                parts.iter_mut().filter(|part| **part == from).for_each(|part| *part = to);
            }
        }
        parts
    }

    /// Hidden counts that the sums determine.
    fn bridges(&self) -> Vec<Place> {
        let nodes = self.height + self.width + 2;
        let mut walk = Walk { seen: vec![0; nodes], low: vec![0; nodes], clock: 0, bridges: Vec::new() };
        for node in 0..nodes {
            if walk.seen[node] == 0 {
                self.visit(node, None, &mut walk);
            }
        }
        walk.bridges
    }

    /// Depth first, as Tarjan found bridges. As deep as there are nodes: a table's rows and columns.
    fn visit(&self, node: usize, from: Option<usize>, walk: &mut Walk) {
        walk.clock += 1;
        (walk.seen[node], walk.low[node]) = (walk.clock, walk.clock);
        for other in self.across(node) {
            if !self.is_hidden(node, other) || from == Some(other) {
                continue;
            }
            if walk.seen[other] == 0 {
                self.visit(other, Some(node), walk);
                walk.low[node] = walk.low[node].min(walk.low[other]);
                if walk.low[other] > walk.seen[node] {
                    walk.bridges.push(self.place(node, other));
                }
            } else {
                walk.low[node] = walk.low[node].min(walk.seen[other]);
            }
        }
    }
}

struct Walk {
    seen: Vec<u32>,
    low: Vec<u32>,
    clock: u32,
    bridges: Vec<Place>,
}

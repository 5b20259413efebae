//! Numbers of people: resident identity, telephones, accounts. Digits of one number may stand apart, be full-width or
//! written as Chinese numerals.

use super::{Cell, Kind};
use crate::policy::formats;
use std::ops::Range;

/// So many digits are a number of something that is nobody else's.
const LONG: usize = 12;
/// Spaces and dashes between two digits of one number.
const GAP: usize = 3;
/// The tenth sign of a resident identity number's check digit.
const X: u8 = 10;

/// A digit, or a last X, and where it stands.
#[derive(Clone, Copy)]
struct Digit {
    at: usize,
    value: u8,
    /// Nothing stands between it and the digit before.
    is_tight: bool,
}

pub(super) fn find(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let codes = credit_codes(cells);
    let mut found = Vec::new();
    for run in runs(cells) {
        let mut kinds = vec![None; run.len()];
        resident_ids(&run, &mut kinds);
        let is_code = |digit: &Digit| codes.iter().any(|code| code.contains(&digit.at));
        for stretch in unmarked(&kinds, |i| !is_code(&run[i])) {
            mobiles(&run[stretch.clone()], &mut kinds[stretch]);
        }
        for stretch in unmarked(&kinds, |i| !is_code(&run[i])) {
            let rest = without_dates(&run, stretch);
            for part in rest {
                let kind = of_whole(&run[part.clone()]);
                kinds[part].fill(kind);
            }
        }
        let mut from = 0;
        for same in kinds.chunk_by(|a, b| a == b) {
            let until = from + same.len();
            if let Some(kind) = same[0] {
                found.push((run[from].at..run[until - 1].at + 1, kind));
            }
            from = until;
        }
    }
    found
}

/// Digits with nothing but a few spaces and dashes between them.
fn runs(cells: &[Cell]) -> Vec<Vec<Digit>> {
    let (mut runs, mut run) = (Vec::new(), Vec::<Digit>::new());
    for (at, cell) in cells.iter().enumerate() {
        let is_x = cell.plain == 'X' && run.len() >= 17;
        if let Some(value) = cell.digit.or(is_x.then_some(X)) {
            let before = run.last().map(|last| at - last.at - 1);
            if before.is_some_and(|gap| gap > GAP) {
                runs.push(std::mem::take(&mut run));
            }
            run.push(Digit { at, value, is_tight: before == Some(0) });
            if value == X {
                runs.push(std::mem::take(&mut run));
            }
        } else if !cell.is_gap() && !run.is_empty() {
            runs.push(std::mem::take(&mut run));
        }
    }
    runs.push(run);
    runs.retain(|run| !run.is_empty());
    runs
}

fn text(digits: &[Digit]) -> String {
    digits.iter().map(|digit| if digit.value == X { 'X' } else { char::from(b'0' + digit.value) }).collect()
}

/// Unified social credit codes name a company, not a person: they stay, unless they could be a person's number.
fn credit_codes(cells: &[Cell]) -> Vec<Range<usize>> {
    let (mut codes, mut from) = (Vec::new(), 0);
    for part in cells.chunk_by(|a, b| a.is_alnum() == b.is_alnum()) {
        let until = from + part.len();
        if part.len() == 18 && part[0].is_alnum() {
            let code: String = part.iter().map(|cell| cell.plain).collect();
            if formats::credit_code(&code).is_ok() && formats::resident_id(&code).is_err() {
                codes.push(from..until);
            }
        }
        from = until;
    }
    codes
}

fn resident_ids(run: &[Digit], kinds: &mut [Option<Kind>]) {
    for (start, window) in run.windows(18).enumerate() {
        let digits = text(window);
        let is_whole = run.len() == 18 && !digits.starts_with("62");
        let problem = formats::resident_id(&digits).err();
        // A slip in the check digit is still somebody's number.
        if problem.is_none() || is_whole && problem == Some(formats::FormatProblem::CheckDigit) {
            kinds[start..start + 18].fill(Some(Kind::ResidentId));
        }
    }
    // The old form: no check digit, a year of two digits.
    if run.len() == 15 && run.iter().all(|digit| digit.value < X) {
        let old = text(run);
        let month_and_day = (old[8..10].parse().unwrap_or(0), old[10..12].parse().unwrap_or(0));
        if matches!(run[0].value, 1..=8) && matches!(month_and_day, (1..=12_u8, 1..=31_u8)) {
            kinds.fill(Some(Kind::ResidentId));
        }
    }
}

/// Mobile numbers that begin and end where digits are set apart.
fn mobiles(run: &[Digit], kinds: &mut [Option<Kind>]) {
    let mut i = 0;
    while i < run.len() {
        // +86, 0086, 0: the country and the trunk, with or without a gap.
        let is_whole = |prefix: usize| {
            let end = i + prefix + 11;
            (end == run.len() || run.get(end).is_some_and(|next| !next.is_tight))
                && run.get(i + prefix..end).is_some_and(|digits| formats::mobile(&text(digits)).is_ok())
        };
        let begins = i == 0 || !run[i].is_tight;
        let prefix = ["", "0", "86", "0086"].into_iter().find(|prefix| {
            run.get(i..i + prefix.len()).is_some_and(|digits| text(digits) == **prefix)
                && is_whole(prefix.len())
        });
        match prefix.filter(|_| begins) {
            Some(prefix) => {
                let end = i + prefix.len() + 11;
                kinds[i..end].fill(Some(Kind::Phone));
                i = end;
            }
            None => i += 1,
        }
    }
}

/// What digits are that nothing else was found in.
fn of_whole(digits: &[Digit]) -> Option<Kind> {
    let number = text(digits);
    let is_area = number.starts_with('0') && !number.starts_with("00");
    let is_service = digits.len() == 10 && (number.starts_with("400") || number.starts_with("800"));
    match digits.len() {
        10..=16 if is_area || is_service => Some(Kind::Phone),
        LONG.. => Some(Kind::Account),
        _ => None,
    }
}

/// Stretches of digits that nothing was found in.
fn unmarked(kinds: &[Option<Kind>], is_open: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
    let open: Vec<bool> = kinds.iter().enumerate().map(|(i, kind)| kind.is_none() && is_open(i)).collect();
    let (mut stretches, mut from) = (Vec::new(), 0);
    for part in open.chunk_by(|a, b| a == b) {
        if part[0] {
            stretches.push(from..from + part.len());
        }
        from += part.len();
    }
    stretches
}

/// What is left once days are taken out: 2026-11-26 is nobody's number, and neither is 2026-11-26 1300.
fn without_dates(run: &[Digit], stretch: Range<usize>) -> Vec<Range<usize>> {
    let starts = stretch.clone().filter(|i| *i == stretch.start || !run[*i].is_tight);
    let starts: Vec<usize> = starts.chain([stretch.end]).collect();
    let groups: Vec<Range<usize>> = starts.windows(2).map(|pair| pair[0]..pair[1]).collect();
    let number = |group: &Range<usize>| text(&run[group.clone()]).parse::<u32>().unwrap_or(u32::MAX);
    let is_day = |y: u32, m: u32, d: u32| matches!((y, m, d), (1900..=2099, 1..=12, 1..=31));
    let (mut rest, mut from, mut i) = (Vec::new(), stretch.start, 0);
    while i < groups.len() {
        let taken = match &groups[i..] {
            [y, m, d, ..] if y.len() == 4 && is_day(number(y), number(m), number(d)) => 3,
            [day, ..] if day.len() == 8 => {
                let n = number(day);
                usize::from(is_day(n / 10_000, n / 100 % 100, n % 100))
            }
            _ => 0,
        };
        if taken > 0 {
            rest.push(from..groups[i].start);
            from = groups[i + taken - 1].end;
        }
        i += taken.max(1);
    }
    rest.push(from..stretch.end);
    rest.retain(|part| !part.is_empty());
    rest
}

//! What is told by its form or by the word before it: plates, addresses of the net, names on services.

use super::{Cell, Kind};
use std::ops::Range;

const PROVINCES: &str = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领";
const PLATE_ENDS: &str = "挂学警港澳领";

/// Plates of vehicles: a province, a letter, five signs, or six of a new-energy vehicle.
pub(super) fn plates(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    for start in 0..cells.len() {
        if !PROVINCES.contains(cells[start].raw) {
            continue;
        }
        let skip = |mut i: usize| {
            let until = i + 2;
            while i < until && cells.get(i).is_some_and(Cell::is_gap) {
                i += 1;
            }
            i
        };
        let letter = skip(start + 1);
        if !cells.get(letter).is_some_and(|cell| cell.plain.is_ascii_uppercase()) {
            continue;
        }
        let (mut at, mut signs, mut digits) = (letter + 1, 0, 0);
        while signs < 7 {
            let next = skip(at);
            let Some(cell) = cells.get(next) else { break };
            if !(cell.is_alnum() || cell.digit.is_some() || PLATE_ENDS.contains(cell.raw)) {
                break;
            }
            (signs, digits) = (signs + 1, digits + usize::from(cell.digit.is_some()));
            at = next + 1;
        }
        if matches!(signs, 5 | 6) && digits > 0 {
            found.push((start..at, Kind::Plate));
        }
    }
    found
}

pub(super) fn emails(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    let is_part = |cell: &Cell| cell.is_alnum() || "._%+-".contains(cell.plain);
    for (at, _) in cells.iter().enumerate().filter(|(_, cell)| cell.plain == '@') {
        let spaces = |cell: &&Cell| cell.raw == ' ' || cell.raw == '\u{3000}';
        let before = cells[..at].iter().rev().take(1).filter(spaces).count();
        let after = cells[at + 1..].iter().take(1).filter(spaces).count();
        let left = cells[..at - before].iter().rev().take_while(|cell| is_part(cell)).count();
        let domain: String =
            cells[at + 1 + after..].iter().take_while(|c| is_part(c)).map(|c| c.plain).collect();
        let end = at + 1 + after + domain.chars().count();
        if left > 0 && domain.trim_matches('.').contains('.') {
            found.push((at - before - left..end, Kind::Email));
        }
    }
    found
}

/// A word, what follows it, and of how many signs that is at least.
const KEYS: &[(&str, Kind, usize)] = &[
    ("身份证", Kind::ResidentId, 4),
    ("证件号", Kind::ResidentId, 4),
    ("护照", Kind::ResidentId, 5),
    ("电话", Kind::Phone, 7),
    ("手机", Kind::Phone, 7),
    ("座机", Kind::Phone, 7),
    ("联系方式", Kind::Phone, 7),
    ("TEL", Kind::Phone, 7),
    ("PHONE", Kind::Phone, 7),
    ("账号", Kind::Account, 5),
    ("帐号", Kind::Account, 5),
    ("账户", Kind::Account, 5),
    ("卡号", Kind::Account, 5),
    ("尾号", Kind::Account, 3),
    ("后四位", Kind::Account, 3),
    ("末四位", Kind::Account, 3),
    ("后六位", Kind::Account, 3),
    ("工号", Kind::Handle, 2),
    ("学号", Kind::Handle, 4),
    ("微信", Kind::Handle, 4),
    ("威信", Kind::Handle, 4),
    ("V信", Kind::Handle, 4),
    ("VX", Kind::Handle, 4),
    ("WX", Kind::Handle, 4),
    ("WECHAT", Kind::Handle, 4),
    ("WEIXIN", Kind::Handle, 4),
    ("QQ", Kind::Handle, 4),
    ("抖音", Kind::Handle, 4),
    ("快手", Kind::Handle, 4),
    ("微博", Kind::Handle, 4),
    ("钉钉", Kind::Handle, 4),
];
/// Between the word and what it is of.
const LINKS: &str = "号码为是叫：:（(群名加我的ID";
const MOST_LINKS: usize = 6;

/// What stands behind a word that says what it is.
pub(super) fn keyed(cells: &[Cell]) -> Vec<(Range<usize>, Kind)> {
    let mut found = Vec::new();
    for (key, kind, least) in KEYS {
        let key: Vec<char> = key.chars().collect();
        for (start, window) in cells.windows(key.len()).enumerate() {
            let fits = window.iter().zip(&key).all(|(cell, wanted)| cell.plain == *wanted);
            // MAXWX is no word of ours.
            let is_inside = key[0].is_ascii() && start > 0 && cells[start - 1].is_alnum();
            if !fits || is_inside {
                continue;
            }
            // The value may begin with letters that also link: the longest value wins.
            let begin = start + key.len();
            let links = cells[begin..].iter().take(MOST_LINKS);
            let links = links.take_while(|cell| LINKS.contains(cell.plain) || cell.is_gap()).count();
            let value = |from: usize| {
                let digits = *kind == Kind::Phone;
                let fits = |cell: &&Cell| {
                    let sign =
                        if digits { cell.digit.is_some() } else { cell.is_alnum() || cell.digit.is_some() };
                    sign || "-_".contains(cell.plain)
                };
                cells[from..].iter().take_while(fits).count()
            };
            let best = (0..=links).map(|skipped| (value(begin + skipped), begin + skipped));
            if let Some((length, from)) =
                best.max_by_key(|(length, from)| (*length, std::cmp::Reverse(*from)))
                && length >= *least
            {
                found.push((from..from + length, *kind));
            }
        }
    }
    found
}

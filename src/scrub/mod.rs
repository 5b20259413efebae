//! Finds in a reporter's own words what leads to a person: numbers, plates, addresses of the net, names by the words
//! around them. What it finds is proposed to somebody who reads both texts; what it misses, that person adds. Pure, no
//! model, no dictionary of people: SECURITY.md says what that can and cannot do.

mod names;
mod numbers;
mod words;

use serde::{Deserialize, Serialize};
use std::ops::Range;
use unicode_normalization::UnicodeNormalization;

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    ResidentId,
    Phone,
    /// An account, a card, or any long run of digits.
    Account,
    Plate,
    Email,
    /// A name on some service, a staff number.
    Handle,
    Name,
    /// A person named it.
    Added,
}

impl Kind {
    pub const ALL: [Self; 8] = [
        Self::ResidentId,
        Self::Phone,
        Self::Account,
        Self::Plate,
        Self::Email,
        Self::Handle,
        Self::Name,
        Self::Added,
    ];

    /// In message keys.
    pub fn code(self) -> &'static str {
        match self {
            Self::ResidentId => "resident-id",
            Self::Phone => "phone",
            Self::Account => "account",
            Self::Plate => "plate",
            Self::Email => "email",
            Self::Handle => "handle",
            Self::Name => "name",
            Self::Added => "added",
        }
    }
}

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Bytes of the text.
    pub at: Range<usize>,
    pub kind: Kind,
}

/// A text in which some parts stand for what was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Piece {
    Kept(String),
    Removed(Kind),
}

/// Rounds of looking: each may show what stood beside the finds of the one before. Texts that people write take three.
const MOST_ROUNDS: usize = 12;
/// Finds in one text; a list of telephone numbers has fewer.
const MOST_FINDS: usize = 100;
/// In the place of what was found.
const TAKEN: char = '］';

/// One character as it is read: full-width as ASCII, Chinese numerals as digits.
struct Cell {
    /// Bytes of the text.
    at: Range<usize>,
    raw: char,
    /// The ASCII character it stands for, in capitals; else as it is.
    plain: char,
    digit: Option<u8>,
}

impl Cell {
    fn is_alnum(&self) -> bool {
        self.plain.is_ascii_alphanumeric()
    }
    fn is_han(&self) -> bool {
        matches!(self.raw, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
    }
    /// Between the digits of one number.
    fn is_gap(&self) -> bool {
        let dashes = matches!(
            self.plain,
            '-' | '.' | '_' | '·' | '•' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{30fb}'
        );
        dashes || self.raw.is_whitespace() && self.raw != '\n' || self.is_unseen()
    }
    fn is_unseen(&self) -> bool {
        matches!(self.raw, '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{ad}')
    }
}

fn cells(text: &str) -> Vec<Cell> {
    let cell = |(at, raw): (usize, char)| {
        let mut folded = raw.nfkc();
        let plain = match (folded.next(), folded.next()) {
            (Some(one), None) if one.is_ascii() => one.to_ascii_uppercase(),
            _ => raw,
        };
        Cell { at: at..at + raw.len_utf8(), raw, plain, digit: digit(plain) }
    };
    text.char_indices().map(cell).collect()
}

/// Also of numerals as they are written out or read aloud, and of other scripts.
fn digit(c: char) -> Option<u8> {
    let zeros = ['\u{660}', '\u{6f0}', '\u{966}'].into_iter();
    let other = || zeros.map(u32::from).find_map(|zero| u32::from(c).checked_sub(zero).filter(|n| *n < 10));
    let value = match c {
        '0'..='9' => return c.to_digit(10).and_then(|n| n.try_into().ok()),
        '〇' | '零' | '○' => 0,
        '一' | '壹' | '幺' => 1,
        '二' | '贰' => 2,
        '三' | '叁' => 3,
        '四' | '肆' => 4,
        '五' | '伍' => 5,
        '六' | '陆' => 6,
        '七' | '柒' => 7,
        '八' | '捌' => 8,
        '九' | '玖' => 9,
        _ => return other().and_then(|n| n.try_into().ok()),
    };
    Some(value)
}

/// Everything found, in its order, none overlapping another. In the text without it nothing more would be found. A text
/// made so that looking would not end soon, or that holds little else, is found as a whole.
pub fn find(text: &str) -> Vec<Found> {
    let whole = |kind| vec![Found { at: 0..text.len(), kind }];
    let mut cells = cells(text);
    let mut marks: Vec<Option<Kind>> = vec![None; cells.len()];
    for round in 0.. {
        let all =
            [words::emails, numbers::find, words::plates, words::keyed, names::find].map(|find| find(&cells));
        let all: Vec<(Range<usize>, Kind)> = all.into_iter().flatten().collect();
        if all.is_empty() {
            break;
        }
        if round == MOST_ROUNDS {
            return whole(Kind::Name);
        }
        for (range, kind) in all {
            for at in range {
                marks[at] = Some(marks[at].map_or(kind, |before| before.min(kind)));
            }
        }
        // What stands beside it may be told only now: an account glued to a number.
        for (cell, _) in cells.iter_mut().zip(&marks).filter(|(_, mark)| mark.is_some()) {
            (cell.raw, cell.plain, cell.digit) = (TAKEN, TAKEN, None);
        }
    }
    let mut found: Vec<Found> = Vec::new();
    for (cell, kind) in cells.iter().zip(marks).filter_map(|(cell, kind)| Some((cell, kind?))) {
        match found.last_mut() {
            // What touches is one: two numbers without a gap cannot be told apart anyway.
            Some(last) if last.at.end == cell.at.start => {
                last.at.end = cell.at.end;
                last.kind = last.kind.min(kind);
            }
            _ => found.push(Found { at: cell.at.clone(), kind }),
        }
    }
    match found.first().map(|first| first.kind) {
        Some(kind) if found.len() > MOST_FINDS => whole(kind),
        _ => found,
    }
}

/// Every place where one of the words stands. Empty words are nowhere.
pub fn find_words(text: &str, words: &[String]) -> Vec<Found> {
    let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    let places = words.flat_map(|word| text.match_indices(word).map(|(at, word)| at..at + word.len()));
    join(places.map(|at| Found { at, kind: Kind::Added }).collect())
}

/// In their order, with what overlaps made one.
pub fn join(mut all: Vec<Found>) -> Vec<Found> {
    all.sort_by_key(|found| (found.at.start, found.at.end));
    let mut joined: Vec<Found> = Vec::new();
    for found in all {
        match joined.last_mut() {
            Some(last) if found.at.start < last.at.end => {
                last.at.end = last.at.end.max(found.at.end);
                last.kind = last.kind.min(found.kind);
            }
            _ => joined.push(found),
        }
    }
    joined
}

/// The text without what was found. `found`: in their order, none overlapping, as [`join`] gives them.
pub fn cut(text: &str, found: &[Found]) -> Vec<Piece> {
    let (mut pieces, mut from) = (Vec::new(), 0);
    for each in found {
        pieces.extend(kept(text.get(from..each.at.start)));
        pieces.push(Piece::Removed(each.kind));
        from = each.at.end;
    }
    pieces.extend(kept(text.get(from..)));
    pieces
}

fn kept(text: Option<&str>) -> Option<Piece> {
    text.filter(|text| !text.is_empty()).map(|text| Piece::Kept(text.to_owned()))
}

#[cfg(test)]
mod tests;

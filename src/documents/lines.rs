//! A paragraph broken into lines (UAX #14): no mark that closes begins one, none that opens ends one.

use super::font::{Font, is_wide, spaced};
use unicode_linebreak::{BreakOpportunity, linebreaks};

/// One line as it is drawn.
#[derive(Debug, PartialEq)]
pub(super) struct Line {
    /// With the space it was broken at, so that words stay apart for whoever reads aloud.
    pub text: String,
    /// Points from the left end of the paragraph.
    pub indent: f32,
    /// Points more after each character that may be spread.
    pub spread: f32,
}

/// How a paragraph is set, in points.
#[derive(Clone, Copy)]
pub(super) struct Measure {
    pub size: f32,
    pub width: f32,
    pub first_indent: f32,
    /// Full lines reach both edges.
    pub justified: bool,
}

/// More than this (em) between two characters would look like a gap.
const MOST_SPREAD: f32 = 0.12;

pub(super) fn break_lines(font: &Font, text: &str, measure: Measure) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut start, mut end) = (0, 0);
    let room =
        |lines: &[Line]| if lines.is_empty() { measure.width - measure.first_indent } else { measure.width };
    let fits = |text: &str, room: f32| font.width(text.trim_end_matches(' ')) * measure.size <= room;
    for (next, kind) in linebreaks(text) {
        if !fits(&text[start..next], room(&lines)) && end > start {
            lines.push(line(font, &text[start..end], measure, lines.is_empty(), false));
            start = end;
        }
        // A word longer than a line: broken where it is full.
        while !fits(&text[start..next], room(&lines)) {
            let at = longest(font, &text[start..next], room(&lines) / measure.size);
            lines.push(line(font, &text[start..start + at], measure, lines.is_empty(), false));
            start += at;
        }
        end = next;
        if kind == BreakOpportunity::Mandatory {
            lines.push(line(font, &text[start..end], measure, lines.is_empty(), true));
            start = end;
        }
    }
    lines
}

/// Bytes of the longest beginning that fits into `room` (em); one character at least.
fn longest(font: &Font, text: &str, room: f32) -> usize {
    let mut width = 0.0;
    for (at, character) in text.char_indices() {
        width += font.advance(character);
        if width > room && at > 0 {
            return at;
        }
    }
    text.len()
}

fn line(font: &Font, text: &str, measure: Measure, is_first: bool, is_last: bool) -> Line {
    let indent = if is_first { measure.first_indent } else { 0.0 };
    let shown = text.trim_end_matches(' ');
    let slack = measure.width - indent - font.width(shown) * measure.size;
    let places = spaced(shown).filter(|(.., stretches)| *stretches).count() as f32;
    let spread = slack / places;
    let is_spread = measure.justified && !is_last && places > 0.0 && spread <= MOST_SPREAD * measure.size;
    Line { text: text.to_owned(), indent, spread: if is_spread { spread.max(0.0) } else { 0.0 } }
}

/// Pieces of a text, each of Han or without any: a voice needs to be told which language it reads.
pub(super) fn by_script(text: &str) -> Vec<(&str, bool)> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut han = None;
    for (at, character) in text.char_indices() {
        let is_han = is_wide(character);
        // Spaces and marks stay with what they follow.
        if !is_han && !character.is_alphanumeric() {
            continue;
        }
        if han.is_some_and(|before| before != is_han) {
            pieces.push((&text[start..at], !is_han));
            start = at;
        }
        han = Some(is_han);
    }
    pieces.push((&text[start..], han.unwrap_or(false)));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, width: f32) -> Vec<String> {
        let font = Font::load().unwrap();
        let measure = Measure { size: 10.0, width, first_indent: 0.0, justified: true };
        break_lines(&font, text, measure).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn no_line_begins_with_a_mark_that_closes_or_ends_with_one_that_opens() {
        assert_eq!(texts("仓库超量储存，通道被占。", 60.0), ["仓库超量储", "存，通道被", "占。"]);
        assert_eq!(texts("依据是《办法》", 40.0), ["依据是", "《办法》"]);
    }

    #[test]
    fn nothing_is_lost_where_a_word_is_longer_than_a_line() {
        let key = "test/log+1234abcd+AAECAwQFBgcICQoLDA0ODw";
        let lines = texts(key, 60.0);
        assert!(lines.len() > 2);
        assert_eq!(lines.concat(), key);
        assert_eq!(texts("two words here", 45.0).concat(), "two words here");
        assert!(texts("", 60.0).concat().is_empty());
    }

    #[test]
    fn every_line_keeps_to_its_width_and_only_full_ones_are_spread() {
        let font = Font::load().unwrap();
        let text = "经现场核查，仓库超量储存 3,000 箱，消防通道被占用，已责令停产整顿。".repeat(4);
        let measure = Measure { size: 11.0, width: 310.0, first_indent: 22.0, justified: true };
        let lines = break_lines(&font, &text, measure);
        assert_eq!(lines.iter().map(|line| line.text.as_str()).collect::<String>(), text);
        for (n, line) in lines.iter().enumerate() {
            let shown = line.text.trim_end();
            let places = spaced(shown).filter(|(.., stretches)| *stretches).count() as f32;
            let width = line.indent + font.width(shown) * 11.0 + places * line.spread;
            assert!(width <= 310.01, "{line:?}");
            assert_eq!(line.indent > 0.0, n == 0);
            assert!(n + 1 < lines.len() || line.spread == 0.0);
        }
        assert!(lines.iter().any(|line| line.spread > 0.0));
    }

    #[test]
    fn chinese_among_english_is_set_apart() {
        let pieces = by_script("The report on 某某公司, sent");
        assert_eq!(pieces, [("The report on ", false), ("某某公司, ", true), ("sent", false)]);
    }
}

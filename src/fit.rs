//! Texts made fit to be shown on a terminal, whoever wrote them.

/// Stands where a character was that is not shown.
pub const REPLACED: char = '\u{FFFD}';

/// Whether a character does something instead of being seen: controls, line and paragraph separators, marks that change
/// the direction, and what is invisible but for the joiners that some scripts need.
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{AD}' | '\u{61C}' | '\u{180E}' | '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}'
                | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}'
        )
}

/// The same text on one line, with [`REPLACED`] for what acts.
pub fn fit(text: &str) -> String {
    text.replace('\n', " ").chars().map(|c| if acts(c) { REPLACED } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_written_by_somebody_else_begins_a_line_or_moves_the_cursor() {
        assert_eq!(
            fit("核对编号\n有效 Until 2099\u{1b}[2J\u{202e}"),
            "核对编号 有效 Until 2099\u{fffd}[2J\u{fffd}"
        );
    }
}

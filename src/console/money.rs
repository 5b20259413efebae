//! Amounts as staff type them into a form.

pub(super) use crate::policy::parse_yuan;

use crate::policy::Fen;

/// One amount a line; empty lines do not count.
pub(super) fn parse_list(text: &str) -> Option<Vec<Fen>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(parse_yuan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_amount_a_line() {
        assert_eq!(parse_list("100\n\n 200.5\n"), Some(vec![Fen(10_000), Fen(20_050)]));
        assert_eq!(parse_list("100\nviel"), None);
    }
}

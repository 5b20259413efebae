//! Amounts as staff type them: yuan with up to two decimals, thousands marked or not.

use crate::policy::Fen;

/// More than any penalty; keeps sums far from the edge.
const MOST_YUAN: u64 = 1_000_000_000_000;

/// `17,722.05`, `17722.5`, `¥17722`, `17722 元`. Empty is nothing, not zero.
pub(super) fn parse_yuan(text: &str) -> Option<Fen> {
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && !",，¥￥元".contains(*c)).collect();
    let (yuan, fen) = plain.split_once('.').unwrap_or((&plain, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if yuan.is_empty() || !digits(yuan) || !digits(fen) || fen.len() > 2 {
        return None;
    }
    let yuan: u64 = yuan.parse().ok().filter(|yuan| *yuan <= MOST_YUAN)?;
    let fen: u64 = format!("{fen:0<2}").parse().ok()?;
    Some(Fen(yuan * 100 + fen))
}

/// One amount a line; empty lines do not count.
pub(super) fn parse_list(text: &str) -> Option<Vec<Fen>> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(parse_yuan).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_to_the_fen_and_never_guessed() {
        for (text, fen) in
            [("17,722.05", 1_772_205), ("100000", 10_000_000), (" ¥20 000.5 元 ", 2_000_050), ("0", 0)]
        {
            assert_eq!(parse_yuan(text), Some(Fen(fen)), "{text}");
        }
        for bad in ["", ".5", "1.005", "1e5", "-3", "十万", "1.2.3", "99999999999999999999"] {
            assert_eq!(parse_yuan(bad), None, "{bad}");
        }
        assert_eq!(parse_list("100\n\n 200.5\n"), Some(vec![Fen(10_000), Fen(20_050)]));
        assert_eq!(parse_list("100\nviel"), None);
    }
}

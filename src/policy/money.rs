//! Money is counted in fen, exactly. Nothing here rounds unless told how.

use super::values::BadValue;
use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount in fen (0.01 yuan).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub u64);

impl Fen {
    /// Whole yuan, 0 to 1,000,000,000.
    ///
    /// # Errors
    /// Outside that range.
    pub fn from_yuan(yuan: i64) -> Result<Self, BadValue> {
        match u64::try_from(yuan) {
            Ok(n) if n <= 1_000_000_000 => Ok(Self(n * 100)),
            _ => Err(BadValue::Yuan(yuan)),
        }
    }
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }
}

/// More than any penalty; keeps sums far from the edge.
const MOST_YUAN: u64 = 1_000_000_000_000;

/// An amount as a person types it, yuan with up to two decimals: `17,722.05`, `17722.5`, `¥17722`, `17722 元`. Empty is
/// nothing, not zero.
pub fn parse_yuan(text: &str) -> Option<Fen> {
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

/// `17,722.05`: yuan with two decimals, thousands marked. The currency sign is the page's.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let yuan = (self.0 / 100).to_string();
        for (at, digit) in yuan.char_indices() {
            if at > 0 && (yuan.len() - at).is_multiple_of(3) {
                f.write_str(",")?;
            }
            write!(f, "{digit}")?;
        }
        write!(f, ".{:02}", self.0 % 100)
    }
}

/// Whole yuan in a rule file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u64")]
pub struct Yuan(u64);

impl Yuan {
    pub fn fen(self) -> Fen {
        Fen(self.0 * 100)
    }
}
impl TryFrom<i64> for Yuan {
    type Error = BadValue;
    fn try_from(yuan: i64) -> Result<Self, BadValue> {
        Fen::from_yuan(yuan).map(|fen| Self(fen.0 / 100))
    }
}
impl From<Yuan> for u64 {
    fn from(yuan: Yuan) -> Self {
        yuan.0
    }
}

/// A rate in hundredths of a percent, 0 to 10,000. In a rule file: `15`, or `"12.5"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "PercentForm", into = "String")]
pub struct Percent(u32);

#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a whole percentage such as 15, or a string such as \"12.5\"")]
enum PercentForm {
    Whole(i64),
    Decimal(String),
}

impl Percent {
    /// Hundredths of a percent.
    pub fn basis_points(self) -> u32 {
        self.0
    }
}
impl TryFrom<PercentForm> for Percent {
    type Error = BadValue;
    fn try_from(form: PercentForm) -> Result<Self, BadValue> {
        let text = match form {
            PercentForm::Whole(n) => n.to_string(),
            PercentForm::Decimal(text) => text,
        };
        let (whole, part) = text.split_once('.').unwrap_or((&text, "0"));
        let digits =
            |s: &str, most| !s.is_empty() && s.len() <= most && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole, 3) || !digits(part, 2) {
            return Err(BadValue::Percent(text));
        }
        let read = |s: &str| s.parse::<u32>().map_err(|_| BadValue::Percent(text.clone()));
        let points = read(whole)? * 100 + read(part)? * if part.len() == 1 { 10 } else { 1 };
        if points > 10_000 { Err(BadValue::Percent(text)) } else { Ok(Self(points)) }
    }
}
impl From<Percent> for String {
    fn from(percent: Percent) -> Self {
        percent.to_string()
    }
}
impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}"),
        }
    }
}

/// What becomes of a fraction. No published rule says; so each rule file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounding {
    pub mode: RoundingMode,
    pub to: RoundingUnit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingMode {
    Down,
    HalfUp,
    Up,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RoundingUnit {
    Fen,
    Yuan,
}

impl Rounding {
    /// `fen` × `rate`, rounded once. Exact until then; cannot overflow for any sum of amounts that fits `u128 / 10_000`.
    pub fn share(self, fen: u128, rate: Percent) -> u128 {
        let unit = match self.to {
            RoundingUnit::Fen => 1,
            RoundingUnit::Yuan => 100,
        };
        let (whole, divisor) = (fen.saturating_mul(u128::from(rate.0)), 10_000 * unit);
        let (units, rest) = (whole / divisor, whole % divisor);
        let up = match self.mode {
            RoundingMode::Down => false,
            RoundingMode::HalfUp => rest * 2 >= divisor,
            RoundingMode::Up => rest > 0,
        };
        (units + u128::from(up)) * unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn percent(text: &str) -> Result<Percent, BadValue> {
        PercentForm::Decimal(text.to_owned()).try_into()
    }

    #[test]
    fn amounts_read_like_amounts() {
        let cases = [
            (0, "0.00"),
            (5, "0.05"),
            (1_772_205, "17,722.05"),
            (30_000_000, "300,000.00"),
            (99_999, "999.99"),
        ];
        for (fen, text) in cases {
            assert_eq!(Fen(fen).to_string(), text);
        }
    }

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
    }

    #[test]
    fn a_percentage_is_read_without_floating_point() {
        assert_eq!(percent("12.5").unwrap().basis_points(), 1250);
        assert_eq!(percent("12.05").unwrap().basis_points(), 1205);
        assert_eq!(percent("100").unwrap().to_string(), "100");
        for bad in ["", "-1", "100.01", "1.234", "1.", ".5", "15%", "1e2"] {
            assert!(percent(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn rounding_does_what_its_rule_says() {
        let at = |mode, to| Rounding { mode, to };
        let rate = percent("12.5").unwrap();
        // 0.10 yuan × 12.5 % = 1.25 fen; 0.12 yuan × 12.5 % = 1.5 fen
        assert_eq!(at(RoundingMode::Down, RoundingUnit::Fen).share(12, rate), 1);
        assert_eq!(at(RoundingMode::HalfUp, RoundingUnit::Fen).share(10, rate), 1);
        assert_eq!(at(RoundingMode::HalfUp, RoundingUnit::Fen).share(12, rate), 2);
        assert_eq!(at(RoundingMode::Up, RoundingUnit::Fen).share(10, rate), 2);
        assert_eq!(at(RoundingMode::HalfUp, RoundingUnit::Yuan).share(40_000, rate), 5_000);
        assert_eq!(at(RoundingMode::HalfUp, RoundingUnit::Yuan).share(40_399, rate), 5_000);
        assert_eq!(at(RoundingMode::HalfUp, RoundingUnit::Yuan).share(40_400, rate), 5_100);
    }
}

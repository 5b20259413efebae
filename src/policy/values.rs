//! The small values rules are made of. Each can only be made from what it allows.

use crate::clock::Day;
use jiff::ToSpan;
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, MapAccess, Unexpected, Visitor, value::MapAccessDeserializer},
};
use std::fmt;

/// Why a value in a rule file was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadValue {
    #[error("expected a name of a–z, 0–9 and _, at most 40 long, found {0:?}")]
    Code(String),
    #[error("expected 1 to 3,660 days, found {0}")]
    Days(u32),
    #[error("expected 1 to 1,200 months, found {0}")]
    Months(u32),
    #[error("expected 0 to 1,000,000,000 yuan, found {0}")]
    Yuan(i64),
    #[error("expected a percentage from 0 to 100 with at most two decimals, found {0}")]
    Percent(String),
    #[error("expected least ≤ most and most between 1 and 100,000, found {least} and {most}")]
    Length { least: u32, most: u32 },
}

/// What rules and cases call a thing: an industry, a ground, a file type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

impl Code {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
impl TryFrom<String> for Code {
    type Error = BadValue;
    fn try_from(text: String) -> Result<Self, BadValue> {
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if text.is_empty() || text.len() > 40 || !text.bytes().all(allowed) {
            return Err(BadValue::Code(text));
        }
        Ok(Self(text))
    }
}
impl std::str::FromStr for Code {
    type Err = BadValue;
    fn from_str(text: &str) -> Result<Self, BadValue> {
        text.to_owned().try_into()
    }
}
impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A number of calendar days, 1 to 3,660.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Days(u32);

impl Days {
    pub fn count(self) -> u32 {
        self.0
    }
    /// The last day of a period that began on `start`: `start` + n, that day included to its end.
    pub fn after(self, start: Day) -> Day {
        start.saturating_add(i64::from(self.0).days())
    }
}
impl TryFrom<u32> for Days {
    type Error = BadValue;
    fn try_from(days: u32) -> Result<Self, BadValue> {
        if (1..=3_660).contains(&days) { Ok(Self(days)) } else { Err(BadValue::Days(days)) }
    }
}
impl From<Days> for u32 {
    fn from(days: Days) -> Self {
        days.0
    }
}

/// A number of calendar months, 1 to 1,200.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct Months(u32);

/// A hundred years: nothing is kept longer.
pub const MOST_MONTHS: u32 = 1_200;

impl Months {
    pub fn count(self) -> u32 {
        self.0
    }
    /// The same day that many months later, or the last day of that month.
    pub fn after(self, start: Day) -> Day {
        start.saturating_add(i64::from(self.0).months())
    }
}
impl TryFrom<u32> for Months {
    type Error = BadValue;
    fn try_from(months: u32) -> Result<Self, BadValue> {
        if (1..=MOST_MONTHS).contains(&months) { Ok(Self(months)) } else { Err(BadValue::Months(months)) }
    }
}
impl From<Months> for u32 {
    fn from(months: Months) -> Self {
        months.0
    }
}

/// A period of the law: `60` is so many calendar days, `{ months = 3 }` so many calendar months.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Days(Days),
    Months(Months),
}

impl Period {
    /// The last day of a period that began on `start`, that day included to its end.
    pub fn after(self, start: Day) -> Day {
        match self {
            Self::Days(days) => days.after(start),
            Self::Months(months) => months.after(start),
        }
    }
    /// How many days it has when it begins on `start`.
    pub fn days_from(self, start: Day) -> u32 {
        let days = start.until(self.after(start)).map_or(0, |span| span.get_days());
        u32::try_from(days).unwrap_or(0)
    }
}
impl From<Days> for Period {
    fn from(days: Days) -> Self {
        Self::Days(days)
    }
}

/// By hand, so that a refusal names what is wrong and not "no variant matched".
impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InMonths {
            months: Months,
        }
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Period;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of days, or { months = 3 }")
            }
            fn visit_i64<E: Error>(self, days: i64) -> Result<Period, E> {
                let count = u32::try_from(days)
                    .map_err(|_| E::invalid_value(Unexpected::Signed(days), &"1 to 3,660 days"))?;
                Days::try_from(count).map(Period::Days).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Period, A::Error> {
                InMonths::deserialize(MapAccessDeserializer::new(map))
                    .map(|period| Period::Months(period.months))
            }
        }
        from.deserialize_any(Reader)
    }
}

/// How long an answer may be, in characters (Unicode scalar values) after trimming.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedLength")]
pub struct Length {
    pub least: u32,
    pub most: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedLength {
    #[serde(default)]
    least: u32,
    most: u32,
}

/// An answer outside its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LengthProblem {
    /// Fewer characters than `least`.
    Short { least: u32 },
    /// More characters than `most`.
    Long { most: u32, found: usize },
}

impl Length {
    /// # Errors
    /// If the trimmed answer has too few or too many characters.
    pub fn check(self, answer: &str) -> Result<(), LengthProblem> {
        let found = answer.trim().chars().count();
        if found < self.least as usize {
            Err(LengthProblem::Short { least: self.least })
        } else if found > self.most as usize {
            Err(LengthProblem::Long { most: self.most, found })
        } else {
            Ok(())
        }
    }
}
impl TryFrom<UncheckedLength> for Length {
    type Error = BadValue;
    fn try_from(UncheckedLength { least, most }: UncheckedLength) -> Result<Self, BadValue> {
        if least > most || !(1..=100_000).contains(&most) {
            return Err(BadValue::Length { least, most });
        }
        Ok(Self { least, most })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_period_ends_with_its_last_day() {
        assert_eq!(Days(60).after(date(2026, 1, 1)), date(2026, 3, 2));
        assert_eq!(Days(60).after(date(2024, 1, 1)), date(2024, 3, 1), "leap year");
        assert_eq!(Months(1).after(date(2026, 1, 31)), date(2026, 2, 28));
    }

    #[test]
    fn months_are_those_of_the_calendar() {
        #[derive(Deserialize)]
        struct One {
            p: Period,
        }
        let period = |text: &str| toml::from_str::<One>(&format!("p = {text}")).map(|one| one.p);
        let quarter = period("{ months = 3 }").unwrap();
        assert_eq!(quarter.after(date(2026, 11, 30)), date(2027, 2, 28));
        assert_eq!((quarter.days_from(date(2027, 3, 1)), quarter.days_from(date(2026, 12, 1))), (92, 90));
        assert_eq!(period("90").unwrap().after(date(2026, 12, 1)), date(2027, 3, 1));
        for (bad, reason) in [
            ("0", "1 to 3,660 days"),
            ("-1", "1 to 3,660 days"),
            ("\"3\"", "or { months = 3 }"),
            ("{ months = 0 }", "1 to 1,200 months"),
            ("{ weeks = 3 }", "unknown field"),
            ("{ months = 3, days = 1 }", "unknown field"),
            ("{}", "missing field"),
        ] {
            let refused = period(bad).unwrap_err();
            assert!(refused.message().contains(reason), "{bad}: {refused}");
        }
    }

    #[test]
    fn length_counts_characters_not_bytes() {
        let limit = Length { least: 2, most: 3 };
        assert_eq!(limit.check("𠮷𠮷𠮷"), Ok(()));
        assert_eq!(limit.check(" 王 "), Err(LengthProblem::Short { least: 2 }));
        assert_eq!(limit.check("abcd"), Err(LengthProblem::Long { most: 3, found: 4 }));
    }

    #[test]
    fn a_code_is_a_plain_word() {
        assert!("coal_mines".parse::<Code>().is_ok());
        for bad in ["", "Coal", "煤", "a b", "../x"] {
            assert!(bad.parse::<Code>().is_err(), "{bad:?}");
        }
    }
}

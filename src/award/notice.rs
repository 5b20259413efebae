//! What is said in public of an award that nobody claimed in time: a number in the place of a name, and two days.
//!
//! The number is drawn when the notice is published. Its reporter reads it beside the report; to anybody else it says
//! nothing of report, case or person.

use crate::clock::Day;
use rand::CryptoRng;
use serde::{Deserialize, Serialize};
use std::fmt;

/// As many numbers as there are.
const COUNT: u32 = 100_000_000;
/// What is drawn from here on would make the first numbers likelier than the others.
const EVEN: u32 = u32::MAX - u32::MAX % COUNT;

/// More than eight digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the number of a notice has at most eight digits")]
pub struct TooLong;

/// The pseudonym of a public notice: eight digits, shown in two groups as `4821 7730`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub struct NoticeNumber(u32);

impl NoticeNumber {
    /// Each number is as likely as any other, but for those in `taken`.
    pub fn draw(rng: &mut impl CryptoRng, taken: &[Self]) -> Self {
        loop {
            let mut bytes = [0; 4];
            rng.fill_bytes(&mut bytes);
            let drawn = u32::from_be_bytes(bytes);
            let number = Self(drawn % COUNT);
            if drawn < EVEN && !taken.contains(&number) {
                return number;
            }
        }
    }
}

impl TryFrom<u32> for NoticeNumber {
    type Error = TooLong;
    fn try_from(number: u32) -> Result<Self, TooLong> {
        if number < COUNT { Ok(Self(number)) } else { Err(TooLong) }
    }
}
impl From<NoticeNumber> for u32 {
    fn from(number: NoticeNumber) -> Self {
        number.0
    }
}
impl fmt::Display for NoticeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04} {:04}", self.0 / 10_000, self.0 % 10_000)
    }
}

/// A public notice, whole: nothing else of the award is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Notice {
    pub number: NoticeNumber,
    /// The day it was published.
    pub published: Day,
    /// The last day to claim, as it was when it was published. Given longer, the reporter reads so beside the report: that
    /// somebody asked for it is not told in public.
    pub until: Day,
}

impl Notice {
    /// Whether it stands in public on this day. Not a day less because somebody has claimed: that it goes would tell.
    pub fn is_open(&self, today: Day) -> bool {
        today <= self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rand::{SeedableRng, rngs::StdRng};

    #[test]
    fn a_number_that_is_taken_is_not_drawn_again() {
        let drawn = |taken: &[NoticeNumber]| NoticeNumber::draw(&mut StdRng::seed_from_u64(1), taken);
        let first = drawn(&[]);
        let second = drawn(&[first]);
        assert_ne!(first, second);
        assert!(![first, second].contains(&drawn(&[first, second])));
    }

    #[test]
    fn no_number_is_likelier_than_another() {
        assert_eq!(EVEN % COUNT, 0);
        const { assert!(u32::MAX - EVEN < COUNT, "and hardly anything that is drawn is thrown away") };
    }

    proptest! {
        #[test]
        fn a_number_has_two_groups_of_four_and_reads_back(number: u32) {
            let Ok(parsed) = NoticeNumber::try_from(number) else {
                prop_assert!(number >= COUNT);
                return Ok(());
            };
            let shown = parsed.to_string();
            prop_assert_eq!((shown.len(), shown.as_bytes()[4]), (9, b' '));
            prop_assert_eq!(shown.replace(' ', "").parse::<u32>(), Ok(number));
            let kept = serde_json::to_string(&parsed).unwrap();
            prop_assert_eq!(serde_json::from_str::<NoticeNumber>(&kept).unwrap(), parsed);
        }

        #[test]
        fn every_number_has_eight_digits(number in 0..COUNT) {
            prop_assert_eq!(NoticeNumber::try_from(number).unwrap().to_string().len(), 9);
        }
    }
}

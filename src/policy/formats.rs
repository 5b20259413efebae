//! Identifiers: what can be told from their form alone. Each check reads a `&str`, keeps nothing, and says what is
//! wrong without repeating what was written. Callers normalise first (NFKC, trimmed); spaces and dashes inside
//! are theirs to remove. What is blocked and what is only remarked on is the form's decision.

use jiff::civil::Date;

/// What is wrong with an identifier's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum FormatProblem {
    #[error("not the expected number of characters")]
    Length,
    #[error("a character that cannot stand there")]
    Character,
    #[error("a day that does not exist")]
    Date,
    #[error("the check digit does not fit: a slip of the pen")]
    CheckDigit,
}

/// A resident identity number (GB 11643): 17 digits and a check digit, `x` as good as `X`. The area is not judged:
/// retired codes stay valid for life.
///
/// # Errors
/// What is wrong, the first of length, characters, date of birth and check digit.
pub fn resident_id(text: &str) -> Result<(), FormatProblem> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: [u8; 11] = *b"10X98765432";
    if text.chars().count() != 18 {
        return Err(FormatProblem::Length);
    }
    let (Some((body, check)), true) = (text.as_bytes().split_last_chunk::<1>(), text.is_ascii()) else {
        return Err(FormatProblem::Character);
    };
    let check = check[0].to_ascii_uppercase();
    if !body.iter().all(u8::is_ascii_digit) || !CHECKS.contains(&check) {
        return Err(FormatProblem::Character);
    }
    let number = |digits: &[u8]| digits.iter().fold(0i16, |n, digit| n * 10 + i16::from(digit - b'0'));
    let part = |digits: &[u8]| i8::try_from(number(digits)).map_err(|_| FormatProblem::Date);
    let born = Date::new(number(&body[6..10]), part(&body[10..12])?, part(&body[12..14])?);
    if !born.is_ok_and(|born| born.year() >= 1800) {
        return Err(FormatProblem::Date);
    }
    let sum: u32 = body.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    if CHECKS[(sum % 11) as usize] == check { Ok(()) } else { Err(FormatProblem::CheckDigit) }
}

/// A unified social credit code (GB 32100): 17 characters and a check character, small letters as good as capitals.
///
/// # Errors
/// What is wrong. Warn only: a reporter may copy it from a faded sign.
pub fn credit_code(text: &str) -> Result<(), FormatProblem> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    if text.chars().count() != 18 {
        return Err(FormatProblem::Length);
    }
    let mut values = [0u32; 18];
    for (value, letter) in values.iter_mut().zip(text.chars()) {
        let place = ALPHABET.iter().position(|known| char::from(*known) == letter.to_ascii_uppercase());
        // Unwrap safety: `place` is below 31.
        *value = u32::try_from(place.ok_or(FormatProblem::Character)?).unwrap();
    }
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    if (31 - sum % 31) % 31 == values[17] { Ok(()) } else { Err(FormatProblem::CheckDigit) }
}

/// A mobile number of the mainland: 11 digits, 13 to 19 in front.
///
/// # Errors
/// What is wrong.
pub fn mobile(text: &str) -> Result<(), FormatProblem> {
    if text.chars().count() != 11 {
        return Err(FormatProblem::Length);
    }
    match text.as_bytes() {
        [b'1', b'3'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit) => Ok(()),
        _ => Err(FormatProblem::Character),
    }
}

/// A bank card number: digits with a Luhn check digit.
///
/// # Errors
/// What is wrong. Warn only: accounts that are not cards have other rules.
pub fn bank_card(text: &str) -> Result<(), FormatProblem> {
    if !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(FormatProblem::Character);
    }
    if !(8..=30).contains(&text.len()) {
        return Err(FormatProblem::Length);
    }
    let sum: u32 = text
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, digit)| match (place % 2, u32::from(digit - b'0')) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    if sum.is_multiple_of(10) { Ok(()) } else { Err(FormatProblem::CheckDigit) }
}

/// A person's name: 2 to 60 characters of any script, with spaces, `·`, `'`, `.` and `-` between them.
///
/// # Errors
/// What is wrong.
pub fn person_name(text: &str) -> Result<(), FormatProblem> {
    if !(2..=60).contains(&text.chars().count()) {
        return Err(FormatProblem::Length);
    }
    let mark = |c: char| matches!(c, '·' | '•' | '‧' | '・' | '\'' | '’' | '.' | '-' | ' ');
    // Variation selectors tell apart forms of one Han character and belong to it.
    let selector = |c: char| matches!(c, '\u{FE00}'..='\u{FE0F}' | '\u{E0100}'..='\u{E01EF}');
    let letter = |c: char| c.is_alphabetic() || ('\u{0300}'..='\u{036F}').contains(&c) || selector(c);
    let ends_in_letters = text.starts_with(char::is_alphabetic) && !text.ends_with(|c| mark(c) && c != '.');
    if ends_in_letters && text.chars().all(|c| letter(c) || mark(c)) {
        Ok(())
    } else {
        Err(FormatProblem::Character)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn published_resident_numbers_pass() {
        for sample in [
            "11010519491231002X",
            "11010519491231002x",
            "34052419800101001X",
            "370101190102039973",
            "440524188001010014",
        ] {
            assert_eq!(resident_id(sample), Ok(()), "{sample}");
        }
    }

    #[test]
    fn a_resident_number_is_refused_for_what_is_wrong() {
        for (sample, problem) in [
            ("", FormatProblem::Length),
            ("11010519491231002", FormatProblem::Length),
            ("110105491231002", FormatProblem::Length),
            ("1101051949123100XX", FormatProblem::Character),
            ("11010519491231002Y", FormatProblem::Character),
            ("１１010519491231002X", FormatProblem::Character),
            ("110105194912310021", FormatProblem::CheckDigit),
            ("110105194902310021", FormatProblem::Date),
            ("11010519491331002X", FormatProblem::Date),
            ("110105190002290021", FormatProblem::Date),
            ("110105000001010021", FormatProblem::Date),
        ] {
            assert_eq!(resident_id(sample), Err(problem), "{sample}");
        }
    }

    #[test]
    fn credit_codes_are_checked_by_their_own_alphabet() {
        for sample in ["91350100M000100Y43", "91512081MA62K0260E", "91350100m000100y43"] {
            assert_eq!(credit_code(sample), Ok(()), "{sample}");
        }
        assert_eq!(
            credit_code("91350100M000100Y4Z"),
            Err(FormatProblem::Character),
            "Z is not in the alphabet"
        );
        assert_eq!(credit_code("91350100M000100Y44"), Err(FormatProblem::CheckDigit));
        assert_eq!(credit_code("9135010OM000100Y43"), Err(FormatProblem::Character), "O is not a zero");
        assert_eq!(credit_code("91350100M000100Y4"), Err(FormatProblem::Length));
    }

    #[test]
    fn phones_and_cards_are_checked_by_their_digits() {
        assert_eq!(mobile("13800138000"), Ok(()));
        assert_eq!(mobile("12800138000"), Err(FormatProblem::Character));
        assert_eq!(mobile("1380013800"), Err(FormatProblem::Length));
        assert_eq!(mobile("1380013800a"), Err(FormatProblem::Character));
        assert_eq!(bank_card("79927398713"), Ok(()));
        assert_eq!(bank_card("79927398710"), Err(FormatProblem::CheckDigit));
        assert_eq!(bank_card("7992 7398713"), Err(FormatProblem::Character));
    }

    #[test]
    fn names_of_every_script_are_names() {
        for name in [
            "王芳",
            "𠮷田",
            "阿卜杜拉·买买提",
            "㐀㐁",
            "O’Neil",
            "José García",
            "J. Smith Jr.",
            "葛\u{E0100}城",
        ] {
            assert_eq!(person_name(name), Ok(()), "{name}");
        }
        assert_eq!(person_name("王"), Err(FormatProblem::Length));
        for name in ["王芳1", "王芳<", "·王芳", "王芳·", "王\n芳", "13800138000"] {
            assert_eq!(person_name(name), Err(FormatProblem::Character), "{name:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_a_check_panic(text in "\\PC{0,40}") {
            let _ = (resident_id(&text), credit_code(&text), mobile(&text), bank_card(&text), person_name(&text));
        }

        #[test]
        fn one_wrong_digit_is_always_noticed(place in 0usize..17, digit in b'0'..=b'9') {
            let mut slip = *b"11010519491231002X";
            prop_assume!(slip[place] != digit);
            slip[place] = digit;
            prop_assert!(resident_id(std::str::from_utf8(&slip).unwrap()).is_err());
        }
    }
}

//! The door in for a person: what was typed on the identity page becomes a `Person`, or a list of what to mend.
//! What is refused stays in the request that carried it; the caller shows it once more and forgets it.

use super::identity::{IdKind, JointSignatory, Payee, Person};
use crate::{
    policy::{Fields, Length, formats},
    receipt::Receipt,
};
use zeroize::Zeroizing;

/// The names of the page's fields, in order. Those with `-checked` hold a number that was asked about once: the same again
/// is taken as it is.
pub const FIELDS: [&str; 13] = [
    "person-name",
    "id-kind",
    "id-number",
    "mobile",
    "mobile-checked",
    "payee",
    "holder",
    "bank",
    "account",
    "account-checked",
    "own",
    "joint",
    "consent",
];

/// What to mend in one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    NameMissing,
    NameLength(Length),
    IdKind,
    IdMissing,
    IdLength(Length),
    /// The check digit or the birthday of a resident ID does not fit (GB 11643).
    IdCheck,
    /// Missing, or not of the length that policy says.
    Mobile(Length),
    /// No mobile number of the mainland. A warning: the same number sent again is taken.
    MobileCheck,
    Payee,
    Holder,
    Bank,
    /// Missing, or not of the length that policy says.
    Account(Length),
    /// Not digits alone, or the card's last digit does not fit (Luhn). A warning: the same number sent again is taken.
    AccountCheck,
    Own,
    /// Nobody is sealed without having agreed to it apart from everything else (PIPL art. 29).
    Consent,
    /// This line of the joint signatories, counted from 1.
    JointLine(usize),
    JointMany(u8),
    TooLong(Length),
    /// A receipt was pasted here.
    Receipt,
}

/// Reads the identity page; `answer` gives what was typed into a field of [`FIELDS`], empty for nothing.
///
/// # Errors
/// The fields with what to mend in each, in the order of the page.
pub fn read<'a>(
    answer: &dyn Fn(&str) -> &'a str,
    limits: &Fields,
) -> Result<Person, Vec<(&'static str, Problem)>> {
    let typed = Typed(answer);
    let mut problems = Problems(Vec::new());
    for field in FIELDS {
        if Receipt::is_in(typed.raw(field)) {
            problems.add(field, Problem::Receipt);
        }
    }
    let name = name(typed.text("person-name"), limits.person_name, &mut problems);
    let id_kind = match typed.raw("id-kind") {
        "resident" => Some(IdKind::ResidentId),
        "passport" => Some(IdKind::Passport),
        "residence" => Some(IdKind::ResidencePermit),
        "other" => Some(IdKind::Other),
        _ => {
            problems.add("id-kind", Problem::IdKind);
            None
        }
    };
    let id_number = id_number(&typed, id_kind, limits.id_number, &mut problems);
    let mobile = mobile(&typed, limits.mobile, &mut problems);
    let payee = payee(&typed, limits, &mut problems);
    let own_employer = typed.raw("own") == "yes";
    if !["yes", "no"].contains(&typed.raw("own")) {
        problems.add("own", Problem::Own);
    }
    let joint = joint(&typed, limits, &mut problems);
    if typed.raw("consent") != "yes" {
        problems.add("consent", Problem::Consent);
    }
    match (id_kind, payee, problems.0.is_empty()) {
        (Some(id_kind), Some(payee), true) => {
            Ok(Person { name, id_kind, id_number, mobile, payee, own_employer, joint })
        }
        _ => Err(problems.0),
    }
}

struct Typed<'f, 'a>(&'f dyn Fn(&str) -> &'a str);

impl<'a> Typed<'_, 'a> {
    fn raw(&self, field: &str) -> &'a str {
        (self.0)(field)
    }
    fn text(&self, field: &str) -> &'a str {
        self.raw(field).trim()
    }
    fn length(&self, field: &str) -> usize {
        self.text(field).chars().count()
    }
}

struct Problems(Vec<(&'static str, Problem)>);

impl Problems {
    fn add(&mut self, field: &'static str, problem: Problem) {
        if !self.0.iter().any(|(known, _)| *known == field) {
            self.0.push((field, problem));
        }
    }
}

fn name(typed: &str, limit: Length, problems: &mut Problems) -> String {
    let count = typed.chars().count();
    if count == 0 {
        problems.add("person-name", Problem::NameMissing);
    } else if !fits(count, limit) {
        problems.add("person-name", Problem::NameLength(limit));
    }
    typed.to_owned()
}

fn id_number(typed: &Typed, kind: Option<IdKind>, limit: Length, problems: &mut Problems) -> String {
    let number = squeezed(typed, "id-number").to_uppercase();
    if number.is_empty() {
        problems.add("id-number", Problem::IdMissing);
    } else if kind == Some(IdKind::ResidentId) && formats::resident_id(&number).is_err() {
        problems.add("id-number", Problem::IdCheck);
    } else if !fits(number.chars().count(), limit) {
        problems.add("id-number", Problem::IdLength(limit));
    }
    number
}

fn mobile(typed: &Typed, limit: Length, problems: &mut Problems) -> String {
    let (squeezed, checked) = (squeezed(typed, "mobile"), squeezed(typed, "mobile-checked"));
    let [number, checked] = [&squeezed, &checked].map(|number| number.strip_prefix("+86").unwrap_or(number));
    if !fits(number.chars().count(), limit) {
        problems.add("mobile", Problem::Mobile(limit));
    } else if formats::mobile(number).is_err() && checked != number {
        problems.add("mobile", Problem::MobileCheck);
    }
    number.to_owned()
}

fn payee(typed: &Typed, limits: &Fields, problems: &mut Problems) -> Option<Payee> {
    match typed.raw("payee") {
        "person" => Some(Payee::InPerson),
        "account" => {
            let number = squeezed(typed, "account");
            for (field, limit, problem) in
                [("holder", limits.payee_name, Problem::Holder), ("bank", limits.payee_bank, Problem::Bank)]
            {
                match typed.length(field) {
                    count if count < limit.least as usize => problems.add(field, problem),
                    count if !fits(count, limit) => problems.add(field, Problem::TooLong(limit)),
                    _ => {}
                }
            }
            if !fits(number.chars().count(), limits.payee_account) {
                problems.add("account", Problem::Account(limits.payee_account));
            } else if formats::bank_card(&number).is_err() && squeezed(typed, "account-checked") != number {
                problems.add("account", Problem::AccountCheck);
            }
            Some(Payee::Account {
                holder: typed.text("holder").to_owned(),
                bank: typed.text("bank").to_owned(),
                number: number.to_string(),
            })
        }
        _ => {
            problems.add("payee", Problem::Payee);
            None
        }
    }
}

/// One person a line: the last word is the ID number, what stands before it the name.
fn joint(typed: &Typed, limits: &Fields, problems: &mut Problems) -> Vec<JointSignatory> {
    let text = typed.text("joint");
    let mut joint = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let separator = |c: char| c.is_whitespace() || "，,、；;".contains(c);
        let Some((name, number)) = line.trim().rsplit_once(separator) else {
            problems.add("joint", Problem::JointLine(at + 1));
            continue;
        };
        let name = name.trim_matches(separator).to_owned();
        let number = plain(number).to_uppercase();
        let good =
            fits(name.chars().count(), limits.person_name) && fits(number.chars().count(), limits.id_number);
        if !good || !number.chars().any(|c| c.is_ascii_digit()) {
            problems.add("joint", Problem::JointLine(at + 1));
        }
        joint.push(JointSignatory { name, id_number: number.to_string() });
    }
    if joint.len() > usize::from(limits.joint_signatories) {
        problems.add("joint", Problem::JointMany(limits.joint_signatories));
    }
    joint
}

fn squeezed(typed: &Typed, field: &str) -> Zeroizing<String> {
    plain(typed.raw(field))
}

/// Without spaces and dashes, full-width made plain.
pub(super) fn plain(text: &str) -> Zeroizing<String> {
    use unicode_normalization::UnicodeNormalization;
    Zeroizing::new(text.nfkc().filter(|c| !c.is_whitespace() && !"-‐‑–—−".contains(*c)).collect())
}

fn fits(count: usize, limit: Length) -> bool {
    (limit.least as usize..=limit.most as usize).contains(&count)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use proptest::prelude::*;
    use std::{collections::BTreeMap, path::Path, sync::LazyLock};

    static LIMITS: LazyLock<Fields> = LazyLock::new(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("policy");
        Policy::load(&folder).unwrap().intake.fields
    });

    fn typed<'a>(changes: &[(&'a str, &'a str)]) -> BTreeMap<&'a str, &'a str> {
        BTreeMap::from_iter(
            [
                ("person-name", "阿卜杜拉·买买提"),
                ("id-kind", "resident"),
                ("id-number", " 11010519491231002x "),
                ("mobile", "+86 138-0013-8000"),
                ("payee", "account"),
                ("holder", "阿卜杜拉·买买提"),
                ("bank", "某银行某支行"),
                ("account", "7992 7398 713"),
                ("own", "yes"),
                ("consent", "yes"),
                ("joint", "王某，34052419800101001X\n\n 𠮷某 370101190102039973"),
            ]
            .into_iter()
            .chain(changes.iter().copied()),
        )
    }

    fn read_map(typed: &BTreeMap<&str, &str>) -> Result<Person, Vec<(&'static str, Problem)>> {
        read(&|field| typed.get(field).copied().unwrap_or_default(), &LIMITS)
    }

    fn problem(changes: &[(&str, &str)]) -> Vec<(&'static str, Problem)> {
        read_map(&typed(changes)).err().unwrap_or_default()
    }

    #[test]
    fn a_person_is_read_however_they_write_their_numbers() {
        let person =
            read_map(&typed(&[("mobile", "１３８００１３８０００")])).unwrap_or_else(|p| panic!("{p:?}"));
        assert_eq!(
            (person.id_number.as_str(), person.mobile.as_str()),
            ("11010519491231002X", "13800138000")
        );
        assert!(matches!(&person.payee, Payee::Account { number, .. } if number == "79927398713"));
        assert_eq!(person.joint.len(), 2);
        assert_eq!((person.joint[1].name.as_str(), person.own_employer), ("𠮷某", true));
    }

    #[test]
    fn a_resident_id_with_a_slip_is_blocked_and_another_document_is_not() {
        for bad in ["110105194912310021", "11010519491231003X", "1101051949123100"] {
            assert_eq!(problem(&[("id-number", bad)]), [("id-number", Problem::IdCheck)], "{bad}");
        }
        assert_eq!(problem(&[("id-kind", "passport"), ("id-number", "e1234-5678")]), []);
    }

    #[test]
    fn each_thing_left_out_is_named_at_its_field() {
        for (field, expected) in [
            ("person-name", Problem::NameMissing),
            ("id-kind", Problem::IdKind),
            ("id-number", Problem::IdMissing),
            ("mobile", Problem::Mobile(LIMITS.mobile)),
            ("payee", Problem::Payee),
            ("holder", Problem::Holder),
            ("bank", Problem::Bank),
            ("account", Problem::Account(LIMITS.payee_account)),
            ("own", Problem::Own),
            ("consent", Problem::Consent),
        ] {
            assert_eq!(problem(&[(field, "")]), [(field, expected)]);
        }
        assert_eq!(
            problem(&[("joint", "王某 370101190102039973\n李某")]),
            [("joint", Problem::JointLine(2))]
        );
        let eleven = "王某 370101190102039973\n".repeat(11);
        assert_eq!(problem(&[("joint", &eleven)]), [("joint", Problem::JointMany(10))]);
    }

    #[test]
    fn a_card_that_does_not_add_up_is_asked_about_once() {
        let wrong = ("account", "79927398710");
        assert_eq!(problem(&[wrong]), [("account", Problem::AccountCheck)]);
        assert_eq!(problem(&[wrong, ("account-checked", "79927398710")]), []);
        assert_eq!(
            problem(&[wrong, ("account-checked", "79927398711")]),
            [("account", Problem::AccountCheck)]
        );
    }

    #[test]
    fn a_number_of_another_form_is_asked_about_once_and_only_a_length_that_policy_refuses_is_blocked() {
        for number in ["0531-82051234", "+852 9123 4567", "12800138000"] {
            assert_eq!(problem(&[("mobile", number)]), [("mobile", Problem::MobileCheck)], "{number}");
            assert_eq!(problem(&[("mobile", number), ("mobile-checked", number)]), [], "{number}");
            let other = ("mobile-checked", "12800138001");
            assert_eq!(problem(&[("mobile", number), other]), [("mobile", Problem::MobileCheck)], "{number}");
        }
        let full_width = [("mobile", "１２８００１３８０００"), ("mobile-checked", "+86 128 0013 8000")];
        assert_eq!(problem(&full_width), []);
        for number in ["1380013800", "138001380001380013800"] {
            let again = [("mobile", number), ("mobile-checked", number)];
            assert_eq!(problem(&again), [("mobile", Problem::Mobile(LIMITS.mobile))], "{number}");
        }
        let letters = ("account", "GB29 NWBK 6016 1331");
        assert_eq!(problem(&[letters]), [("account", Problem::AccountCheck)]);
        assert_eq!(problem(&[letters, ("account-checked", letters.1)]), []);
        let short = [("account", "1234"), ("account-checked", "1234")];
        assert_eq!(problem(&short), [("account", Problem::Account(LIMITS.payee_account))]);
    }

    #[test]
    fn the_lengths_of_a_telephone_are_the_policys() {
        let mut limits = LIMITS.clone();
        limits.mobile = Length { least: 8, most: 8 };
        let typed = typed(&[("mobile", "9123 4567"), ("mobile-checked", "91234567")]);
        assert!(read(&|field| typed.get(field).copied().unwrap_or_default(), &limits).is_ok());
    }

    #[test]
    fn whoever_collects_in_person_needs_no_account() {
        assert_eq!(problem(&[("payee", "person"), ("account", ""), ("holder", ""), ("bank", "")]), []);
    }

    #[test]
    fn a_receipt_is_refused_in_every_field() {
        let receipt = Receipt::draw(&mut rand::rng());
        let text = receipt.groups().iter().map(|g| g.as_str()).collect::<Vec<_>>().join(" ");
        for field in ["person-name", "id-number", "mobile", "holder", "bank", "account", "joint"] {
            assert!(problem(&[(field, &text)]).contains(&(field, Problem::Receipt)), "{field}");
        }
    }

    proptest! {
        #[test]
        fn reading_anything_never_panics(texts in proptest::collection::vec("\\PC{0,40}", 13)) {
            let typed: BTreeMap<&str, &str> = FIELDS.into_iter().zip(texts.iter().map(String::as_str)).collect();
            let _ = read_map(&typed);
        }
    }
}

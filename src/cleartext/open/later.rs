//! Later envelopes of a report, beside the first that holds a name. Whoever holds the receipt and knows name and number can
//! send one: a mended account or telephone is taken up, but never in silence.

use crate::cleartext::{
    identity::{IdKind, Payee, Person},
    intake::plain,
};
use zeroize::Zeroizing;

/// One row of a person: who is paid, and who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    Name,
    IdKind,
    IdNumber,
    Mobile,
    /// In person, or to an account.
    Payee,
    Holder,
    Bank,
    Account,
    OwnEmployer,
    Joint,
}

impl Row {
    /// As `web/src/holders/person.ts` and the shared vectors name it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::IdKind => "id-kind",
            Self::IdNumber => "id-number",
            Self::Mobile => "mobile",
            Self::Payee => "payee",
            Self::Holder => "holder",
            Self::Bank => "bank",
            Self::Account => "account",
            Self::OwnEmployer => "own",
            Self::Joint => "joint",
        }
    }
}

/// A later envelope says something else in one row: to be settled in person. Texts fit to be shown, or the words of the
/// sealed form (`passport`, `in_person`, `yes`); wiped when dropped.
pub struct Conflict {
    /// Number of the later envelope, from 1.
    pub envelope: usize,
    pub row: Row,
    /// What stood until then; empty for nothing.
    pub before: Zeroizing<String>,
    pub later: Zeroizing<String>,
}

impl Person {
    /// Takes up from a later envelope of the same person how to pay and call them; of another person, nothing. Gives every
    /// row in which the two differ, whether it was taken up or not.
    pub(super) fn take_up(&mut self, mut later: Self, envelope: usize) -> Vec<Conflict> {
        let same = |row, before: &str, later: &str| *normal(row, before) == *normal(row, later);
        let rows = self.rows().into_iter().zip(later.rows());
        let conflicts = rows
            .filter(|((row, before), (_, later))| !same(*row, before, later))
            .map(|((row, before), (_, later))| Conflict { envelope, row, before, later })
            .collect();
        let same_name = same(Row::Name, &self.name, &later.name);
        if same_name && same(Row::IdNumber, &self.id_number, &later.id_number) {
            std::mem::swap(&mut self.payee, &mut later.payee);
            std::mem::swap(&mut self.mobile, &mut later.mobile);
        }
        conflicts
    }

    fn rows(&self) -> [(Row, Zeroizing<String>); 10] {
        let id_kind = match self.id_kind {
            IdKind::ResidentId => "resident_id",
            IdKind::Passport => "passport",
            IdKind::ResidencePermit => "residence_permit",
            IdKind::Other => "other",
        };
        let (payee, holder, bank, account) = match &self.payee {
            Payee::InPerson => ("in_person", "", "", ""),
            Payee::Account { holder, bank, number } => {
                ("account", holder.as_str(), bank.as_str(), number.as_str())
            }
        };
        let room = self.joint.iter().map(|one| one.name.len() + one.id_number.len() + 4).sum();
        let mut joint = Zeroizing::new(String::with_capacity(room));
        for one in &self.joint {
            for part in [if joint.is_empty() { "" } else { "；" }, &one.name, " ", &one.id_number] {
                joint.push_str(part);
            }
        }
        let text = |text: &str| Zeroizing::new(text.to_owned());
        [
            (Row::Name, text(&self.name)),
            (Row::IdKind, text(id_kind)),
            (Row::IdNumber, text(&self.id_number)),
            (Row::Mobile, text(&self.mobile)),
            (Row::Payee, text(payee)),
            (Row::Holder, text(holder)),
            (Row::Bank, text(bank)),
            (Row::Account, text(account)),
            (Row::OwnEmployer, text(if self.own_employer { "yes" } else { "no" })),
            (Row::Joint, joint),
        ]
    }
}

/// What is left to compare: the same in full width, with spaces, dashes or small letters is the same.
fn normal(row: Row, text: &str) -> Zeroizing<String> {
    let whole = Zeroizing::new(plain(text).to_uppercase());
    let bare = if row == Row::Mobile { whole.strip_prefix("+86") } else { None };
    Zeroizing::new(bare.unwrap_or(&whole).to_owned())
}

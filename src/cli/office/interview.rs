//! The tests that need the person: shown once, asked in order, and the amount that follows.

use crate::{
    award::{decision::Amount, paper::Paper, record::Ground},
    cleartext::{
        identity::{IdKind, Payee, Person, SealedBy},
        open::{Conflict, Opened, Row},
    },
    policy::{Fen, RewardRules},
};
use std::io;
use zeroize::Zeroizing;

/// Who shows and asks: a terminal, or a test.
pub trait Asks {
    /// Shown until [`Asks::hide`]; never written anywhere else.
    fn show(&mut self, text: &str) -> io::Result<()>;
    fn hide(&mut self) -> io::Result<()>;
    /// A yes-or-no question; no default.
    fn yes(&mut self, question: &str) -> io::Result<bool>;
    /// A question for a sum of money in yuan; asked until it is one.
    fn sum(&mut self, question: &str) -> io::Result<Fen>;
}

/// What the officers found.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    Verified {
        /// What to pay: with the uplift, and within a monthly cap.
        amount: Box<Amount>,
        /// Who collects for the first signatory, authorised in writing: the place among the joint signatories, from 0.
        authorised: Option<usize>,
    },
    Refused(Ground),
    /// Something has to be settled first; no outcome yet.
    Unsettled,
}

/// Shows the person and asks what only people can answer.
pub fn interview(
    opened: &Opened,
    paper: &Paper,
    rules: &RewardRules,
    asks: &mut impl Asks,
) -> io::Result<Outcome> {
    let Some(person) = &opened.person else {
        return Ok(Outcome::Refused(Ground::NoName));
    };
    asks.show(&shown(person, opened))?;
    let outcome = questions(opened, person, paper, rules, asks);
    asks.hide()?;
    outcome
}

fn questions(
    opened: &Opened,
    person: &Person,
    paper: &Paper,
    rules: &RewardRules,
    asks: &mut impl Asks,
) -> io::Result<Outcome> {
    if !opened.conflicts.is_empty()
        && !asks.yes(
            "后来的补充与前面不同，见“注意”各行。是否已当面核实：由上面这位领取，并按上面的领取方式和手机？\n\
             Later envelopes differ, as each line \"Note\" says. Has it been settled in person that the one above \
             collects, and is paid and called as above?",
        )?
    {
        return Ok(Outcome::Unsettled);
    }
    let mut authorised = None;
    if !asks.yes("证件是否与上面一致？\nDoes the ID document match the person above?")? {
        authorised = authorised_by_the_first(person, asks)?;
        match authorised {
            Some(_) => {}
            // The first signatory, or another whom they authorise, may still come.
            None if person.joint().next().is_some() => return Ok(Outcome::Unsettled),
            None => return Ok(Outcome::Refused(Ground::NotTheReporter)),
        }
    }
    if asks.yes(
        "是否负有安全管理或监管职责，或是其近亲属，或受其指使？代领的，委托人和领取人有一位是，就算是。\n\
         Does the person have safety management or supervision duties, or a close relative who has, or act for one? Where \
         somebody collects for them: either of the two?",
    )? {
        return Ok(Outcome::Refused(Ground::ExcludedPerson));
    }
    let insider = person.own_employer()
        && asks.yes(
            "本人或家属在被举报单位工作，是否有证明？\n\
             Is it shown that the person, or family, works at the unit reported?",
        )?;
    let amount = if insider {
        // The tool has computed the amount again before opening, so that the rules give an insider's, too.
        let Ok(amount) = paper.for_insider(rules) else { return Ok(Outcome::Unsettled) };
        amount
    } else {
        paper.amount.clone()
    };
    let Some(cap) = amount.monthly_cap_fen else {
        return Ok(Outcome::Verified { amount: Box::new(amount), authorised });
    };
    let paid = asks.sum(&format!(
        "此类奖励每人每月不超过 {cap} 元。本月已经领取此类奖励多少元？代领的，填委托人和领取人中较多的一位。没有请填 0\n\
         Not above CN¥{cap} a month to one person for this sort of matter. How much has the person been paid for it this month? \
         Where somebody collects for them: the larger sum of the two. 0 if nothing"
    ))?;
    Ok(match amount.under_monthly_cap(paid) {
        Some(amount) => Outcome::Verified { amount: Box::new(amount), authorised },
        None => Outcome::Refused(Ground::MonthlyCap),
    })
}

/// One award for all who signed: the first collects, or another of them with the first one's word in writing.
fn authorised_by_the_first(person: &Person, asks: &mut impl Asks) -> io::Result<Option<usize>> {
    for place in 0..person.joint().count() {
        let number = place + 1;
        if asks.yes(&format!(
            "证件是否与联名第 {number} 位一致，并且持有上面这位的书面委托？\n\
             Does the ID document match joint signatory {number}, authorised in writing by the person above?"
        ))? {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

/// The person as the officers see them. In a buffer that is wiped.
fn shown(person: &Person, opened: &Opened) -> Zeroizing<String> {
    let id_kind = match person.id_kind() {
        IdKind::ResidentId => RESIDENT_ID,
        IdKind::Passport => PASSPORT,
        IdKind::ResidencePermit => RESIDENCE_PERMIT,
        IdKind::Other => OTHER_ID,
    };
    let texts = opened.conflicts.iter().map(|conflict| conflict.before.len() + conflict.later.len() + 256);
    let mut out = Zeroizing::new(String::with_capacity(4096 + texts.sum::<usize>()));
    let mut line = |label: &str, value: &str| {
        out.push_str(label);
        out.push_str("  ");
        out.push_str(value);
        out.push('\n');
    };
    line("姓名 Name          ", person.name());
    line("证件 ID            ", id_kind);
    line("号码 Number        ", person.id_number());
    line("手机 Mobile        ", person.mobile());
    match person.payee() {
        Payee::InPerson => line("领取 Paid          ", IN_PERSON),
        Payee::Account { holder, bank, number } => {
            line("户名 Account holder", holder);
            line("银行 Bank          ", bank);
            line("账号 Account       ", number);
        }
    }
    line("本单位 Works there ", if person.own_employer() { SAYS_YES } else { NO });
    for (place, (name, id_number)) in person.joint().enumerate() {
        line(&format!("联名 Signs with {:<3}", place + 1), name);
        line("                   ", id_number);
    }
    let sealed_by = match opened.sealed_by {
        SealedBy::Server => "服务器内存中 in the server's memory",
        SealedBy::Device => "举报人设备上 on the reporter's device",
    };
    line("密封 Sealed        ", sealed_by);
    for Conflict { envelope, row, before, later } in &opened.conflicts {
        let row_label = label(*row);
        out.push_str(&format!(
            "注意 Note            第 {envelope} 个信封 envelope {envelope}  {row_label}  "
        ));
        for part in [said(*row, before), " → ", said(*row, later), "\n"] {
            out.push_str(part);
        }
    }
    out
}

const RESIDENT_ID: &str = "居民身份证 resident ID";
const PASSPORT: &str = "护照 passport";
const RESIDENCE_PERMIT: &str = "居住证或通行证 residence or travel permit";
const OTHER_ID: &str = "其他 other";
const IN_PERSON: &str = "当面 in person";
const SAYS_YES: &str = "自称是 says yes";
const NO: &str = "否 no";

fn label(row: Row) -> &'static str {
    match row {
        Row::Name => "姓名 Name",
        Row::IdKind => "证件 ID",
        Row::IdNumber => "号码 Number",
        Row::Mobile => "手机 Mobile",
        Row::Payee => "领取 Paid",
        Row::Holder => "户名 Account holder",
        Row::Bank => "银行 Bank",
        Row::Account => "账号 Account",
        Row::OwnEmployer => "本单位 Works there",
        Row::Joint => "联名 Signs with",
    }
}

/// A value of a row in the officers' words.
fn said(row: Row, value: &str) -> &str {
    match (row, value) {
        (Row::IdKind, "resident_id") => RESIDENT_ID,
        (Row::IdKind, "passport") => PASSPORT,
        (Row::IdKind, "residence_permit") => RESIDENCE_PERMIT,
        (Row::IdKind, _) => OTHER_ID,
        (Row::Payee, "in_person") => IN_PERSON,
        (Row::Payee, _) => "转账 to an account",
        (Row::OwnEmployer, "yes") => SAYS_YES,
        (Row::OwnEmployer, _) => NO,
        (_, "") => "（无 none）",
        (_, text) => text,
    }
}

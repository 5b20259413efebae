//! The tests that need the person: shown once, asked in order, and the amount that follows.

use crate::{
    award::{decision::Amount, paper::Paper, record::Ground},
    cleartext::{
        identity::{IdKind, Payee, Person, SealedBy},
        open::Opened,
    },
    policy::RewardRules,
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
}

/// What the officers found.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The amount to pay, uplift included.
    Verified {
        amount: Box<Amount>,
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
            "后来的补充里有不同的姓名或账户。是否已当面核实由上面这位领取？\n\
             A later envelope names another person or account. Has it been settled in person that the one above collects?",
        )?
    {
        return Ok(Outcome::Unsettled);
    }
    if !asks.yes("证件是否与上面一致？\nDoes the ID document match the person above?")? {
        return Ok(Outcome::Refused(Ground::NotTheReporter));
    }
    if asks.yes(
        "是否负有安全管理或监管职责，或是其近亲属，或受其指使？\n\
         Does the person have safety management or supervision duties, or a close relative who has, or act for one?",
    )? {
        return Ok(Outcome::Refused(Ground::ExcludedPerson));
    }
    if asks.yes("本月奖励是否已达到个人上限？\nHas the person's total for this month been used up?")?
    {
        return Ok(Outcome::Refused(Ground::MonthlyCap));
    }
    let insider = person.own_employer()
        && asks.yes(
            "本人或家属在被举报单位工作，是否有证明？\n\
             Is it shown that the person, or family, works at the unit reported?",
        )?;
    if !insider {
        return Ok(Outcome::Verified { amount: Box::new(paper.amount.clone()) });
    }
    // The tool has computed the amount again before opening, so that the rules give an insider's, too.
    match paper.for_insider(rules) {
        Ok(amount) => Ok(Outcome::Verified { amount: Box::new(amount) }),
        Err(_) => Ok(Outcome::Unsettled),
    }
}

/// The person as the officers see them. In a buffer that is wiped.
fn shown(person: &Person, opened: &Opened) -> Zeroizing<String> {
    let id_kind = match person.id_kind() {
        IdKind::ResidentId => "居民身份证 resident ID",
        IdKind::Passport => "护照 passport",
        IdKind::ResidencePermit => "居住证或通行证 residence or travel permit",
        IdKind::Other => "其他 other",
    };
    let mut out = Zeroizing::new(String::with_capacity(4096));
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
        Payee::InPerson => line("领取 Paid          ", "当面 in person"),
        Payee::Account { holder, bank, number } => {
            line("户名 Account holder", holder);
            line("银行 Bank          ", bank);
            line("账号 Account       ", number);
        }
    }
    line("本单位 Works there ", if person.own_employer() { "自称是 says yes" } else { "否 no" });
    for (name, id_number) in person.joint() {
        line("联名 Signs with    ", name);
        line("                   ", id_number);
    }
    let sealed_by = match opened.sealed_by {
        SealedBy::Server => "服务器内存中 in the server's memory",
        SealedBy::Device => "举报人设备上 on the reporter's device",
    };
    line("密封 Sealed        ", sealed_by);
    for number in &opened.conflicts {
        line("注意 Note          ", &format!("第 {number} 个信封不同 envelope {number} differs"));
    }
    out
}

//! The voucher for the office's own books: what is paid and why. Without the person unless asked for.

use crate::{
    award::decision::Amount,
    cleartext::{identity::Payee, open::Opened},
    cli::keyfile::{KeyFileRefused, save_secret},
    clock::Day,
};
use std::path::Path;
use zeroize::Zeroizing;

pub struct Voucher<'a> {
    pub number: &'a str,
    pub today: Day,
    pub opened: &'a Opened,
    pub amount: &'a Amount,
    /// The joint signatory who collects in the first one's place, by place from 0.
    pub authorised: Option<usize>,
}

impl Voucher<'_> {
    /// Readable by its owner alone; never overwrites.
    pub fn save(&self, path: &Path, with_name: bool) -> Result<(), KeyFileRefused> {
        save_secret(path, self.text(with_name).as_bytes())
    }

    pub fn text(&self, with_name: bool) -> Zeroizing<String> {
        let (terms, amount) = (&self.opened.terms, self.amount);
        let mut out = Zeroizing::new(String::with_capacity(8192));
        out.push_str(&format!(
            "举报奖励凭单 Reward voucher {}\n\
             日期 Date      {}\n\
             案件 Case      {}（奖励 award {}）\n\
             规定 Rule      {}（{}）\n",
            self.number, self.today, terms.case, terms.award, amount.rule.title.zh, amount.rule.document
        ));
        for (i, step) in amount.steps.iter().enumerate() {
            out.push_str(&format!("  {}. {}\n", i + 1, step.text.zh));
        }
        out.push_str(&format!("基本 Base      {} 元\n", amount.base_fen));
        if let Some(uplift) = &amount.uplift {
            out.push_str(&format!("上浮 Uplift    {} 元（{}%）\n", uplift.fen, uplift.rate));
        }
        out.push_str(&format!("实付 To pay    {} 元\n", amount.fen));
        if with_name {
            self.add_person(&mut out);
        }
        out.push_str("领取人签名 Signature of the payee ____________\n");
        out
    }

    fn add_person(&self, out: &mut String) {
        let Some(person) = &self.opened.person else { return };
        let mut line = |label: &str, value: &str| {
            out.push_str(label);
            out.push_str(value);
            out.push('\n');
        };
        match self.authorised.and_then(|place| person.joint().nth(place)) {
            Some((name, id_number)) => {
                line("领取人 Payee   ", name);
                line("证件号 ID      ", id_number);
                line("委托人 For     ", person.name());
            }
            None => {
                line("领取人 Payee   ", person.name());
                line("证件号 ID      ", person.id_number());
            }
        }
        if let Payee::Account { holder, bank, number } = person.payee() {
            line("户名 Holder    ", holder);
            line("银行 Bank      ", bank);
            line("账号 Account   ", number);
        }
    }
}

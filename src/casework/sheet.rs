//! What goes out of the house with a matter: its content in a text of its own, without what leads to a person
//! (《关于保护…举报人的意见》, art. 4). Made by a person from what `scrub` proposes, and never altered.

use super::case::{Case, CaseContent, Who};
use crate::{clock::Day, policy::Code, scrub::Piece};
use serde::{Deserialize, Serialize};

/// Whom a sheet is for: codes of policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// Another department (`intake.toml`).
    Office(Code),
    /// A body above or below (`bodies.toml`).
    Body(Code),
}

/// Which of the reporter's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Target,
    CreditCode,
    Address,
    When,
    Narrative,
    /// The `n`th addition, from 0.
    Addition(usize),
}

/// One part without what was taken out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetPart {
    pub part: Part,
    pub pieces: Vec<Piece>,
}

/// What the program proposed to take out and a person left in. Which words they were is not kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftIn {
    pub part: Part,
    pub kind: crate::scrub::Kind,
    pub reason: String,
}

/// A confirmed sheet. Its copies are in the staff record, one a reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sheet {
    pub day: Day,
    pub by: Who,
    /// The body that handled the case then.
    pub from: Code,
    pub to: Recipient,
    /// Empty once the report was deleted at its reporter's wish.
    pub parts: Vec<SheetPart>,
    pub left_in: Vec<LeftIn>,
}

impl Case {
    /// Everything in the reporter's own words that a sheet carries, in its order; what is empty is left out. Messages
    /// are not among it.
    pub fn own_words(&self) -> Vec<(Part, &str)> {
        let CaseContent { target_name, credit_code, address, narrative, when_text, .. } = &self.content;
        let additions = self.additions.iter().enumerate();
        let content = [
            (Part::Target, target_name.as_str()),
            (Part::CreditCode, credit_code),
            (Part::Address, address),
            (Part::When, when_text),
            (Part::Narrative, narrative),
        ];
        let all =
            content.into_iter().chain(additions.map(|(n, each)| (Part::Addition(n), each.text.as_str())));
        all.filter(|(_, text)| !text.trim().is_empty()).collect()
    }
}

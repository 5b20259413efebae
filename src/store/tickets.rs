//! Codes with which a member of staff enters a report for somebody else: issued at the console, taken once at the
//! portal, spent with the report. The portal learns the channel; who has the code stays here and in the trail.

use super::{Commit, Refused, Store, TrailEntry, committer::Txn, core::Core, engine::Tree};
use crate::{
    casework::Entered,
    ids::{CaseNumber, StaffId},
    policy::Code,
    transcript::hash,
};
use rand::{CryptoRng, RngExt};
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

/// Digits of a code: enough that nobody guesses one of a few in the minutes they are good for (about 53 bits).
const DIGITS: usize = 16;

/// Stands for a code: SHA-256 over its digits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TicketHash([u8; 32]);

impl TicketHash {
    /// A new code, in four groups of four digits, and what is kept of it.
    pub fn draw(rng: &mut impl CryptoRng) -> (String, Self) {
        let digits: String = (0..DIGITS).map(|_| char::from(b'0' + rng.random_range(0..10u8))).collect();
        let groups: Vec<&str> = (0..DIGITS).step_by(4).map(|at| &digits[at..at + 4]).collect();
        (groups.join(" "), Self::of_digits(&digits))
    }

    /// Of what a person typed: full-width digits, spaces and dashes are fine. `None`: not so many digits.
    pub fn typed(text: &str) -> Option<Self> {
        let plain = text.nfkc().filter(|c| !c.is_whitespace() && *c != '-').collect::<String>();
        let fits = plain.len() == DIGITS && plain.bytes().all(|b| b.is_ascii_digit());
        fits.then(|| Self::of_digits(&plain))
    }

    fn of_digits(digits: &str) -> Self {
        Self(hash("mifeng/v1/entry-code", &[digits.as_bytes()]))
    }
}

/// A taken code, as a report is sent with it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub ticket: TicketHash,
    /// Unix seconds: whether the code is good still. The trail of staff keeps the day.
    pub at: i64,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Ticket {
    channel: Code,
    by: StaffId,
    /// Unix seconds. Once it was taken, the report may be sent until then.
    until: i64,
    taken: bool,
}

impl Ticket {
    /// One that ends later than any would was issued under another clock.
    fn is_good(&self, now: i64) -> bool {
        (now..=now.saturating_add(TO_SEND_SECONDS)).contains(&self.until)
    }
}

/// For a report with a code that was taken: longer than any visit.
const TO_SEND_SECONDS: i64 = 24 * 3600;

impl Store {
    /// Issues one, and forgets those that can do nothing any more.
    pub(super) fn put_ticket(
        &self,
        ticket: TicketHash,
        channel: Code,
        by: StaffId,
        until: i64,
    ) -> Commit<()> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let mut over = Vec::new();
            for key in txn.keys(Tree::Tickets, &[])? {
                let found: Option<Ticket> = core.records.find(txn, Tree::Tickets, &key)?;
                if found.is_some_and(|found| found.until.saturating_add(TO_SEND_SECONDS) < until) {
                    over.push(key);
                }
            }
            over.into_iter().for_each(|key| txn.remove(Tree::Tickets, key));
            core.records.put(txn, Tree::Tickets, &ticket.0, &Ticket { channel, by, until, taken: false })
        })
    }

    pub(super) fn redeem_ticket(&self, ticket: TicketHash, now: i64) -> Commit<Code> {
        let core = self.core.clone();
        self.committer.commit(move |txn| {
            let found: Option<Ticket> = core.records.find(txn, Tree::Tickets, &ticket.0)?;
            let found = found.filter(|found| !found.taken && found.is_good(now)).ok_or(Refused::NoTicket)?;
            let channel = found.channel.clone();
            let taken = Ticket { until: now.saturating_add(TO_SEND_SECONDS), taken: true, ..found };
            core.records.put(txn, Tree::Tickets, &ticket.0, &taken)?;
            Ok(channel)
        })
    }
}

impl Core {
    /// Takes the code out of use, and tells auditors who used it for which case.
    pub fn spend_ticket(&self, txn: &mut Txn, entry: &Entry, case: CaseNumber) -> Result<Entered, Refused> {
        let found: Option<Ticket> = self.records.find(txn, Tree::Tickets, &entry.ticket.0)?;
        let ticket = found.filter(|t| t.taken && t.is_good(entry.at)).ok_or(Refused::NoTicket)?;
        txn.remove(Tree::Tickets, entry.ticket.0);
        self.note(txn, &TrailEntry::entered(ticket.by.clone(), case, entry.at))?;
        Ok(Entered { channel: ticket.channel, by: ticket.by, taken_over: None })
    }
}

//! A case without a reporter: what was said, what was done, what comes next. Pure; no I/O, no clock.
//!
//! Nothing here names a person who reports, and nothing says whether a name was given: the sealed envelopes
//! lie in a tree of their own that this module and the console never see.
//!
//! ```text
//! Submitted ⇄ SupplementRequested
//!     ├─ NotAccepted                    (ground and reason told)
//!     ├─ MergedInto                     (an earlier case on the same matter answers for it)
//!     ├─ TransferredOut                 (told where to)
//!     └─ Accepted ─ Assigned ─ Verifying ─ Concluded ─ Replied ─ Closed
//! NotAccepted, Replied, Closed ─ Objected, in time ─ upheld: back; overturned: Accepted or Verifying anew
//! Withdrawn: by the reporter, any time before the reply
//! Submitted to Verifying ─ handed to a body above or below, told; its clocks run on; whoever takes it assigns anew
//! A last day that has passed: told to the head of the body that handles it, then to the one above, each once
//! In every state: a word of retaliation from the reporter, and its answer; a wish for deletion, and its decision
//! ```

mod actor;
mod apart;
mod apply;
mod case;
mod checks;
mod deadlines;
mod evidence;
mod files;
mod finding;
mod late;
mod move_kind;
mod moves;
mod order;
mod pace;
mod record;
mod rights;
mod route;
mod sheet;
mod state;
mod summary;

pub use actor::{Actor, Permission, Role};
pub use apart::Apart;
pub use apply::{MoveRefused, allowed, apply};
pub use case::{
    Addition, CASE_FORMAT, Case, CaseContent, Closing, Conclusion, Declined, Entered, Event, Extension,
    Message, MessageText, Note, Reply, Transferred, Who,
};
pub use deadlines::{Band, Deadline, DeadlineKind, Deadlines, Rules};
pub use files::{CaseFile, Copy, SentFile, SizeClass};
pub use finding::{Finding, RewardConditions};
pub use late::Escalation;
pub use move_kind::MoveKind;
pub use moves::Move;
pub use order::by_acceptance;
pub use pace::Pace;
pub use rights::{Answered, Decided, Deletion, Objection, Retaliation, Review};
pub use route::Handover;
pub use sheet::{LeftIn, Part, Recipient, Sheet, SheetPart};
pub use state::{ReporterStatus, State};
pub use summary::{CaseSummary, LastWord};

#[cfg(test)]
mod review_tests;
#[cfg(test)]
mod rights_tests;
#[cfg(test)]
mod route_tests;
#[cfg(test)]
mod sheet_tests;
#[cfg(test)]
mod tests;

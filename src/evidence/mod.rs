//! The way to an original: asked for with a reason, told to its reporter, opened by the office alone, edited, looked at by
//! a second person, joined to the case. Pure; no I/O, no clock. It opens files and never an identity.
//!
//! ```text
//! Asked ─ the reporter objects ─ Objected                                          (it ends there)
//!   └─ the days to object are over ─ Published (leaf) ─ t shares ─ Released ─ Ended: done
//!                                                                     └ a copy comes ⇄ sent back
//!                                                                       └ a second person confirms: it joins
//! Asked, Published, Released ─ Ended: given up, lapsed, taken back, withdrawn, deleted
//! ```
//! One request is under way a case, and it is for one original: every opening is told, objected to and shared by itself.

mod copies;
mod edits;
mod past;
mod record;
mod refused;
mod release;
mod state;
mod summary;
mod terms;

pub use copies::{Checked, EditedCopy, Measure};
pub use edits::{Change, Edited, Edits, EditsRefused, MOST_EDITED, hides_nothing};
pub use past::{FilesStep, Past, ReporterObjection};
pub use record::{FilesRequest, Opening};
pub use refused::FilesRefused;
pub use release::{FilesPackage, FilesRelease, FilesReleaseRequest, NotUnopposed, Unopposed};
pub use state::{FilesEnd, FilesState};
pub use summary::FilesSummary;
pub use terms::{FilesTerms, Told, Use};

//! A request in a list.

use super::{record::FilesRequest, state::FilesState};
use crate::{clock::Day, ids::CaseNumber};

/// One row of a list: the last request of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilesSummary {
    pub case: CaseNumber,
    pub request: u32,
    pub state: FilesState,
    pub object_until: Day,
    pub good_until: Day,
    pub deposits: usize,
    /// Copies that wait for a second person.
    pub to_check: usize,
}

impl FilesSummary {
    /// Open, but past its last day.
    pub fn has_lapsed(&self, today: Day) -> bool {
        self.state.is_open() && today > self.good_until
    }
    pub fn of(request: &FilesRequest) -> Self {
        let terms = request.terms();
        Self {
            case: terms.case,
            request: terms.request,
            state: request.state(),
            object_until: terms.object_until,
            good_until: terms.good_until,
            deposits: request.opening().map_or(0, |opening| opening.deposits.len()),
            to_check: request.copies().iter().filter(|copy| copy.checked.is_none()).count(),
        }
    }
}

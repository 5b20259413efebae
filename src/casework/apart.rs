//! Who may do an act of a request for an original: nobody who has done, in the same case, what policy keeps apart from it.

use super::{
    actor::Permission,
    apply::needs,
    case::{Case, Who},
};
use crate::{evidence::FilesRefused, ids::StaffId, policy::ActsApart};

/// Somebody who may do this act in this case. Only [`Case::apart`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    by: StaffId,
    act: Permission,
}

impl Apart {
    /// Who it is, if it is for this act.
    pub(crate) fn to(&self, act: Permission) -> Result<&StaffId, FilesRefused> {
        if self.act == act { Ok(&self.by) } else { Err(FilesRefused::OtherAct) }
    }
}

impl Case {
    /// # Errors
    /// [`FilesRefused::ActsApart`] if this person has done in this case what policy keeps apart from `act`.
    pub fn apart(&self, by: &StaffId, act: Permission, rules: &ActsApart) -> Result<Apart, FilesRefused> {
        let moved = self.history.iter().filter(|event| event.by == Who::Staff(by.clone()));
        let moved = moved.flat_map(|event| needs(event.what));
        let done = self.evidence.iter().flat_map(|request| request.acts_of(by));
        match moved.chain(done).find(|did| rules.must_differ(*did, act)) {
            Some(did) => Err(FilesRefused::ActsApart { by: by.clone(), did }),
            None => Ok(Apart { by: by.clone(), act }),
        }
    }
}

//! Every body a device may send, read and judged as its address does: the door for tests with bytes of nobody's.

use super::{
    answer::read,
    own::{Added, AwardObjected, Claimed, Drawn, Linked, Proof, Withdrawn},
    send::{Sent, Token},
    structure,
};
use crate::{envelope::SealedReport, recipients::RecipientSet};

/// Which of the bodies these bytes are, and whether what is sealed in them has the one shape all reports have.
pub fn read_any(body: &[u8], set: &RecipientSet) -> (Vec<&'static str>, bool) {
    let kinds = [
        ("sign-in", read::<Proof>(body).is_some()),
        ("send", read::<Sent>(body).is_some()),
        ("kept", read::<Token>(body).is_some()),
        ("own-receipt", read::<Drawn>(body).is_some()),
        ("add", read::<Added>(body).is_some()),
        ("earlier", read::<Linked>(body).is_some()),
        ("withdraw", read::<Withdrawn>(body).is_some()),
        ("claim", read::<Claimed>(body).is_some()),
        ("award-objection", read::<AwardObjected>(body).is_some()),
    ];
    let shaped = read::<SealedReport>(body).is_some_and(|sealed| structure::check(&sealed, set).is_ok());
    (kinds.into_iter().filter_map(|(kind, is)| is.then_some(kind)).collect(), shaped)
}

//! An award brought to its end by keys that the tests' sets have.

use mifeng::{
    award::{
        claim::Claim,
        record::{Award, Ending, Ground},
        release::{Deposit, Purpose, ReleaseTerms, Terms},
    },
    clock::Day,
    ids::StaffId,
    log::{Event, Leaf},
    recipients::{RecipientSet, Roster},
    signing::SigningKey,
    store::{Place, Refused},
};

/// Claimed with `claim_key`, released by two trustees, recorded as refused by one officer and confirmed by another, on one
/// day; with the leaf that announces the release.
pub fn refused(
    award: &Award,
    place: &Place,
    claim_key: &SigningKey,
    roster: &Roster,
    set: &RecipientSet,
    ground: Ground,
    today: Day,
) -> Result<(Award, Leaf), Refused> {
    let officer = |name: &str| StaffId(name.into());
    let claimed = award.claim(today, Claim::sign(award.terms(), claim_key), place.claim_key)?;
    let terms = ReleaseTerms {
        award: claimed.terms().clone(),
        purpose: Purpose::Identity,
        expires: today.saturating_add(jiff::ToSpan::days(14)),
        leaf_index: place.index,
        leaf_n: place.n,
    };
    let (purpose, digest) = (Some(terms.purpose), Some(terms.digest()));
    let leaf = Leaf { purpose, digest, ..Leaf::plain(Event::Release, today) };
    let approval = claimed.approval(roster, today)?;
    let envelopes = place.envelopes.clone();
    let by = officer("wu");
    let mut award = claimed.publish_release(approval, terms.clone(), envelopes, "申领", &by, today)?;
    for n in 1..=2 {
        let deposit = Deposit::sign(&terms, set, n, b"resealed", &SigningKey::from_seed([10 + n; 32]));
        award = award.deposit(deposit, &officer("holder"), set, today)?;
    }
    let award = award.record(Ending::Refused(ground), &by, today)?.confirm(&officer("zheng"), today)?;
    Ok((award, leaf))
}

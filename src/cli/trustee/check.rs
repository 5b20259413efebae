//! Everything a trustee's tool checks before it gives a share, in the order of design §4. No input or output.

use crate::{
    award::{
        approval::{self, ApprovalRefused, PayoutApproval},
        claim::{NotClaimed, ProvenClaim},
        handover::Handover,
        paper::{Paper, PaperRefused},
        release::{
            Deposit, NotPublished, PublishedRelease, Purpose, ReleaseAnswer, ReleaseRequest, ReleaseTerms,
        },
    },
    cleartext::share::{Expected, OpenedShares, ShareRefused},
    cli::{
        keyfile::HolderKey,
        pins::{Memory, State, StateRefused},
    },
    clock::Day,
    evidence::NotUnopposed,
    ids::ReportId,
    lock::ShareFile,
    log::{
        checkpoint::{Origin, Signed},
        proof::{ProofRefused, Seen},
    },
    policy::LONGEST_APPROVAL,
    recipients::{RecipientSet, RosterRefused, SetRefused, UntrustedSet},
};

const FORMAT: u16 = 1;

/// Why this tool gives no share.
#[derive(Debug, thiserror::Error)]
pub enum NoShare {
    #[error("the request has format {0}, which is unknown to this program")]
    Format(u16),
    #[error("the recipient set: {0}")]
    Set(#[from] SetRefused),
    #[error("the roster of approvers: {0}")]
    Roster(#[from] RosterRefused),
    #[error("the roster of approvers is number {found}; number {seen} was seen before")]
    OlderRoster { found: u32, seen: u32 },
    #[error("this key is not that of trustee {0}, for whom the request is")]
    OtherTrustee(u8),
    #[error("the release expired on {0}")]
    Expired(Day),
    #[error("this tool releases for a payment only")]
    Purpose,
    #[error("the request says that it is for something else than what it carries")]
    OtherPurpose,
    #[error("the reporter may object until {0}: nothing is opened before")]
    StillOpen(Day),
    #[error("the request is for another instance")]
    OtherInstance,
    #[error("the reporter: {0}")]
    NotUnopposed(#[from] NotUnopposed),
    #[error("the award: {0}")]
    Paper(#[from] PaperRefused),
    #[error("the approvals: {0}")]
    Approval(#[from] ApprovalRefused),
    #[error("a hash of an envelope is not 64 hexadecimal digits")]
    EnvelopeHash,
    #[error(transparent)]
    NotClaimed(#[from] NotClaimed),
    #[error("the share files: {0}")]
    Share(#[from] ShareRefused),
    #[error("the log: {0}")]
    Proof(#[from] ProofRefused),
    #[error("the release in the log: {0}")]
    NotPublished(#[from] NotPublished),
    #[error(transparent)]
    State(#[from] StateRefused),
    #[error("the instance's name cannot name a witness")]
    WitnessName,
}

/// All checks passed; only the trustee's own yes is missing.
pub struct Checked {
    terms: ReleaseTerms,
    paper: Paper,
    approval: PayoutApproval,
    claim: ProvenClaim,
    shares: OpenedShares,
    release: PublishedRelease,
    signed: Signed,
    seen: Seen,
    roster: u32,
}

/// Checks a request against what this machine has pinned and remembers.
pub fn check(
    request: &ReleaseRequest,
    key: &HolderKey,
    state: &State,
    today: Day,
) -> Result<Checked, NoShare> {
    if request.format != FORMAT {
        return Err(NoShare::Format(request.format));
    }
    let set = own_set(&request.set, request.trustee, key, state)?;
    let terms = &request.terms;
    if today > terms.expires {
        return Err(NoShare::Expired(terms.expires));
    }
    if terms.purpose != Purpose::Identity {
        return Err(NoShare::Purpose);
    }
    let (paper, _) = Paper::check(&request.decision, &terms.award, &request.rules)?;
    let (found, seen) = (request.roster.number, state.memory.roster);
    if found < seen {
        return Err(NoShare::OlderRoster { found, seen });
    }
    let roster = request.roster.trusted(&set)?;
    let approval = approval::verify(&terms.award, &request.approvals, &roster, today, LONGEST_APPROVAL)?;

    let files = ShareFiles {
        trustee: request.trustee,
        report: terms.award.report,
        envelopes: &request.envelopes,
        files: &request.share_files,
        handover: request.handover.as_ref(),
    };
    let shares = files.open(&set, key)?;
    let claim = request.claim.prove(&terms.award, shares.claim_key())?;
    let published = request.proof.verify(state.log()?, state.memory.seen.as_ref())?;
    let release = PublishedRelease::check(terms, shares.audit_key(), &published)?;
    Ok(Checked {
        terms: terms.clone(),
        paper,
        approval,
        claim,
        shares,
        release,
        signed: published.signed().clone(),
        seen: published.seen(),
        roster: found,
    })
}

impl Checked {
    /// What the trustee reads before saying yes. Nothing about a person: there is nothing to show.
    pub fn summary(&self) -> String {
        let (terms, amount) = (&self.terms, &self.paper.amount);
        let (case, fen) = (terms.award.case, amount.base_fen);
        let by: Vec<&str> = self.approval.by().iter().map(|staff| staff.0.as_str()).collect();
        let mut out = format!(
            "\n是否为支付 {case} 号案件奖励 {fen} 元交出您的份额？\n\
             Give your share, so that CN¥{fen} can be paid for case {case}?\n\n\
             规定 Rule       {}（{}）\n",
            amount.rule.title.zh, amount.rule.document
        );
        for (i, step) in amount.steps.iter().enumerate() {
            out += &format!("  {}. {}\n     {}\n", i + 1, step.text.zh, step.text.en);
        }
        out += &format!(
            "审批 Approved   {}\n\
             有效 Until      {}\n\
             日志 Log entry  {}（共 of {}）\n",
            by.join("、"),
            terms.expires,
            terms.leaf_index + 1,
            self.seen.size
        );
        out
    }

    /// To be on the disk before a share is given.
    pub fn memory(&self) -> Memory {
        Memory { seen: Some(self.seen), roster: self.roster }
    }

    /// The share, sealed to the office and signed; the checkpoint, cosigned. `seconds` since 1970-01-01T00:00Z.
    pub fn answer(&self, key: &HolderKey, state: &State, seconds: u64) -> Result<ReleaseAnswer, NoShare> {
        let deposit = self.shares.reseal(
            &self.terms,
            &self.approval,
            &self.claim,
            &self.release,
            &state.set,
            &key.signing,
        )?;
        answered(deposit, self.terms.award.report, self.terms.leaf_index, &self.signed, (key, state, seconds))
    }
}

/// The pinned set, if this key is that of the trustee for whom the request is. The same for every purpose, as the next two.
pub(super) fn own_set(
    set: &UntrustedSet,
    trustee: u8,
    key: &HolderKey,
    state: &State,
) -> Result<RecipientSet, NoShare> {
    let set = set.pinned(&state.set.fingerprint())?;
    let own = usize::from(trustee).checked_sub(1).and_then(|i| set.trustees().get(i));
    if own.is_none_or(|own| own.verify != key.verify_key()) {
        return Err(NoShare::OtherTrustee(trustee));
    }
    Ok(set)
}

/// One trustee's share files as a request brings them.
pub(super) struct ShareFiles<'a> {
    pub trustee: u8,
    pub report: ReportId,
    /// SHA-256 of each envelope, hexadecimal.
    pub envelopes: &'a [String],
    pub files: &'a [ShareFile],
    pub handover: Option<&'a Handover>,
}

impl ShareFiles<'_> {
    pub fn open(&self, set: &RecipientSet, key: &HolderKey) -> Result<OpenedShares, NoShare> {
        let envelopes = envelope_hashes(self.envelopes)?;
        let expected = Expected { set, report: self.report, envelopes: &envelopes, handover: self.handover };
        let shares = OpenedShares::open(self.files, &key.opening, &expected)?;
        if shares.trustee() != self.trustee {
            return Err(NoShare::OtherTrustee(self.trustee));
        }
        Ok(shares)
    }
}

/// The answer to be uploaded, with the checkpoint cosigned. `seconds` since 1970-01-01T00:00Z.
pub(super) fn answered(
    deposit: Deposit,
    report: ReportId,
    leaf_index: u64,
    signed: &Signed,
    (key, state, seconds): (&HolderKey, &State, u64),
) -> Result<ReleaseAnswer, NoShare> {
    let cosigned = signed.cosigned(witness_name(state, deposit.trustee)?, &key.signing, seconds);
    let checkpoint = String::from_utf8_lossy(cosigned.note()).into_owned();
    Ok(ReleaseAnswer { format: FORMAT, report, leaf_index, deposit, checkpoint })
}

/// `<instance>/trustee-2`: under this name a trustee's machine cosigns.
fn witness_name(state: &State, trustee: u8) -> Result<Origin, NoShare> {
    format!("{}/trustee-{trustee}", state.set.instance().0).parse().map_err(|_| NoShare::WitnessName)
}

fn envelope_hashes(texts: &[String]) -> Result<Vec<[u8; 32]>, NoShare> {
    let parse = |text: &String| {
        let mut hash = [0; 32];
        hex::decode_to_slice(text, &mut hash).map(|()| hash).map_err(|_| NoShare::EnvelopeHash)
    };
    texts.iter().map(parse).collect()
}

//! Screens P2 and P3: every act on an award has a page of its own before it, with what follows, the case number
//! typed by hand and, where there is no way back, the officer's password.

/// The page before an act.
mod page;

use super::{OfficeState, view};
use crate::{
    award::{
        record::{Answer, Award, AwardRefused, AwardState, Ending, Ground},
        release::{Purpose, ReleaseTerms, Terms},
    },
    casework::Permission,
    clock::Day,
    evidence::FilesRefused,
    ids::StaffId,
    log::{Event, Leaf},
    recipients::Roster,
    staff::{Door, May, Member, Sent, grant, notice},
    store::{Dossier, Place, Refused, Step},
    web::{Errors, Face, Lang, Typed, see_other},
};
use axum::{
    extract::{FromRef, Path, State as Shared},
    http::StatusCode,
    response::Response,
};
use page::{outcomes, page};
use std::sync::Arc;

/// Shortest reason that says something.
const REASON: usize = 10;

/// What an officer can do to an award.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Release,
    Outcome,
    Pay,
    Confirm,
    SendBack,
    Reopen,
    /// What the reporter objects to stands.
    LetStand,
}

impl Act {
    const ALL: [Self; 7] = [
        Self::Release,
        Self::Pay,
        Self::Outcome,
        Self::Confirm,
        Self::SendBack,
        Self::Reopen,
        Self::LetStand,
    ];

    /// Last part of its address.
    pub fn code(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Outcome => "outcome",
            Self::Pay => "pay",
            Self::Confirm => "confirm",
            Self::SendBack => "send-back",
            Self::Reopen => "reopen",
            Self::LetStand => "let-stand",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.code() == code)
    }

    fn permission(self) -> Permission {
        match self {
            Self::Release => Permission::OpenPackage,
            _ => Permission::RecordPayment,
        }
    }

    /// No way back: the case number typed by hand and the password.
    fn is_final(self) -> bool {
        matches!(self, Self::Release | Self::Outcome | Self::Pay | Self::Confirm | Self::LetStand)
    }

    fn needs_reason(self) -> bool {
        matches!(self, Self::Release | Self::Reopen)
    }

    /// Whether the award's state allows it. The record itself decides again when the act is done.
    fn fits(self, award: &Award, by: &StaffId, today: Day) -> bool {
        let over = |until: Option<Day>| until.is_some_and(|until| today > until);
        match (self, award.state()) {
            (Self::Release, AwardState::Claimed) | (Self::Pay, AwardState::Verified) => true,
            (Self::Release, AwardState::ReleasePublished | AwardState::Released)
            | (Self::Outcome, AwardState::ReleasePublished) => {
                over(award.release().map(|release| release.terms.expires))
            }
            (Self::Outcome, AwardState::Released | AwardState::Verified) => true,
            (Self::Confirm, AwardState::ToConfirm { by: first, .. }) => first != by,
            (Self::SendBack, AwardState::ToConfirm { .. }) => true,
            (Self::Reopen, AwardState::Refused { .. } | AwardState::Unreadable) => true,
            (Self::LetStand, _) => award.open_objection().is_some(),
            _ => false,
        }
    }
}

/// What this officer can do now.
pub(super) fn offered(state: &OfficeState, may: &Member, dossier: &Dossier) -> Vec<Act> {
    let Some(award) = dossier.award() else { return Vec::new() };
    let fits = |act: &Act| {
        // The next of the matter has it: it comes back to nobody here.
        let is_gone = *act == Act::Reopen && dossier.case.passed_to.is_some();
        !is_gone && may.may(act.permission()) && act.fits(award, may.id(), state.clock.today())
    };
    Act::ALL.into_iter().filter(|act| fits(act) && is_apart(state, may, dossier, act.permission())).collect()
}

/// This officer has done nothing in the case that policy keeps apart from it.
pub(super) fn is_apart(state: &OfficeState, may: &Member, dossier: &Dossier, act: Permission) -> bool {
    dossier.apart(may.id(), act, &state.policy.roles.acts_apart).is_ok()
}

pub(super) async fn show(
    Shared(state): Shared<OfficeState>,
    may: May<grant::OpenPackage>,
    Path((_, number, act)): Path<(String, String, String)>,
) -> Response {
    let here = format!("/{}/awards/{number}/{act}", may.lang.path());
    if let Some(question) = may.asked_to_prove(&Door::from_ref(&state), &here) {
        return question;
    }
    let (dossier, act) = match about(&state, &may, &number, &act) {
        Ok(found) => found,
        Err(response) => return response,
    };
    if let Err(response) = state.note_read(&may, "award", dossier.case.number).await {
        return response;
    }
    page(&state, &may, &dossier, act, &Typed::default(), Errors::default())
}

pub(super) async fn take(
    Shared(state): Shared<OfficeState>,
    Path((_, number, act)): Path<(String, String, String)>,
    Sent { may, typed }: Sent<grant::Step>,
) -> Response {
    let (dossier, act) = match about(&state, &may, &number, &act) {
        Ok(found) => found,
        Err(response) => return response,
    };
    let lang = may.lang;
    // The officer decides on what the page showed, not on what has become of it since.
    let version = dossier.award().map(Award::version);
    if version.map(view::version) != Some(typed.plain("version")) {
        return notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed");
    }
    let mut errors = problems(&state, lang, &dossier, act, &typed);
    if errors.is_empty() && act.is_final() {
        let door = Door::from_ref(&state);
        if let Err(why) = door.own_password(&may, typed.raw("password"), "office-error-password").await {
            errors.add("password", why);
        }
    }
    if !errors.is_empty() {
        return page(&state, &may, &dossier, act, &typed, errors);
    }
    let doing = Doing {
        act,
        typed,
        by: may.id().clone(),
        today: state.clock.today(),
        roster: state.roster.clone(),
        release_until: state.policy.deadlines.release_expires.after(state.clock.today()),
        come_by: dossier.award().and_then(|award| state.come_by(award)),
    };
    let apart = state.policy.roles.acts_apart.clone();
    let change = move |dossier: &mut Dossier, place: &Place| {
        dossier.apart(&doing.by, act.permission(), &apart)?;
        let award = dossier.awards.last_mut().filter(|award| Some(award.version()) == version);
        let award = award.ok_or(Refused::Changed)?;
        let (next, leaf) = doing.on(award, place)?;
        *award = next;
        Ok(leaf)
    };
    // The award's version was compared; the case's is not touched: investigators read it.
    let step = Step { expected_version: None, sealed: None, change: Box::new(change) };
    match state.rewards.change(dossier.case.number, step).await {
        Ok(_) => see_other(&format!("/{}/awards/{number}?done={}", lang.path(), act.code())),
        Err(
            Refused::Changed
            | Refused::Inconsistent(_)
            | Refused::Award(
                AwardRefused::State(_) | AwardRefused::NothingToAnswer | AwardRefused::StillTime(_),
            ),
        ) => notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed"),
        Err(Refused::Award(AwardRefused::Approval(_) | AwardRefused::ApprovalsEnd(_))) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-approvals-void")
        }
        Err(Refused::Files(FilesRefused::ActsApart { .. })) => {
            notice(Face::Office, lang, StatusCode::CONFLICT, "office-apart")
        }
        Err(cause) => state.down(lang, &cause),
    }
}

/// The dossier and the act, if the award stands where the act is possible and this officer may do it.
fn about(state: &OfficeState, may: &Member, number: &str, act: &str) -> Result<(Dossier, Act), Response> {
    let lang = may.lang;
    let dossier = state.find(lang, number)?;
    let possible = offered(state, may, &dossier);
    match Act::from_code(act) {
        None => Err(notice(Face::Office, lang, StatusCode::NOT_FOUND, "office-not-found")),
        Some(act) if possible.contains(&act) => Ok((dossier, act)),
        Some(act) if !is_apart(state, may, &dossier, act.permission()) => {
            Err(notice(Face::Office, lang, StatusCode::CONFLICT, "office-apart"))
        }
        Some(_) => Err(notice(Face::Office, lang, StatusCode::CONFLICT, "office-changed")),
    }
}

fn problems(state: &OfficeState, lang: Lang, dossier: &Dossier, act: Act, typed: &Typed) -> Errors {
    let mut errors = Errors::default();
    let number = dossier.case.number.to_string();
    let offered = dossier.award().map(|award| outcomes(lang, award)).unwrap_or_default();
    if act == Act::Outcome && !offered.iter().any(|choice| choice.value == typed.raw("outcome")) {
        let verified = dossier.award().is_some_and(|a| matches!(a.state(), AwardState::Verified));
        let given = verified && outcome(typed).is_some();
        errors.add(
            "outcome",
            lang.t(if given { "office-error-outcome-verified" } else { "office-error-outcome" }),
        );
    }
    let answers = dossier.award().map(|award| state.answers(award)).unwrap_or_default();
    if act == Act::LetStand && !answer(typed).is_some_and(|answer| answers.contains(&answer)) {
        errors.add("answer", lang.t("office-error-answer"));
    }
    if act == Act::Pay && !(1..=40).contains(&typed.length("voucher")) {
        errors.add("voucher", lang.t("office-error-voucher"));
    }
    if act.needs_reason() && !(REASON..=500).contains(&typed.length("reason")) {
        errors.add("reason", lang.t1("office-error-reason", "least", REASON));
    }
    if act.is_final() && typed.plain("typed-number") != number {
        errors.add("typed-number", lang.t1("office-error-typed-number", "number", number));
    }
    errors
}

/// What the officers' tool reported.
enum Outcome {
    Verified,
    Ends(Ending),
}

fn outcome(typed: &Typed) -> Option<Outcome> {
    match typed.raw("outcome") {
        "verified" => Some(Outcome::Verified),
        "unreadable" => Some(Outcome::Ends(Ending::Unreadable)),
        "unreleased" => Some(Outcome::Ends(Ending::Unreleased)),
        ground => Ground::from_code(ground).map(|ground| Outcome::Ends(Ending::Refused(ground))),
    }
}

/// The answer that was chosen to what the reporter says.
fn answer(typed: &Typed) -> Option<Answer> {
    Answer::from_code(typed.raw("answer"))
}

/// One act with all it needs, to be done on the writer's thread.
struct Doing {
    act: Act,
    typed: Typed,
    by: StaffId,
    today: Day,
    roster: Arc<Roster>,
    release_until: Day,
    /// The last day that the reporter has to come after an objection, if one waits.
    come_by: Option<Day>,
}

impl Doing {
    /// The award after the act, and the report's entry in the log if it leaves one.
    fn on(&self, award: &Award, place: &Place) -> Result<(Award, Option<Leaf>), AwardRefused> {
        let Self { by, today, .. } = self;
        let reason = self.typed.text("reason");
        match self.act {
            Act::Release => self.release(award, place, reason),
            Act::Outcome => match outcome(&self.typed) {
                Some(Outcome::Verified) => {
                    Ok((award.verified(by, *today)?, Some(self.leaf(award, Event::Verified))))
                }
                Some(Outcome::Ends(ending)) => Ok((award.record(ending, by, *today)?, None)),
                None => Err(AwardRefused::NoReason),
            },
            Act::Pay => {
                let voucher = Ending::Paid(self.typed.text("voucher").into());
                Ok((award.record(voucher, by, *today)?, None))
            }
            Act::Confirm => {
                let next = award.confirm(by, *today)?;
                let leaf = self.leaf(award, ended(&next));
                Ok((next, Some(leaf)))
            }
            Act::SendBack => Ok((award.send_back(by, *today)?, None)),
            Act::Reopen => Ok((award.reopen(reason, by, *today)?, None)),
            // In the log it is decided once more, as it was.
            Act::LetStand => match (answer(&self.typed), self.come_by) {
                (Some(answer), Some(come_by)) => {
                    let next = award.let_stand(answer, come_by, by, *today)?;
                    Ok((next, Some(self.leaf(award, ended(award)))))
                }
                _ => Err(AwardRefused::NothingToAnswer),
            },
        }
    }

    /// The leaf goes into the log in the same durable unit as the release it announces.
    fn release(
        &self,
        award: &Award,
        place: &Place,
        reason: &str,
    ) -> Result<(Award, Option<Leaf>), AwardRefused> {
        let approval = award.approval(&self.roster, self.today)?;
        let terms = ReleaseTerms {
            award: award.terms().clone(),
            purpose: Purpose::Identity,
            expires: self.release_until,
            leaf_index: place.index,
            leaf_n: place.n,
        };
        let leaf = Leaf {
            purpose: Some(terms.purpose),
            digest: Some(terms.digest()),
            ..self.leaf(award, Event::Release)
        };
        let envelopes = place.envelopes.clone();
        let next = award.publish_release(approval, terms, envelopes, reason, &self.by, self.today)?;
        Ok((next, Some(leaf)))
    }

    fn leaf(&self, award: &Award, event: Event) -> Leaf {
        Leaf { award: view::award_name(award).parse().ok(), ..Leaf::plain(event, self.today) }
    }
}

/// How it ended, as the log says it.
fn ended(award: &Award) -> Event {
    match award.state() {
        AwardState::Refused { .. } => Event::Refused,
        AwardState::Unreadable => Event::Unreadable,
        _ => Event::Paid,
    }
}

//! Who may do what, and what nobody may do twice.

use super::{
    source::{PolicyError, Source},
    text::Text,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc};
use toml::Spanned;

/// What a member of staff is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Clerk,
    Investigator,
    Approver,
    Trustee,
    RewardOfficer,
    Auditor,
    /// Reads figures.
    Leader,
    Administrator,
}

impl Role {
    pub const ALL: [Self; 8] = [
        Self::Clerk,
        Self::Investigator,
        Self::Approver,
        Self::Trustee,
        Self::RewardOfficer,
        Self::Auditor,
        Self::Leader,
        Self::Administrator,
    ];
}

/// What a role allows. None of them shows who reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See the list of cases: number, kind, place, state, deadline.
    SeeQueue,
    /// Open any case's content.
    ReadAnyCase,
    /// Open the content of cases assigned to oneself.
    ReadOwnCase,
    /// Enter a report that came by phone, letter or visit into the same sealed form.
    EnterReport,
    /// Accept, decline, ask for a supplement, merge, transfer.
    Admit,
    /// Give a case to an investigator.
    Assign,
    /// Notes, evidence, start of verification, request for an extension.
    Investigate,
    /// Write to the reporter's page.
    WriteReporter,
    /// Answer a reporter who suffers retaliation.
    ProtectReporter,
    /// Grant or refuse the deletion of a report.
    DecideDeletion,
    /// Grant or refuse an extension.
    GrantExtension,
    /// State the conclusion.
    Conclude,
    /// Send the reply.
    Reply,
    /// Answer an objection.
    Review,
    /// Close a case.
    Close,
    /// See an award: facts, computation, approvals.
    ReadAward,
    /// Enter the facts an award is computed from.
    ComputeAward,
    /// Approve or refuse an award's base amount.
    ApproveAward,
    /// File an approved award with the level above and notify the reporter.
    NotifyAward,
    /// Fetch share files and hand in re-sealed shares.
    ReleaseShare,
    /// Ask for a release and download its package.
    OpenPackage,
    /// Record verified, refused, unreadable and paid.
    RecordPayment,
    /// See what staff read and did.
    ReadStaffRecord,
    /// Hear of cases of one's own body, and of those right below it, that are about to be late or are: number, kind,
    /// deadline and owner, not what they say.
    Oversee,
    /// See counts of cases, none of them small enough to point at one.
    SeeFigures,
    /// Export cases without reporters.
    Export,
    /// Create, change and lock accounts.
    ManageStaff,
    /// Give the open cases of somebody who leaves to a colleague, without opening them.
    HandOver,
}

/// How long a sign-in lasts. After what is in it, the person proves anew who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sessions {
    /// Minutes without a sign of life, 1 to 60.
    pub idle_minutes: u16,
    /// Hours in all, 1 to 24.
    pub longest_hours: u16,
    /// Minutes a proof counts before an award is approved, refused or waived, a share handed in, a payment recorded, figures
    /// exported or an account changed; 1 to 60.
    pub fresh_minutes: u16,
}

/// `roles.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    pub sessions: Sessions,
    entries: Vec<RoleEntry>,
    roles_apart: Vec<(Role, Role)>,
    /// What one person may not do both of in one case.
    pub acts_apart: ActsApart,
}

/// Pairs of acts that one person must not do both of in the same case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActsApart(Arc<[(Permission, Permission)]>);

impl ActsApart {
    pub fn must_differ(&self, one: Permission, other: Permission) -> bool {
        self.0.iter().any(|&(a, b)| (a, b) == (one, other) || (b, a) == (one, other))
    }
}

/// A role, its name on screen and what it allows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleEntry {
    pub role: Role,
    pub name: Text,
    pub may: BTreeSet<Permission>,
}

/// Pairs the code relies on, whatever the file says: with one of them in one hand, one person could open an
/// identity, or an original they asked for, or settle an award alone.
const ROLES_ALWAYS_APART: [(Role, Role); 4] = [
    (Role::Trustee, Role::RewardOfficer),
    (Role::Investigator, Role::RewardOfficer),
    (Role::Investigator, Role::Trustee),
    (Role::Administrator, Role::RewardOfficer),
];
const ACTS_ALWAYS_APART: [(Permission, Permission); 5] = [
    (Permission::Investigate, Permission::ReleaseShare),
    (Permission::Investigate, Permission::OpenPackage),
    (Permission::ComputeAward, Permission::ApproveAward),
    (Permission::ReleaseShare, Permission::OpenPackage),
    (Permission::ApproveAward, Permission::OpenPackage),
];

impl Roles {
    /// # Errors
    /// If a role is missing or stands twice, a pair names one thing twice, one role may do two acts that must be
    /// kept apart within it, or a pair the design relies on is missing.
    pub fn parse(source: &Source) -> Result<Self, PolicyError> {
        let file: File = source.parse()?;
        let mut entries: Vec<RoleEntry> = Vec::new();
        for entry in file.role {
            let (span, entry) = (entry.span(), entry.into_inner());
            if entries.iter().any(|other| other.role == entry.role) {
                return Err(source.refuse(&span, format!("role {:?} stands twice", entry.role)));
            }
            if let Some((a, b)) =
                ACTS_ALWAYS_APART.iter().find(|(a, b)| entry.may.contains(a) && entry.may.contains(b))
            {
                return Err(
                    source.refuse(&span, format!("{:?} may not hold both {a:?} and {b:?}", entry.role))
                );
            }
            entries.push(entry);
        }
        if let Some(missing) = Role::ALL.iter().find(|role| entries.iter().all(|entry| entry.role != **role))
        {
            return Err(source.refuse_whole(format!("role {missing:?} is missing")));
        }
        let (span, sessions) = (file.sessions.span(), file.sessions.into_inner());
        for (name, value, most) in [
            ("idle_minutes", sessions.idle_minutes, 60),
            ("longest_hours", sessions.longest_hours, 24),
            ("fresh_minutes", sessions.fresh_minutes, 60),
        ] {
            if !(1..=most).contains(&value) {
                return Err(source.refuse(&span, format!("{name} is 1 to {most}")));
            }
        }
        Ok(Self {
            sessions,
            entries,
            roles_apart: pairs(source, file.roles_apart, &ROLES_ALWAYS_APART)?,
            acts_apart: ActsApart(pairs(source, file.acts_apart, &ACTS_ALWAYS_APART)?.into()),
        })
    }

    /// In the order of the file.
    pub fn entries(&self) -> &[RoleEntry] {
        &self.entries
    }

    /// The role's name on screen.
    pub fn name(&self, role: Role) -> &Text {
        // Unwrap safety: `parse` refuses a file in which a role is missing.
        &self.entries.iter().find(|entry| entry.role == role).unwrap().name
    }

    /// Whether somebody with these roles may do this at all.
    pub fn may(&self, roles: &[Role], permission: Permission) -> bool {
        self.entries.iter().any(|entry| roles.contains(&entry.role) && entry.may.contains(&permission))
    }

    /// Two of these roles that one person must not hold together, if there are any.
    pub fn conflict(&self, roles: &[Role]) -> Option<(Role, Role)> {
        self.roles_apart.iter().copied().find(|(a, b)| roles.contains(a) && roles.contains(b))
    }
}

/// The pairs of the file, which must differ in themselves and include `always`.
fn pairs<T: Copy + PartialEq + std::fmt::Debug>(
    source: &Source,
    written: Vec<Spanned<(T, T)>>,
    always: &[(T, T)],
) -> Result<Vec<(T, T)>, PolicyError> {
    let mut pairs = Vec::new();
    for pair in written {
        let (a, b) = *pair.get_ref();
        if a == b {
            return Err(source.refuse(&pair.span(), format!("{a:?} cannot be kept apart from itself")));
        }
        pairs.push((a, b));
    }
    match always.iter().find(|(a, b)| !pairs.contains(&(*a, *b)) && !pairs.contains(&(*b, *a))) {
        Some((a, b)) => Err(source.refuse_whole(format!("{a:?} and {b:?} must be kept apart"))),
        None => Ok(pairs),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sessions: Spanned<Sessions>,
    role: Vec<Spanned<RoleEntry>>,
    roles_apart: Vec<Spanned<(Role, Role)>>,
    acts_apart: Vec<Spanned<(Permission, Permission)>>,
}

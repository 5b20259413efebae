//! Work that is not a list of cases: awards to vote on, releases, accounts, what was done since the day before.

use super::{ConsoleState, people, release_original, releases, systems};
use crate::{
    award::summary::AwardSummary,
    casework::Permission,
    clock::Day,
    evidence::FilesState,
    policy::Role,
    staff::Member,
    store::{Account, Refused, TrailEntry},
};
use std::collections::HashSet;

/// A line of work.
pub(super) struct Task {
    pub text: String,
    /// Empty: nowhere in this console.
    pub href: String,
    /// For this person to do; else a way that the day may lead.
    pub waits: bool,
}

/// Entries looked at; a morning has fewer.
const MOST: usize = 5_000;

struct Tasks<'a> {
    member: &'a Member,
    all: Vec<Task>,
}

impl Tasks<'_> {
    /// So many of something, if there are any.
    fn count(&mut self, key: &str, count: usize, href: &str) {
        if count > 0 {
            let text = self.member.lang.t1(key, "count", count);
            self.all.push(Task { text, href: self.at(href), waits: true });
        }
    }
    fn say(&mut self, text: String, href: &str) {
        self.all.push(Task { text, href: self.at(href), waits: true });
    }
    fn way(&mut self, key: &str, href: &str) {
        let text = self.member.lang.t(key);
        self.all.push(Task { text, href: self.at(href), waits: false });
    }
    fn at(&self, href: &str) -> String {
        if href.is_empty() { String::new() } else { format!("/{}{href}", self.member.lang.path()) }
    }
}

/// `since`: the working day before.
pub(super) async fn all(state: &ConsoleState, member: &Member, since: Day) -> Result<Vec<Task>, Refused> {
    let mut tasks = Tasks { member, all: Vec::new() };
    awards(state, &mut tasks);
    if member.may(Permission::ReleaseShare) {
        shares(state, &mut tasks)?;
    }
    if member.may(Permission::OpenPackage) {
        tasks.way("task-office", "");
    }
    if member.may(Permission::ReadStaffRecord) {
        let entries = state.trail_since(member.account.clone(), since).await?;
        record(&mut tasks, &entries, since);
        tasks.way("task-trail", "/trail");
    }
    if member.may(Permission::ManageStaff) {
        accounts(state, &mut tasks)?;
        tasks.count("task-systems", systems::waiting_for(state, member)?, "/systems");
        tasks.way("task-people", "/people");
    }
    if member.may(Permission::SeeFigures) {
        tasks.way("task-figures", "/figures");
    }
    Ok(tasks.all)
}

/// What approvers are asked, and what is to be filed, notified or ended.
fn awards(state: &ConsoleState, tasks: &mut Tasks) {
    let (may, today) = (tasks.member, state.clock.today());
    if !may.may_any(&[Permission::ApproveAward, Permission::NotifyAward]) {
        return;
    }
    let awards = state.awards(may);
    let count = |such: &dyn Fn(&AwardSummary) -> bool| awards.iter().filter(|award| such(award)).count();
    if may.may(Permission::ApproveAward) {
        let through = state.release_until();
        let mine = |award: &AwardSummary| match award.state.as_str() {
            "computed" => !award.not_for.contains(may.id()),
            _ => {
                award.must_be_approved_again(today, through)
                    && award.can_be_approved_again_by(may.id(), through)
            }
        };
        tasks.count("task-approve", count(&mine), "/approvals");
        match &may.account.signing_key {
            None => tasks.say(may.lang.t("task-key"), "/me"),
            Some(key) if state.roster.key_of(may.id()) != Some(&key.verify) => {
                tasks.say(may.lang.t("task-roster"), "/me");
            }
            Some(_) => {}
        }
    }
    if may.may(Permission::NotifyAward) {
        let ready = |award: &AwardSummary| matches!(award.state.as_str(), "approved" | "filed");
        tasks.count("task-notify", count(&ready), "/approvals");
        let over = |award: &AwardSummary| {
            award.state == "notified" && award.claim_until.is_some_and(|until| until < today)
        };
        // Each has its own page: the list of approvals shows none of them.
        let late: Vec<&AwardSummary> = awards.iter().filter(|award| over(award)).collect();
        if let [first, ..] = &late[..] {
            tasks.count("task-lapse", late.len(), &format!("/cases/{}/award", first.case));
        }
    }
}

/// Releases that wait for this trustee's own share. Trustees hold a part of every lock, whoever handles the case.
fn shares(state: &ConsoleState, tasks: &mut Tasks) -> Result<(), Refused> {
    let today = state.clock.today();
    let mut waiting = Vec::new();
    for award in state.trustees.awards().into_iter().filter(|award| award.state == "release-published") {
        let open = award.release_until.is_some_and(|until| today <= until);
        let found = if open { state.trustees.award(award.case)? } else { None };
        let release = found.as_ref().and_then(|award| award.release());
        if release.is_some_and(|release| !releases::gave(release, tasks.member.account.trustee)) {
            waiting.extend(award.release_until);
        }
    }
    for summary in state.trustees.requests() {
        if summary.state != FilesState::Published || today > summary.good_until {
            continue;
        }
        let request = state.trustees.request(summary.case)?;
        if request.is_some_and(|request| !release_original::gave(&request, tasks.member.account.trustee)) {
            waiting.push(summary.good_until);
        }
    }
    tasks.count("task-release", waiting.len(), "/releases");
    if let Some(first) = waiting.iter().min() {
        tasks.say(tasks.member.lang.t1("task-release-until", "day", first.to_string()), "/releases");
    }
    Ok(())
}

/// What auditors read first: how much was looked at, and the few things that weigh more.
fn record(tasks: &mut Tasks, entries: &[TrailEntry], since: Day) {
    let lang = tasks.member.lang;
    if entries.is_empty() {
        return;
    }
    let people: HashSet<_> = entries.iter().map(|entry| &entry.by).collect();
    let (count, people, day) = (entries.len().to_string(), people.len().to_string(), since.to_string());
    let words = [("count", count.as_str()), ("people", &people), ("day", &day)];
    tasks.say(lang.t_with("task-trail-new", &super::view::values(&words)), "/trail");
    let of = |such: &dyn Fn(&str) -> bool| entries.iter().filter(|entry| such(&entry.what)).count();
    tasks.count("task-trail-accounts", of(&|what| what.starts_with("account-")), "/trail");
    tasks.count("task-trail-out", of(&went_out), "/trail");
    tasks.count("task-trail-search", of(&|what| what == "search"), "/trail");
}

/// What left the house with this reading.
fn went_out(what: &str) -> bool {
    matches!(
        what,
        "export"
            | "sheet"
            | "package"
            | "copy-bytes"
            | "sealed-original"
            | "package-original"
            | "edited-copy"
    )
}

/// Accounts that somebody must see to.
fn accounts(state: &ConsoleState, tasks: &mut Tasks) -> Result<(), Refused> {
    let member = tasks.member;
    let all = state.staff.accounts()?;
    let theirs: Vec<&Account> = all.iter().filter(|other| people::is_theirs(state, member, other)).collect();
    let in_use = |account: &&&Account| !account.disabled;
    let at = |account: &Account| format!("/people/{}", account.id);
    let gone: HashSet<_> =
        theirs.iter().filter(|account| account.disabled).map(|account| &account.id).collect();
    let mut leavers = HashSet::new();
    if !gone.is_empty() {
        state.cases.each(&mut |row| {
            if let Some(owner) =
                row.owner.as_ref().filter(|owner| !row.state.is_final() && gone.contains(owner))
            {
                leavers.insert(owner.clone());
            }
        });
    }
    let mut leavers: Vec<_> = leavers.into_iter().collect();
    leavers.sort();
    for id in leavers {
        tasks.say(member.lang.t1("task-leaver", "name", state.person(&id)), &format!("/people/{id}"));
    }
    let fresh = theirs.iter().filter(in_use).filter(|account| account.must_change_password).count();
    tasks.count("task-first-password", fresh, "/people");
    for account in theirs.iter().filter(in_use) {
        let name = || state.person(&account.id);
        let roles: Vec<Role> = account.roles.iter().copied().collect();
        if account.body(&state.policy.bodies).is_none() {
            tasks.say(member.lang.t1("task-no-body", "name", name()), &at(account));
        }
        if state.policy.roles.conflict(&roles).is_some() {
            tasks.say(member.lang.t1("task-roles-apart", "name", name()), &at(account));
        }
    }
    let administrators =
        all.iter().filter(|account| !account.disabled && account.roles.contains(&Role::Administrator));
    if administrators.count() == 1 {
        tasks.say(member.lang.t("task-only-administrator"), "/people/new");
    }
    Ok(())
}

impl ConsoleState {
    /// What of the record this account may see, since the first minute of that day.
    async fn trail_since(&self, account: Account, since: Day) -> Result<Vec<TrailEntry>, Refused> {
        let state = self.clone();
        let read = move || {
            let mut entries = state.cases.trail_since(crate::clock::first_second(since), MOST)?;
            entries.retain(|entry| state.is_of(&account, entry));
            Ok(entries)
        };
        // Every entry is decrypted: not on the threads that answer.
        tokio::task::spawn_blocking(read).await.unwrap_or(Err(Refused::Panicked))
    }
}

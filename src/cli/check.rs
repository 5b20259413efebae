//! `mifeng check`: opens every record, follows every link, compares the log with its root. The server must be
//! stopped. Nothing is changed.

use super::{
    Outcome,
    serve::{self, quorum},
};
use crate::{
    clock::{Clock, SystemClock, checked::doubt_at_start},
    config::{Config, ServerKeys},
    policy::Policy,
    recipients::Sets,
    store::{Checked, Month, Refused, Store},
};

#[derive(clap::Args)]
pub struct Args {
    /// List the cases that are forgotten with this month's key instead, such as 2031-11
    #[arg(long)]
    month: Option<Month>,
}

/// Checks the store that the environment names, as `mifeng serve` would open it.
pub fn run(Args { month }: Args) -> Outcome {
    let (config, keys, store) = serve::offline()?;
    if let Some(month) = month {
        return forgotten_with(&store, month);
    }
    let mut checked = store.check()?;
    let damaged = checked.problems.len();
    let mut warnings = holders_left(&mut checked, &keys.sets);
    warnings.extend(against_the_rules(&config, &keys));
    match store.newest_day() {
        Err(damaged @ Refused::Damaged { .. }) => warnings.push(format!(
            "the newest day: {damaged}; compare the machine's clock with a calendar, then mifeng clock confirm"
        )),
        newest => {
            let today = SystemClock.today();
            match doubt_at_start(newest?, today) {
                Some(doubt) => warnings.push(doubt.to_string()),
                None => warnings.extend(store.overdue_on(today)?.map(|overdue| overdue.to_string())),
            }
        }
    }
    print(&checked);
    for warning in warnings {
        println!("WARNING      {warning}");
    }
    match (damaged, checked.problems.len() - damaged) {
        (0, 0) => Ok(()),
        (0, holders) => Err(format!("{holders} problems of holders; no backup mends them: each says what does").into()),
        (damaged, 0) => {
            Err(format!("{damaged} problems; restore from a backup what is damaged or missing").into())
        }
        (damaged, holders) => Err(format!(
            "{damaged} problems; restore from a backup what is damaged or missing. And {holders} of holders, which no backup mends"
        )
        .into()),
    }
}

/// A line a case: number, state, and whether something in it is still open. Nothing of what it says.
fn forgotten_with(store: &Store, month: Month) -> Outcome {
    let cases = store.forgotten_with(month)?;
    for case in &cases {
        println!("{}  {}{}", case.number, case.state.code(), if case.is_open { "  open" } else { "" });
    }
    println!("{} cases are forgotten with the key of {month}", cases.len());
    match store.entries_forgotten_with(month)? {
        0 => {}
        entries => println!("{entries} entries of the staff record are forgotten with it"),
    }
    Ok(())
}

/// How the recipient set is not as the rules ask. Rules that cannot be read keep the server from starting, not the store from
/// being read.
fn against_the_rules(config: &Config, keys: &ServerKeys) -> Vec<String> {
    if !config.policy.exists() {
        return vec![
            "MIFENG_POLICY names no folder: the recipient set was not compared with its quorum.toml".into(),
        ];
    }
    match Policy::load(&config.policy) {
        Ok(policy) => quorum::told(&keys.set, policy.quorum.trustees),
        Err(why) => vec![format!("no server starts with these rules: {why}")],
    }
}

/// Whether those who hold the shares are still there in the set in force. Too few is a problem, hardly enough a warning.
fn holders_left(checked: &mut Checked, sets: &Sets) -> Vec<String> {
    let mut warnings = Vec::new();
    let in_force = sets.current().number();
    let mut held = checked.reports_by_sets.clone();
    held.entry([in_force].into()).or_default();
    for (numbers, reports) in held {
        let text: Vec<String> = numbers.iter().map(u32::to_string).collect();
        let number = text.join(" and ");
        let Some(left) = sets.left(&numbers) else {
            let text =
                format!("{reports} reports name recipient set {number}, which is not in the key folder");
            checked.problems.push(text);
            continue;
        };
        let of = format!("{reports} reports of recipient set {number} need {} trustees", left.needed);
        if left.is_lost() {
            let text = format!(
                "{of}, and {} of those who hold their shares are in set {in_force}: split the shares again (docs/operations.md, Keys over years)",
                left.usable
            );
            checked.problems.push(text);
        } else if left.is_scarce() {
            warnings.push(format!(
                "{of}, and {} are left: one key more lost, and there is none to spare. Make a new set with more trustees{}",
                left.usable,
                if numbers == [in_force].into() { "" } else { ", or split the shares again" }
            ));
        }
    }
    warnings
}

fn print(checked: &Checked) {
    for (tree, count) in &checked.counts {
        println!("{tree:<12} {count}");
    }
    println!("log size     {}", checked.log_size);
    println!("forgotten    {}", checked.forgotten);
    if checked.forgotten_entries > 0 {
        println!("forgotten    {} entries of the staff record", checked.forgotten_entries);
    }
    for problem in &checked.problems {
        println!("PROBLEM      {problem}");
    }
}

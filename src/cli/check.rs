//! `mifeng check`: opens every record, follows every link, compares the log with its root. The server must be
//! stopped. Nothing is changed.

use super::{Outcome, serve};
use crate::{
    clock::{Clock, SystemClock, checked::doubt_at_start},
    recipients::Sets,
    store::Checked,
};

/// Checks the store that the environment names, as `mifeng serve` would open it.
pub fn run() -> Outcome {
    let (_, keys, store) = serve::offline()?;
    let mut checked = store.check()?;
    let mut warnings = holders_left(&mut checked, &keys.sets);
    warnings.extend(doubt_at_start(store.newest_day()?, SystemClock.today()).map(|doubt| doubt.to_string()));
    print(&checked);
    for warning in warnings {
        println!("WARNING      {warning}");
    }
    match checked.problems.len() {
        0 => Ok(()),
        problems => {
            Err(format!("{problems} problems; restore from a backup what is damaged or missing").into())
        }
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
    for problem in &checked.problems {
        println!("PROBLEM      {problem}");
    }
}

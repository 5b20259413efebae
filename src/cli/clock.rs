//! `mifeng clock`: the machine's day beside the newest the store knows, and an operator's word that the machine is right. On a
//! data folder the server must be stopped.

use super::{Outcome, serve};
use crate::clock::{Clock, Day, SystemClock, checked::doubt_at_start};
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Command {
    /// Say that the machine's clock is right, after it was corrected or the server was off for long
    Confirm {
        /// Today, as on a calendar: 2026-11-28
        today: Day,
    },
}

pub fn run(command: Option<Command>) -> Outcome {
    let (_, _, store) = serve::offline()?;
    let says = SystemClock.today();
    match command {
        // Only here: a record that cannot be read must not keep an operator from saying the day.
        None => {
            let recorded = store.newest_day()?;
            let newest = recorded.map_or_else(|| "none yet".to_owned(), |recorded| recorded.day.to_string());
            println!("the machine's clock   {says}\nthe newest day known  {newest}");
            doubt_at_start(recorded, says).map_or(Ok(()), |doubt| Err(doubt.to_string().into()))
        }
        // Both must agree: somebody has looked at something else than this machine.
        Some(Command::Confirm { today }) if today != says => Err(format!(
            "the machine's clock says {says}, not {today}: set it right first; nothing was changed"
        )
        .into()),
        Some(Command::Confirm { today }) => {
            store.confirm_day(today).wait()?;
            println!("confirmed: {today}");
            Ok(())
        }
    }
}

//! `mifeng postgres`: prints SQL for whoever keeps the database. The server's own roles make nothing there.

use super::Outcome;
use crate::store::postgres::schema;
use clap::Subcommand;

#[derive(Subcommand)]
pub enum Command {
    /// The roles, for a superuser, once a cluster: mifeng postgres roles | psql postgres
    Roles,
    /// Tables and functions, for the database's owner, once: mifeng postgres schema | psql -1 -v ON_ERROR_STOP=1 mifeng
    Schema,
}

pub fn run(command: &Command) -> Outcome {
    match command {
        Command::Roles => print!("{}", schema::roles_sql()),
        Command::Schema => print!("{}", schema::schema_sql()),
    }
    Ok(())
}

//! One connection to the database, and every question that is put to it.

use super::{address::PostgresAddress, rekey, schema};
use crate::store::{
    Refused,
    engine::{Entry, Tree},
};
use std::{
    collections::HashMap,
    error::Error as _,
    fmt::Write as _,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_postgres::{
    Client, Error, NoTls, Statement,
    error::{Severity, SqlState},
    types::ToSql,
};

/// Entries asked for at once.
pub const PAGE: usize = 256;
/// Slots asked for at once: 2 MiB.
const SLOTS: i64 = 64;
/// No question takes longer, waiting for one's turn to write included.
pub const ANSWER_WITHIN: Duration = Duration::from_secs(20);
/// The server gives up a question after this time, before nobody waits for it any more.
const STATEMENT_WITHIN: Duration = Duration::from_secs(15);
/// Whoever waits for a turn to write waits no longer; and whoever has the turn and asks nothing for so long loses it.
pub const TURN_COMES_WITHIN: Duration = Duration::from_secs(10);

/// Stands in a refusal where a role may not call a function, in whatever language the server speaks (insufficient_privilege).
pub const MAY_NOT: &str = "(42501)";

/// A function's name without its schema, and what it is given.
pub type Call<'a> = (String, Vec<&'a (dyn ToSql + Sync)>);

/// A connection that was checked. Questions may be put side by side.
pub struct Session {
    client: Client,
    statements: Mutex<HashMap<String, Statement>>,
    task: JoinHandle<()>,
}

/// Why a connection is not used.
#[derive(Debug, thiserror::Error)]
pub enum SessionRefused {
    #[error("{0}")]
    Database(String),
    #[error("no answer within {seconds} seconds", seconds = ANSWER_WITHIN.as_secs())]
    Silent,
    #[error(
        "the server has {name} = {value}: it would acknowledge reports that a power cut takes. Set it to {wanted} (docs/operations.md, 7)"
    )]
    NotDurable { name: &'static str, value: String, wanted: &'static str },
    #[error(
        "the schema mifeng is missing, or this role may not use it. Its owner makes it: mifeng postgres schema | psql (docs/operations.md, 7): {0}"
    )]
    NoSchema(String),
    #[error("the schema mifeng is of version {0}; this program knows {known} only. The database's owner brings an older one up, with the servers stopped: mifeng postgres schema | psql (docs/operations.md, 7)", known = schema::VERSION)]
    OtherSchema(i64),
    #[error("a thread or a socket could not be had: {0}")]
    System(#[from] std::io::Error),
}

impl From<Error> for SessionRefused {
    fn from(cause: Error) -> Self {
        Self::Database(plain(&cause))
    }
}

impl Session {
    /// Connects and checks what an acknowledgement of this server stands for.
    pub async fn open(address: &PostgresAddress) -> Result<Self, SessionRefused> {
        timeout(ANSWER_WITHIN, Self::connect(address)).await.map_err(|_| SessionRefused::Silent)?
    }

    async fn connect(address: &PostgresAddress) -> Result<Self, SessionRefused> {
        let (client, task) = match &address.tls {
            None => {
                let (client, connection) = address.config.connect(NoTls).await?;
                // What ends a connection is told by whoever uses it.
                (client, tokio::spawn(async { drop(connection.await) }))
            }
            Some(tls) => {
                let (client, connection) = address.config.connect(tls.clone()).await?;
                (client, tokio::spawn(async { drop(connection.await) }))
            }
        };
        let (statement, turn) = (STATEMENT_WITHIN.as_millis(), TURN_COMES_WITHIN.as_millis());
        // A process that hangs must not keep the others from writing. Read committed: who has waited for its turn
        // sees what the one before it has written.
        client
            .batch_execute(&format!(
                "SET statement_timeout = {statement}; SET lock_timeout = {turn}; \
                 SET idle_in_transaction_session_timeout = {turn}; \
                 SET default_transaction_isolation = 'read committed'"
            ))
            .await?;
        let session = Self { client, statements: Mutex::default(), task };
        session.check_durable().await?;
        session.check_schema().await?;
        Ok(session)
    }

    async fn check_durable(&self) -> Result<(), SessionRefused> {
        const WANTED: [(&str, &str, &[&str]); 3] = [
            ("fsync", "on", &["on"]),
            ("full_page_writes", "on", &["on"]),
            ("synchronous_commit", "on (or remote_apply)", &["on", "remote_apply"]),
        ];
        for (name, wanted, taken) in WANTED {
            let row = self.client.query_one("SELECT current_setting($1, true), version()", &[&name]).await?;
            let (value, version): (Option<String>, String) = (row.try_get(0)?, row.try_get(1)?);
            // Wire-compatible engines that have no such switch acknowledge what a majority has stored.
            if value.is_none() && !version.starts_with("PostgreSQL") {
                continue;
            }
            let value = value.unwrap_or_else(|| "nothing".into());
            if !taken.contains(&value.as_str()) {
                return Err(SessionRefused::NotDurable { name, value, wanted });
            }
        }
        Ok(())
    }

    async fn check_schema(&self) -> Result<(), SessionRefused> {
        // The first one answered with a number of four bytes.
        let row = self.client.query_one("SELECT mifeng.sql_version()::bigint", &[]).await;
        let version: i64 = row.and_then(|row| row.try_get(0)).map_err(|e| match e.as_db_error() {
            Some(_) => SessionRefused::NoSchema(plain(&e)),
            None => e.into(),
        })?;
        if version == schema::VERSION { Ok(()) } else { Err(SessionRefused::OtherSchema(version)) }
    }

    pub fn is_lost(&self) -> bool {
        self.client.is_closed()
    }

    /// Ends the connection for everybody who asks on it.
    pub fn end(&self) {
        self.task.abort();
    }

    /// Closes the connection at once, with whatever was under way on it.
    pub async fn close(self) {
        drop(self.client);
        self.task.abort();
        let _ = self.task.await;
    }

    pub async fn get(&self, tree: Tree, key: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let asked = self.statement(&format!("SELECT mifeng.{}_get($1)", schema::table(tree))).await?;
        self.client.query_one(&asked, &[&key]).await?.try_get(0)
    }

    /// At most [`PAGE`] entries from `from` on, in the order of their keys.
    pub async fn page(&self, tree: Tree, from: &[u8], below: Option<&[u8]>) -> Result<Vec<Entry>, Error> {
        let asked = format!("SELECT key, value FROM mifeng.{}_scan($1, $2, $3)", schema::table(tree));
        let asked = self.statement(&asked).await?;
        let rows = self.client.query(&asked, &[&from, &below, &(PAGE as i64)]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    pub async fn position(&self) -> Result<u64, Error> {
        let asked = self.statement("SELECT mifeng.written()").await?;
        Ok(self.client.query_one(&asked, &[]).await?.try_get::<_, i64>(0)?.unsigned_abs())
    }

    /// Begins a transaction and waits until no other writes. How many groups were written before.
    pub async fn take_turn(&self) -> Result<u64, Error> {
        self.client.batch_execute("BEGIN").await?;
        let asked = self.statement("SELECT mifeng.take_turn()").await?;
        // After the lock, which going back would give up.
        let (position, marked) =
            tokio::join!(self.client.query_one(&asked, &[]), self.client.batch_execute("SAVEPOINT change"),);
        let position = position?.try_get::<_, i64>(0)?.unsigned_abs();
        marked.map(|()| position)
    }

    /// To the end of the last change that was kept: whatever was refused since is as if never asked.
    pub async fn go_back(&self) -> Result<(), Error> {
        self.client.batch_execute("ROLLBACK TO SAVEPOINT change").await
    }

    pub async fn commit(&self) -> Result<(), Error> {
        self.client.batch_execute("COMMIT").await
    }

    /// Several calls, as [`Session::call`], that are undone by themselves if one is refused: the transaction of
    /// [`Session::take_turn`] goes on.
    pub async fn call_apart(&self, calls: &[Call<'_>]) -> Result<(), Error> {
        let (text, given) = question(calls);
        // Before the rest is sent: the two travel together, in this order, for one round trip.
        let asked = self.statement(&text).await?;
        let (called, marked) = tokio::join!(
            self.client.execute(&asked, &given),
            self.client.batch_execute("RELEASE SAVEPOINT change; SAVEPOINT change"),
        );
        match called {
            Ok(_) => marked,
            Err(cause) => {
                // The release was refused with it, so the savepoint is still there.
                if was_refused(&cause) {
                    self.go_back().await?;
                }
                Err(cause)
            }
        }
    }

    pub async fn roll_back(&self) -> Result<(), Error> {
        self.client.batch_execute("ROLLBACK").await
    }

    /// Several calls of functions in one question. Each is a function's name without its schema, and what it is given.
    pub async fn call(&self, calls: &[Call<'_>]) -> Result<(), Error> {
        let (text, given) = question(calls);
        let asked = self.statement(&text).await?;
        self.client.execute(&asked, &given).await.map(drop)
    }

    /// Whether this role may write over: share files stand for all, one function like the other.
    pub async fn write_over_nothing(&self) -> Result<(), Error> {
        let nothing: Vec<&[u8]> = Vec::new();
        self.call(&[(rekey::over(Tree::Shares), vec![&nothing, &nothing])]).await
    }

    /// Roles of ours that another process is connected as, this one's own among them.
    pub async fn others(&self) -> Result<Vec<String>, Error> {
        let names: Vec<&str> = schema::Role::ALL.iter().map(|role| role.name()).collect();
        let asked = "SELECT DISTINCT usename::text FROM pg_stat_activity WHERE datname = current_database() \
                     AND application_name IS DISTINCT FROM current_setting('application_name') AND usename::text = ANY ($1) ORDER BY 1";
        let asked = self.statement(asked).await?;
        let rows = self.client.query(&asked, &[&names]).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    pub async fn changed(&self, after: i64) -> Result<Vec<Vec<u8>>, Error> {
        let asked = self.statement("SELECT report FROM mifeng.changed_after($1)").await?;
        let rows = self.client.query(&asked, &[&after]).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    pub async fn put_slot(&self, slot: i64, bytes: &[u8]) -> Result<(), Error> {
        self.call(&[("slot_put".into(), vec![&slot, &bytes])]).await
    }

    /// All of them or none.
    pub async fn put_slots(&self, slots: &[i64], bytes: &[&[u8]]) -> Result<(), Error> {
        self.call(&[("slots_put".into(), vec![&slots, &bytes])]).await
    }

    /// Slots filled before yesterday, at most [`PAGE`], from this number on.
    pub async fn old_slots(&self, from: i64) -> Result<Vec<i64>, Error> {
        let asked = self.statement("SELECT slot FROM mifeng.slots_old($1, $2)").await?;
        let rows = self.client.query(&asked, &[&from, &(PAGE as i64)]).await?;
        rows.iter().map(|row| row.try_get(0)).collect()
    }

    /// The next few slots, from this number on.
    pub async fn slots(&self, from: i64) -> Result<Vec<(i64, Vec<u8>)>, Error> {
        let asked = self.statement("SELECT slot, bytes FROM mifeng.slots_page($1, $2)").await?;
        let rows = self.client.query(&asked, &[&from, &SLOTS]).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// From now on this connection reads one moment, for as long as it takes.
    pub async fn freeze(&self) -> Result<(), Error> {
        self.client
            .batch_execute(
                "SET idle_in_transaction_session_timeout = 0; \
                 BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT mifeng.written()",
            )
            .await
    }

    /// Token and text.
    pub async fn notice(&self) -> Result<Option<(String, String)>, Error> {
        let asked = self.statement("SELECT token, text FROM mifeng.notice()").await?;
        let row = self.client.query_opt(&asked, &[]).await?;
        row.map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).transpose()
    }

    /// Nothing instead of a token takes it away.
    pub async fn set_notice(&self, token: Option<&str>, text: &str) -> Result<(), Error> {
        self.call(&[("notice_set".into(), vec![&token, &text])]).await
    }

    pub async fn slot(&self, slot: i64) -> Result<Option<Vec<u8>>, Error> {
        let asked = self.statement("SELECT mifeng.slot_get($1)").await?;
        self.client.query_one(&asked, &[&slot]).await?.try_get(0)
    }

    /// The day of the server's own clock, as text.
    pub async fn today(&self) -> Result<String, Error> {
        let asked = self.statement("SELECT current_date::text").await?;
        self.client.query_one(&asked, &[]).await?.try_get(0)
    }

    pub async fn clear_slots(&self, slots: &[i64]) -> Result<(), Error> {
        self.call(&[("slots_remove".into(), vec![&slots])]).await
    }

    /// Prepared once a connection; there are some dozens.
    async fn statement(&self, text: &str) -> Result<Statement, Error> {
        let kept = self.statements.lock().unwrap_or_else(PoisonError::into_inner).get(text).cloned();
        if let Some(kept) = kept {
            return Ok(kept);
        }
        let made = self.client.prepare(text).await?;
        self.statements.lock().unwrap_or_else(PoisonError::into_inner).insert(text.to_owned(), made.clone());
        Ok(made)
    }
}

/// The calls as one question, and what is given to all of them.
fn question<'a>(calls: &[Call<'a>]) -> (String, Vec<&'a (dyn ToSql + Sync)>) {
    let mut text = String::from("SELECT ");
    let mut given = Vec::new();
    for (function, arguments) in calls {
        let comma = if given.is_empty() { "" } else { ", " };
        let places = (given.len() + 1..=given.len() + arguments.len()).map(|n| format!("${n}"));
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}mifeng.{function}({})", places.collect::<Vec<_>>().join(", "));
        given.extend(arguments.iter().copied());
    }
    (text, given)
}

/// Whether the server itself said no. Otherwise nobody knows what it did.
pub fn was_refused(cause: &Error) -> bool {
    cause.as_db_error().is_some_and(|told| !matches!(told.code().code().get(..2), Some("57" | "08")))
}

/// Whether a COMMIT that failed has surely left nothing: the server took the transaction back in its right mind. An error
/// while it writes its own log says nothing of what it finds there after a restart.
pub fn was_rolled_back(cause: &Error) -> bool {
    cause.as_db_error().is_some_and(|told| {
        let code = told.code().code();
        told.parsed_severity() == Some(Severity::Error)
            && matches!(code.get(..2), Some("23" | "25" | "40"))
            && code != SqlState::T_R_STATEMENT_COMPLETION_UNKNOWN.code()
    })
}

/// What a failed question is to whoever asked.
pub fn refused(cause: &Error) -> Refused {
    let Some(told) = cause.as_db_error() else { return Refused::Unavailable(plain(cause)) };
    let passes = [
        &SqlState::T_R_SERIALIZATION_FAILURE,
        &SqlState::T_R_DEADLOCK_DETECTED,
        &SqlState::LOCK_NOT_AVAILABLE,
        &SqlState::READ_ONLY_SQL_TRANSACTION,
        &SqlState::IN_FAILED_SQL_TRANSACTION,
    ];
    let code = told.code();
    // 08 connections, 53 no room, 57 an operator has stepped in.
    let passes = passes.contains(&code) || matches!(code.code().get(..2), Some("08" | "53" | "57"));
    if passes { Refused::Unavailable(plain(cause)) } else { Refused::Failed(plain(cause)) }
}

/// The cause without what the server quotes: its details name keys.
pub fn plain(cause: &Error) -> String {
    match (cause.as_db_error(), cause.source()) {
        (Some(told), _) => format!("{} ({})", told.message(), told.code().code()),
        (None, Some(source)) => format!("{cause}: {source}"),
        (None, None) => cause.to_string(),
    }
}

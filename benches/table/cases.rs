//! A hundred thousand cases: lists, looking up a receipt, starting up.

use super::{
    Outcome, Size, fixture,
    http::Connection,
    machine::{self, ms, quantile},
    portal,
    server::{self, Server},
    store::submit_one,
    table::Table,
};
use mifeng::{
    casework::{CaseSummary, State},
    ids::ReportId,
    receipt::Receipt,
    store::{Cases, Reports, Store},
};
use std::{
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

const ROUNDS: usize = 50;

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let here = tempfile::tempdir_in(folder)?;
    let n = size.cases;
    // Made by the program itself, keys and some sample cases included.
    drop(Server::start(here.path(), &server::shipped_policy())?);
    let store = Arc::new(server::open_store(here.path())?);
    let (receipts, fill) = fill(&store, n);
    let rate = n as f64 / fill.as_secs_f64();
    table.add(&format!("filling the store with {n} cases, 64 at once"), format!("{rate:.0}/s"), "", "");
    lists(&store, n, table);
    lookups(&store, &receipts, n, table)?;
    drop(store);
    let server = startup(here.path(), n, table)?;
    portal::progress(&server, &receipts, n, size.submissions, table)?;
    pages(&server, n, table)
}

fn fill(store: &Arc<Store>, n: u64) -> (Vec<Receipt>, Duration) {
    let set = fixture::recipient_set();
    let receipt = Receipt::draw(&mut rand::rng());
    let sealed = fixture::seal(&set, ReportId::random(&mut rand::rng()), &receipt);
    let (begun, kept) = (Instant::now(), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for first in 0..64 {
            let (sealed, kept) = (&sealed, &kept);
            scope.spawn(move || {
                for n in (first..n).step_by(64) {
                    let receipt = submit_one(store, n, sealed.clone());
                    if n.is_multiple_of(97) {
                        kept.lock().unwrap().push(receipt);
                    }
                }
            });
        }
    });
    (kept.into_inner().unwrap(), begun.elapsed())
}

fn lists(store: &Store, n: u64, table: &mut Table) {
    let latest = |a: &CaseSummary, b: &CaseSummary| b.number.cmp(&a.number);
    let due = |a: &CaseSummary, b: &CaseSummary| {
        (a.next.map(|next| next.by), a.number).cmp(&(b.next.map(|next| next.by), b.number))
    };
    type Order<'a> = &'a dyn Fn(&CaseSummary, &CaseSummary) -> std::cmp::Ordering;
    type Filter<'a> = &'a dyn Fn(&CaseSummary) -> bool;
    let filter = |row: &CaseSummary| {
        row.region.starts_with("37") && row.industry == "chemical" && row.state == State::Submitted
    };
    let search = |row: &CaseSummary| row.target.contains("99");
    let lists: [(&str, Filter, Order); 4] = [
        ("first page of 50, newest first", &|_| true, &latest),
        ("first page of 50, by deadline", &|_| true, &due),
        ("filter by region, industry and state", &filter, &latest),
        ("search in target names", &search, &latest),
    ];
    for (what, filter, order) in lists {
        let mut times: Vec<_> = (0..ROUNDS)
            .map(|_| {
                let begun = Instant::now();
                std::hint::black_box(store.select(filter, order, 0, 50));
                begun.elapsed()
            })
            .collect();
        table.add(
            &format!("list of {n} cases: {what}"),
            format!("{:.1} ms, p99 {:.1} ms", ms(quantile(&mut times, 0.5)), ms(quantile(&mut times, 0.99))),
            "",
            "",
        );
    }
}

/// One reader: a receipt's keys derived, the report found, opened and read.
fn lookups(store: &Store, receipts: &[Receipt], n: u64, table: &mut Table) -> Outcome {
    let mut times = Vec::new();
    let begun = Instant::now();
    for receipt in receipts.iter().cycle().take(5_000) {
        let begun = Instant::now();
        store.find(&receipt.locator(), &receipt.auth())?.ok_or("a receipt is not found")?;
        times.push(begun.elapsed());
    }
    let rate = times.len() as f64 / begun.elapsed().as_secs_f64();
    table.add(
        &format!("looking up a receipt among {n} cases, store alone, one reader"),
        format!("{rate:.0}/s, p99 {:.2} ms", ms(quantile(&mut times, 0.99))),
        "",
        "",
    );
    Ok(())
}

fn startup(folder: &Path, n: u64, table: &mut Table) -> Result<Server, Box<dyn std::error::Error>> {
    let server = Server::start(folder, &server::shipped_policy())?;
    table.add(
        &format!("start-up of the portal with {n} cases"),
        format!(
            "{:.2} s, {:.0} MiB resident",
            server.ready_after.as_secs_f64(),
            machine::resident_mib(server.pid())
        ),
        "",
        "",
    );
    Ok(server)
}

/// The console's list as a clerk gets it: session, filter, order and HTML.
fn pages(server: &Server, n: u64, table: &mut Table) -> Outcome {
    let cookie = server.sign_in("clerk")?;
    let mut connection = Connection::open(server.console)?;
    for (what, path) in [
        ("first page, by deadline", "/zh/cases"),
        ("filtered by state and kind", "/zh/cases?state=submitted&kind=hazard"),
        ("the morning's page", "/zh/"),
    ] {
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let page = connection.get(path, &cookie)?;
            times.push(begun.elapsed());
            if page.status != 200 {
                return Err(format!("{path}: {}", page.status).into());
            }
        }
        table.add(
            &format!("console page of {n} cases: {what}"),
            format!("{:.1} ms, p99 {:.1} ms", ms(quantile(&mut times, 0.5)), ms(quantile(&mut times, 0.99))),
            "",
            "",
        );
    }
    Ok(())
}

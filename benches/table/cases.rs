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
    figures::Figures,
    ids::ReportId,
    receipt::Receipt,
    store::{Cases, Reports, Store},
};
use std::{
    collections::BTreeMap,
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
    // Each that arrives is compared with those before it, as in a server.
    store.compare_matters(fixture::repeats())?;
    let (receipts, fill) = fill(&store, n);
    let rate = n as f64 / fill.as_secs_f64();
    table.add(&format!("filling the store with {n} cases, 64 at once"), format!("{rate:.0}/s"), "", "");
    lists(&store, n, table);
    lookups(&store, &receipts, n, table)?;
    let pass = pass(&store);
    figures(&store, n, pass, table);
    drop(store);
    let server = startup(here.path(), n, table)?;
    portal::progress(&server, &receipts, n, size.submissions, table)?;
    pages(&server, n, pass, table)
}

/// What is counted once a minute, whoever asks.
fn figures(store: &Store, n: u64, pass: Duration, table: &mut Table) {
    let policy = fixture::policy();
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let begun = Instant::now();
            std::hint::black_box(Figures::count(store, policy, fixture::day()));
            begun.elapsed()
        })
        .collect();
    let (half, most) = (quantile(&mut times, 0.5), quantile(&mut times, 0.95));
    table.add(
        &format!("figures of {n} cases, counted anew (once a minute)"),
        format!("p50 {:.1} ms, p95 {:.1} ms", ms(half), ms(most)),
        format!("{:.1} ms: one pass over the rows", ms(pass)),
        format!("{:.1}", ms(half) / ms(pass)),
    );
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

/// The console as its people get it: session, filters, order and HTML. Beside each the same session's page without any
/// case, and one pass over all rows: less than both together no page of cases can take.
fn pages(server: &Server, n: u64, pass: Duration, table: &mut Table) -> Outcome {
    let mut connection = Connection::open(server.console)?;
    // Each signs in once: a one-time code is good for one sign-in.
    let mut cookies: BTreeMap<&str, String> = BTreeMap::new();
    for (who, what, path) in [
        ("clerk", "list, by deadline", "/zh/cases"),
        ("clerk", "list, page 100", "/zh/cases?page=100"),
        ("clerk", "filtered by state and kind", "/zh/cases?state=submitted&kind=hazard"),
        ("clerk", "filtered by body", "/zh/cases?body=city_370100"),
        ("zibo-clerk", "list, of one city's clerk", "/zh/cases"),
        ("clerk", "first page of a clerk", "/zh/"),
        ("investigator", "first page of an investigator", "/zh/"),
        ("approver", "first page of an approver", "/zh/"),
        ("leader", "first page of a leader, figures of this minute", "/zh/"),
        ("leader", "figures of this minute", "/zh/figures"),
        ("clerk", "search by a target's name", "search:第9999"),
        ("clerk", "search for a word that no case has", "search:螺旋桨"),
    ] {
        let cookie = match cookies.get(who) {
            Some(cookie) => cookie.clone(),
            None => cookies.entry(who).or_insert(server.sign_in(who)?).clone(),
        };
        let once = connection.get("/zh/cases", &cookie)?.once().to_owned();
        let mut ask = |path: &str| -> Result<Duration, Box<dyn std::error::Error>> {
            let begun = Instant::now();
            let page = match path.strip_prefix("search:") {
                Some(text) => {
                    connection.post("/zh/cases/search", &cookie, &[("once", &once), ("text", text)])?
                }
                None => connection.get(path, &cookie)?,
            };
            let time = begun.elapsed();
            if page.status == 200 { Ok(time) } else { Err(format!("{path}: {}", page.status).into()) }
        };
        let mut bare = (0..ROUNDS).map(|_| ask("/zh/me")).collect::<Result<Vec<_>, _>>()?;
        let mut times = (0..ROUNDS).map(|_| ask(path)).collect::<Result<Vec<_>, _>>()?;
        let (half, most) = (quantile(&mut times, 0.5), quantile(&mut times, 0.95));
        let floor = quantile(&mut bare, 0.5) + pass;
        table.add(
            &format!("console of {n} cases: {what}"),
            format!("p50 {:.1} ms, p95 {:.1} ms", ms(half), ms(most)),
            format!("{:.1} ms: a page without cases, one pass over the rows", ms(floor)),
            format!("{:.1}", ms(half) / ms(floor)),
        );
    }
    Ok(())
}

/// One look at every row, counted.
fn pass(store: &Store) -> Duration {
    let mut times: Vec<_> = (0..ROUNDS)
        .map(|_| {
            let (begun, mut open) = (Instant::now(), 0);
            store.each(&mut |row| open += u64::from(!row.state.is_final()));
            std::hint::black_box(open);
            begun.elapsed()
        })
        .collect();
    quantile(&mut times, 0.5)
}

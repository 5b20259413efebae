//! Submissions, uploads and looking up, as reporters do them: over HTTP, against a process of its own.

use super::{
    Outcome, Size,
    http::{Answer, Connection},
    machine::{self, Memory, ms, quantile},
    sealing::{self, Took},
    server::{self, Server},
    store::{CONCURRENCY, SEALED_BYTES},
    table::Table,
};
use mifeng::receipt::Receipt;
use std::{
    io::{Error, Result},
    net::SocketAddr,
    path::Path,
    sync::{Mutex, mpsc},
    time::{Duration, Instant},
};

/// The best peer's submissions a second at 8 clients, on such a machine.
const PEER: &str = "Hush Line 45–52/s at 8 clients, 30–46 CPU-ms";
const PEER_BEST: f64 = 52.0;
/// How far ahead of it we want to be at 8 connections.
const GOAL: f64 = 20.0;

const STORY: &str = "夜班井下瓦斯探头被纸板遮住，带班领导不在现场，报警后仍继续作业。";

/// The questions, and what is answered; of the story only a part stands here.
pub const STEPS: &[(&str, &[(&str, &str)])] = &[
    ("/zh/name", &[("name", "nameless")]),
    ("/zh/region", &[("region", "370102")]),
    ("/zh/kind", &[("kind", "hazard")]),
    ("/zh/industry", &[("industry", "coal_mines")]),
    ("/zh/place", &[("target", "某某煤矿"), ("address", "三号井东翼"), ("code", "")]),
    ("/zh/story", &[("story", STORY), ("when", "上周二夜班"), ("now", "ongoing")]),
];

/// Some 400 characters.
pub fn story() -> String {
    STORY.repeat(12)
}

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let seal_ms = super::store::seal_alone(size.time / 4);
    let here = tempfile::tempdir_in(folder)?;
    for at_once in CONCURRENCY {
        let server = Server::start(here.path(), &server::shipped_policy())?;
        let wanted = if at_once == 1 { size.submissions / 8 } else { size.submissions };
        submissions(&server, folder, at_once, wanted, seal_ms, size, table)?;
    }
    upload(folder, size, table)
}

fn submissions(
    server: &Server,
    folder: &Path,
    at_once: usize,
    wanted: usize,
    seal_ms: f64,
    size: &Size,
    table: &mut Table,
) -> Outcome {
    let begun = Instant::now();
    let drafts = each(server.address, 8, vec![(); wanted], |connection, ()| Ready::make(connection))?;
    let wizard = begun.elapsed();
    let floor = machine::sync_floor(folder, SEALED_BYTES, at_once, size.time / 2)?;

    let cpu = machine::cpu(server.pid());
    let begun = Instant::now();
    let sent = each(server.address, at_once, drafts, |connection, draft| draft.send(connection))?;
    let took = begun.elapsed();
    let cpu = ms(machine::cpu(server.pid()) - cpu) / wanted as f64;
    let (receipts, mut times): (Vec<_>, Vec<_>) = sent.into_iter().unzip();
    for receipt in receipts.iter().step_by(wanted.div_ceil(50)) {
        look_up(&mut Connection::open(server.address)?, "", receipt)?;
    }

    let rate = wanted as f64 / took.as_secs_f64();
    let goal = if at_once == 8 { format!(" (goal {GOAL:.0}×)") } else { String::new() };
    table.add(
        &format!("submissions over HTTP, {at_once} connections, {wanted} of {wanted} kept"),
        format!("{rate:.0}/s, p99 {:.1} ms", ms(quantile(&mut times, 0.99))),
        format!("{floor:.0}/s raw write + syncfs of {at_once}; {PEER}"),
        format!("{:.2} of the disk; {:.0}× the best peer{goal}", rate / floor, rate / PEER_BEST),
    );
    table.add(
        &format!("processor time of each, {at_once} connections"),
        format!("{cpu:.2} CPU-ms"),
        format!("{seal_ms:.2} CPU-ms, its sealing alone"),
        format!("{:.1}", cpu / seal_ms),
    );
    if at_once == 8 {
        table.add(
            "the whole wizard before it, 8 connections (8 pages, 7 forms)",
            format!(
                "{:.1} ms each, {:.0}/s",
                ms(wizard) * 8.0 / wanted as f64,
                wanted as f64 / wizard.as_secs_f64()
            ),
            "",
            "",
        );
    }
    Ok(())
}

/// A draft that only needs its last button.
pub struct Ready {
    pub cookie: String,
    once: String,
}

impl Ready {
    fn make(connection: &mut Connection) -> Result<Self> {
        connection.get("/zh/agree", "")?;
        let cookie = connection.post("/zh/agree", "", &[])?.cookie;
        let story = story();
        for (path, fields) in STEPS {
            let page = connection.get(path, &cookie)?;
            let whole = fields
                .iter()
                .map(|(name, text)| if *text == STORY { (*name, story.as_str()) } else { (*name, *text) });
            let fields: Vec<_> = std::iter::once(("once", page.once())).chain(whole).collect();
            expect(connection.post(path, &cookie, &fields)?, 303)?;
        }
        let once = expect(connection.get("/zh/check", &cookie)?, 200)?.once().to_owned();
        Ok(Self { cookie, once })
    }

    /// The last button and the page with the receipt; gives the receipt and how long both took.
    pub fn send(self, connection: &mut Connection) -> Result<(Receipt, Duration)> {
        let begun = Instant::now();
        let sent = connection.post("/zh/send", &self.cookie, &[("once", &self.once)])?;
        if sent.location != "/zh/receipt" {
            return Err(Error::other(format!("not kept: {} {}", sent.status, sent.location)));
        }
        let page = expect(connection.get("/zh/receipt", &self.cookie)?, 200)?;
        Ok((shown(&page)?, begun.elapsed()))
    }
}

/// The receipt on its page.
pub fn shown(page: &Answer) -> Result<Receipt> {
    let rest = page.body.split_once("class=\"receipt\">").map_or("", |(_, rest)| rest);
    let shown = rest.split_once("</p>").map_or("", |(shown, _)| shown);
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    Receipt::parse(&digits).map_err(Error::other)
}

/// Signs in with a receipt and reads the report's page.
pub fn look_up(connection: &mut Connection, cookie: &str, receipt: &Receipt) -> Result<Answer> {
    let digits: String = receipt.groups().iter().map(|group| group.as_str()).collect();
    let signed_in = expect(connection.post("/zh/mine", cookie, &[("receipt", &digits)])?, 303)?;
    let cookie = if signed_in.cookie.is_empty() { cookie } else { &signed_in.cookie };
    expect(connection.get("/zh/mine", cookie)?, 200)
}

fn expect(answer: Answer, status: u16) -> Result<Answer> {
    if answer.status == status {
        Ok(answer)
    } else {
        Err(Error::other(format!("{} instead of {status}: {}", answer.status, answer.body)))
    }
}

/// Works through `jobs` over `connections` kept-alive connections; the first failure is the result.
pub fn each<J: Send, R: Send>(
    address: SocketAddr,
    connections: usize,
    jobs: Vec<J>,
    work: impl Fn(&mut Connection, J) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let jobs = Mutex::new(jobs.into_iter());
    let (tell, told) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..connections {
            let (tell, jobs, work) = (tell.clone(), &jobs, &work);
            scope.spawn(move || {
                let mut connection = Connection::open(address)?;
                loop {
                    let Some(job) = jobs.lock().unwrap().next() else { return Ok::<_, Error>(()) };
                    let _ = tell.send(work(&mut connection, job));
                }
            });
        }
        drop(tell);
        told.into_iter().collect()
    })
}

/// One large file through the portal's own page.
fn upload(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let bytes = size.upload_bytes;
    let here = tempfile::tempdir_in(folder)?;
    let server = Server::start(here.path(), &server::policy_for_large_files(here.path())?)?;
    let mut connection = Connection::open(server.address)?;
    let ready = Ready::make(&mut connection)?;
    let cookie = ready.cookie.clone();
    ready.send(&mut connection)?;
    let once = expect(connection.get("/zh/files", &cookie)?, 200)?.once().to_owned();

    let (memory, cpu, begun) = (Memory::watch(server.pid()), machine::cpu(server.pid()), Instant::now());
    let answer = connection
        .upload("/zh/files", &cookie, (&once, "a.mp4"), bytes, |take| sealing::parts(bytes, take))?;
    let took =
        Took { wall: begun.elapsed(), cpu: machine::cpu(server.pid()) - cpu, peak_mib: memory.peak_mib() };
    expect(answer, 303)?;
    let alone = sealing::alone(bytes);
    table.add(
        &format!("upload of {} MiB through the portal into the store", bytes >> 20),
        took.said(bytes),
        format!("{:.0} MB/s, the age crate alone", alone.mb_s(bytes)),
        format!("{:.2}", took.mb_s(bytes) / alone.mb_s(bytes)),
    );
    Ok(())
}

/// Progress queries: each signs in with a receipt and reads the page.
pub fn progress(server: &Server, receipts: &[Receipt], n: u64, queries: usize, table: &mut Table) -> Outcome {
    let jobs: Vec<_> = receipts.iter().cycle().take(queries).collect();
    let (cpu, begun) = (machine::cpu(server.pid()), Instant::now());
    let mut times = each(server.address, 8, jobs, |connection, receipt| {
        let begun = Instant::now();
        look_up(connection, "", receipt)?;
        Ok(begun.elapsed())
    })?;
    let rate = queries as f64 / begun.elapsed().as_secs_f64();
    let cpu = ms(machine::cpu(server.pid()) - cpu) / queries as f64;
    table.add(
        &format!("progress queries over HTTP among {n} cases, 8 connections (sign in, read the page)"),
        format!("{rate:.0}/s, p99 {:.1} ms, {cpu:.2} CPU-ms", ms(quantile(&mut times, 0.99))),
        "",
        "",
    );
    Ok(())
}

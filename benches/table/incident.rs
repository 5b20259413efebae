//! A mass incident: an explosion in a mine, and 10,000 reports within an hour on one machine. The hour is compressed; the
//! first minutes are its peak. Arrivals are open-loop: people do not wait for one another, so that a server that falls
//! behind meets a queue, and every time counts from the moment somebody came. Others read the progress of reports that
//! were sent, investigators open their lists. Visitors do not think between pages: what would be spread over ten minutes
//! each comes at once.

use super::{
    Outcome, Size,
    http::{Answer, Connection},
    machine::{self, Memory, ms, quantile},
    portal::{Ready, look_up},
    server::{self, Server},
    table::Table,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use mifeng::{receipt::Receipt, transcript::sha256};
use std::{
    io::{Error, Result},
    net::SocketAddr,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

/// One report in so many comes with a photo.
const WITH_PHOTO: usize = 10;
/// Somebody reads the progress of a report for so many reports that come.
const READERS: usize = 4;
/// And an investigator opens a list.
const LISTS: usize = 20;
/// Minutes after which the arrivals of an hour have fallen to a third.
const FALLS: f64 = 12.0;
const STACK: usize = 512 << 10;

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let here = tempfile::tempdir_in(folder)?;
    let server = Server::start(here.path(), &server::shipped_policy())?;
    let staff = server.sign_in("investigator")?;
    let photo = photo()?;
    let world = World {
        portal: server.address,
        console: server.console,
        staff,
        photo: &photo,
        receipts: Mutex::default(),
        asked_to_wait: AtomicUsize::new(0),
        photos_refused: AtomicUsize::new(0),
        at_once: AtomicUsize::new(0),
        most_at_once: AtomicUsize::new(0),
    };
    // The floor: the same visits while nobody else is there.
    let floors = [alone(|n| world.report(n))?, alone(|n| world.read(n))?, alone(|n| world.list(n))?];
    let before = world.receipts.lock().unwrap().len();

    let (memory, cpu, begun) = (Memory::watch(server.pid()), machine::cpu(server.pid()), Instant::now());
    let came = thread::scope(|scope| {
        let world = &world;
        let visits: Vec<_> = arrivals(size.incident, size.incident_within)
            .into_iter()
            .flat_map(|(at, n)| {
                let of = |every: usize, kind| n.is_multiple_of(every).then_some((at, kind));
                [of(1, Kind::Report(n)), of(READERS, Kind::Read(n)), of(LISTS, Kind::List)]
            })
            .flatten()
            .map(|(at, kind)| {
                let wait = at.saturating_sub(begun.elapsed());
                thread::sleep(wait);
                let come = move || {
                    world.most_at_once.fetch_max(world.at_once.fetch_add(1, Relaxed) + 1, Relaxed);
                    let done = match kind {
                        Kind::Report(n) => world.report(n),
                        Kind::Read(n) => world.read(n),
                        Kind::List => world.list(0),
                    };
                    world.at_once.fetch_sub(1, Relaxed);
                    (kind, done, begun.elapsed().saturating_sub(at))
                };
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, come)
            })
            .collect();
        visits.into_iter().map(|visit| Ok(visit?.join().expect("no panic"))).collect::<Result<Vec<_>>>()
    })?;
    let took = begun.elapsed();
    let cpu = ms(machine::cpu(server.pid()) - cpu) / size.incident as f64;
    let peak = memory.peak_mib();

    let receipts = world.receipts.lock().unwrap().split_off(before);
    for receipt in receipts.iter().step_by(receipts.len().div_ceil(100).max(1)) {
        look_up(&mut Connection::open(server.address)?, "", receipt)?;
    }
    let photos = world.photos_refused.load(Relaxed);
    let waited = world.asked_to_wait.load(Relaxed);
    let kinds = [
        (
            format!(
                "mass incident, {} reports of an hour within {:.0} s: a whole report from the notice to the receipt, \
                 one in {WITH_PHOTO} with a photo; {} kept, {waited} asked to wait, {photos} photos to be sent again",
                size.incident,
                took.as_secs_f64(),
                receipts.len(),
            ),
            Kind::Report(0),
        ),
        ("… progress of a report read meanwhile (sign in, read the page)".into(), Kind::Read(0)),
        ("… an investigator's list opened meanwhile".into(), Kind::List),
    ];
    for ((what, kind), floor) in kinds.into_iter().zip(floors) {
        let same = |of: &Kind| std::mem::discriminant(of) == std::mem::discriminant(&kind);
        let (good, bad): (Vec<_>, Vec<_>) =
            came.iter().filter(|(of, ..)| same(of)).partition(|(_, done, _)| done.is_ok());
        let mut times: Vec<_> = good.iter().map(|(.., time)| *time).collect();
        let [p50, p95, p99] = [0.5, 0.95, 0.99].map(|part| ms(quantile(&mut times, part)));
        table.add(
            &format!("{what}; {} refused", bad.len()),
            format!("p50 {p50:.0} / p95 {p95:.0} / p99 {p99:.0} ms"),
            format!("{:.1} ms, p50 of the same alone", ms(floor)),
            format!("{:.0}× at p99", p99 / ms(floor)),
        );
        if let Some((_, Err(why), _)) = bad.first() {
            println!("the first refusal: {why}");
        }
    }
    table.add(
        "… the server's memory and processor time meanwhile",
        format!("{peak:.0} MiB above idle, {cpu:.1} CPU-ms a report with all that goes on beside it"),
        format!("{} visitors at once at most", world.most_at_once.load(Relaxed)),
        "",
    );
    Ok(())
}

/// p50 of a visit while nobody else is there.
fn alone(visit: impl Fn(usize) -> Result<()>) -> Result<Duration> {
    let timed = |n| {
        let begun = Instant::now();
        visit(n).map(|()| begun.elapsed())
    };
    Ok(quantile(&mut (0..20).map(timed).collect::<Result<Vec<_>>>()?, 0.5))
}

#[derive(Clone, Copy)]
enum Kind {
    Report(usize),
    Read(usize),
    List,
}

struct World<'a> {
    portal: SocketAddr,
    console: SocketAddr,
    staff: String,
    photo: &'a [u8],
    receipts: Mutex<Vec<Receipt>>,
    asked_to_wait: AtomicUsize,
    /// Told to choose the file again in a minute.
    photos_refused: AtomicUsize,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl World<'_> {
    fn report(&self, n: usize) -> Result<()> {
        let mut connection = Connection::open(self.portal)?;
        let ready = Ready::make_by(&mut connection, |connection| self.begin(connection))?;
        let cookie = ready.cookie.clone();
        let (receipt, _) = ready.send(&mut connection)?;
        self.receipts.lock().unwrap().push(receipt);
        if n.is_multiple_of(WITH_PHOTO) {
            let once = connection.get("/zh/files?way=server", &cookie)?.once().to_owned();
            let length = self.photo.len() as u64;
            let sent =
                connection.upload("/zh/files", &cookie, (&once, "a.jpg"), length, |take| take(self.photo))?;
            if sent.status != 303 {
                self.photos_refused.fetch_add(1, Relaxed);
            }
        }
        Ok(())
    }

    /// Agrees, and does the work where that is asked for, as the page's script would.
    fn begin(&self, connection: &mut Connection) -> Result<String> {
        let mut answer = connection.post("/zh/agree", "", &[])?;
        let mut waits = 0;
        while answer.location.starts_with("/zh/wait") {
            if waits == 0 {
                self.asked_to_wait.fetch_add(1, Relaxed);
            } else {
                // Both lanes were full in this second.
                thread::sleep(Duration::from_millis(500));
            }
            waits += 1;
            let page = connection.get(&answer.location, "")?;
            answer = connection.post("/zh/agree", "", &[("work", &work(&page)?)])?;
        }
        match answer.status {
            303 if !answer.cookie.is_empty() => Ok(answer.cookie),
            status => Err(Error::other(format!("not let in: {status}"))),
        }
    }

    fn read(&self, n: usize) -> Result<()> {
        let receipt = {
            let receipts = self.receipts.lock().unwrap();
            receipts.get(n % receipts.len().max(1)).cloned()
        };
        let Some(receipt) = receipt else { return Ok(()) };
        look_up(&mut Connection::open(self.portal)?, "", &receipt).map(drop)
    }

    fn list(&self, _: usize) -> Result<()> {
        let page = Connection::open(self.console)?.get("/zh/cases", &self.staff)?;
        if page.status == 200 { Ok(()) } else { Err(Error::other(format!("list: {}", page.status))) }
    }
}

/// When the n-th of `count` comes, if the hour takes `within`: most at the beginning, fewer and fewer.
fn arrivals(count: usize, within: Duration) -> Vec<(Duration, usize)> {
    let whole = 1.0 - (-60.0 / FALLS).exp();
    let minute = |part: f64| -FALLS * (1.0 - part * whole).ln();
    (0..count).map(|n| (within.mul_f64(minute(n as f64 / count as f64) / 60.0), n)).collect()
}

fn work(page: &Answer) -> Result<String> {
    let wrong = || Error::other(format!("no work to do: {}", page.body));
    let rest = page.body.split_once("data-config=\"").ok_or_else(wrong)?.1;
    let config = rest.split_once('"').ok_or_else(wrong)?.0.replace("&#34;", "\"").replace("&#38;", "&");
    let config: serde_json::Value = serde_json::from_str(&config)?;
    let mut work = config["challenge"].clone();
    let (salt, challenge) = (work["salt"].as_str().unwrap_or_default(), work["challenge"].as_str());
    let most = work["maxnumber"].as_u64().unwrap_or(0);
    let found = (0..=most)
        .find(|number| Some(hex::encode(sha256(format!("{salt}{number}").as_bytes())).as_str()) == challenge);
    work["number"] = found.ok_or_else(wrong)?.into();
    Ok(BASE64_STANDARD.encode(work.to_string()))
}

/// Some 200 KB, as a telephone takes it: no two points alike, so that it does not compress away.
fn photo() -> std::result::Result<Vec<u8>, Box<dyn std::error::Error>> {
    let grain =
        |x: u32, y: u32| (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)).wrapping_mul(2_654_435_761) >> 27;
    let point = |x: u32, y: u32| {
        let shade = (x / 6 + y / 8 + grain(x, y)) as u8;
        image::Rgb([shade, shade.wrapping_add(40), 255 - shade])
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(1024, 768, point).write_to(&mut bytes, image::ImageFormat::Jpeg)?;
    Ok(bytes.into_inner())
}

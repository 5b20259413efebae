//! A mass incident: an explosion in a mine, and 10,000 reports within an hour on one machine. The hour may be compressed; its
//! first minutes are its peak. Arrivals are open-loop: people do not wait for one another, so that a server that falls
//! behind meets a queue, and every time counts from the moment somebody came. People think over their story, so that as many
//! drafts are open at once as in the hour itself. Who is told to come back does so (`person`). Others read the progress of
//! reports that were sent, investigators open their lists.

use super::{
    Outcome, Size,
    http::Connection,
    machine::{self, Memory, ms, quantile},
    person::{Person, Told},
    server::{self, Server},
    table::Table,
};
use mifeng::receipt::Receipt;
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
const HOUR: f64 = 3600.0;
/// Of the hour: half of these to one and a half times as many, evenly.
const THINKS: Duration = Duration::from_secs(600);
const STACK: usize = 256 << 10;

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
        told: Told::default(),
        receipts: Mutex::default(),
        at_once: AtomicUsize::new(0),
        most_at_once: AtomicUsize::new(0),
    };
    // The floor: the same visits while nobody else is there.
    let floors =
        [alone(|n| world.report(n, Duration::ZERO))?, alone(|n| world.read(n))?, alone(|_| world.list())?];
    let before = world.receipts.lock().unwrap().len();

    let thinks = |n: usize| {
        let part = 0.5 + (n * 7919 % 1000) as f64 / 1000.0;
        THINKS.mul_f64(part * size.incident_within.as_secs_f64() / HOUR)
    };
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
                    let (done, thought) = match kind {
                        Kind::Report(n) => (world.report(n, thinks(n)), thinks(n)),
                        Kind::Read(n) => (world.read(n), Duration::ZERO),
                        Kind::List => (world.list(), Duration::ZERO),
                    };
                    world.at_once.fetch_sub(1, Relaxed);
                    (kind, done, begun.elapsed().saturating_sub(at + thought))
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
        Person::new(server.address, &Told::default()).reads(receipt)?;
    }
    let kinds = [
        (
            format!(
                "mass incident, {} of {} reports of an hour within {:.0} s kept: a whole report from the notice to the \
                 receipt without the thinking, one in {WITH_PHOTO} with a photo",
                receipts.len(),
                size.incident,
                took.as_secs_f64(),
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
            &format!("{what}; {} came to nothing", bad.len()),
            format!("p50 {p50:.0} / p95 {p95:.0} / p99 {p99:.0} ms"),
            format!("{:.1} ms, p50 of the same alone", ms(floor)),
            format!("{:.0}× at p99", p99 / ms(floor)),
        );
        if let Some((_, Err(why), _)) = bad.first() {
            println!("the first that came to nothing: {why}");
        }
    }
    table.add("… how often somebody was told to come back, and did", world.told.to_string(), "", "");
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
    told: Told,
    receipts: Mutex<Vec<Receipt>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl World<'_> {
    fn report(&self, n: usize, thinks: Duration) -> Result<()> {
        let mut person = Person::new(self.portal, &self.told);
        let receipt = person.reports(thinks)?;
        self.receipts.lock().unwrap().push(receipt);
        if n.is_multiple_of(WITH_PHOTO) { person.adds(self.photo) } else { Ok(()) }
    }

    fn read(&self, n: usize) -> Result<()> {
        let receipt = {
            let receipts = self.receipts.lock().unwrap();
            receipts.get(n % receipts.len().max(1)).cloned()
        };
        receipt.map_or(Ok(()), |receipt| Person::new(self.portal, &self.told).reads(&receipt))
    }

    fn list(&self) -> Result<()> {
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

//! Sealing an upload: our pipeline against the age crate alone and the age command, then on into the store.

use super::{
    Outcome, Size, fixture,
    machine::{self, Memory, ms},
    store::submit_one,
    table::Table,
};
use mifeng::{
    casework::{CaseFile, Copy, SizeClass},
    cleartext::files::{ChunkSink, FilePlace, SinkRefused, Upload, UploadRules},
    ids::{BlobId, ReportId},
    receipt::Receipt,
    store::{self, FileKind, Reports, Step, Store},
};
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use zeroize::Zeroizing;

/// As parts of a request's body come.
const PART: usize = 64 << 10;

/// What one way of sealing took.
#[derive(Clone, Copy)]
pub struct Took {
    pub wall: Duration,
    pub cpu: Duration,
    pub peak_mib: f64,
}

impl Took {
    fn of(work: impl FnOnce()) -> Self {
        let pid = std::process::id();
        let (memory, cpu, begun) = (Memory::watch(pid), machine::cpu(pid), Instant::now());
        work();
        Self { wall: begun.elapsed(), cpu: machine::cpu(pid) - cpu, peak_mib: memory.peak_mib() }
    }

    pub fn mb_s(&self, bytes: u64) -> f64 {
        bytes as f64 / 1e6 / self.wall.as_secs_f64()
    }

    pub fn ms_per_mb(&self, bytes: u64) -> f64 {
        ms(self.cpu) / (bytes as f64 / 1e6)
    }

    /// Speed, processor time, memory.
    pub fn said(&self, bytes: u64) -> String {
        format!(
            "{:.0} MB/s, {:.2} CPU-ms/MB, {:.0} MiB above idle",
            self.mb_s(bytes),
            self.ms_per_mb(bytes),
            self.peak_mib
        )
    }
}

pub fn run(folder: &Path, size: &Size, table: &mut Table) -> Outcome {
    let bytes = size.upload_bytes;
    let mib = bytes >> 20;
    let recipient = age::x25519::Identity::generate().to_public();
    let alone = alone(bytes);
    table.add(&format!("sealing {mib} MiB: the age crate alone"), alone.said(bytes), "", "1.00");
    let command = age_command(folder, &recipient.to_string(), bytes)?;
    if let Some(command) = command {
        let said = format!("{:.0} MB/s, {:.2} CPU-ms/MB", command.mb_s(bytes), command.ms_per_mb(bytes));
        let ratio = command.mb_s(bytes) / alone.mb_s(bytes);
        table.add(&format!("sealing {mib} MiB: the age command"), said, "", format!("{ratio:.2}"));
    }
    let floor = format!("{:.0} MB/s, the age crate alone", alone.mb_s(bytes));
    let ours = Took::of(|| pipeline(&recipient.to_string(), bytes));
    let ratio = |took: &Took| format!("{:.2}", took.mb_s(bytes) / alone.mb_s(bytes));
    table.add(
        &format!("sealing {mib} MiB: our pipeline (told by content, sealed, cut)"),
        ours.said(bytes),
        floor.clone(),
        ratio(&ours),
    );

    let here = tempfile::tempdir_in(folder)?;
    let store = fixture::open_store(here.path())?;
    let (set, receipt) = (fixture::recipient_set(), Receipt::draw(&mut rand::rng()));
    let receipt = submit_one(&store, 0, fixture::seal(&set, ReportId::random(&mut rand::rng()), &receipt));
    let found = store.find(&receipt.locator(), &receipt.auth())?.ok_or("the report is not found")?;
    let stored = Took::of(|| into_store(&store, &found, bytes));
    table.add(
        &format!("sealing {mib} MiB into the store, synced, without HTTP"),
        stored.said(bytes),
        floor,
        ratio(&stored),
    );
    Ok(())
}

/// The floor: the same bytes through the age crate alone, thrown away.
pub fn alone(bytes: u64) -> Took {
    let recipient = age::x25519::Identity::generate().to_public();
    Took::of(|| age_crate(&recipient, bytes))
}

/// Hands over `bytes` bytes that begin like a film.
pub fn parts(bytes: u64, mut take: impl FnMut(&[u8])) {
    let mut part: Vec<u8> = (0..PART).map(|i| (i * 31 + i / 251) as u8).collect();
    part[..12].copy_from_slice(b"\0\0\0\x18ftypisom");
    for _ in 0..bytes / PART as u64 {
        take(&part);
    }
}

fn age_crate(recipient: &age::x25519::Recipient, bytes: u64) {
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient as &dyn age::Recipient));
    let mut sealed = encryptor.unwrap().wrap_output(std::io::sink()).unwrap();
    parts(bytes, |part| sealed.write_all(part).unwrap());
    sealed.finish().unwrap();
}

/// `None` where it is not installed.
fn age_command(folder: &Path, recipient: &str, bytes: u64) -> std::io::Result<Option<Took>> {
    let path = folder.join("plain");
    let mut file = std::fs::File::create(&path)?;
    parts(bytes, |part| file.write_all(part).unwrap());
    drop(file);
    let (cpu, begun) = (machine::cpu_of_children(), Instant::now());
    let status = Command::new("age")
        .args(["-r", recipient])
        .stdin(std::fs::File::open(&path)?)
        .stdout(Stdio::null())
        .status();
    let took = Took { wall: begun.elapsed(), cpu: machine::cpu_of_children() - cpu, peak_mib: 0.0 };
    std::fs::remove_file(path)?;
    Ok(status.is_ok_and(|status| status.success()).then_some(took))
}

fn rules() -> UploadRules<'static> {
    UploadRules { max_bytes: &|_| Some(2 << 30), max_clean_bytes: 20 << 20 }
}

struct Nowhere;

impl ChunkSink for Nowhere {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        std::hint::black_box(bytes);
        Ok(())
    }
}

fn pipeline(recipient: &str, bytes: u64) {
    let mut rng = rand::rng();
    let place = FilePlace { report: ReportId::random(&mut rng), blob: BlobId::random(&mut rng) };
    let mut upload = Upload::new(place, recipient, Zeroizing::new("a.mp4".into()), rules(), Nowhere);
    parts(bytes, |part| upload.push(part).unwrap());
    upload.finish().unwrap();
}

struct IntoStore<'a> {
    store: &'a Store,
    upload: store::Upload,
}

impl ChunkSink for IntoStore<'_> {
    fn chunk(&mut self, _: u32, bytes: &[u8]) -> Result<(), SinkRefused> {
        self.store.append(&mut self.upload, bytes).wait().map_err(|_| SinkRefused)
    }
}

fn into_store(store: &Store, found: &store::Found, bytes: u64) {
    let upload = store.begin_file(found.report, FileKind::Original { sequence: 0 }).unwrap();
    let place = FilePlace { report: found.report, blob: upload.blob() };
    let sink = IntoStore { store, upload };
    let name = Zeroizing::new("a.mp4".into());
    let mut sealing = Upload::new(place, &found.files_recipient, name, rules(), sink);
    parts(bytes, |part| sealing.push(part).unwrap());
    let finished = sealing.finish().unwrap();
    let file = CaseFile {
        original: place.blob,
        copy: Copy::SealedOnly,
        size: SizeClass::of(bytes),
        day: fixture::day(),
    };
    let step = Step {
        expected_version: None,
        sealed: None,
        change: Box::new(move |dossier, _| {
            dossier.case.files.push(file);
            dossier.case.version += 1;
            Ok(None)
        }),
    };
    store.attach(vec![finished.sink.upload], step).wait().unwrap();
}

//! What the machine is and what it spends: processor time and memory of a process, and the floor of a sync.

use std::{
    fs::{File, read_to_string, write},
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

/// One line: processors, memory, file system.
pub fn describe(folder: &Path) -> String {
    let cpu = field("/proc/cpuinfo", "model name").unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let gib = field("/proc/meminfo", "MemTotal").map_or(0, |line| number(&line) >> 20);
    let volume = rustix::fs::statfs(folder).map_or(0, |volume| volume.f_type);
    let kind = match volume {
        0xEF53 => "ext4",
        0x0102_1994 => "tmpfs: NOT A DISK, sync figures mean nothing",
        0x9123_683E => "btrfs",
        0x5846_5342 => "xfs",
        _ => "another file system",
    };
    format!("{cpu}, {cores} cores, {gib} GiB, {kind}")
}

/// Processor time of a process and all its threads, in steps of 10 ms.
pub fn cpu(pid: u32) -> Duration {
    Duration::from_millis(stat(pid, 13) + stat(pid, 14))
}

/// Processor time of this process's children that have ended.
pub fn cpu_of_children() -> Duration {
    Duration::from_millis(stat(std::process::id(), 15) + stat(std::process::id(), 16))
}

/// A field of `/proc/PID/stat` counted from 0, in milliseconds (the kernel counts hundredths there).
fn stat(pid: u32, at: usize) -> u64 {
    let text = read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    // The name in brackets may hold spaces.
    let rest = text.rsplit_once(") ").map_or("", |(_, rest)| rest);
    rest.split(' ').nth(at - 2).and_then(|ticks| ticks.parse::<u64>().ok()).unwrap_or(0) * 10
}

/// Watches how far a process's memory grows above what it is now.
pub struct Memory {
    pid: u32,
    idle_kib: u64,
}

impl Memory {
    pub fn watch(pid: u32) -> Self {
        // Sets the high-water mark back to the present.
        let _ = write(format!("/proc/{pid}/clear_refs"), "5");
        Self { pid, idle_kib: status(pid, "VmRSS") }
    }

    /// MiB above idle at the highest.
    pub fn peak_mib(&self) -> f64 {
        status(self.pid, "VmHWM").saturating_sub(self.idle_kib) as f64 / 1024.0
    }
}

/// Resident memory now, in MiB.
pub fn resident_mib(pid: u32) -> f64 {
    status(pid, "VmRSS") as f64 / 1024.0
}

fn status(pid: u32, name: &str) -> u64 {
    field(&format!("/proc/{pid}/status"), name).map_or(0, |line| number(&line))
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn number(text: &str) -> u64 {
    text.split(' ').next().and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// What the disk allows: plain appends of `bytes` a record, `group` records a `syncfs`, nothing else done.
/// Records made durable a second.
pub fn sync_floor(folder: &Path, bytes: usize, group: usize, time: Duration) -> std::io::Result<f64> {
    let path = folder.join("floor");
    let mut file = File::create(&path)?;
    let volume = File::open(folder)?;
    let record = vec![0x5a; bytes];
    let (begun, mut done) = (Instant::now(), 0);
    while begun.elapsed() < time {
        for _ in 0..group {
            file.write_all(&record)?;
        }
        rustix::fs::syncfs(&volume)?;
        done += group;
    }
    let rate = done as f64 / begun.elapsed().as_secs_f64();
    std::fs::remove_file(path)?;
    Ok(rate)
}

/// The value below which the given part of all lies; sorts.
pub fn quantile(latencies: &mut [Duration], part: f64) -> Duration {
    latencies.sort_unstable();
    let at = (latencies.len() as f64 * part) as usize;
    latencies.get(at.min(latencies.len().saturating_sub(1))).copied().unwrap_or_default()
}

pub fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

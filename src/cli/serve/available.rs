//! What this process may have of the machine's memory, and what is left of it: the machine's own, or less where a container
//! or a unit has a limit. All files are opened before the process gives up the rest of the machine, and read again each time.

use std::{
    fs::{File, read_dir, read_to_string},
    os::unix::fs::FileExt,
    path::Path,
};

/// Longer than any of these files that is read to its end.
const MOST_TEXT: usize = 16 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    /// Bytes that there are for this process and whoever shares them with it.
    pub whole: usize,
    /// Of those, what could still be had.
    pub left: usize,
}

pub struct Available {
    machine: Machine,
    /// The control groups this process is in, from its own outwards: each may have a limit.
    groups: Vec<Group>,
}

enum Machine {
    Whole(File),
    /// Where the kernel's other tellings are hidden, as by systemd's `ProcSubset=pid`: what it tells of each node.
    Nodes(Vec<File>),
}

impl Available {
    pub fn open() -> Self {
        Self::open_in(Path::new("/"))
    }

    fn open_in(root: &Path) -> Self {
        let machine = match File::open(root.join("proc/meminfo")) {
            Ok(file) => Machine::Whole(file),
            Err(_) => Machine::Nodes(nodes(root)),
        };
        Self { machine, groups: groups(root) }
    }

    /// `None` where the kernel does not tell.
    pub fn memory(&self) -> Option<Memory> {
        let machine = match &self.machine {
            Machine::Whole(file) => of_machine(&text(file)?),
            Machine::Nodes(nodes) => of_nodes(nodes),
        };
        let groups = self.groups.iter().filter_map(Group::memory);
        machine
            .into_iter()
            .chain(groups)
            .reduce(|one, other| Memory { whole: one.whole.min(other.whole), left: one.left.min(other.left) })
    }
}

fn nodes(root: &Path) -> Vec<File> {
    let folders = read_dir(root.join("sys/devices/system/node")).into_iter().flatten().flatten();
    folders.filter_map(|folder| File::open(folder.path().join("meminfo")).ok()).collect()
}

fn of_machine(meminfo: &str) -> Option<Memory> {
    let kib = |name| kib_after(meminfo, name);
    Some(Memory { whole: kib("MemTotal:")?, left: kib("MemAvailable:")? })
}

/// As the kernel reckons what is available, but for its own caches.
fn of_nodes(nodes: &[File]) -> Option<Memory> {
    let each = nodes.iter().map(|node| {
        let text = text(node)?;
        let kib = |name| kib_after(&text, name);
        let left = kib("MemFree:")? + kib("Active(file):")? + kib("Inactive(file):")?;
        Some(Memory { whole: kib("MemTotal:")?, left })
    });
    let all: Option<Vec<Memory>> = each.collect();
    all?.into_iter()
        .reduce(|one, other| Memory { whole: one.whole + other.whole, left: one.left + other.left })
}

/// The bytes of `name: 12 kB`, wherever in its line that stands.
fn kib_after(text: &str, name: &str) -> Option<usize> {
    let is_name = |line: &&str| line.split_whitespace().any(|word| word == name);
    let line = text.lines().find(is_name)?.trim_end();
    line.strip_suffix(" kB")?.rsplit(' ').next()?.parse::<usize>().ok()?.checked_mul(1024)
}

struct Group {
    limit: File,
    used: File,
    stat: File,
    /// Of what is used, these are pages of files, which the kernel gives back.
    files: [&'static str; 2],
}

/// `/proc/self/cgroup` has a line for each hierarchy: `number:controllers:path`; version 2 has no controllers there.
fn groups(root: &Path) -> Vec<Group> {
    let lines = read_to_string(root.join("proc/self/cgroup")).unwrap_or_default();
    let each = lines.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let two = controllers.is_empty();
        let (base, open): (_, fn(&Path) -> std::io::Result<Group>) = match two {
            true => ("sys/fs/cgroup", Group::open),
            false if controllers.split(',').any(|one| one == "memory") => {
                ("sys/fs/cgroup/memory", Group::open_first_version)
            }
            false => return None,
        };
        // In a container the path may be the host's: then the outermost group that is seen is the container's own.
        let around = Path::new(path).ancestors().map(|path| path.strip_prefix("/").unwrap_or(path));
        Some(around.filter_map(|path| open(&root.join(base).join(path)).ok()).collect::<Vec<_>>())
    });
    each.flatten().collect()
}

impl Group {
    fn open(at: &Path) -> std::io::Result<Self> {
        Ok(Self {
            limit: File::open(at.join("memory.max"))?,
            used: File::open(at.join("memory.current"))?,
            stat: File::open(at.join("memory.stat"))?,
            files: ["active_file", "inactive_file"],
        })
    }

    fn open_first_version(at: &Path) -> std::io::Result<Self> {
        Ok(Self {
            limit: File::open(at.join("memory.limit_in_bytes"))?,
            used: File::open(at.join("memory.usage_in_bytes"))?,
            stat: File::open(at.join("memory.stat"))?,
            files: ["total_active_file", "total_inactive_file"],
        })
    }

    /// `None` without a limit.
    fn memory(&self) -> Option<Memory> {
        let number = |file| text(file)?.trim().parse::<usize>().ok();
        let whole = number(&self.limit)?;
        let stat = text(&self.stat)?;
        let of_files = stat.lines().filter_map(|line| {
            let (name, bytes) = line.split_once(' ')?;
            self.files.contains(&name).then(|| bytes.parse::<usize>().ok()).flatten()
        });
        let held = number(&self.used)?.saturating_sub(of_files.sum());
        Some(Memory { whole, left: whole.saturating_sub(held) })
    }
}

fn text(file: &File) -> Option<String> {
    let mut bytes = vec![0; MOST_TEXT];
    let mut length = 0;
    // The kernel gives a file like these in pieces.
    while length < bytes.len() {
        match file.read_at(&mut bytes[length..], length as u64).ok()? {
            0 => break,
            read => length += read,
        }
    }
    bytes.truncate(length);
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir_all, write};
    use tempfile::TempDir;

    const MIB: usize = 1 << 20;

    /// A machine of these files.
    fn machine(files: &[(&str, String)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let at = root.path().join(name);
            create_dir_all(at.parent().unwrap()).unwrap();
            write(at, text).unwrap();
        }
        root
    }

    fn meminfo(whole_mib: usize, left_mib: usize) -> (&'static str, String) {
        let (whole, left) = (whole_mib * 1024, left_mib * 1024);
        let text = format!("MemTotal:       {whole} kB\nMemFree:        12 kB\nMemAvailable:   {left} kB\n");
        ("proc/meminfo", text)
    }

    fn seen(files: &[(&str, String)]) -> Option<(usize, usize)> {
        let memory = Available::open_in(machine(files).path()).memory()?;
        Some((memory.whole / MIB, memory.left / MIB))
    }

    #[test]
    fn a_machine_is_read_as_the_kernel_writes_it() {
        assert_eq!(seen(&[meminfo(24_000, 20_000)]), Some((24_000, 20_000)));
        assert_eq!(seen(&[("proc/meminfo", "MemTotal: 1024 kB\n".into())]), None);
        assert_eq!(seen(&[]), None);
        let this = Available::open().memory().unwrap();
        assert!(this.left > MIB && this.left <= this.whole, "and so does this one: {this:?}");
    }

    #[test]
    fn where_the_kernel_s_tellings_are_hidden_its_nodes_are_read() {
        let node = |n: usize| {
            let text = format!(
                "Node {n} MemTotal:  1024000 kB\nNode {n} MemFree:  102400 kB\nNode {n} Active:  9 kB\n\
                 Node {n} Active(file):  51200 kB\nNode {n} Inactive(file):  51200 kB\n"
            );
            (format!("sys/devices/system/node/node{n}/meminfo"), text)
        };
        let (first, second) = (node(0), node(1));
        let files = [(first.0.as_str(), first.1), (second.0.as_str(), second.1)];
        assert_eq!(seen(&files), Some((2_000, 400)));
    }

    #[test]
    fn a_limit_counts_wherever_around_this_process_it_stands() {
        let bytes = |mib: usize| format!("{}\n", mib * MIB);
        let stat = |mib: usize| format!("anon 1\nactive_file {0}\ninactive_file {0}\n", mib * MIB / 2);
        let own = "sys/fs/cgroup/system.slice/mifeng.service/memory";
        let slice = "sys/fs/cgroup/system.slice/memory";
        let group = |at: &str, max: String, used, files| {
            let file = |name: &str| format!("{at}.{name}");
            [(file("max"), max), (file("current"), bytes(used)), (file("stat"), stat(files))]
        };
        let with = |path: &str, groups: Vec<(String, String)>| {
            let mut files = vec![meminfo(24_000, 20_000), ("proc/self/cgroup", format!("0::{path}\n"))];
            files.extend(groups.iter().map(|(name, text)| (name.as_str(), text.clone())));
            seen(&files)
        };
        let service = "/system.slice/mifeng.service";
        let unlimited = group(own, "max\n".into(), 300, 100);
        assert_eq!(with(service, unlimited.to_vec()), Some((24_000, 20_000)));
        // Of 300 MiB used 100 are pages of files.
        let limited = group(own, bytes(512), 300, 100);
        assert_eq!(with(service, limited.to_vec()), Some((512, 312)));
        let around = [group(own, "max\n".into(), 300, 100), group(slice, bytes(1_024), 900, 0)].concat();
        assert_eq!(with(service, around), Some((1_024, 124)));
        // A container that is told the host's path sees its own group as the root.
        let inside = group("sys/fs/cgroup/memory", bytes(256), 40, 0);
        assert_eq!(with("/docker/abc", inside.to_vec()), Some((256, 216)));
    }

    #[test]
    fn the_first_version_of_control_groups_is_read_too() {
        let at = |name: &str| format!("sys/fs/cgroup/memory/a/memory.{name}");
        let names = [at("limit_in_bytes"), at("usage_in_bytes"), at("stat")];
        let texts = [format!("{}\n", 512 * MIB), format!("{}\n", 100 * MIB), "total_active_file 0\n".into()];
        let mut files =
            vec![meminfo(24_000, 20_000), ("proc/self/cgroup", "1:cpu:/b\n4:cpu,memory:/a\n0::/\n".into())];
        files.extend(names.iter().map(String::as_str).zip(texts));
        assert_eq!(seen(&files), Some((512, 412)));
    }
}

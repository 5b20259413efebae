//! What the serving process gives up before it answers anybody: files but its own two folders and TCP but its own ports
//! (Landlock), every other kind of socket and system calls it never makes (seccomp). Kernel features, by crates that others
//! keep; a kernel without one of them is said in the log, or refused where the operator demands it.
//!
//! Does not keep a process that was taken over from what it holds in memory or in its data folder, nor from those who call
//! it: what it knows it can still put into an answer.

use landlock::{
    ABI, Access, AccessFs, AccessNet, NetPort, PathBeneath, PathFd, PathFdError, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter_all_threads,
};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

/// What the process still needs. Everything else it was started with has been read by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needs {
    /// Folders it reads and writes in. They exist.
    pub folders: Vec<PathBuf>,
    /// Ports it listens on; 0: any.
    pub listens: Vec<u16>,
    /// Ports it calls; empty: it calls nobody, and looks up no names. Looking up a name takes UDP, which goes anywhere.
    pub calls: Vec<u16>,
    /// It calls by sockets in the file system: a database on this machine. Which ones, the rights of their folders say.
    pub local: bool,
}

/// How far the kernel went along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contained {
    pub files: Held,
    pub calls: Held,
}

impl Contained {
    pub fn is_whole(self) -> bool {
        self.files == Held::Yes && self.calls == Held::Yes
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    Yes,
    /// An older kernel knows some of it.
    Partly,
    No,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Held::Yes => "yes",
            Held::Partly => "partly",
            Held::No => "no",
        })
    }
}

/// Why the kernel did not take what it knows. Nothing may be served then.
#[derive(Debug, thiserror::Error)]
pub enum ContainRefused {
    #[error("the kernel did not restrict files and network: {0}")]
    Landlock(#[from] RulesetError),
    #[error("a folder to be kept cannot be opened: {0}")]
    Folder(#[from] PathFdError),
    #[error("the kernel did not restrict system calls: {0}")]
    Seccomp(#[from] seccompiler::Error),
    #[error("the rules for system calls could not be made: {0}")]
    Rules(#[from] BackendError),
}

/// Restricts this thread and every later one; call it before any other is started. There is no way back.
pub fn contain(needs: &Needs) -> Result<Contained, ContainRefused> {
    Ok(Contained { files: restrict_files(needs)?, calls: restrict_calls(needs)? })
}

/// The newest set of rights these rules were written for; an older kernel takes those it knows.
const RIGHTS: ABI = ABI::V6;

/// What looking up a name reads.
const NAMES: [&str; 5] =
    ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/host.conf"];
/// What the C library may load to look up a name.
const LIBRARIES: [&str; 4] = ["/lib", "/lib64", "/usr/lib", "/etc/ld.so.cache"];

fn restrict_files(needs: &Needs) -> Result<Held, ContainRefused> {
    let mut reads: Vec<PathBuf> = Vec::new();
    if !needs.calls.is_empty() {
        reads.extend(NAMES.iter().chain(&LIBRARIES).map(PathBuf::from));
        reads.extend(NAMES.iter().filter_map(|path| where_it_is_replaced(Path::new(path))));
    }
    // What does not exist needs no right.
    reads.retain(|path| path.exists());
    let whole = AccessFs::from_all(RIGHTS) & !AccessFs::Execute;
    let folders = needs.folders.iter().map(|folder| Ok(PathBeneath::new(PathFd::new(folder)?, whole)));
    let folders = folders.collect::<Result<Vec<_>, PathFdError>>()?;
    let ports = |ports: &[u16], access: AccessNet| {
        ports.iter().map(|port| Ok(NetPort::new(*port, access))).collect::<Vec<Result<_, RulesetError>>>()
    };
    let status = Ruleset::default()
        .handle_access(AccessFs::from_all(RIGHTS))?
        .handle_access(AccessNet::from_all(RIGHTS))?
        .scope(Scope::from_all(RIGHTS))?
        .create()?
        .add_rules(folders.into_iter().map(Ok::<_, RulesetError>))?
        .add_rules(path_beneath_rules(reads, AccessFs::from_read(RIGHTS) & !AccessFs::Execute))?
        .add_rules(ports(&needs.listens, AccessNet::BindTcp))?
        .add_rules(ports(&needs.calls, AccessNet::ConnectTcp))?
        .restrict_self()?;
    Ok(match status.ruleset {
        RulesetStatus::FullyEnforced => Held::Yes,
        RulesetStatus::PartiallyEnforced => Held::Partly,
        RulesetStatus::NotEnforced => Held::No,
    })
}

/// A link to a file that is replaced whole with every change of network: the right is on the folder it is in.
fn where_it_is_replaced(path: &Path) -> Option<PathBuf> {
    path.is_symlink().then(|| path.canonicalize().ok()?.parent().map(Path::to_owned)).flatten()
}

/// Starting programs, looking into other processes, changing the machine: a server of pages does none of it.
const NEVER: &[libc::c_long] = &[
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_userfaultfd,
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_io_uring_setup,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsmount,
    libc::SYS_fsconfig,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_setns,
    libc::SYS_unshare,
    libc::SYS_setuid,
    libc::SYS_setgid,
    libc::SYS_setresuid,
    libc::SYS_setresgid,
    libc::SYS_setreuid,
    libc::SYS_setregid,
    libc::SYS_setfsuid,
    libc::SYS_setfsgid,
    libc::SYS_setgroups,
    libc::SYS_capset,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_adjtimex,
    libc::SYS_clock_adjtime,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_personality,
    libc::SYS_name_to_handle_at,
    libc::SYS_open_by_handle_at,
    libc::SYS_mknodat,
];

fn restrict_calls(needs: &Needs) -> Result<Held, ContainRefused> {
    let never = NEVER.iter().map(|call| (*call, Vec::new()));
    let mut rules: BTreeMap<_, _> = never.collect();
    rules.insert(libc::SYS_socket, other_sockets(!needs.calls.is_empty(), needs.local)?);
    let new_user = libc::CLONE_NEWUSER.unsigned_abs().into();
    rules.insert(
        libc::SYS_clone,
        vec![SeccompRule::new(vec![arg(0, SeccompCmpOp::MaskedEq(new_user), new_user)?])?],
    );
    for (call, flags) in [(libc::SYS_sendto, 3), (libc::SYS_sendmsg, 2), (libc::SYS_sendmmsg, 3)] {
        rules.insert(call, vec![calls_while_sending(flags)?]);
    }
    // Its flags lie in memory, where no filter looks: the C library takes `clone` where there is none.
    let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let Ok(machine) = std::env::consts::ARCH.try_into() else { return Ok(Held::No) };
    let mut programs: Vec<BpfProgram> = Vec::from_iter(other_numbers());
    for (rules, error) in [(rules, libc::EPERM), (clone3, libc::ENOSYS)] {
        let refused = SeccompAction::Errno(error.unsigned_abs());
        programs.push(SeccompFilter::new(rules, SeccompAction::Allow, refused, machine)?.try_into()?);
    }
    for program in programs {
        match apply_filter_all_threads(&program) {
            Ok(()) => {}
            // Built without seccomp.
            Err(seccompiler::Error::Prctl(cause) | seccompiler::Error::Seccomp(cause))
                if matches!(cause.raw_os_error(), Some(libc::EINVAL | libc::ENOSYS)) =>
            {
                return Ok(Held::No);
            }
            Err(other) => return Err(other.into()),
        }
    }
    Ok(Held::Yes)
}

/// TCP Fast Open: what connects without asking the rule about connecting.
fn calls_while_sending(flags: u8) -> Result<SeccompRule, BackendError> {
    let fast_open = libc::MSG_FASTOPEN.unsigned_abs().into();
    SeccompRule::new(vec![arg(flags, SeccompCmpOp::MaskedEq(fast_open), fast_open)?])
}

/// The same machine's other way to number its calls (x32), by which each rule here could be gone around. The crate makes rules
/// for numbers one by one; this is for all from one on.
#[cfg(target_arch = "x86_64")]
fn other_numbers() -> Option<BpfProgram> {
    const X32: u32 = 0x4000_0000;
    let step = |code: u32, jt, jf, k| {
        // Unwrap safety: the kernel's codes are of 16 bits.
        seccompiler::sock_filter { code: code.try_into().unwrap(), jt, jf, k }
    };
    let refused = libc::SECCOMP_RET_ERRNO | libc::EPERM.unsigned_abs();
    Some(vec![
        // The number stands first in what the kernel shows of a call (seccomp(2), `struct seccomp_data`).
        step(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, 0, 0, 0),
        step(libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K, 0, 1, X32),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, refused),
        step(libc::BPF_RET | libc::BPF_K, 0, 0, libc::SECCOMP_RET_ALLOW),
    ])
}

#[cfg(not(target_arch = "x86_64"))]
fn other_numbers() -> Option<BpfProgram> {
    None
}

/// Everything but plain TCP, which Landlock holds to its ports: of its kin (MPTCP, SCTP) it knows nothing. Looking up names
/// takes datagrams, and asks the kernel for its own addresses and the name service by local sockets.
fn other_sockets(looks_up_names: bool, local: bool) -> Result<Vec<SeccompRule>, BackendError> {
    let inet = [libc::AF_INET, libc::AF_INET6];
    let mut domains = inet.to_vec();
    let mut kinds = vec![libc::SOCK_RAW, libc::SOCK_RDM, libc::SOCK_SEQPACKET, libc::SOCK_DCCP];
    // 0: what is usual for the kind.
    let mut protocols = vec![0, libc::IPPROTO_TCP];
    if looks_up_names {
        domains.extend([libc::AF_UNIX, libc::AF_NETLINK]);
        protocols.push(libc::IPPROTO_UDP);
    } else {
        kinds.push(libc::SOCK_DGRAM);
    }
    if local {
        domains.push(libc::AF_UNIX);
    }
    let number = |value: libc::c_int| u64::from(value.unsigned_abs());
    let other = domains.iter().map(|domain| arg(0, SeccompCmpOp::Ne, number(*domain)));
    let mut rules = vec![SeccompRule::new(other.collect::<Result<_, _>>()?)?];
    for domain in inet {
        let is_domain = arg(0, SeccompCmpOp::Eq, number(domain))?;
        for kind in &kinds {
            // Above the kind stand flags such as `SOCK_CLOEXEC`.
            let is_kind = arg(1, SeccompCmpOp::MaskedEq(0xf), number(*kind))?;
            rules.push(SeccompRule::new(vec![is_domain.clone(), is_kind])?);
        }
        let other = protocols.iter().map(|protocol| arg(2, SeccompCmpOp::Ne, number(*protocol)));
        let other = std::iter::once(Ok(is_domain)).chain(other).collect::<Result<_, _>>()?;
        rules.push(SeccompRule::new(other)?);
    }
    Ok(rules)
}

fn arg(index: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(index, SeccompCmpArgLen::Dword, is, value)
}

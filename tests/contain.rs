//! What a contained process can no longer do. Each trial runs in a process of its own, which is this test started again:
//! there is no way back from being contained.

use mifeng::contain::{Contained, Held, Needs, contain};
use std::{
    fs,
    net::{TcpListener, TcpStream, ToSocketAddrs, UdpSocket},
    os::unix::net::{UnixDatagram, UnixStream},
    path::Path,
    process::Command,
};

/// What the child does, by its name; it prints one word a trial.
const TRIAL: &str = "MIFENG_TEST_CONTAIN";

fn main() {
    match std::env::var(TRIAL) {
        Ok(needs) => child(&needs),
        Err(_) => parent(),
    }
}

fn parent() {
    let folder = tempfile::tempdir().unwrap();
    let (own, other) = (folder.path().join("own"), folder.path().join("other"));
    for at in [&own, &other] {
        fs::create_dir(at).unwrap();
        fs::write(at.join("there"), "kept").unwrap();
    }
    let called = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let kept = TcpListener::bind("127.0.0.1:0").unwrap();
    let open = kept.local_addr().unwrap().port();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let trial = |calls: &str| {
        let needs = format!("{}|{}|{listen}|{calls}|{open}|{called}", own.display(), other.display());
        let output = Command::new(std::env::current_exe().unwrap()).env(TRIAL, needs).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };

    let said = trial("");
    if said.starts_with("held no") {
        println!("not tried: this kernel restricts nothing ({said})");
        return;
    }
    assert_eq!(
        said,
        "held yes yes\nown file: yes\nown new file: yes\nother file: no\nother new file: no\n/etc/passwd: no\n\
         memory of this process by name: no\nlistens: yes\nlistens elsewhere: no\ncalls: no\n\
         calls by other kinds: refused refused refused\ncalls while sending: refused refused refused\n\
         calls by other numbers: refused\ndatagrams: no\nlocal socket: no\npair of a signal: yes\nprogram: no\nthread, other file: no\n"
    );
    // The ports of a sign-on provider, and nothing beside them.
    let said = trial(&open.to_string());
    assert!(said.contains("\ncalls: yes\n") && said.contains("\ndatagrams: yes\n"), "{said}");
    assert!(said.contains("\nother file: no\n"), "{said}");
    assert!(said.contains("\ncalls by other kinds: refused refused refused\n"), "{said}");
    assert!(said.contains("\ncalls while sending: refused refused refused\n"), "{said}");
    assert!(said.contains("\nname: yes\n"), "{said}");
    drop(kept);
    println!("contained: files, network, system calls");
}

fn child(needs: &str) {
    let parts: Vec<&str> = needs.split('|').collect();
    let [own, other, listen, calls, open, elsewhere] = parts[..] else { panic!("{needs}") };
    let port = |text: &str| text.parse::<u16>().unwrap();
    let Contained { files, calls: held } = contain(&Needs {
        folders: vec![own.into()],
        listens: vec![port(listen)],
        calls: if calls.is_empty() { Vec::new() } else { vec![port(calls)] },
        local: false,
    })
    .unwrap();
    if files == Held::No || held == Held::No {
        print!("held no: files {files}, calls {held}");
        return;
    }
    println!("held {files} {held}");
    let say = |what: &str, worked: bool| println!("{what}: {}", if worked { "yes" } else { "no" });
    let (own, other) = (Path::new(own), Path::new(other));
    say("own file", fs::read(own.join("there")).is_ok());
    say("own new file", fs::write(own.join("new"), "x").is_ok());
    say("other file", fs::read(other.join("there")).is_ok());
    say("other new file", fs::write(other.join("new"), "x").is_ok());
    say("/etc/passwd", fs::read("/etc/passwd").is_ok());
    say("memory of this process by name", fs::File::open("/proc/self/mem").is_ok());
    say("listens", TcpListener::bind(("127.0.0.1", port(listen))).is_ok());
    say("listens elsewhere", TcpListener::bind(("127.0.0.1", port(elsewhere))).is_ok());
    say("calls", TcpStream::connect(("127.0.0.1", port(open))).is_ok());
    other_calls(port(open));
    say("datagrams", UdpSocket::bind("127.0.0.1:0").is_ok());
    say("local socket", UnixDatagram::unbound().is_ok());
    say("pair of a signal", UnixStream::pair().is_ok());
    if !calls.is_empty() {
        say("name", ("localhost", 1).to_socket_addrs().is_ok_and(|mut found| found.next().is_some()));
    }
    say("program", Command::new("/bin/true").status().is_ok());
    let there = other.join("there");
    say("thread, other file", std::thread::spawn(move || fs::read(there).is_ok()).join().unwrap());
}

/// Ways to call that the kernel's rule about connecting does not see. Whether it was our rule that refused, the error tells:
/// not every kernel knows them all.
fn other_calls(port: u16) {
    let errors = |name: &str, all: &[std::io::Error]| {
        print!("{name}:");
        for error in all {
            match error.raw_os_error() == Some(libc::EPERM) {
                true => print!(" refused"),
                false => print!(" {error:?}"),
            }
        }
        println!();
    };
    let failed = |done: i64| match done {
        ..0 => std::io::Error::last_os_error(),
        _ => std::io::Error::other("it worked"),
    };
    let socket = |domain: i32, protocol: i32| {
        // Safety: numbers alone.
        let made = unsafe { libc::socket(domain, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, protocol) };
        failed(made.into())
    };
    errors(
        "calls by other kinds",
        &[
            socket(libc::AF_INET, libc::IPPROTO_MPTCP),
            socket(libc::AF_INET6, libc::IPPROTO_MPTCP),
            socket(libc::AF_INET, libc::IPPROTO_SCTP),
        ],
    );

    let mut to = libc::sockaddr_in {
        sin_family: libc::AF_INET.try_into().unwrap(),
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(std::net::Ipv4Addr::LOCALHOST).to_be() },
        sin_zero: [0; 8],
    };
    let mut word = *b"x";
    let length = u32::try_from(size_of_val(&to)).unwrap();
    let mut part = libc::iovec { iov_base: word.as_mut_ptr().cast(), iov_len: word.len() };
    // Safety: a message is made of pointers and numbers, for which zero is a value; those set point to what outlives it.
    let mut message: libc::mmsghdr = unsafe { std::mem::zeroed() };
    message.msg_hdr.msg_name = (&raw mut to).cast();
    message.msg_hdr.msg_namelen = length;
    message.msg_hdr.msg_iov = &raw mut part;
    message.msg_hdr.msg_iovlen = 1;
    let flags = libc::MSG_FASTOPEN | libc::MSG_NOSIGNAL;
    // Safety: as above; each socket is new, and the addresses are of these variables.
    let sent = unsafe {
        let new = || libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
        let sendto = libc::sendto(new(), word.as_ptr().cast(), 1, flags, (&raw const to).cast(), length);
        let sendto = failed(sendto.try_into().unwrap());
        let sendmsg = failed(libc::sendmsg(new(), &raw const message.msg_hdr, flags).try_into().unwrap());
        let sendmmsg = failed(libc::sendmmsg(new(), &raw mut message, 1, flags).into());
        [sendto, sendmsg, sendmmsg]
    };
    errors("calls while sending", &sent);

    // By a number of the x32 kind, of a call that does nothing. No other machine has them.
    // Safety: numbers alone.
    let by_x32 = failed(unsafe { libc::syscall(0x4000_0000 | libc::SYS_getppid) });
    match cfg!(target_arch = "x86_64") {
        true => errors("calls by other numbers", &[by_x32]),
        false => println!("calls by other numbers: refused"),
    }
}

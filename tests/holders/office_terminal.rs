//! What the officers' tool shows leaves the screen, also when it is interrupted. Played on a real pseudo-terminal.
#![cfg(feature = "open")]

use mifeng::cli::office::{Asks, Terminal};
use std::process::Command;

const CANARY: &str = "CANARY-SHOWN-PERSON";
const CLEARED: &str = "\x1b[2J\x1b[?1049l";
const PART: &str = "MIFENG_TEST_PLAYS_OFFICER";

/// Runs a command on a pseudo-terminal, waits for the question, presses a key and prints all that was seen.
const PRESS: &str = r#"
import os, pty, select, sys, time
key, command = bytes.fromhex(sys.argv[1]), sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    os.execv(command[0], command)
seen, pressed = b"", False
while select.select([fd], [], [], 30)[0]:
    try:
        more = os.read(fd, 4096)
    except OSError:
        break
    if not more:
        break
    seen += more
    if not pressed and b"[y/n]" in seen:
        os.write(fd, key)
        pressed = True
for _ in range(100):
    status = os.waitpid(pid, os.WNOHANG)
    if status[0] != 0:
        break
    time.sleep(0.1)
else:
    os.kill(pid, 9)
    sys.exit("the tool neither cleared the screen nor ended")
sys.stdout.buffer.write(seen)
sys.exit(os.waitstatus_to_exitcode(status[1]) & 0xff)
"#;

/// Not a test by itself: what the one below runs on the pseudo-terminal.
#[test]
fn plays_the_officer_when_asked() {
    if std::env::var_os(PART).is_none() {
        return;
    }
    let mut terminal = Terminal::new(false).unwrap();
    terminal.show(CANARY).unwrap();
    let _ = terminal.yes("?");
    terminal.hide().unwrap();
}

#[test]
fn a_tool_that_is_interrupted_leaves_nothing_of_the_person_on_the_screen() {
    for (key, name) in
        [("03", "Ctrl-C"), ("1a", "Ctrl-Z"), ("1c", "Ctrl-\\"), ("790a", "y, the ordinary way")]
    {
        let own = std::env::current_exe().unwrap();
        let out = Command::new("python3")
            .args(["-c", PRESS, key])
            .arg(own)
            .args([
                "--exact",
                "office_terminal::plays_the_officer_when_asked",
                "--nocapture",
                "--test-threads=1",
            ])
            .env(PART, "1")
            .output()
            .unwrap_or_else(|e| {
                panic!("python3 is needed for a pseudo-terminal (`make test` installs it): {e}")
            });
        let seen = String::from_utf8_lossy(&out.stdout);
        assert!(out.status.code() == Some(if key.len() == 2 { 130 } else { 0 }), "{name}: {out:?}");
        let (shown, cleared) = (seen.rfind(CANARY).unwrap(), seen.rfind(CLEARED));
        assert!(cleared.is_some_and(|cleared| cleared > shown), "{name}: {seen:?}");
        assert!(seen.find("\x1b[?1049h").unwrap() < shown, "{name}: shown on the alternate screen");
    }
}

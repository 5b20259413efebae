//! A terminal that forgets: the person is shown on the alternate screen, which leaves no trace in the scrollback.

use super::interview::Asks;
use crate::policy::{Fen, parse_yuan};
use std::io::{self, BufRead, IsTerminal, Write};
use tokio::{
    runtime::Builder,
    signal::unix::{SignalKind, signal},
};

const ENTER: &str = "\x1b[?1049h\x1b[H\x1b[2J";
const LEAVE: &str = "\x1b[2J\x1b[?1049l";

pub struct Terminal {
    rehearsal: bool,
    showing: bool,
    guarded: bool,
}

impl Terminal {
    /// Refuses anything but a terminal, so that no name ends up in a file or a pipe.
    pub fn new(rehearsal: bool) -> Result<Self, &'static str> {
        if rehearsal || (io::stdout().is_terminal() && io::stdin().is_terminal()) {
            Ok(Self { rehearsal, showing: false, guarded: false })
        } else {
            Err("a person is shown on a terminal only, never in a file or a pipe")
        }
    }
}

impl Asks for Terminal {
    fn show(&mut self, text: &str) -> io::Result<()> {
        if !self.rehearsal && !self.guarded {
            clear_on_signals()?;
            self.guarded = true;
        }
        let mut out = io::stdout().lock();
        if !self.rehearsal {
            out.write_all(ENTER.as_bytes())?;
            self.showing = true;
        }
        writeln!(out, "{text}")?;
        out.flush()
    }

    fn hide(&mut self) -> io::Result<()> {
        if self.showing {
            self.showing = false;
            let mut out = io::stdout().lock();
            out.write_all(LEAVE.as_bytes())?;
            out.flush()?;
        }
        Ok(())
    }

    fn yes(&mut self, question: &str) -> io::Result<bool> {
        loop {
            match answer(question, "y/n")?.trim() {
                "y" | "yes" | "是" => return Ok(true),
                "n" | "no" | "否" => return Ok(false),
                _ => {}
            }
        }
    }

    fn sum(&mut self, question: &str) -> io::Result<Fen> {
        loop {
            if let Some(sum) = parse_yuan(&answer(question, "元 yuan")?) {
                return Ok(sum);
            }
        }
    }
}

/// One line that was typed; `form` says how an answer looks.
fn answer(question: &str, form: &str) -> io::Result<String> {
    print!("{question} [{form}] ");
    io::stdout().flush()?;
    let mut line = String::new();
    if io::stdin().lock().read_line(&mut line)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(line)
}

/// From now on Ctrl-C, Ctrl-Z, Ctrl-\, a closed window and `kill` clear the screen before the program ends: stopped or
/// ended by default, it would leave the person on the alternate screen. Only `kill -9` still does.
fn clear_on_signals() -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let (mut interrupt, mut stop, mut quit, mut hangup, mut terminate) = {
        let _inside = runtime.enter();
        let stop = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        (
            signal(SignalKind::interrupt())?,
            signal(stop)?,
            signal(SignalKind::quit())?,
            signal(SignalKind::hangup())?,
            signal(SignalKind::terminate())?,
        )
    };
    std::thread::Builder::new().spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = stop.recv() => {}
                _ = quit.recv() => {}
                _ = hangup.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        // The window may be gone; then there is nothing left to clear.
        let mut out = io::stdout().lock();
        let _ = out.write_all(LEAVE.as_bytes()).and_then(|()| out.flush());
        std::process::exit(130)
    })?;
    Ok(())
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nothing more can be done if even this fails.
        let _ = self.hide();
    }
}

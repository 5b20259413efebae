//! A terminal that forgets: the person is shown on the alternate screen, which leaves no trace in the scrollback.

use super::interview::Asks;
use std::io::{self, BufRead, IsTerminal, Write};

const ENTER: &str = "\x1b[?1049h\x1b[H\x1b[2J";
const LEAVE: &str = "\x1b[2J\x1b[?1049l";

pub struct Terminal {
    rehearsal: bool,
    showing: bool,
}

impl Terminal {
    /// Refuses anything but a terminal, so that no name ends up in a file or a pipe.
    pub fn new(rehearsal: bool) -> Result<Self, &'static str> {
        if rehearsal || (io::stdout().is_terminal() && io::stdin().is_terminal()) {
            Ok(Self { rehearsal, showing: false })
        } else {
            Err("a person is shown on a terminal only, never in a file or a pipe")
        }
    }
}

impl Asks for Terminal {
    fn show(&mut self, text: &str) -> io::Result<()> {
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
            print!("{question} [y/n] ");
            io::stdout().flush()?;
            let mut line = String::new();
            if io::stdin().lock().read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            match line.trim() {
                "y" | "yes" | "是" => return Ok(true),
                "n" | "no" | "否" => return Ok(false),
                _ => {}
            }
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Nothing more can be done if even this fails.
        let _ = self.hide();
    }
}

//! How far a long command has come, on stderr: a bar for whoever watches, plain lines for a file or a pipe.

use indicatif::{ProgressBar, ProgressStyle};
use std::io::{IsTerminal, Write};

pub struct Progress {
    /// `None`: nobody watches.
    bar: Option<ProgressBar>,
    told: (String, u64),
}

impl Progress {
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg:14} {wide_bar} {pos}/{len} {eta}");
            // Unwrap safety: the template is ours, and whole.
            ProgressBar::new(0).with_style(style.unwrap())
        });
        Self { bar, told: (String::new(), 0) }
    }

    /// So many of so many in this part of the work. A line for every tenth of it.
    pub fn step(&mut self, part: &str, done: u64, of: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(of);
            bar.set_message(part.to_owned());
            bar.set_position(done);
            return;
        }
        let tenth = (done * 10).checked_div(of).unwrap_or(10);
        if self.told != (part.to_owned(), tenth) {
            self.told = (part.to_owned(), tenth);
            line(&format!("{part} {done}/{of}"));
        }
    }

    /// So many, of nobody knows how many. A line for every ten thousand.
    pub fn count(&mut self, part: &str, done: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(done);
            bar.set_message(part.to_owned());
            bar.set_position(done);
            return;
        }
        let told = (part.to_owned(), done / 10_000);
        if self.told != told {
            self.told = told;
            line(&format!("{part} {done}"));
        }
    }

    /// Something of which nothing is counted.
    pub fn say(&mut self, what: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(what.to_owned()),
            None if self.told.0 != what => {
                self.told = (what.to_owned(), 0);
                line(what);
            }
            None => {}
        }
    }

    pub fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

/// Whoever reads stderr may have gone; the work goes on.
fn line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

//! Programs of others on the office's machine: run without a shell, an environment or standard input, for so long and no
//! longer, and heard out to a measure.

use super::Failed;
use std::{
    ffi::OsString,
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Bytes of an answer that are kept. What ffprobe is asked takes some hundred.
const ANSWER: u64 = 1 << 20;
/// Bytes of its complaints that are kept: the first ones say why.
const COMPLAINTS: u64 = 4 << 10;
/// Between two looks at whether it is done.
const LOOK: Duration = Duration::from_millis(20);

/// What it wrote on its standard output.
pub(super) fn run(program: &str, args: Vec<OsString>, within: Duration) -> Result<Vec<u8>, Failed> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.args(args).env_clear().env("PATH", path);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child =
        command.spawn().map_err(|e| format!("{program}: {e}; is it installed on this machine?"))?;
    let (answer, complaints) = (heard(child.stdout.take(), ANSWER), heard(child.stderr.take(), COMPLAINTS));
    let Some(status) = wait(&mut child, within)? else {
        return Err(
            format!("{program}: stopped, it was not done after {} minutes", within.as_secs() / 60).into()
        );
    };
    let heard = |thread: JoinHandle<Vec<u8>>| thread.join().unwrap_or_default();
    match status.success() {
        true => Ok(heard(answer)),
        // Its own words may quote what is in the file; this screen shows the original anyhow.
        false => {
            let complaints = heard(complaints);
            Err(format!("{program}: {}", crate::fit::fit(&String::from_utf8_lossy(&complaints))).into())
        }
    }
}

/// The first `most` bytes; the rest is thrown away as it comes, so that nobody waits for us to read it.
fn heard(pipe: Option<impl Read + Send + 'static>, most: u64) -> JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut pipe) = pipe {
            // A pipe that breaks has said what it had to say.
            let _ = pipe.by_ref().take(most).read_to_end(&mut kept);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        kept
    })
}

/// How it ended; `None`: it was stopped.
fn wait(child: &mut Child, within: Duration) -> io::Result<Option<ExitStatus>> {
    let since = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if since.elapsed() > within {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(LOOK);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_never_ends_is_stopped_and_one_that_never_stops_talking_is_not_kept() {
        let stopped = run("sleep", vec!["600".into()], Duration::from_millis(100)).unwrap_err();
        assert!(stopped.to_string().contains("stopped"), "{stopped}");
        let much = ["-c", "5000000", "/dev/zero"].map(OsString::from);
        assert_eq!(run("head", much.into(), Duration::from_secs(60)).unwrap().len(), 1 << 20);
        let complains = ["-c", "head -c 5000000 /dev/zero >&2; exit 1"].map(OsString::from);
        let complaints = run("sh", complains.into(), Duration::from_secs(60)).unwrap_err().to_string();
        assert!(complaints.chars().count() < 5000, "{}", complaints.len());
    }
}

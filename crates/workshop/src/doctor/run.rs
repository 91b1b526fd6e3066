//! Other programs, asked for what they know.

use std::{
    ffi::OsStr,
    io::{self, Read},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

/// How long a program may take to answer: a browser that starts cold needs a second.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How often to look whether a program has ended that prints nothing any more.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// How much of what it prints is read.
const OUTPUT_BYTES_LIMIT: u64 = 1 << 20;

/// What a program has answered.
#[derive(Debug)]
pub(super) struct Answer {
    /// What it printed, to either of its outputs.
    pub(super) text: String,
    /// Its exit code; none, when it did not end by itself.
    pub(super) code: Option<i32>,
}

/// Why a program has not answered.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoAnswer {
    #[error("{0}")]
    System(#[from] io::Error),
    #[error("no answer within {} s", .0.as_secs_f64())]
    Late(Duration),
}

/// Runs a program with these flags. It speaks English, whatever the language here.
///
/// # Errors
/// When it can't be started, or prints on for longer than [`ANSWER_TIMEOUT`].
pub(super) fn ask(
    program: impl AsRef<OsStr>,
    flags: &[&str],
) -> Result<Answer, NoAnswer> {
    ask_within(ANSWER_TIMEOUT, program, flags)
}

fn ask_within(
    timeout: Duration,
    program: impl AsRef<OsStr>,
    flags: &[&str],
) -> Result<Answer, NoAnswer> {
    let (reader, writer) = io::pipe()?;
    let mut command = Command::new(program);
    command.args(flags).env("LC_ALL", "C").stdin(Stdio::null());
    command.stdout(writer.try_clone()?).stderr(writer);
    let deadline = Instant::now() + timeout;
    let mut child = command.spawn()?;
    drop(command); // with its ends of the pipe
    let (sender, answer) = mpsc::channel();
    // Read while it runs: a pipe holds 64 KiB, and the program would wait.
    thread::spawn(move || {
        let mut printed = Vec::new();
        let read = reader.take(OUTPUT_BYTES_LIMIT).read_to_end(&mut printed);
        let _ = sender.send(read.map(|_| printed)); // It fails after the time-out.
    });
    let printed = answer.recv_timeout(timeout);
    let code = end(&mut child, deadline);
    let printed = printed.map_err(|_| NoAnswer::Late(timeout))??;
    Ok(Answer { text: String::from_utf8_lossy(&printed).into_owned(), code })
}

/// The exit code of a program that ends by itself before the deadline: it may have closed its
/// outputs a moment before.
#[expect(clippy::disallowed_methods, reason = "no server runs in this thread")]
fn end(child: &mut Child, deadline: Instant) -> Option<i32> {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.code(),
            Ok(None) if Instant::now() < deadline => thread::sleep(POLL_INTERVAL),
            _ => break,
        }
    }
    let _ = child.kill(); // It fails when the program has ended.
    let _ = child.wait();
    None
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    fn shell(timeout: Duration, script: &str) -> Result<Answer, NoAnswer> {
        ask_within(timeout, "sh", &["-c", script])
    }

    #[test]
    fn a_program_says_all_and_its_exit_code_in_english() {
        let script = "echo $LC_ALL; echo wrong >&2; exec >&- 2>&-; exit 3";
        let Answer { text, code } = shell(ANSWER_TIMEOUT, script).unwrap();
        assert_eq!((text.as_str(), code), ("C\nwrong\n", Some(3)));
        let missing = ask("/nowhere/program", &[]).unwrap_err().to_string();
        assert!(missing.contains("No such file"), "{missing}");
    }

    /// More than fits into a pipe, and without an end.
    #[test]
    fn a_program_that_prints_for_ever_is_read_to_the_limit() {
        let Answer { text, .. } = shell(ANSWER_TIMEOUT, "exec yes").unwrap();
        assert_eq!(text.len() as u64, OUTPUT_BYTES_LIMIT);
    }

    #[test]
    fn a_program_that_does_not_end_has_no_answer() {
        let timeout = Duration::from_millis(100);
        let silent = shell(timeout, "exec sleep 600").unwrap_err().to_string();
        assert_eq!(silent, "no answer within 0.1 s");
        // A program of its own holds the pipe.
        let held = shell(timeout, "sleep 10 & exit").unwrap_err();
        assert!(matches!(held, NoAnswer::Late(_)), "{held}");
        // Without an output, but with no end either. (To close it takes a busy machine longer.)
        let timeout = Duration::from_secs(2);
        let quiet = shell(timeout, "exec sleep 600 >&- 2>&-").unwrap();
        assert_eq!((quiet.text.as_str(), quiet.code), ("", None));
    }
}

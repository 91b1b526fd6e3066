//! What ends the processes of this program when it was killed, and could not end them itself.
//!
//! A shell reads what runs from a pipe. The system closes that pipe when this program is gone,
//! however it went; redis-server and nginx would not notice.

use std::{
    collections::BTreeSet,
    io::{self, Write},
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError},
};

/// Each line that it reads names the processes that run then: it kills those of the last one.
const SCRIPT: &str = "while read -r line; do running=$line; done
[ -z \"$running\" ] || kill -KILL $running";

/// Started with the first process. Written by [`add`] and [`remove`], before a number can be
/// another process's.
static GUARD: Mutex<Option<Guard>> = Mutex::new(None);

struct Guard {
    pipe: ChildStdin,
    running: BTreeSet<u32>,
}

impl Guard {
    fn start() -> io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT]).stdin(Stdio::piped());
        // Nobody waits for the end of an output that it has, too.
        shell.stdout(Stdio::null()).stderr(Stdio::null());
        // Ctrl-C in the terminal is not for it.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut shell, 0);
        let pipe = shell.spawn()?.stdin.take();
        let pipe = pipe.ok_or_else(|| io::Error::other("the shell has no pipe"))?;
        Ok(Self { pipe, running: BTreeSet::new() })
    }

    /// One write, which is not split: it is shorter than 4 KiB (pipe(7)).
    fn tell(&mut self) {
        let mut line: String =
            self.running.iter().map(|id| format!("{id} ")).collect();
        line.push('\n');
        // Whoever has ended the shell wants no guard.
        let _ = self.pipe.write_all(line.as_bytes());
    }
}

/// From now on, this process is killed when this program has ended.
///
/// # Errors
/// When there is no shell.
pub(crate) fn add(id: u32) -> io::Result<()> {
    if cfg!(not(unix)) {
        return Ok(());
    }
    let mut guard = GUARD.lock().unwrap_or_else(PoisonError::into_inner);
    let guard = match &mut *guard {
        Some(guard) => guard,
        none => none.insert(Guard::start()?),
    };
    guard.running.insert(id);
    guard.tell();
    Ok(())
}

/// From now on, its number may be another process's.
pub(crate) fn remove(id: u32) {
    let mut guard = GUARD.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(guard) = guard.as_mut()
        && guard.running.remove(&id)
    {
        guard.tell();
    }
}

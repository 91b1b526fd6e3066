//! Other programs, asked for what they know.

use std::{
    env,
    ffi::OsStr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a program may take to answer: a browser that starts cold needs a second.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How often to look whether it has answered.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

/// Folders of programs that are not in everybody's `PATH`: servers, and Homebrew's.
const MORE_FOLDERS: [&str; 3] =
    ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];

/// Where a program is: by its name, or at a path.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    let path = PathBuf::from(program);
    if path.is_absolute() {
        return path.exists().then_some(path);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&folders)
        .chain(MORE_FOLDERS.map(PathBuf::from))
        .map(|folder| {
            folder.join(program).with_extension(env::consts::EXE_EXTENSION)
        })
        .collect();
    folders.into_iter().find(|path| path.is_file())
}

/// What a program prints, to either of its outputs. None, when it is not there or does not
/// end in time.
pub(super) fn output(program: impl AsRef<OsStr>, flags: &[&str]) -> Option<String> {
    let mut child = Command::new(program)
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    if !ends(&mut child) {
        // Both fail when it has just ended.
        let _ = child.kill();
        let _ = child.wait();
        return None;
    }
    let output = child.wait_with_output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some(String::from_utf8_lossy(&said).into_owned())
}

#[expect(clippy::disallowed_methods, reason = "no server runs in this thread")]
fn ends(child: &mut Child) -> bool {
    let start = Instant::now();
    while start.elapsed() < ANSWER_TIMEOUT {
        match child.try_wait() {
            Ok(Some(_)) => return true,
            Ok(None) => sleep(POLL_INTERVAL),
            Err(_) => return false,
        }
    }
    false
}

//! Other programs, asked for what they know.

use std::{
    env,
    ffi::OsStr,
    io::{self, Read},
    path::PathBuf,
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

/// How long a program may take to answer: a browser that starts cold needs a second.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// How much of what it prints is read.
const OUTPUT_BYTES_LIMIT: u64 = 1 << 20;

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
    let (reader, writer) = io::pipe().ok()?;
    let mut command = Command::new(program);
    command.args(flags).stdin(Stdio::null());
    command.stdout(writer.try_clone().ok()?).stderr(writer);
    let mut child = command.spawn().ok()?;
    drop(command); // with its ends of the pipe
    let (sender, answer) = mpsc::channel();
    // Read while it runs: a pipe holds 64 KiB, and the program would wait.
    thread::spawn(move || {
        let mut said = Vec::new();
        let read = reader.take(OUTPUT_BYTES_LIMIT).read_to_end(&mut said);
        let _ = sender.send(read.map(|_| said)); // It fails after the time-out.
    });
    let said = answer.recv_timeout(ANSWER_TIMEOUT);
    let _ = child.kill(); // It fails when the program has ended.
    let _ = child.wait();
    Some(String::from_utf8_lossy(&said.ok()?.ok()?).into_owned())
}

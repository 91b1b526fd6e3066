//! A folder for what a program's processes keep while they run.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// Tells folders of one process apart. Counted up by [`TempFolder::new`].
static NEXT: AtomicU32 = AtomicU32::new(1);

/// A folder of this process's, where the system has its temporary files. It is removed
/// when this is dropped.
#[derive(Debug)]
pub struct TempFolder(PathBuf);

impl TempFolder {
    /// Creates a folder. Those of the same `kind` that processes left behind which were
    /// killed are removed (on Linux; macOS empties its temporary folder itself).
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new(kind: &str) -> io::Result<Self> {
        let (all, prefix) = (env::temp_dir(), format!("workshop-{kind}-"));
        remove_abandoned(&all, &prefix);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = all.join(format!("{prefix}{}-{number}", process::id()));
        fs::create_dir_all(&folder)?;
        Ok(Self(folder))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        // If it can't be removed now, the next process will do it.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What can't be read or removed, such as another user's, stays.
fn remove_abandoned(all: &Path, prefix: &str) {
    let processes = Path::new("/proc");
    let Ok(entries) = fs::read_dir(all) else { return };
    if !processes.join("self").exists() {
        return; // Nothing here says which processes run.
    }
    for entry in entries.flatten() {
        let name = entry.file_name();
        let numbers = name.to_str().and_then(|name| name.strip_prefix(prefix));
        let process = numbers.and_then(|numbers| numbers.split_once('-'));
        let process = process.and_then(|(process, _)| process.parse::<u32>().ok());
        if process.is_some_and(|id| !processes.join(id.to_string()).exists()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

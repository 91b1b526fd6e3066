//! A folder for what a program's processes keep while they run.

use std::{
    env,
    fs::{self, DirBuilder},
    io,
    path::{Path, PathBuf},
    process,
};

/// A folder of this process's, where the system has its temporary files, which no other user
/// can look into. It is removed when this is dropped.
#[derive(Debug)]
pub struct TempFolder(PathBuf);

impl TempFolder {
    /// Creates a folder. Those of the same `kind` that processes left behind which were
    /// killed are removed (on Linux; macOS empties its temporary folder itself).
    ///
    /// # Errors
    /// When the system refuses, or something has the folder's name.
    pub fn new(kind: &str) -> io::Result<Self> {
        let (all, prefix) = (env::temp_dir(), format!("workshop-{kind}-"));
        remove_abandoned(&all, &prefix);
        // Others can write there, too: a name that they guess, they could have first.
        let number: u64 = rand::random();
        let folder = all.join(format!("{prefix}{}-{number:016x}", process::id()));
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder)?;
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

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn no_other_user_guesses_its_name_or_looks_into_it() {
        let folders = ["a", "a"].map(|kind| TempFolder::new(kind).unwrap());
        let [one, other] = folders.each_ref().map(|folder| {
            let mode = fs::metadata(folder.path()).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700, "{mode:o}");
            let name = folder.path().file_name().unwrap().to_str().unwrap();
            let number = name.rsplit_once('-').unwrap().1;
            assert_eq!(number.len(), 16, "{name}");
            number
        });
        assert_ne!(one, other);
        let paths = folders.each_ref().map(|folder| folder.path().to_owned());
        drop(folders);
        assert!(!paths.iter().any(|path| path.exists()), "{paths:?}");
    }
}

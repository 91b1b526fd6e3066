//! Where the programs of others are: Debian and Homebrew keep some where only few shells look.

use std::{
    env::{self, consts::EXE_SUFFIX},
    path::PathBuf,
};

/// Where programs are besides the folders of `PATH`.
const MORE_FOLDERS: [&str; 3] =
    ["/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin"];

/// Where a program is: by its name, or at a path.
#[must_use]
pub fn find_program(program: &str) -> Option<PathBuf> {
    let path = PathBuf::from(program);
    if path.is_absolute() {
        return path.is_file().then_some(path);
    }
    let folders = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&folders)
        .chain(MORE_FOLDERS.map(PathBuf::from))
        .map(|folder| folder.join(format!("{program}{EXE_SUFFIX}")))
        .find(|path| path.is_file())
}

//! The programs of others, which Debian keeps where only root's shell looks.

use std::{env, path::PathBuf};

use machine::Program;

use super::error::Error;

/// Where programs are besides the folders of `PATH`.
const FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/opt/homebrew/bin"];

/// A program that is installed.
///
/// # Errors
/// When it is not: says how to install it.
pub(super) fn find(name: &'static str) -> Result<Program, Error> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.map(PathBuf::from));
    let mut files = folders.map(|folder| folder.join(name));
    let file = files.find(|file| file.is_file());
    file.map(Program::new).ok_or(Error::NotInstalled { name })
}

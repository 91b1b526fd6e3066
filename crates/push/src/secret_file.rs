//! Files that their owner alone can read, in a folder that is its owner's, too.

use std::{
    fs, io,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
};

/// Reads a file, which from now on is for its owner alone: a copy may have lost that.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let content = fs::read(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mut permissions = fs::metadata(path)?.permissions();
        if permissions.mode() & 0o077 != 0 {
            permissions.set_mode(0o600);
            fs::set_permissions(path, permissions)?;
        }
    }
    Ok(content)
}

/// Writes a file. A crash leaves the old one or the new one, never half of it.
pub(crate) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    fs::rename(write_new(path, "new", content)?, path)
}

/// Reads a file; the first time, creates it. Of two programs that do so at the same time,
/// both have what the faster one has created.
pub(crate) fn read_or_create(path: &Path, content: &[u8]) -> io::Result<Vec<u8>> {
    match read(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        other => return other,
    }
    let name = format!("new-{:08x}", rand::random::<u32>());
    let new = write_new(path, &name, content)?;
    // Unlike a rename, a link takes no other file's place.
    let linked = fs::hard_link(&new, path);
    fs::remove_file(new)?;
    match linked {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => read(path),
    }
}

/// Writes a file beside another one. Returns its path.
fn write_new(path: &Path, extension: &str, content: &[u8]) -> io::Result<PathBuf> {
    if let Some(folder) = path.parent() {
        create_folder(folder)?;
    }
    let new = path.with_extension(extension);
    // What a crash has left may have other permissions.
    let _ = fs::remove_file(&new);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    Ok(new)
}

/// One that is there keeps its permissions.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

//! The servers to compare with, built where they stand.

use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
};

use machine::Program;

use crate::error::Error;

/// Builds the peer on axum, if it is not there yet.
pub(super) fn axum() -> Result<Program, Error> {
    let manifest = folder("axum").join("Cargo.toml");
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    run(Command::new("cargo")
        .args(["build", "--release", "--locked", "--quiet", "--manifest-path"])
        .arg(manifest)
        .arg("--target-dir")
        .arg(&target))?;
    Ok(Program::new(target.join("release/axum-peer")))
}

/// Installs the packages of the peer on Node, if they are not there yet.
pub(super) fn node() -> Result<Program, Error> {
    let folder = folder("node");
    if !folder.join("node_modules/ws").is_dir() {
        run(Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(&folder))?;
    }
    Ok(Program::new("node").with([folder.join("server.js")]))
}

/// Builds the peer on Go. Nothing, when this machine has no Go.
pub(super) fn go() -> Result<Option<Program>, Error> {
    if Command::new("go").arg("version").output().is_err() {
        return Ok(None);
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = sources.join("../../target/peers/go-peer");
    run(Command::new("go")
        .args(["build", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(folder("go")))?;
    Ok(Some(Program::new(program)))
}

fn folder(peer: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers").join(peer)
}

fn run(command: &mut Command) -> Result<(), Error> {
    let status = command.stdout(io::stderr()).status();
    let problem = match status {
        Ok(status) if status.success() => return Ok(()),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    Err(Error::Build { command: format!("{command:?}"), problem })
}

//! A program, and how it is called.

use std::{
    env::{self, consts::EXE_EXTENSION},
    ffi::OsString,
    path::PathBuf,
    process::Command,
};

use crate::error::Error;

/// A program with its arguments, which can be run many times.
#[derive(Debug, Clone)]
pub struct Program {
    binary: PathBuf,
    arguments: Vec<OsString>,
}

impl Program {
    /// A program at a path, or one that the shell would find.
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self { binary: binary.into(), arguments: Vec::new() }
    }

    /// The program of a package of this workspace, beside this one.
    ///
    /// # Errors
    /// When it was not built: says how.
    pub fn beside_this(name: &str) -> Result<Self, Error> {
        let path =
            env::current_exe()?.with_file_name(name).with_extension(EXE_EXTENSION);
        if path.is_file() {
            return Ok(Self::new(path));
        }
        let release = if cfg!(debug_assertions) { "" } else { "--release " };
        Err(Error::NotBuilt { name: name.into(), path, release })
    }

    /// The program that is running.
    ///
    /// # Errors
    /// When the system does not tell its path.
    pub fn this() -> Result<Self, Error> {
        Ok(Self::new(env::current_exe()?))
    }

    /// The same with more arguments.
    #[must_use]
    pub fn with<S: Into<OsString>>(
        mut self,
        arguments: impl IntoIterator<Item = S>,
    ) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// What runs it.
    #[must_use]
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(&self.arguments);
        command
    }

    /// Its path.
    #[must_use]
    pub fn path(&self) -> &std::path::Path {
        &self.binary
    }
}

//! A clock that jumps, for the server alone.

use std::{cell::RefCell, fs, path::PathBuf, time::Duration};

use machine::{Program, ServerProcess, shield_from_ctrl_c};
use rand::RngExt;
use stage::TempFolder;

use crate::error::Error;

/// How far off a clock is that has certainly jumped.
pub(crate) const FAR: Duration = Duration::from_secs(3600);

/// The clock of servers that are started by [`Clock::start`]: libfaketime's, where that
/// is installed.
pub(crate) struct Clock {
    library: Option<PathBuf>,
    /// For the file that says how many seconds it is off, as libfaketime reads it.
    folder: TempFolder,
    /// The processes that had it.
    started: RefCell<Vec<u32>>,
}

impl Clock {
    pub(crate) fn find() -> Result<Self, Error> {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
        let mut libraries = folders
            .map(|f| PathBuf::from(f).join("faketime/libfaketime.so.1"))
            .into_iter();
        let library = libraries.find(|library| library.is_file());
        let folder = TempFolder::new("chaos-clock")?;
        Ok(Self { library, folder, started: RefCell::default() })
    }

    /// Whether there is such a clock here.
    pub(crate) fn jumps(&self) -> bool {
        self.library.is_some()
    }

    /// Starts a server with this clock; with the system's, where there is none.
    pub(crate) fn start(&self, program: &Program) -> Result<ServerProcess, Error> {
        let mut command = program.command();
        if let Some(library) = &self.library {
            self.set(0)?;
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", self.file())
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let server = ServerProcess::start(shield_from_ctrl_c(&mut command))?;
        self.started.borrow_mut().push(server.id());
        Ok(server)
    }

    /// Up to a day, forwards or backwards.
    pub(crate) fn jump(&self) -> Result<(), Error> {
        match self.jumps() {
            true => self.set(rand::rng().random_range(-86_400..86_400)),
            false => Ok(()),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("seconds")
    }

    fn set(&self, seconds: i32) -> Result<(), Error> {
        // At once: half a file would be read as another time.
        let new = self.folder.path().join("new");
        fs::write(&new, format!("{seconds:+}"))?;
        Ok(fs::rename(new, self.file())?)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        // A process that is killed leaves behind what libfaketime shares with its children.
        for id in self.started.take() {
            let _ = fs::remove_file(format!("/dev/shm/faketime_shm_{id}"));
            let _ = fs::remove_file(format!("/dev/shm/sem.faketime_sem_{id}"));
        }
    }
}

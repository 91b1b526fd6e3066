//! A clock that jumps, for the server alone.

use std::{cell::RefCell, fs, io, path::PathBuf, process::Command, time::Duration};

use machine::Stopwatch;
use rand::RngExt;
use tokio::time::sleep;

use crate::{
    client::Kind,
    hostile::{
        Outcome,
        book::{Neighbours, between, newest},
        judge, not_tried,
    },
    server::{Program, Server},
};

/// How far off a clock is that has certainly jumped.
pub(crate) const FAR: Duration = Duration::from_secs(3600);

/// The clock of servers that are started by [`Clock::start`]: libfaketime's, where that
/// is installed.
pub(crate) struct Clock {
    library: Option<PathBuf>,
    /// How many seconds it is off, as libfaketime reads it.
    file: PathBuf,
    /// The processes that had it.
    started: RefCell<Vec<u32>>,
}

impl Clock {
    pub(crate) fn find() -> Self {
        let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];
        let mut libraries = folders
            .map(|f| PathBuf::from(f).join("faketime/libfaketime.so.1"))
            .into_iter();
        let library = libraries.find(|library| library.is_file());
        let name = format!("bench-clock-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        Self { library, file, started: RefCell::default() }
    }

    /// Whether there is such a clock here.
    pub(crate) fn jumps(&self) -> bool {
        self.library.is_some()
    }

    /// Starts a server with this clock; with the system's, where there is none.
    pub(crate) fn start(&self, program: &Program) -> io::Result<Server> {
        let mut command = Command::new(&program.binary);
        command.args(&program.arguments);
        if let Some(library) = &self.library {
            self.set(0)?;
            command
                .env("LD_PRELOAD", library)
                .env("FAKETIME_TIMESTAMP_FILE", &self.file)
                .env("FAKETIME_NO_CACHE", "1")
                .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        }
        let server = Server::spawn(command)?;
        self.started.borrow_mut().push(server.id());
        Ok(server)
    }

    /// Up to a day, forwards or backwards.
    pub(crate) fn jump(&self) -> io::Result<()> {
        match self.jumps() {
            true => self.set(rand::rng().random_range(-86_400..86_400)),
            false => Ok(()),
        }
    }

    fn set(&self, seconds: i32) -> io::Result<()> {
        // At once: half a file would be read as another time.
        let new = self.file.with_extension("new");
        fs::write(&new, format!("{seconds:+}"))?;
        fs::rename(new, &self.file)
    }
}

impl Drop for Clock {
    fn drop(&mut self) {
        // None of it is there, where nothing jumps.
        let _ = fs::remove_file(&self.file);
        // A process that is killed leaves behind what libfaketime shares with its children.
        for id in self.started.take() {
            let _ = fs::remove_file(format!("/dev/shm/faketime_shm_{id}"));
            let _ = fs::remove_file(format!("/dev/shm/sem.faketime_sem_{id}"));
        }
    }
}

/// Nobody's connection depends on what time it is.
pub(crate) async fn clock() -> io::Result<Outcome> {
    let clock = Clock::find();
    if !clock.jumps() {
        return not_tried("libfaketime is not installed (Debian: faketime)");
    }
    let program = Program::own(&["--serve", "all", "--every", "10ms"])?;
    let server = clock.start(&program)?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    let first = newest(server.address).await?.seq;
    let mut watch = Stopwatch::start(Duration::from_millis(250));
    let mut jumps = 0;
    while watch.look() < Duration::from_secs(3) {
        sleep(between(20..200)).await;
        clock.jump()?;
        jumps += 1;
    }
    let published = newest(server.address).await?.seq - first;
    let rate = published as f64 / watch.look().as_secs_f64();
    let book = neighbours.book.clone();
    let complaints = neighbours.leave().await?;
    let text = format!(
        "{jumps} jumps, up to {:.1} h off; {rate:.0} samples a second to 10 clients, \
         which must keep their connections",
        book.clock().as_secs_f64() / 3600.0
    );
    let held = complaints.is_empty() && book.clock() > FAR && rate > 80.0;
    judge(held, format!("{text}{}", told(&complaints)))
}

/// What neighbours complain of, after what was seen.
pub(crate) fn told(complaints: &[String]) -> String {
    complaints.iter().map(|line| format!("\n    {line}")).collect()
}

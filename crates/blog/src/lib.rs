//! # A blog with live readers, as one program and as three with a gateway
//!
//! The same posts, comments and likes (`parts.rs`), the same stream to the readers
//! (`readers.rs`), the same page. What differs is where a part runs, and so who is cut
//! off when *likes* restarts:
//!
//! ```text
//!  readers ══► posts, comments, likes: one program     a function call
//!
//!                         ┌─► posts
//!  readers ══► gateway ───┼─► comments                 a request, which can fail
//!                         └─► likes
//! ```
//!
//! `monolith.rs` and `services.rs` are to be read side by side.
//!
//! ```sh
//! cargo run -p blog -- monolith    # http://localhost:3013/
//! cargo run -p blog -- services    # http://localhost:3014/
//! ```
//!
//! Enter restarts the program that *likes* is in, as a deploy of a new version does.

mod ask;
mod crowd;
mod flags;
mod monolith;
mod parts;
mod programs;
mod readers;
mod services;

use std::{env, process::ExitCode};

use actix_web::rt::{System, spawn};
use feed::Feed;
use stage::{Admission, Pages, Routes, TempFolder};

use crate::{
    flags::{Flags, Program, Shape},
    parts::{Part, PartName},
};

/// Runs the blog until Ctrl-C or SIGTERM.
///
/// A bad flag, a port in use and missing pages end in one line that says what to do,
/// and an exit code that is not 0.
#[must_use]
pub fn main() -> ExitCode {
    let about =
        "Realtime Workshop: a blog, as one program and as three with a gateway";
    let flags = match stage::parse::<Flags>(
        "blog",
        about.into(),
        env::args_os(),
        |command| command,
    ) {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    let ended = System::new().block_on(async {
        match flags.program {
            None => run(&flags).await,
            Some(program) => serve(program, &flags).await.map(|()| 0),
        }
    });
    match ended {
        Ok(code) => ExitCode::from(u8::try_from(code).unwrap_or(1)),
        Err(error) => {
            stage::print_error("blog", &error);
            ExitCode::FAILURE
        }
    }
}

/// Runs all programs, and has a crowd write meanwhile. Returns the exit code.
async fn run(flags: &Flags) -> Result<i32, stage::Error> {
    stage::raise_file_limit();
    Pages::find(flags.common.static_dir.clone(), flags.shape.technique())?;
    // What is in use is said here, in one line, and not by each program.
    for &program in flags.shape.programs() {
        let address = flags.address(program);
        stage::listen(address.ip(), address.port())?;
    }
    let shutdown = stage::interrupted()?;
    stage::print_line(&flags.banner());
    let folder = TempFolder::new("blog")?;
    let crowd = crowd::write(flags.front(), flags.common.every, flags.common.seed);
    let crowd = spawn(crowd);
    let ended = programs::run(flags, folder.path(), shutdown).await;
    crowd.abort();
    Ok(ended?)
}

/// Is one of the programs, until it is told to end.
async fn serve(program: Program, flags: &Flags) -> Result<(), stage::Error> {
    stage::raise_file_limit();
    let shutdown = programs::told_to_end();
    let address = flags.address(program);
    let listener = stage::listen(address.ip(), address.port())?;
    let hosts = flags.common.hosts();
    let open = |name| Part::open(name, &flags.data_dir);
    if let Some(name) = program.part() {
        let routes = services::service(open(name)?);
        let admit = |_| -> Option<Admission> { Some(Box::new(())) };
        let limit = services::CONNECTION_LIMIT;
        let server = stage::start(listener, hosts, limit, admit, routes, shutdown)?;
        return Ok(server.await?);
    }
    let technique = flags.shape.technique();
    let mut pages = Pages::find(flags.common.static_dir.clone(), technique)?;
    pages.urls = flags.common.urls(flags.port());
    let readers = Feed::new(flags.common.keep, "started");
    let routes: Box<dyn Routes> = match flags.shape {
        Shape::Monolith => {
            let [posts, comments, likes] = PartName::ALL.map(open);
            let parts = [posts?, comments?, likes?];
            Box::new(monolith::routes(parts, readers.clone()))
        }
        Shape::Services => {
            let services = Program::PARTS.map(|program| flags.address(program));
            Box::new(services::gateway(services, readers.clone()))
        }
    };
    Ok(stage::serve(listener, hosts, pages, readers, routes, shutdown)?.await?)
}

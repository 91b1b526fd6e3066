//! The workshop: all five techniques on one feed, each behind a lens that shows its
//! bytes and breaks it on request, and the pages around them.
//!
//! ```text
//!                            ┌─ lens 3001 ─ short-poll ─┐
//!  attendees ── hub 3000     ├─ lens 3002 ─ long-poll ──┤
//!      │          │          ├─ lens 3003 ─ http-stream ┼── one feed
//!      └──────────┼──────────├─ lens 3004 ─ sse ────────┤
//!                 │          ├─ lens 3005 ─ websocket ──┘
//!                 │          └─ lens 3012 ─ gallery
//!  presenter ── 3006, of this machine alone
//! ```
//!
//! A page of the hub holds the technique's own page in a frame, from its own port, and
//! learns by one WebSocket what the lenses see of its device: [`live`]. The presenter's
//! pages do the same, and see all.
//!
//! Run it: `cargo run`, then open <http://localhost:3000/>.

mod before_proxy;
mod client;
mod devices;
mod doctor;
mod flags;
mod hub_server;
mod hub_watcher;
mod incoming;
pub mod live;
mod made_once;
mod notifier;
mod pages;
mod presenter;
mod quiz;
mod rhythm;
mod room;
mod servers;
mod setup;
mod shared_state;
mod site;
mod techniques;

use std::{env, ffi::OsString, net::IpAddr, process::ExitCode};

use actix_web::{
    rt::{System, spawn},
    web::Data,
};
use feed::{Feed, Random};
use stage::CommonFlags;
use tokio::try_join;
use tracing::info;

use crate::{
    before_proxy::BeforeProxy,
    flags::{Command, Flags},
    pages::Parts,
    presenter::PresenterAuth,
    quiz::{InvalidQuestions, Quiz},
    servers::Ports,
    setup::Setup,
    shared_state::SharedState,
    site::Site,
};

/// Connections to the hub, and as many through the lenses, whatever the system allows.
const CONNECTION_LIMIT: u64 = 20_000;

/// Files that are not for attendees' connections: the presenter's, and the program's own.
const RESERVED_FILES: u64 = 128;

/// Runs the workshop until Ctrl-C or SIGTERM.
///
/// A bad flag, a port in use and missing pages end in one line that says what to
/// do, and an exit code that is not 0.
#[must_use]
pub fn main() -> ExitCode {
    let open = async |flags: &CommonFlags, first: &str| Feed::new(flags.keep, first);
    main_with(env::args_os(), open)
}

/// The same, with these arguments (the first is not read), and a feed from elsewhere: what
/// `open` returns, which is given a first sample. The workshop publishes in it.
#[must_use]
pub fn main_with(
    arguments: impl IntoIterator<Item = OsString>,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
) -> ExitCode {
    let about = "Realtime Workshop: five ways to get live data into a browser, on one \
                 feed, side by side";
    let flags =
        stage::parse::<Flags>("workshop", about.into(), arguments, |command| {
            command
        });
    let flags = match flags {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    if let Some(Command::Doctor(flags)) = &flags.command {
        return doctor::main(flags);
    }
    match System::new().block_on(run(&flags, open)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stage::print_error("workshop", &error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Why the workshop could not start, or go on.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("{}", servers::advise(.0))]
    Server(#[from] stage::Error),
    #[error(transparent)]
    BeforeProxy(#[from] before_proxy::Error),
    #[error(transparent)]
    Questions(#[from] InvalidQuestions),
}

async fn run(
    flags: &Flags,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
) -> Result<(), Error> {
    let files = stage::raise_file_limit();
    let mut random = Random::new(flags.common.seed);
    // Before it listens: no client waits for a feed that is not there yet.
    let feed = open(&flags.common, &random.data()).await;
    let ports = Ports::listen(flags)?;
    let before_proxy = BeforeProxy::listen(flags.before_proxy)?;
    let site = Site::find(flags.common.static_dir.clone(), &ports.numbers())?;
    let urls = flags.common.urls(ports.hub.port());
    let techniques = ports.techniques();
    let pages = servers::pages(&flags.common, techniques, &urls)?;
    let shutdown = stage::interrupted().map_err(stage::Error::from)?;
    let quiz = Quiz::open(&site.notes, flags.state_dir.clone())?;
    let auth = PresenterAuth::new(ports.hub.port());
    let shared = SharedState::new(flags, feed, quiz, auth);
    let more = shared.quiz.kept() + &before_proxy.invitation(ports.hub.port());
    let key = shared.auth.key();
    stage::print_line(&banner(flags.address(), &ports, &urls, key, &more));
    info!(port = ports.hub.port(), every = ?flags.common.every, "listening");

    run_in_background(&shared, random, shutdown);
    let hosts = flags.common.hosts();
    let setup = Setup::new(ports.hub.port(), techniques, urls);
    let parts = Parts {
        site: Data::new(site),
        setup: Data::new(setup),
        auth: Data::from(shared.auth.clone()),
        view: Data::new(shared.view()),
        commands: Data::new(shared.commands()),
        quiz: Data::from(shared.quiz.clone()),
        feed: Data::new(shared.feed.clone()),
        proxies: Data::new(shared.proxies.clone()),
        gallery: Data::new(shared.gallery.clone()),
    };
    // A connection through a lens takes three files.
    let connections =
        (files.saturating_sub(RESERVED_FILES) / 4).min(CONNECTION_LIMIT) as usize;
    let (everybody, presenter, behind) = ports.split();
    let served = shared.served(hosts.clone(), connections);
    let lenses = before_proxy.spawn(&served).map_err(stage::Error::from)?;
    let servers = servers::run(&served, flags, behind, pages);
    let everybody =
        hub_server::serve_everybody(everybody, &hosts, &parts, connections)?;
    let presenter = hub_server::serve_presenter(presenter, &hosts, &parts)?;
    // A server that can't go on ends the workshop: half of one would be no help.
    let hub_servers =
        async { Ok::<_, stage::Error>(try_join!(everybody, presenter)?) };
    let ended = try_join!(servers, hub_servers);
    for lens in lenses {
        // If it panicked, that was told where it happened.
        let _ = lens.await;
    }
    // No vote can come any more.
    shared.quiz.save();
    ended?;
    Ok(())
}

/// What goes on beside the servers, until the feed is closed: at `shutdown`.
fn run_in_background(
    shared: &SharedState,
    random: Random,
    shutdown: impl Future<Output = ()> + 'static,
) {
    let (feed, control) = (shared.feed.clone(), shared.control.clone());
    let (rhythm, notifier) = (shared.rhythm.subscribe(), shared.notifier.clone());
    spawn(rhythm::publish(feed.clone(), rhythm, notifier, random));
    spawn(quiz::run(shared.quiz.clone(), feed.clone()));
    spawn(async move { control.expire_rules().await });
    spawn(async move {
        shutdown.await;
        feed.close();
    });
}

fn banner(
    host: IpAddr,
    ports: &Ports,
    urls: &[String],
    key: &str,
    more: &str,
) -> String {
    let presenter = ports.presenter.port();
    format!(
        "
  workshop

  page      {}
  presenter http://localhost:{presenter}/presenter#{key}
  key       {key}
{}{more}
  Press Ctrl-C to stop.
",
        stage::local_url(host, ports.hub.port()),
        stage::invitation(urls, host, &ports.room()),
    )
}

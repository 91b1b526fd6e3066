//! The workshop: all five techniques on one feed, each behind a lens that shows its
//! bytes and breaks it on request, and the pages around them.
//!
//! ```text
//!                            ┌─ lens 3001 ─ short-poll ─┐
//!  attendees ── hub 3000     ├─ lens 3002 ─ long-poll ──┤
//!      │          │          ├─ lens 3003 ─ http-stream ┼── one feed
//!      └──────────┼──────────├─ lens 3004 ─ sse ────────┤
//!                 │          └─ lens 3005 ─ websocket ──┘
//!  presenter ── 3006, of this machine alone
//! ```
//!
//! A page of the hub holds the technique's own page in a frame, from its own port, and
//! learns by one WebSocket what the lenses see of its device: [`live`]. The presenter's
//! pages do the same, and see all.
//!
//! Run it: `cargo run`, then open <http://localhost:3000/>.

mod devices;
mod flags;
mod hub;
mod hub_watcher;
mod key_page;
pub mod live;
mod made_once;
mod notifier;
mod pages;
mod presenter;
mod quiz;
mod rhythm;
mod servers;
mod techniques;

use std::{net::IpAddr, process::ExitCode, sync::Arc};

use actix_web::rt::{System, spawn};
use feed::Random;
use stage::Error;
use tokio::try_join;
use tracing::info;

use crate::{
    flags::Flags, hub::Hub, pages::Site, presenter::Key, quiz::Quiz, servers::Ports,
};

/// Connections to the hub, and as many through the lenses, whatever the system allows.
const MOST: u64 = 20_000;

/// Runs the workshop until Ctrl-C or SIGTERM.
///
/// A bad flag, a port in use and missing pages end in one line that says what to
/// do, and an exit code that is not 0.
#[must_use]
pub fn main() -> ExitCode {
    let about = "Realtime Workshop: five ways to get live data into a browser, on one \
                 feed, side by side";
    let flags =
        match stage::parse::<Flags>("workshop", about.into(), |command| command) {
            Ok(flags) => flags,
            Err(code) => return code,
        };
    match System::new().block_on(run(&flags)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            stage::print_error("workshop", &servers::advise(&error));
            ExitCode::FAILURE
        }
    }
}

async fn run(flags: &Flags) -> Result<(), Error> {
    let files = stage::raise_file_limit();
    let ports = Ports::listen(flags)?;
    let site = Site::find(flags.common.static_dir.clone(), &ports)?;
    let shutdown = stage::interrupted()?;
    let room = stage::lan_urls(flags.address(), ports.hub.port());
    let mut random = Random::new(flags.common.seed);
    let quiz = Quiz::open(&site.quiz(), flags.state_dir.clone())?;
    let key = Key::draw(ports.hub.port());
    let hub = Arc::new(Hub::new(flags, &random.data(), quiz, key));
    stage::print_line(&banner(flags.address(), &ports, &room, hub.key.as_str()));
    info!(port = ports.hub.port(), every = ?flags.common.every, "listening");

    spawn(rhythm::publish(
        hub.feed.clone(),
        hub.rhythm.subscribe(),
        hub.notifier.clone(),
        random,
    ));
    spawn(quiz::run(hub.clone()));
    spawn({
        let control = hub.control.clone();
        async move { control.expire_rules().await }
    });
    spawn({
        let hub = hub.clone();
        async move {
            shutdown.await;
            hub.feed.close();
        }
    });
    let port = ports.hub.port();
    let (hub_listener, presenter_listener, behind) = ports.split();
    let hosts = flags.common.hosts();
    let site = Arc::new(site.open(port, &behind, &room));
    // Of the files, some are for the presenter and the programs themselves; a
    // connection through a lens takes three.
    let share = (files.saturating_sub(128) / 4).min(MOST) as usize;
    let servers = servers::run(&hub, flags, &site, behind, share);
    let room = pages::serve(hub_listener, &hosts, &hub, &site, share, true)?;
    let presenter =
        pages::serve(presenter_listener, &hosts, &hub, &site, 64, false)?;
    // A server that can't go on ends the workshop: half of one would be no help.
    let pages = async { Ok(try_join!(room, presenter)?) };
    let ended = try_join!(servers, pages);
    // Nobody can vote any more.
    hub.quiz.save();
    ended.map(|_| ())
}

fn banner(host: IpAddr, ports: &Ports, room: &[String], key: &str) -> String {
    let presenter = ports.presenter.port();
    let range = match (ports.hub.port(), ports.last()) {
        (first, last) if first < last => format!("{first}:{last}"),
        (first, _) => first.to_string(),
    };
    format!(
        "
  workshop

  page      {}
  presenter http://localhost:{presenter}/presenter#{key}
  key       {key}
{}
  Ctrl-C ends it.
",
        stage::local_url(host, ports.hub.port()),
        stage::invitation(room, host, &range),
    )
}

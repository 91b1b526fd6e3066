//! All five techniques in one process, a port each, as a server of a cluster is.

use std::{ffi::OsString, net::TcpListener, process::ExitCode, time::Duration};

use actix_web::rt::{System, spawn};
use clap::Parser;
use feed::{Feed, Random};
use stage::{CommonFlags, Error, Pages, Routes, Technique};
use tokio::try_join;

use crate::ports_in_use;

/// The flags of all five in one.
#[derive(Debug, Parser)]
struct Flags {
    /// The five ports: of short polling, long polling, HTTP streaming, server-sent events
    /// and WebSocket
    #[arg(long, value_name = "PORTS", value_delimiter = ',')]
    #[arg(default_value = "3001,3002,3003,3004,3005")]
    ports: Vec<u16>,

    /// How often to send a heartbeat
    #[arg(long, value_name = "DURATION", default_value = "15s", value_parser = stage::duration)]
    heartbeat: Duration,

    /// HTTP streaming: how long a response lasts
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = stage::duration)]
    lifetime: Duration,

    /// Server-sent events: how often the weather changes
    #[arg(long, value_name = "DURATION", default_value = "3s", value_parser = stage::duration)]
    weather: Duration,

    #[command(flatten)]
    common: CommonFlags,
}

impl AsRef<CommonFlags> for Flags {
    fn as_ref(&self) -> &CommonFlags {
        &self.common
    }
}

/// How long long polling holds a request.
const HOLD_TIMEOUT: Duration = Duration::from_secs(30);

/// Serves until Ctrl-C or SIGTERM.
pub(crate) fn main(
    arguments: impl IntoIterator<Item = OsString>,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
) -> ExitCode {
    let about = "All five techniques of the Realtime Workshop in one process";
    let parsed =
        stage::parse::<Flags>("five", about.into(), arguments, |command| command);
    let flags = match parsed {
        Ok(flags) => flags,
        Err(code) => return code,
    };
    match System::new().block_on(run(&flags, open)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let ports = |_| "--ports PORT,PORT,PORT,PORT,PORT".into();
            stage::print_error("five", &ports_in_use::advise(&error, ports));
            ExitCode::FAILURE
        }
    }
}

async fn run(
    flags: &Flags,
    open: impl AsyncFnOnce(&CommonFlags, &str) -> Feed,
) -> Result<(), Error> {
    stage::raise_file_limit();
    let mut random = Random::new(flags.common.seed);
    // Before it listens: no client waits for a feed that is not there yet.
    let feed = open(&flags.common, &random.data()).await;
    let shutdown = stage::interrupted()?;
    let (publishing, ending) = (feed.clone(), feed.clone());
    let every = flags.common.every;
    spawn(async move { publishing.publish_at_random(every, random).await });
    spawn(async move {
        shutdown.await;
        ending.close();
    });
    let [a, b, c, d, e] = listen(flags)?;
    let &Flags { heartbeat, lifetime, weather, .. } = flags;
    let long = long_poll::Timings { hold: HOLD_TIMEOUT };
    let stream = http_stream::Timings { heartbeat, lifetime };
    let events = sse::Timings { heartbeat, weather };
    let socket = websocket::Timings { heartbeat };
    let server =
        |listener, technique| Server { flags, feed: &feed, listener, technique };
    try_join!(
        server(a, short_poll::TECHNIQUE)
            .run(|feed| short_poll::routes(feed, short_poll::Timings {})),
        server(b, long_poll::TECHNIQUE).run(|feed| long_poll::routes(feed, long)),
        server(c, http_stream::TECHNIQUE)
            .run(|feed| http_stream::routes(feed, stream)),
        server(d, sse::TECHNIQUE).run(|feed| sse::routes(feed, events)),
        server(e, websocket::TECHNIQUE).run(|feed| websocket::routes(feed, socket)),
    )?;
    Ok(())
}

/// Listens on all ports, and prints where that is.
fn listen(flags: &Flags) -> Result<[TcpListener; 5], Error> {
    let host = flags.common.address();
    let listen = |technique: usize| {
        stage::listen(host, flags.ports.get(technique).copied().unwrap_or_default())
    };
    let all = [listen(0)?, listen(1)?, listen(2)?, listen(3)?, listen(4)?];
    for listener in &all {
        let port = listener.local_addr()?.port();
        stage::print_line(&stage::local_url(host, port));
    }
    Ok(all)
}

/// One technique's server.
struct Server<'a> {
    flags: &'a Flags,
    feed: &'a Feed,
    listener: TcpListener,
    technique: Technique,
}

impl Server<'_> {
    /// Serves until the feed is closed.
    async fn run<R: Routes>(
        self,
        routes: impl FnOnce(Feed) -> R,
    ) -> Result<(), Error> {
        let Self { flags, feed, listener, technique } = self;
        let pages = Pages::find(flags.common.static_dir.clone(), technique)?;
        let (closed, feed) = (feed.clone(), feed.clone());
        let ended = async move { closed.closed().await };
        let hosts = flags.common.hosts();
        let routes = routes(feed.clone());
        Ok(stage::serve(listener, hosts, pages, feed, routes, ended)?.await?)
    }
}

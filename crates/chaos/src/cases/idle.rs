//! Many clients that have nothing to say.

use std::{net::Ipv4Addr, time::Duration};

use bench::client::{Connection, Event, Protocol};
use tokio::time::{Instant, timeout};

use crate::{
    cases::stuck_clients::STREAMS,
    error::Error,
    five::start_five,
    follower::newest,
    outcome::{Outcome, Scale, judge},
};

/// Many idle clients: what they take, and that another is served at once.
pub(crate) async fn idle(scale: Scale) -> Result<Outcome, Error> {
    let mut text = format!("{} of each stream", scale.idle);
    let mut held = true;
    for protocol in STREAMS {
        let server = start_five(&["--every", "1day"])?;
        let before = server.memory()?;
        let mut clients = Vec::new();
        for _ in 0..scale.idle {
            let mut client =
                Connection::open(protocol, server.address, Ipv4Addr::LOCALHOST)
                    .await?;
            client.ask(None).await?;
            clients.push(client);
        }
        for client in &mut clients {
            let mut came = false;
            while !came {
                let read =
                    client.read(|event| came |= matches!(event, Event::Sample(_)));
                if !timeout(Duration::from_secs(10), read).await?? {
                    let text = format!("{text}; {protocol}: a client was closed");
                    return judge(false, text);
                }
            }
        }
        let grown = server.memory()?.saturating_sub(before) as f64;
        let each = grown / scale.idle as f64 / 1000.0;
        let most = if protocol == Protocol::Websocket { 24.0 } else { 20.0 };
        let start = Instant::now();
        newest(server.address).await?;
        let another = start.elapsed();
        held &= another < Duration::from_secs(1);
        text += &format!("; {protocol} {each:.1} KB a client");
        // A debug build takes more; and of few clients, the first have the most.
        if !scale.short && !cfg!(debug_assertions) {
            held &= each <= most;
            text += &format!(", at most {most:.0}");
        }
        let another = another.as_secs_f64() * 1000.0;
        text += &format!(", another is answered in {another:.1} ms");
    }
    judge(held, text)
}

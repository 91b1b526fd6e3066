//! Heads and bodies that come a byte at a time.

use std::{net::SocketAddr, time::Duration};

use bench::client::Protocol;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
    time::{Instant, interval},
};

use crate::{
    bystanders::{Bystanders, lines},
    cases::{malformed::status, trickle::Slow},
    error::Error,
    five::start_five,
    outcome::{Outcome, Scale, judge},
};

/// Heads and bodies that come a byte at a time, without end. The server ends the
/// connection, of a head with 408, and of a body after the answer. But actix times only
/// the first head of a connection: one that comes later is seen, and not judged.
pub(crate) async fn slow(scale: Scale) -> Result<Outcome, Error> {
    let server = start_five(&["--every", "10ms"])?;
    let bystanders = Bystanders::enter(server.address, 10, &Protocol::ALL);
    let mut tasks = JoinSet::new();
    let seconds = [Slow::Second; 3].into_iter().filter(|_| !scale.short);
    let each = Slow::ALL.into_iter().cycle().take(scale.crowd);
    for slow in each.chain(seconds) {
        let address = server.address;
        tasks.spawn_local(async move { (slow, dribble(address, slow).await) });
    }
    let mut ends = Vec::new();
    while let Some(end) = tasks.join_next().await {
        let (slow, end) = end?;
        let (status, seconds) = end?;
        ends.push((slow, status, seconds));
    }
    let complaints = bystanders.leave().await?;
    let mut text = Vec::new();
    let mut held = complaints.is_empty();
    for slow in [Slow::Head, Slow::Body, Slow::Chunks, Slow::Second] {
        let of = || ends.iter().filter(|(of, _, _)| *of == slow);
        let expected = if slow == Slow::Head { 408 } else { 200 };
        let right = of().filter(|(_, status, _)| *status == expected).count();
        let longest = of().map(|(_, _, seconds)| *seconds).fold(0.0, f64::max);
        let (count, name) = (of().count(), slow.name());
        if slow != Slow::Second {
            held &= right == count && longest < 10.0;
            text.push(format!(
                "{right} of {count} {name} answered with {expected}, all closed after \
                 {longest:.1} s"
            ));
        } else if count > 0 {
            let end = if longest < 15.0 { "closed" } else { "still held" };
            text.push(format!("{count} {name} {end} after {longest:.1} s"));
        }
    }
    judge(held, text.join("; ") + &lines(&complaints))
}

/// Sends something each 100 ms. The status that came, and after how many seconds the
/// server closed; that it does not counts as 15 s.
async fn dribble(server: SocketAddr, slow: Slow) -> Result<(u16, f64), Error> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(slow.begin("GET /short-polling").as_bytes()).await?;
    let start = Instant::now();
    let mut ticks = interval(Duration::from_millis(100));
    let mut answer = Vec::new();
    while start.elapsed() < Duration::from_secs(15) {
        tokio::select! {
            // It fails when the server has closed; the next read says so.
            _ = ticks.tick() => drop(stream.write_all(slow.more()).await),
            read = stream.read_buf(&mut answer) => match read {
                Ok(0) | Err(_) => break,
                Ok(_) => {}
            },
        }
    }
    Ok((status(&answer).unwrap_or(0), start.elapsed().as_secs_f64()))
}

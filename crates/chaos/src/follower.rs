//! A client that comes back whatever happens.

use std::{
    net::{Ipv4Addr, SocketAddr},
    pin::pin,
    rc::Rc,
    time::Duration,
};

use bench::client::{Connection, Event, Protocol};
use feed::Cursor;
use machine::Stopwatch;
use rand::RngExt;
use tokio::time::{sleep, timeout};

use crate::{delivery::DeliveryChecker, error::Error};

/// How long a client waits until it takes a silent connection for dead.
pub(crate) const SILENCE_TIMEOUT: Duration = Duration::from_millis(1500);

/// How long clients have to catch up, and a server to answer.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(15);

/// The newest sample of a server.
pub(crate) async fn newest(server: SocketAddr) -> Result<Cursor, Error> {
    let mut newest = None;
    let ask = async {
        let mut direct =
            Connection::open(Protocol::ShortPoll, server, Ipv4Addr::LOCALHOST)
                .await?;
        direct.ask(None).await?;
        while newest.is_none() {
            let open = direct.read(|event| {
                if let Event::Sample(sample) = event {
                    newest = Some(sample.id);
                }
            });
            if !open.await? {
                break;
            }
        }
        Ok::<_, Error>(())
    };
    timeout(SETTLE_TIMEOUT, ask).await??;
    newest.ok_or(Error::NoAnswer)
}

/// The address of a client; each has its own, so that an effect is for it alone.
pub(crate) fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, 1 + number as u8)
}

/// A client that comes back whatever happens, with its cursor.
pub(crate) async fn follow(
    checker: Rc<DeliveryChecker>,
    protocol: Protocol,
    number: usize,
    server: SocketAddr,
) {
    loop {
        checker.client(protocol, number, |client| client.attempts += 1);
        let visit = visit(&checker, protocol, number, server).await;
        if let Err(Error::Bench(error @ bench::Error::Unexpected { .. })) = visit {
            checker.violation("the wire", protocol, format!("{number}: {error}"));
        }
        sleep(between(5..50)).await;
    }
}

/// One connection, until it ends or is silent.
async fn visit(
    checker: &DeliveryChecker,
    protocol: Protocol,
    number: usize,
    server: SocketAddr,
) -> Result<(), Error> {
    let open = Connection::open(protocol, server, address(number));
    let mut connection = unless_silent(open).await?;
    let last = || {
        checker.client(protocol, number, |client| {
            client.ended = false;
            client.last
        })
    };
    connection.ask(last()).await?;
    loop {
        let read = connection.read(|event| checker.note(protocol, number, &event));
        if !unless_silent(read).await? {
            return Ok(());
        }
        if checker.slow.get() && rand::rng().random_ratio(1, 50) {
            sleep(between(100..400)).await;
        }
        let ended = checker.client(protocol, number, |client| client.ended);
        if ended && protocol.polls() {
            sleep(between(1..20)).await;
            connection.ask(last()).await?;
        } else if ended {
            return Ok(());
        }
    }
}

/// What comes, or an error after [`SILENCE_TIMEOUT`]: time in which this program stood
/// still does not count.
async fn unless_silent<T>(
    come: impl Future<Output = Result<T, bench::Error>>,
) -> Result<T, Error> {
    let step = Duration::from_millis(50);
    let (mut come, mut watch) = (pin!(come), Stopwatch::start(step));
    loop {
        match timeout(step, &mut come).await {
            Ok(came) => return Ok(came?),
            Err(elapsed) if watch.elapsed() >= SILENCE_TIMEOUT => {
                return Err(elapsed.into());
            }
            Err(_) => {}
        }
    }
}

pub(crate) fn between(millis: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rand::rng().random_range(millis))
}

/// Waits until all clients have what there is now; those that don't are violations.
pub(crate) async fn settle(
    checker: &DeliveryChecker,
    server: SocketAddr,
) -> Result<(), Error> {
    let newest = newest(server).await?;
    let caught_up = async {
        while !checker.behind(newest).is_empty() {
            sleep(Duration::from_millis(10)).await;
        }
    };
    if timeout(SETTLE_TIMEOUT, caught_up).await.is_err() {
        for (protocol, number, client) in checker.behind(newest) {
            let text = format!("{number} is at {:?}, not {newest}", client.last);
            checker.violation("rule 3", protocol, text);
        }
    }
    Ok(())
}

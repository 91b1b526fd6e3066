//! SIGTERM in the middle of it all.

use std::{
    cell::RefCell,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use bench::client::{Connection, Event, Protocol};
use machine::{Signal, Stopwatch};
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    cases::{stuck_clients::never_read, trickle::Slow},
    error::Error,
    five::start_five,
    follower::newest,
    outcome::{Outcome, Scale, judge},
};

/// The techniques that hold something which has to be told of the end.
const HOLDING: [Protocol; 4] =
    [Protocol::LongPoll, Protocol::HttpStream, Protocol::Sse, Protocol::Websocket];

/// The number of the newest sample that each client has; each writes its own.
type Have = Rc<RefCell<Vec<u64>>>;

/// SIGTERM while all of the above is connected: all clients that listen are told, and the
/// server ends, within 2 s and with success.
pub(crate) async fn sigterm(scale: Scale) -> Result<Outcome, Error> {
    // Much at a time, and in between nothing: requests are held.
    let mut server =
        start_five(&["--every", "2s", "--each", "4000", "--keep", "10000"])?;
    let address = server.address;
    let stuck = never_read(address, scale.crowd).await?;
    let slow = trickle(address, scale.crowd).await?;
    let have = Have::new(RefCell::new(vec![0; scale.crowd]));
    let clients = listen(address, &have).await?;
    wait_for_a_pause(address, &have).await?;
    server.signal(Signal::Terminate)?;
    let mut watch = Stopwatch::start(Duration::from_millis(50));
    let status = loop {
        let status = server.exit_status()?;
        if status.is_some() || watch.elapsed() > Duration::from_secs(10) {
            break status;
        }
        sleep(Duration::from_millis(5)).await;
    };
    let seconds = watch.elapsed().as_secs_f64();
    let told = clients.join_all().await.into_iter();
    let told = told.filter(|told| matches!(told, Ok(Ok(true)))).count();
    drop((stuck, slow));
    let success = status.is_some_and(|status| status.success());
    let text = format!(
        "{n} streams and held requests, {n} that never read, {n} slow heads and bodies: \
         ended after {seconds:.2} s, at most 2, {}; {told} of the {n} were told",
        match status {
            Some(_) if success => "with success".into(),
            Some(status) => format!("with the {status}"),
            None => "not at all".into(),
        },
        n = scale.crowd
    );
    judge(success && seconds <= 2.0 && told == scale.crowd, text)
}

/// Requests that come a byte at a time, until the server has ended.
async fn trickle(server: SocketAddr, count: usize) -> Result<JoinSet<()>, Error> {
    let mut slow = JoinSet::new();
    for number in 0..count {
        let request = Slow::ALL[number % Slow::ALL.len()];
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(request.begin("GET /stream").as_bytes()).await?;
        slow.spawn_local(async move {
            while stream.write_all(request.more()).await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        });
    }
    Ok(slow)
}

/// Clients that listen: whether each was told of the end.
async fn listen(
    server: SocketAddr,
    have: &Have,
) -> Result<JoinSet<Result<Result<bool, Error>, tokio::time::error::Elapsed>>, Error>
{
    let mut clients = JoinSet::new();
    let count = have.borrow().len();
    for number in 0..count {
        let protocol = HOLDING[number % HOLDING.len()];
        let client = Connection::open(protocol, server, Ipv4Addr::LOCALHOST).await?;
        let have = have.clone();
        clients.spawn_local(async move {
            let note = |seq| have.borrow_mut()[number] = seq;
            timeout(Duration::from_secs(15), is_told(client, protocol, note)).await
        });
    }
    Ok(clients)
}

/// Long enough for what waits to fill the buffers; and just after samples came, and all
/// clients have them, so that none come meanwhile.
async fn wait_for_a_pause(server: SocketAddr, have: &Have) -> Result<(), Error> {
    sleep(Duration::from_secs(2)).await;
    let before = newest(server).await?;
    let newest = loop {
        match newest(server).await? {
            newest if newest == before => sleep(Duration::from_millis(10)).await,
            newest => break newest.seq,
        }
    };
    let end = Instant::now() + Duration::from_secs(10);
    while have.borrow().iter().any(|seq| *seq < newest) && Instant::now() < end {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(300)).await;
    Ok(())
}

/// Follows until the server ends it: whether it said so before, a stream by its end, a
/// request that was held by 503. `note` is given the number of each sample.
async fn is_told(
    mut client: Connection,
    protocol: Protocol,
    note: impl Fn(u64),
) -> Result<bool, Error> {
    let (mut last, mut told) = (None, false);
    client.ask(None).await?;
    loop {
        let mut answered = false;
        let read = client.read(|event| match event {
            Event::Head(503) => told = true,
            Event::Sample(sample) => {
                last = Some(sample.id);
                note(sample.id.seq);
            }
            Event::End if protocol.polls() => answered = true,
            Event::End => told = true,
            _ => {}
        });
        if !read.await.unwrap_or(false) || told {
            return Ok(told);
        }
        if answered {
            client.ask(last).await?;
        }
    }
}

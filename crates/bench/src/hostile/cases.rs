//! Clients that hold on to what they have, that send too much, too little or nonsense.
//! Beside them are others that do nothing wrong, and must not feel it.

use std::{
    collections::HashSet,
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};

use crate::{
    client::{Connection, Event, Kind},
    hostile::{
        Held, Scale, broken,
        chaos::{Neighbours, newest},
        held,
        malformed::{Answer, FRAMES, REQUESTS, wire},
    },
    server::{Program, Server},
};

/// The techniques whose answers have no end.
const STREAMS: [Kind; 3] = [Kind::HttpStream, Kind::Sse, Kind::Websocket];

/// The five on one feed, on any core.
fn five(flags: &[&str]) -> io::Result<Server> {
    let program = Program::own(&["--serve", "all"])?.with(flags);
    let mut command = Command::new(&program.binary);
    command.args(&program.arguments);
    Server::spawn(command)
}

/// Never read what they asked for. Their receive buffers are small, so that the server
/// feels it soon.
async fn never_read(server: SocketAddr, count: usize) -> io::Result<Vec<TcpStream>> {
    let mut stuck = Vec::new();
    for number in 0..count {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        let mut stream = socket.connect(server).await?;
        let kind = STREAMS[number % STREAMS.len()];
        stream.write_all(kind.request(None).as_bytes()).await?;
        stuck.push(stream);
    }
    Ok(stuck)
}

/// How many of these clients the server still has a connection with, as the kernel has
/// it in `/proc/net/tcp`.
fn still_held(server: SocketAddr, clients: &HashSet<u16>) -> io::Result<usize> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    let established = |line: &&str| {
        let mut words = line.split_whitespace().skip(1);
        let mut port = || {
            let (_, port) = words.next()?.rsplit_once(':')?;
            u16::from_str_radix(port, 16).ok()
        };
        let (local, remote) = (port(), port());
        local == Some(server.port())
            && remote.is_some_and(|port| clients.contains(&port))
            && words.next() == Some("01")
    };
    Ok(table.lines().filter(established).count())
}

/// Clients that never read: the others keep their rate within 5 %, the server's memory
/// grows by at most 30 MB, and those stuck are gone within 10 s.
pub(crate) async fn stuck(scale: Scale) -> io::Result<Held> {
    let server = five(&["--every", "10ms"])?;
    let address = server.address;
    let neighbours = Neighbours::enter(address, scale.crowd, &STREAMS);
    neighbours.rate(scale.watch).await;
    let memory = server.memory()?;
    let stuck = never_read(address, scale.crowd).await?;
    let ports: io::Result<HashSet<u16>> =
        stuck.iter().map(|stuck| Ok(stuck.local_addr()?.port())).collect();
    let ports = ports?;
    let (mut most, mut received) = (0, 0.0);
    let first = newest(address).await?.seq;
    let start = Instant::now();
    while still_held(address, &ports)? > 0
        && start.elapsed() < Duration::from_secs(20)
    {
        received += neighbours.count_for(Duration::from_millis(500)).await as f64;
        most = most.max(server.memory()?);
    }
    let gone = start.elapsed().as_secs_f64();
    // Compared with what was published meanwhile: its rhythm is random.
    let published = (newest(address).await?.seq - first) as f64;
    let share = received / published / scale.crowd as f64;
    let left = still_held(address, &ports)?;
    let complaints = neighbours.leave().await?;
    let grown = most.saturating_sub(memory) as f64 / 1e6;
    let text = format!(
        "{n} that never read beside {n} that do: those have {:.1} % of {:.0} samples a \
         second in time, and all in the end; memory {grown:+.1} MB; {left} of the stuck \
         still there after {gone:.1} s",
        share * 100.0,
        published / gone,
        n = scale.crowd
    );
    let fine = complaints.is_empty()
        && (0.95..1.05).contains(&share)
        && grown <= 30.0
        && left == 0
        && gone <= 10.0;
    if fine { held(text) } else { broken(format!("{text} {complaints:?}")) }
}

/// Many idle clients: what they take, and that another is served at once.
pub(crate) async fn idle(scale: Scale) -> io::Result<Held> {
    let mut text = format!("{} of each stream", scale.idle);
    let mut fine = true;
    for kind in STREAMS {
        let server = five(&["--every", "1day"])?;
        let before = server.memory()?;
        let mut clients = Vec::new();
        for _ in 0..scale.idle {
            let mut client =
                Connection::open(kind, server.address, Ipv4Addr::LOCALHOST).await?;
            client.ask(None).await?;
            clients.push(client);
        }
        for client in &mut clients {
            let mut came = false;
            while !came {
                let read =
                    client.read(|event| came |= matches!(event, Event::Sample(_)));
                timeout(Duration::from_secs(10), read).await??;
            }
        }
        let grown = server.memory()?.saturating_sub(before) as f64;
        let start = Instant::now();
        newest(server.address).await?;
        let another = start.elapsed();
        fine &= another < Duration::from_secs(1);
        text += &format!(
            "; {kind} {:.1} KB a client, another is answered in {:.1} ms",
            grown / scale.idle as f64 / 1000.0,
            another.as_secs_f64() * 1000.0
        );
    }
    if fine { held(text) } else { broken(text) }
}

/// A hundred thousand samples a second: each is delivered or announced as missed, and
/// memory stays.
pub(crate) async fn burst(scale: Scale) -> io::Result<Held> {
    let server = five(&["--every", "1ms", "--each", "100"])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    neighbours.rate(scale.watch).await;
    let (memory, before) = (server.memory()?, newest(server.address).await?.seq);
    let start = Instant::now();
    let received = neighbours.rate(scale.watch * 2).await;
    let published = newest(server.address).await?.seq - before;
    let published = published as f64 / start.elapsed().as_secs_f64();
    let grown = server.memory()?.saturating_sub(memory) as f64 / 1e6;
    let complaints = neighbours.complaints();
    let text = format!(
        "{published:.0} samples a second published, {received:.0} received by 10 \
         clients, the rest announced as missed; memory {grown:+.1} MB"
    );
    let fine = complaints.is_empty() && grown <= 30.0;
    if fine { held(text) } else { broken(format!("{text} {complaints:?}")) }
}

/// Heads and bodies that come a byte at a time, without end.
pub(crate) async fn slow(scale: Scale) -> io::Result<Held> {
    let server = five(&["--every", "10ms"])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    let mut tasks = JoinSet::new();
    for number in 0..scale.crowd {
        let (address, body) = (server.address, number % 2 == 1);
        tasks.spawn_local(async move { dribble(address, body).await });
    }
    let (mut heads, mut bodies) = (Vec::new(), Vec::new());
    while let Some(ended) = tasks.join_next().await {
        let (body, status, seconds) = ended.map_err(io::Error::other)??;
        if body {
            bodies.push((status, seconds))
        } else {
            heads.push((status, seconds))
        }
    }
    let complaints = neighbours.leave().await?;
    let longest =
        |ends: &[(u16, f64)]| ends.iter().map(|end| end.1).fold(0.0, f64::max);
    let timed_out = heads.iter().filter(|(status, _)| *status == 408).count();
    let text = format!(
        "{timed_out} of {} heads that never end were answered with 408, within {:.1} s; \
         {} bodies that never end were closed within {:.1} s, or had their answer",
        heads.len(),
        longest(&heads),
        bodies.len(),
        longest(&bodies),
    );
    let fine =
        complaints.is_empty() && timed_out == heads.len() && longest(&heads) < 10.0;
    if fine { held(text) } else { broken(format!("{text} {complaints:?}")) }
}

/// Sends a byte each 100 ms: a head, or a body after one. The status that came, and after
/// how many seconds it was over; a connection that is left open counts as 15 s.
async fn dribble(server: SocketAddr, body: bool) -> io::Result<(bool, u16, f64)> {
    let mut stream = TcpStream::connect(server).await?;
    let head: &[u8] = if body {
        b"GET /short-polling HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    } else {
        b"GET /short-polling HTTP/1.1\r\nHost: x\r\nX: "
    };
    stream.write_all(head).await?;
    let start = Instant::now();
    let mut ticks = interval(Duration::from_millis(100));
    let mut answer = Vec::new();
    while start.elapsed() < Duration::from_secs(15) {
        tokio::select! {
            // It fails when the server has closed; the next read says so.
            _ = ticks.tick() => drop(stream.write_all(b"x").await),
            read = stream.read_buf(&mut answer) => match read {
                Ok(0) | Err(_) => break,
                Ok(_) if body => break,
                Ok(_) => {}
            },
        }
    }
    Ok((body, status(&answer).unwrap_or(0), start.elapsed().as_secs_f64()))
}

/// What nobody should send, each on a connection of its own.
pub(crate) async fn malformed() -> io::Result<Held> {
    let server = five(&["--every", "10ms"])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    let mut wrong = Vec::new();
    for (name, request, expected) in REQUESTS {
        let answer = exchange(server.address, &wire(request)).await?;
        let status = status(&answer);
        let refused = status.is_some_and(|status| (400..500).contains(&status));
        let right = match *expected {
            Answer::Status(code) => status == Some(code),
            Answer::Either(a, b) => status == Some(a) || status == Some(b),
            Answer::Refused => refused,
            Answer::RefusedOrClosed => refused || answer.is_empty(),
            Answer::Close(_) => false,
        };
        if !right {
            wrong.push(format!("{name}: {status:?}, expected {expected:?}"));
        }
    }
    for (name, frame, expected) in FRAMES {
        let bytes = [Kind::Websocket.request(None).as_bytes(), frame].concat();
        let answer = exchange(server.address, &bytes).await?;
        let code = close_code(&answer).map(Answer::Close);
        if code != Some(*expected) {
            wrong.push(format!("{name}: {code:?}, expected {expected:?}"));
        }
    }
    let count = REQUESTS.len() + FRAMES.len();
    let complaints = neighbours.leave().await?;
    if wrong.is_empty() && complaints.is_empty() {
        return held(format!(
            "{count} of them, each answered as its RFC wants; 10 others missed nothing"
        ));
    }
    broken(format!("{} of {count}: {wrong:#?} {complaints:?}", wrong.len()))
}

/// Sends bytes; all that comes back until the server closes, or is silent for long, or a
/// head or a Close frame was whole.
async fn exchange(server: SocketAddr, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(bytes).await?;
    let mut answer = Vec::new();
    let read = async {
        while !matches!(stream.read_buf(&mut answer).await, Ok(0) | Err(_)) {
            let http = status(&answer).is_some_and(|status| status != 101);
            if http || close_code(&answer).is_some() {
                break;
            }
        }
    };
    let _ = timeout(Duration::from_secs(3), read).await;
    Ok(answer)
}

fn status(answer: &[u8]) -> Option<u16> {
    let digits = answer.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The code of the Close frame among the frames after a handshake.
fn close_code(answer: &[u8]) -> Option<u16> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let mut frames = &answer[end + 4..];
    loop {
        let (&[first, length], rest) = frames.split_first_chunk()?;
        if first == 0x88 {
            return Some(u16::from_be_bytes(*rest.first_chunk()?));
        }
        // What the server says is shorter than 126 bytes, or it is no Close.
        frames = rest.get(usize::from(length)..)?;
    }
}

/// A server that may have 64 files open, and 200 clients: it survives, and when they are
/// gone it serves again.
pub(crate) async fn few_files() -> io::Result<Held> {
    let program = Program::own(&["--serve", "all", "--every", "10ms"])?;
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]);
    command.arg(&program.binary).args(&program.arguments);
    let mut server = Server::spawn(command)?;
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client =
            Connection::open(Kind::Sse, server.address, Ipv4Addr::LOCALHOST).await?;
        client.ask(None).await?;
        clients.push(client);
    }
    let mut served = 0;
    for client in &mut clients {
        let read = client.read(|_| {});
        let came = timeout(Duration::from_millis(50), read).await;
        served += usize::from(matches!(came, Ok(Ok(true))));
    }
    drop(clients);
    let start = Instant::now();
    let again = timeout(Duration::from_secs(10), newest(server.address)).await;
    let text = format!(
        "of 200 clients on a server with 64 files, {served} were served; when they \
         were gone, another was after {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let fine = matches!(again, Ok(Ok(_))) && server.is_running() && served > 20;
    if fine { held(text) } else { broken(text) }
}

/// Connections from one address that say nothing, as fast as they can be opened.
pub(crate) async fn flood(scale: Scale) -> io::Result<Held> {
    let server = five(&["--every", "10ms"])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    neighbours.rate(scale.watch).await;
    let memory = server.memory()?;
    let start = Instant::now();
    let mut open = Vec::new();
    for _ in 0..scale.flood {
        open.push(TcpStream::connect(server.address).await?);
    }
    let seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    newest(server.address).await?;
    let another = start.elapsed();
    let grown = server.memory()?.saturating_sub(memory) as f64 / 1e6;
    drop(open);
    let complaints = neighbours.leave().await?;
    let text = format!(
        "{} connections in {seconds:.1} s, memory {grown:+.1} MB, another client is \
         answered in {:.1} ms; 10 others missed nothing",
        scale.flood,
        another.as_secs_f64() * 1000.0
    );
    let fine = complaints.is_empty() && another < Duration::from_secs(2);
    if fine { held(text) } else { broken(format!("{text} {complaints:?}")) }
}

/// Peers whose network goes away, in network namespaces; each demo in one of its own.
pub(crate) async fn half_open(scale: Scale) -> io::Result<Held> {
    if scale.short || cfg!(not(target_os = "linux")) {
        return held("left to the tests of each technique");
    }
    const FIELDS: [&str; 5] = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        "Sec-WebSocket-Protocol: chat",
    ];
    let start = Instant::now();
    let mut peers = Vec::new();
    for kind in [Kind::LongPoll, Kind::HttpStream, Kind::Sse, Kind::Websocket] {
        let binary = Program::demo(kind.name())?.binary;
        let fields: &[&str] = if kind == Kind::Websocket { &FIELDS } else { &[] };
        let target = match kind {
            Kind::LongPoll => "/long-polling?after=NEWEST",
            _ => kind.path(),
        };
        peers.push((
            kind,
            thread::spawn(move || {
                #[cfg(target_os = "linux")]
                ::wire::vanish(&binary.to_string_lossy(), target, fields);
                #[cfg(not(target_os = "linux"))]
                drop((binary, target, fields));
            }),
        ));
    }
    while peers.iter().any(|(_, thread)| !thread.is_finished()) {
        sleep(Duration::from_millis(50)).await;
    }
    let failed: Vec<_> = peers
        .into_iter()
        .filter_map(|(kind, thread)| thread.join().err().map(|_| kind.name()))
        .collect();
    let text = format!(
        "the cable pulled between each demo and its client: gone within 10 s ({:.0} s \
         in all)",
        start.elapsed().as_secs_f64()
    );
    if failed.is_empty() {
        held(text)
    } else {
        broken(format!("{text} but {failed:?}"))
    }
}

/// SIGTERM while all of the above is connected: everybody is told, and it ends.
pub(crate) async fn sigterm(scale: Scale) -> io::Result<Held> {
    let mut server = five(&["--every", "10ms"])?;
    let stuck = never_read(server.address, scale.crowd).await?;
    let mut heads = Vec::new();
    for _ in 0..scale.crowd {
        let mut stream = TcpStream::connect(server.address).await?;
        stream.write_all(b"GET /str").await?;
        heads.push(stream);
    }
    let mut clients = JoinSet::new();
    for number in 0..scale.crowd {
        let (kind, address) = (STREAMS[number % STREAMS.len()], server.address);
        let mut client =
            Connection::open(kind, address, Ipv4Addr::LOCALHOST).await?;
        client.ask(None).await?;
        client.read(|_| {}).await?;
        clients.spawn_local(async move {
            let mut told = false;
            let read = async {
                while client
                    .read(|event| told |= event == Event::End)
                    .await
                    .unwrap_or(false)
                {}
            };
            let _ = timeout(Duration::from_secs(10), read).await;
            told
        });
    }
    let start = Instant::now();
    server.signal("TERM")?;
    while server.is_running() && start.elapsed() < Duration::from_secs(10) {
        sleep(Duration::from_millis(10)).await;
    }
    let ended = start.elapsed().as_secs_f64();
    let told = clients.join_all().await.into_iter().filter(|told| *told).count();
    drop((stuck, heads));
    let text = format!(
        "{n} streams, {n} that never read and {n} half heads: ended after {ended:.2} s, \
         {told} of the {n} streams were told",
        n = scale.crowd
    );
    let fine = ended < 2.5 && told == scale.crowd;
    if fine { held(text) } else { broken(text) }
}

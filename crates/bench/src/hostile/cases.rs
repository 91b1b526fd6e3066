//! Clients that hold on to what they have, that send too much, too little or nonsense.
//! Beside them are others that do nothing wrong, and must not feel it.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs, io,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
    rc::Rc,
    thread,
    time::Duration,
};

use machine::Stopwatch;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{Instant, interval, sleep, timeout, timeout_at},
};

use crate::{
    client::{Connection, Event, Kind},
    hostile::{
        Outcome, Scale,
        book::{Neighbours, newest},
        clock::told,
        judge,
        malformed::{Answer, FRAMES, REQUESTS, wire},
        not_tried,
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

/// How a process has ended that nobody has waited for yet, as wait(2) has it: 0 is
/// success. (proc_pid_stat(5))
pub(crate) fn ended(server: &Server) -> io::Result<Option<i32>> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", server.id()))?;
    // What follows the name begins with the state: Z, when it has.
    let rest = stat.rsplit_once(") ").map(|(_, rest)| rest.trim_end());
    let code = rest.filter(|rest| rest.starts_with('Z'));
    Ok(code.and_then(|rest| rest.rsplit(' ').next()?.parse().ok()))
}

/// Never read what they asked for. Their receive buffers are small: what they don't take
/// has to wait in the server's.
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

/// How many bytes wait in the server's buffers for each of these clients that it still
/// has a connection with, as the kernel has it in `/proc/net/tcp`.
fn waiting(server: SocketAddr, clients: &HashSet<u16>) -> io::Result<Vec<u64>> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    let established = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let mut port = || {
            let (_, port) = words.next()?.rsplit_once(':')?;
            u16::from_str_radix(port, 16).ok()
        };
        let ours = port()? == server.port() && clients.contains(&port()?);
        let (state, queues) = (words.next()?, words.next()?);
        let (sent, _) = queues.split_once(':')?;
        let sent = u64::from_str_radix(sent, 16).ok()?;
        (ours && state == "01").then_some(sent)
    };
    Ok(table.lines().filter_map(established).collect())
}

/// Clients that never read: the others keep their rate within 5 %, the server's memory
/// grows by at most 30 MB, and those stuck are gone within 10 s.
pub(crate) async fn stuck(scale: Scale) -> io::Result<Outcome> {
    // 140 KB a second for each: what the kernel holds is full in one.
    let server = five(&["--every", "10ms", "--each", "20", "--keep", "10000"])?;
    let address = server.address;
    let neighbours = Neighbours::enter(address, scale.crowd, &STREAMS);
    neighbours.rate(scale.watch).await;
    let before = neighbours.rate(scale.watch * 3).await / scale.crowd as f64;
    let memory = server.memory()?;
    let stuck = never_read(address, scale.crowd).await?;
    let ports: io::Result<HashSet<u16>> =
        stuck.iter().map(|stuck| Ok(stuck.local_addr()?.port())).collect();
    let ports = ports?;
    let (mut most, mut received, mut full) = (0, 0.0, 0);
    let (first, start) = (newest(address).await?.seq, Instant::now());
    let left = loop {
        received += neighbours.count_for(Duration::from_millis(500)).await as f64;
        most = most.max(server.memory()?);
        let waiting = waiting(address, &ports)?;
        let enough = waiting.iter().filter(|bytes| **bytes >= 64 << 10).count();
        full = full.max(enough);
        if waiting.is_empty() || start.elapsed() > Duration::from_secs(20) {
            break waiting.len();
        }
    };
    let gone = start.elapsed().as_secs_f64();
    let published = (newest(address).await?.seq - first) as f64;
    let share = received / published / scale.crowd as f64;
    let during = received / gone / scale.crowd as f64;
    let complaints = neighbours.leave().await?;
    let grown = most.saturating_sub(memory) as f64 / 1e6;
    let text = format!(
        "{n} that never read, {full} of them with 64 KB or more waiting for them, beside \
         {n} that do: those have {during:.0} samples a second, before it was {before:.0}, \
         and {:.1} % of what is published in time, and all in the end; memory \
         {grown:+.1} MB; {left} of the stuck still there after {gone:.1} s",
        share * 100.0,
        n = scale.crowd
    );
    // In a short time, a busy machine is a larger part of it, also of the time before.
    let rates = if scale.short { 0.5..f64::INFINITY } else { 0.95..1.05 };
    let kept = rates.contains(&(during / before)) && rates.contains(&share);
    let held = complaints.is_empty()
        && full * 10 >= scale.crowd * 9
        && kept
        && grown <= 30.0
        && left == 0
        && gone <= 10.0;
    judge(held, text + &told(&complaints))
}

/// Many idle clients: what they take, and that another is served at once.
pub(crate) async fn idle(scale: Scale) -> io::Result<Outcome> {
    let mut text = format!("{} of each stream", scale.idle);
    let mut held = true;
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
                if !timeout(Duration::from_secs(10), read).await?? {
                    let text = format!("{text}; {kind}: a client was closed");
                    return judge(false, text);
                }
            }
        }
        let grown = server.memory()?.saturating_sub(before) as f64;
        let each = grown / scale.idle as f64 / 1000.0;
        let most = if kind == Kind::Websocket { 24.0 } else { 20.0 };
        let start = Instant::now();
        newest(server.address).await?;
        let another = start.elapsed();
        held &= another < Duration::from_secs(1);
        text += &format!("; {kind} {each:.1} KB a client");
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

/// A hundred thousand samples a second: each is delivered or announced as missed, and
/// memory stays. A log that does not forget would take 15 MB more each second. (A debug
/// build has less to do.)
pub(crate) async fn burst(scale: Scale) -> io::Result<Outcome> {
    let (each, keep) =
        if cfg!(debug_assertions) { ("50", "200") } else { ("100", "1000") };
    let server = five(&["--every", "1ms", "--each", each, "--keep", keep])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    neighbours.rate(scale.watch * 2).await;
    let (memory, before) = (server.memory()?, newest(server.address).await?.seq);
    let start = Instant::now();
    let received = neighbours.rate(scale.watch * 3).await;
    let published = newest(server.address).await?.seq - before;
    let published = published as f64 / start.elapsed().as_secs_f64();
    let grown = server.memory()?.saturating_sub(memory) as f64 / 1e6;
    let complaints = neighbours.complaints(true);
    let least = if cfg!(debug_assertions) { 10_000.0 } else { 90_000.0 };
    let text = format!(
        "{published:.0} samples a second published, at least {least:.0} expected; \
         {received:.0} received by 10 clients, the rest announced as missed; memory \
         {grown:+.1} MB"
    );
    let held = complaints.is_empty() && published >= least && grown <= 10.0;
    judge(held, text + &told(&complaints))
}

/// What comes a byte at a time, and has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slow {
    Head,
    /// Of a length that is told before.
    Body,
    /// In chunks.
    Chunks,
    /// A head, after the answer to another.
    Second,
}

impl Slow {
    const ALL: [Self; 3] = [Self::Head, Self::Body, Self::Chunks];

    fn name(self) -> &'static str {
        match self {
            Self::Head => "heads",
            Self::Body => "bodies of a length",
            Self::Chunks => "bodies in chunks",
            Self::Second => "heads after an answer",
        }
    }

    /// What it begins with, after a method and a path.
    fn begin(self, request: &str) -> String {
        let field = match self {
            Self::Head => "X: ",
            Self::Second => "\r\nGET / HTTP/1.1\r\nX: ",
            Self::Body => "Content-Length: 100000\r\n\r\n",
            Self::Chunks => "Transfer-Encoding: chunked\r\n\r\n",
        };
        format!("{request} HTTP/1.1\r\nHost: localhost\r\n{field}")
    }

    /// What comes again and again.
    fn more(self) -> &'static [u8] {
        match self {
            Self::Head | Self::Body | Self::Second => b"x",
            Self::Chunks => b"1\r\nx\r\n",
        }
    }
}

/// Heads and bodies that come a byte at a time, without end. The server ends the
/// connection, of a head with 408, and of a body after the answer. But actix times only
/// the first head of a connection: one that comes later is seen, and not judged.
pub(crate) async fn slow(scale: Scale) -> io::Result<Outcome> {
    let server = five(&["--every", "10ms"])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    let mut tasks = JoinSet::new();
    let seconds = [Slow::Second; 3].into_iter().filter(|_| !scale.short);
    let each = Slow::ALL.into_iter().cycle().take(scale.crowd);
    for slow in each.chain(seconds) {
        let address = server.address;
        tasks.spawn_local(async move { (slow, dribble(address, slow).await) });
    }
    let mut ends = Vec::new();
    while let Some(end) = tasks.join_next().await {
        let (slow, end) = end.map_err(io::Error::other)?;
        let (status, seconds) = end?;
        ends.push((slow, status, seconds));
    }
    let complaints = neighbours.leave().await?;
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
    judge(held, text.join("; ") + &told(&complaints))
}

/// Sends something each 100 ms. The status that came, and after how many seconds the
/// server closed; that it does not counts as 15 s.
async fn dribble(server: SocketAddr, slow: Slow) -> io::Result<(u16, f64)> {
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

/// What nobody should send, each on a connection of its own.
pub(crate) async fn malformed() -> io::Result<Outcome> {
    let server = five(&["--every", "10ms"])?;
    let neighbours = Neighbours::enter(server.address, 10, &Kind::ALL);
    let mut wrong = Vec::new();
    for (name, request, expected) in REQUESTS {
        let (answer, ended) = exchange(server.address, &wire(request)).await?;
        let status = status(&answer);
        let refused = status.is_some_and(|status| (400..500).contains(&status));
        let right = match *expected {
            Answer::Status(code) => status == Some(code),
            Answer::Either(a, b) => status == Some(a) || status == Some(b),
            Answer::Refused => refused,
            Answer::RefusedOrClosed => refused || (ended && answer.is_empty()),
            Answer::Close(_) => false,
        };
        if !right {
            wrong.push(format!("{name}: {status:?}, expected {expected:?}"));
        }
    }
    for (name, frame, expected) in FRAMES {
        let bytes = [Kind::Websocket.request(None).as_bytes(), frame].concat();
        let (answer, _) = exchange(server.address, &bytes).await?;
        let code = close_code(&answer).map(Answer::Close);
        if code != Some(*expected) {
            wrong.push(format!("{name}: {code:?}, expected {expected:?}"));
        }
    }
    let count = REQUESTS.len() + FRAMES.len();
    let complaints = neighbours.leave().await?;
    let text = format!(
        "{} of {count} answered as an RFC wants or we promise, beside 10 others",
        count - wrong.len()
    );
    let held = wrong.is_empty() && complaints.is_empty();
    judge(held, text + &told(&wrong) + &told(&complaints))
}

/// Sends bytes; all that comes back until a head or a Close frame was whole, or the server
/// closes; and whether it was one of these, and not just silent.
async fn exchange(server: SocketAddr, bytes: &[u8]) -> io::Result<(Vec<u8>, bool)> {
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
    let ended = timeout(Duration::from_secs(15), read).await.is_ok();
    Ok((answer, ended))
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
pub(crate) async fn few_files() -> io::Result<Outcome> {
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
    let end = Instant::now() + Duration::from_secs(1);
    for client in &mut clients {
        let came = timeout_at(end, client.read(|_| {})).await;
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
    let again = matches!(again, Ok(Ok(_))) && server.is_running();
    judge(again && (20..64).contains(&served), text)
}

/// Connections from one address that say nothing, as fast as they can be opened.
pub(crate) async fn flood(scale: Scale) -> io::Result<Outcome> {
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
    // actix has 10 KB for a connection that says nothing; something is for all.
    let most = 1.0 + scale.flood as f64 * 12e-3;
    let text = format!(
        "{} connections in {seconds:.1} s, memory {grown:+.1} MB, at most {most:.0}; \
         another client is answered in {:.1} ms, beside 10 others",
        scale.flood,
        another.as_secs_f64() * 1000.0
    );
    let held =
        complaints.is_empty() && another < Duration::from_secs(2) && grown <= most;
    judge(held, text + &told(&complaints))
}

/// Peers whose network goes away, in network namespaces; each demo in one of its own.
pub(crate) async fn half_open(scale: Scale) -> io::Result<Outcome> {
    if scale.short {
        return not_tried("left to the tests of each technique");
    }
    if cfg!(not(target_os = "linux")) {
        return not_tried("only Linux has network namespaces");
    }
    let probe = "for needed in ss nsenter curl; do command -v $needed; done; \
                 ip link add name near type veth peer name far";
    let probe = Command::new("unshare").args(["-rn", "sh", "-ec", probe]).output();
    let why = match probe {
        Ok(output) if output.status.success() => None,
        Ok(output) => {
            Some(String::from_utf8_lossy(&output.stderr).trim().to_owned())
        }
        Err(error) => Some(error.to_string()),
    };
    if let Some(why) = why {
        let needed = "unshare, ip, ss, nsenter and curl, and the right to use them";
        return not_tried(format!("it needs {needed}: {why}"));
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
                testkit::vanish(&binary.to_string_lossy(), target, fields);
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
    let not = if failed.is_empty() { "" } else { "; but not " };
    judge(failed.is_empty(), format!("{text}{not}{}", failed.join(", ")))
}

/// SIGTERM while all of the above is connected: everybody who listens is told, and it
/// ends, within 2 s and with success.
pub(crate) async fn sigterm(scale: Scale) -> io::Result<Outcome> {
    // Much at a time, and in between nothing: requests are held.
    let server = five(&["--every", "2s", "--each", "4000", "--keep", "10000"])?;
    let address = server.address;
    let stuck = never_read(address, scale.crowd).await?;
    let mut slow = JoinSet::new();
    for number in 0..scale.crowd {
        let begin = Slow::ALL[number % 3].begin("GET /stream");
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(begin.as_bytes()).await?;
        slow.spawn_local(async move {
            // Until the server has ended.
            while stream.write_all(Slow::ALL[number % 3].more()).await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        });
    }
    let mut clients = JoinSet::new();
    let have = Rc::new(RefCell::new(vec![0; scale.crowd]));
    for number in 0..scale.crowd {
        let kinds = [Kind::LongPoll, Kind::HttpStream, Kind::Sse, Kind::Websocket];
        let kind = kinds[number % kinds.len()];
        let client = Connection::open(kind, address, Ipv4Addr::LOCALHOST).await?;
        let have = have.clone();
        clients.spawn_local(async move {
            let note = |seq| have.borrow_mut()[number] = seq;
            timeout(Duration::from_secs(15), is_told(client, kind, note)).await
        });
    }
    // Long enough for what waits to fill the buffers; and just after samples came, and
    // everybody has them, so that none come meanwhile.
    sleep(Duration::from_secs(2)).await;
    let before = newest(address).await?;
    let newest = loop {
        match newest(address).await? {
            newest if newest == before => sleep(Duration::from_millis(10)).await,
            newest => break newest.seq,
        }
    };
    let end = Instant::now() + Duration::from_secs(10);
    while have.borrow().iter().any(|seq| *seq < newest) && Instant::now() < end {
        sleep(Duration::from_millis(10)).await;
    }
    sleep(Duration::from_millis(300)).await;
    server.signal("TERM")?;
    let mut watch = Stopwatch::start(Duration::from_millis(50));
    let code = loop {
        let code = ended(&server)?;
        if code.is_some() || watch.look() > Duration::from_secs(10) {
            break code;
        }
        sleep(Duration::from_millis(5)).await;
    };
    let seconds = watch.look().as_secs_f64();
    let told = clients.join_all().await.into_iter();
    let told = told.filter(|told| matches!(told, Ok(Ok(true)))).count();
    drop((stuck, slow));
    let text = format!(
        "{n} streams and held requests, {n} that never read, {n} slow heads and bodies: \
         ended after {seconds:.2} s, at most 2, {}; {told} of the {n} were told",
        match code {
            Some(0) => "with success".into(),
            Some(code) => format!("with the wait status {code}"),
            None => "not at all".into(),
        },
        n = scale.crowd
    );
    judge(code == Some(0) && seconds <= 2.0 && told == scale.crowd, text)
}

/// Follows until the server ends it: whether it said so before, a stream by its end, a
/// request that was held by 503. `note` is given the number of each sample.
async fn is_told(
    mut client: Connection,
    kind: Kind,
    note: impl Fn(u64),
) -> io::Result<bool> {
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
            Event::End if kind.polls() => answered = true,
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

//! The lens before servers that say whatever the test wants, with raw bytes on both
//! sides.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    time::{Duration, Instant},
};

use lens::{
    Account, CloseCause, Connection, Control, Decoded, Direction, Effect, Owner,
    Scope, Watcher,
    effects::{Delay, IdleKill, Throttle},
};
use testkit::{WAIT_TIMEOUT, meanwhile, reset, through_lens, wait_until};

/// Writes down what it sees.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Noted>>);

#[derive(Default)]
struct Noted {
    account: Account,
    up: Vec<u8>,
    down: Vec<u8>,
    writes: Vec<(Direction, lens::Write)>,
    ends: Vec<CloseCause>,
}

impl Watcher for Notes {
    fn opened(&self, _: &Connection) {
        self.0.lock().unwrap().account.opened();
    }

    fn passed(
        &self,
        _: &Connection,
        direction: Direction,
        decoded: Decoded,
        writes: Vec<lens::Write>,
    ) {
        let mut noted = self.0.lock().unwrap();
        noted.writes.extend(writes.iter().map(|write| (direction, *write)));
        noted.account.add(direction, &decoded);
        assert_eq!(
            writes.iter().map(|write| write.bytes).sum::<usize>(),
            decoded.spans.iter().map(|span| span.bytes.len()).sum::<usize>(),
        );
        for span in decoded.spans {
            match direction {
                Direction::Up => noted.up.extend(&span.bytes),
                Direction::Down => noted.down.extend(&span.bytes),
            }
        }
    }

    fn closed(&self, _: &Connection, cause: CloseCause) {
        let mut noted = self.0.lock().unwrap();
        noted.account.closed();
        noted.ends.push(cause);
    }
}

/// A lens before a listener of the test.
struct Bench {
    control: Control,
    notes: Notes,
    lens: SocketAddr,
    servers: mpsc::Receiver<TcpStream>,
}

impl Bench {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (control, notes) = (Control::default(), Notes::default());
        let lens =
            through_lens(listener.local_addr().unwrap(), &control, notes.clone());
        let (accepted, servers) = mpsc::channel();
        meanwhile(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                stream.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
                if accepted.send(stream).is_err() {
                    return;
                }
            }
        });
        Self { control, notes, lens, servers }
    }

    /// A client, and the server's side of the same connection.
    fn connect(&self) -> (TcpStream, TcpStream) {
        let client = TcpStream::connect(self.lens).unwrap();
        client.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
        (client, self.servers.recv_timeout(WAIT_TIMEOUT).unwrap())
    }

    fn add(&self, effect: Effect) {
        self.control.add(Owner::Presenter, Scope::default(), effect, None).unwrap();
    }

    fn remove_all(&self) {
        self.control.remove(|_| true);
    }

    fn end(&self) -> CloseCause {
        wait_until("it has ended", || !self.notes.0.lock().unwrap().ends.is_empty());
        self.notes.0.lock().unwrap().ends[0]
    }
}

fn take(stream: &mut TcpStream, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

fn is_reset(stream: &mut TcpStream) -> bool {
    let reset = ErrorKind::ConnectionReset;
    matches!(stream.read(&mut [0]), Err(error) if error.kind() == reset)
}

fn is_ended(stream: &mut TcpStream) -> bool {
    matches!(stream.read(&mut [0]), Ok(0))
}

/// Whether nothing comes for a while.
fn is_silent(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    let read = stream.peek(&mut [0]);
    stream.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
    read.is_err_and(|error| {
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
    })
}

#[test]
fn bytes_pass_unchanged_and_each_has_a_label() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    let noise = (0..200_000u32).map(|n| (n.wrapping_mul(7919) >> 3) as u8);
    let mut says = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec();
    says.extend(noise);
    let said = says.clone();
    let sender = meanwhile(move || {
        client.write_all(&said).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        client
    });
    let mut heard = Vec::new();
    server.read_to_end(&mut heard).unwrap();
    assert!(heard == says);
    // The other direction goes on by itself.
    let mut client = sender.recv().unwrap();
    let said = says.clone();
    let _ended = meanwhile(move || server.write_all(&said).unwrap());
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).unwrap();
    assert!(answer == says);
    drop(client);
    assert_eq!(bench.end(), CloseCause::Client);
    let noted = bench.notes.0.lock().unwrap();
    assert!(noted.up == says && noted.down == says);
    let account = noted.account;
    assert_eq!((account.opened, account.open, account.requests), (1, 0, 1));
    let all = account.head + account.framing + account.payload + account.control;
    assert_eq!(all + account.opaque, 2 * says.len() as u64);
}

#[test]
fn what_was_said_before_a_reset_arrives_before_it() {
    let bench = Bench::new();
    bench.add(Effect::Delay(Delay { ms: 500, jitter: 0 }));
    let (mut client, mut server) = bench.connect();
    client.write_all(b"unread").unwrap();
    wait_until("it is there", || server.peek(&mut [0; 6]).unwrap() == 6);
    server.write_all(b"farewell").unwrap();
    drop(server); // with bytes unread: a reset
    assert_eq!(take(&mut client, 8), b"farewell");
    assert!(is_reset(&mut client));
    assert_eq!(bench.end(), CloseCause::Reset);
}

#[test]
fn a_stall_tells_nobody_of_an_end() {
    let bench = Bench::new();
    let (client, mut server) = bench.connect();
    let (mut other, others_server) = bench.connect();
    bench.add(Effect::Stall);
    drop(client);
    drop(others_server);
    assert!(is_silent(&mut server) && is_silent(&mut other));
    bench.remove_all();
    assert!(is_ended(&mut server) && is_ended(&mut other));
}

#[tokio::test(start_paused = true)]
async fn an_effect_ends_when_its_time_is_over() {
    let control = Control::default();
    let minute = Duration::from_secs(60);
    control
        .add(Owner::Presenter, Scope::default(), Effect::Stall, Some(minute))
        .unwrap();
    control.add(Owner::Presenter, Scope::default(), Effect::Slice, None).unwrap();
    let start = tokio::time::Instant::now();
    let mut rules = control.subscribe();
    tokio::select! {
        () = control.expire_rules() => {}
        _ = rules.changed() => {}
    }
    assert!(start.elapsed() >= minute, "{:?}", start.elapsed());
    let rules = control.rules();
    assert_eq!((rules.len(), rules[0].effect), (1, Effect::Slice));
}

/// Each in a packet of its own, so that as many reads wait as there can be.
#[test]
#[cfg(target_os = "linux")]
fn single_bytes_that_wait_take_little_memory() {
    let memory = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.unwrap().trim().trim_end_matches(" kB");
        kib.parse::<u64>().unwrap()
    };
    let bench = Bench::new();
    bench.add(Effect::Stall);
    let before = memory();
    let mut clients: Vec<_> = (0..20).map(|_| bench.connect()).collect();
    for _ in 0..1000 {
        for (client, _) in &mut clients {
            client.set_nodelay(true).unwrap();
            client.write_all(b"x").unwrap();
        }
    }
    let after = memory();
    assert!(after < before + 16 * 1024, "{before} KiB, then {after} KiB");
}

#[test]
fn a_slow_reader_holds_back_its_peer() {
    let bench = Bench::new();
    let (client, mut server) = bench.connect();
    // Far more than sockets and a lens hold.
    server.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut sent = 0;
    while sent < 64 << 20 {
        match server.write(&[0; 64 << 10]) {
            Ok(bytes) => sent += bytes,
            Err(_) => break,
        }
    }
    assert!(sent < 32 << 20, "{sent} bytes were taken that nobody reads");
    drop(client);
}

#[test]
fn a_reset_passes_as_a_reset() {
    let bench = Bench::new();
    let (mut client, server) = bench.connect();
    client.write_all(b"unread").unwrap();
    wait_until("it is there", || server.peek(&mut [0; 6]).unwrap() == 6);
    drop(server); // with bytes unread: a reset
    assert!(is_reset(&mut client));
    assert_eq!(bench.end(), CloseCause::Reset);
}

#[test]
fn delay_holds_every_byte_back() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    bench.add(Effect::Delay(Delay { ms: 400, jitter: 0 }));
    let start = Instant::now();
    client.write_all(b"ping").unwrap();
    assert_eq!(take(&mut server, 4), b"ping");
    assert!(start.elapsed() >= Duration::from_millis(390), "{:?}", start.elapsed());
    server.write_all(b"pong").unwrap();
    assert_eq!(take(&mut client, 4), b"pong");
    assert!(start.elapsed() >= Duration::from_millis(780), "{:?}", start.elapsed());
}

#[test]
fn throttle_lets_few_bytes_a_second_through() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    bench.add(Effect::Throttle(Throttle { bytes_per_second: 1000 }));
    let start = Instant::now();
    server.write_all(&[1; 1000]).unwrap();
    take(&mut client, 1000);
    assert!(start.elapsed() >= Duration::from_millis(900), "{:?}", start.elapsed());
}

#[test]
fn stall_says_nothing_and_gives_all_when_it_is_taken_off() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    bench.add(Effect::Stall);
    server.write_all(b"news").unwrap();
    client.write_all(b"hello").unwrap();
    assert!(is_silent(&mut client) && is_silent(&mut server));
    // Newcomers are accepted, and hear nothing.
    let (mut other, mut others_server) = bench.connect();
    others_server.write_all(b"x").unwrap();
    assert!(is_silent(&mut other));
    bench.remove_all();
    assert_eq!(take(&mut client, 4), b"news");
    assert_eq!(take(&mut server, 5), b"hello");
    assert_eq!(take(&mut other, 1), b"x");
}

#[test]
fn cut_resets_both_sides_but_not_later_connections() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    bench.add(Effect::Cut);
    assert!(is_reset(&mut client) && is_reset(&mut server));
    assert_eq!(bench.end(), CloseCause::Cut);
    let (mut client, mut server) = bench.connect();
    server.write_all(b"again").unwrap();
    assert_eq!(take(&mut client, 5), b"again");
}

#[test]
fn refuse_resets_open_and_new_connections_until_it_is_removed() {
    let bench = Bench::new();
    let (mut client, _server) = bench.connect();
    bench.add(Effect::Refuse);
    assert!(is_reset(&mut client));
    let refused = match TcpStream::connect(bench.lens) {
        Ok(mut client) => is_reset(&mut client),
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    };
    assert!(refused);
    bench.remove_all();
    // The server may have seen the refused one come and go.
    let mut client = TcpStream::connect(bench.lens).unwrap();
    client.write_all(b"there?").unwrap();
    let mut servers =
        std::iter::from_fn(|| bench.servers.recv_timeout(WAIT_TIMEOUT).ok());
    let answered = servers.any(|mut server| {
        let mut bytes = [0; 6];
        server.read_exact(&mut bytes).is_ok_and(|()| &bytes == b"there?")
    });
    assert!(answered);
}

#[test]
fn slice_passes_seven_bytes_at_a_time() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    bench.add(Effect::Slice);
    let (start, mut reads) = (Instant::now(), Vec::new());
    server.write_all(&[1; 490]).unwrap();
    while reads.iter().sum::<usize>() < 490 {
        reads.push(client.read(&mut [0; 1000]).unwrap());
    }
    // Who reads late reads several at once.
    assert!(reads.iter().all(|read| read % 7 == 0), "{reads:?}");
    assert!(start.elapsed() >= Duration::from_millis(340), "{:?}", start.elapsed());
}

/// What a watcher is told of how the bytes of a direction left: their sizes, and how
/// long the first and the last of them took from when they came.
fn writes(bench: &Bench, direction: Direction, bytes: usize) -> Vec<lens::Write> {
    let all = || {
        let noted = bench.notes.0.lock().unwrap();
        let writes = noted.writes.iter().filter(|(to, _)| *to == direction);
        writes.map(|(_, write)| *write).collect::<Vec<_>>()
    };
    wait_until("it is reported", || {
        all().iter().map(|write| write.bytes).sum::<usize>() == bytes
    });
    all()
}

#[test]
fn a_watcher_is_told_in_which_pieces_bytes_left_and_when() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    let ask = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(ask).unwrap();
    take(&mut server, ask.len());
    let whole = writes(&bench, Direction::Up, ask.len());
    assert_eq!(whole.len(), 1, "{whole:?}");

    bench.add(Effect::Delay(Delay { ms: 200, jitter: 0 }));
    bench.add(Effect::Slice);
    // The head waits for its end: what left is known when it is labelled.
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    server.write_all(&answer[..20]).unwrap();
    take(&mut client, 20);
    server.write_all(&answer[20..]).unwrap();
    take(&mut client, answer.len() - 20);
    let pieces = writes(&bench, Direction::Down, answer.len());
    let sizes: Vec<_> = pieces.iter().map(|write| write.bytes).collect();
    assert_eq!(sizes, [7, 7, 6, 7, 7, 7, 2], "{pieces:?}");
    assert!(pieces.is_sorted_by_key(|write| write.at));
    let held = Duration::from_millis(200);
    assert!(pieces.iter().all(|write| write.waited >= held), "{pieces:?}");
    let between =
        |at: usize| pieces[at].at.duration_since(pieces[at - 1].at).unwrap();
    assert!(between(1) >= Duration::from_millis(4), "{pieces:?}");
    assert!(between(3) >= held, "{pieces:?}");
}

#[test]
fn a_request_behind_an_upgrade_that_is_ignored_is_counted_when_its_protocol_is_settled()
 {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    let ask =
        b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n\
        Upgrade: h2c\r\n\r\nGET /b HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(ask).unwrap();
    take(&mut server, ask.len());
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    server.write_all(answer).unwrap();
    take(&mut client, answer.len());
    let account = || bench.notes.0.lock().unwrap().account;
    wait_until("both requests are counted", || account().requests == 2);
    assert_eq!(bench.notes.0.lock().unwrap().up, ask);

    // It may have ended by then.
    let (mut client, mut server) = bench.connect();
    client.write_all(ask).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    take(&mut server, ask.len());
    assert!(is_ended(&mut server));
    server.write_all(answer).unwrap();
    take(&mut client, answer.len());
    wait_until("they are counted", || account().requests == 4);
    assert_eq!(account().opaque, 0);

    // And never, if there is no answer: so the connection ends without delay.
    let (mut client, mut server) = bench.connect();
    client.write_all(ask).unwrap();
    take(&mut server, ask.len());
    drop(server);
    assert!(is_ended(&mut client));
    drop(client);
    wait_until("nobody knows what it was", || account().opaque == 28);
}

#[test]
fn what_waits_for_a_decision_is_reported_however_the_connection_ends() {
    let ask = b"GET /a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\n\r\nwho knows what";
    type Ends = fn(&Bench, TcpStream) -> Option<TcpStream>;
    let ends: [(CloseCause, Ends); 3] = [
        (CloseCause::Reset, |_, server| {
            reset(server);
            None
        }),
        (CloseCause::Cut, |bench, server| {
            bench.add(Effect::Cut);
            Some(server)
        }),
        (CloseCause::IdleKill, |bench, server| {
            bench.add(Effect::IdleKill(IdleKill { seconds: 1 }));
            Some(server)
        }),
    ];
    for (cause, end) in ends {
        for ends_before in [false, true] {
            let bench = Bench::new();
            let (mut client, mut server) = bench.connect();
            client.write_all(ask).unwrap();
            take(&mut server, ask.len());
            // A line that is not complete waits, too.
            server.write_all(b"HTTP/1.1 101").unwrap();
            take(&mut client, 12);
            if ends_before {
                client.shutdown(Shutdown::Write).unwrap();
                assert!(is_ended(&mut server));
            }
            let kept = end(&bench, server);
            let ended = bench.end();
            drop(kept);
            assert!(ended == cause || (ends_before && ended == CloseCause::Client));
            let noted = bench.notes.0.lock().unwrap();
            assert_eq!(
                (&noted.up[..], &noted.down[..]),
                (&ask[..], &b"HTTP/1.1 101"[..])
            );
            assert_eq!((noted.account.requests, noted.account.opaque), (1, 26));
        }
    }
}

#[test]
fn buffer_holds_a_stream_and_lets_a_whole_answer_pass() {
    let bench = Bench::new();
    bench.add(Effect::Buffer);
    let (mut client, mut server) = bench.connect();
    let ask = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    client.write_all(ask).unwrap();
    take(&mut server, ask.len());
    server.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").unwrap();
    assert!(take(&mut client, 40).ends_with(b"ok"));
    client.write_all(ask).unwrap();
    take(&mut server, ask.len());
    let head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    server.write_all(head).unwrap();
    server.write_all(b"1\r\na\r\n").unwrap();
    assert!(is_silent(&mut client));
    let chunk = format!("{:x}\r\n{}\r\n", 4096, "b".repeat(4096));
    server.write_all(chunk.as_bytes()).unwrap();
    let all = head.len() + 6 + chunk.len();
    take(&mut client, 4096);
    server.write_all(b"0\r\n\r\n").unwrap();
    assert!(take(&mut client, all - 4096 + 5).ends_with(b"\r\n0\r\n\r\n"));
}

#[test]
fn idle_kill_closes_the_silent_and_tells_both() {
    let bench = Bench::new();
    bench.add(Effect::IdleKill(IdleKill { seconds: 5 }));
    let (mut client, mut server) = bench.connect();
    // A byte every now and then keeps it open.
    let (start, mut last) = (Instant::now(), Instant::now());
    while start.elapsed() < Duration::from_millis(5500) {
        last = Instant::now();
        server.write_all(b".").unwrap();
        take(&mut client, 1);
        assert!(is_silent(&mut client));
    }
    assert!(is_ended(&mut client) && is_ended(&mut server));
    assert!(last.elapsed() >= Duration::from_secs(5), "{:?}", last.elapsed());
    assert_eq!(bench.end(), CloseCause::IdleKill);
}

#[test]
fn an_effect_reaches_those_it_is_for() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    let elsewhere = Scope { lens: Some("another".into()), client: None };
    bench.control.add(Owner::Presenter, elsewhere, Effect::Stall, None).unwrap();
    let others = Scope { lens: None, client: Some([127, 0, 0, 9].into()) };
    bench.control.add(Owner::Presenter, others, Effect::Stall, None).unwrap();
    server.write_all(b"a").unwrap();
    assert_eq!(take(&mut client, 1), b"a");
    let client_address = Some([127, 0, 0, 1].into());
    let here = Scope { lens: Some("test".into()), client: client_address };
    bench.control.add(Owner::Presenter, here.clone(), Effect::Stall, None).unwrap();
    server.write_all(b"b").unwrap();
    assert!(is_silent(&mut client));
    bench.control.remove(|rule| rule.matches(&here, "stall"));
    assert_eq!(take(&mut client, 1), b"b");
}

#[test]
fn effects_combine() {
    let bench = Bench::new();
    let (mut client, mut server) = bench.connect();
    bench.add(Effect::Delay(Delay { ms: 300, jitter: 0 }));
    bench.add(Effect::Slice);
    let start = Instant::now();
    server.write_all(&[1; 490]).unwrap();
    let first = client.read(&mut [0; 1000]).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(290), "{:?}", start.elapsed());
    assert_eq!(first % 7, 0, "{first}");
    take(&mut client, 490 - first);
    assert!(start.elapsed() >= Duration::from_millis(630), "{:?}", start.elapsed());
}

#[test]
fn a_strength_out_of_its_limits_is_refused_with_what_was_expected() {
    let control = Control::default();
    for (effect, expected) in [
        (Effect::Delay(Delay { ms: 8001, jitter: 0 }), "8000"),
        (Effect::Delay(Delay { ms: 10, jitter: 11 }), "0 to 10"),
        (Effect::Throttle(Throttle { bytes_per_second: 0 }), "1 to"),
        (Effect::IdleKill(IdleKill { seconds: 0 }), "1 to 3600"),
    ] {
        let error = control
            .add(Owner::Presenter, Scope::default(), effect, None)
            .unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert!(control.rules().is_empty());
}

//! The effects, one by one and together.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, TcpStream},
    time::{Duration, Instant},
};

use lens::{
    CloseCause, Control, Effect, Owner, Scope,
    effects::{Delay, IdleKill, Throttle},
};
use testkit::{WAIT_TIMEOUT, wait_until};

use crate::{Bench, is_ended, is_reset, take};

/// How long nothing comes that is held back.
const QUIET: Duration = Duration::from_millis(300);

/// Whether nothing comes for a while.
fn is_silent(stream: &mut TcpStream) -> bool {
    stream.set_read_timeout(Some(QUIET)).unwrap();
    let read = stream.peek(&mut [0]);
    stream.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
    read.is_err_and(|error| {
        matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
    })
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

/// A server that times the first request of a connection from its start would otherwise
/// give up on a request that it was not sent.
#[test]
fn a_server_does_not_learn_of_a_connection_while_its_opening_is_held_back() {
    let bench = Bench::new();
    bench.add(Effect::Stall);
    let mut stalled = TcpStream::connect(bench.lens).unwrap();
    stalled.write_all(b"stalled").unwrap();
    // Bytes that the lens has read, then an end, and none of them is told.
    let mut ended = TcpStream::connect(bench.lens).unwrap();
    ended.write_all(b"ended").unwrap();
    ended.shutdown(Shutdown::Write).unwrap();
    assert!(bench.servers.recv_timeout(QUIET).is_err(), "the server was told");
    bench.remove_all();
    let mut came = [(); 2].map(|()| {
        let mut server = bench.servers.recv_timeout(WAIT_TIMEOUT).unwrap();
        let first = take(&mut server, 5);
        (first, server)
    });
    came.sort_by_key(|(first, _)| first != b"ended");
    let [(ended, mut first), (stalled, mut second)] = came;
    assert_eq!((&*ended, &*stalled), (&b"ended"[..], &b"stall"[..]));
    assert!(is_ended(&mut first));
    assert_eq!(take(&mut second, 2), b"ed");
    // A delay holds the opening back as it does what follows.
    bench.add(Effect::Delay(Delay { ms: 400, jitter: 0 }));
    let start = Instant::now();
    let _client = TcpStream::connect(bench.lens).unwrap();
    bench.servers.recv_timeout(WAIT_TIMEOUT).unwrap();
    assert!(start.elapsed() >= Duration::from_millis(390), "{:?}", start.elapsed());
    // An effect ends a connection that the server was never told of, too.
    bench.remove_all();
    bench.add(Effect::Stall);
    let mut client = TcpStream::connect(bench.lens).unwrap();
    client.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
    let opened = || bench.notes.0.lock().unwrap().account.opened;
    wait_until("it is accepted", || opened() == 4);
    bench.add(Effect::Cut);
    assert!(is_reset(&mut client));
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
    let mut other = TcpStream::connect(bench.lens).unwrap();
    assert!(is_silent(&mut other));
    bench.remove_all();
    other.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
    bench.servers.recv_timeout(WAIT_TIMEOUT).unwrap().write_all(b"x").unwrap();
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

/// A handshake that the bench's server answers.
const HANDSHAKE: &[u8] = b"GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n";
const SWITCHING: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\n\
    connection: upgrade\r\nupgrade: websocket\r\n\
    sec-websocket-accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n\r\n";

#[test]
fn refuse_upgrade_resets_websockets_alone() {
    let bench = Bench::new();
    let (mut open, mut opens_server) = bench.connect();
    open.write_all(HANDSHAKE).unwrap();
    assert_eq!(take(&mut opens_server, HANDSHAKE.len()), HANDSHAKE);
    opens_server.write_all(SWITCHING).unwrap();
    assert_eq!(take(&mut open, SWITCHING.len()), SWITCHING);
    let (mut plain, mut plains_server) = bench.connect();
    bench.add(Effect::RefuseUpgrade);
    // One that is open ends, and so does one that is asked for, also on a connection that
    // was used before.
    assert!(is_reset(&mut open));
    let ask = b"GET / HTTP/1.1\r\n\r\n";
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    for _ in 0..2 {
        plain.write_all(ask).unwrap();
        assert_eq!(take(&mut plains_server, ask.len()), ask);
        plains_server.write_all(answer).unwrap();
        assert_eq!(take(&mut plain, answer.len()), answer);
    }
    plain.write_all(HANDSHAKE).unwrap();
    assert!(is_reset(&mut plain));
    bench.remove_all();
    let (mut again, mut agains_server) = bench.connect();
    again.write_all(HANDSHAKE).unwrap();
    assert_eq!(take(&mut agains_server, HANDSHAKE.len()), HANDSHAKE);
    agains_server.write_all(SWITCHING).unwrap();
    assert_eq!(take(&mut again, SWITCHING.len()), SWITCHING);
}

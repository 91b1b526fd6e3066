//! What a watcher is told, and when.

use std::{
    io::Write,
    net::{Shutdown, TcpStream},
    time::Duration,
};

use lens::{
    CloseCause, Direction, Effect,
    effects::{Delay, IdleKill},
};
use testkit::{reset, wait_until};

use crate::{Bench, is_ended, take};

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

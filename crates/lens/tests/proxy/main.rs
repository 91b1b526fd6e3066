//! The lens before servers that say whatever the test wants, with raw bytes on both
//! sides. Here: such a server, with a client and a watcher.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod effects;
mod passing;
mod watching;

use std::{
    io::{ErrorKind, Read},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
};

use lens::{
    Account, CloseCause, Connection, Control, Decoded, Direction, Effect, Owner,
    Scope, Watcher,
};
use testkit::{WAIT_TIMEOUT, meanwhile, through_lens, wait_until};

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

//! The whiteboard: what a phone draws is on the board once, in the order in which it drew.

use std::{
    io::{Error, Read, Result, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::Value;
use testkit::masked;

use crate::{
    Phone, Seen,
    link::{connect, is_timeout, pause},
};

const TEXT: u8 = 0x81;
const DRAW_INTERVAL: Duration = Duration::from_millis(120);

/// What a phone knows, whichever connection it has.
#[derive(Default)]
struct Pen {
    name: String,
    /// The number of its newest stroke, and of the last one that was acknowledged.
    drawn: u64,
    acknowledged: u64,
    /// Its number on the board.
    own: u64,
    after: String,
    /// Its strokes as the board showed them.
    shown: Vec<u64>,
    seen: Seen,
}

/// Draws all the time; after a cut, it sends again what was not acknowledged.
pub(crate) fn draw(phone: &Phone) -> Seen {
    let mut pen = Pen { name: format!("room-{}", phone.number), ..Pen::default() };
    let mut connections = 0;
    while phone.is_on() {
        if let Ok(stream) = open(phone, &pen) {
            connections += 1;
            let cut = phone.next_cut().min(phone.end);
            let _ = pen.talk(stream, cut); // It fails when the server restarts.
        }
        pause();
    }
    pen.seen.returns = connections - 1;
    pen.seen
}

fn open(phone: &Phone, pen: &Pen) -> Result<TcpStream> {
    let mut stream = connect(phone)?;
    let after = match pen.after.as_str() {
        "" => String::new(),
        after => format!("&after={after}"),
    };
    write!(
        stream,
        "GET /whiteboard/socket?pen={}&next={}{after} HTTP/1.1\r\nHost: localhost\r\n\
         Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n",
        pen.name,
        pen.acknowledged + 1
    )?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.extend(byte);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    assert!(head.starts_with("HTTP/1.1 101"), "{head}");
    stream.set_read_timeout(Some(Duration::from_millis(20)))?;
    Ok(stream)
}

impl Pen {
    fn talk(&mut self, mut stream: TcpStream, cut: Instant) -> Result<()> {
        let mut unread = Vec::new();
        let mut next = Instant::now();
        let mut welcomed = false;
        while Instant::now() < cut {
            if welcomed && Instant::now() >= next {
                self.drawn += 1;
                self.send(&mut stream, self.drawn)?;
                next = Instant::now() + DRAW_INTERVAL;
            }
            let mut bytes = [0; 8192];
            match stream.read(&mut bytes) {
                Ok(0) => return Ok(()),
                Ok(count) => unread.extend_from_slice(&bytes[..count]),
                Err(error) if is_timeout(&error) => continue,
                Err(error) => return Err(error),
            }
            while let Some((first, text)) = frame(&mut unread) {
                if first == TEXT {
                    let text = String::from_utf8(text).map_err(Error::other)?;
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message.get("welcome").is_some() {
                        welcomed = true;
                        self.welcome(&message["welcome"]);
                        for number in self.acknowledged + 1..=self.drawn {
                            self.send(&mut stream, number)?;
                        }
                    } else {
                        self.read(&message);
                    }
                } else if first == 0x89 {
                    stream.write_all(&masked(0x8a, text))?;
                } else if first == 0x88 {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn send(&self, stream: &mut TcpStream, number: u64) -> Result<()> {
        let x = number % 1000;
        let text =
            format!(r#"{{"number":{number},"stroke":{number},"points":[[{x},7]]}}"#);
        stream.write_all(&masked(TEXT, text))
    }

    fn welcome(&mut self, welcome: &Value) {
        self.own = welcome["pen"].as_u64().unwrap();
        let known = welcome["acknowledged"].as_u64().unwrap();
        assert!(known >= self.acknowledged, "what was acknowledged stays so");
        self.acknowledged = known;
    }

    fn read(&mut self, message: &Value) {
        if let Some(number) = message["acknowledged"].as_u64() {
            assert!(number <= self.drawn);
            self.acknowledged = self.acknowledged.max(number);
        }
        if let Some(gap) = message.get("gap") {
            self.seen.missed += gap["missed"].as_u64().unwrap();
            self.seen.restarts += u64::from(gap["restarted"] == true);
            self.after = gap["id"].as_str().unwrap().to_owned();
            self.shown.clear(); // the board begins anew
        }
        let Some(id) = message["id"].as_str() else { return };
        if let (Some((run, seq)), Some((old, before))) =
            (id.split_once('-'), self.after.split_once('-'))
        {
            let [seq, before] = [seq, before].map(|seq| seq.parse::<u64>().unwrap());
            assert!(run != old || seq == before + 1, "{id} after {}", self.after);
        }
        self.after = id.to_owned();
        for ink in message["ink"].as_array().into_iter().flatten() {
            self.seen.received += 1;
            if ink["pen"].as_u64() != Some(self.own) {
                continue;
            }
            let stroke = ink["stroke"].as_u64().unwrap();
            let last = self.shown.last();
            assert!(
                last.is_none_or(|last| stroke == last + 1),
                "{stroke} after {last:?}"
            );
            self.shown.push(stroke);
        }
    }
}

/// Takes the next frame of a server, which masks and splits none.
fn frame(unread: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let &[first, length] = unread.first_chunk()?;
    let (start, length) = match length {
        126 => {
            let &[_, _, high, low] = unread.first_chunk()?;
            (4, usize::from(high) << 8 | usize::from(low))
        }
        127 => {
            let bytes: [u8; 10] = *unread.first_chunk()?;
            (
                10,
                bytes[2..].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
            )
        }
        length => (2, length.into()),
    };
    if unread.len() < start + length {
        return None;
    }
    let rest = unread.split_off(start + length);
    let payload = unread.split_off(start);
    *unread = rest;
    Some((first, payload))
}

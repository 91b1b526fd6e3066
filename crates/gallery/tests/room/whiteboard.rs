//! The whiteboard: what a phone draws is on the board once, in the order in which it drew.

use std::{
    io::Result,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{Phone, Seen, link::pause, socket::Socket};

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
        if let Ok(socket) = open(phone, &pen) {
            connections += 1;
            let cut = phone.next_cut().min(phone.end);
            let _ = pen.talk(socket, cut); // It fails when the server restarts.
        }
        pause();
    }
    pen.seen.returns = connections - 1;
    pen.seen
}

fn open(phone: &Phone, pen: &Pen) -> Result<Socket> {
    let after = match pen.after.as_str() {
        "" => String::new(),
        after => format!("&after={after}"),
    };
    let (name, next) = (&pen.name, pen.acknowledged + 1);
    let target = format!("/whiteboard/socket?pen={name}&next={next}{after}");
    Socket::open(phone, phone.server, &target)
}

impl Pen {
    fn talk(&mut self, mut socket: Socket, cut: Instant) -> Result<()> {
        let mut next = Instant::now();
        let mut welcomed = false;
        while Instant::now() < cut {
            if welcomed && Instant::now() >= next {
                self.drawn += 1;
                send(&mut socket, self.drawn)?;
                next = Instant::now() + DRAW_INTERVAL;
            }
            for message in socket.read()? {
                if message.get("welcome").is_none() {
                    self.read(&message);
                    continue;
                }
                welcomed = true;
                self.welcome(&message["welcome"]);
                for number in self.acknowledged + 1..=self.drawn {
                    send(&mut socket, number)?;
                }
            }
        }
        Ok(())
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

fn send(socket: &mut Socket, number: u64) -> Result<()> {
    let x = number % 1000;
    let points = format!("[[{x},7]]");
    socket.send(&format!(
        r#"{{"number":{number},"stroke":{number},"points":{points}}}"#
    ))
}

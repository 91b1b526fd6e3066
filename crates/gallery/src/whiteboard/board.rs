//! What is on the whiteboard: the pens, and the log of what they drew.

use std::{
    collections::VecDeque,
    mem,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{Result, rt::spawn};
use feed::{Cursor, Feed, Follower};
use serde::Serialize;
use stage::printable;
use tokio::{select, sync::Notify, time::sleep};

use super::{
    messages::{BadInk, ClientMessage, Resume, ServerMessage},
    shares::Shares,
};
use crate::{
    events::json,
    gallery::{Gallery, lock},
    kept::{Full, Kept},
    limits::KEY_LIMIT,
};

/// How often the board is published: two frames of most screens.
pub(super) const FRAME_INTERVAL: Duration = Duration::from_millis(33);
/// How many bytes of the log are kept: the oldest ink goes first. Their number is a limit
/// of the entries, too.
const INK_BYTES: usize = 4 << 20;
/// What an entry has around its ink, which only its first piece is charged.
const ENVELOPE_BYTES: usize = r#"{"id":"k3f9-4294967295","ink":[]}"#.len();
/// How many strokes the presenter may take back.
const STROKES_CAPACITY: usize = 1000;
/// How many pens are known of a device, and in all; with more, the one goes that was without
/// a connection longest. A device has so many connections: a room behind one address fits.
const DEVICE_PENS: usize = 200;
const PENS_LIMIT: usize = 5000;
const DEVICE_SOCKETS: usize = 200;

/// What all pages are sent.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Entry<'a> {
    Ink(&'a [Segment]),
    Undone(Stroke),
    Cleared(bool),
}

/// A stroke, by its pen and the pen's own number of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Stroke {
    pen: u32,
    stroke: u32,
}

/// A piece of a stroke.
#[derive(Debug, Serialize)]
struct Segment {
    #[serde(flatten)]
    of: Stroke,
    points: Vec<[u16; 2]>,
}

/// A pen, which belongs to one page.
#[derive(Debug)]
pub(super) struct Pen {
    key: String,
    number: u32,
    /// Where it was when it was new.
    device: IpAddr,
    /// The number of the last message of it that was drawn. Written by its connection.
    acknowledged: Mutex<u64>,
}

pub(super) struct Board {
    log: Feed,
    state: Mutex<State>,
    /// Notified when there is ink to publish.
    drawn: Notify,
}

/// Written by pages that connect and draw, and by the presenter.
struct State {
    /// By the keys that pages have drawn, and tell nobody. Added by `pen`; in use as long as
    /// a connection has another handle to it.
    pens: Kept<Arc<Pen>>,
    /// How many pens there were.
    numbers: u32,
    /// Drawn since the last frame was published.
    ink: Vec<Segment>,
    shares: Shares,
    /// The number of the newest entry of the log.
    newest: u64,
    /// The newest strokes, in the order in which they began.
    strokes: VecDeque<Stroke>,
    /// Where the board begins, for a newcomer: where it was cleared last.
    beginning: Option<Cursor>,
}

impl Board {
    /// An empty board, which is published until the server shuts down.
    pub(super) fn open(gallery: &Gallery) -> Arc<Self> {
        let first = Entry::Cleared(true);
        let log = Feed::of_entries(NonZeroUsize::MAX, INK_BYTES, &first);
        let log = gallery.close_at_shutdown(log);
        let board = Arc::new(Self::of(log, INK_BYTES));
        spawn(board.clone().publish_frames());
        board
    }

    /// With a log of so many bytes that has one entry.
    fn of(log: Feed, bytes: usize) -> Self {
        let is_connected = |pen: &Arc<Pen>| Arc::strong_count(pen) > 1;
        let state = State {
            pens: Kept::new("pen", DEVICE_PENS, PENS_LIMIT, is_connected),
            numbers: 0,
            ink: Vec::new(),
            shares: Shares::new(bytes),
            newest: 1,
            strokes: VecDeque::new(),
            beginning: None,
        };
        Self { log, state: Mutex::new(state), drawn: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    /// What comes after a cursor; for a newcomer, all that is on the board.
    pub(super) fn follow(&self, after: Option<Cursor>) -> Follower {
        let beginning = self.state().beginning;
        let beginning = beginning.filter(|at| at.seq > self.log.oldest().seq);
        self.log.follow(after.or(beginning).or(Some(self.log.oldest())))
    }

    /// The pen of a page. One that is not known, since the server restarted, goes on with the
    /// number that the page sends next.
    ///
    /// # Errors
    /// When the device has too many connections, or all pens have one.
    pub(super) fn pen(&self, resume: &Resume, device: IpAddr) -> Result<Arc<Pen>> {
        let key = printable(&resume.pen, KEY_LIMIT)?.to_owned();
        let mut state = self.state();
        let sockets = |pen: &Arc<Pen>| Arc::strong_count(pen) - 1;
        let what = "connection to the board";
        let full = || Full::Device { what, limit: DEVICE_SOCKETS };
        if state.pens.of(device).map(sockets).sum::<usize>() >= DEVICE_SOCKETS {
            return Err(full().into());
        }
        if let Some(pen) = state.pens.get(&key) {
            // Its key may come from other devices, too.
            if sockets(pen) >= DEVICE_SOCKETS {
                return Err(full().into());
            }
            return Ok(pen.clone());
        }
        state.numbers += 1;
        let acknowledged = Mutex::new(resume.next.saturating_sub(1));
        let number = state.numbers;
        let pen = Arc::new(Pen { key: key.clone(), number, device, acknowledged });
        state.pens.add(key, device, pen.clone())?;
        Ok(pen)
    }

    /// A connection of a pen has ended: from now on, it is unused.
    pub(super) fn leave(&self, pen: &Pen) {
        self.state().pens.get(&pen.key);
    }

    /// Draws a message of a pen: all boards are sent it with the next frame.
    ///
    /// # Errors
    /// When the board is full of what the pen's device drew.
    pub(super) fn draw(
        &self,
        pen: &Pen,
        ClientMessage { stroke, points, .. }: ClientMessage,
    ) -> Result<(), BadInk> {
        let of = Stroke { pen: pen.number, stroke };
        let segment = Segment { of, points };
        let mut bytes = json(&segment).len() + ",".len();
        let mut state = self.state();
        if !state.shares.may_draw(pen.device) {
            return Err(BadInk::Full);
        }
        if state.ink.is_empty() {
            bytes += ENVELOPE_BYTES;
        }
        let entry = state.newest + 1;
        state.shares.add(entry, pen.device, bytes);
        state.add(segment);
        self.drawn.notify_one();
        Ok(())
    }

    /// Publishes what was drawn, a frame at a time, until the log is closed.
    async fn publish_frames(self: Arc<Self>) {
        let frames = async {
            loop {
                self.drawn.notified().await;
                self.publish(&mut self.state());
                sleep(FRAME_INTERVAL).await;
            }
        };
        select! {
            () = frames => {}
            () = self.log.closed() => {}
        }
    }

    fn publish(&self, state: &mut State) {
        let ink = mem::take(&mut state.ink);
        if !ink.is_empty() {
            self.append(state, &Entry::Ink(&ink));
        }
    }

    fn append(&self, state: &mut State, entry: &Entry<'_>) {
        self.log.publish_entry(entry);
        state.newest += 1;
        state.shares.forget_to(self.log.oldest().seq);
    }

    /// Takes the stroke that began last from all boards.
    pub(super) fn undo(&self) {
        let mut state = self.state();
        self.publish(&mut state);
        if let Some(stroke) = state.strokes.pop_back() {
            self.append(&mut state, &Entry::Undone(stroke));
        }
    }

    /// Wipes all boards. Newcomers are not sent what was on them.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.ink.clear();
        state.strokes.clear();
        self.append(&mut state, &Entry::Cleared(true));
        let newest = state.newest;
        state.shares.forget_to(newest);
        state.beginning = self.log.since(None).cursor();
    }
}

impl Pen {
    /// The number of the last message of it that was drawn.
    pub(super) fn acknowledged(&self) -> MutexGuard<'_, u64> {
        lock(&self.acknowledged)
    }

    pub(super) fn welcome(&self) -> ServerMessage {
        let acknowledged = *self.acknowledged();
        ServerMessage::Welcome { pen: self.number, acknowledged }
    }
}

impl State {
    fn add(&mut self, segment: Segment) {
        if !self.strokes.iter().rev().any(|stroke| *stroke == segment.of) {
            self.strokes.push_back(segment.of);
            if self.strokes.len() > STROKES_CAPACITY {
                self.strokes.pop_front();
            }
        }
        self.ink.push(segment);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn device(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    fn board(bytes: usize) -> Board {
        let first = Entry::Cleared(true);
        Board::of(Feed::of_entries(NonZeroUsize::MAX, bytes, &first), bytes)
    }

    fn pen(board: &Board, key: u32, device: IpAddr) -> Result<Arc<Pen>> {
        let resume = Resume { pen: key.to_string(), next: 1, after: None };
        board.pen(&resume, device)
    }

    /// Draws until it may not, and returns how many messages were drawn.
    fn draw(board: &Board, pen: &Pen, count: u64) -> u64 {
        let drawn = (0..count).take_while(|x| {
            let text = format!(r#"{{"number":1,"stroke":1,"points":[[{x},7]]}}"#);
            let drawn = board.draw(pen, text.parse().unwrap());
            board.publish(&mut board.state());
            drawn.is_ok()
        });
        drawn.count() as u64
    }

    #[test]
    fn one_device_does_not_push_out_what_others_drew() {
        let board = board(10_000);
        let [ada, bob, eve] =
            [1, 2, 3].map(|number| pen(&board, number, device(number)).unwrap());
        let oldest = board.log.oldest();
        assert_eq!(draw(&board, &ada, 5), 5);
        assert!(draw(&board, &eve, 1000) < 200);
        assert_eq!(board.log.oldest(), oldest, "all is there still");
        let ink = board.log.since(Some(oldest));
        let bytes: usize = ink.samples.iter().map(|entry| entry.json.len()).sum();
        assert!((8000..10_000).contains(&bytes), "{bytes}: it was not full");
        assert_eq!(draw(&board, &bob, 5), 5, "others go on");
        board.clear();
        assert_eq!(draw(&board, &eve, 5), 5, "there is room again");
    }

    #[test]
    fn a_device_alone_draws_without_end() {
        let board = board(10_000);
        let eve = pen(&board, 3, device(3)).unwrap();
        assert_eq!(draw(&board, &eve, 1000), 1000);
    }

    #[test]
    fn connections_and_pens_of_a_device_are_bounded() {
        let board = board(10_000);
        let pens: Vec<_> = (0..DEVICE_SOCKETS)
            .map(|key| pen(&board, key as u32, device(1)).unwrap())
            .collect();
        assert!(pen(&board, 0, device(1)).is_err());
        assert!(pen(&board, 1000, device(1)).is_err());
        let other = pen(&board, 2000, device(2)).unwrap();
        *pens[7].acknowledged() = 5;
        drop(pens);
        board.leave(&other);
        drop(other);
        // The one that was unused longest goes, and no other one.
        pen(&board, 1000, device(1)).unwrap();
        assert_eq!(*pen(&board, 7, device(1)).unwrap().acknowledged(), 5);
        assert_eq!(board.state().pens.names().count(), DEVICE_PENS + 1);
        assert!(board.state().pens.get("0").is_none());
    }
}

//! What is on the whiteboard: the pens, and the log of what they drew.

use std::{
    collections::VecDeque,
    mem,
    net::IpAddr,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use actix_web::{Result, error::ErrorBadRequest};
use feed::{Cursor, Feed, Follower};
use serde::{Deserialize, Serialize};
use stage::printable;
use tokio::{select, sync::Notify, time::sleep};

use super::shares::Shares;
use crate::{
    gallery::{Gallery, lock},
    kept::{Full, Kept},
};

/// How often the board is published: two frames of most screens.
pub(super) const FRAME_INTERVAL: Duration = Duration::from_millis(33);
/// How much is kept: the oldest ink goes first. An entry has at least `ENTRY_BYTES`, so it is
/// the bytes that say when a board is full.
const INK_BYTES: usize = 4 << 20;
const ENTRY_BYTES: usize = 64;
const ENTRIES_CAPACITY: NonZeroUsize =
    NonZeroUsize::new(INK_BYTES / ENTRY_BYTES).unwrap();
/// How many strokes the presenter may take back.
const STROKES_CAPACITY: usize = 1000;
/// How many pens are known of a device, and in all; with more, the one goes that was without
/// a connection longest. A device has so many connections: a room behind one address fits.
const DEVICE_PENS: usize = 200;
const PENS_LIMIT: usize = 5000;
const DEVICE_SOCKETS: usize = 200;
const POINTS_LIMIT: usize = 32;
/// The size of the board, in its own units.
const WIDTH: u16 = 1600;
const HEIGHT: u16 = 1000;

/// What a page draws.
#[derive(Deserialize)]
struct ClientMessage {
    /// Counts what this pen sends.
    number: u64,
    /// Counts its strokes.
    stroke: u32,
    points: Vec<[u16; 2]>,
}

/// What one page is told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ServerMessage {
    Welcome { pen: u32, acknowledged: u64 },
    Acknowledged(u64),
    Heartbeat(bool),
}

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

/// Why a message is not drawn. It fits into the reason of a Close frame.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadInk {
    #[error("expected {{\"number\":1,\"stroke\":1,\"points\":[[0,0]]}}")]
    Malformed,
    #[error("{0} points: expected 1 to {POINTS_LIMIT}")]
    Points(usize),
    #[error("a point beyond the board: expected 0 to {WIDTH}, 0 to {HEIGHT}")]
    Beyond,
    #[error("number {came}: expected {expected}, or one that came before")]
    Hole { came: u64, expected: u64 },
    #[error(
        "the board is full, and much of it is yours: wait until others draw, or it is wiped"
    )]
    Full,
}

/// A pen, which belongs to one page.
#[derive(Debug)]
pub(super) struct Pen {
    key: String,
    number: u32,
    /// Where it was when it was new.
    device: IpAddr,
    /// The number of the last message of it that was drawn. Written by `draw` alone.
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
    pub(super) fn new(gallery: &Gallery) -> Self {
        let log = gallery.log_of_entries(
            ENTRIES_CAPACITY,
            INK_BYTES,
            &Entry::Cleared(true),
        );
        Self::of(log, INK_BYTES)
    }

    /// With a log of so many bytes that has one entry.
    fn of(log: Feed, bytes: usize) -> Self {
        let is_connected = |pen: &Arc<Pen>| Arc::strong_count(pen) > 1;
        let state = State {
            pens: Kept::new(DEVICE_PENS, PENS_LIMIT, is_connected),
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

    /// The pen of a page, which will send the message `next` first. One that is not known,
    /// since the server restarted, goes on with that number.
    ///
    /// # Errors
    /// When the device has too many connections, or all pens have one.
    pub(super) fn pen(
        &self,
        key: &str,
        next: u64,
        device: IpAddr,
    ) -> Result<Arc<Pen>> {
        let key = printable(key, 40).map_err(ErrorBadRequest)?.to_owned();
        let mut state = self.state();
        let sockets = |pen: &Arc<Pen>| Arc::strong_count(pen) - 1;
        if state.pens.of(device).map(sockets).sum::<usize>() >= DEVICE_SOCKETS {
            return Err(Full::of_device(DEVICE_SOCKETS).into());
        }
        if let Some(pen) = state.pens.get(&key) {
            return Ok(pen.clone());
        }
        state.numbers += 1;
        let acknowledged = Mutex::new(next.saturating_sub(1));
        let number = state.numbers;
        let pen = Arc::new(Pen { key: key.clone(), number, device, acknowledged });
        state.pens.add(key, device, pen.clone())?;
        Ok(pen)
    }

    /// A connection of a pen has ended: from now on, it is unused.
    pub(super) fn leave(&self, pen: &Pen) {
        self.state().pens.get(&pen.key);
    }

    /// Draws a message of a pen, unless it was drawn before.
    pub(super) fn draw(
        &self,
        pen: &Pen,
        text: &str,
    ) -> Result<ServerMessage, BadInk> {
        let message = serde_json::from_str(text).map_err(|_| BadInk::Malformed)?;
        let ClientMessage { number, stroke, points } = message;
        if !(1..=POINTS_LIMIT).contains(&points.len()) {
            return Err(BadInk::Points(points.len()));
        }
        if points.iter().any(|&[x, y]| x > WIDTH || y > HEIGHT) {
            return Err(BadInk::Beyond);
        }
        let mut acknowledged = pen.acknowledged();
        match number.checked_sub(*acknowledged) {
            None | Some(0) => {} // It was drawn before.
            Some(1) => {
                let mut state = self.state();
                if !state.shares.may_draw(pen.device) {
                    return Err(BadInk::Full);
                }
                *acknowledged = number;
                let of = Stroke { pen: pen.number, stroke };
                let entry = state.newest + 1;
                state.shares.add(entry, pen.device, ENTRY_BYTES + text.len());
                state.add(Segment { of, points });
                self.drawn.notify_one();
            }
            Some(_) => {
                let expected = acknowledged.saturating_add(1);
                return Err(BadInk::Hole { came: number, expected });
            }
        }
        Ok(ServerMessage::Acknowledged(*acknowledged))
    }

    /// Publishes what was drawn, a frame at a time, until the log is closed.
    pub(super) async fn publish_frames(&self) {
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
    fn acknowledged(&self) -> MutexGuard<'_, u64> {
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
        Board::of(
            Feed::of_entries(ENTRIES_CAPACITY, bytes, &Entry::Cleared(true)),
            bytes,
        )
    }

    /// Draws until it may not, and returns how many messages were drawn.
    fn draw(board: &Board, pen: &Pen, count: u64) -> u64 {
        let start = *pen.acknowledged();
        let numbers = start + 1..=start + count;
        let refused = numbers.clone().find(|number| {
            let text = format!(
                r#"{{"number":{number},"stroke":1,"points":[[{number},7]]}}"#
            );
            let drawn = board.draw(pen, &text);
            board.publish(&mut board.state());
            matches!(drawn, Err(BadInk::Full))
        });
        refused.unwrap_or(start + count + 1) - start - 1
    }

    #[test]
    fn one_device_does_not_push_out_what_others_drew() {
        let board = board(10_000);
        let pen = |number| board.pen(&format!("{number}"), 1, device(number));
        let (ada, bob, eve) = (pen(1).unwrap(), pen(2).unwrap(), pen(3).unwrap());
        let oldest = board.log.oldest();
        assert_eq!(draw(&board, &ada, 5), 5);
        assert!(draw(&board, &eve, 1000) < 100);
        assert_eq!(board.log.oldest(), oldest, "all is there still");
        assert_eq!(draw(&board, &bob, 5), 5, "others go on");
        board.clear();
        assert_eq!(draw(&board, &eve, 5), 5, "there is room again");
    }

    #[test]
    fn a_device_alone_draws_without_end() {
        let board = board(10_000);
        let eve = board.pen("eve", 1, device(3)).unwrap();
        assert_eq!(draw(&board, &eve, 1000), 1000);
    }

    #[test]
    fn connections_and_pens_of_a_device_are_bounded() {
        let board = board(10_000);
        let pens: Vec<_> = (0..DEVICE_SOCKETS)
            .map(|number| board.pen(&number.to_string(), 1, device(1)).unwrap())
            .collect();
        assert!(board.pen("0", 1, device(1)).is_err());
        assert!(board.pen("more", 1, device(1)).is_err());
        let other = board.pen("other", 1, device(2)).unwrap();
        board.draw(&pens[7], r#"{"number":1,"stroke":1,"points":[[1,7]]}"#).unwrap();
        drop(pens);
        board.leave(&other);
        drop(other);
        // The one that was unused longest goes, and no other one.
        board.pen("more", 1, device(1)).unwrap();
        assert_eq!(*board.pen("7", 9, device(1)).unwrap().acknowledged(), 1);
        assert_eq!(board.state().pens.names().count(), DEVICE_PENS + 1);
        assert!(board.state().pens.get("0").is_none());
    }
}

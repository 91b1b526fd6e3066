//! What is on the whiteboard: the pens, and the log of what they drew.

use std::{
    collections::{HashMap, VecDeque},
    mem,
    num::NonZeroUsize,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use actix_web::{
    Result,
    error::{ErrorBadRequest, ErrorInsufficientStorage},
};
use feed::{Cursor, Feed, Follower};
use serde::{Deserialize, Serialize};
use stage::printable;
use tokio::{select, sync::Notify, time::sleep};

use crate::gallery::Gallery;

/// How often the board is published: two frames of most screens.
pub(super) const FRAME_INTERVAL: Duration = Duration::from_millis(33);
/// How much is kept: the oldest ink goes first.
const ENTRIES_CAPACITY: NonZeroUsize = NonZeroUsize::new(20_000).unwrap();
const INK_BYTES: usize = 4 << 20;
/// How many strokes the presenter may take back.
const STROKES_CAPACITY: usize = 1000;
/// How many pens are known; with more, those without a connection go.
const PENS_LIMIT: usize = 5000;
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
}

/// A pen, which belongs to one page.
#[derive(Debug)]
pub(super) struct Pen {
    number: u32,
    /// The number of the last message of it that was drawn. Written by `draw` alone.
    acknowledged: Mutex<u64>,
}

pub(super) struct Board {
    log: Feed,
    state: Mutex<State>,
    /// Notified when there is ink to publish.
    drawn: Notify,
}

#[derive(Default)]
struct State {
    /// By the keys that pages have drawn, and tell nobody. Added by `pen`.
    pens: HashMap<String, Arc<Pen>>,
    /// How many pens there were.
    numbers: u32,
    /// Drawn since the last frame was published.
    ink: Vec<Segment>,
    /// The newest strokes, in the order in which they began.
    strokes: VecDeque<Stroke>,
    /// Where the board begins, for a newcomer: where it was cleared last.
    beginning: Option<Cursor>,
}

impl Board {
    pub(super) fn new(gallery: &Gallery) -> Self {
        let log =
            gallery.entries(ENTRIES_CAPACITY, INK_BYTES, &Entry::Cleared(true));
        Self { log, state: Mutex::default(), drawn: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What comes after a cursor; for a newcomer, all that is on the board.
    pub(super) fn follow(&self, after: Option<Cursor>) -> Follower {
        let beginning = self.state().beginning;
        let beginning = beginning.filter(|at| at.seq > self.log.oldest().seq);
        self.log.follow(after.or(beginning).or(Some(self.log.oldest())))
    }

    /// The pen of a page, which will send the message `next` first. One that is not known,
    /// since the server restarted, goes on with that number.
    pub(super) fn pen(&self, key: &str, next: u64) -> Result<Arc<Pen>> {
        let key = printable(key, 40).map_err(ErrorBadRequest)?;
        let mut state = self.state();
        if let Some(pen) = state.pens.get(key) {
            return Ok(pen.clone());
        }
        if state.pens.len() == PENS_LIMIT {
            state.pens.retain(|_, pen| Arc::strong_count(pen) > 1);
        }
        if state.pens.len() == PENS_LIMIT {
            return Err(ErrorInsufficientStorage("as many pens draw as there are"));
        }
        state.numbers += 1;
        let acknowledged = Mutex::new(next.saturating_sub(1));
        let pen = Arc::new(Pen { number: state.numbers, acknowledged });
        state.pens.insert(key.to_owned(), pen.clone());
        Ok(pen)
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
                *acknowledged = number;
                let of = Stroke { pen: pen.number, stroke };
                self.state().add(Segment { of, points });
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
            self.log.publish_entry(&Entry::Ink(&ink));
        }
    }

    /// Takes the stroke that began last from all boards.
    pub(super) fn undo(&self) {
        let mut state = self.state();
        self.publish(&mut state);
        if let Some(stroke) = state.strokes.pop_back() {
            self.log.publish_entry(&Entry::Undone(stroke));
        }
    }

    /// Wipes all boards. Newcomers are not sent what was on them.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.ink.clear();
        state.strokes.clear();
        self.log.publish_entry(&Entry::Cleared(true));
        state.beginning = self.log.since(None).cursor();
    }
}

impl Pen {
    fn acknowledged(&self) -> MutexGuard<'_, u64> {
        self.acknowledged.lock().unwrap_or_else(PoisonError::into_inner)
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

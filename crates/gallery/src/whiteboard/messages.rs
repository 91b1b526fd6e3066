//! What a page of the whiteboard and the server tell each other.

use std::str::FromStr;

use feed::Cursor;
use serde::{Deserialize, Serialize};
use stage::End;

const POINTS_LIMIT: usize = 32;
/// The size of the board, in its own units.
const WIDTH: u16 = 1600;
const HEIGHT: u16 = 1000;

/// The query: whose pen it is, the number of what it sends first, and the last entry that the
/// page was sent.
#[derive(Deserialize)]
pub(super) struct Resume {
    pub(super) pen: String,
    pub(super) next: u64,
    pub(super) after: Option<Cursor>,
}

/// What a page draws.
#[derive(Deserialize)]
pub(super) struct ClientMessage {
    /// Counts what this pen sends.
    pub(super) number: u64,
    /// Counts its strokes.
    pub(super) stroke: u32,
    pub(super) points: Vec<[u16; 2]>,
}

impl FromStr for ClientMessage {
    type Err = BadInk;

    fn from_str(text: &str) -> Result<Self, BadInk> {
        let message: Self =
            serde_json::from_str(text).map_err(|_| BadInk::Malformed)?;
        let points = &message.points;
        if !(1..=POINTS_LIMIT).contains(&points.len()) {
            return Err(BadInk::Points(points.len()));
        }
        match points.iter().find(|[x, y]| *x > WIDTH || *y > HEIGHT) {
            Some(point) => Err(BadInk::Beyond(*point)),
            None => Ok(message),
        }
    }
}

/// What one page is told.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ServerMessage {
    Welcome { pen: u32, acknowledged: u64 },
    Acknowledged(u64),
    Heartbeat(bool),
}

/// Why a message is not drawn. It fits into the reason of a Close frame.
#[derive(Debug, thiserror::Error)]
pub(super) enum BadInk {
    #[error("expected {{\"number\":1,\"stroke\":1,\"points\":[[0,0]]}}")]
    Malformed,
    #[error("{0} points: expected 1 to {POINTS_LIMIT}")]
    Points(usize),
    #[error("{0:?} is beyond the board: expected [0, 0] to [{WIDTH}, {HEIGHT}]")]
    Beyond([u16; 2]),
    #[error("number {came}: expected {}, or one that came before", .after + 1)]
    Hole { came: u64, after: u64 },
    #[error(
        "the board is full, and much of it is yours: wait until others draw, or \
         until the presenter wipes it"
    )]
    Full,
}

/// A page that draws what is no ink is closed, with what was expected.
impl From<BadInk> for End {
    fn from(error: BadInk) -> Self {
        Self::because(1008, &error.to_string())
    }
}

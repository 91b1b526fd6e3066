//! Chunked transfer coding (RFC 9112 §7.1).
//!
//! ```text
//! 44␍␊                    chunk-size chunk-line-end
//! {"id":"k3f9-17",…}␊␍␊   68 bytes of content, chunk-line-end
//! 0␍␊                     last-chunk chunk-line-end
//! ␍␊                      chunk-line-end
//! ```

use super::{
    Fault, Flow,
    content::Content,
    pen::{Pen, bytes},
};
use crate::Label;

/// A size may begin with any number of zeros: more than these are not waited for.
const MAX_DIGITS: usize = 256;

const NO_SIZE: Fault = Fault("not the size of a chunk");
const LONG_SIZE: Fault = Fault("the size of a chunk in more than 256 digits");
const LARGE_SIZE: Fault = Fault("a chunk of more bytes than 64 bits count");
const TOO_LONG: Fault = Fault("a chunk longer than its size says");
const NO_LINE_END: Fault = Fault("a line of a chunk that does not end with CR LF");

/// Labels chunks, and what is in them as content.
#[derive(Debug, Default)]
pub(super) struct Chunks(State);

#[derive(Debug, Default, Clone, Copy)]
enum State {
    #[default]
    Size,
    /// Between the size and its line end.
    Extension {
        size: u64,
    },
    /// After the CR of the size.
    SizeLineFeed {
        size: u64,
    },
    Data {
        left: u64,
    },
    /// After the data.
    DataCarriageReturn,
    DataLineFeed,
    /// After the last chunk or a trailer field.
    TrailerStart,
    Trailer,
    /// After the CR of the empty line at the end.
    EndLineFeed,
}

impl Chunks {
    /// Labels some bytes, of which at least one is there.
    pub(super) fn step(
        &mut self,
        pen: &mut Pen,
        content: &mut Content,
    ) -> Result<Flow, Fault> {
        let rest = pen.rest();
        let first = rest[0];
        self.0 = match self.0 {
            State::Size => {
                // `0` may begin the last chunk, or `0a` another: so the size waits
                // until it is complete.
                let digits =
                    rest.iter().take_while(|b| b.is_ascii_hexdigit()).count();
                if digits > MAX_DIGITS {
                    return Err(LONG_SIZE);
                }
                match rest.get(digits) {
                    None => return Ok(Flow::Wait),
                    Some(b'\r' | b';' | b' ' | b'\t') => {}
                    Some(_) => return Err(NO_SIZE),
                }
                let size = str::from_utf8(&rest[..digits]).ok();
                let size = size.filter(|hex| !hex.is_empty()).ok_or(NO_SIZE)?;
                let size = u64::from_str_radix(size, 16).map_err(|_| LARGE_SIZE)?;
                write_size(pen, digits, size);
                State::Extension { size }
            }
            State::Extension { size } if first == b'\r' => {
                pen.take(1, Label::ChunkLineEnd);
                State::SizeLineFeed { size }
            }
            State::Extension { .. } if first == b'\n' => return Err(NO_LINE_END),
            State::Extension { size } => {
                let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
                pen.take(end.unwrap_or(rest.len()), Label::ChunkExtension);
                State::Extension { size }
            }
            State::SizeLineFeed { size } => {
                line_feed(pen, NO_LINE_END)?;
                match size {
                    0 => State::TrailerStart,
                    left => State::Data { left },
                }
            }
            State::Data { left } => {
                let count = at_most(left, rest);
                content.write(pen, count);
                match left - count as u64 {
                    0 => State::DataCarriageReturn,
                    left => State::Data { left },
                }
            }
            State::DataCarriageReturn if first == b'\r' => {
                pen.take(1, Label::ChunkLineEnd);
                State::DataLineFeed
            }
            State::DataCarriageReturn => return Err(TOO_LONG),
            State::DataLineFeed => {
                line_feed(pen, TOO_LONG)?;
                State::Size
            }
            State::TrailerStart if first == b'\r' => {
                pen.cut();
                pen.take(1, Label::ChunkLineEnd);
                State::EndLineFeed
            }
            State::TrailerStart if first == b'\n' => return Err(NO_LINE_END),
            State::TrailerStart => {
                pen.cut();
                State::Trailer
            }
            State::Trailer => {
                let end = rest.iter().position(|b| *b == b'\n');
                pen.take(end.map_or(rest.len(), |end| end + 1), Label::Trailer);
                end.map_or(State::Trailer, |_| State::TrailerStart)
            }
            State::EndLineFeed => {
                line_feed(pen, NO_LINE_END)?;
                return Ok(Flow::End);
            }
        };
        Ok(Flow::On)
    }
}

/// As many bytes as there are, but no more than are left.
pub(super) fn at_most(left: u64, rest: &[u8]) -> usize {
    usize::try_from(left).map_or(rest.len(), |left| left.min(rest.len()))
}

fn write_size(pen: &mut Pen, digits: usize, size: u64) {
    pen.fold();
    if size == 0 {
        pen.take(digits, Label::LastChunk);
        pen.note("the content is complete");
    } else {
        let follow = if size == 1 { "follows" } else { "follow" };
        pen.take(digits, Label::ChunkSize);
        pen.note(format!("{} {follow}", bytes(size)));
    }
}

fn line_feed(pen: &mut Pen, fault: Fault) -> Result<(), Fault> {
    if pen.first() != Some(b'\n') {
        return Err(fault);
    }
    pen.take(1, Label::ChunkLineEnd);
    Ok(())
}

//! Chunked transfer coding (RFC 9112 §7.1).
//!
//! ```text
//! 44␍␊                    chunk-size chunk-line-end
//! {"id":"k3f9-17",…}␊␍␊   68 bytes of content, chunk-line-end
//! 0␍␊                     last-chunk chunk-line-end
//! ␍␊                      chunk-line-end
//! ```

use super::{
    content::Content,
    labeler::{Labeler, at_most, bytes},
    step::{Fault, Step},
};
use crate::Label;

/// A size may begin with any number of zeros: more than these are not waited for.
const SIZE_DIGITS_LIMIT: usize = 256;

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
        labeler: &mut Labeler,
        content: &mut Content,
    ) -> Result<Step, Fault> {
        let rest = labeler.rest();
        let first = rest[0];
        self.0 = match self.0 {
            State::Size => match size(labeler)? {
                Some(size) => State::Extension { size },
                None => return Ok(Step::NeedBytes),
            },
            State::Extension { size } if first == b'\r' => {
                labeler.label(1, Label::ChunkLineEnd);
                State::SizeLineFeed { size }
            }
            State::Extension { .. } if first == b'\n' => return Err(NO_LINE_END),
            State::Extension { size } => {
                let end = rest.iter().position(|b| matches!(b, b'\r' | b'\n'));
                labeler.label(end.unwrap_or(rest.len()), Label::ChunkExtension);
                State::Extension { size }
            }
            State::SizeLineFeed { size } => {
                line_feed(labeler, NO_LINE_END)?;
                match size {
                    0 => State::TrailerStart,
                    left => State::Data { left },
                }
            }
            State::Data { left } => {
                let count = at_most(left, rest);
                content.write(labeler, count);
                match left - count as u64 {
                    0 => State::DataCarriageReturn,
                    left => State::Data { left },
                }
            }
            State::DataCarriageReturn if first == b'\r' => {
                labeler.label(1, Label::ChunkLineEnd);
                State::DataLineFeed
            }
            State::DataCarriageReturn => return Err(TOO_LONG),
            State::DataLineFeed => {
                line_feed(labeler, TOO_LONG)?;
                State::Size
            }
            State::TrailerStart | State::Trailer => self.trailer(labeler, first)?,
            State::EndLineFeed => {
                line_feed(labeler, NO_LINE_END)?;
                return Ok(Step::Complete);
            }
        };
        Ok(Step::Continue)
    }

    /// What is between the last chunk and the empty line at the end.
    fn trailer(&self, labeler: &mut Labeler, first: u8) -> Result<State, Fault> {
        match (self.0, first) {
            (State::TrailerStart, b'\r') => {
                labeler.begin_unit();
                labeler.label(1, Label::ChunkLineEnd);
                Ok(State::EndLineFeed)
            }
            (State::TrailerStart, b'\n') => Err(NO_LINE_END),
            (State::TrailerStart, _) => {
                labeler.begin_unit();
                Ok(State::Trailer)
            }
            _ => {
                let rest = labeler.rest();
                let end = rest.iter().position(|b| *b == b'\n');
                let count = end.map_or(rest.len(), |end| end + 1);
                labeler.label(count, Label::Trailer);
                Ok(end.map_or(State::Trailer, |_| State::TrailerStart))
            }
        }
    }
}

/// Labels the size, when it is complete: `0` may begin the last chunk, or `0a` another.
fn size(labeler: &mut Labeler) -> Result<Option<u64>, Fault> {
    let rest = labeler.rest();
    let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits > SIZE_DIGITS_LIMIT {
        return Err(LONG_SIZE);
    }
    match rest.get(digits) {
        None => return Ok(None),
        Some(b'\r' | b';' | b' ' | b'\t') => {}
        Some(_) => return Err(NO_SIZE),
    }
    let size = str::from_utf8(&rest[..digits]).ok();
    let size = size.filter(|hex| !hex.is_empty()).ok_or(NO_SIZE)?;
    let size = u64::from_str_radix(size, 16).map_err(|_| LARGE_SIZE)?;
    write_size(labeler, digits, size);
    Ok(Some(size))
}

fn write_size(labeler: &mut Labeler, digits: usize, size: u64) {
    labeler.begin_group();
    if size == 0 {
        labeler.label(digits, Label::LastChunk);
        labeler.note("the content is complete");
    } else {
        let follow = if size == 1 { "follows" } else { "follow" };
        labeler.label(digits, Label::ChunkSize);
        labeler.note(format!("{} {follow}", bytes(size)));
    }
}

fn line_feed(labeler: &mut Labeler, fault: Fault) -> Result<(), Fault> {
    if labeler.first() != Some(b'\n') {
        return Err(fault);
    }
    labeler.label(1, Label::ChunkLineEnd);
    Ok(())
}

//! The frames of a WebSocket's client, before actix-ws decodes them (RFC 6455 §5).

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{dev::Payload, error::PayloadError, web::Bytes};
use actix_ws::{CloseCode, CloseReason, ProtocolError};
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep};

use self::reader::{Reader, Refusal};

mod reader;

/// The Close frame that an error of a client's asks for (RFC 6455 §7.4.1). actix-ws
/// leaves this to us.
#[must_use]
pub fn close_reason(error: &ProtocolError) -> CloseReason {
    if let Some(refusal) = Refusal::within(error) {
        return (refusal.code(), refusal.to_string()).into();
    }
    let reason = match error {
        // Of a Close frame itself: its code.
        ProtocolError::BadOpCode => "malformed Close frame".into(),
        error => error.to_string(),
    };
    (CloseCode::Protocol, reason).into()
}

/// How long what is left of a refused frame is read and dropped: until nothing came for
/// so long, and in all. To close TCP with bytes unread resets it (RFC 9293 §3.6.1), and
/// then the client may never see the Close frame that says why.
const DRAIN_QUIET_TIMEOUT: Duration = Duration::from_millis(250);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// Hands the bytes of a client on, and changes none: a frame at a time, so that each
/// message is answered before what is wrong with the next one. Ends them where actix-ws
/// would wait, and keep what comes: at a message that costs too much, and at the first
/// byte of a text that is wrong.
///
/// ```text
/// socket ──► FrameGuard ──► actix-ws ──► handler
///               │ header: FIN, opcode │ mask bit, length │ mask │ payload
///               └ too long, in too many frames, not UTF-8? the end
/// ```
pub(crate) struct FrameGuard {
    inner: Payload,
    reader: Reader,
    /// What `inner` gave and is not handed on yet.
    next: Option<Option<Result<Bytes, PayloadError>>>,
    /// How often to say that there is nothing more yet, after a whole frame: until
    /// actix-ws has decoded it, for it decodes when there is nothing more to read, and an
    /// error overtakes what is decoded with it; and until its handler has heard what its
    /// message led to, as an answer from the room.
    pauses: u8,
    refused: Option<Refused>,
}

/// What is left of a refused frame is being dropped.
struct Refused {
    why: Refusal,
    end: Instant,
    quiet: Pin<Box<Sleep>>,
}

impl FrameGuard {
    /// Refuses messages of more than `max` bytes.
    pub(crate) fn new(inner: Payload, max: u64) -> Self {
        let reader = Reader::new(max);
        Self { inner, reader, next: None, pauses: 0, refused: None }
    }

    /// What of `chunk` is to be handed on now, to the end of a frame at most.
    fn take(&mut self, chunk: &Bytes) -> Bytes {
        match self.reader.read(chunk) {
            Ok(end) => {
                self.pauses = if self.reader.is_between_frames() { 2 } else { 0 };
                if end < chunk.len() {
                    self.next = Some(Some(Ok(chunk.slice(end..))));
                }
                chunk.slice(..end)
            }
            Err(why) => {
                let (now, quiet) = (Instant::now(), sleep(DRAIN_QUIET_TIMEOUT));
                let (end, quiet) = (now + DRAIN_TIMEOUT, Box::pin(quiet));
                self.refused = Some(Refused { why, end, quiet });
                Bytes::new()
            }
        }
    }
}

impl Refusal {
    /// Why a [`FrameGuard`] ended the bytes that actix-ws decodes.
    fn within(error: &ProtocolError) -> Option<Self> {
        let ProtocolError::Io(error) = error else { return None };
        let PayloadError::Io(error) = error.get_ref()?.downcast_ref()? else {
            return None;
        };
        error.get_ref()?.downcast_ref().copied()
    }
}

impl Stream for FrameGuard {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(Refused { why, quiet, .. }) = &mut this.refused
                && (this.reader.rest() == 0
                    || quiet.as_mut().poll(context).is_ready())
            {
                let error = io::Error::other(*why);
                return Poll::Ready(Some(Err(PayloadError::Io(error))));
            }
            let next = match this.next.take() {
                Some(next) => next,
                None => match Pin::new(&mut this.inner).poll_next(context) {
                    Poll::Ready(next) => next,
                    Poll::Pending => {
                        this.pauses = this.pauses.saturating_sub(1);
                        return Poll::Pending;
                    }
                },
            };
            if this.pauses > 0 {
                this.pauses -= 1;
                this.next = Some(next);
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let Some(Ok(chunk)) = next else { return Poll::Ready(next) };
            if let Some(Refused { end, quiet, .. }) = &mut this.refused {
                this.reader.skip(chunk.len());
                let soon = Instant::now() + DRAIN_QUIET_TIMEOUT;
                quiet.as_mut().reset(soon.min(*end));
                continue;
            }
            let taken = this.take(&chunk);
            if !taken.is_empty() {
                return Poll::Ready(Some(Ok(taken)));
            }
        }
    }
}

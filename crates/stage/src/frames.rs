//! The frames of a WebSocket's client, before actix-ws decodes them (RFC 6455 §5): none
//! is decoded that makes a message too long, and each message is answered before what is
//! wrong with the next one.

use std::{
    io, mem,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    Error, FromRequest, HttpRequest, dev,
    error::PayloadError,
    web::{Bytes, Payload},
};
use actix_ws::{CloseCode, CloseReason, Closed, ProtocolError};
use futures_core::Stream;
use tokio::time::{Instant, Sleep, sleep};

use self::reader::{Reader, Refusal};

mod reader;

/// Why a WebSocket ends: the code and reason of the Close frame to send; `None` for
/// no reason. (actix-ws does not choose them for a client that breaks the protocol.)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End(pub Option<CloseReason>);

impl End {
    /// An end with one of the codes of RFC 6455 §7.4.1.
    #[must_use]
    pub fn because(code: u16, why: &str) -> Self {
        Self(Some((CloseCode::from(code), why).into()))
    }
}

/// A client that has left can't be told why.
impl From<Closed> for End {
    fn from(_: Closed) -> Self {
        Self(None)
    }
}

impl From<ProtocolError> for End {
    fn from(error: ProtocolError) -> Self {
        if let Some(refusal) = Refusal::from_error(&error) {
            return Self(Some((refusal.code(), refusal.to_string()).into()));
        }
        let reason = match error {
            // actix reports a malformed Close frame as a bad opcode.
            ProtocolError::BadOpCode => "malformed Close frame".into(),
            error => error.to_string(),
        };
        Self(Some((CloseCode::Protocol, reason).into()))
    }
}

/// The rest of a refused frame is read and dropped: until no byte has come for
/// `DRAIN_QUIET_TIMEOUT`, and for `DRAIN_TIMEOUT` at most. To close TCP with bytes unread
/// resets it (RFC 9293 §3.6.1), and then the client may never see the Close frame that
/// says why.
const DRAIN_QUIET_TIMEOUT: Duration = Duration::from_millis(250);
const DRAIN_TIMEOUT: Duration = Duration::from_secs(1);

/// How many times `poll_next` returns `Pending` after a whole frame, before it hands
/// on the next byte. Once, because actix-ws decodes when there is nothing more to
/// read, and an error overtakes what is decoded with it. A second time, so that the
/// handler can send what the message caused, such as a chat message.
const PENDING_POLLS_AFTER_FRAME: u8 = 2;

/// The bytes that a client sends after its handshake. They end with an error, which
/// becomes an [`End`], at the first frame that makes a message longer than
/// `max_bytes`, is one too many in its message, or makes a text invalid UTF-8.
///
/// # Errors
/// None: it is actix's way to make a [`Payload`].
pub fn limit_frames(
    request: &HttpRequest,
    body: Payload,
    max_bytes: usize,
) -> Result<Payload, Error> {
    let guard = FrameGuard::new(body.into_inner(), max_bytes as u64);
    let guard: Pin<Box<dyn Stream<Item = _>>> = Box::pin(guard);
    let mut payload = dev::Payload::Stream { payload: guard };
    Payload::from_request(request, &mut payload).into_inner()
}

/// Hands the bytes of a client on, and changes none: a frame at a time, so that each
/// message is answered before what is wrong with the next one. Ends them early where
/// actix-ws would go on collecting: at the frame that makes a message too costly,
/// and at the first byte of a text that is not UTF-8.
///
/// ```text
/// socket ──► FrameGuard ──► actix-ws ──► handler
///               │ header: FIN, opcode │ mask bit, length │ mask │ payload
///               └ too long, in too many frames, not UTF-8? the end
/// ```
struct FrameGuard {
    inner: dev::Payload,
    reader: Reader,
    /// What `inner` gave and was not handed on yet.
    next: Poll<Option<Result<Bytes, PayloadError>>>,
    /// How many of [`PENDING_POLLS_AFTER_FRAME`] are left.
    pending_polls: u8,
    refused: Option<Refused>,
}

/// A frame was refused, and the rest of it is being dropped.
struct Refused {
    why: Refusal,
    /// When to stop, however much still comes.
    deadline: Instant,
    /// Ready when nothing has come for a while.
    quiet: Pin<Box<Sleep>>,
}

impl FrameGuard {
    /// Refuses messages of more than `max` bytes.
    fn new(inner: dev::Payload, max: u64) -> Self {
        let reader = Reader::new(max);
        Self { inner, reader, next: Poll::Pending, pending_polls: 0, refused: None }
    }

    /// What of `chunk` is to be handed on now, to the end of a frame at most. Nothing, if
    /// the frame is refused.
    fn take(&mut self, mut chunk: Bytes) -> Option<Bytes> {
        match self.reader.read(&chunk) {
            Ok(end) => {
                let rest = chunk.split_off(end);
                if !rest.is_empty() {
                    self.next = Poll::Ready(Some(Ok(rest)));
                }
                if self.reader.is_between_frames() {
                    self.pending_polls = PENDING_POLLS_AFTER_FRAME;
                }
                Some(chunk)
            }
            Err(why) => {
                let deadline = Instant::now() + DRAIN_TIMEOUT;
                let quiet = Box::pin(sleep(DRAIN_QUIET_TIMEOUT));
                self.refused = Some(Refused { why, deadline, quiet });
                None
            }
        }
    }
}

impl Refusal {
    /// Why a [`FrameGuard`] ended the bytes that actix-ws decodes.
    fn from_error(error: &ProtocolError) -> Option<Self> {
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
                && (this.reader.bytes_left() == 0
                    || quiet.as_mut().poll(context).is_ready())
            {
                let error = io::Error::other(*why);
                return Poll::Ready(Some(Err(PayloadError::Io(error))));
            }
            if this.next.is_pending() {
                this.next = Pin::new(&mut this.inner).poll_next(context);
            }
            if this.pending_polls > 0 {
                this.pending_polls -= 1;
                // What is there waits; what is not there will wake us.
                if this.next.is_ready() {
                    context.waker().wake_by_ref();
                }
                return Poll::Pending;
            }
            let chunk = match mem::replace(&mut this.next, Poll::Pending) {
                Poll::Ready(Some(Ok(chunk))) => chunk,
                pending_or_end => return pending_or_end,
            };
            if let Some(Refused { deadline, quiet, .. }) = &mut this.refused {
                this.reader.skip(chunk.len());
                let soon = Instant::now() + DRAIN_QUIET_TIMEOUT;
                quiet.as_mut().reset(soon.min(*deadline));
            } else if let Some(taken) = this.take(chunk) {
                return Poll::Ready(Some(Ok(taken)));
            }
        }
    }
}

//! What comes on a WebSocket of the hub: texts, and what is answered alike on each.

use actix_ws::{AggregatedMessage as Message, Closed, ProtocolError, Session};
use stage::End;

/// The text of a message, if it is one. Pings are answered.
///
/// # Errors
/// When that was the last: the page closed, sent what is no text, or has gone.
pub(crate) async fn text(
    message: Option<Result<Message, ProtocolError>>,
    session: &mut Session,
) -> Result<Option<impl AsRef<str> + use<>>, End> {
    match message.ok_or(Closed)?? {
        Message::Text(text) => return Ok(Some(text)),
        Message::Binary(_) => return Err(End::because(1003, "text only")),
        Message::Ping(payload) => session.pong(&payload).await?,
        Message::Pong(_) => {}
        Message::Close(reason) => return Err(End(reason)),
    }
    Ok(None)
}

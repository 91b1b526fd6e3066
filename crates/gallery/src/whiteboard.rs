//! # Whiteboard: both sides speak often, and nothing is lost in either direction
//!
//! Down, the board is a log that is read by cursor: all pages are sent the same ink in the
//! same order. Up, it is the other way round: a page numbers what it draws, keeps it until it
//! is acknowledged, and sends it again after a cut. The server knows the last number of each
//! pen, so nothing is drawn twice.
//!
//! ```text
//! GET /whiteboard/socket?pen=c0ffee&next=17&after=k3f9-40
//!
//! ◄ {"welcome":{"pen":3,"acknowledged":16}}
//! ► {"number":17,"stroke":2,"points":[[310,200],[312,204]]}
//! ◄ {"acknowledged":17}
//! ◄ {"id":"k3f9-41","ink":[{"pen":3,"stroke":2,"points":[…]},{"pen":8,…}]}
//! ◄ {"id":"k3f9-42","undone":{"pen":8,"stroke":5}}
//! ```
//!
//! A message has the points of one animation frame. What all draw within 33 ms goes down as
//! one message: of 100 people drawing, each is sent 30 messages a second, and not 6000.

use std::{convert::Infallible, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, Closed,
    Session,
};
use feed::{Batch, Cursor, Follower};
use serde::Deserialize;
use stage::{End, Routes};
use tokio::{
    select,
    time::{self, MissedTickBehavior},
};

use self::board::{BadInk, Board, FRAME_INTERVAL, Pen, ServerMessage};
use crate::{
    clients::device, events::json, gallery::Gallery, headers::no_store,
    presenter::Authorized,
};

mod board;
mod shares;

/// How many bytes a message may have, and how many messages of a pen are taken in one frame
/// of the board. More wait in TCP: a page that sends too fast is slowed down, not cut off.
const MESSAGE_BYTES: usize = 1 << 10;
const MESSAGES_PER_FRAME: u32 = 8;

/// The query: whose pen it is, the number of what it sends first, and the last that the page
/// was sent.
#[derive(Deserialize)]
struct Resume {
    pen: String,
    next: u64,
    after: Option<Cursor>,
}

/// Adds `/whiteboard/socket`, `/whiteboard/ink` and `/whiteboard/ink/newest`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let board = Data::new(Board::new(gallery));
    let publishing = board.clone();
    spawn(async move { publishing.publish_frames().await });
    move |app| {
        app.app_data(board.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/whiteboard/socket").get(socket));
        app.service(resource("/whiteboard/ink").delete(clear));
        app.service(resource("/whiteboard/ink/newest").delete(undo));
    }
}

/// Upgrades the connection to a WebSocket that takes and sends ink.
async fn socket(
    request: HttpRequest,
    body: Payload,
    resume: Query<Resume>,
    board: Data<Board>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    stage::strict_handshake(&request)?;
    let body = stage::limit_frames(&request, body, MESSAGE_BYTES)?;
    let pen = board.pen(&resume.pen, resume.next, device(&request))?;
    let follower = board.follow(resume.after);
    let (response, mut session, messages) = actix_ws::handle(&request, body)?;
    let messages = messages.aggregate_continuations();
    let period = gallery.flags.heartbeat;
    spawn(async move {
        let talk = talk(&mut session, messages, follower, &board, &pen, period);
        let Err(End(reason)) = talk.await;
        let _ = session.close(reason).await; // It fails when the client has left.
        board.leave(&pen);
    });
    Ok(response)
}

/// Runs one connection: returns why it ended.
async fn talk(
    session: &mut Session,
    mut messages: Messages,
    mut follower: Follower,
    board: &Board,
    pen: &Pen,
    period: Duration,
) -> Result<Infallible, End> {
    let mut heartbeat = time::interval_at(time::Instant::now() + period, period);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // An interval keeps its time while other pages draw; a new `sleep` in each turn would not.
    let mut refill = time::interval(FRAME_INTERVAL);
    refill.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut unanswered_pings, mut quota) = (0, MESSAGES_PER_FRAME);
    say(session, pen.welcome()).await?;
    loop {
        select! {
            batch = follower.next() => match batch {
                Some(batch) => entries(session, &batch).await?,
                None => return Err(End::because(1001, "the server is shutting down")),
            },
            message = messages.recv(), if quota > 0 => match message.ok_or(Closed)?? {
                Message::Text(text) => {
                    quota -= 1;
                    say(session, board.draw(pen, &text)?).await?;
                }
                Message::Binary(_) => return Err(End::because(1003, "text only")),
                Message::Ping(payload) => session.pong(&payload).await?,
                Message::Pong(_) => unanswered_pings = 0,
                Message::Close(reason) => return Err(End(reason)),
            },
            _ = refill.tick(), if quota < MESSAGES_PER_FRAME => quota = MESSAGES_PER_FRAME,
            _ = heartbeat.tick() => ping(session, &mut unanswered_pings).await?,
        }
    }
}

/// What is new on the board; each entry was made to text once, for all pages. `gap`: the page
/// has missed what is no longer kept, or the board of another run, and begins anew.
async fn entries(session: &mut Session, batch: &Batch) -> Result<(), Closed> {
    if let Some(gap) = &batch.gap {
        session.text(format!(r#"{{"gap":{}}}"#, gap.json())).await?;
    }
    for entry in &batch.samples {
        session.text(entry.json.clone()).await?;
    }
    Ok(())
}

/// Pings the page, unless it has left two pings unanswered. Its browser answers without
/// telling it, so the page gets a message, too.
async fn ping(session: &mut Session, unanswered_pings: &mut u8) -> Result<(), End> {
    if *unanswered_pings == 2 {
        return Err(End::because(1008, "two pings unanswered"));
    }
    *unanswered_pings += 1;
    session.ping(b"").await?;
    Ok(say(session, ServerMessage::Heartbeat(true)).await?)
}

async fn say(session: &mut Session, message: ServerMessage) -> Result<(), Closed> {
    session.text(json(&message)).await
}

/// A page that draws what is no ink is closed, with what was expected.
impl From<BadInk> for End {
    fn from(error: BadInk) -> Self {
        Self::because(1008, &error.to_string())
    }
}

/// Takes the newest stroke back.
async fn undo(_: Authorized, board: Data<Board>) -> HttpResponse {
    board.undo();
    HttpResponse::NoContent().finish()
}

/// Wipes the board.
async fn clear(_: Authorized, board: Data<Board>) -> HttpResponse {
    board.clear();
    HttpResponse::NoContent().finish()
}

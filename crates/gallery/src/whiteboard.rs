//! # Whiteboard: both sides speak often, and nothing is lost in either direction
//!
//! Down, the board is a log that is read by cursor: all pages are sent the same ink
//! in the same order. Up, it is the other way round: a page numbers what it draws,
//! keeps it until it is acknowledged, and sends it again after a cut. The server
//! knows the last number of each pen, so nothing is drawn twice.
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
//! A message has the points of one animation frame. What all draw within 33 ms goes
//! down as one message: of 100 people drawing, each is sent 30 messages a second,
//! and not 6000.

use std::convert::Infallible;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Payload, Query},
};
use feed::Follower;
use stage::{End, Routes};
use tokio::select;

use self::{
    board::{Board, Pen},
    connection::Connection,
    messages::{BadInk, ClientMessage, Resume, ServerMessage},
};
use crate::{
    clients::device, gallery::Gallery, headers::no_store, presenter::by_presenter,
};

mod board;
mod connection;
mod messages;
mod shares;

/// Adds `/whiteboard/socket`, `/whiteboard/ink` and `/whiteboard/ink/newest`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let board = Data::from(Board::open(gallery));
    move |app| {
        app.app_data(board.clone());
        let resource = |path| web::resource(path).wrap(no_store());
        app.service(resource("/whiteboard/socket").get(socket));
        let (clear, undo) = (by_presenter(Board::clear), by_presenter(Board::undo));
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
    let heartbeat = gallery.flags.heartbeat;
    let (response, mut connection) = Connection::accept(&request, body, heartbeat)?;
    let pen = board.pen(&resume, device(&request))?;
    let follower = board.follow(resume.after);
    spawn(async move {
        let Err(end) = exchange(&mut connection, follower, &board, &pen).await;
        connection.close(end).await;
        board.leave(&pen);
    });
    Ok(response)
}

/// Runs one connection: returns why it ended.
async fn exchange(
    connection: &mut Connection,
    mut follower: Follower,
    board: &Board,
    pen: &Pen,
) -> Result<Infallible, End> {
    connection.send(pen.welcome()).await?; // It sends again what comes after that.
    loop {
        select! {
            batch = follower.next() => connection.send_batch(batch).await?,
            event = connection.next() => {
                if let Some(text) = connection.answer(event).await? {
                    connection.send(draw(board, pen, &text)?).await?;
                }
            }
        }
    }
}

/// Draws a message of a pen, unless it was drawn before, and acknowledges it.
fn draw(board: &Board, pen: &Pen, text: &str) -> Result<ServerMessage, BadInk> {
    let message: ClientMessage = text.parse()?;
    let (came, mut acknowledged) = (message.number, pen.acknowledged());
    match came.checked_sub(*acknowledged) {
        None | Some(0) => {} // The acknowledgement was lost.
        Some(1) => {
            board.draw(pen, message)?;
            *acknowledged = came;
        }
        Some(_) => return Err(BadInk::Hole { came, after: *acknowledged }),
    }
    Ok(ServerMessage::Acknowledged(*acknowledged))
}

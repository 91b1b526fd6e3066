//! # WebSocket, as often shown
//!
//! A handshake, and then messages. What the protocol leaves to us is left out:
//!
//! - Nobody looks at `Origin`. A page of any site connects, with the user's cookies.
//! - Nobody pings. A client that vanished is kept, and a dead server is not noticed.
//! - When it breaks, it is broken: the page does not connect again, and the server
//!   would not know where it was.
//! - A message may be as large as the library allows.
//!
//! Run it: `cargo run -p websocket --example websocket-as-often-shown`, then open
//! <http://localhost:3105/>, end the server with Ctrl-C and start it again. And in the
//! console of any page on http: `new WebSocket('ws://localhost:3105/chat')`.

use std::process::ExitCode;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Html, Payload},
};
use actix_ws::{Closed, MessageStream, Session};
use feed::Feed;
use stage::{Routes, Technique};
use tokio::select;

#[derive(Debug, Clone, clap::Args)]
struct Timings {}

fn main() -> ExitCode {
    let shown = Technique {
        port: 3105,
        endpoints: &["/chat"],
        source: include_str!("as_often_shown.rs"),
        ..websocket::TECHNIQUE
    };
    stage::main(shown, |feed, _: Timings| routes(feed))
}

/// Adds the page and `GET /chat`.
pub(crate) fn routes(feed: Feed) -> impl Routes {
    let feed = Data::new(feed);
    move |app| {
        app.app_data(feed.clone());
        app.route("/", web::get().to(page)).route("/chat", web::get().to(chat));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

/// Becomes a WebSocket that pushes samples and says back what it is told.
async fn chat(
    request: HttpRequest,
    body: Payload,
    feed: Data<Feed>,
) -> Result<HttpResponse> {
    let (response, session, messages) = actix_ws::handle(&request, body)?;
    spawn(talk(session, messages, feed));
    Ok(response)
}

async fn talk(
    mut session: Session,
    mut messages: MessageStream,
    feed: Data<Feed>,
) -> Result<(), Closed> {
    let mut follower = feed.follow(None);
    loop {
        select! {
            batch = follower.next() => {
                for sample in &batch.ok_or(Closed)?.samples {
                    session.text(sample.json.clone()).await?;
                }
            }
            message = messages.recv() => match message {
                Some(Ok(actix_ws::Message::Text(text))) => session.text(text).await?,
                Some(Ok(_)) => {}
                _ => return Err(Closed),
            },
        }
    }
}

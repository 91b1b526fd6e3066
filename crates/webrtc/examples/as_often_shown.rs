//! # WebRTC, as often shown
//!
//! One page calls, another answers, and a server passes on what they say. What the
//! protocol leaves to us is left out:
//!
//! - There are no rooms: all pages are told all. A third one answers, too, and the caller
//!   can't take a second answer.
//! - A page calls once. When the other is loaded anew, or the network is another one,
//!   nobody connects them again.
//! - Samples are sent without a look at `bufferedAmount`: what can't leave piles up.
//!
//! Run it: `cargo run -p webrtc --example webrtc-as-often-shown`, open
//! <http://localhost:3107/> twice, and press *Call* in one of them. Load the other anew.
//! Or open three before you press it.

use std::process::ExitCode;

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Data, Html, Payload},
};
use actix_ws::{Closed, Message, MessageStream, Session};
use stage::{Routes, Technique};
use tokio::{select, sync::broadcast};

#[derive(Debug, Clone, clap::Args)]
struct Timings {}

/// What was said, and by which page.
type Said = (u64, String);

fn main() -> ExitCode {
    let shown = Technique {
        port: 3107,
        source: include_str!("as_often_shown.rs"),
        ..webrtc::TECHNIQUE
    };
    stage::main(shown, |_feed, _: Timings| routes())
}

/// Adds the page and `GET /signal`.
pub(crate) fn routes() -> impl Routes {
    let everybody = Data::new(broadcast::Sender::<Said>::new(100));
    move |app| {
        app.app_data(everybody.clone());
        app.route("/", web::get().to(page)).route("/signal", web::get().to(signal));
    }
}

async fn page() -> Html {
    Html::new(include_str!("as_often_shown.html"))
}

/// Becomes a WebSocket on which a page tells all others something.
async fn signal(
    request: HttpRequest,
    body: Payload,
    everybody: Data<broadcast::Sender<Said>>,
) -> Result<HttpResponse> {
    let (response, session, messages) = actix_ws::handle(&request, body)?;
    spawn(talk(session, messages, everybody));
    Ok(response)
}

async fn talk(
    mut session: Session,
    mut messages: MessageStream,
    everybody: Data<broadcast::Sender<Said>>,
) -> Result<(), Closed> {
    let me = rand::random();
    let mut others = everybody.subscribe();
    loop {
        select! {
            Ok((page, text)) = others.recv() => if page != me {
                session.text(text).await?;
            },
            message = messages.recv() => match message {
                Some(Ok(Message::Text(text))) => {
                    let _ = everybody.send((me, text.to_string()));
                }
                Some(Ok(_)) => {}
                _ => return Err(Closed),
            },
        }
    }
}

//! What a page of the hub and the hub tell each other over one WebSocket, as JSON
//! texts with one key each. `/live` is for everybody and reports on the page's own
//! device; `/presenter/live` reports on all devices, and takes commands. A page says in
//! the URL where it is: `/live?at=/chapter/sse`, and if it is in a window of the
//! presenter's, for the projector, `&presenters=true`.
//!
//! ```text
//! ◄ {"room":{"devices":12,"here":"/chapter/sse","effects":[…],…}}   when it changes
//! ◄ {"connection":{"id":7,"technique":"sse","before_proxy":false,"target":"/api/…",…}}
//! ► {"watch":{"accounts":true}}
//! ◄ {"accounts":{"sse":{"requests":1,"up":320,"down":5120,…},…}}    each second
//! ► {"watch":{"wire":"sse","connection":null}}
//! ◄ {"bytes":{"connection":7,"direction":"down","pieces":[{"label":"chunk-size",…}],
//!     "writes":[{"bytes":7,"at":1795207096301.2,"waited":300},…]}}    how they left
//! ► {"try":{"technique":"sse","effect":"cut"}}
//! ◄ {"not_tried":{"technique":"sse","effect":"cut","why":"too fast: one at a time"}}
//! ```
//!
//! The presenter's pages send commands, each with a number and the time until which
//! it may be executed:
//!
//! ```text
//! ► {"command":{"id":7,"until":81500,"ask":{"restart":"sse"}}}
//!      {"set":{"technique":"sse","client":null,"effect":"stall","on":true}}
//!      {"slide":"sse/3"}   {"path":"short"}
//!      {"quiz":{"open":"one-way"}}   {"quiz":{"reveal":"one-way"}}   …
//! ◄ {"done":7}   {"refused":{"id":7,"why":"the command came too late: press again"}}
//! ```
//!
//! A command names its target as the presenter's page showed it (a question, a page,
//! a run), and is refused when that has changed meanwhile: so an outdated page can't
//! reveal another question.
//!
//! A message that can't be understood is answered with `{"error":"…"}`.

mod commands;
mod error;
mod messages;
mod room_state;
mod watching;

use std::{
    collections::HashMap, convert::Infallible, net::IpAddr, pin::pin, sync::Arc,
    time::Duration,
};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorForbidden,
    rt::spawn,
    web::{Data, Payload, Query},
};
use actix_ws::{AggregatedMessageStream as Messages, Closed, Session};
use lens::{Effect, TrustedProxies};
use stage::End;
use tokio::{
    select,
    sync::broadcast::{self, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

pub(crate) use commands::Commands;
pub(crate) use room_state::View;

use crate::{
    client::client,
    devices::{DeviceEvent, Place},
    incoming, techniques,
};
use error::Error;
use messages::{ClientMessage, EffectOrOff, ServerMessage, Try};
use watching::Watching;

/// The least time between two messages `room` to a page.
const ROOM_INTERVAL: Duration = Duration::from_millis(250);

/// The longest time between two messages `room`: a page takes a longer silence for a
/// dead connection.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(10);

/// The same for the presenter's pages, which have to show soon that a button does
/// nothing.
const PRESENTER_KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);

/// The time between two messages `accounts` to a page that watches them.
const ACCOUNTS_INTERVAL: Duration = Duration::from_secs(1);

/// The least time between two effects that a page tries on one technique.
const TRY_INTERVAL: Duration = Duration::from_millis(250);

/// The longest message that a page may send.
const MESSAGE_BYTES_LIMIT: usize = 4 << 10;

/// Upgrades the connection to the WebSocket of an attendee's page.
pub(crate) async fn attendee(
    request: HttpRequest,
    body: Payload,
    place: Query<Place>,
    view: Data<View>,
    proxies: Data<TrustedProxies>,
) -> Result<HttpResponse> {
    let client = client(request.head(), &proxies);
    live(&request, client, body, place.into_inner(), view.into_inner(), None)
}

/// Upgrades the connection to the WebSocket of a presenter's page. A request without
/// the key never gets here: `pages/key.rs` answers it.
pub(crate) async fn presenter(
    request: HttpRequest,
    body: Payload,
    place: Query<Place>,
    view: Data<View>,
    commands: Data<Commands>,
    proxies: Data<TrustedProxies>,
) -> Result<HttpResponse> {
    let client = client(request.head(), &proxies);
    let commands = Some(commands.into_inner());
    live(&request, client, body, place.into_inner(), view.into_inner(), commands)
}

fn live(
    request: &HttpRequest,
    client: Option<IpAddr>,
    body: Payload,
    place: Place,
    view: Arc<View>,
    commands: Option<Arc<Commands>>,
) -> Result<HttpResponse> {
    let Some(client) = client else {
        return Err(ErrorForbidden(
            "the address of this connection is not known: reload the page",
        ));
    };
    stage::same_origin(request)?;
    stage::strict_handshake(request)?;
    let body = stage::limit_frames(request, body, MESSAGE_BYTES_LIMIT)?;
    let (response, mut session, messages) = actix_ws::handle(request, body)?;
    let messages = messages.aggregate_continuations();
    let place = place.bounded();
    let events = view.devices.enter(client, &place, commands.is_some());
    view.notifier.notify();
    spawn(async move {
        let mut page = PageConnection::new(view, client, place, commands);
        let Err(End(reason)) = page.run(&mut session, messages, events).await;
        let _ = session.close(reason).await; // It fails when the page has gone.
    });
    Ok(response)
}

/// One page's WebSocket, on the hub's side.
struct PageConnection {
    view: Arc<View>,
    client: IpAddr,
    /// Where the page is, as it said.
    place: Place,
    /// For a presenter's page.
    commands: Option<Arc<Commands>>,
    watching: Watching,
    /// When it last tried an effect on a technique.
    tried: HashMap<String, Instant>,
}

impl Drop for PageConnection {
    fn drop(&mut self) {
        self.view.devices.leave(self.client, &self.place);
        self.view.notifier.notify();
    }
}

impl PageConnection {
    fn new(
        view: Arc<View>,
        client: IpAddr,
        place: Place,
        commands: Option<Arc<Commands>>,
    ) -> Self {
        let scope = commands.is_none().then_some(client);
        let watching = Watching::new(view.devices.clone(), scope);
        Self { view, client, place, commands, watching, tried: HashMap::new() }
    }

    /// Runs the page's WebSocket, until the page disconnects or the workshop ends.
    async fn run(
        &mut self,
        session: &mut Session,
        mut messages: Messages,
        mut events: broadcast::Receiver<DeviceEvent>,
    ) -> Result<Infallible, End> {
        let view = self.view.clone();
        let mut changes = view.notifier.subscribe();
        let mut accounts = interval(ACCOUNTS_INTERVAL);
        accounts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let keepalive = match self.commands {
            Some(_) => PRESENTER_KEEPALIVE_INTERVAL,
            None => KEEPALIVE_INTERVAL,
        };
        self.watching.send_connections(session).await?;
        self.send_room(session).await?;
        let mut room_sent = Instant::now();
        let mut room_due = room_sent + keepalive;
        let mut closed = pin!(view.feed.closed());
        loop {
            select! {
                message = messages.recv() => {
                    if let Some(text) = incoming::text(message, session).await?
                        && let Err(error) = self.act(text.as_ref(), session).await?
                    {
                        let error = ServerMessage::Error(error.to_string());
                        error.send(session).await?;
                    }
                }
                event = events.recv() => match event {
                    Ok(event) => self.watching.pass_on(&event, session).await?,
                    Err(RecvError::Lagged(count)) => {
                        self.watching.catch_up(count, session).await?;
                    }
                    // The hub has the other end.
                    Err(RecvError::Closed) => return Err(End(None)),
                },
                _ = changes.changed() => {
                    room_due = room_due.min(room_sent + ROOM_INTERVAL);
                }
                () = sleep_until(room_due) => {
                    self.send_room(session).await?;
                    room_sent = Instant::now();
                    room_due = room_sent + keepalive;
                }
                _ = accounts.tick(), if self.watching.accounts => {
                    let accounts = view.accounts(self.watching.scope());
                    ServerMessage::Accounts(&accounts).send(session).await?;
                }
                () = &mut closed => {
                    return Err(End::because(1001, "the workshop ends"));
                }
            }
        }
    }

    async fn send_room(&self, session: &mut Session) -> Result<(), Closed> {
        let room = self.view.room_state(self.client, self.commands.is_some());
        ServerMessage::Room(room).send(session).await
    }

    /// Executes what a page asks for. The inner error is why it was not done.
    async fn act(
        &mut self,
        text: &str,
        session: &mut Session,
    ) -> Result<Result<(), Error>, Closed> {
        let message = match serde_json::from_str(text) {
            Ok(message) => message,
            Err(error) => return Ok(Err(Error::NotUnderstood(error))),
        };
        match message {
            ClientMessage::Watch(watch) => {
                let watched = self.watching.watch(watch, session).await?;
                return Ok(watched.map_err(Error::from));
            }
            ClientMessage::Try(Try { technique, effect }) => {
                let EffectOrOff { name: effect, effect: read } = effect;
                if let Err(error) = self.try_effect(&technique, read) {
                    let why = error.to_string();
                    ServerMessage::NotTried { technique, effect, why }
                        .send(session)
                        .await?;
                }
            }
            ClientMessage::Command(command) => {
                let Some(commands) = &self.commands else {
                    return Ok(Err(Error::ForThePresenter));
                };
                let id = command.id;
                let answer = match commands.execute(command) {
                    Ok(()) => ServerMessage::Done(id),
                    Err(error) => {
                        ServerMessage::Refused { id, why: error.to_string() }
                    }
                };
                answer.send(session).await?;
            }
        }
        Ok(Ok(()))
    }

    fn try_effect(
        &mut self,
        technique: &str,
        effect: serde_json::Result<Option<Effect>>,
    ) -> Result<(), Error> {
        techniques::find(technique)?;
        let now = Instant::now();
        let tried = self.tried.insert(technique.to_owned(), now);
        if tried.is_some_and(|tried| now < tried + TRY_INTERVAL) {
            return Err(Error::TooFast);
        }
        let effect = effect.map_err(Error::NotAnEffect)?;
        self.view.room.try_effect(self.client, technique.to_owned(), effect)?;
        self.view.notifier.notify();
        Ok(())
    }
}

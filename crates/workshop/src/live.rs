//! What a page of the hub and the hub tell each other over one WebSocket, as JSON texts
//! with one key each. `/live` is for everybody and tells of the device that asks;
//! `/presenter/live` tells of all devices, and obeys.
//!
//! ```text
//! ◄ {"room":{"devices":12,"here":"/chapter/sse","effects":[…],…}}   when it changes
//! ◄ {"connection":{"id":7,"technique":"sse","target":"/api/v1/live-data",…}}
//! ► {"watch":{"accounts":true}}
//! ◄ {"accounts":{"sse":{"requests":1,"up":320,"down":5120,…},…}}    each second
//! ► {"watch":{"wire":"sse","connection":null}}
//! ◄ {"bytes":{"connection":7,"direction":"down","pieces":[{"label":"chunk-size",…}],
//!     "writes":[{"bytes":7,"at":1795207096301.2,"waited":300},…]}}    how they left
//! ► {"try":{"technique":"sse","effect":"cut"}}
//! ◄ {"not_tried":{"technique":"sse","effect":"cut","why":"too fast: one at a time"}}
//! ```
//!
//! The presenter's pages give commands, with a number and until when each may be done:
//!
//! ```text
//! ► {"command":{"id":7,"until":81500,"ask":{"restart":"sse"}}}
//!      {"set":{"technique":"sse","client":null,"effect":"stall","on":true}}
//!      {"quiz":{"open":"one-way"}}   {"quiz":{"reveal":"one-way"}}   …
//! ◄ {"done":7}   {"refused":{"id":7,"why":"it came too late: press again"}}
//! ```
//!
//! A command that depends on what the presenter saw names it, and is refused when it is
//! not so any more: what is revealed is what was on the page, and not what came since.
//!
//! What is wrong with a message is answered with `{"error":"…"}`.

mod messages;
mod watching;

use std::{collections::HashMap, net::IpAddr, sync::Arc, time::Duration};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    error::ErrorForbidden,
    rt::spawn,
    web::{Data, Payload},
};
use actix_ws::{
    AggregatedMessage as Message, AggregatedMessageStream as Messages, CloseCode,
    CloseReason, Closed, Session,
};
use lens::{Effect, Owner, Scope};
use serde_json::{Map, Value};
use tokio::{
    select,
    sync::broadcast::{self, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use crate::{devices::DeviceEvent, hub::Hub, techniques};
use messages::{Ask, ClientMessage, Command, Feed, ServerMessage, Set, True, Try};
use watching::Wire;

/// How often a page is told of the room at most, and at least: it takes silence for a
/// dead connection.
const SOON: Duration = Duration::from_millis(250);
const ALWAYS: Duration = Duration::from_secs(10);

/// The presenter has to know sooner whether what they press can be done.
const ALWAYS_PRESENTER: Duration = Duration::from_secs(2);

/// How often a page that watches the accounts is told of them.
const ACCOUNTS: Duration = Duration::from_secs(1);

/// The longest message that a page sends, in bytes.
const MESSAGE: usize = 4 << 10;

/// The most that the presenter publishes at once.
const BURST: u64 = 10_000;

/// Becomes the WebSocket of an attendee's page.
pub(crate) async fn attendee(
    request: HttpRequest,
    body: Payload,
    hub: Data<Hub>,
) -> Result<HttpResponse> {
    live(&request, body, hub.into_inner(), false)
}

/// Becomes the WebSocket of the presenter's page. Nobody else gets that far.
pub(crate) async fn presenter(
    request: HttpRequest,
    body: Payload,
    hub: Data<Hub>,
) -> Result<HttpResponse> {
    live(&request, body, hub.into_inner(), true)
}

fn live(
    request: &HttpRequest,
    body: Payload,
    hub: Arc<Hub>,
    presenter: bool,
) -> Result<HttpResponse> {
    let Some(peer) = request.peer_addr() else {
        return Err(ErrorForbidden(
            "the address of this connection is not known: reload the page",
        ));
    };
    let client = peer.ip().to_canonical();
    stage::same_origin(request)?;
    stage::strict_handshake(request)?;
    let body = stage::limit_frames(request, body, MESSAGE)?;
    let (response, mut session, messages) = actix_ws::handle(request, body)?;
    let messages = messages.aggregate_continuations();
    let events = hub.devices.enter(client, presenter);
    hub.changed();
    spawn(async move {
        let mut page = Page {
            hub,
            client,
            presenter,
            accounts: false,
            wire: None,
            listed: 0,
            tried: HashMap::new(),
        };
        let reason = page.talk(&mut session, messages, events).await.unwrap_or(None);
        let _ = session.close(reason).await; // It fails when the page has gone.
    });
    Ok(response)
}

/// One page at the other end.
struct Page {
    hub: Arc<Hub>,
    client: IpAddr,
    presenter: bool,
    /// It watches what the techniques cost.
    accounts: bool,
    wire: Option<Wire>,
    /// The newest change of a connection that it was told of.
    listed: u64,
    /// When it last broke a technique.
    tried: HashMap<String, Instant>,
}

impl Drop for Page {
    fn drop(&mut self) {
        self.hub.devices.leave(self.client);
        self.hub.changed();
    }
}

impl Page {
    /// All that happens until it ends: with a reason to close it, or because it is
    /// closed.
    async fn talk(
        &mut self,
        session: &mut Session,
        mut messages: Messages,
        mut events: broadcast::Receiver<DeviceEvent>,
    ) -> Result<Option<CloseReason>, Closed> {
        let hub = self.hub.clone();
        let mut changes = hub.subscribe();
        let mut accounts = interval(ACCOUNTS);
        accounts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.list(session).await?;
        tell(session, &ServerMessage::Room(hub.room(self.client, self.presenter)))
            .await?;
        let mut told = Instant::now();
        let always = if self.presenter { ALWAYS_PRESENTER } else { ALWAYS };
        let mut due = told + always;
        let mut closed = std::pin::pin!(hub.feed.closed());
        loop {
            select! {
                message = messages.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        if let Err(error) = self.act(&text, session).await? {
                            tell(session, &ServerMessage::Error(error)).await?;
                        }
                    }
                    Some(Ok(Message::Binary(_))) => {
                        return Ok(Some((CloseCode::Unsupported, "text only").into()));
                    }
                    Some(Ok(Message::Ping(payload))) => session.pong(&payload).await?,
                    Some(Ok(Message::Pong(_))) => {}
                    Some(Ok(Message::Close(reason))) => return Ok(reason),
                    Some(Err(error)) => return Ok(stage::End::from(error).0),
                    None => return Err(Closed),
                },
                event = events.recv() => match event {
                    Ok(event) => self.pass_on(&event, session).await?,
                    Err(RecvError::Lagged(count)) => {
                        self.catch_up(count, session).await?;
                    }
                    // The hub has the other end.
                    Err(RecvError::Closed) => return Ok(None),
                },
                _ = changes.changed() => due = due.min(told + SOON),
                () = sleep_until(due) => {
                    let room = hub.room(self.client, self.presenter);
                    tell(session, &ServerMessage::Room(room)).await?;
                    told = Instant::now();
                    due = told + always;
                }
                _ = accounts.tick(), if self.accounts => {
                    let accounts = hub.accounts(self.scope());
                    tell(session, &ServerMessage::Accounts(accounts)).await?;
                }
                () = &mut closed => {
                    let why = (CloseCode::Away, "the workshop ends");
                    return Ok(Some(why.into()));
                }
            }
        }
    }

    /// The device that it may look at; `None` is all of them.
    fn scope(&self) -> Option<IpAddr> {
        (!self.presenter).then_some(self.client)
    }

    /// Does what a page asks for. The inner error is what was wrong with it.
    async fn act(
        &mut self,
        text: &str,
        session: &mut Session,
    ) -> Result<Result<(), String>, Closed> {
        let message = match understand(serde_json::from_str(text)) {
            Ok(message) => message,
            Err(error) => return Ok(Err(error)),
        };
        Ok(match message {
            ClientMessage::Watch(watch) => return self.watch(watch, session).await,
            ClientMessage::Try(attempt) => {
                return self.attempt(attempt, session).await;
            }
            ClientMessage::Command(_) if !self.presenter => {
                Err("this is for the presenter".into())
            }
            ClientMessage::Command(Command { id, until, ask }) => {
                let done = if self.hub.now() <= until {
                    understand(serde_json::from_value(ask))
                        .and_then(|ask| self.obey(ask))
                } else {
                    Err("it came too late: press again".into())
                };
                let answer = match done {
                    Ok(()) => ServerMessage::Done(id),
                    Err(why) => ServerMessage::Refused { id, why },
                };
                tell(session, &answer).await?;
                Ok(())
            }
        })
    }

    /// A page has many buttons for this: what was not done is named.
    async fn attempt(
        &mut self,
        attempt: Try,
        session: &mut Session,
    ) -> Result<Result<(), String>, Closed> {
        let technique = attempt.technique.clone();
        let effect = attempt.effect.get("effect").cloned().unwrap_or_default();
        if let Err(why) = self.try_effect(attempt) {
            tell(session, &ServerMessage::NotTried { technique, effect, why })
                .await?;
        }
        Ok(Ok(()))
    }

    fn try_effect(&mut self, attempt: Try) -> Result<(), String> {
        let Try { technique, effect } = attempt;
        let technique = known(technique)?;
        let now = Instant::now();
        let tried = self.tried.insert(technique.clone(), now);
        if tried.is_some_and(|tried| now < tried + SOON) {
            return Err("too fast: one at a time".into());
        }
        let effect = match effect.get("effect") {
            Some(off) if off == "off" => None,
            _ => Some(read_effect(effect)?),
        };
        self.hub.try_effect(self.client, technique, effect)
    }

    fn obey(&self, ask: Ask) -> Result<(), String> {
        let hub = &self.hub;
        match ask {
            Ask::Set(Set { technique, client, on, effect }) => {
                let scope =
                    Scope { lens: technique.map(known).transpose()?, client };
                let effect = read_effect(effect)?;
                if on {
                    hub.control
                        .add(Owner::Presenter, scope, effect, None)
                        .map_err(|error| error.to_string())?;
                } else if !hub
                    .control
                    .remove(|rule| rule.matches(&scope, effect.name()))
                {
                    return Err(format!(
                        "{} is not on there any more: reload the page",
                        effect.name()
                    ));
                }
            }
            Ask::Off(True) => {
                hub.control.remove(|_| true);
            }
            Ask::Feed(Feed::Paused(paused)) => {
                hub.rhythm.send_modify(|rhythm| rhythm.paused = paused);
            }
            Ask::Feed(Feed::Publish(count)) if count <= BURST => {
                hub.rhythm.send_modify(|rhythm| rhythm.asked += count);
            }
            Ask::Feed(Feed::Publish(count)) => {
                return Err(format!("{count} samples: expected at most {BURST}"));
            }
            Ask::Feed(Feed::Every(every @ 10..=60_000)) => {
                let every = Duration::from_millis(every);
                hub.rhythm.send_modify(|rhythm| rhythm.every = every);
            }
            Ask::Feed(Feed::Every(every)) => {
                return Err(format!("every {every} ms: expected 10 to 60000"));
            }
            Ask::Restart(technique) => {
                if let Some(number) = techniques::index(&known(technique)?) {
                    hub.restarts[number].notify_one();
                }
            }
            Ask::Here(path) => hub.bring(path)?,
            Ask::Release(path) => hub.release(&path)?,
            Ask::Slide(slide) => hub.turn_to(slide)?,
            Ask::Allow(allowed) => hub.allow(allowed),
            Ask::Reset(True) => hub.devices.reset(),
            Ask::Quiz(command) => hub.quiz.obey(command)?,
        }
        hub.changed();
        Ok(())
    }
}

async fn tell(
    session: &mut Session,
    message: &ServerMessage<'_>,
) -> Result<(), Closed> {
    match serde_json::to_string(message) {
        Ok(message) => session.text(message).await,
        // Only maps with odd keys fail to serialise; there are none.
        Err(_) => Ok(()),
    }
}

fn understand<T>(read: serde_json::Result<T>) -> Result<T, String> {
    read.map_err(|error| format!("not understood: {error}"))
}

/// An effect, with what is usual where nothing is said.
fn read_effect(effect: Map<String, Value>) -> Result<Effect, String> {
    serde_json::from_value(Value::Object(effect))
        .map_err(|error| format!("not an effect: {error}"))
}

fn known(technique: String) -> Result<String, String> {
    match techniques::index(&technique) {
        Some(_) => Ok(technique),
        None => {
            let names = techniques::TECHNIQUES.map(|technique| technique.name);
            Err(format!("technique {technique:?}: expected {}", names.join(", ")))
        }
    }
}

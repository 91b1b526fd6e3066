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
//! ► {"set":{"technique":"sse","client":null,"effect":"stall","on":true}}   presenter
//! ► {"quiz":{"open":"one-way"}}   {"quiz":{"reveal":"one-way"}}            presenter
//! ```
//!
//! A command that depends on what the presenter saw names it, and is refused when it is
//! not so any more: what is revealed is what was on the page, and not what came since.
//! What is wrong with a message is answered with `{"error":"…"}`.

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
use lens::{Effect, Scope};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::{
    select,
    sync::broadcast::{self, error::RecvError},
    time::{Instant, MissedTickBehavior, interval, sleep_until},
};

use crate::{
    devices::{Line, News, Passed},
    hub::Hub,
    quiz, servers,
};

/// How often a page is told of the room at most, and at least: it takes silence for a
/// dead connection.
const SOON: Duration = Duration::from_millis(250);
const ALWAYS: Duration = Duration::from_secs(10);

/// How often a page that watches the accounts is told of them.
const ACCOUNTS: Duration = Duration::from_secs(1);

/// The longest message that a page sends, in bytes.
const MESSAGE: usize = 4 << 10;

/// The most that the presenter publishes at once.
const BURST: u64 = 10_000;

/// What a page asks for. All but the first two are the presenter's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ask {
    /// To be told of more, or of nothing more.
    Watch(Watch),
    /// To break what is its own.
    Try(Try),
    Set(Set),
    /// Every effect, everywhere.
    Off(True),
    Feed(Feed),
    Restart(String),
    /// Everyone is brought to a page.
    Here(String),
    /// Nobody is held at that page any more.
    Release(String),
    Slide(Option<String>),
    Allow(bool),
    /// The accounts begin anew.
    Reset(True),
    Quiz(quiz::Command),
}

/// What a page is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Tell<'a> {
    Room(Value),
    Accounts(Value),
    Connection(&'a Line),
    Bytes(&'a Passed),
    /// So many messages came too fast for this page.
    Skipped(u64),
    Error(String),
}

/// JSON's `true`: what is asked for needs no more words.
#[derive(Debug, Deserialize)]
#[serde(try_from = "bool")]
struct True;

impl TryFrom<bool> for True {
    type Error = &'static str;

    fn try_from(value: bool) -> std::result::Result<Self, Self::Error> {
        if value { Ok(Self) } else { Err("expected true") }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Watch {
    accounts: bool,
    /// The name of a technique.
    wire: Option<String>,
    /// Its newest connection, if none is named.
    connection: Option<u64>,
}

#[derive(Debug, Deserialize)]
struct Try {
    technique: String,
    #[serde(flatten)]
    effect: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
struct Set {
    technique: Option<String>,
    client: Option<IpAddr>,
    on: bool,
    #[serde(flatten)]
    effect: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Feed {
    Paused(bool),
    Publish(u64),
    /// Milliseconds.
    Every(u64),
}

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
        return Err(ErrorForbidden("who asks is not known"));
    };
    let client = peer.ip().to_canonical();
    let body = stage::guard(request, body, MESSAGE)?;
    let (response, mut session, messages) = actix_ws::handle(request, body)?;
    let messages = messages.aggregate_continuations();
    let news = hub.devices.enter(client, presenter);
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
        let reason = page.talk(&mut session, messages, news).await.unwrap_or(None);
        let _ = session.close(reason).await; // Who has left can't be told.
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

/// The bytes of one connection after another.
struct Wire {
    technique: String,
    /// The connection that was asked for; otherwise, the newest one.
    chosen: Option<u64>,
    current: Option<u64>,
    /// The current one has ended.
    over: bool,
    /// The last of what was sent.
    serial: u64,
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
        mut news: broadcast::Receiver<News>,
    ) -> Result<Option<CloseReason>, Closed> {
        let hub = self.hub.clone();
        let mut changes = hub.subscribe();
        let mut accounts = interval(ACCOUNTS);
        accounts.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.list(session).await?;
        tell(session, &Tell::Room(hub.room(self.client, self.presenter))).await?;
        let mut told = Instant::now();
        let mut due = told + ALWAYS;
        let mut closed = std::pin::pin!(hub.feed.closed());
        loop {
            select! {
                message = messages.recv() => match message {
                    Some(Ok(Message::Text(text))) => {
                        if let Err(error) = self.act(&text, session).await? {
                            tell(session, &Tell::Error(error)).await?;
                        }
                    }
                    Some(Ok(Message::Binary(_))) => {
                        let why = (CloseCode::Unsupported, "text only");
                        return Ok(Some(why.into()));
                    }
                    Some(Ok(Message::Ping(payload))) => session.pong(&payload).await?,
                    Some(Ok(Message::Pong(_))) => {}
                    Some(Ok(Message::Close(reason))) => return Ok(reason),
                    Some(Err(error)) => return Ok(Some(stage::close_reason(&error))),
                    None => return Err(Closed),
                },
                news = news.recv() => match news {
                    // What came with the list is known.
                    Ok(News::Line(line)) if line.change <= self.listed => {}
                    Ok(News::Line(line)) => self.line(&line, session).await?,
                    Ok(News::Passed(passed)) => self.show(&passed, session).await?,
                    Err(RecvError::Lagged(count)) => {
                        self.catch_up(count, session).await?;
                    }
                    // The hub has the other end.
                    Err(RecvError::Closed) => return Ok(None),
                },
                _ = changes.changed() => due = due.min(told + SOON),
                () = sleep_until(due) => {
                    let room = hub.room(self.client, self.presenter);
                    tell(session, &Tell::Room(room)).await?;
                    told = Instant::now();
                    due = told + ALWAYS;
                }
                _ = accounts.tick(), if self.accounts => {
                    let accounts = hub.accounts(self.scope());
                    tell(session, &Tell::Accounts(accounts)).await?;
                }
                () = &mut closed => {
                    let why = (CloseCode::Away, "the workshop ends");
                    return Ok(Some(why.into()));
                }
            }
        }
    }

    /// Whom it may look at: itself, or all.
    fn scope(&self) -> Option<IpAddr> {
        (!self.presenter).then_some(self.client)
    }

    /// Tells of all connections that it may look at and that are not as it was told.
    async fn list(&mut self, session: &mut Session) -> Result<(), Closed> {
        for line in self.hub.devices.lines(self.scope(), self.listed) {
            self.line(&line, session).await?;
        }
        Ok(())
    }

    /// Tells of a connection.
    async fn line(
        &mut self,
        line: &Line,
        session: &mut Session,
    ) -> Result<(), Closed> {
        tell(session, &Tell::Connection(line)).await?;
        self.listed = self.listed.max(line.change);
        if let Some(wire) = &mut self.wire
            && wire.current == Some(line.id)
        {
            wire.over = line.closed.is_some();
        }
        Ok(())
    }

    /// More was new than this page has taken: what is still known of it is told again.
    async fn catch_up(
        &mut self,
        left_out: u64,
        session: &mut Session,
    ) -> Result<(), Closed> {
        self.list(session).await?;
        let Some(wire) = &self.wire else { return Ok(()) };
        let Some(current) = wire.current else { return Ok(()) };
        let known = wire.serial;
        let history = self.hub.devices.history(self.scope(), current);
        // The oldest that is kept may be newer than what came after the last one sent.
        if history.first().is_none_or(|oldest| oldest.serial > known) {
            tell(session, &Tell::Skipped(left_out)).await?;
        }
        for passed in history.iter().filter(|passed| passed.serial > known) {
            self.show(passed, session).await?;
        }
        Ok(())
    }

    /// Does what a page asks for. The inner error is what was wrong with it.
    async fn act(
        &mut self,
        text: &str,
        session: &mut Session,
    ) -> Result<Result<(), String>, Closed> {
        let ask = match serde_json::from_str(text) {
            Ok(ask) => ask,
            Err(error) => return Ok(Err(format!("not understood: {error}"))),
        };
        Ok(match ask {
            Ask::Watch(watch) => return self.watch(watch, session).await,
            Ask::Try(attempt) => self.try_out(attempt),
            _ if !self.presenter => Err("this is for the presenter".into()),
            ask => self.obey(ask),
        })
    }

    fn try_out(&mut self, attempt: Try) -> Result<(), String> {
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
        self.hub.try_out(self.client, technique, effect)
    }

    fn obey(&self, ask: Ask) -> Result<(), String> {
        let hub = &self.hub;
        match ask {
            Ask::Watch(_) | Ask::Try(_) => {} // for everybody: see `act`
            Ask::Set(Set { technique, client, on, effect }) => {
                let scope =
                    Scope { lens: technique.map(known).transpose()?, client };
                let effect = read_effect(effect)?;
                if on {
                    hub.control.put_on(scope, effect, None)?;
                } else if !hub
                    .control
                    .take_off(|rule| rule.is(&scope, effect.name()))
                {
                    return Err(format!(
                        "{} is not on there any more",
                        effect.name()
                    ));
                }
            }
            Ask::Off(True) => {
                hub.control.take_off(|_| true);
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
                if let Some(number) = servers::index(&known(technique)?) {
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

    async fn watch(
        &mut self,
        watch: Watch,
        session: &mut Session,
    ) -> Result<Result<(), String>, Closed> {
        let Watch { accounts, wire, connection } = watch;
        let technique = match wire.map(known).transpose() {
            Ok(technique) => technique,
            Err(error) => return Ok(Err(error)),
        };
        (self.accounts, self.wire) = (accounts, None);
        let Some(technique) = technique else { return Ok(Ok(())) };
        let lines = self.hub.devices.lines(self.scope(), 0);
        let newest = || {
            let mut lines = lines.iter().rev();
            lines.find(|line| line.technique == technique && line.is_live())
        };
        let current = connection.or_else(|| newest().map(|line| line.id));
        let (chosen, over) = (connection, false);
        self.wire = Some(Wire { technique, chosen, current: None, over, serial: 0 });
        if let Some(current) = current {
            self.turn_to(current, session).await?;
        }
        Ok(Ok(()))
    }

    /// Shows a connection from as early as is known.
    async fn turn_to(
        &mut self,
        connection: u64,
        session: &mut Session,
    ) -> Result<(), Closed> {
        let history = self.hub.devices.history(self.scope(), connection);
        if let Some(wire) = &mut self.wire {
            wire.current = Some(connection);
            wire.over = false;
            wire.serial = history.last().map_or(wire.serial, |last| last.serial);
        }
        for passed in history {
            tell(session, &Tell::Bytes(&passed)).await?;
        }
        Ok(())
    }

    /// Shows bytes, if they are of what the page watches.
    async fn show(
        &mut self,
        passed: &Passed,
        session: &mut Session,
    ) -> Result<(), Closed> {
        let Some(wire) = &mut self.wire else { return Ok(()) };
        if passed.technique != wire.technique {
            return Ok(());
        }
        if wire.current == Some(passed.connection) {
            // What came with the history is known.
            if passed.serial > wire.serial {
                wire.serial = passed.serial;
                tell(session, &Tell::Bytes(passed)).await?;
            }
        } else if wire.chosen.is_none()
            && passed.live
            && (wire.over || Some(passed.connection) > wire.current)
        {
            return self.turn_to(passed.connection, session).await;
        }
        Ok(())
    }
}

async fn tell(session: &mut Session, message: &Tell<'_>) -> Result<(), Closed> {
    match serde_json::to_string(message) {
        Ok(message) => session.text(message).await,
        // Only maps with odd keys fail to serialise; there are none.
        Err(_) => Ok(()),
    }
}

/// An effect, with what is usual where nothing is said.
fn read_effect(effect: Map<String, Value>) -> Result<Effect, String> {
    serde_json::from_value(Value::Object(effect))
        .map_err(|error| format!("not an effect: {error}"))
}

fn known(technique: String) -> Result<String, String> {
    match servers::index(&technique) {
        Some(_) => Ok(technique),
        None => {
            let names = servers::TECHNIQUES.map(|technique| technique.name);
            Err(format!("technique {technique:?}: expected {}", names.join(", ")))
        }
    }
}

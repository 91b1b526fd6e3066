//! The clients that are connected and the sessions that outlive a connection: which
//! filters each has, its will, and the delivery of messages.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use stage::draw_id;
use tokio::sync::mpsc;

use crate::{
    packets::{self, Connect, ConnectCode},
    topics::{Filter, Message, Retained, SAMPLES},
};

/// Sessions at once, with those whose client is away: more than a room needs.
const SESSIONS_LIMIT: usize = 500;
/// Filters of one session.
const FILTERS_LIMIT: usize = 50;
/// Messages that wait for one client, each shared by all that it is for. With more,
/// the next ones are lost to it, as QoS 0 allows. Samples are not among them: they
/// wait in the feed.
const OUTBOX_CAPACITY: usize = 32;
/// Characters of an id that is drawn for a client.
const ID_LENGTH: usize = 16;

/// What the connections of a broker share.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// By client id. Changed by `connect`, by a client's own packets, and when it is
    /// gone.
    sessions: HashMap<String, Session>,
    /// Changed by `publish`.
    retained: Retained,
    /// The number of the newest connection; counted up by `connect`.
    connections: u64,
}

#[derive(Debug)]
struct Session {
    filters: Vec<Filter>,
    /// Whether it ends with its connection.
    is_clean: bool,
    presence: Presence,
}

#[derive(Debug)]
enum Presence {
    Connected {
        /// By which an older connection of the same client knows that it was
        /// replaced.
        connection: u64,
        outbox: mpsc::Sender<Bytes>,
        will: Option<Message>,
    },
    Away {
        since: Instant,
    },
}

/// A client that is connected. When it is dropped, its will is published, unless it
/// said good-bye.
#[derive(Debug)]
pub(crate) struct Client {
    /// Whether it has a session from before.
    pub(crate) is_present: bool,
    /// How long it may send nothing.
    pub(crate) idle_timeout: Duration,
    sessions: Sessions,
    id: String,
    connection: u64,
    inbox: mpsc::Receiver<Bytes>,
}

impl Sessions {
    /// Connects a client: another connection with the same id ends, and its will is
    /// published first.
    ///
    /// # Errors
    /// When the client is refused, or there are too many.
    pub(crate) fn connect(&self, connect: Connect) -> Result<Client, ConnectCode> {
        let idle_timeout = connect.idle_timeout();
        let Connect { refused, client_id, is_clean, will, .. } = connect;
        if let Some(code) = refused {
            return Err(code);
        }
        let id = if client_id.is_empty() { draw_id(ID_LENGTH) } else { client_id };
        let mut state = self.lock();
        let before = state.sessions.remove(&id);
        if let Some(Session {
            presence: Presence::Connected { will: Some(will), .. },
            ..
        }) = &before
        {
            state.publish(will);
        }
        if !state.has_room() {
            return Err(ConnectCode::ServerUnavailable);
        }
        let kept = before.filter(|session| !session.is_clean && !is_clean);
        let is_present = kept.is_some();
        let filters = kept.map(|session| session.filters).unwrap_or_default();
        let (outbox, inbox) = mpsc::channel(OUTBOX_CAPACITY);
        state.connections += 1;
        let connection = state.connections;
        let presence = Presence::Connected { connection, outbox, will };
        let session = Session { filters, is_clean, presence };
        state.sessions.insert(id.clone(), session);
        drop(state);
        let sessions = self.clone();
        Ok(Client { sessions, is_present, idle_timeout, id, connection, inbox })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether there may be one more session. The one that was left first makes
    /// room.
    fn has_room(&mut self) -> bool {
        if self.sessions.len() < SESSIONS_LIMIT {
            return true;
        }
        let left = self.sessions.iter().filter_map(|(id, session)| {
            match session.presence {
                Presence::Away { since } => Some((since, id.clone())),
                Presence::Connected { .. } => None,
            }
        });
        let Some((_, oldest)) = left.min() else { return false };
        self.sessions.remove(&oldest).is_some()
    }

    /// Sends a message to every client with a filter that matches it: once, also
    /// where several do (§3.3.5). One to a topic of the server itself goes nowhere:
    /// MQTT 3.1.1 has no way to refuse it.
    fn publish(&mut self, message: &Message) {
        let Message { topic, payload, is_retained } = message;
        if topic == SAMPLES || topic.starts_with('$') {
            return;
        }
        if *is_retained {
            self.retained.keep(message);
        }
        let packet = packets::publish(topic, payload, false);
        for session in self.sessions.values() {
            if let Presence::Connected { outbox, .. } = &session.presence
                && session.wants(topic)
            {
                // It fails when too many wait, or when the client has just left.
                let _ = outbox.try_send(packet.clone());
            }
        }
    }
}

impl Client {
    /// The next packet for this client, of a message that another one published.
    /// `None`: a new connection has its id.
    pub(crate) async fn next(&mut self) -> Option<Bytes> {
        self.inbox.recv().await
    }

    /// Adds filters, or replaces the same ones. Returns a code for each, QoS 0 or
    /// that it is one too many, and the retained messages that they match: once,
    /// also where several do.
    pub(crate) fn subscribe(&self, filters: &[Filter]) -> (Vec<u8>, Vec<Bytes>) {
        let mut state = self.sessions.lock();
        let (mut codes, mut added) = (Vec::new(), Vec::new());
        for filter in filters {
            let has_room =
                state.session(self).is_some_and(|session| session.add(filter));
            codes.push(if has_room { 0 } else { 0x80 });
            if has_room {
                added.push(filter);
            }
        }
        let retained = state.retained.matching(&added);
        let packet = |m: &Message| packets::publish(&m.topic, &m.payload, true);
        (codes, retained.map(packet).collect())
    }

    /// Takes filters away. Those that it does not have are no error.
    pub(crate) fn unsubscribe(&self, filters: &[Filter]) {
        if let Some(session) = self.sessions.lock().session(self) {
            session.filters.retain(|filter| !filters.contains(filter));
        }
    }

    /// Whether a message of this topic is for this client.
    pub(crate) fn wants(&self, topic: &str) -> bool {
        let mut state = self.sessions.lock();
        state.session(self).is_some_and(|session| session.wants(topic))
    }

    /// Publishes to all.
    pub(crate) fn publish(&self, message: &Message) {
        self.sessions.lock().publish(message);
    }

    /// The client says good-bye: its will is not published.
    pub(crate) fn forget_will(&self) {
        if let Some(Session { presence: Presence::Connected { will, .. }, .. }) =
            self.sessions.lock().session(self)
        {
            *will = None;
        }
    }
}

impl Session {
    /// Adds a filter: returns whether there was room.
    fn add(&mut self, filter: &Filter) -> bool {
        if self.filters.contains(filter) {
            return true;
        }
        if self.filters.len() == FILTERS_LIMIT {
            return false;
        }
        self.filters.push(filter.clone());
        true
    }

    fn wants(&self, topic: &str) -> bool {
        self.filters.iter().any(|filter| filter.matches(topic))
    }
}

impl State {
    /// The session of a client, unless a newer connection has it.
    fn session(&mut self, client: &Client) -> Option<&mut Session> {
        self.sessions.get_mut(&client.id).filter(|session| {
            let Presence::Connected { connection, .. } = session.presence else {
                return false;
            };
            connection == client.connection
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let mut state = self.sessions.lock();
        let Some(session) = state.session(self) else { return };
        let away = Presence::Away { since: Instant::now() };
        let presence = std::mem::replace(&mut session.presence, away);
        if session.is_clean {
            state.sessions.remove(&self.id);
        }
        if let Presence::Connected { will: Some(will), .. } = presence {
            state.publish(&will);
        }
    }
}

//! The rooms in which two pages meet, each with a code of four letters. What one says, the
//! other is sent.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rand::seq::IndexedRandom;
use tokio::sync::mpsc::{self, Receiver, Sender};

use crate::{
    messages::{ClientMessage, Network, ServerMessage},
    relay::Relay,
};

/// Rooms at a time: four letters give many more, so that a guess finds nobody.
const ROOMS_LIMIT: usize = 500;

/// Messages that wait for one page. An offer with its candidates is about ten.
const QUEUE_CAPACITY: usize = 64;

/// Consonants alone, so that no code is a word; and none that looks like a digit.
const LETTERS: &[u8] = b"BCDFGHJKMNPQRSTVWXZ";

/// All rooms. A clone is another handle.
#[derive(Clone, Default)]
pub(crate) struct Rooms {
    /// Written when a page joins or leaves; a room without pages is removed.
    rooms: Arc<Mutex<HashMap<String, Room>>>,
}

#[derive(Default)]
struct Room {
    /// The pages' queues. Written by `join` and, when a seat is dropped, by `leave`.
    pages: [Option<Sender<ServerMessage>>; 2],
    /// What the pages asked for last.
    network: Network,
    /// The relay, once the pages have asked for it.
    relay: Option<Relay>,
}

/// A page's place in a room. Dropping it tells the other page.
pub(crate) struct Seat {
    rooms: Rooms,
    code: String,
    place: usize,
    messages: Receiver<ServerMessage>,
    /// Where the relay is to be, if the pages ask for it.
    relay_ip: IpAddr,
}

/// Why a page has no place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Refusal {
    /// The code is none.
    #[error("room {0:?}: expected four letters, as in BCDF; or leave it out")]
    NoCode(String),
    /// Two are there.
    #[error("room {0} has two pages already: open the page without a code")]
    Full(String),
    /// There are too many rooms.
    #[error("all {ROOMS_LIMIT} rooms are taken: try again later")]
    NoRoom,
}

/// Why a message was not passed on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undelivered {
    /// It is no message.
    #[error(
        "{0}: expected description, candidate, sample, network or account, as JSON"
    )]
    Malformed(#[from] serde_json::Error),
    /// The other page does not read.
    #[error("the other page has not read its last {QUEUE_CAPACITY} messages")]
    Behind,
    /// The relay can't be had.
    #[error("the relay: {0}")]
    Relay(#[from] crate::relay::Error),
}

impl Rooms {
    /// A place in the room of this code, or in a new one.
    ///
    /// # Errors
    /// When the code is none, or the room is full.
    pub(crate) fn join(
        &self,
        code: Option<&str>,
        relay_ip: IpAddr,
    ) -> Result<Seat, Refusal> {
        let mut rooms = self.lock();
        let code = match code {
            Some(code) => checked(code)?,
            None => new_code(&rooms),
        };
        if !rooms.contains_key(&code) && rooms.len() >= ROOMS_LIMIT {
            return Err(Refusal::NoRoom);
        }
        let room = rooms.entry(code.clone()).or_default();
        let Some(place) = room.pages.iter().position(Option::is_none) else {
            return Err(Refusal::Full(code));
        };
        let (queue, messages) = mpsc::channel(QUEUE_CAPACITY);
        let offer = room.tell(1 - place, ServerMessage::Joined(()));
        // There is space: the queue is new.
        let welcome = ServerMessage::Welcome { room: code.clone(), offer };
        let _ = queue.try_send(welcome);
        let _ = queue.try_send(ServerMessage::Network(room.network));
        room.pages[place] = Some(queue);
        Ok(Seat { rooms: self.clone(), code, place, messages, relay_ip })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Room>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Room {
    /// Whether the page is there, and has space for this message.
    fn tell(&self, place: usize, message: ServerMessage) -> bool {
        let page = self.pages[place].as_ref();
        page.is_some_and(|page| page.try_send(message).is_ok())
    }
}

impl Seat {
    /// The next message for this page. Cancel safe.
    pub(crate) async fn next_message(&mut self) -> ServerMessage {
        match self.messages.recv().await {
            Some(message) => message,
            // The room has the sender, and this seat the room.
            None => std::future::pending().await,
        }
    }

    /// Does what a page says, and returns the reply, if there is one.
    pub(crate) async fn handle(&self, text: &str) -> Option<ServerMessage> {
        let done = match serde_json::from_str(text) {
            Ok(ClientMessage::Network(network)) => self.change(network).await,
            Ok(ClientMessage::Account(())) => {
                let account = self.relay(|relay| Box::new(relay.account()));
                return Some(ServerMessage::Account(account));
            }
            Ok(message) => self.pass_on(message),
            Err(error) => Err(error.into()),
        };
        done.err().map(|error| ServerMessage::Error(error.to_string()))
    }

    /// Passes a message on; candidates as those of the relay, if the two use it.
    fn pass_on(&self, message: ClientMessage) -> Result<(), Undelivered> {
        let relayed = self.with_room(|room| room.network.relayed) == Some(true);
        let message = match message {
            ClientMessage::Description(description) if relayed => {
                ServerMessage::Description(Relay::without_candidates(description))
            }
            ClientMessage::Description(description) => {
                ServerMessage::Description(description)
            }
            ClientMessage::Candidate(Some(candidate)) if relayed => {
                match self.relay(|relay| relay.instead(&candidate, 1 - self.place)) {
                    Some(Some(candidate)) => {
                        ServerMessage::Candidate(Some(candidate))
                    }
                    _ => return Ok(()), // of another kind: the two would meet without the relay
                }
            }
            ClientMessage::Candidate(candidate) => {
                ServerMessage::Candidate(candidate)
            }
            ClientMessage::Sample(sample) => ServerMessage::Sample(sample),
            ClientMessage::Network(_) | ClientMessage::Account(()) => return Ok(()),
        };
        let told = self.with_room(|room| {
            let alone = room.pages[1 - self.place].is_none();
            alone || room.tell(1 - self.place, message)
        });
        if told == Some(false) { Err(Undelivered::Behind) } else { Ok(()) }
    }

    /// Changes how the two reach each other, and tells both.
    async fn change(&self, network: Network) -> Result<(), Undelivered> {
        if network.relayed && self.relay(|_| ()).is_none() {
            let relay = Relay::start(self.relay_ip).await?;
            self.with_room(|room| room.relay.get_or_insert(relay).ip());
        }
        self.relay(|relay| relay.set(network)).transpose()?;
        self.with_room(|room| {
            room.network = network;
            for place in [0, 1] {
                room.tell(place, ServerMessage::Network(network));
            }
        });
        Ok(())
    }

    fn with_room<R>(&self, act: impl FnOnce(&mut Room) -> R) -> Option<R> {
        self.rooms.lock().get_mut(&self.code).map(act)
    }

    fn relay<R>(&self, act: impl FnOnce(&Relay) -> R) -> Option<R> {
        self.with_room(|room| room.relay.as_ref().map(act)).flatten()
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut rooms = self.rooms.lock();
        let Some(room) = rooms.get_mut(&self.code) else { return };
        room.pages[self.place] = None;
        if !room.tell(1 - self.place, ServerMessage::Left(())) {
            // Nobody is left, or a page that does not read, and has another to wait for.
            if room.pages.iter().all(Option::is_none) {
                rooms.remove(&self.code);
            }
        }
    }
}

/// The code in capitals, if it is one.
fn checked(code: &str) -> Result<String, Refusal> {
    match code.len() == 4 && code.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        true => Ok(code.to_ascii_uppercase()),
        false => Err(Refusal::NoCode(code.chars().take(20).collect())),
    }
}

/// A code that no room has: there are 130 321, and 500 rooms at most.
fn new_code(rooms: &HashMap<String, Room>) -> String {
    loop {
        let letters = || LETTERS.choose(&mut rand::rng()).copied().unwrap_or(b'B');
        let code: String = (0..4).map(|_| char::from(letters())).collect();
        if !rooms.contains_key(&code) {
            return code;
        }
    }
}

//! One session: the place where a client's requests and its WebSocket meet, and which
//! outlives each of them. It is a task that owns all of its state; handlers tell it what
//! came, and wait for what to answer.

use std::{convert::Infallible, pin::pin, sync::Arc, time::Duration};

use actix_ws::Session as Socket;
use feed::{Batch, Feed, Follower};
use stage::{End, draw_id};
use tokio::{
    select,
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use crate::{
    packets::{
        self, BadPacket, CLOSE, ClientMessage, Connected, NOOP, PING, PONG, PROBE,
        PROBE_ANSWER, Recovery, SEPARATOR, UPGRADE,
    },
    refusal::Refusal,
    timings::Timings,
};

/// Bytes that a client may send in one request or frame.
pub(crate) const PAYLOAD_BYTES: usize = 16 << 10;
/// Packets that wait for a client, and their bytes. Samples are not among them: they wait
/// in the feed.
const OUTGOING_LIMIT: usize = 100;
const OUTGOING_BYTES: usize = 64 << 10;
/// How long a WebSocket may take from its handshake to the packet `5`.
const UPGRADE_TIMEOUT: Duration = Duration::from_secs(10);
/// Characters of an id, of a session or of a connection in it: 119 bits, too many to guess.
pub(crate) const ID_LENGTH: usize = 20;

/// What the client is told at shutdown.
const BYE: &str = "the server is shutting down";

/// Answers a request: with packets or, to a POST, with `ok`.
pub(crate) type Reply = oneshot::Sender<Result<String, Refusal>>;

/// What a client's requests tell its session.
pub(crate) enum Input {
    /// A GET, to be answered when there are packets.
    Poll(Reply),
    /// A POST with packets.
    Post(String, Reply),
    /// A WebSocket: the first transport of the session, or one that may become the next.
    Socket(Socket, Reply),
    /// A packet of that WebSocket.
    Frame(String),
    /// That WebSocket is closed.
    SocketEnded,
}

/// The way to the client.
enum Transport {
    /// The poll that is held, if one is.
    Polling(Option<Reply>),
    WebSocket(Socket),
}

/// A WebSocket that may become the transport.
struct Candidate {
    socket: Socket,
    /// Whether its probe came, and the next poll is to be answered at once, so that the
    /// client can end polling; a poll takes it back.
    ends_poll: bool,
    deadline: Instant,
}

/// The state of a session, which only its own task changes.
pub(crate) struct Session {
    feed: Feed,
    timings: Timings,
    transport: Transport,
    /// Set by the handshake of a WebSocket; unset by its upgrade, its end, or in time.
    candidate: Option<Candidate>,
    /// Packets that wait until the transport takes them; bounded in `queue`.
    outgoing: Vec<String>,
    /// Where the client is in the feed, while it is connected to the namespace `/`.
    follower: Option<Follower>,
    /// Whether a ping waits for its pong; the session ends at `deadline` if so, and
    /// sends the next ping if not. Both are set by `tick` and by a pong.
    is_pinged: bool,
    deadline: Instant,
}

impl Session {
    /// A session whose first packet is `open`.
    pub(crate) fn new(feed: Feed, timings: Timings, open: String) -> Self {
        Self {
            deadline: Instant::now() + timings.ping_interval,
            feed,
            timings,
            transport: Transport::Polling(None),
            candidate: None,
            outgoing: vec![open],
            follower: None,
            is_pinged: false,
        }
    }

    /// Runs the session to its end, and tells the client.
    pub(crate) async fn run(mut self, inbox: mpsc::Receiver<Input>) {
        let Err(End(reason)) = self.exchange(inbox).await;
        // Nobody may be there to be told.
        if let Some(candidate) = self.candidate {
            let _ = candidate.socket.close(None).await;
        }
        match self.transport {
            Transport::Polling(None) => {}
            Transport::Polling(Some(poll)) => answer(poll, Ok(CLOSE.into())),
            Transport::WebSocket(socket) => drop(socket.close(reason).await),
        }
    }

    /// Takes what comes, and gives the transport what there is: returns why it ended.
    async fn exchange(
        &mut self,
        mut inbox: mpsc::Receiver<Input>,
    ) -> Result<Infallible, End> {
        let feed = self.feed.clone();
        let mut closed = pin!(feed.closed());
        loop {
            self.flush().await?;
            let (takes_samples, deadline) =
                (self.takes_samples(), self.next_deadline());
            let poll = match &mut self.transport {
                Transport::Polling(poll) => poll.as_mut(),
                Transport::WebSocket(_) => None,
            };
            select! {
                biased; // What is left of the feed goes out before its end is seen.
                input = inbox.recv() => self.take(input.ok_or(End(None))?).await?,
                batch = next(&mut self.follower), if takes_samples => match batch {
                    Some(batch) => self.outgoing.extend(packets::events(&batch)),
                    None => return Err(End::because(1001, BYE)),
                },
                () = &mut closed => return Err(End::because(1001, BYE)),
                () = abandoned(poll) => return Err(End(None)),
                () = sleep_until(deadline) => self.tick().await?,
            }
        }
    }

    /// Gives the transport the packets that wait, if it takes any now.
    async fn flush(&mut self) -> Result<(), End> {
        match &mut self.transport {
            Transport::WebSocket(socket) => {
                for packet in self.outgoing.drain(..) {
                    socket.text(packet).await?;
                }
            }
            Transport::Polling(held) => {
                let noop = self.candidate.as_mut().filter(|c| c.ends_poll);
                if self.outgoing.is_empty() && noop.is_none() {
                    return Ok(());
                }
                let Some(poll) = held.take() else { return Ok(()) };
                if self.outgoing.is_empty() {
                    self.outgoing.push(NOOP.into());
                }
                noop.into_iter().for_each(|candidate| candidate.ends_poll = false);
                let packets = self.outgoing.join(&*SEPARATOR.to_string());
                self.outgoing.clear();
                // A poll that was cut took its packets along: as in engine.io, that is
                // the end of the session. The cursor finds them again.
                poll.send(Ok(packets)).map_err(|_| End(None))?;
            }
        }
        Ok(())
    }

    /// Samples leave the feed only when they can go on at once.
    fn takes_samples(&self) -> bool {
        self.follower.is_some()
            && !matches!(self.transport, Transport::Polling(None))
    }

    fn next_deadline(&self) -> Instant {
        let candidate = self.candidate.as_ref().map(|c| c.deadline);
        candidate.map_or(self.deadline, |deadline| deadline.min(self.deadline))
    }

    async fn tick(&mut self) -> Result<(), End> {
        let now = Instant::now();
        if let Some(late) = self.candidate.take_if(|c| c.deadline <= now) {
            // It fails when the client has closed it.
            let _ = late.socket.close(None).await;
        }
        if self.deadline > now {
            return Ok(());
        }
        if self.is_pinged {
            return Err(End::because(1008, "ping timeout"));
        }
        (self.is_pinged, self.deadline) = (true, now + self.timings.ping_timeout);
        self.queue(PING.into()).map_err(refused)
    }

    async fn take(&mut self, input: Input) -> Result<(), End> {
        match input {
            Input::Poll(reply) => self.hold(reply),
            Input::Post(packets, reply) => self.posted(&packets, reply),
            Input::Socket(socket, reply) => {
                self.add(socket, reply);
                Ok(())
            }
            Input::Frame(packet) => self.framed(&packet).await,
            Input::SocketEnded => match self.transport {
                Transport::WebSocket(_) => Err(End(None)),
                Transport::Polling(_) => {
                    self.candidate = None;
                    Ok(())
                }
            },
        }
    }

    /// Holds a poll, until there are packets. A second one at the same time ends the
    /// session: its client could not tell in which order their packets are.
    fn hold(&mut self, reply: Reply) -> Result<(), End> {
        match &mut self.transport {
            Transport::Polling(held @ None) => {
                *held = Some(reply);
                Ok(())
            }
            transport => {
                answer(reply, Err(Refusal::BadRequest));
                let is_upgraded = matches!(transport, Transport::WebSocket(_));
                if is_upgraded { Ok(()) } else { Err(End(None)) }
            }
        }
    }

    fn take_poll(&mut self) -> Option<Reply> {
        match &mut self.transport {
            Transport::Polling(held) => held.take(),
            Transport::WebSocket(_) => None,
        }
    }

    fn posted(&mut self, packets: &str, reply: Reply) -> Result<(), End> {
        if matches!(self.transport, Transport::WebSocket(_)) {
            answer(reply, Err(Refusal::BadRequest));
            return Ok(());
        }
        for packet in packets.split(SEPARATOR) {
            if packet == CLOSE {
                if let Some(poll) = self.take_poll() {
                    answer(poll, Ok(NOOP.into()));
                }
                answer(reply, Ok("ok".into()));
                return Err(End(None));
            }
            if let Err(why) = self.packet(packet) {
                // The poll that is held may be read first: it says why, too.
                if let Some(poll) = self.take_poll() {
                    answer(poll, Err(why.into()));
                }
                answer(reply, Err(why.into()));
                return Err(refused(why));
            }
        }
        answer(reply, Ok("ok".into()));
        Ok(())
    }

    /// Adds a WebSocket: as the transport of a session that is just opened, or as the
    /// candidate for it.
    fn add(&mut self, socket: Socket, reply: Reply) {
        let is_new =
            self.outgoing.first().is_some_and(|packet| packet.starts_with('0'));
        let added = match &self.transport {
            Transport::Polling(None) if is_new => {
                self.transport = Transport::WebSocket(socket);
                Ok(String::new())
            }
            Transport::Polling(_) if self.candidate.is_none() => {
                let deadline = Instant::now() + UPGRADE_TIMEOUT;
                self.candidate =
                    Some(Candidate { socket, ends_poll: false, deadline });
                Ok(String::new())
            }
            _ => Err(Refusal::BadRequest),
        };
        answer(reply, added);
    }

    /// A packet of the WebSocket. Of a candidate, only the probe and the upgrade are taken.
    async fn framed(&mut self, packet: &str) -> Result<(), End> {
        if matches!(self.transport, Transport::WebSocket(_)) {
            return match packet {
                CLOSE => Err(End::because(1000, "")),
                packet => self.packet(packet).map_err(refused),
            };
        }
        let Some(mut candidate) = self.candidate.take() else { return Ok(()) };
        match packet {
            PROBE => {
                candidate.socket.text(PROBE_ANSWER).await?;
                candidate.ends_poll = true;
                self.candidate = Some(candidate);
            }
            UPGRADE => {
                if let Some(poll) = self.take_poll() {
                    answer(poll, Ok(NOOP.into()));
                }
                self.transport = Transport::WebSocket(candidate.socket);
            }
            // It fails when the client has closed it.
            _ => drop(candidate.socket.close(None).await),
        }
        Ok(())
    }

    /// A packet of the client, whichever way it came.
    fn packet(&mut self, packet: &str) -> Result<(), BadPacket> {
        if packet.starts_with('b') {
            return Err(BadPacket::Binary);
        }
        if packet == PONG {
            (self.is_pinged, self.deadline) =
                (false, Instant::now() + self.timings.ping_interval);
            return Ok(());
        }
        let message = packet.strip_prefix('4').ok_or(BadPacket::Malformed)?;
        match packets::decode(message)? {
            ClientMessage::Connect(recovery) => self.connect(recovery),
            ClientMessage::ConnectTo(namespace) => {
                self.queue(packets::invalid_namespace(&namespace))
            }
            _ if self.follower.is_none() => Err(BadPacket::Malformed),
            ClientMessage::Disconnect => {
                self.follower = None;
                Ok(())
            }
            ClientMessage::Say { text, ack: Some(id) } => {
                self.queue(packets::ack(id, &text))
            }
            ClientMessage::Say { .. } | ClientMessage::Other => Ok(()),
        }
    }

    /// Begins with the newest sample or, for a client that says where it was, with what
    /// it has missed. Its own `pid` tells it that nothing of that is lost.
    fn connect(&mut self, recovery: Recovery) -> Result<(), BadPacket> {
        if self.follower.is_some() {
            return Err(BadPacket::Malformed);
        }
        let cursor = recovery.offset.and_then(|offset| offset.parse().ok());
        let is_whole = cursor.is_some() && self.feed.since(cursor).gap.is_none();
        let pid =
            recovery.pid.filter(|_| is_whole).unwrap_or_else(|| draw_id(ID_LENGTH));
        self.follower = Some(self.feed.follow(cursor));
        let sid = draw_id(ID_LENGTH);
        self.queue(packets::connected(&Connected { sid: &sid, pid: &pid }))
    }

    fn queue(&mut self, packet: String) -> Result<(), BadPacket> {
        let bytes: usize = self.outgoing.iter().map(String::len).sum();
        if self.outgoing.len() == OUTGOING_LIMIT
            || bytes + packet.len() > OUTGOING_BYTES
        {
            return Err(BadPacket::TooMany);
        }
        self.outgoing.push(packet);
        Ok(())
    }
}

/// The next samples for a client that is connected.
async fn next(follower: &mut Option<Follower>) -> Option<Arc<Batch>> {
    follower.as_mut()?.next().await
}

/// Waits until the client has left the poll that is held.
async fn abandoned(poll: Option<&mut Reply>) {
    match poll {
        Some(poll) => poll.closed().await,
        None => std::future::pending().await,
    }
}

/// Answers a request. Its client may have left: then there is nobody to tell.
fn answer(reply: Reply, with: Result<String, Refusal>) {
    let _ = reply.send(with);
}

fn refused(why: BadPacket) -> End {
    let code = if why == BadPacket::Binary { 1003 } else { 1008 };
    End::because(code, &why.to_string())
}

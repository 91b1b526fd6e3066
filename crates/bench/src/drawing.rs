//! People who draw on the gallery's whiteboard, all at once: each stroke has to be once at
//! everybody, in one order, and soon.
//!
//! ```text
//! person ─► {"number":7,"stroke":7,…} ─► board ─► {"id":…,"ink":[…]} ─► every person
//!        └───────────────── latency, for each stroke and each person ┘
//! ```

use std::{
    cell::RefCell,
    collections::HashMap,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;
use machine::{Program, ServerProcess, shield_from_ctrl_c};
use serde::{Deserialize, Serialize};
use stage::print_line;
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval_at, sleep, timeout},
};

use crate::{client::Painter, error::Error, interrupt::Stop, subject::Plan};

/// How long all people may take to connect, and the last strokes to arrive.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(60);
const CATCH_UP_TIMEOUT: Duration = Duration::from_secs(10);

/// What a person is told.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Message {
    welcome: Option<Welcome>,
    #[serde(default)]
    ink: Vec<Stroke>,
}

#[derive(Deserialize)]
struct Welcome {
    pen: u32,
}

/// Each message here is a stroke of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
struct Stroke {
    pen: u32,
    stroke: u32,
}

/// What all people saw together.
struct Board {
    /// When each stroke was sent.
    sent: HashMap<Stroke, Instant>,
    /// The entries of the board in their order, as the first person that has one read it:
    /// its text, and its strokes.
    entries: HashMap<u64, (Vec<u8>, Vec<Stroke>)>,
    /// Which strokes came.
    came: HashMap<Stroke, u32>,
    /// The newest entry that each person has.
    newest: Vec<u64>,
    /// People who have a pen.
    connected: usize,
    /// Entries that differ between two people, or came in another order.
    disorder: u64,
    delivered: u64,
    failed: Option<Error>,
    /// Whether people draw.
    drawing: bool,
    /// In microseconds.
    latency: Histogram<u64>,
}

/// What came of a run.
#[derive(Debug, Serialize)]
struct Record {
    technique: &'static str,
    people: usize,
    drawn: usize,
    delivered: u64,
    missed: u64,
    duplicated: u64,
    disorder: u64,
    latency_p50: u64,
    latency_p99: u64,
    latency_max: u64,
    server_busy: f64,
    memory: u64,
}

/// Lets people draw, each of them once in `plan.every`, and prints what came of it. Returns
/// whether each stroke was once at everybody, in one order.
///
/// # Errors
/// When the server does not start, or refuses somebody.
pub(crate) async fn draw(
    plan: &Plan,
    json: bool,
    stop: &mut Stop,
) -> Result<bool, Error> {
    let program = Program::beside_this("gallery")?;
    let program = program.with(["--port", "0", "--log", "off"]);
    let mut command = program.command();
    let server =
        ServerProcess::start_on_first_core(shield_from_ctrl_c(&mut command))?;
    let board = Rc::new(RefCell::new(Board::new(plan.clients)?));
    let mut people = JoinSet::new();
    for number in 0..plan.clients {
        let (board, plan, server) = (board.clone(), plan.clone(), server.address);
        people.spawn_local(async move {
            if let Err(error) = person(&board, server, number, &plan).await {
                board.borrow_mut().failed.get_or_insert(error);
            }
        });
    }
    until(&board, CONNECT_TIMEOUT, |board| board.connected == plan.clients).await?;
    board.borrow_mut().drawing = true;
    let (start, cpu) = (Instant::now(), server.cpu()?);
    while start.elapsed() < plan.time && !*stop.borrow() {
        let left = plan.time.saturating_sub(start.elapsed());
        let _ = timeout(left.min(Duration::from_secs(1)), stop.changed()).await;
        board.borrow_mut().check()?;
    }
    let busy = server.cpu()?.saturating_sub(cpu).div_duration_f64(start.elapsed());
    board.borrow_mut().drawing = false;
    let caught_up = until(&board, CATCH_UP_TIMEOUT, Board::is_whole).await;
    if !matches!(caught_up, Ok(()) | Err(Error::NotServed { .. })) {
        caught_up?;
    }
    let record = board.borrow().record(busy, server.memory()?);
    people.shutdown().await;
    record.print(json)?;
    Ok(record.missed + record.duplicated + record.disorder == 0 && record.drawn > 0)
}

/// Waits for a condition.
async fn until(
    board: &RefCell<Board>,
    limit: Duration,
    condition: impl Fn(&Board) -> bool,
) -> Result<(), Error> {
    let start = Instant::now();
    while !condition(&board.borrow()) {
        board.borrow_mut().check()?;
        if start.elapsed() > limit {
            let board = board.borrow();
            let (connected, clients) = (board.connected, board.newest.len());
            return Err(Error::NotServed { connected, clients });
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Where a person draws: each on a device of their own, since a device has few connections.
fn address(number: usize) -> Ipv4Addr {
    Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 1).to_bits() + number as u32)
}

/// Draws at a moment of its own in each interval, and reads what all draw.
async fn person(
    board: &RefCell<Board>,
    server: SocketAddr,
    number: usize,
    plan: &Plan,
) -> Result<(), Error> {
    let path = format!("/whiteboard/socket?pen=bench-{number}&next=1");
    let mut painter = Painter::open(server, address(number), &path).await?;
    let share = number as f64 / plan.clients as f64;
    let first = tokio::time::Instant::now() + plan.every.mul_f64(share);
    let mut strokes = interval_at(first, plan.every);
    strokes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut pen, mut stroke) = (None::<u32>, 0);
    loop {
        tokio::select! {
            _ = strokes.tick() => {
                let drawing = board.borrow().drawing;
                let Some(pen) = pen.filter(|_| drawing) else { continue };
                stroke += 1;
                board.borrow_mut().sent.insert(Stroke { pen, stroke }, Instant::now());
                let points = "[[800,500],[803,502],[806,505]]";
                let text = format!(
                    r#"{{"number":{stroke},"stroke":{stroke},"points":{points}}}"#
                );
                painter.send(&text).await?;
            }
            text = painter.next() => {
                let welcome = board.borrow_mut().read(number, text?)?;
                if let Some(Welcome { pen: own }) = welcome {
                    pen = Some(own);
                    board.borrow_mut().connected += 1;
                }
            }
        }
    }
}

impl Board {
    fn new(people: usize) -> Result<Self, Error> {
        let latency = Histogram::new_with_bounds(1, 60_000_000, 3)
            .map_err(std::io::Error::other)?;
        Ok(Self {
            sent: HashMap::new(),
            entries: HashMap::new(),
            came: HashMap::new(),
            newest: vec![0; people],
            connected: 0,
            disorder: 0,
            delivered: 0,
            failed: None,
            drawing: false,
            latency,
        })
    }

    /// The first error of a person, if there was one.
    fn check(&mut self) -> Result<(), Error> {
        self.failed.take().map_or(Ok(()), Err)
    }

    /// Reads what a person was sent. An entry that another one had before has to be the
    /// same, and the one after the last.
    fn read(
        &mut self,
        person: usize,
        text: Vec<u8>,
    ) -> Result<Option<Welcome>, Error> {
        let now = Instant::now();
        // Not parsed by every person: that would be measured as well.
        let seq = match entry_number(&text) {
            Some(seq) => seq,
            None => return Ok(serde_json::from_slice::<Message>(&text)?.welcome),
        };
        let newest = &mut self.newest[person];
        self.disorder += u64::from(seq != *newest + 1);
        *newest = seq;
        if let Some((first, _)) = self.entries.get(&seq) {
            self.disorder += u64::from(*first != text);
        } else {
            let ink = serde_json::from_slice::<Message>(&text)?.ink;
            ink.iter()
                .for_each(|stroke| *self.came.entry(*stroke).or_default() += 1);
            self.entries.insert(seq, (text, ink));
        }
        for stroke in &self.entries[&seq].1 {
            self.delivered += 1;
            if let Some(sent) = self.sent.get(stroke) {
                let late = now.saturating_duration_since(*sent).as_micros() as u64;
                self.latency.saturating_record(late.max(1));
            }
        }
        Ok(None)
    }

    /// Whether everybody has every stroke.
    fn is_whole(&self) -> bool {
        let newest = self.newest.iter().max();
        self.came.len() == self.sent.len()
            && self.newest.iter().all(|seq| Some(seq) == newest)
    }

    fn record(&self, server_busy: f64, memory: u64) -> Record {
        let (people, drawn) = (self.newest.len(), self.sent.len());
        let doubled =
            self.came.values().map(|times| u64::from(*times) - 1).sum::<u64>();
        let expected = (drawn as u64 + doubled) * people as u64;
        Record {
            technique: "whiteboard",
            people,
            drawn,
            delivered: self.delivered,
            missed: expected.saturating_sub(self.delivered),
            duplicated: doubled,
            disorder: self.disorder,
            latency_p50: self.latency.value_at_quantile(0.5),
            latency_p99: self.latency.value_at_quantile(0.99),
            latency_max: self.latency.max(),
            server_busy,
            memory,
        }
    }
}

/// The number of an entry, such as 17 in `{"id":"k3f9-17",…}`.
fn entry_number(text: &[u8]) -> Option<u64> {
    let id = text.strip_prefix(b"{\"id\":\"")?.split(|byte| *byte == b'"').next()?;
    str::from_utf8(id).ok()?.split_once('-')?.1.parse().ok()
}

impl Record {
    fn print(&self, json: bool) -> Result<(), Error> {
        if json {
            print_line(&serde_json::to_string(self)?);
            return Ok(());
        }
        let millis = |micros: u64| format!("{:.1}", micros as f64 / 1000.0);
        for (name, value) in [
            ("people who draw", self.people.to_string()),
            ("strokes drawn", self.drawn.to_string()),
            ("  delivered, to all", self.delivered.to_string()),
            ("  missed", self.missed.to_string()),
            ("  duplicated", self.duplicated.to_string()),
            ("  in another order", self.disorder.to_string()),
            ("latency p50, ms", millis(self.latency_p50)),
            ("  p99", millis(self.latency_p99)),
            ("  max", millis(self.latency_max)),
            (
                "core used by the server",
                format!("{:.0} %", self.server_busy * 100.0),
            ),
            ("memory of the server, MB", format!("{:.0}", self.memory as f64 / 1e6)),
        ] {
            print_line(&format!("{name:<26}{value:>12}"));
        }
        Ok(())
    }
}

//! The chat: what is said is once at everybody who is connected, under the same number. It
//! keeps nothing for those who are not: a number that is missing was said meanwhile.

use std::{
    collections::HashMap,
    io::Result,
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{Phone, Seen, link::pause, socket::Socket};

/// A guest may say something twice a second.
const SAY_INTERVAL: Duration = Duration::from_millis(700);

/// A server of the chat, by the run of the samples that it sends beside.
type Run = String;

/// What was said under which number, as the first phone heard it that did.
static HEARD: Mutex<Option<HashMap<(Run, u64), String>>> = Mutex::new(None);

#[derive(Default)]
struct Guest {
    name: String,
    run: Run,
    /// The number of the newest message.
    newest: u64,
    /// How much it has said, and how much of it it has heard.
    said: u64,
    heard: u64,
    seen: Seen,
}

/// Talks all the time. What was not heard before a cut is not said again.
pub(crate) fn talk(phone: &Phone) -> Seen {
    let name = format!("room {}", phone.number);
    let mut guest = Guest { name, ..Guest::default() };
    let mut connections = 0;
    while phone.is_on() {
        if let Ok(socket) = Socket::open(phone, phone.chat, "/chat") {
            connections += 1;
            let cut = phone.next_cut().min(phone.end);
            let _ = guest.talk(socket, cut); // It fails when the server restarts.
        }
        pause();
    }
    assert!(guest.heard > 0, "{}: heard nothing of its own", guest.name);
    guest.seen.returns = connections - 1;
    guest.seen
}

impl Guest {
    fn talk(&mut self, mut socket: Socket, cut: Instant) -> Result<()> {
        let mut next = Instant::now();
        let (mut is_named, mut is_first) = (false, true);
        let mut early = Vec::new(); // came before the run was known
        let mut run_is_known = false;
        socket.send(&json!({ "name": self.name }).to_string())?;
        while Instant::now() < cut {
            if is_named && Instant::now() >= next {
                self.said += 1;
                let text = format!("{}: {}", self.name, self.said);
                socket.send(&json!({ "say": text }).to_string())?;
                next = Instant::now() + SAY_INTERVAL;
            }
            for message in socket.read()? {
                assert!(message.get("error").is_none(), "{message}");
                is_named |= message["welcome"]["name"] == self.name;
                if let Some(id) = message["id"].as_str() {
                    self.begin(id.split('-').next().unwrap());
                    run_is_known = true;
                }
                early.extend(message.get("said").cloned());
            }
            if run_is_known {
                for said in early.drain(..) {
                    self.hear(&said, is_first);
                    is_first = false;
                }
            }
        }
        Ok(())
    }

    fn begin(&mut self, run: &str) {
        if self.run != run {
            self.seen.restarts += u64::from(!self.run.is_empty());
            (self.run, self.newest) = (run.to_owned(), 0);
        }
    }

    /// `is_first`: of a connection. Only before, others have said what this one has missed.
    fn hear(&mut self, said: &Value, is_first: bool) {
        let number = said["number"].as_u64().unwrap();
        let text = said["text"].as_str().unwrap();
        let expected = self.newest + 1;
        assert!(number >= expected, "{number}, expected {expected}");
        assert!(is_first || number == expected, "{number}, expected {expected}");
        self.seen.missed += number - expected;
        self.newest = number;
        self.seen.received += 1;
        let own = text.strip_prefix(&format!("{}: ", self.name));
        if let Some(count) = own.map(|count| count.parse::<u64>().unwrap()) {
            assert!(
                self.heard < count && count <= self.said,
                "{text}, twice or early"
            );
            self.heard = count;
        }
        let mut heard = HEARD.lock().unwrap();
        let heard = heard.get_or_insert_default();
        let same =
            heard.entry((self.run.clone(), number)).or_insert(text.to_owned());
        assert_eq!(same, text, "one order for all");
    }
}

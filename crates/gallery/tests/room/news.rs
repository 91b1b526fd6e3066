//! The news wall: what is posted is on it once, and its numbers have no hole, through cuts.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{
    Phone, Seen,
    link::{Event, ask, pause},
};

const POST_INTERVAL: Duration = Duration::from_secs(6);

/// What a phone knows of the wall, whichever connection it has.
#[derive(Default)]
struct Reader {
    /// The run of the server whose wall it is.
    run: String,
    /// The number of the newest headline.
    newest: u64,
    /// What was on the wall, by its text: the number of each.
    numbers: HashMap<String, u64>,
    /// What this phone has posted, and was told that it is on the wall.
    posted: Vec<String>,
    seen: Seen,
}

/// Posts a headline now and then, again until it is taken, and reads the wall.
pub(crate) fn post(phone: &Phone) -> Seen {
    let mut reader = Reader::default();
    let (mut count, mut next) = (0, Instant::now());
    let mut connections = 0;
    while phone.is_on() {
        if Instant::now() >= next {
            let text = format!("phone {}, headline {count}", phone.number);
            let content = format!("{{\"key\":\"{text}\",\"text\":\"{text}\"}}");
            // Sent twice, as a phone does whose answer was lost.
            for _ in 0..2 {
                let posted = ask(phone, "POST /news/headlines", "", &content);
                match posted.map_or(0, |response| response.status) {
                    201 => reader.posted.push(text.clone()),
                    status => assert!([0, 429].contains(&status), "{status}"),
                }
            }
            (count, next) = (count + 1, next + POST_INTERVAL);
        }
        let response = ask(phone, "GET /news/events", "", "");
        let _ = response.and_then(|response| {
            connections += 1;
            response.events(phone.next_cut().min(phone.end), |event| {
                reader.read(&event);
                true
            })
        });
        pause();
    }
    reader.seen.returns = connections - 1;
    reader.seen
}

impl Reader {
    fn read(&mut self, event: &Event) {
        let data: Value = serde_json::from_str(&event.data).unwrap_or_default();
        match event.name.as_str() {
            "wall" => {
                self.begin(event.place().0);
                let headlines = data["headlines"].as_array().unwrap();
                headlines.iter().for_each(|headline| self.add(headline));
                for text in self.posted.drain(..) {
                    assert!(self.numbers.contains_key(&text), "lost: {text}");
                }
            }
            "headline" => {
                let before = self.newest;
                self.add(&data);
                assert!(self.newest > before, "twice: {data}");
            }
            "bye" => {}
            name => panic!("{name} {data}"),
        }
    }

    /// A server that restarted has an empty wall.
    fn begin(&mut self, run: &str) {
        if self.run != run {
            self.seen.restarts += u64::from(!self.run.is_empty());
            let (run, seen) = (run.to_owned(), std::mem::take(&mut self.seen));
            *self = Self { run, seen, ..Self::default() };
        }
    }

    fn add(&mut self, headline: &Value) {
        let number = headline["number"].as_u64().unwrap();
        let text = headline["text"].as_str().unwrap().to_owned();
        let known = *self.numbers.entry(text.clone()).or_insert(number);
        assert_eq!(known, number, "twice: {text}");
        if number > self.newest {
            self.seen.missed += number - self.newest - 1;
            self.newest = number;
            self.seen.received += 1;
        }
    }
}

//! Answers: each is whole, however often its reader was cut off.

use std::time::{Duration, Instant};

use crate::{
    Phone, Seen,
    link::{ask as request, pause},
};

const QUESTION: &str = "{\"question\":\"Is it whole?\"}";

/// Asks again and again, and reads each answer to its end.
pub(crate) fn ask(phone: &Phone) -> Seen {
    let mut seen = Seen::default();
    let mut first = None;
    while phone.is_on() {
        match read(phone, &mut seen) {
            Some(words) => {
                assert_eq!(first.get_or_insert(words.clone()), &words);
                seen.received += 1;
            }
            None => seen.restarts += 1, // or the time is over
        }
    }
    seen
}

/// The words of one answer, read over several connections.
fn read(phone: &Phone, seen: &mut Seen) -> Option<Vec<String>> {
    let (mut path, mut last) = (String::new(), String::new());
    let (mut words, mut ended) = (Vec::new(), String::new());
    while ended.is_empty() {
        if !phone.is_on() {
            return None;
        }
        let response = match path.as_str() {
            "" => request(phone, "POST /answer/questions", "", QUESTION),
            path => {
                seen.returns += 1;
                let id = format!("Last-Event-ID: {last}\r\n");
                let id = if last.is_empty() { "" } else { &id };
                request(phone, &format!("GET {path}"), id, "")
            }
        };
        let Ok(response) = response else {
            pause();
            continue;
        };
        if response.status == 404 {
            return None; // The server has restarted.
        }
        if let Some(location) = response.field("location") {
            path = location.to_owned();
        }
        let cut =
            Instant::now() + Duration::from_millis(60 + 5 * u64::from(phone.number));
        let _ = response.events(cut, |event| {
            last.clone_from(&event.id);
            let text: String = serde_json::from_str(&event.data).unwrap();
            match event.name.as_str() {
                "word" => words.push(text),
                "end" => ended = text,
                _ => {}
            }
            ended.is_empty()
        });
        if path.is_empty() {
            pause();
        }
    }
    // Where the machine is busy, a phone may be away for too long.
    assert!(["complete", "abandoned"].contains(&ended.as_str()), "{ended}");
    (ended == "complete").then_some(words)
}

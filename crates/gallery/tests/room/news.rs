//! The news wall: what is posted is on it once, and its numbers have no hole.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{
    Phone, Seen,
    link::{ask, pause},
};

/// Posts a headline now and then, again until it is taken, and reads the wall.
pub(crate) fn post(phone: &Phone) -> Seen {
    let mut seen = Seen::default();
    let (mut count, mut next) = (0, Instant::now());
    let mut connections = 0;
    while phone.is_on() {
        if Instant::now() >= next {
            let text = format!("phone {}, headline {count}", phone.number);
            let content = format!("{{\"key\":\"{text}\",\"text\":\"{text}\"}}");
            // Sent twice, as a phone does whose answer was lost.
            for _ in 0..2 {
                let posted = ask(phone, "POST /news/headlines", "", &content);
                let _ = posted.map(|response| {
                    assert!(
                        [201, 429].contains(&response.status),
                        "{}",
                        response.status
                    );
                });
            }
            (count, next) = (count + 1, next + Duration::from_secs(6));
        }
        let response = ask(phone, "GET /news/events", "", "");
        let _ = response.and_then(|response| {
            connections += 1;
            let (mut newest, mut texts) = (0, Vec::new());
            response.events(phone.next_cut().min(phone.end), |event| {
                let data: Value =
                    serde_json::from_str(&event.data).unwrap_or_default();
                let mut add = |headline: &Value| {
                    let number = headline["number"].as_u64().unwrap();
                    assert!(
                        newest == 0 || number == newest + 1,
                        "{number} after {newest}"
                    );
                    newest = number;
                    let text = headline["text"].as_str().unwrap().to_owned();
                    assert!(!texts.contains(&text), "twice: {text}");
                    texts.push(text);
                };
                match event.name.as_str() {
                    "wall" => {
                        data["headlines"].as_array().unwrap().iter().for_each(add)
                    }
                    "headline" => add(&data),
                    _ => {}
                }
                true
            })?;
            seen.received += texts.len() as u64;
            Ok(())
        });
        pause();
    }
    seen.returns = connections - 1;
    seen
}

//! Stock prices, the log and the monitor: streams with ids, and how they go on.

use serde_json::Value;

use crate::{
    Phone, Seen,
    link::{Event, ask, pause},
};

/// Follows a stream whose events have ids without a hole; what is missing is announced.
pub(crate) fn follow(phone: &Phone, path: &str) -> Seen {
    let (mut seen, mut last) = (Seen::default(), String::new());
    while phone.is_on() {
        let field = match last.as_str() {
            "" => String::new(),
            last => format!("Last-Event-ID: {last}\r\n"),
        };
        let response = ask(phone, &format!("GET {path}"), &field, "");
        // It fails while the server restarts.
        let _ = response.and_then(|response| {
            assert_eq!(response.status, 200);
            seen.returns += u64::from(!last.is_empty());
            let cut = phone.next_cut().min(phone.end);
            response.events(cut, |event| {
                check(&event, &last, &mut seen);
                last = event.id;
                true
            })
        });
        pause();
    }
    seen
}

fn check(event: &Event, last: &str, seen: &mut Seen) {
    let (run, seq) = event.place();
    let before =
        last.split_once('-').map(|(run, seq)| (run, seq.parse::<u64>().unwrap()));
    match (event.name.as_str(), before) {
        ("bye", _) => assert_eq!(event.id, last),
        ("gap", Some((old, before))) => {
            let gap: Value = serde_json::from_str(&event.data).unwrap();
            assert_eq!(gap["restarted"], run != old, "{event:?} after {last}");
            seen.restarts += u64::from(run != old);
            seen.missed += gap["missed"].as_u64().unwrap();
            assert!(run != old || seq >= before, "{event:?} after {last}");
        }
        ("gap", None) => panic!("a gap for a phone that had nothing: {event:?}"),
        // With all that is there, after a gap or at the start.
        ("snapshot", before) => {
            seen.restarts += u64::from(before.is_some_and(|(old, _)| run != old));
        }
        (_, Some((old, before))) => {
            assert_eq!((run, seq), (old, before + 1), "{event:?} after {last}");
            seen.received += 1;
        }
        (_, None) => seen.received += 1,
    }
}

/// Follows the monitor, of which only the newest event counts.
pub(crate) fn newest(phone: &Phone) -> Seen {
    let mut seen = Seen::default();
    let (mut connections, mut newest) = (0, String::new());
    while phone.is_on() {
        let response = ask(phone, "GET /monitor/events", "", "");
        let _ = response.and_then(|response| {
            connections += 1;
            let cut = phone.next_cut().min(phone.end);
            response.events(cut, |event| {
                seen.received += u64::from(event.name == "health");
                let run = event.place().0;
                seen.restarts += u64::from(!newest.is_empty() && newest != run);
                run.clone_into(&mut newest);
                true
            })
        });
        pause();
    }
    seen.returns = connections - 1;
    seen
}

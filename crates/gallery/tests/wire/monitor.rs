//! Server monitor: what it measures is true, and it goes on.

use std::time::Duration;

use gallery::Flags;
use serde_json::Value;

use crate::{flags, next_event, open, server};

#[test]
fn it_tells_of_itself_again_and_again() {
    let quick = Flags { measure: Duration::from_millis(20), ..flags() };
    let server = server(quick);
    let mut other = open(&server, "/stock/events", None);
    next_event(&mut other);
    let mut stream = open(&server, "/monitor/events", None);
    let mut last = 0;
    let mut measured = 0;
    while measured < 3 {
        let (name, id, data) = next_event(&mut stream);
        if name != "health" {
            continue; // nothing was measured yet
        }
        let seq: u64 = id.split_once('-').unwrap().1.parse().unwrap();
        assert!(seq > last);
        (last, measured) = (seq, measured + 1);
        let health: Value = serde_json::from_str(&data).unwrap();
        let number = |value: &Value| value.as_f64().unwrap();
        assert!(["ok", "busy"].contains(&health["status"].as_str().unwrap()));
        let machine = &health["machine"];
        assert!(number(&health["memory"]) > 1e6, "{health}");
        assert!(number(&machine["memory"]) > number(&health["memory"]), "{health}");
        assert!(number(&machine["of"]) > number(&machine["memory"]), "{health}");
        assert!((0.0..=100.0).contains(&number(&machine["cpu"])), "{health}");
        assert_eq!(health.as_object().unwrap().len(), 6, "nothing else: {health}");
        // Both streams are counted, once this one was there to be counted.
        assert!(number(&health["clients"]) >= 1.0, "{health}");
        if measured == 3 {
            assert_eq!(number(&health["clients"]), 2.0, "{health}");
        }
    }
    server.shut_down();
}

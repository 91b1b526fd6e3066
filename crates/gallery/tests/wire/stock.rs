//! Stock prices: a snapshot and the changes after it make what another page sees.

use std::{collections::BTreeMap, time::Duration};

use gallery::Flags;
use serde_json::Value;

use crate::{Events, flags, next_event, open, open_at, server};

/// The newest price of each symbol, as a page computes it.
type Prices = BTreeMap<String, f64>;

/// Applies the next event, and returns its number.
fn apply(stream: &mut Events, prices: &mut Prices) -> u64 {
    let (name, id, data) = next_event(stream);
    let data: Value = serde_json::from_str(&data).unwrap();
    let symbol = |stock: &Value| stock["symbol"].as_str().unwrap().to_owned();
    match name.as_str() {
        "snapshot" => {
            let newest = |stock: &Value| {
                let prices = stock["prices"].as_array().unwrap();
                (symbol(stock), prices.last().unwrap().as_f64().unwrap())
            };
            *prices = data.as_array().unwrap().iter().map(newest).collect();
        }
        "price" => {
            prices.insert(symbol(&data), data["price"].as_f64().unwrap());
        }
        _ => assert_eq!(name, "trading"),
    }
    id.split_once('-').unwrap().1.parse().unwrap()
}

fn quick() -> Flags {
    Flags { prices: Duration::from_micros(1), ..flags() }
}

#[test]
fn a_late_page_sees_what_one_sees_that_was_there_from_the_start() {
    let server = server(quick());
    let (mut early, mut late) = (Prices::new(), Prices::new());
    let mut first = open(&server, "/stock/events", None);
    let mut at = apply(&mut first, &mut early);
    // Many times, since a race would show in few of them.
    for _ in 0..50 {
        let mut second = open(&server, "/stock/events", None);
        let seq = apply(&mut second, &mut late);
        let next = apply(&mut second, &mut late);
        assert_eq!(next, seq + 1, "without a hole, and not twice");
        while at < next {
            at = apply(&mut first, &mut early);
        }
        assert_eq!(early, late);
    }
    server.shut_down();
}

#[test]
fn a_page_that_comes_back_gets_the_changes_or_a_snapshot_when_they_are_gone() {
    let server = server(quick());
    let mut stream = open(&server, "/stock/events", None);
    let (_, first, _) = next_event(&mut stream);
    let mut back = open(&server, "/stock/events", Some(&first));
    let seq = apply(&mut back, &mut Prices::new());
    assert_eq!(seq, stream.last_seq + 1, "without a hole, and not twice");
    // Of a run before, and of a number that this run has not reached.
    let run = first.split_once('-').unwrap().0;
    for gone in ["zzzz-1".to_owned(), format!("{run}-4000000000")] {
        let mut back = open(&server, "/stock/events", Some(&gone));
        let (name, ..) = next_event(&mut back);
        assert_eq!(name, "snapshot", "{gone}");
        let seq = back.last_seq;
        next_event(&mut back);
        assert_eq!(back.last_seq, seq + 1, "and then the changes");
    }
    server.shut_down();
}

#[test]
fn a_page_that_falls_behind_is_told_and_is_given_a_snapshot_when_it_begins_anew() {
    let server = server(quick());
    // What one connection holds: a lens would hold as much again.
    let mut slow = open_at(server.direct, "/stock/events", None);
    let mut quick = open(&server, "/stock/events", None);
    let mut prices = Prices::new();
    let first = apply(&mut slow, &mut prices);
    // More than is kept, and than the connection holds.
    while apply(&mut quick, &mut prices) < first + 4000 {}
    let (mut name, mut before) = (String::new(), first);
    while name != "gap" {
        let (event, ..) = next_event(&mut slow);
        assert!(event == "gap" || slow.last_seq == before + 1, "{event}");
        (name, before) = (event, slow.last_seq);
    }
    let now = apply(&mut open(&server, "/stock/events", None), &mut prices);
    assert!(now >= before, "{now} before {before}");
    server.shut_down();
}

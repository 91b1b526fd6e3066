//! A log of an application's own entries: read as samples are, and bounded in bytes, too.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::num::NonZeroUsize;

use feed::Feed;
use serde::Serialize;

/// Two kinds of entries, as an application may have them.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Entry {
    Headline { text: String },
    Paused(bool),
}

fn headline(length: usize) -> Entry {
    Entry::Headline { text: "x".repeat(length) }
}

fn log(keep: usize, bytes: usize) -> Feed {
    Feed::of_entries(NonZeroUsize::new(keep).unwrap(), bytes, &Entry::Paused(false))
}

fn kept(log: &Feed) -> Vec<u64> {
    log.since(Some(log.oldest())).samples.iter().map(|s| s.id.seq).collect()
}

#[test]
fn an_entry_has_its_own_fields_and_the_id() {
    let log = log(10, usize::MAX);
    log.publish_entry(&headline(2));
    let batch = log.since(Some(log.oldest()));
    let run = log.oldest().run;
    let json: Vec<&str> = batch.samples.iter().map(|s| &*s.json).collect();
    assert!(batch.gap.is_none(), "a newcomer has missed nothing");
    assert_eq!(json[0], format!(r#"{{"id":"{run}-1","paused":false}}"#));
    assert_eq!(json[1], format!(r#"{{"id":"{run}-2","headline":{{"text":"xx"}}}}"#));
}

#[test]
fn the_oldest_entries_go_when_there_are_too_many_or_too_many_bytes() {
    let few = log(2, usize::MAX);
    (0..3).for_each(|_| few.publish_entry(&headline(1)));
    assert_eq!(kept(&few), [3, 4]);
    let small = log(100, 1000);
    let first = small.since(None).cursor();
    (0..8).for_each(|_| small.publish_entry(&headline(250)));
    assert_eq!(kept(&small), [7, 8, 9], "three of 250 bytes and their names");
    let gap = small.since(first).gap.clone().unwrap();
    assert_eq!((gap.missed, gap.restarted), (5, false));
    // One that is larger than the limit stays alone, and then goes.
    small.publish_entry(&headline(2000));
    assert_eq!(kept(&small), [10]);
    small.publish_entry(&headline(100));
    assert_eq!(kept(&small), [11]);
}

#[test]
fn what_has_no_fields_is_data() {
    let log = log(10, usize::MAX);
    log.publish_entry(&"Hi");
    log.publish_entry(&[1, 2]);
    let batch = log.since(Some(log.oldest()));
    let run = log.oldest().run;
    let json: Vec<&str> = batch.samples.iter().map(|s| &*s.json).collect();
    assert_eq!(json[1], format!(r#"{{"id":"{run}-2","data":"Hi"}}"#));
    assert_eq!(json[2], format!(r#"{{"id":"{run}-3","data":[1,2]}}"#));
}

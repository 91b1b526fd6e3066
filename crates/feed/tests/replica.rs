//! Several servers have the same feed, one earlier than the other: a client that goes from
//! one to the next gets each sample once.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::num::NonZeroUsize;

use feed::{Cursor, Feed, Run, Sample};
use proptest::prelude::*;

const KEEP: NonZeroUsize = NonZeroUsize::new(5).unwrap();
const SERVERS: usize = 3;

/// What can happen between servers, their broker and a client.
#[derive(Debug, Clone)]
enum Step {
    /// So many samples are published.
    Publish(usize),
    /// A server is given at most so many of those that it has not got yet.
    Copy(usize, usize),
    /// The broker has forgotten everything: the run after this one begins.
    Forget,
    /// The client asks a server.
    Ask(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1..4usize).prop_map(Step::Publish),
        6 => (0..SERVERS, 1..9usize).prop_map(|(s, count)| Step::Copy(s, count)),
        1 => Just(Step::Forget),
        8 => (0..SERVERS).prop_map(Step::Ask),
    ];
    prop::collection::vec(step, 1..80)
}

fn sample(run: Run, seq: u64) -> Sample {
    Sample::new(Cursor { run, seq }, &format!("{run}/{seq}"))
}

/// A server, and how many of all samples it was given.
struct Server(Feed, usize);

/// Checks what a client at `cursor` is told. Returns its new cursor.
fn check(server: &Feed, cursor: Cursor) -> Cursor {
    let batch = server.since(Some(cursor));
    let mut at = cursor;
    if let Some(gap) = &batch.gap {
        if gap.restarted {
            assert!(gap.id.run.number() > at.run.number(), "{gap:?} at {at}");
            assert_eq!(gap.id.seq, gap.missed, "a run begins with 1");
        } else {
            let counted = Cursor { seq: at.seq + gap.missed, ..at };
            assert_eq!(gap.id, counted, "{gap:?} at {at}");
        }
        at = gap.id;
    }
    for sample in &batch.samples {
        let next = Cursor { seq: at.seq + 1, ..at };
        assert_eq!(sample.id, next, "{batch:?} at {cursor}");
        at = sample.id;
    }
    at
}

proptest! {
    #[test]
    fn a_client_gets_each_sample_once_whichever_server_it_asks(steps in steps()) {
        let mut run = Run::from_number(7);
        let mut all = vec![sample(run, 1)];
        let replica = || Feed::replica(KEEP, all[0].clone()).0;
        let mut servers: [Server; SERVERS] =
            std::array::from_fn(|_| Server(replica(), 1));
        let mut cursor = all[0].id;
        for step in steps {
            match step {
                Step::Publish(count) => {
                    let newest = all.last().unwrap().id.seq;
                    let next = newest + 1..=newest + count as u64;
                    all.extend(next.map(|seq| sample(run, seq)));
                }
                Step::Copy(server, count) => {
                    let Server(feed, given) = &mut servers[server];
                    let end = all.len().min(*given + count);
                    feed.append(all[*given..end].iter().cloned());
                    *given = end;
                }
                Step::Forget => {
                    run = Run::from_number(run.number() + 1);
                    all.push(sample(run, 1));
                }
                Step::Ask(server) => cursor = check(&servers[server].0, cursor),
            }
        }
        // In the end every server has all, and so has the client.
        for Server(feed, given) in &servers {
            feed.append(all[*given..].iter().cloned());
            prop_assert_eq!(check(feed, cursor), all.last().unwrap().id);
        }
    }
}

#[test]
fn what_a_replica_publishes_is_handed_over_and_not_in_its_log() {
    let first = sample(Run::draw(), 1);
    let (feed, mut published) = Feed::replica(KEEP, first.clone());
    feed.publish("next");
    assert_eq!(published.try_recv().unwrap(), "next");
    assert_eq!(feed.since(None).cursor(), Some(first.id));
}

#[test]
fn a_cursor_from_elsewhere_is_of_another_run() {
    let run = Run::from_number(7);
    let (feed, _published) = Feed::replica(KEEP, sample(run, 3));
    for elsewhere in [6, 7 + 1001, 36 * 36 * 36] {
        let cursor = Cursor { run: Run::from_number(elsewhere), seq: 1 };
        let gap = feed.since(Some(cursor)).gap.clone().unwrap();
        assert!(gap.restarted && gap.missed == 2, "{gap:?}");
    }
}

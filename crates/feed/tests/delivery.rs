//! Whatever happens, a client gets exactly what was published: each sample once, in
//! order, or announced as missed.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use bytes::Bytes;
use feed::{Batch, Cursor, Feed, Follower};
use proptest::prelude::*;

/// What can happen between a feed and its clients.
#[derive(Debug, Clone)]
enum Step {
    /// So many samples are published.
    Publish(usize),
    /// A client asks for what is there: `since`.
    Since(usize),
    /// A client waits for the next batch, if there is one: `next`.
    Next(usize),
    /// A client goes on with its stream: `follow`.
    Follow(usize),
    /// A client's stream is cut; it resumes with its cursor.
    Cut(usize),
    /// A client reads the announcement of a gap, and is cut before the samples.
    CutInGap(usize),
    /// A client starts anew, without a cursor.
    Forget(usize),
    /// The server restarts: another run, from 1.
    Restart,
}

const CLIENTS: usize = 3;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..CLIENTS;
    let step = prop_oneof![
        4 => (1..6usize).prop_map(Step::Publish),
        2 => client.clone().prop_map(Step::Since),
        2 => client.clone().prop_map(Step::Next),
        4 => client.clone().prop_map(Step::Follow),
        1 => client.clone().prop_map(Step::Cut),
        1 => client.clone().prop_map(Step::CutInGap),
        1 => client.prop_map(Step::Forget),
        1 => Just(Step::Restart),
    ];
    prop::collection::vec(step, 1..60)
}

/// A server and what it has published in this run, the first sample first.
struct Server {
    feed: Feed,
    published: Vec<String>,
}

impl Server {
    fn start(keep: usize, life: usize) -> Self {
        let first = format!("{life}/1");
        let feed = Feed::new(NonZeroUsize::new(keep).unwrap(), &first);
        Self { feed, published: vec![first] }
    }

    fn publish(&mut self, life: usize) {
        let data = format!("{life}/{}", self.published.len() + 1);
        self.feed.publish(&data);
        self.published.push(data);
    }
}

/// A client, and all that it knows: a cursor, and what it must get next.
#[derive(Default)]
struct Client {
    cursor: Option<Cursor>,
    follower: Option<Follower>,
}

impl Client {
    /// Checks a batch against what was published, and moves the cursor.
    fn read(&mut self, server: &Server, keep: usize, batch: &Batch) {
        let newest = server.published.len() as u64;
        let run = server.feed.since(None).cursor().unwrap().run;
        let mut last = match self.cursor {
            None => newest - 1,
            Some(cursor) if cursor.run == run => cursor.seq,
            Some(_) => {
                let gap = batch.gap.as_ref().unwrap();
                assert!(gap.restarted, "a restart is announced");
                0
            }
        };
        if let Some(gap) = &batch.gap {
            let restarted = self.cursor.is_some_and(|cursor| cursor.run != run);
            assert_eq!(gap.restarted, restarted);
            assert!(gap.missed > 0 || restarted, "an announcement of nothing");
            last += gap.missed;
            assert_eq!(gap.id, Cursor { run, seq: last });
            // Only what the log has really dropped is missed.
            if gap.missed > 0 {
                assert_eq!(last, newest - keep as u64);
            }
        }
        for sample in &batch.samples {
            assert_eq!(sample.id, Cursor { run, seq: last + 1 }, "{batch:?}");
            let data = format!(r#""data":"{}""#, server.published[last as usize]);
            assert!(sample.json.contains(&data), "{}: expected {data}", sample.json);
            last += 1;
        }
        assert_eq!(last, newest, "a batch has all that is there");
        self.cursor = Some(Cursor { run, seq: last });
    }

    /// Whether something must be there for this client now.
    fn behind(&self, server: &Server) -> bool {
        self.cursor != server.feed.since(None).cursor()
    }
}

/// What a future has to say without waiting.
fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn each_sample_once_in_order_or_announced(keep in 1..8usize, steps in steps()) {
        let mut life = 1;
        let mut server = Server::start(keep, life);
        let mut clients: [Client; CLIENTS] = Default::default();
        let last = (0..CLIENTS).map(Step::Since);
        for step in steps.into_iter().chain(last) {
            match step {
                Step::Publish(count) => (0..count).for_each(|_| server.publish(life)),
                Step::Restart => {
                    life += 1;
                    // Who followed the old server finds out when it reads next.
                    server = Server::start(keep, life);
                    clients.iter_mut().for_each(|client| client.follower = None);
                }
                Step::Cut(client) => clients[client].follower = None,
                Step::Forget(client) => clients[client] = Client::default(),
                Step::CutInGap(client) => {
                    let client = &mut clients[client];
                    client.follower = None;
                    if let Some(gap) = &server.feed.since(client.cursor).gap {
                        client.cursor = Some(gap.id);
                        prop_assert_eq!(&server.feed.since(client.cursor).gap, &None);
                    }
                }
                Step::Since(client) => {
                    let client = &mut clients[client];
                    client.follower = None;
                    let batch = server.feed.since(client.cursor);
                    prop_assert_eq!(batch.is_empty(), !client.behind(&server));
                    if !batch.is_empty() {
                        client.read(&server, keep, &batch);
                    }
                }
                Step::Next(client) => {
                    let client = &mut clients[client];
                    client.follower = None;
                    let batch = now(server.feed.next(client.cursor));
                    prop_assert_eq!(batch.is_some(), client.behind(&server));
                    if let Some(batch) = batch {
                        client.read(&server, keep, &batch.unwrap());
                    }
                }
                Step::Follow(client) => {
                    let client = &mut clients[client];
                    let cursor = client.cursor;
                    let follower = client
                        .follower
                        .get_or_insert_with(|| server.feed.follow(cursor));
                    let batch = now(follower.next());
                    prop_assert_eq!(batch.is_some(), client.behind(&server));
                    if let Some(batch) = batch {
                        client.read(&server, keep, &batch.unwrap());
                    }
                }
            }
        }
        // Each client has read to the end; that `read` checked what it got.
        for client in &clients {
            prop_assert!(!client.behind(&server));
        }
    }
}

#[test]
fn a_closed_feed_gives_what_is_left_and_then_ends() {
    let feed = Feed::new(NonZeroUsize::MIN, "first");
    let mut follower = feed.follow(None);
    feed.close();
    assert_eq!(now(follower.next()).unwrap().unwrap().samples.len(), 1);
    assert!(now(follower.next()).unwrap().is_none());
    assert!(now(feed.next(feed.since(None).cursor())).unwrap().is_none());
    assert!(now(feed.closed()).is_some());
}

#[test]
fn a_branch_has_the_same_samples_and_an_end_of_its_own() {
    let feed = Feed::new(NonZeroUsize::new(3).unwrap(), "first");
    feed.publish("second");
    let (branch, copy) = feed.branch();
    let mut copy = Box::pin(copy);
    let ids = |feed: &Feed, after| -> Vec<_> {
        feed.since(after).samples.iter().map(|sample| sample.id).collect()
    };
    let before = feed.since(None).cursor();
    feed.publish("third");
    assert!(now(copy.as_mut()).is_none());
    assert_eq!(ids(&branch, before), ids(&feed, before));
    // More at once than is kept: a hole, which is announced as in any feed.
    (0..5).for_each(|number| feed.publish(&number.to_string()));
    assert!(now(copy.as_mut()).is_none());
    assert_eq!(ids(&branch, before), ids(&feed, before));
    assert_eq!(branch.since(before).gap, feed.since(before).gap);
    branch.close();
    assert!(now(copy.as_mut()).is_some());
    assert!(now(feed.closed()).is_none());
    // With the feed, its branches end.
    let (branch, copy) = feed.branch();
    feed.close();
    assert!(now(copy).is_some());
    assert!(now(branch.closed()).is_some());
}

#[test]
fn a_number_that_was_not_reached_is_of_another_run() {
    let feed = Feed::new(NonZeroUsize::MIN, "first");
    let Cursor { run, .. } = feed.since(None).cursor().unwrap();
    let batch = feed.since(Some(Cursor { run, seq: 2 }));
    assert!(batch.gap.as_ref().unwrap().restarted);
    assert_eq!(batch.samples.len(), 1);
}

#[test]
fn samples_are_shared_and_not_copied() {
    let feed = Feed::new(NonZeroUsize::MIN, "first");
    let [one, other] = [0, 1].map(|_| feed.since(None).samples[0].json.clone());
    assert_eq!(one.as_ptr(), other.as_ptr());
}

#[test]
fn a_batch_is_framed_once_for_all_that_ask_for_it() {
    static MADE: AtomicUsize = AtomicUsize::new(0);
    fn ids(batch: &Batch) -> Bytes {
        MADE.fetch_add(1, Ordering::Relaxed);
        let ids = batch.samples.iter().map(|sample| sample.id.to_string());
        ids.collect::<String>().into()
    }
    let feed = Feed::new(NonZeroUsize::new(9).unwrap(), "first");
    let newest = feed.since(None).cursor();
    let mut followers: Vec<_> = (0..9).map(|_| feed.follow(newest)).collect();
    let mut read = |expected: &[&str]| {
        for data in expected {
            feed.publish(data);
        }
        for follower in &mut followers {
            let batch = now(follower.next()).unwrap().unwrap();
            assert_eq!(batch.framed(ids), ids(&batch));
            assert_eq!(batch.samples.len(), expected.len());
            // Another function has bytes of its own.
            assert_eq!(batch.framed(|_| Bytes::from("other")), "other");
        }
        // The other calls are the comparison's.
        MADE.swap(0, Ordering::Relaxed) - followers.len()
    };
    assert_eq!(read(&["second"]), 1);
    assert_eq!(read(&["third", "fourth"]), 1, "those that fell behind alike");
    for _ in 0..9 {
        assert_eq!(feed.since(newest).framed(ids), ids(&feed.since(newest)));
    }
    assert_eq!(MADE.swap(0, Ordering::Relaxed) - 9, 1, "and those that poll");
}

#[test]
fn clients_are_woken_in_the_order_in_which_they_wait() {
    struct Order(usize, Arc<Mutex<Vec<usize>>>);
    impl Wake for Order {
        fn wake(self: Arc<Self>) {
            self.1.lock().unwrap().push(self.0);
        }
    }
    let feed = Feed::new(NonZeroUsize::MIN, "first");
    let (newest, order) = (feed.since(None).cursor(), Arc::default());
    let mut waiting: Vec<_> =
        (0..100).map(|_| Box::pin(feed.next(newest))).collect();
    for (number, future) in waiting.iter_mut().enumerate() {
        let waker = Arc::new(Order(number, Arc::clone(&order))).into();
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    feed.publish("second");
    assert!(order.lock().unwrap().iter().copied().eq(0..100));
}

#[test]
fn a_sample_wakes_each_waiting_client_once() {
    struct Count(AtomicUsize);
    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }
    let feed = Feed::new(NonZeroUsize::MIN, "first");
    let newest = feed.since(None).cursor();
    let wakes: Vec<_> = (0..100).map(|_| Arc::new(Count(0.into()))).collect();
    let mut waiting: Vec<_> =
        wakes.iter().map(|_| Box::pin(feed.next(newest))).collect();
    for (future, wake) in waiting.iter_mut().zip(&wakes) {
        let waker = wake.clone().into();
        assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
    }
    feed.publish("second");
    feed.publish("third");
    assert!(wakes.iter().all(|wake| wake.0.load(Ordering::Relaxed) == 1));
}

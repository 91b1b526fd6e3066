//! A reader is woken whatever happens between two of its steps; and a bug of that kind is
//! found.

use std::{
    pin::pin,
    sync::atomic::AtomicBool,
    task::{Context, Wake},
};

use super::*;

/// Says whether it was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A follower waits for what is after the newest sample, and `act` happens to the feed
/// before one of its steps: before the first, the second … and at last when it waits.
/// Returns before which it was not woken, and how many it has.
fn lost_wakes(
    act: fn(&Feed),
    next: impl AsyncFn(&mut Follower) -> Option<Arc<Batch>>,
) -> (Vec<usize>, usize) {
    let mut lost = Vec::new();
    for steps in 0.. {
        let feed = Feed::new(NonZeroUsize::MIN, "first");
        let mut follower = feed.follow(feed.since(None).cursor());
        let other_thread = feed.clone();
        let interleaved = sync::interleave(steps, move || act(&other_thread));
        let woken = Arc::new(Woken::default());
        let waker = woken.clone().into();
        let mut next = pin!(next(&mut follower));
        let answer = next.as_mut().poll(&mut Context::from_waker(&waker));
        let happened = interleaved();
        if !happened {
            assert!(answer.is_pending(), "nothing has happened yet");
            act(&feed);
        }
        if answer.is_pending() && !woken.0.load(Ordering::Relaxed) {
            lost.push(steps);
        } else if answer.is_pending() {
            let answer = next.poll(&mut Context::from_waker(&waker));
            assert!(answer.is_ready(), "woken for nothing");
        }
        if !happened {
            return (lost, steps);
        }
    }
    unreachable!("a reader that waits has a last step")
}

#[test]
fn a_reader_is_woken_whenever_a_sample_is_published_or_the_feed_closed() {
    for act in [|feed: &Feed| feed.publish("news"), Feed::close] {
        let (lost, steps) = lost_wakes(act, async |follower| follower.next().await);
        assert!(lost.is_empty(), "before {lost:?} of {steps} steps");
        assert!(
            steps >= 3,
            "subscribe, read, wait: the test does not see its steps"
        );
    }
}

#[test]
fn read_then_subscribe_is_found_out() {
    let late = async |follower: &mut Follower| {
        loop {
            let batch = follower.feed.since(follower.cursor);
            if !batch.is_empty() {
                return Some(batch);
            }
            follower.feed.0.news.notified().await;
        }
    };
    let (lost, _) = lost_wakes(|feed| feed.publish("news"), late);
    assert_eq!(lost, [1], "between reading and subscribing");
}

//! What a request of long polling costs while it waits: one wake for each sample, and
//! no timer afterwards.

use std::{
    num::NonZeroUsize,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Wake, Waker},
    time::Duration,
};

use feed::Feed;
use tokio::time::{advance, timeout};

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, SeqCst);
    }
}

#[tokio::test(start_paused = true)]
async fn a_waiter_is_woken_once_and_leaves_no_timer() {
    let feed = Feed::new(NonZeroUsize::MIN, "first");
    let hold = Duration::from_secs(30);
    for data in ["second", "third"] {
        let wakes = Arc::new(Counter::default());
        let waker = Waker::from(wakes.clone());
        let mut context = Context::from_waker(&waker);
        {
            // As long-poll's `answer` waits.
            let cursor = feed.since(None).cursor();
            let mut next = pin!(timeout(hold, feed.next(cursor)));
            assert!(next.as_mut().poll(&mut context).is_pending());
            feed.publish(data);
            assert_eq!(wakes.0.load(SeqCst), 1, "woken once");
            assert!(next.as_mut().poll(&mut context).is_ready());
        }
        assert_eq!(feed.followers(), 0, "nobody waits any more");
        advance(hold * 2).await;
        assert_eq!(wakes.0.load(SeqCst), 1, "and not by a timer later");
    }
}

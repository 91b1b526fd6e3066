//! The topic of the samples, to which the server alone publishes. They wait in the
//! feed, not in a queue for each client, and the newest is what is retained.

use bytes::Bytes;
use feed::{Batch, Feed, Follower};

use crate::{
    packets,
    sessions::Client,
    topics::{Filter, SAMPLES},
};

/// The samples for one client.
pub(crate) struct Samples {
    feed: Feed,
    /// Where the client is in the feed, while one of its filters matches the topic.
    /// Set by `subscribe`, unset by `unsubscribe`.
    follower: Option<Follower>,
}

impl Samples {
    /// For a client whose session may have asked for them before.
    pub(crate) fn new(feed: Feed, client: &Client) -> Self {
        let wanted = client.wants(SAMPLES);
        let follower = wanted.then(|| feed.follow(feed.since(None).cursor()));
        Self { feed, follower }
    }

    /// Begins, if one of these filters matches, and there was room for it: returns
    /// the newest, as what is retained.
    pub(crate) fn subscribe(
        &mut self,
        filters: &[Filter],
        client: &Client,
    ) -> Vec<Bytes> {
        let asked = filters.iter().any(|filter| filter.matches(SAMPLES));
        if !asked || !client.wants(SAMPLES) {
            return Vec::new();
        }
        let newest = self.feed.since(None);
        let follow = || self.feed.follow(newest.cursor());
        self.follower.get_or_insert_with(follow);
        encode(&newest, true)
    }

    /// Ends, unless another filter matches.
    pub(crate) fn unsubscribe(&mut self, client: &Client) {
        self.follower.take_if(|_| !client.wants(SAMPLES));
    }

    /// Waits for the next ones; `None` at shutdown. MQTT has nothing that says how
    /// many were missed before. Cancel safe.
    pub(crate) async fn next(&mut self) -> Option<Vec<Bytes>> {
        match &mut self.follower {
            Some(follower) => Some(encode(&*follower.next().await?, false)),
            None => {
                self.feed.closed().await;
                None
            }
        }
    }
}

fn encode(batch: &Batch, is_retained: bool) -> Vec<Bytes> {
    let packet =
        |json: &str| packets::publish(SAMPLES, json.as_bytes(), is_retained);
    batch.samples.iter().map(|sample| packet(&sample.json)).collect()
}

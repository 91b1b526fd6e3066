//! Where the broker is, and how a server gets its feed from there.

use std::{fmt, num::NonZeroUsize, time::Duration};

use feed::Feed;
use redis::{Client, RedisResult};
use tokio::{select, spawn, time::sleep};
use tracing::debug;

use crate::{
    outage::Outage,
    publisher::Publisher,
    replica::{first_samples, follow},
    stream::{Address, Stream},
};

/// How long until a server tries again to reach the broker.
const RETRY_INTERVAL: Duration = Duration::from_millis(250);

/// How long a server that has just started does not publish: a broker that has lost its log
/// is found out meanwhile, by servers that knew it.
const PUBLISH_DELAY: Duration = Duration::from_millis(500);

/// A broker's URL is none. What came is not repeated: it may have a password in it.
#[derive(Debug, thiserror::Error)]
#[error(
    "this is no URL of a broker: expected redis://HOST:PORT/, or with a password \
     redis://:PASSWORD@HOST:PORT/"
)]
pub struct InvalidUrl;

/// A broker, as one server sees it.
#[derive(Clone)]
pub struct Broker {
    address: Address,
    /// The name under which this server takes the lease.
    name: String,
}

/// As it is logged: the host and the port.
impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

impl Broker {
    /// The broker at a URL. Nothing is connected yet.
    ///
    /// # Errors
    /// When it is no such URL.
    pub fn new(url: &str) -> Result<Self, InvalidUrl> {
        let client = Client::open(url).map_err(|_| InvalidUrl)?;
        // On another machine, another server may have the same process id.
        let name = format!("{}-{:08x}", std::process::id(), rand::random::<u32>());
        Ok(Self { address: Address(client), name })
    }

    /// Returns this server's copy of the feed, with at most `keep` samples, as soon as there
    /// is one. A broker that has none is given this `first` one. While the broker is away,
    /// the log says so, and it is tried again.
    ///
    /// Until the feed is closed, it is filled; and what it is given to publish is published,
    /// if this is the server with the lease. Needs a Tokio runtime.
    pub async fn feed(&self, keep: NonZeroUsize, first: &str) -> Feed {
        let mut outage = Outage::new(&self.address);
        let (oldest, later) = loop {
            match first_samples(&self.address, &self.name, keep, first).await {
                Ok(samples) => break samples,
                Err(error) => outage.begin(&error),
            }
            sleep(RETRY_INTERVAL).await;
        };
        outage.end();
        let (feed, outbox) = Feed::replica(keep, oldest);
        feed.append(later);
        self.spawn_filling(feed.clone(), keep, outage);
        self.spawn_publishing(Publisher {
            address: self.address.clone(),
            name: self.name.clone(),
            feed: feed.clone(),
            outbox,
            keep,
            lease: None,
            newest: None,
        });
        feed
    }

    fn spawn_filling(&self, feed: Feed, keep: NonZeroUsize, mut outage: Outage) {
        let address = self.address.clone();
        spawn(async move {
            let fill = async {
                loop {
                    let Err(error) =
                        follow(&address, &feed, keep, &mut outage).await;
                    outage.begin(&error);
                    sleep(RETRY_INTERVAL).await;
                }
            };
            select! {
                () = fill => {}
                () = feed.closed() => {}
            }
        });
    }

    fn spawn_publishing(&self, mut publisher: Publisher) {
        let feed = publisher.feed.clone();
        spawn(async move {
            sleep(PUBLISH_DELAY).await;
            let publish = async {
                loop {
                    // The outage is in the log already.
                    let Err(error) = publisher.run().await;
                    debug!(%error, "nothing is published from here");
                    sleep(RETRY_INTERVAL).await;
                }
            };
            select! {
                () = publish => {}
                () = feed.closed() => {}
            }
        });
    }

    /// The number of the process that publishes, if one does.
    ///
    /// # Errors
    /// When the broker is away.
    pub async fn publisher(&self) -> RedisResult<Option<u32>> {
        let name = Stream::connect(&self.address).await?.publisher().await?;
        Ok(name.and_then(|name| name.split('-').next()?.parse().ok()))
    }
}

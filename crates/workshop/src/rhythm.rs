use std::{sync::Arc, time::Duration};

use feed::Random;
use tokio::{select, sync::watch, time::sleep};

use crate::hub::Hub;

/// When samples are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rhythm {
    /// None comes by itself.
    pub(crate) paused: bool,
    /// Mean time between two.
    pub(crate) every: Duration,
    /// So many were asked for by hand.
    pub(crate) asked: u64,
}

/// Publishes at random, as the presenter says, until the feed is closed.
pub(crate) async fn publish(hub: Arc<Hub>, mut random: Random) {
    let mut rhythm: watch::Receiver<Rhythm> = hub.rhythm.subscribe();
    let mut published = 0;
    loop {
        let Rhythm { paused, every, asked } = *rhythm.borrow_and_update();
        while published < asked {
            hub.feed.publish(&random.data());
            published += 1;
        }
        hub.changed();
        select! {
            () = hub.feed.closed() => return,
            // The sender is the hub's, and lives as long as we do.
            _ = rhythm.changed() => {}
            () = sleep(random.pause(every)), if !paused => {
                hub.feed.publish(&random.data());
            }
        }
    }
}

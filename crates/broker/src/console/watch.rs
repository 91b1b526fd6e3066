//! What the page is told of the cluster: looked at a few times a second.

use std::{
    future::Future,
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use broker::{
    Broker,
    cluster::{Cluster, Member, State},
};
use serde::Serialize;
use tokio::{
    select,
    sync::watch,
    time::{MissedTickBehavior, interval, timeout},
};

/// How often the processes are looked at.
const LOOK_INTERVAL: Duration = Duration::from_millis(200);

/// How long the broker may take to say who publishes.
const BROKER_TIMEOUT: Duration = Duration::from_millis(500);

/// A process, as the page is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct MemberMessage {
    name: Member,
    state: State,
    /// Host and port, the first of its ports.
    at: String,
    /// The number of its process.
    process: Option<u32>,
    /// Whether it has the lease of the publisher.
    publishes: bool,
}

/// Looks at a cluster.
pub(super) struct Watch {
    cluster: Arc<Mutex<Cluster>>,
    broker: Broker,
    state: watch::Sender<Vec<MemberMessage>>,
}

impl Watch {
    pub(super) fn new(cluster: Arc<Mutex<Cluster>>, broker: Broker) -> Self {
        Self { cluster, broker, state: watch::Sender::default() }
    }

    /// What there is, and each change of it, until the watch ends.
    pub(super) fn subscribe(&self) -> watch::Receiver<Vec<MemberMessage>> {
        self.state.subscribe()
    }

    /// Looks until `shutdown` is ready.
    pub(super) async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        let mut ticks = interval(LOOK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            select! {
                () = &mut shutdown => return,
                _ = ticks.tick() => {}
            }
            let members = self.look().await;
            self.state.send_if_modified(|state| {
                let changed = *state != members;
                *state = members;
                changed
            });
        }
    }

    async fn look(&self) -> Vec<MemberMessage> {
        let publisher = timeout(BROKER_TIMEOUT, self.broker.publisher()).await;
        let publisher = publisher.ok().and_then(Result::ok).flatten();
        let mut cluster =
            self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        let states = cluster.states().into_iter();
        let message = |state: broker::cluster::MemberState| MemberMessage {
            name: state.member,
            state: state.state,
            at: state.address.to_string(),
            process: state.process,
            publishes: publisher.is_some() && publisher == state.process,
        };
        states.map(message).collect()
    }
}

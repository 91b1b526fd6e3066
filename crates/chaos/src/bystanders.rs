//! Clients that do nothing wrong, and must not feel what others do.

use std::{net::SocketAddr, rc::Rc, time::Duration};

use bench::client::Protocol;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    delivery::DeliveryChecker,
    error::Error,
    follower::{follow, settle},
};

/// Clients that must miss nothing.
pub(crate) struct Bystanders {
    pub(crate) checker: Rc<DeliveryChecker>,
    tasks: JoinSet<()>,
    server: SocketAddr,
}

impl Bystanders {
    /// So many, with the techniques in turn.
    pub(crate) fn enter(
        server: SocketAddr,
        count: usize,
        protocols: &[Protocol],
    ) -> Self {
        let checker = Rc::<DeliveryChecker>::default();
        let mut tasks = JoinSet::new();
        for number in 0..count {
            let protocol = protocols[number % protocols.len()];
            tasks.spawn_local(follow(checker.clone(), protocol, number, server));
        }
        Self { checker, tasks, server }
    }

    /// How many samples they all have together, from now on for so long.
    pub(crate) async fn count_for(&self, time: Duration) -> u64 {
        let all = || {
            let each = Protocol::ALL
                .map(|protocol| self.checker.sum(protocol, |c| c.received));
            each.iter().sum::<u64>()
        };
        let before = all();
        sleep(time).await;
        all() - before
    }

    /// The same, in a second.
    pub(crate) async fn rate(&self, time: Duration) -> f64 {
        let start = Instant::now();
        self.count_for(time).await as f64 / start.elapsed().as_secs_f64()
    }

    /// What they say so far: nothing, if each had samples, all of them, over the one
    /// connection that it began with. Some are too slow for what is published: they
    /// `may_miss` samples, if they are told.
    pub(crate) fn complaints(&self, may_miss: bool) -> Vec<String> {
        let mut complaints = self.checker.violations();
        for (protocol, number, client) in self.checker.clients() {
            let missed = client.announced > 0 && !may_miss;
            let disturbed = client.attempts != 1 || client.restarts > 0;
            if missed || disturbed || client.received == 0 {
                complaints.push(format!("{protocol} {number}: {client:?}"));
            }
        }
        complaints.truncate(5);
        complaints
    }

    /// What they say in the end, when all have caught up.
    pub(crate) async fn leave(mut self) -> Result<Vec<String>, Error> {
        settle(&self.checker, self.server).await?;
        self.tasks.shutdown().await;
        Ok(self.complaints(false))
    }
}

/// What bystanders complain of, as lines below what was seen.
pub(crate) fn lines(complaints: &[String]) -> String {
    complaints.iter().map(|line| format!("\n    {line}")).collect()
}

//! Whether news wakes the clients that wait for it.

use std::{
    cell::RefCell,
    collections::HashSet,
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    time::Duration,
};

use bench::client::{Connection, Event, Protocol, Sample};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    error::Error,
    five::start_five,
    follower::between,
    outcome::{Outcome, judge},
};

/// How many wait.
const CLIENTS: usize = 20;

/// Whether each request that waits is answered with the very next sample. One that is not
/// woken is answered with the next two, while others had the first alone; or never.
pub(crate) async fn wakes(
    bug: Option<&str>,
    time: Duration,
) -> Result<Outcome, Error> {
    let mut flags = vec!["--every", "100ms"];
    if let Some(bug) = bug {
        flags.extend(["--plant", bug]);
    }
    let server = start_five(&flags)?;
    let seen = Rc::<RefCell<Waits>>::default();
    let mut tasks = JoinSet::new();
    for _ in 0..CLIENTS {
        tasks.spawn_local(wait_again_and_again(server.address, seen.clone()));
    }
    tasks.spawn_local(async move {
        sleep(time).await;
        Ok(())
    });
    // The first that ends is the clock, or one that failed.
    if let Some(first) = tasks.join_next().await {
        first??;
    }
    let seen = seen.borrow();
    let late = seen.late.intersection(&seen.alone).count();
    // A client that was away for a moment is answered at once or soon: as often as samples come.
    // The half of it leaves room for a busy machine.
    let samples = seen.alone.iter().max().zip(seen.alone.iter().min());
    let samples = samples.map_or(0, |(newest, first)| newest - first);
    let expected = samples * CLIENTS as u64 / 2;
    let text = format!(
        "{} requests of long polling held until there was news, at least {expected} \
         expected; {late} samples did not wake all of them",
        seen.answers
    );
    // A server that is paused while it wakes its clients does that, too.
    judge(late <= 3 && samples > 10 && seen.answers >= expected, text)
}

#[derive(Default)]
struct Waits {
    answers: u64,
    /// Samples that came alone.
    alone: HashSet<u64>,
    /// Samples that came with the one after them, long after they were there.
    late: HashSet<u64>,
}

impl Waits {
    /// Takes down what came for a request, and when that was sent.
    fn note(&mut self, asked: u64, samples: &[Sample]) {
        self.answers += 1;
        match samples {
            [one] => {
                self.alone.insert(one.id.seq);
            }
            [one, two, ..] if asked < one.at && one.at + 40 < two.at => {
                self.late.insert(one.id.seq);
            }
            _ => {}
        }
    }
}

async fn wait_again_and_again(
    server: SocketAddr,
    seen: Rc<RefCell<Waits>>,
) -> Result<(), Error> {
    let mut connection =
        Connection::open(Protocol::LongPoll, server, Ipv4Addr::LOCALHOST).await?;
    let mut last = None;
    loop {
        let asked = feed::unix_millis();
        connection.ask(last).await?;
        let (mut samples, mut ended) = (Vec::new(), false);
        while !ended {
            let read = connection.read(|event| match event {
                Event::Sample(sample) => samples.push(sample),
                Event::End => ended = true,
                _ => {}
            });
            if !read.await? {
                return Err(bench::Error::Closed.into());
            }
        }
        seen.borrow_mut().note(asked, &samples);
        last = samples.last().map(|sample| sample.id).or(last);
        sleep(between(0..120)).await;
    }
}

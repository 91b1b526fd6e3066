//! Several servers on one broker, behind nginx, under load: each of them is killed, the one
//! that publishes too, or paused for longer than its lease; so are the broker and nginx. Rules 1
//! to 4 of [`delivery`](crate::delivery) hold at all five, and no sample is missed.

use std::{rc::Rc, time::Duration};

use bench::{Stop, client::Protocol, progress, progress_done};
use broker::{
    Broker,
    cluster::{Cluster, Member, Options, Ports, State},
};
use machine::{Program, Signal};
use rand::RngExt;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    delivery::DeliveryChecker,
    error::Error,
    follower::{between, follow, settle},
    outcome::{Outcome, judge, not_tried},
};

/// How many servers there are.
const SERVERS: usize = 3;

/// Clients of each technique.
const CLIENTS_EACH: usize = 4;

/// How long the publisher is paused: longer than its lease, so that two servers believe that
/// they may publish.
const PAUSE_MILLIS: std::ops::Range<u64> = 1300..1800;

/// How the servers run. What they would say is expected.
const FLAGS: [&str; 3] = ["--every=10ms", "--heartbeat=1s", "--log=off"];

/// What happens, in turn.
#[derive(Debug, Clone, Copy)]
enum Fault {
    KillServer,
    KillPublisher,
    PausePublisher,
    KillBroker,
    KillProxy,
}

const FAULTS: [Fault; 5] = [
    Fault::KillServer,
    Fault::KillPublisher,
    Fault::KillBroker,
    Fault::PausePublisher,
    Fault::KillProxy,
];

/// The chaos, for so long. A broker that is not `persistent` forgets everything when it is
/// killed, and that has to be announced; else nothing has to.
pub(crate) async fn cluster(
    persistent: bool,
    time: Duration,
    stop: Stop,
) -> Result<Outcome, Error> {
    let options = Options {
        servers: SERVERS,
        host: std::net::Ipv4Addr::LOCALHOST.into(),
        ports: Ports::free()?,
        persistent,
        server_flags: FLAGS.map(Into::into).to_vec(),
    };
    let mut cluster = Cluster::start(&Program::beside_this("broker")?, &options)?;
    cluster.wait_until_up()?;
    let checker = Rc::<DeliveryChecker>::default();
    let mut tasks = JoinSet::new();
    let addresses = cluster.addresses();
    for (protocol, address) in Protocol::ALL.into_iter().zip(addresses) {
        for number in 0..CLIENTS_EACH {
            tasks.spawn_local(follow(checker.clone(), protocol, number, address));
        }
    }
    let begin = Instant::now();
    let mut counts = [0; FAULTS.len()];
    for place in (0..FAULTS.len()).cycle() {
        // Each once, also in a short run.
        let early = counts[place] == 0;
        if *stop.borrow() || begin.elapsed() >= time && !early {
            break;
        }
        sleep(between(100..400)).await;
        fault(&mut cluster, FAULTS[place]).await?;
        counts[place] += 1;
        progress(&format!(
            "chaos: {} faults, {} kinds of violations",
            counts.iter().sum::<u32>(),
            checker.violations().len()
        ));
    }
    let lasted = begin.elapsed();
    settle(&checker, addresses[0]).await?;
    progress_done();
    tasks.abort_all();
    cluster.end();
    verdict(&checker, counts, lasted, persistent, *stop.borrow())
}

/// Does it, and makes good for it.
async fn fault(cluster: &mut Cluster, fault: Fault) -> Result<(), Error> {
    let random = Member::Server(rand::rng().random_range(1..=SERVERS));
    let member = match fault {
        Fault::KillServer => random,
        Fault::KillPublisher | Fault::PausePublisher => {
            let url = cluster.url();
            let publisher = Broker::new(&url)?.publisher().await.ok().flatten();
            let states = cluster.states();
            let mut found = states.iter().filter(|state| state.process == publisher);
            found.next().map_or(random, |state| state.member)
        }
        Fault::KillBroker => Member::Broker,
        Fault::KillProxy => Member::Proxy,
    };
    if matches!(fault, Fault::PausePublisher) {
        cluster.process(member)?.signal(Signal::Stop)?;
        sleep(between(PAUSE_MILLIS)).await;
        cluster.process(member)?.signal(Signal::Continue)?;
    } else {
        cluster.kill(member)?;
        sleep(between(50..600)).await;
        cluster.run(member)?;
    }
    // One at a time: a client has always a server to go to.
    while cluster.states().iter().any(|state| state.state != State::Running) {
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// What was done, what was seen, and whether it held.
fn verdict(
    checker: &DeliveryChecker,
    counts: [u32; FAULTS.len()],
    lasted: Duration,
    persistent: bool,
    stopped: bool,
) -> Result<Outcome, Error> {
    let [servers, publishers, brokers, pauses, proxies] = counts;
    let mut text = format!(
        "{:.0} s, {SERVERS} servers; killed: any server {servers} times, the publisher \
         {publishers}, the broker {brokers}, nginx {proxies}; the publisher paused {pauses} \
         times",
        lasted.as_secs_f64(),
    );
    let mut wrong = checker.violations();
    for protocol in Protocol::ALL {
        let [received, missed, restarts, attempts] = [
            checker.sum(protocol, |client| client.received),
            checker.sum(protocol, |client| client.announced),
            checker.sum(protocol, |client| client.restarts),
            checker.sum(protocol, |client| client.attempts),
        ];
        text += &format!(
            "\n    {protocol:<11}  {received} samples, {missed} announced as missed, \
             {restarts} restarts, over {attempts} connections",
        );
        // A client may have been away during one restart, and is told of both as one.
        let told = if persistent { restarts == 0 } else { restarts > 0 };
        if received == 0 || missed > 0 || !told {
            wrong.push(format!("{protocol}: that is not what had to be announced"));
        }
    }
    text.extend(wrong.iter().map(|line| format!("\n    {line}")));
    match wrong.is_empty() {
        true if stopped => not_tried(format!("not all of it, interrupted: {text}")),
        true => judge(true, format!("{text}\n    0 missed, 0 violations")),
        false => judge(false, text),
    }
}

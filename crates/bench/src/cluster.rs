//! What a broker costs, and what more servers on it do: the same clients on one server with its
//! samples in memory, then spread over one, two and four servers on Redis.
//!
//! ```text
//!  clients, in turn ─┬─► server 1 ◄─┐
//!                    ├─► server 2 ◄─┼─ Redis
//!                    └─► …          ┘
//! ```

use std::{
    fs::File,
    io::Write as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use machine::{Program, ServerProcess, shield_from_ctrl_c, thread_cpu_time};
use stage::{TempFolder, print_line};
use tokio::{
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    bars,
    client::Protocol,
    cluster_record::ClusterRecord,
    crowd::Crowd,
    error::Error,
    interrupt::Stop,
    measure::catch_up,
    progress::progress_done,
    report::{grid, millis},
    subject::{Plan, Subject},
    tally::Sums,
};

/// How many servers there are in each run on the broker.
const SERVERS: [usize; 3] = [1, 2, 4];

/// How long servers may take until they publish.
const FLOW_TIMEOUT: Duration = Duration::from_secs(5);

/// A Redis of its own, and the folder that it runs in.
struct Broker {
    process: ServerProcess,
    /// Removed after the process has ended.
    _folder: TempFolder,
}

impl Broker {
    fn start() -> Result<Self, Error> {
        // Free now: nothing else here takes a port in between.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        drop(listener);
        let folder = TempFolder::new("bench-broker")?;
        let mut command = Command::new("redis-server");
        command.args(["--bind", "127.0.0.1", "--save", "", "--port"]);
        command.arg(address.port().to_string()).arg("--dir").arg(folder.path());
        let process =
            ServerProcess::start_at(shield_from_ctrl_c(&mut command), address)?;
        Ok(Self { process, _folder: folder })
    }
}

/// Measures all runs of each technique, and prints what came of it. Returns whether every
/// sample came once.
pub(crate) async fn cluster(
    protocols: &[Protocol],
    plan: &Plan,
    plot: Option<PathBuf>,
    json: bool,
    stop: &mut Stop,
) -> Result<bool, Error> {
    let plot = plot.map(|path| {
        File::create(&path).map_err(|source| Error::File { path, source })
    });
    let (mut plot, mut all) = (plot.transpose()?, Vec::new());
    for &protocol in protocols {
        let mut records = Vec::new();
        for servers in [None].into_iter().chain(SERVERS.map(Some)) {
            if let Some(record) = run(protocol, servers, plan, stop).await? {
                records.push(record);
            }
        }
        progress_done();
        for record in records.iter().filter(|_| json) {
            print_line(&serde_json::to_string(record)?);
        }
        if !json {
            table(protocol, &records);
        }
        all.extend(records);
    }
    if let Some(file) = &mut plot {
        file.write_all(bars::svg(&all).as_bytes())?;
    }
    Ok(all.iter().all(|record| record.missed == 0 && record.duplicated == 0))
}

/// A demo, or the same on a broker.
fn subject(protocol: Protocol, broker: Option<&Broker>) -> Result<Subject, Error> {
    let Some(broker) = broker else { return Subject::demo(protocol) };
    let url = format!("redis://{}/", broker.process.address);
    let program = Program::beside_this("broker")?;
    Ok(Subject::of(protocol, program.with(["--broker", &url, protocol.name()])))
}

/// One run. Nothing, when it was stopped.
async fn run(
    protocol: Protocol,
    servers: Option<usize>,
    plan: &Plan,
    stop: &mut Stop,
) -> Result<Option<ClusterRecord>, Error> {
    if *stop.borrow() {
        return Ok(None);
    }
    let broker = servers.map(|_| Broker::start()).transpose()?;
    let subject = subject(protocol, broker.as_ref())?;
    let processes = (0..servers.unwrap_or(1)).map(|_| subject.start(plan.every));
    let processes = processes.collect::<Result<Vec<_>, _>>()?;
    let addresses: Vec<SocketAddr> = processes.iter().map(|p| p.address).collect();
    let (crowd, mut clients) = (Crowd::new(plan.clients)?, JoinSet::new());
    let entered =
        crowd.enter(&mut clients, &subject, &addresses, plan, stop).await?;
    if entered.is_none() {
        return Ok(None);
    }
    flow(&crowd, plan).await?;
    let cpu = || -> Result<[Duration; 3], Error> {
        let servers = processes.iter().map(ServerProcess::cpu);
        let servers = servers.sum::<Result<Duration, _>>()?;
        let broker =
            broker.as_ref().map(|broker| broker.process.cpu()).transpose()?;
        Ok([servers, broker.unwrap_or_default(), thread_cpu_time()?])
    };
    let (before, start) = (cpu()?, Instant::now());
    let (grown, published) = observe(&crowd, plan, stop).await?;
    let seconds = start.elapsed().as_secs_f64();
    let after = cpu()?;
    let spent = [0, 1, 2].map(|who| (after[who] - before[who]).as_secs_f64());
    let left = catch_up(&crowd, plan).await;
    clients.shutdown().await;
    let [servers_cpu, broker_cpu, own_cpu] = spent;
    let tally = crowd.tally.borrow();
    Ok(Some(ClusterRecord {
        technique: protocol,
        servers_on_broker: servers,
        clients: plan.clients,
        delivered_per_second: grown.delivered as f64 / seconds,
        missed: tally.missed + left,
        duplicated: tally.duplicated,
        latency_p50: tally.latency.value_at_quantile(0.5),
        latency_p99: tally.latency.value_at_quantile(0.99),
        cpu_per_sample: servers_cpu * 1e6 / grown.delivered.max(1) as f64,
        broker_cpu_per_published: broker_cpu * 1e6 / published.max(1) as f64,
        broker_busy: broker_cpu / seconds,
        bench_busy: own_cpu / seconds,
    }))
}

/// Waits until samples come: servers that have just started do not publish at once.
async fn flow(crowd: &Crowd, plan: &Plan) -> Result<(), Error> {
    let (start, first) = (Instant::now(), crowd.tally.borrow().newest);
    while crowd.tally.borrow().newest == first {
        let seconds = start.elapsed().as_secs_f64();
        if start.elapsed() > FLOW_TIMEOUT + plan.every * 2 {
            return Err(Error::NoSample { seconds });
        }
        sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}

/// Measures for as long as planned, or until it is stopped. Returns what clients were given,
/// and how many samples were published.
async fn observe(
    crowd: &Crowd,
    plan: &Plan,
    stop: &mut Stop,
) -> Result<(Sums, u64), Error> {
    let (sums, first) = {
        let mut tally = crowd.tally.borrow_mut();
        tally.measuring = true;
        (tally.sums, tally.newest)
    };
    let _ = timeout(plan.time, stop.changed()).await;
    crowd.check()?;
    let mut tally = crowd.tally.borrow_mut();
    tally.measuring = false;
    Ok((tally.sums - sums, tally.newest - first))
}

/// A column a run.
fn table(protocol: Protocol, records: &[ClusterRecord]) {
    type Row = (&'static str, fn(&ClusterRecord) -> String);
    const ROWS: [Row; 8] = [
        ("samples delivered a second", |r| format!("{:.0}", r.delivered_per_second)),
        ("  missed, duplicated", |r| format!("{}, {}", r.missed, r.duplicated)),
        ("latency p50, ms", |r| millis(r.latency_p50)),
        ("  p99", |r| millis(r.latency_p99)),
        ("servers' CPU, µs a sample", |r| format!("{:.2}", r.cpu_per_sample)),
        ("Redis' CPU, µs a published sample", |r| {
            format!("{:.0}", r.broker_cpu_per_published)
        }),
        ("core used by Redis", |r| format!("{:.1} %", r.broker_busy * 100.0)),
        ("  by the bench", |r| format!("{:.0} %", r.bench_busy * 100.0)),
    ];
    print_line(&format!("\n{protocol}"));
    let heads: Vec<_> = records.iter().map(ClusterRecord::name).collect();
    let rows = ROWS
        .iter()
        .map(|(name, read)| (name.to_string(), records.iter().map(read).collect()));
    grid(&heads, rows.collect());
}

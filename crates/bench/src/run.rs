//! A run of the bench, from its flags to its last table.

use std::{fs::File, io::Write as _, path::PathBuf};

use stage::{print_error, print_line};

use crate::{
    client::Protocol,
    cluster::cluster,
    drawing::draw,
    error::Error,
    files::files_for,
    interrupt::Stop,
    interrupt::interrupted,
    measure::measure,
    peers, plot,
    progress::progress_done,
    record::Record,
    report,
    subject::{Plan, Subject},
};

/// What is measured besides the demos.
#[derive(Debug)]
pub enum Task {
    /// Nothing: a table of the demos.
    Demos,
    /// People who draw on the gallery's whiteboard.
    Whiteboard,
    /// Other servers, so many rounds.
    Peers {
        /// How many turns each server has.
        rounds: usize,
    },
    /// One server, and then several on a broker.
    Cluster {
        /// Where to draw it.
        plot: Option<PathBuf>,
    },
    /// The demos with different numbers of clients.
    Sweep {
        /// The numbers.
        clients: Vec<usize>,
        /// Where to draw it.
        plot: Option<PathBuf>,
    },
}

/// Measures, and prints what came of it, with `json` an object a run. Returns whether all
/// was as it must be.
///
/// # Errors
/// When nothing can be measured: no files, no peers, no place for the plot.
pub async fn run(
    protocols: &[Protocol],
    plan: &Plan,
    task: Task,
    json: bool,
) -> Result<bool, Error> {
    let mut stop = interrupted()?;
    let most = match &task {
        Task::Sweep { clients, .. } => clients.iter().copied().max(),
        _ => Some(plan.clients),
    };
    let files = files_for(most.unwrap_or(0) as u64)?;
    let apart = machine::leave_first_core();
    if !json {
        print_line(&format!("up to {files} files may be open: one a client"));
        print_line(match apart {
            true => "the server has the first core alone, the clients the others",
            false => "server and clients share the cores: times are not comparable",
        });
    }
    match task {
        Task::Demos => {
            let (records, whole) = demos(protocols, plan, json, &mut stop).await?;
            if !json && !records.is_empty() {
                report::table(&records);
            }
            Ok(whole)
        }
        Task::Whiteboard => draw(plan, json, &mut stop).await,
        Task::Peers { rounds } => {
            peers::compare(protocols, plan, rounds, json, &mut stop).await
        }
        Task::Cluster { plot } => {
            cluster(protocols, plan, plot, json, &mut stop).await
        }
        Task::Sweep { clients, plot } => {
            sweep(protocols, plan, &clients, plot, json, &mut stop).await
        }
    }
}

/// Measures the demos with each number of clients.
async fn sweep(
    protocols: &[Protocol],
    plan: &Plan,
    clients: &[usize],
    plot: Option<PathBuf>,
    json: bool,
    stop: &mut Stop,
) -> Result<bool, Error> {
    // Now, so that a name that can't be written to does not cost all that follows.
    let plot = plot.map(|path| {
        File::create(&path).map_err(|source| Error::File { path, source })
    });
    let mut plot = plot.transpose()?;
    let (mut records, mut whole) = (Vec::new(), true);
    for &clients in clients {
        let plan = Plan { clients, ..plan.clone() };
        let (measured, complete) = demos(protocols, &plan, json, stop).await?;
        records.extend(measured);
        whole &= complete;
    }
    if let Some(file) = &mut plot {
        file.write_all(plot::svg(protocols, &records).as_bytes())?;
    }
    Ok((json || plot::print(protocols, &records)) && whole)
}

/// Measures the demos, one after another. What can't be measured is told, and left out.
/// Returns whether each sample came once.
async fn demos(
    protocols: &[Protocol],
    plan: &Plan,
    json: bool,
    stop: &mut Stop,
) -> Result<(Vec<Record>, bool), Error> {
    let (mut records, mut whole) = (Vec::new(), true);
    for &protocol in protocols {
        if *stop.borrow() {
            break;
        }
        match measure(&Subject::demo(protocol)?, plan, stop).await {
            Ok(Some(record)) => {
                whole &= record.is_whole();
                if json {
                    print_line(&serde_json::to_string(&record)?);
                }
                records.push(record);
            }
            Ok(None) => {}
            Err(error) => {
                progress_done();
                let clients = plan.clients;
                let text = format!("{protocol}, {clients} clients: {error}");
                print_error("bench", &text);
                whole = false;
            }
        }
    }
    progress_done();
    Ok((records, whole))
}

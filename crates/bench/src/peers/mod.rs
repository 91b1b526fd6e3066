//! The same samples from other servers, in the same run: the ratio is what counts.
//!
//! | peer | what it is |
//! |---|---|
//! | floor | one loop that writes bytes to every socket, and knows no HTTP |
//! | tokio | the same with a task for each socket |
//! | axum | `peers/axum`, as axum's examples would have it |
//! | node | `peers/node`: Express and ws |
//! | go | `peers/go`: net/http, if this machine has Go |
//!
//! Absolute times differ from machine to machine and from minute to minute; so the
//! servers take turns, back and forth (A B C, C B A …), so that what changes slowly favours
//! none, and each is compared with the others of the same turn.

mod build;
mod table;
mod targets;
mod turn;

use machine::Program;
use stage::print_error;

use crate::{
    client::Protocol,
    error::Error,
    interrupt::Stop,
    measure::measure,
    progress::progress_done,
    record::Record,
    subject::{OURS, Plan, Subject},
};
use turn::Turn;

/// Measures all of `protocols` on all servers, `rounds` times in turn, and prints what
/// came of it. What can't be measured is told, and left out. Returns whether all was
/// measured, each sample came once, and the targets were met (with `json`, those are the
/// reader's to judge).
///
/// # Errors
/// When the servers to compare with can't be built.
pub(crate) async fn compare(
    protocols: &[Protocol],
    plan: &Plan,
    rounds: usize,
    json: bool,
    stop: &mut Stop,
) -> Result<bool, Error> {
    let axum = build::axum()?;
    let mut peers = vec![("axum", axum)];
    let mut whole = true;
    let others = [("node", build::node().map(Some)), ("go", build::go())];
    for (name, program) in others {
        match program {
            Ok(program) => peers.extend(program.map(|program| (name, program))),
            Err(error) => {
                print_error("bench", &error);
                whole = false;
            }
        }
    }
    let mut turns = Vec::new();
    'rounds: for round in 0..rounds {
        for &protocol in protocols {
            let mut subjects = subjects(protocol, &peers)?;
            if round % 2 == 1 {
                subjects.reverse();
            }
            let (records, measured) = take_turn(&subjects, plan, stop).await;
            let turn = Turn { protocol, records };
            if json {
                turn.print()?;
            }
            whole &= measured && turn.of(OURS).is_none_or(Record::is_whole);
            turns.push(turn);
            if *stop.borrow() {
                break 'rounds;
            }
        }
    }
    let met = json || table::print(protocols, &turns);
    Ok(met && whole && !*stop.borrow())
}

/// All servers of a technique.
fn subjects(
    protocol: Protocol,
    peers: &[(&'static str, Program)],
) -> Result<Vec<Subject>, Error> {
    let bare = |name| {
        let program = Program::this()?.with(["--serve", name]);
        Ok::<_, Error>(Subject { name, protocol: Protocol::Bare, program })
    };
    let mut subjects =
        vec![bare("floor")?, bare("tokio")?, Subject::demo(protocol)?];
    subjects.extend(peers.iter().map(|(name, program)| {
        let program = program.clone();
        Subject { name, protocol, program }
    }));
    Ok(subjects)
}

/// Measures them one right after the other. Returns whether all could be measured.
async fn take_turn(
    subjects: &[Subject],
    plan: &Plan,
    stop: &mut Stop,
) -> (Vec<Record>, bool) {
    let (mut records, mut measured) = (Vec::new(), true);
    for subject in subjects {
        match measure(subject, plan, stop).await {
            Ok(record) => records.extend(record),
            Err(error) => {
                progress_done();
                let (name, protocol) = (subject.name, subject.protocol);
                print_error("bench", &format!("{name} {protocol}: {error}"));
                measured = false;
            }
        }
    }
    (records, measured)
}

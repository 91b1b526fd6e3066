//! `kill -9` of `broker cluster`, which can end nothing then of what it has started.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "for tests")]

use std::{fs, net::TcpStream, process::Command};

use testkit::{Process, Signal, wait_until};

/// Whether a process runs: one that has ended has no arguments any more.
fn runs(id: &str) -> bool {
    fs::read(format!("/proc/{id}/cmdline")).is_ok_and(|it| !it.is_empty())
}

#[test]
fn the_processes_of_a_cluster_end_when_the_program_that_started_them_is_killed() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_broker"));
    // nginx listens at this address alone.
    command.args(["cluster", "2", "--base-port", "0", "--host", "127.0.0.2"]);
    let (cluster, banner) = Process::start(&mut command);
    let lines: Vec<_> =
        banner.take_while(|line| !line.contains("five ports")).collect();
    let process = |line: &String| line.split_once("process ").map(|it| it.1.into());
    let processes: Vec<String> = lines.iter().filter_map(process).collect();
    assert_eq!(processes.len(), 4, "broker, two servers and nginx: {lines:?}");
    assert!(processes.iter().all(|id| runs(id)), "{processes:?}");
    let page = cluster.address;
    cluster.signal(Signal::Kill);
    wait_until("none runs", || !processes.iter().any(|id| runs(id)));
    assert!(TcpStream::connect(page).is_err());
}

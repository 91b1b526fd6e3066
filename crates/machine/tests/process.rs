//! A process from its first line to its end, and what is said of one that has none.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "for tests")]

use std::{process::Command, thread, time::Duration};

use machine::{
    Program, ServerProcess, Signal, leave_first_core, shield_from_ctrl_c,
    thread_cpu_time,
};
use rustix::process::{Pid, getpgid};

/// A shell that runs a script.
fn shell(script: &str) -> Command {
    Program::new("sh").with(["-c", script]).command()
}

#[test]
fn a_process_is_measured_and_ends_on_a_signal() {
    let script =
        "echo banner; echo page http://localhost:1234/; echo more; exec sleep 60";
    let (mut server, mut lines) =
        ServerProcess::start_and_read(&mut shell(script)).unwrap();
    assert_eq!(server.address.port(), 1234);
    assert_eq!(lines.next().unwrap(), "more");
    // While the shell becomes `sleep`, it has nearly none.
    while server.memory().unwrap() < 100_000 {
        thread::yield_now();
    }
    assert!(server.cpu().unwrap() > Duration::ZERO);
    assert!(server.exit_status().unwrap().is_none());
    server.signal(Signal::Terminate).unwrap();
    while server.exit_status().unwrap().is_none() {
        thread::yield_now();
    }
    assert!(!server.exit_status().unwrap().unwrap().success());
    // Its number may be another's now.
    let error = server.signal(Signal::Kill).unwrap_err();
    assert!(error.to_string().contains("ended already"), "{error}");
}

/// The terminal sends Ctrl-C to a process group.
#[test]
fn ctrl_c_reaches_what_a_test_starts_unless_it_is_shielded() {
    let group = |server: &ServerProcess| {
        getpgid(Pid::from_raw(server.id().cast_signed())).unwrap()
    };
    let mut command = shell("echo http://localhost:1/; exec sleep 60");
    let server = ServerProcess::start(&mut command).unwrap();
    assert_eq!(group(&server), getpgid(None).unwrap());
    let server = ServerProcess::start(shield_from_ctrl_c(&mut command)).unwrap();
    assert_eq!(group(&server).as_raw_pid().cast_unsigned(), server.id());
}

#[test]
fn a_process_without_an_address_is_an_error_that_names_it() {
    let error = ServerProcess::start(&mut shell("echo nothing")).unwrap_err();
    assert!(error.to_string().contains("nothing"), "{error}");
    let mut missing = Program::new("/no/such/program").command();
    let error = ServerProcess::start(&mut missing).unwrap_err();
    assert!(
        error.to_string().starts_with("\"/no/such/program\" did not"),
        "{error}"
    );
    let error = Program::beside_this("no-such-demo").unwrap_err().to_string();
    assert!(error.contains("run `cargo build"), "{error}");
}

#[test]
fn a_server_has_the_first_core_alone_and_this_thread_the_others() {
    let allowed = || {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("Cpus_allowed_list"));
        line.unwrap().rsplit('\t').next().unwrap().to_owned()
    };
    let before = thread_cpu_time().unwrap();
    let apart = leave_first_core();
    let own = allowed();
    let command = &mut shell("echo http://localhost:1/; exec sleep 60");
    let server = ServerProcess::start_on_first_core(command).unwrap();
    let id = server.id();
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
    if apart {
        assert!(!own.starts_with('0'), "{own}");
        assert!(status.contains("Cpus_allowed_list:\t0\n"), "{status}");
    }
    assert_eq!(allowed(), own, "this thread is back");
    assert!(thread_cpu_time().unwrap() > before);
}

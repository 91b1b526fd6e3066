//! The program itself: what should hold does, and planted bugs are found.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "for tests")]

use std::{
    fs,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// They take the processor from each other: one test at a time.
static ALONE: Mutex<()> = Mutex::new(());

const TECHNIQUES: [&str; 5] =
    ["short-poll", "long-poll", "http-stream", "sse", "websocket"];

/// What it prints, and whether it was content.
fn chaos(flags: &[&str]) -> (String, bool) {
    let output =
        Command::new(env!("CARGO_BIN_EXE_chaos")).args(flags).output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    (printed + &complaint, output.status.success())
}

#[test]
fn what_the_room_does_is_held_and_planted_bugs_are_found() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (printed, content) = chaos(&["--short", "--for", "4s"]);
    assert!(content, "{printed}");
    // After it, not beside it, for the same reason.
    let bugs = ["lost-wake-up", "off-by-one", "unannounced-gap"];
    let runs = bugs.map(|bug| {
        let flags = ["--plant", bug, "--for", "6s"];
        thread::spawn(move || chaos(&flags))
    });
    let [lost, off_by_one, gap] = runs.map(|run| run.join().unwrap());
    // It is told how many samples that were, and that these were too many.
    let (printed, content) = lost;
    assert!(!content && printed.contains("BROKEN     no wake is lost"), "{printed}");
    let (before, _) = printed.split_once(" samples did not wake all").unwrap();
    let late = before.rsplit(' ').next().unwrap();
    assert!(late.parse::<u64>().unwrap() > 3, "{printed}");
    for (rule, (printed, content)) in [("rule 1", off_by_one), ("rule 2", gap)] {
        assert!(!content, "{printed}");
        for technique in TECHNIQUES {
            let found = format!("{rule}: {technique}: ");
            assert!(printed.contains(&found), "{found}{printed}");
        }
    }
}

/// Needs the program `broker`, which `cargo test --workspace` builds.
#[test]
fn several_servers_on_a_broker_lose_and_double_nothing() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (printed, content) = chaos(&["--cluster", "--for", "4s"]);
    assert!(content, "{printed}");
    assert_eq!(printed.matches("0 missed, 0 violations").count(), 2, "{printed}");
}

/// SIGINT in the middle of the chaos: it says what it has seen, and ends long before it
/// would have.
#[test]
fn ctrl_c_ends_it_with_what_it_has() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let child = Command::new(env!("CARGO_BIN_EXE_chaos"))
        .args(["--plant", "unannounced-gap", "--for", "10m"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // It has begun when it has a server.
    let (pid, start) = (child.id(), Instant::now());
    let children = format!("/proc/{pid}/task/{pid}/children");
    while fs::read_to_string(&children).unwrap().is_empty() {
        assert!(start.elapsed() < Duration::from_secs(10), "no server");
        thread::yield_now();
    }
    let sent = Command::new("kill").args(["-INT", &pid.to_string()]).status();
    assert!(sent.unwrap().success());
    let (sender, ended) = mpsc::channel();
    thread::spawn(move || sender.send(child.wait_with_output()));
    let output = ended.recv_timeout(Duration::from_secs(60)).map_err(|_| {
        let server = fs::read_to_string(&children).unwrap_or_default();
        let both = [&pid.to_string(), server.trim()];
        let _ = Command::new("kill").arg("-KILL").args(both).status();
        "it goes on"
    });
    let output = output.unwrap().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(printed.contains("resuming under chaos: "), "{printed}");
}

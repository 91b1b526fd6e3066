//! Two hundred clients at once, one of which never reads.

use std::{
    env, thread,
    time::{Duration, Instant},
};

use crate::{process::Process, wait::WAIT_TIMEOUT};

/// How many clients. One more never reads what it is sent: at this rate the kernel keeps
/// that for it for minutes, and the others must not feel it.
const CLIENTS: usize = 200;

/// Lets 200 clients loose on a demo that publishes every 100 ms on average, for 5 s or
/// as many as `CROWD_SECONDS` says. Fails when one of them is given a sample twice, or
/// not at all, or much later than the others; or when the demo's memory grows.
///
/// `ask` is the request of a client that never reads the answer. `follow` is a client:
/// it reports the number of each sample, until it is told `false`.
pub fn crowd(
    binary: &str,
    ask: &str,
    follow: impl Fn(&Process, &mut dyn FnMut(u64) -> bool) + Sync,
) {
    let seconds = env::var("CROWD_SECONDS").map_or(5, |n| n.parse().unwrap());
    let duration = Duration::from_secs(seconds);
    let demo = Process::run(binary, &["--every", "100ms"]);
    let mut stuck = demo.connect();
    stuck.send(ask);
    let start = Instant::now();
    let run = || {
        let mut last = None;
        let mut memory = None;
        follow(&demo, &mut |seq| {
            assert!(last.is_none_or(|last| seq == last + 1), "{last:?}, then {seq}");
            last = Some(seq);
            if memory.is_none() && start.elapsed() > duration / 2 {
                memory = Some(demo.memory());
            }
            // A machine that stood still has to make up for it: a client that is
            // given too little waits in vain.
            start.elapsed() < duration || seq <= seconds * 5
        });
        (last.unwrap(), memory.unwrap())
    };
    let ends = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(run)).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect::<Vec<_>>()
    });
    let (first, last) = (ends.iter().min().unwrap().0, ends.iter().max().unwrap().0);
    assert!(start.elapsed() < duration + WAIT_TIMEOUT, "{:?}", start.elapsed());
    assert!(last - first <= 20, "some are at {first}, others at {last}");
    let before = ends.iter().map(|(_, memory)| *memory).max().unwrap();
    let after = demo.memory();
    assert!(after <= before + 2048, "{before} KiB, then {after} KiB");
    drop(stuck);
}

//! The programs of the blog as processes: each is started, and started again when it has
//! ended, as systemd or Kubernetes would.

use std::{
    env, io,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

use clap::ValueEnum;
use tokio::{
    select,
    sync::{Notify, oneshot, watch},
    task::{JoinSet, spawn_blocking},
    time::sleep,
};
use tracing::info;

use crate::flags::{Flags, Program};

/// Runs the programs until `shutdown` is ready, or one of them fails. Returns the exit code
/// of that one.
pub(crate) async fn run(
    flags: &Flags,
    folder: &Path,
    shutdown: impl Future<Output = ()>,
) -> io::Result<i32> {
    let (stop, stopped) = watch::channel(false);
    let pressed = Arc::new(Notify::new());
    restart_on_enter(pressed.clone());
    let mut running = JoinSet::new();
    for &program in flags.shape.programs() {
        // The last one has *likes* in it. Nobody notifies the others.
        let last = Some(&program) == flags.shape.programs().last();
        let restart = if last { pressed.clone() } else { Arc::default() };
        let (folder, stopped) = (folder.to_owned(), stopped.clone());
        let name = program.name(flags.shape);
        let delay = flags.restart_delay;
        running.spawn_local(async move {
            let start = || start(program, &folder);
            keep_running(name, start, delay, &restart, stopped).await
        });
    }
    let code = select! {
        () = shutdown => Ok(0),
        Some(ended) = running.join_next() => ended?,
    };
    stop.send_replace(true);
    while running.join_next().await.is_some() {}
    code
}

/// Runs a program, again and again, until all are to stop or it says that it failed.
async fn keep_running(
    name: &str,
    start: impl Fn() -> io::Result<Child>,
    delay: Duration,
    restart: &Notify,
    mut stopped: watch::Receiver<bool>,
) -> io::Result<i32> {
    loop {
        let mut child = start()?;
        info!(name, process = child.id(), "started");
        let input = child.stdin.take();
        let mut ended = spawn_blocking(move || child.wait());
        let status = select! {
            status = &mut ended => status?,
            () = restart.notified() => {
                drop(input); // this tells it to end
                ended.await?
            }
            _ = stopped.wait_for(|stopped| *stopped) => {
                drop(input);
                ended.await??;
                return Ok(0);
            }
        };
        if let Some(code @ 1..) = status?.code() {
            return Ok(code);
        }
        info!(name, ?delay, "ended, and is started again");
        select! {
            () = sleep(delay) => {}
            _ = stopped.wait_for(|stopped| *stopped) => return Ok(0),
        }
    }
}

/// Starts a program: this one, with the same flags and two more.
fn start(program: Program, folder: &Path) -> io::Result<Child> {
    let mut command = Command::new(env::current_exe()?);
    command.args(env::args_os().skip(1)).stdin(Stdio::piped());
    command.arg("--data-dir").arg(folder);
    let value = program.to_possible_value();
    command.arg("--program").args(value.iter().map(|value| value.get_name()));
    // Ctrl-C in the terminal reaches this process alone, which then ends the others.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

/// Notifies for each line on standard input, from a thread, since that read can't be
/// cancelled.
fn restart_on_enter(pressed: Arc<Notify>) {
    thread::spawn(move || {
        io::stdin().lines().map_while(Result::ok).for_each(|_| pressed.notify_one());
    });
}

/// Ready when the process that started this one closes our standard input, which happens
/// as well when it is killed.
pub(crate) fn told_to_end() -> impl Future<Output = ()> + Send + 'static {
    let (ended, told) = oneshot::channel::<()>();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        drop(ended);
    });
    async move {
        // It is only dropped.
        let _ = told.await;
    }
}

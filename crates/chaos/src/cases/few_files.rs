//! A server that may open few files.

use std::{net::Ipv4Addr, process::Command, time::Duration};

use bench::client::{Connection, Protocol};
use machine::{ServerProcess, shield_from_ctrl_c};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{
    error::Error,
    five::five,
    follower::newest,
    outcome::{Outcome, judge},
};

/// A server that may have 64 files open, and 200 clients: it survives, and when they are
/// gone it serves again.
pub(crate) async fn few_files() -> Result<Outcome, Error> {
    let program = five(&["--every", "10ms"])?.command();
    let mut command = Command::new("sh");
    command.args(["-c", "ulimit -n 64; exec \"$0\" \"$@\""]);
    command.arg(program.get_program()).args(program.get_args());
    let mut server = ServerProcess::start(shield_from_ctrl_c(&mut command))?;
    let mut clients = Vec::new();
    for _ in 0..200 {
        let mut client =
            Connection::open(Protocol::Sse, server.address, Ipv4Addr::LOCALHOST)
                .await?;
        client.ask(None).await?;
        clients.push(client);
    }
    let mut served = 0;
    let end = Instant::now() + Duration::from_secs(1);
    for client in &mut clients {
        let came = timeout_at(end, client.read(|_| {})).await;
        served += usize::from(matches!(came, Ok(Ok(true))));
    }
    drop(clients);
    let start = Instant::now();
    let again = timeout(Duration::from_secs(10), newest(server.address)).await;
    let text = format!(
        "of 200 clients on a server with 64 files, {served} were served; when they \
         were gone, another was after {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let again = matches!(again, Ok(Ok(_))) && server.exit_status()?.is_none();
    judge(again && (20..64).contains(&served), text)
}

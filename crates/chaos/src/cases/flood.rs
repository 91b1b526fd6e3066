//! A flood of connections.

use std::time::Duration;

use bench::client::Protocol;
use tokio::{net::TcpStream, time::Instant};

use crate::{
    bystanders::{Bystanders, lines},
    error::Error,
    five::start_five,
    follower::newest,
    outcome::{Outcome, Scale, judge},
};

/// Connections from one address that say nothing, as fast as they can be opened.
pub(crate) async fn flood(scale: Scale) -> Result<Outcome, Error> {
    let server = start_five(&["--every", "10ms"])?;
    let bystanders = Bystanders::enter(server.address, 10, &Protocol::ALL);
    bystanders.rate(scale.watch).await;
    let memory = server.memory()?;
    let start = Instant::now();
    let mut open = Vec::new();
    for _ in 0..scale.flood {
        open.push(TcpStream::connect(server.address).await?);
    }
    let seconds = start.elapsed().as_secs_f64();
    let start = Instant::now();
    newest(server.address).await?;
    let another = start.elapsed();
    let grown = server.memory()?.saturating_sub(memory) as f64 / 1e6;
    drop(open);
    let complaints = bystanders.leave().await?;
    // actix has 10 KB for a connection that says nothing; something is for all.
    let most = 1.0 + scale.flood as f64 * 12e-3;
    let text = format!(
        "{} connections in {seconds:.1} s, memory {grown:+.1} MB, at most {most:.0}; \
         another client is answered in {:.1} ms, beside 10 others",
        scale.flood,
        another.as_secs_f64() * 1000.0
    );
    let held =
        complaints.is_empty() && another < Duration::from_secs(2) && grown <= most;
    judge(held, text + &lines(&complaints))
}

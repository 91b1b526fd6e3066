//! The technique's own flags: how a session learns that its client is gone.

use std::time::Duration;

/// How often a client is asked whether it is there, and how long its answer may take.
#[derive(Debug, Clone, clap::Args)]
pub struct Timings {
    /// How often to ping a client, which also answers its poll; less than the shortest
    /// idle timeout on the path
    #[arg(long, default_value = "25s", value_parser = stage::duration)]
    pub ping_interval: Duration,
    /// How long to wait for the pong, before the session ends
    #[arg(long, default_value = "20s", value_parser = stage::duration)]
    pub ping_timeout: Duration,
}

//! The gallery's own flags.

use std::time::Duration;

/// The gallery's own flags.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)]
pub struct Flags {
    /// Key of the presenter, who may clear and hide [default: drawn at start]
    #[arg(long, env = "PRESENTER_KEY", value_name = "KEY")]
    pub presenter_key: Option<String>,
    /// How often to send a comment on a stream, so that proxies know that it is in use
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
    /// How often a stock price changes
    #[arg(long, default_value = "500ms", value_parser = stage::duration)]
    pub prices: Duration,
    /// Mail: how long to hold a request while there is no letter
    #[arg(long, default_value = "30s", value_parser = stage::duration)]
    pub hold: Duration,
    /// How often the weather changes
    #[arg(long, default_value = "20s", value_parser = stage::duration)]
    pub weather: Duration,
}

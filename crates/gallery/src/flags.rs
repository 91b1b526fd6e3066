//! The gallery's own flags.

use std::time::Duration;

/// The gallery's own flags.
#[derive(Debug, Clone, clap::Args)]
#[group(skip)] // `stage` has a group of this name
pub struct Flags {
    /// Key of the presenter, for clearing and hiding [default: drawn at start]
    #[arg(long, env = "PRESENTER_KEY", value_name = "KEY")]
    pub presenter_key: Option<String>,
    /// How often to send a comment on a stream, so that proxies know that it is in use
    #[arg(long, default_value = "15s", value_parser = stage::duration)]
    pub heartbeat: Duration,
    /// How often a stock price changes
    #[arg(long, default_value = "500ms", value_parser = stage::duration)]
    pub prices: Duration,
    /// How often the monitor measures
    #[arg(long, default_value = "1s", value_parser = stage::duration)]
    pub measure: Duration,
    /// Mean time that the simulated language model takes for a word
    #[arg(long, default_value = "150ms", value_parser = stage::duration)]
    pub words: Duration,
    /// Mail: how long to hold a request while there is no letter
    #[arg(long, default_value = "30s", value_parser = stage::duration)]
    pub hold: Duration,
    /// How often the weather changes
    #[arg(long, default_value = "20s", value_parser = stage::duration)]
    pub weather: Duration,
}

impl Default for Flags {
    /// The flags of a command without any.
    fn default() -> Self {
        let millis = Duration::from_millis;
        Self {
            presenter_key: None,
            heartbeat: millis(15_000),
            prices: millis(500),
            measure: millis(1000),
            words: millis(150),
            hold: millis(30_000),
            weather: millis(20_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[test]
    fn the_defaults_of_the_flags_are_those_of_the_workshop() {
        #[derive(Parser)]
        struct Command {
            #[command(flatten)]
            flags: Flags,
        }
        let parsed = Command::parse_from(["gallery", "--presenter-key="]).flags;
        let default = Flags {
            presenter_key: parsed.presenter_key.clone(),
            ..Flags::default()
        };
        assert_eq!(format!("{parsed:?}"), format!("{default:?}"));
    }
}

//! The log of this process: lines with levels, on standard error. The newest are kept, so
//! that a page can show them.

use std::{
    fmt::{Debug, Write},
    io::IsTerminal,
    num::NonZeroUsize,
    sync::LazyLock,
};

use feed::{Feed, unix_millis};
use serde::{Deserialize, Serialize};
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
};
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::Context, prelude::*};

/// How many lines are kept.
const LINES_CAPACITY: NonZeroUsize = NonZeroUsize::new(500).unwrap();
/// How many bytes they may have, as JSON.
const LINES_BYTES: usize = 256 * 1024;
/// How many characters of a line's text are kept.
const TEXT_LIMIT: usize = 1000;

/// The newest lines. Written by `Keeper`, from whichever thread logs.
static LINES: LazyLock<Feed> = LazyLock::new(|| {
    let first = LogLine::new("INFO", "stage", "the log begins");
    Feed::of_entries(LINES_CAPACITY, LINES_BYTES, &first)
});

/// A line of the log.
#[derive(Debug, Serialize, Deserialize)]
pub struct LogLine {
    /// Unix milliseconds.
    pub at: u64,
    /// ERROR, WARN, INFO, DEBUG or TRACE.
    pub level: String,
    /// The module that logs.
    pub target: String,
    /// The message and its fields.
    pub text: String,
}

impl LogLine {
    /// A line that is logged now.
    #[must_use]
    pub fn new(level: &str, target: &str, text: &str) -> Self {
        let text = text.chars().take(TEXT_LIMIT).collect();
        Self { at: unix_millis(), level: level.into(), target: target.into(), text }
    }
}

/// The newest lines of the log, each an entry that is a [`LogLine`]. They are those that the
/// terminal shows, since both go through the filter of `--log`.
#[must_use]
pub fn log_lines() -> Feed {
    LINES.clone()
}

/// Log lines with levels, on standard error: standard output is the banner's.
pub(crate) fn start_log(level: LevelFilter) {
    // Actix logs its own workers at `info`, and each malformed request at
    // `error`: that helps to debug it, and is in the way on a screen.
    let debugging = level >= LevelFilter::DEBUG;
    let actix = if debugging { level } else { level.min(LevelFilter::WARN) };
    let dispatcher = if debugging { level } else { LevelFilter::OFF };
    let lines = fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .log_internal_errors(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(Keeper)
        .with(
            Targets::new()
                .with_default(level)
                .with_target("actix", actix)
                .with_target("actix_http::h1::dispatcher", dispatcher),
        )
        .init();
}

/// Keeps each line.
struct Keeper;

impl<S: Subscriber> Layer<S> for Keeper {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        let about = event.metadata();
        let line = LogLine::new(about.level().as_str(), about.target(), &text.0);
        LINES.publish_entry(&line);
    }
}

/// Writes a line as the terminal has it: the message, then `name=value`.
struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let separator = if self.0.is_empty() { "" } else { " " };
        // It fails only when the value says so, and then it is left out.
        let _ = match field.name() {
            "message" => write!(self.0, "{separator}{value:?}"),
            name => write!(self.0, "{separator}{name}={value:?}"),
        };
    }
}

//! Which lines of the log a reader wants.

use feed::Sample;
use serde::Deserialize;
use stage::{BadText, LogLine};

/// How many characters the text may have: it is looked for in each line.
const TEXT_LIMIT: usize = 100;

/// Lines of this level or a more urgent one, with this text in them.
#[derive(Deserialize)]
pub(super) struct Filter {
    #[serde(default)]
    level: Level,
    #[serde(default)]
    text: String,
}

/// Levels, the most urgent first.
#[derive(Debug, Default, Clone, Copy, PartialEq, PartialOrd, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warn,
    #[default]
    Info,
    Debug,
    Trace,
}

impl Filter {
    /// A filter that may be used.
    ///
    /// # Errors
    /// When its text is too long.
    pub(super) fn check(self) -> Result<Self, BadText> {
        match self.text.chars().count() {
            0..=TEXT_LIMIT => Ok(self),
            count => Err(BadText::TooLong { count, limit: TEXT_LIMIT }),
        }
    }

    /// Whether a line is wanted.
    pub(super) fn matches(&self, line: &Sample) -> bool {
        let Ok(line) = serde_json::from_str::<LogLine>(&line.json) else {
            return false;
        };
        let level = match line.level.as_str() {
            "ERROR" => Level::Error,
            "WARN" => Level::Warn,
            "INFO" => Level::Info,
            "DEBUG" => Level::Debug,
            _ => Level::Trace,
        };
        level <= self.level
            && (line.text.contains(&self.text) || line.target.contains(&self.text))
    }
}

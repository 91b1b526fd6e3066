//! How far a run is, in a line of the terminal that is written again and again.

use std::io::{self, IsTerminal, Write as _};

/// Shows how far a run is, when standard error is a terminal.
pub fn progress(text: &str) {
    let mut error = io::stderr().lock();
    if error.is_terminal() {
        let _ = write!(error, "\r\x1b[2K{text}");
        let _ = error.flush();
    }
}

/// Takes the line of [`progress`] away.
pub fn progress_done() {
    progress("");
}

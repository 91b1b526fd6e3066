//! The notes of the talk, as HTML: `workshop-notes/*.md` become chapters and slides, and
//! two sources become rows, side by side. Nothing here knows of a server.
//!
//! ```text
//!  talk, handout ──► chapters ──┬──► slides, marked ──► markdown ──► highlight
//!                               │      └──► timing         diff ─────────┘
//! ```

mod chapters;
mod diff;
mod handout;
mod highlight;
mod markdown;
mod marked;
mod ports;
mod slides;
mod talk;
mod timing;
mod unbroken;

pub use chapters::{Chapter, read};
pub use diff::rows;
pub use handout::handout;
pub use highlight::{escape, lines};
pub use slides::{Paths, Slide, TalkPath};
pub use talk::{sections, speaker_notes};
pub use unbroken::keep_together;

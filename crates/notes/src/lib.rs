//! The notes of the talk, as HTML: `workshop-notes/*.md` become chapters and slides, and
//! two sources become rows, side by side. Nothing here knows of a server.
//!
//! ```text
//!  talk ──► chapters ──► slides ──► markdown ──► highlight
//!                        │             diff ─────────┘
//!                        └──► timing
//! ```

mod chapters;
mod diff;
mod highlight;
mod markdown;
mod slides;
mod talk;
mod timing;

pub use chapters::{Chapter, read};
pub use diff::rows;
pub use highlight::{escape, lines};
pub use slides::{Paths, Slide};
pub use talk::{sections, speaker_notes};

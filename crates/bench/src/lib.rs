//! The room as load: what each technique costs. Chaos uses its client, and how it is
//! interrupted.
//!
//! ```text
//!           core 0                        the other cores
//!  ┌──────────────────────────┐      ┌───────────────────────┐
//!  │ a demo's own binary, or a│◄────►│ bench: N clients,     │
//!  │ peer, as its own process │      │ one task and one      │
//!  └────────────▲─────────────┘      │ connection each       │
//!               └── /proc: CPU, memory ──────────────────────┘
//! ```

mod bars;
pub mod client;
mod cluster;
mod cluster_record;
mod crowd;
mod drawing;
mod error;
mod files;
pub mod floor;
mod interrupt;
mod measure;
mod peers;
mod plot;
mod progress;
mod record;
mod report;
mod run;
mod spread;
mod subject;
mod tally;

pub use crate::{
    error::Error,
    files::files_for,
    interrupt::{Stop, interrupted},
    progress::{progress, progress_done},
    run::{Task, run},
    subject::Plan,
};

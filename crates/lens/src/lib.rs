//! The lens: a TCP proxy that shows every byte, and misbehaves on request.
//!
//! ```text
//!             ┌──────────────── lens ────────────────┐
//!  browser ──►│ read ──► decode ──► effects ──► write │──► server
//!          ◄──│ write ◄── effects ◄── decode ◄── read │◄──
//!             └──────────────────┬───────────────────┘
//!                             Watcher: each byte that passed, with its label
//! ```
//!
//! Bytes pass unchanged and at once. Both directions end separately. A slow reader holds
//! back its peer: at most 64 KiB, and a read more, wait here. A [`Decoder`] gives each
//! byte one [`Label`] and an [`Account`] adds them up, so that overhead and payload are
//! exact sums. A [`Control`] adds [`Effect`]s, for a lens, a client or all, and removes them
//! at once.
//!
//! Run it before any server: `cargo run -p lens -- --listen 4004 --to 3004`. For
//! datagrams there is a sibling, [`udp`].

pub mod account;
mod connection;
mod connection_limit;
mod connection_state;
mod control;
pub mod decode;
pub mod effects;
pub mod label;
mod proxy;
mod queue;
mod reading;
mod server;
mod trusted_proxies;
pub mod udp;
mod watcher;

pub use crate::{
    account::Account,
    connection_limit::{ConnectionLimit, Permit},
    control::{Control, Owner, Rule, Scope},
    decode::{Decoded, Decoder, Direction, Markers, ProtocolEvent, Span},
    effects::{Effect, OutOfRange},
    label::{Class, Label},
    proxy::Lens,
    trusted_proxies::TrustedProxies,
    watcher::{CloseCause, Connection, Watcher, Write},
};

//! A relay of datagrams: what the lens is for TCP, this is for UDP. Datagrams pass
//! unchanged, and are lost, late, doubled or out of order on request.
//!
//! ```text
//!             ┌────────────────── relay ───────────────────┐
//!  browser ──►│ cut? lose? duplicate?  throttle, delay     │──► server
//!          ◄──│                              ─► queue ─►   │◄── (or a browser)
//!             └──────────────────┬─────────────────────────┘
//!              DatagramWatcher: each datagram, labelled, and its fate
//! ```
//!
//! [`UdpRelay`] stands before a server: each client is a flow, with a socket of its own
//! towards the server. [`UdpPair`] stands between two peers, as WebRTC needs it. Each is
//! one task; a flow keeps at most 64 KiB in each direction, and more is dropped, as a
//! router does.
//!
//! Run it before any server: `cargo run -p lens -- --udp --listen 4008 --to 3008`.

mod account;
mod conditions;
mod control;
mod decode;
mod drive;
mod effects;
mod flow;
mod link;
mod pair;
mod relay;
mod watcher;

pub use self::{
    account::{DatagramCount, UdpAccount},
    conditions::Conditions,
    control::UdpControl,
    decode::DatagramDecoder,
    effects::{Cut, Delay, Duplicate, Lose, Throttle},
    pair::UdpPair,
    relay::UdpRelay,
    watcher::{DatagramWatcher, Fate, FlowInfo, LossCause},
};

//! A broker, several servers of all five techniques, and nginx before them, as processes of
//! this machine that can be killed and started one by one.
//!
//! ```text
//!  clients ─► nginx 4001 … 4005 ─┬─► server 1: 4011 … 4015 ─┐
//!                                ├─► server 2: 4021 … 4025 ─┼─► Redis 4007
//!                                └─► server 3 …             ┘
//! ```

mod error;
mod member;
mod nginx;
mod options;
mod ports;
mod processes;

pub use self::{
    error::Error,
    member::{Member, NoMember, State},
    options::Options,
    ports::{Ports, SERVERS_LIMIT},
    processes::{Cluster, MemberState},
};

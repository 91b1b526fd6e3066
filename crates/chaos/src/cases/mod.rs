//! What is tried: a file a case, each says in its outcome what was seen.

mod burst;
mod clock;
mod cluster;
mod few_files;
mod flood;
mod half_open;
mod idle;
mod malformed;
mod resuming;
mod sigterm;
mod slow;
mod stuck;
mod stuck_clients;
mod trickle;
mod wakes;

pub(crate) use self::{
    burst::burst, clock::clock, cluster::cluster, few_files::few_files,
    flood::flood, half_open::half_open, idle::idle, malformed::malformed,
    resuming::resuming, sigterm::sigterm, slow::slow, stuck::stuck, wakes::wakes,
};

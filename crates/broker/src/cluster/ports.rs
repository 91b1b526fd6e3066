//! Which port is whose.

use std::{
    io,
    net::{Ipv4Addr, TcpListener},
};

/// How many servers a cluster may have.
pub const SERVERS_LIMIT: usize = 8;

/// How many ports there are for a server, and for all besides.
const STEP: usize = 10;

/// The ports of a cluster.
#[derive(Debug, Clone)]
pub struct Ports {
    /// The page.
    pub page: u16,
    /// nginx, for each of the techniques.
    pub techniques: [u16; 5],
    /// The page with buttons, for this machine alone.
    pub presenter: u16,
    /// Redis.
    pub broker: u16,
    /// All of them: tens of the servers, behind ten for all besides.
    numbers: Vec<u16>,
}

impl Ports {
    /// Those from a base port on: 4000 the page, 4001 to 4005 nginx, 4006 the presenter's
    /// page, 4007 Redis, 4011 to 4015 server 1, and so on.
    #[must_use]
    pub fn from_base(base: u16) -> Self {
        Self::of(
            (0..Self::COUNT)
                .map(|offset| base.wrapping_add(offset as u16))
                .collect(),
        )
    }

    /// How many there are, with all servers.
    pub const COUNT: usize = STEP * (1 + SERVERS_LIMIT);

    /// Ports that are free now.
    ///
    /// # Errors
    /// When the system has none.
    pub fn free() -> io::Result<Self> {
        // All at once, so that none is there twice.
        let listen = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
        let listeners =
            (0..Self::COUNT).map(listen).collect::<io::Result<Vec<_>>>()?;
        let port = |listener: &TcpListener| Ok(listener.local_addr()?.port());
        Ok(Self::of(listeners.iter().map(port).collect::<io::Result<_>>()?))
    }

    fn of(numbers: Vec<u16>) -> Self {
        let techniques = [1, 2, 3, 4, 5].map(|place| numbers[place]);
        let [page, presenter, broker] = [0, 6, 7].map(|place| numbers[place]);
        Self { page, techniques, presenter, broker, numbers }
    }

    /// Those of a server, in the order of the techniques; servers are counted from 1.
    pub(super) fn server(&self, number: usize) -> [u16; 5] {
        [1, 2, 3, 4, 5].map(|place| self.numbers[STEP * number + place])
    }

    /// All that so many servers need, without the pages.
    pub(super) fn all(&self, servers: usize) -> impl Iterator<Item = u16> {
        let own = (1..=servers).flat_map(|number| self.server(number));
        self.techniques.into_iter().chain([self.broker]).chain(own)
    }
}

//! The way through this server: a relay between two pages that loses datagrams on request.
//! Each page is told a port of the relay instead of the other page's addresses.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use actix_web::rt::spawn;
use lens::{
    OutOfRange,
    udp::{Conditions, Cut, Delay, Lose, UdpAccount, UdpControl, UdpPair},
};
use tokio::sync::oneshot;

use crate::messages::{Candidate, Description, Network};

/// How long a datagram takes through the relay, so that what is lost is worth waiting for.
const DELAY_MS: u64 = 20;

/// The largest loss: with more, even reliable channels stand still.
const LOSS_LIMIT: u64 = 30;

/// A relay that runs until it is dropped.
pub(crate) struct Relay {
    control: UdpControl,
    ip: IpAddr,
    /// To the first one the first page sends, to the second the second.
    ports: [u16; 2],
    /// Ends the relay when it is dropped.
    _end: oneshot::Sender<()>,
}

/// Why there is no relay, or it can't do what it was told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The system gives no ports.
    #[error("no ports on {0}: {1}")]
    Ports(IpAddr, std::io::Error),
    /// The loss is too much.
    #[error("loss is {0}: expected 0 to {LOSS_LIMIT} percent")]
    Loss(u64),
    /// A strength is out of its range.
    #[error(transparent)]
    Strength(#[from] OutOfRange),
}

impl Relay {
    /// Starts one at an address of this machine that both pages can reach.
    pub(crate) async fn start(ip: IpAddr) -> Result<Self, Error> {
        let control = UdpControl::default();
        let ports = |error| Error::Ports(ip, error);
        let pair = UdpPair::bind(ip, control.clone(), ()).await.map_err(ports)?;
        let relay_ports = pair.ports().map_err(ports)?;
        let (end, ended) = oneshot::channel::<()>();
        spawn(async move {
            let ended = async { _ = ended.await };
            if let Err(error) = pair.run(ended).await {
                tracing::warn!(%error, "a relay ended");
            }
        });
        Ok(Self { control, ip, ports: relay_ports, _end: end })
    }

    pub(crate) fn ip(&self) -> IpAddr {
        self.ip
    }

    pub(crate) fn account(&self) -> UdpAccount {
        self.control.account()
    }

    pub(crate) fn set(&self, network: Network) -> Result<(), Error> {
        if network.loss > LOSS_LIMIT {
            return Err(Error::Loss(network.loss));
        }
        Ok(self.control.set(Conditions {
            lose: Lose { percent: network.loss, direction: None },
            delay: Delay { ms: DELAY_MS, jitter: 0 },
            cut: Cut(network.cut),
            ..Conditions::default()
        })?)
    }

    /// The candidate that `page` (0 or 1) is told instead of one of the other's: where the
    /// relay is. None for one that is no UDP address of the other's own machine.
    pub(crate) fn instead(
        &self,
        candidate: &Candidate,
        page: usize,
    ) -> Option<Candidate> {
        if candidate.candidate.is_empty() {
            return Some(candidate.clone()); // the end of the candidates
        }
        let mut fields: Vec<_> = candidate.candidate.split(' ').collect();
        if fields.len() < 8 || fields[6..8] != ["typ", "host"] {
            return None;
        }
        if !fields[2].eq_ignore_ascii_case("udp") {
            return None;
        }
        let (ip, port) = (self.ip.to_string(), self.ports[page].to_string());
        (fields[4], fields[5]) = (&ip, &port);
        Some(Candidate { candidate: fields.join(" "), ..candidate.clone() })
    }

    /// A description without the candidates that a browser may have written into it.
    pub(crate) fn without_candidates(mut description: Description) -> Description {
        let lines = description.sdp.split_inclusive('\n');
        let kept = lines.filter(|line| !line.starts_with("a=candidate:"));
        description.sdp = kept.collect();
        description
    }
}

/// The address at which both pages can reach this machine: the one it listens on, or, when
/// it listens on all, the one of its default route. (Connecting a UDP socket sends
/// nothing; 192.0.2.1 is an address of documentation, RFC 5737.)
pub(crate) fn reachable_ip(listening: SocketAddr) -> IpAddr {
    if !listening.ip().is_unspecified() {
        return listening.ip();
    }
    let route = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    };
    route().map_or(Ipv4Addr::LOCALHOST.into(), |address| address.ip())
}

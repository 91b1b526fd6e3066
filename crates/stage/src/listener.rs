//! The listening socket, whose options every accepted connection inherits.

use std::{
    net::{IpAddr, SocketAddr, TcpListener},
    time::Duration,
};

use socket2::{Domain, Socket, TcpKeepalive, Type};

use tracing::{debug, warn};

use crate::error::Error;

/// How long a peer may leave our bytes unacknowledged, or its window closed, and how long
/// it may be silent before the kernel probes whether it is still there. Long enough for
/// a phone that changes its access point, short enough for a demonstration: with
/// the probes below, a peer that vanished is gone within 10 s.
const DEAD_PEER_TIMEOUT: Duration = Duration::from_secs(4);

/// How long after one unanswered probe the kernel sends the next.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// How much the kernel buffers for one client that does not read; it doubles this.
/// The default grows to megabytes for each client of a network that is stuck.
const SEND_BUFFER_BYTES: usize = 64 * 1024;

/// How many connections may wait to be accepted.
const BACKLOG_LIMIT: i32 = 1024;

/// Ports that belong to other protocols: a browser opens no page there (Fetch Standard,
/// "bad port"). Those below 1024 are not listed, since hardly anybody may take them.
const BAD_PORTS: [u16; 19] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666,
    6667, 6668, 6669, 6679, 6697, 10_080,
];

/// Raises the limit of open files to what the system allows, since a connection is a
/// file and the limit of a shell may be too low for an audience. Returns the limit.
pub fn raise_file_limit() -> u64 {
    let files = rlimit::increase_nofile_limit(u64::MAX).unwrap_or_else(|error| {
        warn!(%error, "could not raise the limit of open files");
        1024
    });
    match files {
        ..1024 => warn!(
            files,
            "low limit of open files: few clients can connect; raise `ulimit -n`"
        ),
        _ => debug!(files, "limit of open files and connections"),
    }
    files
}

/// Listens on an address. What is set here, each accepted connection inherits. On `::`,
/// connections of IPv4 come as well, from `::ffff:192.0.2.1`.
///
/// # Errors
/// When the address is in use, not ours, or not allowed; or browsers refuse its port.
pub fn listen(host: IpAddr, port: u16) -> Result<TcpListener, Error> {
    if BAD_PORTS.contains(&port) {
        return Err(Error::BadPort { port });
    }
    let listen = || {
        let address = SocketAddr::new(host, port);
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, None)?;
        // Otherwise the port stays in use for a minute after the server has ended
        // (TIME-WAIT), and a restart fails.
        #[cfg(unix)]
        socket.set_reuse_address(true)?;
        if address.is_ipv6() {
            socket.set_only_v6(false)?; // Systems differ in what they do otherwise.
        }
        socket.set_send_buffer_size(SEND_BUFFER_BYTES)?;
        let probes = TcpKeepalive::new()
            .with_time(DEAD_PEER_TIMEOUT)
            .with_interval(PROBE_INTERVAL);
        socket.set_tcp_keepalive(&probes)?;
        #[cfg(target_os = "linux")]
        socket.set_tcp_user_timeout(Some(DEAD_PEER_TIMEOUT))?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG_LIMIT)?;
        Ok(socket.into())
    };
    listen().map_err(|source| Error::Listen { host, port, source })
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr, TcpStream};

    use super::*;

    #[test]
    fn a_port_that_browsers_refuse_is_refused() {
        let error = listen(Ipv4Addr::LOCALHOST.into(), 6000).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no browser opens a page at port 6000, which is another protocol's (Fetch \
             Standard, \"bad port\"): take another with --port 6100"
        );
    }

    #[test]
    fn on_all_addresses_of_ipv6_those_of_ipv4_are_written_as_ipv6() {
        let server = listen(Ipv6Addr::UNSPECIFIED.into(), 0).unwrap();
        let port = server.local_addr().unwrap().port();
        let local: [IpAddr; 2] =
            [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
        let [own, mapped] = local.map(|host| {
            let _client = TcpStream::connect((host, port)).unwrap();
            server.accept().unwrap().1.ip().to_string()
        });
        assert_eq!((own.as_str(), mapped.as_str()), ("::1", "::ffff:127.0.0.1"));
    }
}

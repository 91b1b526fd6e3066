//! A TCP connection that sends bytes as they are, and takes what comes piece by piece.
//! [`http`](crate::http) and [`frames`](crate::frames) add what the pieces mean.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{Ipv4Addr, Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use socket2::{Domain, SockRef, Socket, Type};

use crate::wait::WAIT_TIMEOUT;

/// One TCP connection, and the bytes that came on it and were not taken yet.
pub struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
    /// Bytes that were sent on it.
    pub sent: u64,
    /// Bytes that came on it.
    pub received: u64,
}

impl Client {
    /// Connects.
    pub fn connect(address: SocketAddr) -> Self {
        Self::connect_from(Ipv4Addr::LOCALHOST, address)
    }

    /// Connects from another address of loopback, as another device would.
    pub fn connect_from(device: Ipv4Addr, address: SocketAddr) -> Self {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from((device, 0)).into()).unwrap();
        socket.connect(&address.into()).unwrap();
        let stream = TcpStream::from(socket);
        stream.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, unread: Vec::new(), sent: 0, received: 0 }
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).unwrap();
    }

    /// Sends bytes to a server that may have closed the connection.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(bytes.as_ref())?;
        self.sent += bytes.as_ref().len() as u64;
        Ok(())
    }

    /// Says that nothing more will be sent, and goes on reading.
    pub fn half_close(&mut self) {
        self.stream.shutdown(Shutdown::Write).unwrap();
    }

    /// Takes the next `count` bytes.
    pub fn take(&mut self, count: usize) -> Vec<u8> {
        while self.unread.len() < count {
            if !self.fill() {
                panic!("ended after {:?}, expected {count} bytes", self.text());
            }
        }
        self.unread.drain(..count).collect()
    }

    /// Takes all up to and with `end`.
    pub fn until(&mut self, end: &str) -> String {
        self.try_until(end).unwrap_or_else(|| {
            panic!("ended after {:?}, expected {end:?}", self.text())
        })
    }

    /// Takes all up to and with `end`, if that comes before the connection ends.
    pub(crate) fn try_until(&mut self, end: &str) -> Option<String> {
        loop {
            let mut windows = self.unread.windows(end.len());
            if let Some(at) = windows.position(|window| window == end.as_bytes()) {
                return Some(String::from_utf8(self.take(at + end.len())).unwrap());
            }
            if !self.fill() {
                return None;
            }
        }
    }

    /// Waits for the end of the connection. What came before it.
    pub fn end(&mut self) -> String {
        while self.fill() {}
        let rest = std::mem::take(&mut self.unread);
        String::from_utf8_lossy(&rest).into_owned()
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.unread).into_owned()
    }

    /// Reads more, if the peer did not end.
    fn fill(&mut self) -> bool {
        let mut bytes = [0; 16 * 1024];
        match self.stream.read(&mut bytes) {
            Ok(0) => false,
            Ok(count) => {
                self.unread.extend_from_slice(&bytes[..count]);
                self.received += count as u64;
                true
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => false,
            // A signal: Linux does not go on with a read that has a time-out (signal(7)).
            Err(error) if error.kind() == ErrorKind::Interrupted => self.fill(),
            Err(error) => panic!("{error} after {:?}", self.text()),
        }
    }
}

/// Ends a connection with a reset (RFC 9293 §3.10.5), also when nothing is unread.
pub fn reset(stream: TcpStream) {
    SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(stream);
}

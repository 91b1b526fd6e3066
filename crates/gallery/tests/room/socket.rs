//! A phone's WebSocket, which may fail at any time.

use std::{
    io::{Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use serde_json::Value;
use testkit::{handshake, masked};

use crate::{
    Phone,
    link::{connect, is_timeout},
};

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;
/// How long a phone waits for messages before it looks what else it has to do.
const READ_TIMEOUT: Duration = Duration::from_millis(20);

pub(crate) struct Socket {
    stream: TcpStream,
    unread: Vec<u8>,
}

impl Socket {
    pub(crate) fn open(
        phone: &Phone,
        server: SocketAddr,
        target: &str,
    ) -> Result<Self> {
        let mut stream = connect(phone, server)?;
        stream.write_all(handshake(target, "").as_bytes())?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        stream.set_read_timeout(Some(READ_TIMEOUT))?;
        Ok(Self { stream, unread: Vec::new() })
    }

    pub(crate) fn send(&mut self, text: &str) -> Result<()> {
        self.stream.write_all(&masked(TEXT, text))
    }

    /// The messages that came by now, or within a moment. Fails when there will be none.
    pub(crate) fn read(&mut self) -> Result<Vec<Value>> {
        let mut bytes = [0; 8192];
        match self.stream.read(&mut bytes) {
            Ok(0) => return Err(Error::other("the connection has ended")),
            Ok(count) => self.unread.extend_from_slice(&bytes[..count]),
            Err(error) if is_timeout(&error) => {}
            Err(error) => return Err(error),
        }
        let mut messages = Vec::new();
        while let Some((first, payload)) = frame(&mut self.unread) {
            match first {
                TEXT => messages.push(serde_json::from_slice(&payload).unwrap()),
                PING => self.stream.write_all(&masked(PONG, payload))?,
                // What came before it is read; the next read fails.
                CLOSE => break,
                _ => {}
            }
        }
        Ok(messages)
    }
}

/// Takes the next frame of a server, which masks and splits none.
fn frame(unread: &mut Vec<u8>) -> Option<(u8, Vec<u8>)> {
    let &[first, length] = unread.first_chunk()?;
    let (start, length) = match length {
        126 => {
            let &[_, _, high, low] = unread.first_chunk()?;
            (4, usize::from(high) << 8 | usize::from(low))
        }
        127 => {
            let bytes: [u8; 10] = *unread.first_chunk()?;
            let length = &bytes[2..];
            (10, length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
        }
        length => (2, length.into()),
    };
    if unread.len() < start + length {
        return None;
    }
    let rest = unread.split_off(start + length);
    let payload = unread.split_off(start);
    *unread = rest;
    Some((first, payload))
}

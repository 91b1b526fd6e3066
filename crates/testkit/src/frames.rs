//! A WebSocket in bytes: the handshake of a client (RFC 6455 §4.1), its frames (§5.2), which
//! are masked, and those of a server, which are not.

use crate::client::Client;

/// The handshake of a WebSocket client, with these fields more, each with its line end.
pub fn handshake(target: &str, fields: &str) -> String {
    format!(
        "GET {target} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{fields}\r\n"
    )
}

/// A frame as a WebSocket client sends it: masked.
pub fn masked(first: u8, payload: impl AsRef<[u8]>) -> Vec<u8> {
    let payload = payload.as_ref();
    let mut frame = header(first, payload.len() as u64);
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    frame.extend(mask);
    frame.extend(
        payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask),
    );
    frame
}

/// The first bytes of a masked frame, up to its length.
pub fn header(first: u8, length: u64) -> Vec<u8> {
    let mut frame = vec![first];
    match length {
        0..=125 => frame.push(0x80 | length as u8),
        126..=65535 => {
            frame.push(0x80 | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        _ => {
            frame.push(0x80 | 127);
            frame.extend(length.to_be_bytes());
        }
    }
    frame
}

impl Client {
    /// Takes a frame of a server, which is never masked: its first byte, and its payload.
    pub fn frame(&mut self) -> (u8, Vec<u8>) {
        let head = self.take(2);
        let length = match head[1] {
            126 => u64::from(u16::from_be_bytes(self.take(2).try_into().unwrap())),
            127 => u64::from_be_bytes(self.take(8).try_into().unwrap()),
            length => u64::from(length),
        };
        assert!(length <= 1 << 20, "{head:?} declares {length} bytes, or is masked");
        (head[0], self.take(length as usize))
    }
}

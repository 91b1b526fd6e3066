//! A connection that has become a WebSocket, with and without compression.
#![no_main]

#[path = "../../tests/check/mod.rs"]
mod check;
mod input;

use lens::Direction::{Down, Up};
use libfuzzer_sys::fuzz_target;

const REQUEST: &str = "GET /chat HTTP/1.1\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n";
const RESPONSE: &str = "HTTP/1.1 101 Switching Protocols\r\n\
    Connection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Accept: HSmrc0sMlYUkAGmm5OPpG2HaGWk=\r\n";
const DEFLATE: &str = "Sec-WebSocket-Extensions: permessage-deflate\r\n";

fuzz_target!(|data: &[u8]| {
    let (sizes, frames) = input::parse(data);
    for extensions in ["", DEFLATE] {
        let response = format!("{RESPONSE}{extensions}\r\n");
        let mut bursts = vec![(Up, REQUEST.into()), (Down, response.into())];
        bursts.extend(frames.clone());
        check::check(&bursts, sizes);
    }
});

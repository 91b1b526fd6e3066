//! What no client should send, and what the RFCs want said to it.

/// What comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// An HTTP status.
    Status(u16),
    /// One of two, as the RFC leaves it open.
    Either(u16, u16),
    /// A status from 400 to 499.
    Refused,
    /// A status of refusal, or the connection just ends.
    RefusedOrClosed,
    /// A Close frame with this code, after the handshake.
    Close(u16),
}

use Answer::{Close, Either, Refused, RefusedOrClosed, Status};

/// Requests (RFC 9110, 9112); [`bytes()`] has them as sent.
pub(crate) const REQUESTS: &[(&str, &[u8], Answer)] = &[
    ("no method", b" /stream HTTP/1.1\nHost: localhost", Refused),
    ("no target", b"GET HTTP/1.1\nHost: localhost", Refused),
    ("no version", b"GET /stream\nHost: localhost", Refused),
    (
        "a version that is none",
        b"GET /stream HTTP/9.9\nHost: localhost",
        Either(400, 505),
    ),
    (
        "a version in words",
        b"GET /stream HTTP/one\nHost: localhost",
        Either(400, 505),
    ),
    ("bytes of TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", Refused),
    ("zeros", b"\0\0\0\0\0\0\0\0", Refused),
    (
        "a method of control characters",
        b"G\x01T / HTTP/1.1\nHost: localhost",
        Refused,
    ),
    ("a space before a colon", b"GET /stream HTTP/1.1\nHost : x", Status(400)),
    ("a field without a name", b"GET /stream HTTP/1.1\n: x", Status(400)),
    ("a field without a colon", b"GET /stream HTTP/1.1\nHost", Status(400)),
    ("a zero in a field", b"GET /stream HTTP/1.1\nHost: localhost\0y", Status(400)),
    ("no Host", b"GET /short-polling HTTP/1.1\nAccept: */*", Status(400)),
    (
        "two Hosts",
        b"GET /short-polling HTTP/1.1\nHost: localhost\nHost: y",
        Status(400),
    ),
    (
        "a length that is no number",
        b"POST /stream HTTP/1.1\nHost: localhost\nContent-Length: ten",
        Status(400),
    ),
    (
        "a negative length",
        b"POST /stream HTTP/1.1\nHost: localhost\nContent-Length: -1",
        Status(400),
    ),
    (
        "a length with a plus",
        b"POST /stream HTTP/1.1\nHost: localhost\nContent-Length: +1",
        Status(400),
    ),
    (
        "two lengths that differ",
        b"POST /stream HTTP/1.1\nHost: localhost\nContent-Length: 1\n\
          Content-Length: 2\n\nx",
        Status(400),
    ),
    (
        "a length beyond all numbers",
        b"POST /stream HTTP/1.1\nHost: localhost\n\
          Content-Length: 99999999999999999999999",
        Status(400),
    ),
    (
        "a length and chunks",
        b"POST /stream HTTP/1.1\nHost: localhost\nContent-Length: 5\n\
          Transfer-Encoding: chunked\n\n0",
        Either(400, 405),
    ),
    (
        "an unknown coding",
        b"POST /stream HTTP/1.1\nHost: localhost\nTransfer-Encoding: magic",
        Either(400, 501),
    ),
    (
        "chunked, but not at the end",
        b"POST /stream HTTP/1.1\nHost: localhost\n\
          Transfer-Encoding: chunked, gzip\n\n0",
        Either(400, 501),
    ),
    (
        "POST",
        b"POST /stream HTTP/1.1\nHost: localhost\nContent-Length: 0",
        Status(405),
    ),
    ("DELETE", b"DELETE /long-polling HTTP/1.1\nHost: localhost", Status(405)),
    (
        "a method that nobody knows",
        b"BREW /stream HTTP/1.1\nHost: localhost",
        Either(405, 501),
    ),
    ("another path", b"GET /nothing HTTP/1.1\nHost: localhost", Status(404)),
    (
        "a path that climbs",
        b"GET /../../../../etc/passwd HTTP/1.1\nHost: localhost",
        Refused,
    ),
    (
        "a path that climbs in hex",
        b"GET /shared/%2e%2e/%2e%2e/Cargo.toml HTTP/1.1\nHost: localhost",
        Refused,
    ),
    (
        "a cursor that is none",
        b"GET /stream?after=17 HTTP/1.1\nHost: localhost",
        Status(400),
    ),
    (
        "a cursor with markup",
        b"GET /short-polling?after=%3Cscript%3E HTTP/1.1\nHost: localhost",
        Status(400),
    ),
    (
        "two cursors",
        b"GET /stream?after=k3f9-1&after=k3f9-2 HTTP/1.1\nHost: localhost",
        Status(400),
    ),
    (
        "a Last-Event-ID that is none",
        b"GET /api/v1/live-data HTTP/1.1\nHost: localhost\nLast-Event-ID: \xff\xfe",
        Status(400),
    ),
    ("a Host that is none", b"GET /clock HTTP/1.1\nHost: a b", Status(400)),
    ("the name of another server", b"GET /clock HTTP/1.1\nHost: evil", Status(421)),
    (
        "a WebSocket without a key",
        b"GET /chat HTTP/1.1\nHost: localhost\nUpgrade: websocket\n\
          Connection: Upgrade\nSec-WebSocket-Version: 13",
        Status(400),
    ),
    (
        "a WebSocket of another version",
        b"GET /chat HTTP/1.1\nHost: localhost\nUpgrade: websocket\n\
          Connection: Upgrade\nSec-WebSocket-Version: 99\n\
          Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        Either(400, 426),
    ),
    (
        "a WebSocket of another origin",
        b"GET /chat HTTP/1.1\nHost: localhost\nOrigin: http://evil\n\
          Upgrade: websocket\nConnection: Upgrade\n\
          Sec-WebSocket-Version: 13\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        Status(403),
    ),
    (
        "a WebSocket in HTTP/1.0",
        b"GET /chat HTTP/1.0\nUpgrade: websocket\nConnection: Upgrade\n\
          Sec-WebSocket-Version: 13\nSec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==",
        Status(400),
    ),
    ("no WebSocket at all", b"GET /chat HTTP/1.1\nHost: localhost", Status(400)),
    ("HTTP/2 without being asked", b"PRI * HTTP/2.0\n\nSM", RefusedOrClosed),
];

/// Frames (RFC 6455), after a handshake. Masked with zeros where they are masked.
pub(crate) const FRAMES: &[(&str, &[u8], Answer)] = &[
    ("a frame without a mask", b"\x81\x02hi", Close(1002)),
    ("a reserved bit", b"\xc1\x82\0\0\0\0hi", Close(1002)),
    ("a reserved opcode", b"\x83\x82\0\0\0\0hi", Close(1002)),
    ("a reserved control opcode", b"\x8b\x80\0\0\0\0", Close(1002)),
    (
        "a ping of 126 bytes",
        b"\x89\xfe\x00\x7e\0\0\0\0\
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\
          xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        Close(1002),
    ),
    ("a ping in two frames", b"\x09\x80\0\0\0\0", Close(1002)),
    ("a continuation of nothing", b"\x80\x82\0\0\0\0hi", Close(1002)),
    ("text that is not UTF-8", b"\x81\x82\0\0\0\0\xc3\x28", Close(1007)),
    ("a binary message", b"\x82\x82\0\0\0\0hi", Close(1003)),
    ("a frame of 2^62 bytes", b"\x81\xff\x40\0\0\0\0\0\0\0\0\0\0\0", Close(1009)),
    ("a frame of 5000 bytes", b"\x81\xfe\x13\x88\0\0\0\0", Close(1009)),
    ("a Close with one byte", b"\x88\x81\0\0\0\0\x03", Close(1002)),
    ("a Close with code 1005", b"\x88\x82\0\0\0\0\x03\xed", Close(1002)),
];

/// A request as it is sent: `\r\n` for each `\n`, and an empty line if there is none.
pub(crate) fn bytes(request: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> =
        request.split(|&byte| byte == b'\n').collect::<Vec<_>>().join(&b"\r\n"[..]);
    if !request.windows(2).any(|pair| pair == b"\n\n") {
        bytes.extend_from_slice(b"\r\n\r\n");
    }
    bytes
}

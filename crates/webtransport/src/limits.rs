//! What is kept for a client at most, and how long for one that is silent.

use std::time::Duration;

use wtransport::{
    config::QuicTransportConfig,
    quinn::{IdleTimeout, VarInt},
};

/// How long a client has to ask for a session, and at the end, to read the last message.
pub(crate) const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
pub(crate) const LAST_MESSAGE_GRACE: Duration = Duration::from_secs(1);
/// Sessions at a time, and bytes of a stream that a client opens.
pub(crate) const SESSIONS_LIMIT: usize = 1000;
pub(crate) const STREAM_BYTES: u64 = 64 << 10;
/// How often QUIC asks a silent client whether it is there, so that the connection
/// stays open while nothing is published.
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(3);
/// How long, in milliseconds, a client may be silent until its connection is given up:
/// about three of the questions.
const IDLE_TIMEOUT: VarInt = VarInt::from_u32(10_000);
/// Streams that a client may have open: of each kind. HTTP/3 itself takes three of one
/// direction, and the request for the session one of both (RFC 9114 §6).
const STREAMS_LIMIT: VarInt = VarInt::from_u32(16);
/// Bytes of a client that we keep until they are read: of a stream, and of all.
const STREAM_RECEIVE_BYTES: VarInt = VarInt::from_u32(16 << 10);
const RECEIVE_BYTES: VarInt = VarInt::from_u32(64 << 10);
/// Bytes that may be on the way to a client, not acknowledged: some hundred samples.
const SEND_BYTES: u64 = 64 << 10;
/// Bytes of datagrams that wait until congestion control lets them go. When there are
/// more, the oldest is dropped: a late datagram is worth less than the newest.
const DATAGRAM_BYTES: usize = 16 << 10;

/// Bounds for one connection.
pub(crate) fn transport() -> QuicTransportConfig {
    let mut transport = QuicTransportConfig::default();
    transport
        .keep_alive_interval(Some(KEEPALIVE_INTERVAL))
        .max_idle_timeout(Some(IdleTimeout::from(IDLE_TIMEOUT)))
        .max_concurrent_bidi_streams(STREAMS_LIMIT)
        .max_concurrent_uni_streams(STREAMS_LIMIT)
        .stream_receive_window(STREAM_RECEIVE_BYTES)
        .receive_window(RECEIVE_BYTES)
        .send_window(SEND_BYTES)
        .datagram_send_buffer_size(DATAGRAM_BYTES)
        .datagram_receive_buffer_size(Some(DATAGRAM_BYTES));
    transport
}

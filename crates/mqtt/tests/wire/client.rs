//! A client of MQTT in bytes: packets are built and read here once more, by the
//! standard and not by the server's codec.

use std::net::Ipv4Addr;

use testkit::{Client, Server, handshake, masked, sample};

/// A connection after its handshake.
pub(crate) struct Mqtt {
    client: Client,
    /// Bytes of messages that were not taken as packets yet.
    unread: Vec<u8>,
}

/// A packet: its first byte, its length, its fields.
pub(crate) fn packet(first: u8, fields: &[u8]) -> Vec<u8> {
    let mut packet = vec![first];
    let mut length = fields.len();
    loop {
        let more = length > 127;
        packet.push((length % 128) as u8 | if more { 128 } else { 0 });
        length /= 128;
        if !more {
            break;
        }
    }
    [packet, fields.to_vec()].concat()
}

/// A string: its length in two bytes, and itself.
pub(crate) fn string(text: impl AsRef<[u8]>) -> Vec<u8> {
    let text = text.as_ref();
    [&(text.len() as u16).to_be_bytes(), text].concat()
}

/// CONNECT with these flags and this payload, which begins with the client id.
pub(crate) fn connect(flags: u8, keep_alive: u16, payload: &[Vec<u8>]) -> Vec<u8> {
    let mut fields = [string("MQTT"), vec![4, flags]].concat();
    fields.extend(keep_alive.to_be_bytes());
    fields.extend(payload.concat());
    packet(0x10, &fields)
}

pub(crate) fn subscribe(id: u16, filters: &[&str]) -> Vec<u8> {
    let mut fields = id.to_be_bytes().to_vec();
    for filter in filters {
        fields.extend(string(filter));
        fields.push(1); // at most: the server grants 0
    }
    packet(0x82, &fields)
}

pub(crate) fn unsubscribe(id: u16, filters: &[&str]) -> Vec<u8> {
    let mut fields = id.to_be_bytes().to_vec();
    fields.extend(filters.iter().flat_map(string));
    packet(0xa2, &fields)
}

/// PUBLISH with these flags; with an id if they say QoS 1 or 2.
pub(crate) fn publish(flags: u8, topic: &str, id: u16, payload: &[u8]) -> Vec<u8> {
    let mut fields = string(topic);
    if flags & 6 != 0 {
        fields.extend(id.to_be_bytes());
    }
    fields.extend(payload);
    packet(0x30 | flags, &fields)
}

pub(crate) const PING: &[u8] = &[0xc0, 0];
pub(crate) const PONG: &[u8] = &[0xd0, 0];
pub(crate) const DISCONNECT: &[u8] = &[0xe0, 0];

impl Mqtt {
    pub(crate) fn open(server: &Server) -> Self {
        Self::begin(server.connect())
    }

    /// With a clean session, from another device: a lens lets each have so many.
    pub(crate) fn connected_from(server: &Server, device: u8, id: &str) -> Self {
        let device = Ipv4Addr::new(127, 0, 0, device);
        let mut client = Self::begin(Client::connect_from(device, server.address));
        client.send(connect(2, 0, &[string(id)]));
        assert_eq!(client.next(), [0x20, 2, 0, 0]);
        client
    }

    fn begin(mut client: Client) -> Self {
        client.send(handshake("/mqtt", "Sec-WebSocket-Protocol: mqtt\r\n"));
        let head = client.head();
        assert_eq!(head.code(), 101, "{head:?}");
        Self { client, unread: Vec::new() }
    }

    /// With a clean session, and no keep alive.
    pub(crate) fn connected(server: &Server, id: &str) -> Self {
        Self::connected_with(server, &connect(2, 0, &[string(id)]), false)
    }

    /// With a will, which is retained or not.
    pub(crate) fn with_will(
        server: &Server,
        id: &str,
        topic: &str,
        flags: u8,
    ) -> Self {
        let payload = [string(id), string(topic), string("fell off")];
        Self::connected_with(server, &connect(0x06 | flags, 0, &payload), false)
    }

    pub(crate) fn connected_with(
        server: &Server,
        connect: &[u8],
        present: bool,
    ) -> Self {
        let mut client = Self::open(server);
        client.send(connect);
        assert_eq!(client.next(), [0x20, 2, present.into(), 0]);
        client
    }

    /// Sends bytes in one binary message.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.client.send(masked(0x82, bytes));
    }

    pub(crate) fn send_text(&mut self, text: &str) {
        self.client.send(masked(0x81, text));
    }

    /// Sends a frame as it is.
    pub(crate) fn send_frame(&mut self, first: u8, payload: &[u8]) {
        self.client.send(masked(first, payload));
    }

    /// Takes the answer to a ping of the WebSocket.
    pub(crate) fn pong(&mut self) -> Vec<u8> {
        let (first, payload) = self.client.frame();
        assert_eq!(first, 0x8a);
        payload
    }

    /// Takes the next packet.
    pub(crate) fn next(&mut self) -> Vec<u8> {
        loop {
            if let Some(length) = length(&self.unread) {
                return self.unread.drain(..length).collect();
            }
            let (first, payload) = self.client.frame();
            let text = String::from_utf8_lossy(&payload);
            assert_eq!(first, 0x82, "{text}");
            self.unread.extend(payload);
        }
    }

    /// Takes the next packet, a PUBLISH with QoS 0: whether it is retained, its
    /// topic and its payload.
    pub(crate) fn message(&mut self) -> (bool, String, String) {
        let packet = self.next();
        assert_eq!(packet[0] & 0xfe, 0x30, "{packet:x?}");
        let fields = &packet[packet.len() - body(&packet)..];
        let (length, fields) = fields.split_first_chunk().unwrap();
        let (topic, payload) = fields.split_at(u16::from_be_bytes(*length).into());
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        (packet[0] & 1 == 1, text(topic), text(payload))
    }

    /// Takes the next message, a sample: whether it is retained, and its number.
    pub(crate) fn sample(&mut self) -> (bool, u64) {
        let (is_retained, topic, payload) = self.message();
        assert_eq!(topic, "samples");
        (is_retained, sample(&payload).0)
    }

    /// Subscribes, and takes the SUBACK.
    pub(crate) fn subscribe(&mut self, filters: &[&str]) {
        self.send(subscribe(7, filters));
        let codes = vec![0; filters.len()];
        assert_eq!(self.next(), packet(0x90, &[vec![0, 7], codes].concat()));
    }

    /// Publishes with QoS 1, and takes the PUBACK: then every subscriber has it.
    pub(crate) fn publish(&mut self, topic: &str, payload: &str) {
        self.send(publish(2, topic, 9, payload.as_bytes()));
        assert_eq!(self.next(), [0x40, 2, 0, 9]);
    }

    /// The same, to be retained.
    pub(crate) fn retain(&mut self, topic: &str, payload: &str) {
        self.send(publish(3, topic, 9, payload.as_bytes()));
        assert_eq!(self.next(), [0x40, 2, 0, 9]);
    }

    /// Nothing was sent before the answer to a ping.
    pub(crate) fn has_nothing(&mut self) {
        self.send(PING);
        assert_eq!(self.next(), PONG);
    }

    /// Ends the connection with no word, as a network does.
    pub(crate) fn vanish(self) {
        drop(self.client);
    }

    /// Takes a Close frame and the end: its code, 0 for none, and its reason.
    pub(crate) fn closed(&mut self) -> (u16, String) {
        let (first, payload) = self.client.frame();
        assert_eq!(first, 0x88, "{payload:x?}");
        self.client.end();
        let Some((code, reason)) = payload.split_first_chunk() else {
            return (0, String::new());
        };
        (u16::from_be_bytes(*code), String::from_utf8(reason.to_vec()).unwrap())
    }
}

/// How many bytes the first packet has, if it is complete.
fn length(bytes: &[u8]) -> Option<usize> {
    let digits = bytes.iter().skip(1).position(|byte| byte & 128 == 0)? + 1;
    let length = 1 + digits + body(bytes);
    (bytes.len() >= length).then_some(length)
}

/// The remaining length of a packet.
fn body(bytes: &[u8]) -> usize {
    let mut length = 0;
    for (place, byte) in bytes[1..].iter().enumerate() {
        length += usize::from(byte & 127) * 128_usize.pow(place as u32);
        if byte & 128 == 0 {
            return length;
        }
    }
    panic!("no length in {bytes:x?}")
}

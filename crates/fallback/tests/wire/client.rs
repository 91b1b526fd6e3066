//! A client of Engine.IO in bytes: a session over polling, and its WebSocket.

use testkit::{Client, Head, Server, masked, sample};

/// A session that was opened by polling.
pub(crate) struct Session<'a> {
    server: &'a Server,
    pub(crate) sid: String,
}

/// A request for `/socket.io/?query`, and its response.
pub(crate) fn ask(
    server: &Server,
    method: &str,
    query: &str,
    body: &str,
) -> (Head, String) {
    let mut client = server.connect();
    client.send(request(method, query, body));
    client.response()
}

pub(crate) fn request(method: &str, query: &str, body: &str) -> String {
    format!(
        "{method} /socket.io/?{query} HTTP/1.1\r\nHost: localhost\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

impl<'a> Session<'a> {
    pub(crate) fn open(server: &'a Server) -> Self {
        let (head, body) = ask(server, "GET", "EIO=4&transport=polling", "");
        assert_eq!(head.code(), 200, "{body}");
        let sid = body.split('"').nth(3).unwrap().to_owned();
        Self { server, sid }
    }

    /// Opened, connected to `/`, and with the first sample taken.
    pub(crate) fn connected(server: &'a Server) -> Self {
        let session = Self::open(server);
        session.post("40");
        assert!(session.poll().starts_with("40{"));
        assert_eq!(event(&session.poll()).unwrap().0, 1);
        session
    }

    pub(crate) fn query(&self) -> String {
        format!("EIO=4&transport=polling&sid={}", self.sid)
    }

    pub(crate) fn try_poll(&self) -> (u16, String) {
        let (head, body) = ask(self.server, "GET", &self.query(), "");
        (head.code(), body)
    }

    pub(crate) fn poll(&self) -> String {
        let (code, body) = self.try_poll();
        assert_eq!(code, 200, "{body}");
        body
    }

    /// A poll whose response was not taken yet.
    pub(crate) fn hold(&self) -> Client {
        let mut client = self.server.connect();
        client.send(request("GET", &self.query(), ""));
        client
    }

    pub(crate) fn try_post(&self, packets: &str) -> (u16, String) {
        let (head, body) = ask(self.server, "POST", &self.query(), packets);
        (head.code(), body)
    }

    pub(crate) fn post(&self, packets: &str) {
        assert_eq!(self.try_post(packets), (200, "ok".into()));
    }

    /// A WebSocket with this session's id.
    pub(crate) fn socket(&self) -> WebSocket {
        let query = format!("EIO=4&transport=websocket&sid={}", self.sid);
        WebSocket::open(self.server, &query)
    }
}

/// A WebSocket after its handshake.
pub(crate) struct WebSocket(Client);

/// A session that needs no polling.
pub(crate) fn open_by_socket(server: &Server) -> WebSocket {
    WebSocket::open(server, "EIO=4&transport=websocket")
}

/// The handshake of a WebSocket, with more fields.
pub(crate) fn handshake(query: &str, fields: &str) -> String {
    testkit::handshake(&format!("/socket.io/?{query}"), fields)
}

impl WebSocket {
    fn open(server: &Server, query: &str) -> Self {
        let mut client = server.connect();
        client.send(handshake(query, ""));
        let head = client.head();
        assert_eq!(head.code(), 101, "{head:?}");
        Self(client)
    }

    pub(crate) fn send(&mut self, packet: &str) {
        self.0.send(masked(0x81, packet));
    }

    pub(crate) fn send_bytes(&mut self, bytes: &[u8]) {
        self.0.send(masked(0x82, bytes));
    }

    pub(crate) fn close(&mut self, code: u16) {
        self.0.send(masked(0x88, code.to_be_bytes()));
        self.0.end();
    }

    pub(crate) fn text(&mut self) -> String {
        let (first, payload) = self.0.frame();
        let text = String::from_utf8_lossy(&payload).into_owned();
        assert_eq!(first, 0x81, "{text}");
        text
    }

    /// Takes a Close frame and the end: its code, 0 for none, and its reason.
    pub(crate) fn closed(&mut self) -> (u16, String) {
        let (first, payload) = self.0.frame();
        assert_eq!(first, 0x88, "{payload:?}");
        self.0.end();
        let Some((code, reason)) = payload.split_first_chunk() else {
            return (0, String::new());
        };
        (u16::from_be_bytes(*code), String::from_utf8(reason.to_vec()).unwrap())
    }
}

/// The sample of an event: its number and its data.
pub(crate) fn event(packet: &str) -> Option<(u64, String)> {
    let json = packet.strip_prefix("42[\"sample\",")?;
    Some(sample(json.rsplit_once(",\"")?.0))
}

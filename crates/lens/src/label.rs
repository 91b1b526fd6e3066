//! What a byte can be. Each byte of a connection gets exactly one [`Label`].

use serde::{Serialize, Serializer};

/// What a byte is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Head of a request or a response.
    Head,
    /// Says where something begins and ends, and what it is.
    Framing,
    /// What the application says.
    Payload,
    /// Keeps the connection going, or ends it.
    Control,
    /// Not understood.
    Opaque,
}

/// The table below as an enum: what is explained here is what the pages show.
macro_rules! labels {
    ($($variant:ident $name:literal $class:ident $title:literal
        $explains:literal $reference:literal)*) => {
        /// What a byte is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Label {
            $(#[doc = $explains] #[doc = concat!("(", $reference, ")")] $variant,)*
        }

        impl Label {
            /// All of them, in the order in which they are on the wire.
            pub const ALL: &[Label] = &[$(Label::$variant),*];

            /// Its name in JSON and CSS: `sse-data`.
            pub fn name(self) -> &'static str {
                match self { $(Label::$variant => $name,)* }
            }

            /// What it counts as.
            pub fn class(self) -> Class {
                match self { $(Label::$variant => Class::$class,)* }
            }

            /// Its name for people.
            pub fn title(self) -> &'static str {
                match self { $(Label::$variant => $title,)* }
            }

            /// What it is for, in a sentence or two.
            pub fn explanation(self) -> &'static str {
                match self { $(Label::$variant => $explains,)* }
            }

            /// Where it is defined.
            pub fn reference(self) -> &'static str {
                match self { $(Label::$variant => $reference,)* }
            }
        }
    };
}

labels! {
    Method "method" Head "method"
        "What the client wants to do. GET asks for a resource, and for no change on the server."
        "RFC 9110 §9"
    Target "target" Head "request target"
        "Which resource, most often a path and a query. A fragment (#…) is never sent."
        "RFC 9112 §3.2, RFC 9110 §7.1"
    Version "version" Head "HTTP version"
        "In HTTP/1.1, the connection stays open for further requests unless one side says close."
        "RFC 9112 §2.3, §9.3"
    Status "status" Head "status code"
        "How it went: 200 OK, 204 without content, 101 the protocol of this connection changes."
        "RFC 9110 §15"
    Reason "reason" Head "reason phrase"
        "The status in words, for people. Programs ignore it, and HTTP/2 has dropped it."
        "RFC 9112 §4"
    FieldName "field-name" Head "field name"
        "Name of a header field. Upper and lower case are the same."
        "RFC 9110 §5.1"
    FieldValue "field-value" Head "field value"
        "The value of the header field."
        "RFC 9110 §5.5"
    Delimiter "delimiter" Head "delimiter"
        "Separates the parts of a head: spaces, the colon after a field's name, the line end."
        "RFC 9112 §2.1"
    HeadEnd "head-end" Head "end of the head"
        "The empty line after the last field. If there is content, it begins here."
        "RFC 9112 §2.1"
    Body "body" Payload "content"
        "Content of a request or a response. It goes on as long as Content-Length says, until the last chunk, or, in a response, until the end of the connection."
        "RFC 9112 §6"
    LineEnd "line-end" Framing "line end"
        "Ends a line of the text stream, and so a message. Chunks can't do that: proxies and browsers may cut and join them."
        "RFC 9112 §6.1"
    HeartbeatLine "heartbeat-line" Control "heartbeat"
        "An empty line of the text stream. It says nothing, but shows the client and every proxy between that the stream is in use."
        "RFC 9112 §9.5"
    ChunkSize "chunk-size" Framing "chunk size"
        "How many bytes of content follow, in hexadecimal. So the server can begin before it knows the whole length."
        "RFC 9112 §7.1"
    ChunkExtension "chunk-extension" Framing "chunk extension"
        "Parameters of one chunk. Nearly nobody sends them, and a receiver ignores those that it does not know."
        "RFC 9112 §7.1.1"
    ChunkLineEnd "chunk-line-end" Framing "line end of a chunk"
        "CR LF, after the size of a chunk and after its data. It is not part of the content."
        "RFC 9112 §7.1"
    LastChunk "last-chunk" Framing "last chunk"
        "A chunk of length 0 ends the content. If the connection ends before it, the content was cut off."
        "RFC 9112 §7.1, §8"
    Trailer "trailer" Framing "trailer field"
        "A field after the content, for what was not known before, such as a checksum."
        "RFC 9112 §7.1.2"
    SseField "sse-field" Framing "SSE field name"
        "Name of a field of an event, the colon and one space, which is not part of the value. Here, case matters."
        "WHATWG HTML §9.2.6"
    SseData "sse-data" Payload "SSE data"
        "What the page gets in event.data. The values of several data fields are joined by line feeds."
        "WHATWG HTML §9.2.6"
    SseId "sse-id" Framing "SSE id"
        "The browser keeps it, and sends it as Last-Event-ID when it reconnects. An empty id clears it."
        "WHATWG HTML §9.2.6"
    SseEvent "sse-event" Framing "SSE event type"
        "Type of the event. Without it, or with `message`, onmessage gets it; with another, only addEventListener."
        "WHATWG HTML §9.2.6"
    SseRetry "sse-retry" Control "SSE retry"
        "How many milliseconds the browser waits before it reconnects. If the value has anything but digits, the line is ignored."
        "WHATWG HTML §9.2.6"
    SseComment "sse-comment" Control "SSE comment"
        "A line that begins with a colon. The browser ignores it, but it shows every proxy between that the stream is in use."
        "WHATWG HTML §9.2.7"
    SseUnknown "sse-unknown" Framing "ignored by SSE"
        "The value of a field that the browser does not know and so ignores, or the byte order mark at the start."
        "WHATWG HTML §9.2.6"
    SseLineEnd "sse-line-end" Framing "SSE line end"
        "Ends a field. LF, CR and CR LF are all allowed."
        "WHATWG HTML §9.2.5"
    SseDispatch "sse-dispatch" Framing "SSE end of event"
        "An empty line ends the event and dispatches it to the page, if it has data. An unfinished event at the end of the stream is discarded."
        "WHATWG HTML §9.2.6"
    WsFirst "ws-first" Framing "FIN, RSV, opcode"
        "First byte of a frame: whether the message ends with it (FIN), three bits for extensions, and what it is: continuation 0, text 1, binary 2, close 8, ping 9, pong 10."
        "RFC 6455 §5.2"
    WsLength "ws-length" Framing "mask bit, length"
        "Whether the payload is masked, and its length up to 125. 126 says that the length is in the next 2 bytes, 127 in the next 8."
        "RFC 6455 §5.2"
    WsExtendedLength "ws-extended-length" Framing "extended length"
        "Length of a payload of more than 125 bytes, in 2 or 8 bytes, the most significant first."
        "RFC 6455 §5.2"
    WsMask "ws-mask" Framing "masking key"
        "Four random bytes by which the client's payload is XORed, so that no page can make bytes that look like HTTP to a proxy. It hides nothing: the key is here."
        "RFC 6455 §5.3, §10.3"
    WsPayload "ws-payload" Payload "payload"
        "Data of the application. From client to server it is masked."
        "RFC 6455 §5.6"
    WsPing "ws-ping" Control "ping data"
        "The other side has to send these bytes back in a pong, which shows that it is still there. Browsers do it by themselves."
        "RFC 6455 §5.5.2"
    WsPong "ws-pong" Control "pong data"
        "The data of the ping that this answers. A pong without a ping is allowed: it is a one-way heartbeat."
        "RFC 6455 §5.5.3"
    WsCloseCode "ws-close-code" Control "close code"
        "Why the connection is closed, in 2 bytes. The other side answers with a close frame of its own, and then TCP is closed, by the server first."
        "RFC 6455 §5.5.1, §7.4"
    WsCloseReason "ws-close-reason" Control "close reason"
        "Why, in words: at most 123 bytes of UTF-8."
        "RFC 6455 §7.1.6"
    MqttType "mqtt-type" Framing "MQTT packet type"
        "What the packet is, and four flags. Those of a PUBLISH say how surely it is delivered, and whether the broker keeps it for those that subscribe later."
        "MQTT 3.1.1 §2.2"
    MqttLength "mqtt-length" Framing "remaining length"
        "How many bytes of this packet follow: seven bits a byte, the lowest first, at most four bytes. Packets need not end where messages and their frames do."
        "MQTT 3.1.1 §2.2.3, §6"
    MqttFields "mqtt-fields" Framing "fields of an MQTT packet"
        "Fields of fixed order, without names: a packet id, which the answer repeats; texts behind their length; codes."
        "MQTT 3.1.1 §2.3, §3"
    MqttTopic "mqtt-topic" Framing "topic"
        "Where the message belongs. The broker sends it to every client with a filter that matches, and no client knows the others."
        "MQTT 3.1.1 §4.7"
    MqttPayload "mqtt-payload" Payload "MQTT message"
        "What was published. To the broker, it is just bytes."
        "MQTT 3.1.1 §3.3.3"
    EngineType "engine-type" Framing "Engine.IO packet type"
        "A digit: 0 open, 1 close, 2 ping, 3 pong, 4 message, 5 upgrade, 6 noop. By these, a session goes from polls to frames."
        "Engine.IO protocol 4"
    EngineSeparator "engine-separator" Framing "end of a packet"
        "Between the packets of one poll: U+001E, which stands in no JSON. In frames, each packet is a message."
        "Engine.IO protocol 4"
    EngineData "engine-data" Control "data of a packet"
        "What an open, a probe or a close has to say."
        "Engine.IO protocol 4"
    SocketType "socket-type" Framing "Socket.IO packet type"
        "A digit, inside of a message: 0 connect, 1 disconnect, 2 event, 3 acknowledgement, 4 connect error."
        "Socket.IO protocol 5"
    SocketHeader "socket-header" Framing "namespace, number"
        "To which namespace the packet belongs, if that is not /, and the number that the acknowledgement of an event is to have."
        "Socket.IO protocol 5"
    SocketData "socket-data" Payload "event in JSON"
        "The name of the event and its arguments, or what comes back for them."
        "Socket.IO protocol 5"
    StunType "stun-type" Framing "STUN message type"
        "What this is: a request to answer, or the response. By such packets, two browsers find out which of their addresses reach each other."
        "RFC 8489 §5"
    StunLength "stun-length" Framing "STUN length"
        "How many bytes of attributes follow."
        "RFC 8489 §5"
    StunCookie "stun-cookie" Framing "magic cookie"
        "Always 2112a442, so that a receiver can tell STUN from what else comes to the same port."
        "RFC 8489 §5"
    StunTransaction "stun-transaction" Framing "transaction id"
        "96 random bits. The response repeats those of its request."
        "RFC 8489 §5"
    StunAttribute "stun-attribute" Control "STUN attribute"
        "Its type, its length and its value: who asks, as which address the sender was seen, a checksum under a shared key. It can be read, but not be forged."
        "RFC 8489 §14, RFC 8445 §7.1"
    DtlsType "dtls-type" Framing "DTLS content type"
        "What the record holds: a message of the handshake, an alert, or data of the application."
        "RFC 6347 §4.1, RFC 9147 §4"
    DtlsVersion "dtls-version" Framing "DTLS version"
        "Counted downwards from 255, so that nothing takes it for TLS: fefd is DTLS 1.2, and 1.3 says the same."
        "RFC 6347 §4.1"
    DtlsNumber "dtls-number" Framing "epoch and record number"
        "How often keys have changed, and the number of this record: datagrams come in any order, or not at all."
        "RFC 6347 §4.1"
    DtlsLength "dtls-length" Framing "DTLS length"
        "How many bytes of this record follow. A datagram may hold several records."
        "RFC 6347 §4.1"
    DtlsHandshake "dtls-handshake" Control "DTLS handshake"
        "A message before there is a key: the two ends agree on one. With DTLS 1.2, certificates too can be read here."
        "RFC 6347 §4.2"
    QuicFirst "quic-first" Framing "first byte of a QUIC packet"
        "One bit says whether the header is long, which only packets of a handshake have. Of the rest, the type of a long header can be read."
        "RFC 9000 §17.2, §17.3"
    QuicVersion "quic-version" Framing "QUIC version"
        "The version of QUIC. Only long headers have it: afterwards, both ends know."
        "RFC 8999 §5.1"
    QuicConnectionId "quic-connection-id" Framing "connection id"
        "Its length and itself: by this, and not by the address, a connection is known. So it goes on when a phone changes its network."
        "RFC 9000 §5.1"
    QuicLength "quic-length" Framing "token and length"
        "The token by which a server knows that a client has the address that it says, if there is one, and how many bytes of this packet follow."
        "RFC 9000 §17.2"
    Encrypted "encrypted" Opaque "encrypted"
        "Nobody between the two ends can read it, this lens included. Over UDP, browsers send nothing else: no proxy can depend on what it sees here, nor break it."
        "RFC 9001 §5, RFC 9147 §4.5"
    Opaque "opaque" Opaque "not decoded"
        "Nothing that the lens knows, or bytes after an error. The lens forwards them, and does not guess what they mean."
        "RFC 9112 §6.3"
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

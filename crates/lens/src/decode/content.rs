//! What is inside the content of a message.

use super::{
    ProtocolEvent, engine_io::EngineIo, events::Events, framing::Length, head::Head,
    labeler::Labeler, lines::Lines,
};
use crate::Label;

/// Labels content. It comes in any number of parts: chunks and reads may cut it
/// anywhere.
#[derive(Debug)]
pub(super) enum Content {
    /// A page, a picture, a script: just content.
    Plain,
    /// One message, as in the response to a poll.
    Json {
        /// There was some content.
        begun: bool,
    },
    /// One message in each line.
    Lines(Lines),
    /// Server-sent events.
    Events(Events),
    /// Packets of a session that polls.
    EngineIo(EngineIo),
}

impl Content {
    /// The content of a request.
    pub(super) fn of_request(engine_io: bool) -> Self {
        if engine_io {
            Self::EngineIo(EngineIo::new(Label::Body))
        } else {
            Self::Plain
        }
    }

    /// The content of this response. Compressed content is just content.
    pub(super) fn of_response(head: &Head, length: Length, engine_io: bool) -> Self {
        let chunked = length == Length::Chunked;
        let encoded = head.values("content-encoding").next().is_some()
            || head.list("transfer-encoding").any(|coding| coding != "chunked");
        // Only a good answer is read by a page for what it is: an EventSource fails on
        // any other (WHATWG HTML §9.2.2), and what an error says is no message.
        let good = head.status == 200;
        let kinds: Vec<&[u8]> = head.values("content-type").collect();
        let kind = match kinds.as_slice() {
            [kind] if good => *kind,
            _ => b"",
        };
        let kind = kind.split(|byte| *byte == b';').next().unwrap_or_default();
        match kind.trim_ascii().to_ascii_lowercase().as_slice() {
            _ if encoded => Self::Plain,
            b"application/json" => Self::Json { begun: false },
            b"text/plain" if engine_io => Self::EngineIo(EngineIo::new(Label::Body)),
            b"text/plain" if chunked => Self::Lines(Lines::default()),
            b"text/event-stream" => Self::Events(Events::new(!chunked)),
            _ => Self::Plain,
        }
    }

    /// Labels the next `count` bytes, which are there.
    pub(super) fn write(&mut self, labeler: &mut Labeler, count: usize) {
        match self {
            Self::Plain => labeler.label(count, Label::Body),
            Self::Json { begun } => {
                *begun |= count > 0;
                labeler.label_payload(count, Label::Body);
            }
            Self::Lines(lines) => lines.write(labeler, count),
            Self::Events(events) => events.write(labeler, count),
            Self::EngineIo(packets) => {
                let mut left = count;
                while left > 0 {
                    let token = packets.next(&labeler.share(left));
                    token.write(labeler);
                    left -= token.count;
                }
            }
        }
    }

    /// The content is complete.
    pub(super) fn end(&self, labeler: &mut Labeler) {
        if let Self::Json { begun: true } = self {
            labeler.emit(ProtocolEvent::Message);
        }
    }
}

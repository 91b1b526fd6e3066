//! Requests that come a byte at a time, and have no end.

/// What comes a byte at a time, and has no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slow {
    Head,
    /// Of a length that is told before.
    Body,
    /// In chunks.
    Chunks,
    /// A head, after the response to another.
    Second,
}

impl Slow {
    pub(super) const ALL: [Self; 3] = [Self::Head, Self::Body, Self::Chunks];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Head => "heads",
            Self::Body => "bodies of a length",
            Self::Chunks => "bodies in chunks",
            Self::Second => "heads after an answer",
        }
    }

    /// What it begins with, after a method and a path.
    pub(super) fn begin(self, request: &str) -> String {
        let field = match self {
            Self::Head => "X: ",
            Self::Second => "\r\nGET / HTTP/1.1\r\nX: ",
            Self::Body => "Content-Length: 100000\r\n\r\n",
            Self::Chunks => "Transfer-Encoding: chunked\r\n\r\n",
        };
        format!("{request} HTTP/1.1\r\nHost: localhost\r\n{field}")
    }

    /// What comes again and again.
    pub(super) fn more(self) -> &'static [u8] {
        match self {
            Self::Head | Self::Body | Self::Second => b"x",
            Self::Chunks => b"1\r\nx\r\n",
        }
    }
}

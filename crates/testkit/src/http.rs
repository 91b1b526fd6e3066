//! HTTP/1.1 in bytes (RFC 9112): requests with no more than is demanded, and responses
//! checked to the byte.

use stage::Technique;

use crate::client::Client;

/// The head of a response: its status line, and its fields in lower case, sorted.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Such as `HTTP/1.1 200 OK`.
    pub status: String,
    /// Such as `content-type: text/plain`.
    pub fields: Vec<String>,
}

impl Client {
    /// Asks for `target`, with no more than HTTP/1.1 demands.
    pub fn get(&mut self, target: &str) {
        self.send(request(target));
    }

    /// Asks for `target` of a server that may have refused the connection.
    pub fn ask(&mut self, target: &str) {
        let _ = self.try_send(request(target));
    }

    /// Asks for `target` of a server that may not be there. The head of its response,
    /// if it is.
    pub fn try_get(&mut self, target: &str) -> Option<Head> {
        self.try_send(request(target)).ok()?;
        self.try_until("\r\n\r\n").map(|head| Head::parse(&head))
    }

    /// Takes the head of a response.
    pub fn head(&mut self) -> Head {
        Head::parse(&self.until("\r\n\r\n"))
    }

    /// Takes a response whose length the head tells, or that has no content.
    pub fn response(&mut self) -> (Head, String) {
        let head = self.head();
        let length = head.field("content-length").map_or(0, |n| n.parse().unwrap());
        let body = String::from_utf8(self.take(length)).unwrap();
        (head, body)
    }

    /// Takes one chunk of a body (RFC 9112 §7.1), checked to the byte; the last one
    /// is empty.
    pub fn chunk(&mut self) -> String {
        let size = self.until("\r\n");
        let hex = size.trim_end();
        let length = usize::from_str_radix(hex, 16).unwrap();
        assert_eq!(hex, format!("{length:X}"), "a size without padding");
        let data = String::from_utf8(self.take(length)).unwrap();
        assert_eq!(self.until("\r\n"), "\r\n", "after the data of a chunk");
        data
    }
}

fn request(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n")
}

impl Head {
    fn parse(head: &str) -> Self {
        let (status, fields) = head.trim_end().split_once("\r\n").unwrap();
        let mut fields: Vec<_> = fields
            .split("\r\n")
            .map(|field| {
                let (name, value) = field.split_once(": ").unwrap();
                format!("{}: {value}", name.to_lowercase())
            })
            .collect();
        fields.sort();
        Self { status: status.into(), fields }
    }

    /// The value of a field.
    pub fn field(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}: ");
        self.fields.iter().find_map(|field| field.strip_prefix(&prefix))
    }

    /// The status code.
    pub fn code(&self) -> u16 {
        self.status.split(' ').nth(1).unwrap().parse().unwrap()
    }

    /// The head without the values that differ each time, as in [`documented`].
    pub fn normal(mut self) -> Self {
        for field in &mut self.fields {
            if field.starts_with("date: ") || field.starts_with("content-length: ") {
                field.truncate(field.find(' ').unwrap());
            }
        }
        self
    }
}

/// The head that the `//!` of a technique's source shows for a status, without the
/// values that differ each time.
pub fn documented(technique: Technique, status: &str) -> Head {
    let head = technique
        .source
        .lines()
        .map(|line| line.trim_start_matches("//! ").trim_start_matches("//!"))
        .skip_while(|line| *line != status)
        .take_while(|line| !line.is_empty() && *line != "```")
        .collect::<Vec<_>>();
    assert!(!head.is_empty(), "{} does not show {status}", technique.name);
    Head::parse(&format!("{}\r\n\r\n", head.join("\r\n"))).normal()
}

//! A phone's connection: it may fail at any time, and then the phone makes another one.

use std::{
    io::{BufRead, BufReader, Error, Read, Result, Write},
    net::{SocketAddr, TcpStream},
    thread::park_timeout,
    time::{Duration, Instant},
};

use socket2::{Domain, Socket, Type};

use crate::Phone;

/// How long a phone waits for bytes before it looks whether it is to be cut.
const READ_TIMEOUT: Duration = Duration::from_millis(100);
/// Before it connects again.
const RETURN_DELAY: Duration = Duration::from_millis(50);

/// A connection from the address of a phone.
pub(crate) fn connect(phone: &Phone, server: SocketAddr) -> Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.bind(&SocketAddr::from((phone.address(), 0)).into())?;
    socket.connect(&server.into())?;
    let stream = TcpStream::from(socket);
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// A response whose content ends with the connection (HTTP/1.0).
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    reader: BufReader<TcpStream>,
}

/// Sends a request, and reads the head of its response.
pub(crate) fn ask(
    phone: &Phone,
    request: &str,
    field: &str,
    content: &str,
) -> Result<Response> {
    let mut stream = connect(phone, phone.server)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    write!(
        stream,
        "{request} HTTP/1.0\r\nHost: localhost\r\n{field}Content-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{content}",
        content.len()
    )?;
    let mut reader = BufReader::new(stream);
    let mut status = String::new();
    reader.read_line(&mut status)?;
    let status = status.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.ok_or_else(|| Error::other("no status"))?;
    let mut fields = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => {
                fields.push((name.to_lowercase(), value.to_owned()));
            }
            None => break,
        }
    }
    Ok(Response { status, fields, reader })
}

impl Response {
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn content(mut self) -> Result<String> {
        let mut text = String::new();
        self.reader.read_to_string(&mut text)?;
        Ok(text)
    }

    /// Reads events until the connection ends, or is cut at this time.
    pub(crate) fn events(
        mut self,
        cut: Instant,
        mut take: impl FnMut(Event) -> bool,
    ) -> Result<()> {
        self.reader.get_ref().set_read_timeout(Some(READ_TIMEOUT))?;
        let (mut event, mut line) = (Event::default(), Vec::new());
        while Instant::now() < cut {
            match self.reader.read_until(b'\n', &mut line) {
                Ok(0) => break,
                Ok(_) if line.ends_with(b"\n") => {}
                Ok(_) => continue,
                // What came of a line stays in it.
                Err(error) if is_timeout(&error) => continue,
                Err(error) => return Err(error),
            }
            let text = String::from_utf8(std::mem::take(&mut line));
            let text = text.map_err(Error::other)?;
            match text.trim_end_matches('\n').split_once(": ") {
                Some(("event", name)) => event.name = name.into(),
                Some(("id", id)) => event.id = id.into(),
                Some(("data", data)) => event.data = data.into(),
                Some(_) => {}
                None => {
                    let event = std::mem::take(&mut event);
                    if !event.id.is_empty() && !take(event) {
                        break;
                    }
                }
            }
        }
        Ok(())
    }
}

pub(crate) fn is_timeout(error: &Error) -> bool {
    use std::io::ErrorKind::{TimedOut, WouldBlock};
    matches!(error.kind(), TimedOut | WouldBlock)
}

/// Waits, and connects again.
pub(crate) fn pause() {
    park_timeout(RETURN_DELAY);
}

/// An event that has an id.
#[derive(Debug, Default)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: String,
}

impl Event {
    /// The run and the number of its id.
    pub(crate) fn place(&self) -> (&str, u64) {
        let (run, seq) = self.id.split_once('-').unwrap();
        (run, seq.parse().unwrap())
    }
}

//! A phone that comes: the one test of wifi, firewall and address together.

use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, TcpListener, TcpStream},
    thread::sleep,
    time::{Duration, Instant},
};

use humantime::format_duration;

use super::check::Check;
use crate::flags::DoctorFlags;

const NAME: &str = "phone";

/// How often to look for a connection.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long a connection may take to send its whole request. Browsers open some in advance
/// that send none: each delays the next connection by this much.
const REQUEST_TIMEOUT: Duration = Duration::from_millis(500);

/// How much of a request is read.
const REQUEST_BYTES_LIMIT: usize = 4 << 10;

/// How many characters of a browser's own name are shown.
const AGENT_LIMIT: usize = 100;

/// Shows the address and its QR code, and waits until a phone has asked for it. The room needs
/// these ports of this machine.
pub(super) fn check(urls: &[String], room: &[u16], flags: &DoctorFlags) -> Check {
    let &DoctorFlags { base_port, wait, json, .. } = flags;
    let any: IpAddr = Ipv4Addr::UNSPECIFIED.into();
    let (Some(url), Ok(listener)) = (urls.first(), stage::listen(any, base_port))
    else {
        let advice = "mend the port or the address first";
        return Check::note(NAME, "not tried", advice);
    };
    let invitation = format!(
        "\n{}\n  Open {url} with your phone, within {}.\n",
        stage::invitation(urls, any, room),
        format_duration(wait),
    );
    if json {
        // Standard output is for the JSON alone.
        let _ = write!(io::stderr(), "{invitation}");
    } else {
        stage::print_line(&invitation);
    }
    match wait_for_phone(&listener, wait) {
        Ok(Some(phone)) => Check::ok(NAME, format!("{phone} reached this machine")),
        Ok(None) => Check::problem(
            NAME,
            format!("none came within {}", format_duration(wait)),
            "put it in the same wifi, with mobile data off, and open the firewall; if the \
             wifi keeps its clients apart (client isolation), use another one, or a hotspot",
        ),
        Err(error) => Check::problem(
            NAME,
            format!("this machine can't accept connections ({error})"),
            "restart this computer, or give it more open files (ulimit -n)",
        ),
    }
}

/// The first device besides this machine that asks, if one comes in time.
#[expect(clippy::disallowed_methods, reason = "no server runs in this thread")]
fn wait_for_phone(
    listener: &TcpListener,
    wait: Duration,
) -> io::Result<Option<String>> {
    listener.set_nonblocking(true)?;
    let start = Instant::now();
    while start.elapsed() < wait {
        match listener.accept() {
            Ok((stream, device)) => {
                let device = device.ip();
                // A connection without a request, or that ended, is no phone.
                let Ok(here) = stream.local_addr() else { continue };
                // This machine's connection to an address of its own has that at both ends.
                let own = device == here.ip() || device.is_loopback();
                if let Ok(Some(agent)) = answer(stream, own)
                    && !own
                {
                    return Ok(Some(format!("{device} ({agent})")));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                sleep(POLL_INTERVAL);
            }
            // It had gone before it was accepted.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted
                        | io::ErrorKind::ConnectionReset
                        | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Answers a request. The name of the browser that sent it; none, when it was no request.
fn answer(mut stream: TcpStream, own: bool) -> io::Result<Option<String>> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(REQUEST_TIMEOUT))?;
    let mut request = Vec::new();
    let mut bytes = [0; 1024];
    let start = Instant::now();
    while !request.ends_with(b"\r\n\r\n") && request.len() < REQUEST_BYTES_LIMIT {
        let left = REQUEST_TIMEOUT.saturating_sub(start.elapsed());
        if left.is_zero() {
            return Ok(None);
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut bytes)? {
            0 => return Ok(None),
            count => request.extend_from_slice(&bytes[..count]),
        }
    }
    let request = String::from_utf8_lossy(&request);
    if !request.starts_with("GET ") {
        return Ok(None);
    }
    let text = if own {
        "This is the machine itself: open this address with your phone."
    } else {
        "This device reaches the workshop. You can close this page."
    };
    let page = format!(
        "<!doctype html><html lang=en><meta name=viewport content=\"width=device-width\">\
         <title>Realtime Workshop</title><p>{text}</p>"
    );
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{page}",
        page.len()
    )?;
    Ok(Some(agent(&request)))
}

/// What the browser calls itself, without what a terminal would take for a command.
fn agent(request: &str) -> String {
    let field = request.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("user-agent").then_some(value.trim())
    });
    let plain = |c: &char| c.is_ascii_graphic() || *c == ' ';
    let name = field.unwrap_or("a browser without a name");
    name.chars().filter(plain).take(AGENT_LIMIT).collect()
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    /// Each byte comes in time: the request does not.
    #[test]
    fn a_request_that_never_ends_does_not_hold_up_the_next() {
        const DRIP_INTERVAL: Duration = Duration::from_millis(20);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let mut client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let (answered, done) = mpsc::channel();
        let drips = thread::spawn(move || {
            client.write_all(b"GET / HTTP/1.1\r\nX: ").unwrap();
            while done.recv_timeout(DRIP_INTERVAL).is_err()
                && client.write_all(b"x").is_ok()
            {}
        });
        let agent = answer(stream, false).ok().flatten();
        answered.send(()).unwrap();
        drips.join().unwrap();
        assert_eq!(agent, None);
    }
}

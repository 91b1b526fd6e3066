//! The program, as people start it.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream, UdpSocket},
    process::{Child, Command, Stdio},
};

use testkit::{Process, WAIT_TIMEOUT};

const LENS: &str = env!("CARGO_BIN_EXE_lens");

const ASK: &[u8] = b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n";
const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
    Transfer-Encoding: chunked\r\n\r\n15\r\nid: 17\ndata: BERLIN\n\n\r\n0\r\n\r\n";

/// A lens that runs, and what it prints.
struct Running {
    process: Child,
    lines: Box<dyn Iterator<Item = String>>,
    port: u16,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let mut process =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let mut lines = output.lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let (_, rest) = line
                .split_once("open http://localhost:")
                .or_else(|| line.split_once("send datagrams to localhost:"))?;
            rest.split_once(['/', ' '])?.0.parse().ok()
        });
        Self { process, lines: Box::new(lines), port: port.unwrap() }
    }

    /// What it prints of an exchange with the server behind it.
    fn exchange(&mut self, server: &TcpListener) -> Vec<String> {
        let mut client = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        client.write_all(ASK).unwrap();
        let (mut server, _) = server.accept().unwrap();
        server.read_exact(&mut vec![0; ASK.len()]).unwrap();
        server.write_all(ANSWER).unwrap();
        client.read_exact(&mut vec![0; ANSWER.len()]).unwrap();
        client.shutdown(Shutdown::Both).unwrap();
        drop(server);
        let lines = self.lines.by_ref();
        lines.take_while(|line| !line.contains("closed by")).collect()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn server() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

/// Those that are not empty, without what comes before the connection speaks.
fn said(lines: &[String]) -> Vec<&str> {
    let mut lines =
        lines.iter().map(String::as_str).skip_while(|l| !l.contains('►'));
    lines.next();
    lines.filter(|line| !line.trim().is_empty()).collect()
}

#[test]
fn a_line_is_a_line_of_http_a_chunk_or_a_frame() {
    let (server, port) = server();
    // A port alone is one of this machine.
    for to in
        [port.to_string(), format!("localhost:{port}"), format!("127.0.0.1:{port}")]
    {
        let mut lens =
            Running::start(Command::new(LENS).args(["--listen", "0", "--to", &to]));
        let lines = lens.exchange(&server);
        let mut said = said(&lines);
        assert!(said[3].contains("◄ from server"), "{lines:?}");
        said.remove(3);
        assert_eq!(
            said,
            [
                "  GET /stream HTTP/1.1␍␊",
                "  Host: localhost␍␊",
                "  ␍␊",
                "  HTTP/1.1 200 OK␍␊",
                "  Content-Type: text/event-stream␍␊",
                "  Transfer-Encoding: chunked␍␊  the content comes in chunks",
                "  ␍␊",
                "  15␍␊id: 17␊data: BERLIN␊␊␍␊  21 bytes follow · the page gets a message",
                "  0␍␊␍␊  the content is complete",
            ]
        );
    }
}

#[test]
fn with_bytes_a_line_is_a_token() {
    let (server, port) = server();
    let to = port.to_string();
    let flags = ["--listen", "0", "--to", &to, "--bytes"];
    let lines = Running::start(Command::new(LENS).args(flags)).exchange(&server);
    let told: Vec<_> = said(&lines)
        .into_iter()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        told[..3],
        ["method head GET", "delimiter head", "target head /stream"]
    );
    assert!(
        told.contains(&"chunk-size framing 15 21 bytes follow".into()),
        "{told:?}"
    );
}

/// `script` gives it a terminal.
#[test]
#[cfg(target_os = "linux")]
fn in_a_terminal_lines_have_colours_and_fit() {
    let (server, port) = server();
    let lens = format!("stty rows 24 cols 40; exec {LENS} --listen 0 --to {port}");
    let mut command = Command::new("script");
    command.args(["-qec", &lens, "/dev/null"]).env_remove("NO_COLOR");
    let lines = Running::start(&mut command).exchange(&server);
    let said = said(&lines);
    let chunk = said.iter().find(|line| line.contains("BERLIN")).unwrap();
    for colour in ["\u{1b}[33m15", "\u{1b}[32mBERLIN"] {
        assert!(chunk.contains(colour), "{chunk:?}");
    }
    for line in &said {
        let shown: String = line
            .split('\u{1b}')
            .enumerate()
            .map(|(at, part)| match at {
                0 => part,
                _ => part.split_once('m').map_or("", |(_, text)| text),
            })
            .collect();
        let columns = shown.trim_end_matches('\r').chars().count();
        assert!(columns <= 40, "{columns}: {shown}");
    }
    assert!(said.iter().any(|line| line.contains('…')), "{said:?}");
}

#[test]
fn with_udp_a_line_is_a_datagram() {
    let server = UdpSocket::bind("127.0.0.1:0").unwrap();
    let to = server.local_addr().unwrap().port().to_string();
    let mut lens = Running::start(
        Command::new(LENS).args(["--udp", "--listen", "0", "--to", &to, "--bytes"]),
    );
    let client = UdpSocket::bind("127.0.0.1:0").unwrap();
    for socket in [&client, &server] {
        socket.set_read_timeout(Some(WAIT_TIMEOUT)).unwrap();
    }
    let mut request = b"\x00\x01\x00\x00\x21\x12\xa4\x42".to_vec();
    request.extend([7; 12]);
    client.send_to(&request, ("127.0.0.1", lens.port)).unwrap();
    let mut buffer = [0; 100];
    let (bytes, relay) = server.recv_from(&mut buffer).unwrap();
    assert_eq!(buffer[..bytes], request);
    server.send_to(b"hello", relay).unwrap();
    assert_eq!(client.recv(&mut buffer).unwrap(), 5);
    let lines: Vec<_> = lens.lines.by_ref().take(8).collect();
    let expected = [
        "opened by 127.0.0.1:",
        "► 20 bytes  Binding request · 070707070707070707070707",
        "stun-type          framing  00 01",
        "stun-length        framing  00 00",
        "stun-cookie        framing  21 12 a4 42",
        "stun-transaction   framing  07 07",
        "◄ 5 bytes  not decoded",
        "opaque             opaque   hello",
    ];
    for (line, expected) in lines.iter().zip(expected) {
        assert!(line.contains(expected), "{expected}: {lines:#?}");
    }
    assert_eq!(lines.len(), expected.len());
    for (flags, complaint) in [
        (&["--udp", "--lose", "101"][..], "lose.percent is 101: expected 0 to 100"),
        (&["--udp", "--jitter", "1"], "delay.jitter is 1: expected 0 to 0"),
        (&["--lose", "5"], "--udp"),
    ] {
        let flags = [&["--listen", "0", "--to", &to], flags].concat();
        let (_, complained) = Process::fail(LENS, &flags);
        assert!(complained.contains(complaint), "{complained}");
    }
}

#[test]
fn a_wrong_target_is_refused_with_what_to_do() {
    // Nobody else gets the port meanwhile: what is wrong is said before it listens.
    let (taken, port) = server();
    let port = port.to_string();
    for host in ["", "localhost:", "127.0.0.1:", "0.0.0.0:", "[::ffff:127.0.0.1]:"] {
        let to = format!("{host}{port}");
        let (code, complaint) =
            Process::fail(LENS, &["--listen", &port, "--to", &to]);
        assert_eq!(code, Some(1), "{to}");
        assert!(complaint.contains("is this lens itself"), "{to}: {complaint}");
    }
    for to in
        ["0", "localhost", "http://localhost:3004", ":3004", "::1:3004", "70000"]
    {
        let (code, complaint) = Process::fail(LENS, &["--listen", "0", "--to", to]);
        assert_eq!(code, Some(2), "{to}");
        assert!(complaint.contains("as in localhost:3004"), "{to}: {complaint}");
        assert_eq!(complaint.trim().lines().count(), 1, "{complaint}");
    }
    let (code, complaint) =
        Process::fail(LENS, &["--listen", &port, "--to", "3004"]);
    assert_eq!(code, Some(1));
    assert!(complaint.contains("another with --listen"), "{complaint}");
    drop(taken);
}

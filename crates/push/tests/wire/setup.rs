//! A server with a folder of its own, and an endpoint that records what it is sent.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::PathBuf,
    sync::mpsc::{self, Receiver},
    thread,
    time::Duration,
};

use push::{Options, State, TECHNIQUE, routes};
use testkit::{Client, Head, Server, WAIT_TIMEOUT};

/// A folder that is removed with the test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let folder =
            env::temp_dir().join(format!("push-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    pub(crate) fn options(&self, push_service: Option<&str>) -> Options {
        Options {
            ttl: Duration::from_secs(3600),
            state_dir: State::open(self.0.to_str().unwrap()).unwrap(),
            push_service: push_service.map(|origin| origin.parse().unwrap()),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server whose log keeps ten samples.
pub(crate) fn serve(folder: &Folder, push_service: Option<&str>) -> Server {
    let options = folder.options(push_service);
    Server::start(TECHNIQUE, 10, move |feed| routes(feed, options))
}

/// A request with a body of JSON, if there is one, and its response.
pub(crate) fn ask(
    server: &Server,
    method: &str,
    target: &str,
    body: &str,
) -> (Head, String) {
    let mut client = server.connect();
    client.send(request(method, target, body));
    client.response()
}

pub(crate) fn request(method: &str, target: &str, body: &str) -> String {
    format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The handshake of a browser with the push service, with these header fields, too; and how
/// it is answered.
pub(crate) fn shake_hands(server: &Server, fields: &str) -> (Client, Head) {
    let mut client = server.connect();
    client.send(format!(
        "GET /push-service HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n\
         Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n{fields}\r\n",
    ));
    let head = client.head();
    (client, head)
}

/// As a browser serialises it, with the keys of the example in RFC 8291 §5.
pub(crate) fn subscription(endpoint: &str) -> String {
    format!(
        r#"{{"endpoint":"{endpoint}","expirationTime":null,"keys":{{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}}}}"#
    )
}

/// The id of the last sample in an array.
pub(crate) fn id(samples: &str) -> String {
    let last = samples.rsplit_once(r#""id":""#).unwrap().1;
    last.split_once('"').unwrap().0.to_owned()
}

/// Pushes the newest sample. How the endpoints have answered.
pub(crate) fn push(server: &Server) -> String {
    let (_, samples) = ask(server, "GET", "/missed", "");
    let (head, reports) =
        ask(server, "POST", &format!("/push/{}", id(&samples)), "");
    assert_eq!(head.code(), 200, "{reports}");
    reports
}

/// A push service that answers everything alike, or by its path.
pub(crate) struct Endpoint {
    pub(crate) origin: String,
    requests: Receiver<(String, Vec<u8>)>,
}

impl Endpoint {
    pub(crate) fn answering(answer: &'static str) -> Self {
        Self::by_path(move |_| answer.to_owned())
    }

    pub(crate) fn by_path(answer: impl Fn(&str) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let mut head = String::new();
                while !head.ends_with("\r\n\r\n") {
                    reader.read_line(&mut head).unwrap();
                }
                let head = head.trim_end().to_owned();
                let length = head.lines().find_map(|line| {
                    let (name, value) = line.split_once(": ")?;
                    let is_length = name.eq_ignore_ascii_case("content-length");
                    is_length.then(|| value.parse().unwrap())
                });
                let mut body = vec![0; length.unwrap()];
                reader.read_exact(&mut body).unwrap();
                let path = head.split(' ').nth(1).unwrap();
                let answer = answer(path);
                reader.get_mut().write_all(answer.as_bytes()).unwrap();
                if sender.send((head, body)).is_err() {
                    return;
                }
            }
        });
        Self { origin, requests }
    }

    /// Subscribes an endpoint of it.
    pub(crate) fn subscribe(&self, server: &Server, path: &str) {
        let endpoint = format!("{}{path}", self.origin);
        let (head, said) =
            ask(server, "POST", "/subscription", &subscription(&endpoint));
        assert_eq!(head.code(), 201, "{said}");
    }

    /// The head and the body of the next request.
    pub(crate) fn next(&self) -> (String, Vec<u8>) {
        self.requests.recv_timeout(WAIT_TIMEOUT).unwrap()
    }

    /// Whether all requests were taken.
    pub(crate) fn is_quiet(&self) -> bool {
        self.requests.try_recv().is_err()
    }
}

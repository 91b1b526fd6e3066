//! What a server posts to an endpoint, and what our push service answers: a browser has
//! subscribed there, and what passes between the two is written down.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process, thread,
    time::Duration,
};

use push::{Options, State, TECHNIQUE, routes};
use testkit::{Head, Server, handshake, masked};

const TEXT: u8 = 0x81;

/// The head of the POST, and the first line of the answer.
pub(crate) fn block() -> Vec<String> {
    let between = TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", between.local_addr().unwrap());
    let folder = env::temp_dir().join(format!("notes-push-{}", process::id()));
    let options = Options {
        ttl: Duration::from_secs(3600),
        state_dir: State::open(folder.to_str().unwrap()).unwrap(),
        push_service: Some(origin.parse().unwrap()),
    };
    let server = Server::start(TECHNIQUE, 10, |feed| routes(feed, options));
    server.feed.publish("ud8adpbt5tel0");
    let (_browser, endpoint) = browser(&server);
    let subscription = format!(
        r#"{{"endpoint":"{endpoint}","keys":{{"p256dh":"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4","auth":"BTBZMqHH6r4Tts7J_aSIgg"}}}}"#
    );
    assert_eq!(ask(&server, "POST", "/subscription", &subscription).0.code(), 201);
    let address = server.address;
    let seen = thread::spawn(move || relay(&between, address));
    let (_, samples) = ask(&server, "GET", "/missed", "");
    let id = samples.split('"').nth(3).unwrap().to_owned();
    let (_, reports) = ask(&server, "POST", &format!("/push/{id}"), "");
    assert!(reports.contains(r#""status":201"#), "{reports}");
    server.shut_down();
    std::fs::remove_dir_all(folder).unwrap();
    seen.join().unwrap()
}

/// A browser that has subscribed at the push service: its endpoint.
fn browser(server: &Server) -> (testkit::Client, String) {
    let mut browser = server.connect();
    browser.send(handshake("/push-service", ""));
    browser.head();
    browser.send(masked(TEXT, r#"{"messageType":"hello","use_webpush":true}"#));
    browser.frame();
    browser.send(masked(TEXT, r#"{"messageType":"register","channelID":"one"}"#));
    let answer = String::from_utf8(browser.frame().1).unwrap();
    let endpoint = answer.split_once(r#""pushEndpoint":""#).unwrap().1;
    (browser, endpoint.trim_end_matches("\"}").to_owned())
}

fn ask(server: &Server, method: &str, target: &str, body: &str) -> (Head, String) {
    let mut client = server.connect();
    client.send(format!(
        "{method} {target} HTTP/1.1\r\nHost: localhost\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    client.response()
}

/// Passes one request on and its answer back. What of them is the same each time, with the
/// names that they would have on the internet.
fn relay(listener: &TcpListener, server: SocketAddr) -> Vec<String> {
    let (mut from, _) = listener.accept().unwrap();
    let mut request = BufReader::new(from.try_clone().unwrap());
    let mut head = Vec::new();
    let mut block = Vec::new();
    let mut length = 0;
    loop {
        let at = head.len();
        request.read_until(b'\n', &mut head).unwrap();
        let line = String::from_utf8_lossy(&head[at..]).trim_end().to_owned();
        let (name, value) = line.split_once(": ").unwrap_or((&line, ""));
        let shown = match name {
            "host" => "host: push.example.net".into(),
            "authorization" => {
                let (token, key) = value.split_once(", k=").unwrap();
                format!("{name}: {}…, k={}…", &token[..32], &key[..1])
            }
            _ if name.starts_with("POST ") => "POST /endpoint/… HTTP/1.1".into(),
            _ => line.clone(),
        };
        block.push(shown);
        if name == "content-length" {
            length = value.parse().unwrap();
        }
        if line.is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    request.read_exact(&mut body).unwrap();
    let mut to = TcpStream::connect(server).unwrap();
    to.write_all(&[head, body].concat()).unwrap();
    let mut answer = BufReader::new(to);
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") {
        answer.read_until(b'\n', &mut bytes).unwrap();
    }
    from.write_all(&bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    block.extend(text.lines().take(1).map(str::to_owned));
    block
}

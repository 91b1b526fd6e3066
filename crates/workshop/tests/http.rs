//! HTTP and WebSocket as every server of the workshop speaks them: the hub's, and the
//! five behind their lenses.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use serde_json::Value;
use testkit::{Client, Head, Live, Workshop, masked};

fn open(flags: &[&str]) -> Workshop {
    let binary = env!("CARGO_BIN_EXE_workshop");
    Workshop::run(Command::new(binary).args(["--base-port", "0"]).args(flags))
}

/// A connection to each server, with a name for it.
fn each(workshop: &Workshop) -> impl Iterator<Item = (usize, Client)> {
    let all = [workshop.process.address, workshop.presenter];
    let all = all.into_iter().chain(workshop.techniques.clone());
    all.map(Client::connect).enumerate()
}

#[test]
fn http_1_0_knows_no_chunks() {
    let workshop = open(&[]);
    let mut client = workshop.process.connect();
    client.send("GET /quiz/results HTTP/1.0\r\n\r\n");
    let head = client.head();
    assert_eq!(head.field("transfer-encoding"), None);
    assert_eq!(client.until("\n\n").split(':').next(), Some("retry"));
}

#[test]
fn a_body_in_chunks_that_nobody_asked_for_ends_the_connection() {
    let workshop = open(&[]);
    for (server, mut client) in each(&workshop) {
        client.send(
            "GET /clock HTTP/1.1\r\nHost: localhost\r\n\
             Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        );
        assert_eq!(client.response().0.code(), 200, "server {server}");
        assert_eq!(client.end(), "", "server {server}");
    }
}

/// Asks each server for something that all of them have.
fn ask_each(workshop: &Workshop, host: &str) -> Vec<(u16, String)> {
    let ask = |(_, mut client): (usize, Client)| {
        client.send(format!("GET /clock HTTP/1.1\r\n{host}\r\n"));
        let (head, body) = client.response();
        (head.code(), body)
    };
    each(workshop).map(ask).collect()
}

#[test]
fn a_host_that_is_none_is_a_bad_request() {
    let workshop = open(&[]);
    for host in [
        "Host: a b\r\n",
        "Host:\r\n",
        "Host: a/b\r\n",
        "Host: user@localhost\r\n",
        "Host: localhost:99999\r\n",
        "Host: [::1\r\n",
        "",
        "Host: localhost\r\nHost: localhost\r\n",
    ] {
        for (code, _) in ask_each(&workshop, host) {
            assert_eq!(code, 400, "{host:?}");
        }
    }
}

/// A page whose name was turned to this machine (DNS rebinding) is no page of ours.
#[test]
fn only_names_of_this_server_are_answered() {
    let workshop = open(&["--allow-host", "Demo.Example."]);
    for host in [
        "localhost",
        "LOCALHOST.:3000",
        "127.0.0.1:1",
        "[::1]:3000",
        "192.0.2.7",
        "demo.example",
        "demo.example:443",
    ] {
        for (code, body) in ask_each(&workshop, &format!("Host: {host}\r\n")) {
            assert_eq!(code, 200, "{host}: {body}");
        }
    }
    for host in ["evil.example", "demo.example.evil.example", "localhost.example"] {
        for (code, body) in ask_each(&workshop, &format!("Host: {host}:3000\r\n")) {
            assert_eq!(code, 421, "{host}");
            assert!(body.contains(&format!("--allow-host {host}")), "{body}");
        }
    }
    // The target counts before `Host` (RFC 9112 §3.2.2).
    for (server, mut client) in each(&workshop) {
        for (target, host, code) in [
            ("http://localhost/clock", "evil.example", 200),
            ("http://evil.example/clock", "localhost", 421),
            ("http://user@localhost/clock", "localhost", 400),
        ] {
            client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
            assert_eq!(client.response().0.code(), code, "{server}: {target}");
        }
    }
    // All of it, whatever else is wrong: what is not there, and what changes protocol.
    for (server, mut client) in each(&workshop) {
        let mut ask = |target: &str, fields: &str| {
            let head = format!("GET {target} HTTP/1.1\r\nHost: evil.example\r\n");
            client.send(format!("{head}{fields}\r\n"));
            assert_eq!(client.response().0.code(), 421, "{server}: {target}");
        };
        for target in [
            "/",
            "/client.js",
            "/shared/look.css",
            "/nowhere",
            "/quiz",
            "/setup",
            "/presenter",
        ] {
            ask(target, "");
        }
        for target in ["/live", "/quiz/vote", "/chat", "/echo"] {
            ask(target, "Origin: http://evil.example\r\n");
        }
    }
}

#[test]
fn a_name_to_allow_is_a_name() {
    let binary = env!("CARGO_BIN_EXE_workshop");
    for name in ["", "a b", "demo.example:443", "http://demo.example", "192.0.2.7"] {
        let (exit, complaint) =
            testkit::Process::fail(binary, &["--allow-host", name]);
        assert_eq!(exit, Some(2), "{name}: {complaint}");
        assert!(complaint.contains("expected a host name"), "{name}: {complaint}");
    }
}

/// Where a WebSocket begins: which server (of `each`), and which path.
const WEBSOCKETS: [(usize, &str); 4] =
    [(0, "/live"), (0, "/quiz/vote"), (6, "/chat"), (6, "/echo")];

/// Asks for a WebSocket, with `change` in the handshake.
fn shake(
    workshop: &Workshop,
    (server, target): (usize, &str),
    change: (&str, &str),
) -> (Client, Head) {
    let (_, mut client) = each(workshop).nth(server).unwrap();
    let handshake = format!(
        "GET {target} HTTP/1.1\r\nHost: localhost:80\r\n\
         Origin: http://localhost\r\nUpgrade: websocket\r\n\
         Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
    );
    assert!(handshake.contains(change.0));
    client.send(handshake.replacen(change.0, change.1, 1));
    let head = client.head();
    (client, head)
}

#[test]
fn a_handshake_that_can_be_read_in_two_ways_is_refused() {
    let workshop = open(&[]);
    let key = "Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n";
    for websocket in WEBSOCKETS {
        for (part, instead, expected) in [
            ("websocket\r", "websocket, h2c\r".into(), "one field `Upgrade"),
            ("websocket\r", "h2c, websocket\r".into(), "one field `Upgrade"),
            ("websocket\r", "notwebsocket\r".into(), "one field `Upgrade"),
            ("websocket\r", "websocket,\r".into(), "one field `Upgrade"),
            ("websocket\r", "\r".into(), "one field `Upgrade"),
            (
                "websocket\r",
                "websocket\r\nUpgrade: h2c\r".into(),
                "one field `Upgrade",
            ),
            (
                "websocket\r",
                "h2c\r\nUpgrade: websocket\r".into(),
                "one field `Upgrade",
            ),
            ("keep-alive, ", "close, ".into(), "without `close`"),
            (", Upgrade\r", "\r".into(), "`Connection: Upgrade`"),
            ("Upgrade:", "Content-Length: 8\r\nUpgrade:".into(), "without content"),
            (
                "Upgrade:",
                "Transfer-Encoding: chunked\r\nUpgrade:".into(),
                "without content",
            ),
            (key, key.repeat(2), "one `Sec-WebSocket-Key`"),
            (key, String::new(), "one `Sec-WebSocket-Key`"),
            (
                "Version: 13\r\n",
                "Version: 13\r\nSec-WebSocket-Version: 13\r\n".into(),
                "one `Sec-WebSocket-Version`",
            ),
        ] {
            let (mut client, head) = shake(&workshop, websocket, (part, &instead));
            assert_eq!(head.code(), 400, "{websocket:?}: {instead:?}");
            assert_eq!(head.field("connection"), Some("close"), "{instead:?}");
            let body = client.end();
            assert!(body.contains(expected), "{websocket:?}: {instead:?}: {body}");
        }
        for (part, instead) in [
            ("websocket\r", "WebSocket \r"),
            (", Upgrade", ", UPGRADE"),
            ("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"),
            ("localhost:80\r", "LocalHost.\r"),
        ] {
            let (_, head) = shake(&workshop, websocket, (part, instead));
            assert_eq!(head.code(), 101, "{websocket:?}: {instead:?}");
        }
    }
}

/// What asks for a WebSocket where there is none is answered as it is framed.
#[test]
fn a_stream_that_was_to_be_a_websocket_is_one_without_chunks() {
    let workshop = open(&[]);
    for stream in [(0, "/quiz/results"), (4, "/stream"), (5, "/api/v1/live-data")] {
        let (mut client, head) = shake(&workshop, stream, ("", ""));
        assert_eq!((head.code(), head.field("transfer-encoding")), (200, None));
        assert_eq!(head.field("connection"), Some("close"));
        let line = client.until("\n");
        let first = if stream.0 == 4 { "{\"id\":" } else { "retry: " };
        assert!(line.starts_with(first), "{stream:?}: {line:?}");
    }
}

#[test]
fn nothing_is_answered_after_the_last_answer() {
    let workshop = open(&[]);
    let next = "GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n";
    // The client says that it is the last one, or the server does.
    let last = [
        "GET /clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        "GET /clock HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
         Upgrade: h2c\r\n\r\n",
        "GET /clock HTTP/1.0\r\n\r\n",
        "GET /clock HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        "GET /clock HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n\
         5\r\nhello\r\n0\r\n\r\n",
    ];
    let ask = |(server, mut client): (usize, Client), last: &'static str| {
        client.send(format!("{last}{next}"));
        (server, client, last)
    };
    // All before the first is read: each connection ends within a second.
    let asked =
        last.map(|last| each(&workshop).map(move |client| ask(client, last)));
    let asked: Vec<_> = asked.into_iter().flatten().collect();
    for (server, mut client, last) in asked {
        let (head, _) = client.response();
        assert_eq!(head.code(), 200, "{server}: {last}");
        // In HTTP/1.0, the end goes without saying.
        if last.contains("1.1") {
            assert_eq!(head.field("connection"), Some("close"), "{server}: {last}");
        }
        assert_eq!(client.end(), "", "{server}: {last}");
    }
}

/// Nor while the last one is still to come.
#[test]
fn nothing_is_answered_after_a_last_answer_that_is_held() {
    let workshop = open(&["--every", "1h", "--hold", "1s"]);
    let long_poll = workshop.techniques[1];
    let mut client = Client::connect(long_poll);
    client.get("/long-polling");
    let samples: Vec<Value> = serde_json::from_str(&client.response().1).unwrap();
    let newest = samples.last().unwrap()["id"].as_str().unwrap();
    let target = format!("GET /long-polling?after={newest}");
    // The client says that it is the last one, or HTTP/1.0 does, or content does.
    for (version, last) in [
        ("1.1", "Connection: close\r\n\r\n"),
        ("1.0", "\r\n"),
        ("1.1", "Content-Length: 5\r\n\r\nhello"),
    ] {
        let mut client = Client::connect(long_poll);
        client.send(format!(
            "{target} HTTP/{version}\r\nHost: localhost\r\n{last}\
             GET /clock HTTP/1.1\r\nHost: localhost\r\n\r\n"
        ));
        let head = client.head();
        assert_eq!((head.code(), head.field("connection")), (204, Some("close")));
        assert_eq!(client.end(), "", "{last}");
    }
}

#[test]
fn another_method_is_told_which_there_are() {
    let workshop = open(&[]);
    let cookie = workshop.cookie();
    let ask = |server: usize, method: &str, target: &str| {
        let (_, mut client) = each(&workshop).nth(server).unwrap();
        client.send(format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\
             {cookie}\r\n"
        ));
        let head = client.head();
        let allow = head.field("allow").unwrap_or_default();
        let mut allow: Vec<_> = allow.split(", ").map(str::to_owned).collect();
        allow.sort();
        (head.code(), allow.join(", "))
    };
    let of_pages = [
        "/",
        "/compare",
        "/chapter/sse",
        "/slides",
        "/wire/sse",
        "/source",
        "/quiz",
        "/quiz/live",
        "/quiz/wall",
        "/quiz/questions",
        "/setup",
        "/labels",
        "/join",
        "/clock",
        "/workshop/lib/hub.js",
        "/shared/look.css",
        "/presenter",
        "/presenter/wire/sse",
        "/presenter/speaker",
        "/presenter/quiz",
        "/presenter/quiz/wall",
        "/presenter/quiz/questions",
        "/presenter/quiz.csv",
    ];
    let of_demos =
        ["/", "/client.js", "/shared/look.css", "/clock", "/join", "/lib.rs"];
    let pages = of_pages.map(|target| (0, target)).into_iter();
    let pages = pages
        .chain((2..7).flat_map(|server| of_demos.map(|target| (server, target))));
    for (server, target) in pages {
        assert_eq!(ask(server, "HEAD", target).0, 200, "{server}: {target}");
        for method in ["POST", "DELETE", "OPTIONS"] {
            let told = ask(server, method, target);
            assert_eq!(
                told,
                (405, "GET, HEAD".into()),
                "{server}: {method} {target}"
            );
        }
    }
    // Where there is no file, the method is refused first.
    for target in ["/shared", "/shared/", "/shared/nowhere", "/notes/plots/nowhere"]
    {
        assert_eq!(ask(0, "GET", target).0, 404, "{target}");
        assert_eq!(ask(0, "POST", target), (405, "GET, HEAD".into()), "{target}");
    }
    assert_eq!(ask(0, "POST", "/sharedfiles").0, 404);
    for method in ["GET", "HEAD", "DELETE"] {
        assert_eq!(ask(1, method, "/presenter/key"), (405, "POST".into()));
    }
    // A head alone is no use of what waits, of a stream, or of a WebSocket; and the
    // techniques are alike in it.
    for (server, target) in [
        (0, "/live"),
        (1, "/presenter/live"),
        (0, "/quiz/vote"),
        (0, "/quiz/results"),
        (2, "/short-polling"),
        (3, "/long-polling"),
        (4, "/stream"),
        (5, "/api/v1/live-data"),
        (6, "/chat"),
        (6, "/echo"),
    ] {
        for method in ["HEAD", "POST"] {
            let told = ask(server, method, target);
            assert_eq!(told, (405, "GET".into()), "{server}: {method} {target}");
        }
    }
}

#[test]
fn what_is_not_there_is_named_but_not_at_length() {
    let workshop = open(&[]);
    for (server, mut client) in each(&workshop) {
        client.get(&format!("/{}", "x".repeat(60_000)));
        let (head, body) = client.response();
        assert_eq!(head.code(), 404, "{server}");
        assert!(body.starts_with("nothing at \"/xxx") && body.len() < 500, "{body}");
    }
}

/// A request names an example; it does not name a file.
#[test]
fn the_examples_are_the_only_files_of_the_crates_that_are_served() {
    let workshop = open(&[]);
    let ask = |target: &str| {
        let mut client = workshop.process.connect();
        client.get(target);
        let (head, body) = client.response();
        (head.code(), body)
    };
    let status = |target: &str| ask(target).0;
    for technique in ["short-poll", "long-poll", "http-stream", "sse", "websocket"] {
        for file in ["as_often_shown.html", "as_often_shown.rs"] {
            let (code, body) = ask(&format!("/example/{technique}/{file}"));
            assert_eq!(code, 200);
            // Within the workshop's page, as text.
            assert!(body.contains(&format!(r#"data-file="{file}""#)), "{body}");
            assert!(!body.contains("shown.js\"></script>"), "{body}");
            assert!(body.contains(r#"<span class="k">"#), "{body}");
        }
    }
    for target in [
        "/example/sse/Cargo.toml",
        "/example/lens/as_often_shown.rs",
        "/example/sse/..%2Fsrc%2Flib.rs",
        "/example/..%2Fcrates%2Fsse/as_often_shown.rs",
        "/example/sse/examples/../as_often_shown.rs",
        "/example/sse/",
    ] {
        assert_eq!(status(target), 404, "{target}");
    }
}

#[test]
fn a_message_costs_what_is_in_it_and_those_before_it_are_answered() {
    let workshop = open(&[]);
    let websocket = workshop.techniques[4];
    for (address, target) in [
        (workshop.process.address, "/live"),
        (workshop.presenter, "/presenter/live"),
        (workshop.process.address, "/quiz/vote"),
        (websocket, "/chat"),
        (websocket, "/echo"),
    ] {
        let client = Client::connect(address);
        let mut client = Live::open(client, target, &workshop.cookie()).0;
        let good = masked(0x81, r#"{"nothing":"like that"}"#);
        let parts = masked(0x00, "x").repeat(8192);
        client.send([good, masked(0x01, "x"), parts].concat());
        let mut before = String::new();
        let code = loop {
            match client.frame() {
                (0x81, text) => before.push_str(&String::from_utf8(text).unwrap()),
                (0x88, reason) => break [reason[0], reason[1]],
                (first, _) => assert_eq!(first, 0x89, "{target}: a ping"),
            }
        };
        assert_eq!(u16::from_be_bytes(code), 1009, "{target}");
        assert!(before.contains("nothing"), "{target}: {before}");
    }
}

/// By them, the page tells a connection with samples from one for files.
#[test]
fn the_wire_of_a_technique_knows_its_endpoints() {
    let workshop = open(&[]);
    for (technique, endpoints) in [
        (short_poll::TECHNIQUE, "/short-polling"),
        (long_poll::TECHNIQUE, "/long-polling"),
        (http_stream::TECHNIQUE, "/stream"),
        (sse::TECHNIQUE, "/api/v1/live-data"),
        (websocket::TECHNIQUE, "/chat /echo"),
    ] {
        let mut client = workshop.process.get(&format!("/wire/{}", technique.name));
        let (_, page) = client.response();
        let expected = format!(
            r#"data-technique="{}" data-endpoints="{endpoints}""#,
            technique.name
        );
        assert!(page.contains(&expected), "{page}");
    }
}

/// The notes link to a demo's own pages, wherever the hub was reached.
#[test]
fn a_demo_is_found_at_the_name_and_behind_the_proxy_of_its_visitor() {
    let workshop = open(&["--allow-host", "demo.example"]);
    let ports = workshop.techniques.iter().map(|address| address.port());
    let ports: Vec<_> = ports.collect();
    let hub = workshop.process.address.port();
    let to = |target: &str, host: String| {
        let mut client = workshop.process.connect();
        client.send(format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
        let head = client.head();
        (head.code(), head.field("location").unwrap_or_default().to_owned())
    };
    for (place, name) in
        ["short-poll", "long-poll", "http-stream", "sse", "websocket"]
            .iter()
            .enumerate()
    {
        let port = ports[place];
        let found = to(&format!("/demo/{name}/"), format!("127.0.0.1:{hub}"));
        assert_eq!(found, (307, format!("//127.0.0.1:{port}/")));
    }
    // A proxy listens so many ports up, or is the only address that there is.
    let up = u32::from(ports[3]) + 7;
    for (host, expected) in [
        (
            format!("demo.example:{}", u32::from(hub) + 7),
            format!("//demo.example:{up}/"),
        ),
        ("demo.example".into(), format!("//demo.example:{}/", ports[3])),
        ("[::1]".into(), format!("//[::1]:{}/", ports[3])),
    ] {
        let expected = format!("{expected}many.html");
        assert_eq!(to("/demo/sse/many.html", host), (307, expected));
    }
    for nowhere in ["/demo/lens/", "/demo/sse/a/b", "/demo/sse/%2F%2Felsewhere"] {
        assert_eq!(to(nowhere, "localhost".into()).0, 404, "{nowhere}");
    }
}

//! How requests and answers are framed, and which answer is the last.

use serde_json::Value;
use testkit::Client;

use crate::{each, open};

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

//! The gallery in bytes, an application a file.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

mod answer;
mod log;
mod mail;
mod monitor;
mod news;
mod pages;
mod stock;
mod weather;
mod whiteboard;

use std::{
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use gallery::{APPLICATIONS, Clients, Flags, Presenter, TECHNIQUE, routes};
use testkit::{Client, Head, Server};

/// The presenter's key of all servers here.
pub(crate) const KEY: &str = "the-key";

/// What a test changes when it needs another rhythm.
pub(crate) fn flags() -> Flags {
    Flags {
        presenter_key: None,
        heartbeat: Duration::from_secs(60),
        prices: Duration::from_secs(60),
        measure: Duration::from_secs(60),
        words: Duration::from_secs(60),
        hold: Duration::from_secs(60),
        weather: Duration::from_secs(60),
    }
}

/// The gallery on a free port.
pub(crate) fn server(flags: Flags) -> Server {
    let presenter = Presenter::new(Some(KEY.into()));
    Server::start(TECHNIQUE, 10, move |feed| {
        routes(&feed, &flags, presenter, Clients::default())
    })
}

/// Sends a request with content (JSON, if there is any), with the presenter's key or
/// another one, and takes the response.
pub(crate) fn send(
    server: &Server,
    request: &str,
    key: Option<&str>,
    content: &str,
) -> (Head, String) {
    send_to(server.address, request, key, content)
}

/// The same, to a program.
pub(crate) fn send_to(
    address: SocketAddr,
    request: &str,
    key: Option<&str>,
    content: &str,
) -> (Head, String) {
    let mut client = Client::connect(address);
    let key = key.map(|key| format!("Authorization: Bearer {key}\r\n"));
    write(&mut client, request, &key.unwrap_or_default(), content);
    client.response()
}

/// Sends a request from another address, as another device does; its response is to come.
pub(crate) fn send_from(
    device: Ipv4Addr,
    server: &Server,
    request: &str,
    content: &str,
) -> Client {
    let mut client = server.connect_from(device);
    write(&mut client, request, "", content);
    client
}

fn write(client: &mut Client, request: &str, fields: &str, content: &str) {
    client.send(format!(
        "{request} HTTP/1.1\r\nHost: localhost\r\n{fields}\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{content}",
        content.len(),
    ));
}

/// A stream of events, and what of it was not taken yet.
pub(crate) struct Events {
    client: Client,
    text: String,
    /// The number of the last event.
    pub(crate) last_seq: u64,
}

impl Events {
    fn new(client: Client) -> Self {
        Self { client, text: String::new(), last_seq: 0 }
    }
}

/// Asks for a stream, from the event after `last_id` on.
pub(crate) fn open(server: &Server, target: &str, last_id: Option<&str>) -> Events {
    open_at(server.address, target, last_id)
}

/// The same, of a program.
pub(crate) fn open_at(
    address: SocketAddr,
    target: &str,
    last_id: Option<&str>,
) -> Events {
    let mut client = Client::connect(address);
    let id =
        last_id.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
    client.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{id}\r\n"));
    let head = client.head();
    assert_eq!(head.code(), 200);
    assert_eq!(head.field("content-type"), Some("text/event-stream"));
    assert_eq!(head.field("cache-control"), Some("no-store"));
    assert_eq!(head.field("x-accel-buffering"), Some("no"));
    Events::new(client)
}

/// A POST whose response is a stream.
pub(crate) fn post(server: &Server, target: &str, content: &str) -> (Head, Events) {
    let mut client = server.connect();
    write(&mut client, &format!("POST {target}"), "", content);
    (client.head(), Events::new(client))
}

/// The next event of a stream: its name, its id and its data. Skips what has no data:
/// comments, `retry`, and ids alone.
pub(crate) fn next_event(stream: &mut Events) -> (String, String, String) {
    loop {
        while let Some((event, rest)) = stream.text.split_once("\n\n") {
            let (event, rest) = (event.to_owned(), rest.to_owned());
            stream.text = rest;
            let field = |name: &str| {
                let values =
                    event.lines().filter_map(|line| line.strip_prefix(name));
                values.map(str::trim_start).collect::<Vec<_>>().join("\n")
            };
            let id = field("id:");
            if let Some((_, seq)) = id.split_once('-') {
                stream.last_seq = seq.parse().unwrap();
            }
            if event.lines().any(|line| line.starts_with("data:")) {
                return (field("event:"), id, field("data:"));
            }
        }
        let chunk = stream.client.chunk();
        assert!(!chunk.is_empty(), "the stream ended");
        stream.text += &chunk;
    }
}

#[test]
fn each_application_has_a_page_its_source_and_a_place_in_the_list() {
    let server = server(flags());
    let list = server.get("/applications").response().1;
    for application in APPLICATIONS {
        let name = application.name;
        assert!(list.contains(&format!("\"name\":\"{name}\"")), "{list}");
        let head = server.get(&format!("/{name}")).head();
        assert_eq!(head.code(), 307);
        assert_eq!(head.field("location"), Some(format!("/{name}/").as_str()));
        let (head, page) = server.get(&format!("/{name}/")).response();
        assert_eq!(head.code(), 200, "the page of {name}");
        assert!(page.contains(&format!("data-application=\"{name}\"")), "{page}");
        let (_, source) = server.get(&format!("/{name}/{name}.rs")).response();
        assert_eq!(source, application.source);
    }
    server.shut_down();
}

#[test]
fn the_presenters_key_is_asked_for() {
    let server = server(flags());
    for key in [None, Some("wrong"), Some("the-key-and-more"), Some("")] {
        let (head, text) = send(&server, "GET /presenter", key, "");
        assert_eq!(head.code(), 401);
        assert_eq!(head.field("www-authenticate"), Some("Bearer"));
        assert!(text.contains("the key that the terminal prints"), "{text}");
    }
    assert_eq!(send(&server, "GET /presenter", Some(KEY), "").0.code(), 204);
    server.shut_down();
}

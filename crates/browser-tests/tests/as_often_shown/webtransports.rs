//! WebTransport, as often shown: it loses what the page was not ready for, does not connect
//! again, and lets pages of all sites in.

use std::net::Ipv4Addr;

use browser_tests::{Browser, serve_sessions};
use serde_json::Value;
use stage::{Hosts, UdpPlace};
use testkit::Server;
use wtransport::{
    ClientConfig, Endpoint, endpoint::ConnectOptions, tls::Sha256Digest,
};

use crate::{KEEP, tells};

#[expect(dead_code, reason = "its main")]
#[path = "../../../webtransport/examples/as_often_shown.rs"]
mod example;

fn shown() -> Server {
    Server::start(webtransport::TECHNIQUE, KEEP, |feed| {
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let place = UdpPlace { address, hosts: Hosts::default() };
        let (routes, sessions) = example::listen(feed, place).unwrap();
        actix_web::rt::spawn(sessions);
        routes
    })
}

async fn open(name: &str, server: &Server) -> Browser {
    let browser = Browser::start(name).await;
    browser.open(&format!("http://localhost:{}/", server.address.port())).await;
    browser
}

#[tokio::test]
async fn a_datagram_that_the_page_was_not_ready_for() {
    let server = shown();
    let browser = open("shown-webtransport", &server).await;
    browser.until(&tells("connected")).await;
    browser.until_shows("output", "nothing yet").await;
    server.feed.publish("second");
    browser.until_shows("output", "2 second").await;
    assert_eq!(browser.violations().await, [""; 0]);
    server.shut_down();
    browser.until(&tells("disconnected")).await;
    browser.quit().await;

    let server = serve_sessions(KEEP);
    let browser = open("real-webtransport", &server).await;
    browser.until_shows(".value", "first").await;
    browser.click("#abort").await;
    server.feed.publish("second");
    browser.until_shows(".value", "second").await;
    browser.quit().await;
    server.shut_down();
}

/// Whether a page of another origin gets a session.
async fn lets_another_site_in(server: &Server) -> bool {
    let mut client = server.get("/hash");
    let (_, body) = client.response();
    let said: Value = serde_json::from_str(&body).unwrap();
    let hash = serde_json::from_value(said["hash"].clone()).unwrap();
    let config = ClientConfig::builder()
        .with_bind_address((Ipv4Addr::LOCALHOST, 0).into())
        .with_server_certificate_hashes([Sha256Digest::new(hash)])
        .build();
    let url = format!("https://127.0.0.1:{}/datagrams", said["port"]);
    let options =
        ConnectOptions::builder(url).add_header("origin", "https://evil.example");
    Endpoint::client(config).unwrap().connect(options.build()).await.is_ok()
}

#[tokio::test]
async fn a_page_of_another_site_opens_a_session() {
    let (shown, real) = (shown(), serve_sessions(KEEP));
    assert!(lets_another_site_in(&shown).await);
    assert!(!lets_another_site_in(&real).await);
    shown.shut_down();
    real.shut_down();
}

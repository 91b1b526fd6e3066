//! The page of WebTransport in a real Chromium: its three sessions, what a lossy network
//! takes from each, and what the page says where there can be none.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{net::Ipv4Addr, time::Duration};

use browser_tests::Browser;
use stage::{Hosts, UdpPlace};
use testkit::Server;
use webtransport::{TECHNIQUE, Timings};

const DELIVERED: &str = "+document.querySelectorAll('.score dd')[0].textContent";

fn serve() -> Server {
    Server::start(TECHNIQUE, 1000, |feed| {
        let address = (Ipv4Addr::LOCALHOST, 0).into();
        let place = UdpPlace { address, hosts: Hosts::default() };
        let timings = Timings { renew: Duration::from_secs(60) };
        let (routes, sessions) = webtransport::listen(feed, timings, place).unwrap();
        actix_web::rt::spawn(sessions);
        routes
    })
}

fn page(server: &Server, query: &str) -> String {
    format!("http://localhost:{}/{query}", server.address.port())
}

#[tokio::test]
async fn each_lane_shows_every_sample() {
    let server = serve();
    let browser = Browser::start_with_quic("webtransport-lanes").await;
    for lane in ["datagrams", "stream", "streams"] {
        browser.open(&page(&server, &format!("?lane={lane}"))).await;
        browser.until(&format!("{DELIVERED} === 1")).await;
        for number in 0..20 {
            server.feed.publish(&format!("{lane}-{number}"));
        }
        browser.until(&format!("{DELIVERED} === 21")).await;
        browser.click("#messages").await;
        browser.until_shows("#messages output", "20 of 20 acknowledged").await;
        println!("{:?}", browser.complaints().await);
    }
    browser.quit().await;
    server.shut_down();
}

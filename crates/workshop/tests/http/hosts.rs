//! Which names a server answers to.

use crate::{ask_each, each, open};

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

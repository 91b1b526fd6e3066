//! The program that is run alone: its page may kill it.

use testkit::{Process, handshake};

#[test]
fn a_page_of_this_machine_alone_may_kill_it_and_nobody_is_told() {
    let server = Process::run(env!("CARGO_BIN_EXE_webrtc"), &[]);
    let port = server.address.port();
    let kill = |host: &str, origin: &str| {
        let mut client = server.connect();
        client.send(format!(
            "POST /kill HTTP/1.1\r\nHost: {host}:{port}\r\nOrigin: {origin}\r\n\
             Content-Length: 0\r\n\r\n"
        ));
        client
    };
    let own = format!("http://localhost:{port}");
    for (host, origin) in [
        ("localhost", "https://evil.example".to_owned()),
        ("192.0.2.7", format!("http://192.0.2.7:{port}")),
    ] {
        assert_eq!(kill(host, &origin).response().0.code(), 403, "{host}");
    }

    let mut page = server.connect();
    page.send(handshake("/signal", "Origin: http://localhost\r\n"));
    assert_eq!(page.head().code(), 101);
    for _ in ["welcome", "network"] {
        page.frame();
    }
    assert_eq!(kill("localhost", &own).end(), "", "no response");
    assert_eq!(page.end(), "", "no Close");
}

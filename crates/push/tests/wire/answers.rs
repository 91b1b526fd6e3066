//! What an endpoint answers, and what becomes of its subscription.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use testkit::{Process, free_ports, wait_until};

use crate::setup::{Endpoint, Folder, ask, id, push, request, serve, subscription};

#[test]
fn each_answer_is_told_and_heeded() {
    let folder = Folder::new("answers");
    let endpoint = Endpoint::by_path(|path| {
        let status = &path[1..4];
        let more = if path.ends_with("retry") { "Retry-After: 30\r\n" } else { "" };
        format!(
            "HTTP/1.1 {status} Said\r\nLocation: http://127.0.0.1:1/\r\n{more}\r\n"
        )
    });
    let server = serve(&folder, Some(&endpoint.origin));
    let mut kept = Vec::new();
    for (path, outcome, again) in [
        ("/201", r#""outcome":"accepted","status":201"#, true),
        ("/202", r#""outcome":"accepted","status":202"#, true),
        ("/404", r#""outcome":"gone","status":404"#, false),
        ("/410", r#""outcome":"gone","status":410"#, false),
        ("/413", r#""outcome":"too_large","status":413"#, true),
        ("/429/retry", r#""outcome":"later","status":429,"wait":30"#, false),
        ("/503/retry", r#""outcome":"later","status":503,"wait":30"#, false),
        ("/429", r#""outcome":"later","status":429,"wait":60"#, false),
        ("/403", r#""outcome":"other_key","status":403"#, true),
        ("/400", r#""outcome":"refused","status":400"#, true),
        ("/307", r#""outcome":"refused","status":307"#, true),
    ] {
        endpoint.subscribe(&server, path);
        let reports = push(&server);
        assert!(reports.contains(outcome), "{path}: {reports}");
        kept.extend(again.then_some(path));
        // Sent to this one, and once to each of those before that are still sent to.
        let before = kept.len() - usize::from(again);
        let mut paths = (0..=before).map(|_| path_of(&endpoint)).collect::<Vec<_>>();
        assert!(paths.contains(&path.to_owned()), "{paths:?}");
        paths.retain(|sent| sent != path);
        paths.sort();
        let mut expected = kept.clone();
        expected.retain(|kept| *kept != path);
        expected.sort_unstable();
        assert_eq!(paths, expected);
        assert!(endpoint.is_quiet());
    }
    let reports = push(&server);
    assert!(!reports.contains(r#""outcome":"gone""#), "forgotten: {reports}");
    let held =
        |reports: &str| reports.matches(r#""outcome":"held","wait":"#).count();
    assert_eq!(held(&reports), 3, "{reports}");
    // A page that is opened again does not end the wait.
    endpoint.subscribe(&server, "/429/retry");
    endpoint.subscribe(&server, "/429/retry#again");
    let reports = push(&server);
    assert_eq!(held(&reports), 3, "{reports}");
    server.shut_down();
}

/// Five in a row: one that takes a message now and then is sent all.
#[test]
fn an_endpoint_that_takes_nothing_is_forgotten() {
    let folder = Folder::new("failures");
    let requests = AtomicU32::new(0);
    let endpoint = Endpoint::by_path(move |_| {
        let is_fifth = requests.fetch_add(1, Ordering::Relaxed) == 4;
        let status = if is_fifth { 201 } else { 500 };
        format!("HTTP/1.1 {status} Said\r\n\r\n")
    });
    let server = serve(&folder, Some(&endpoint.origin));
    endpoint.subscribe(&server, "/");
    for number in 1..=10 {
        let reports = push(&server);
        let status = if number == 5 { 201 } else { 500 };
        assert!(reports.contains(&format!(r#""status":{status}"#)), "{reports}");
    }
    assert_eq!(push(&server), "[]");
    server.shut_down();
}

fn path_of(endpoint: &Endpoint) -> String {
    let (head, _) = endpoint.next();
    head.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn no_answer_is_told_as_well() {
    let folder = Folder::new("no-answer");
    let endpoint = Endpoint::answering("SSH-2.0-OpenSSH_9.2\r\n");
    let server = serve(&folder, Some(&endpoint.origin));
    endpoint.subscribe(&server, "/");
    let reports = push(&server);
    assert!(reports.contains(r#""outcome":"failed","why":"no HTTP: "#), "{reports}");
    server.feed.publish(&"x".repeat(3994));
    let reports = push(&server);
    assert!(reports.contains("a push message holds 3993"), "{reports}");
    server.shut_down();

    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let origin = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let folder = Folder::new("nobody");
    let server = serve(&folder, Some(&origin));
    let (head, _) =
        ask(&server, "POST", "/subscription", &subscription(&format!("{origin}/1")));
    assert_eq!(head.code(), 201);
    let reports = push(&server);
    assert!(reports.contains(r#""why":"no connection: "#), "{reports}");
    server.shut_down();
}

/// A push service with TLS, as all on the internet are, by another's hand: `openssl s_server`.
#[test]
fn an_endpoint_with_tls_is_sent_to_if_its_certificate_is_trusted() {
    let folder = Folder::new("tls");
    std::fs::create_dir_all(&folder.0).unwrap();
    let file = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ])
        .args(["-nodes", "-days", "1", "-subj", "/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", &file("key.pem"), "-out", &file("cert.pem")])
        .stderr(Stdio::null())
        .status();
    assert!(made.unwrap().success());
    let port = free_ports(1, 20_000);
    let origin = format!("https://localhost:{port}");
    for trusted in [true, false] {
        let mut openssl = Command::new("openssl")
            .args([
                "s_server",
                "-quiet",
                "-4",
                "-accept",
                &format!("127.0.0.1:{port}"),
            ])
            .args(["-key", &file("key.pem"), "-cert", &file("cert.pem")])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut answer = openssl.stdin.take().unwrap();
        answer.write_all(b"HTTP/1.1 201 Created\r\n\r\n").unwrap();
        wait_until("openssl listens", || {
            std::net::TcpListener::bind(("127.0.0.1", port)).is_err()
        });
        let mut command = Command::new(env!("CARGO_BIN_EXE_push"));
        command.args(["--port", "0", "--state-dir", &file("state")]);
        command.args(["--push-service", &origin]);
        if trusted {
            command.env("SSL_CERT_FILE", file("cert.pem"));
        }
        let (server, _banner) = Process::start(&mut command);
        let ask = |method: &str, target: &str, body: &str| {
            let mut client = server.connect();
            client.send(request(method, target, body));
            client.response()
        };
        let (head, said) =
            ask("POST", "/subscription", &subscription(&format!("{origin}/1")));
        assert_eq!(head.code(), 201, "{said}");
        let (_, samples) = ask("GET", "/missed", "");
        let (_, reports) = ask("POST", &format!("/push/{}", id(&samples)), "");
        let mut stdout = openssl.stdout.take().unwrap();
        if trusted {
            assert!(
                reports.contains(r#""outcome":"accepted","status":201"#),
                "{reports}"
            );
            // It answers at once, and writes what it received when it has the time.
            let expected = b"POST /1 HTTP/1.1\r\nhost: localhost:";
            let mut seen = vec![0; expected.len()];
            stdout.read_exact(&mut seen).unwrap();
            assert_eq!(seen, expected);
            openssl.kill().unwrap();
        } else {
            openssl.kill().unwrap();
            assert!(reports.contains("invalid peer certificate"), "{reports}");
            let mut seen = Vec::new();
            stdout.read_to_end(&mut seen).unwrap();
            assert_eq!(seen, b"");
        }
        openssl.wait().unwrap();
        assert!(server.signal(testkit::Signal::Terminate).0.success());
    }
}

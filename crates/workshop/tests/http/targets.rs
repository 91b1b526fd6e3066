//! What is at which address, and by which method.

use crate::{each, open};

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
        "/source?left=mqtt&right=fallback&file=server",
        "/source?left=webtransport&right=webrtc&file=client",
        "/source?left=sse&right=node&file=server",
        "/handout",
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
    // The five on Node have no page.
    assert_eq!(ask(0, "GET", "/source?left=sse&right=node&file=client").0, 404);
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
    for technique in [
        "short-poll",
        "long-poll",
        "http-stream",
        "sse",
        "websocket",
        "webrtc",
        "webtransport",
    ] {
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
        "/example/fallback/as_often_shown.rs",
        "/example/lens/as_often_shown.rs",
        "/example/sse/..%2Fsrc%2Flib.rs",
        "/example/..%2Fcrates%2Fsse/as_often_shown.rs",
        "/example/sse/examples/../as_often_shown.rs",
        "/example/sse/",
    ] {
        assert_eq!(status(target), 404, "{target}");
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

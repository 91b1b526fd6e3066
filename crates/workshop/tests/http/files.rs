//! The files of the pages and of the notes: each has a tag by its content, and is sent again
//! only when it has changed.

use std::{
    env, fs,
    net::SocketAddr,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process,
};

use testkit::{Client, Head};

use crate::open;

/// Asks for a file with these fields.
fn ask(server: SocketAddr, target: &str, fields: &str) -> (Head, Vec<u8>) {
    let mut client = Client::connect(server);
    client.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    let head = client.head();
    let length = head.field("content-length").map_or(0, |n| n.parse().unwrap());
    let content = client.take(length);
    (head, content)
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

#[test]
fn a_file_that_the_client_has_is_not_sent_again() {
    let workshop = open(&[]);
    let hub = workshop.process.address;
    for (server, target, file, kind) in [
        (
            hub,
            "/shared/look.css",
            "static/shared/look.css",
            "text/css; charset=utf-8",
        ),
        (
            hub,
            "/workshop/lib/hub.js",
            "static/workshop/lib/hub.js",
            "text/javascript; charset=utf-8",
        ),
        (
            hub,
            "/notes/screenshots/agenda.png",
            "workshop-notes/screenshots/agenda.png",
            "image/png",
        ),
        (
            hub,
            "/notes/plots/sweep.svg",
            "workshop-notes/plots/sweep.svg",
            "image/svg+xml",
        ),
        (
            workshop.techniques[3],
            "/",
            "static/sse/index.html",
            "text/html; charset=utf-8",
        ),
        (
            workshop.gallery,
            "/stock/",
            "static/gallery/stock/index.html",
            "text/html; charset=utf-8",
        ),
    ] {
        let (head, content) = ask(server, target, "");
        assert_eq!(head.code(), 200, "{target}");
        assert_eq!(content, fs::read(root().join(file)).unwrap(), "{target}");
        assert_eq!(head.field("content-type"), Some(kind), "{target}");
        assert_eq!(head.field("cache-control"), Some("no-cache"), "{target}");
        let tag = head.field("etag").unwrap();
        for (known, code) in [
            (tag.to_owned(), 304),
            (format!("W/{tag}"), 304),
            (format!("\"other\", {tag}"), 304),
            ("*".into(), 304),
            ("\"other\"".into(), 200),
            ("nonsense".into(), 200),
        ] {
            let known = format!("If-None-Match: {known}\r\n");
            let (head, content) = ask(server, target, &known);
            assert_eq!(head.code(), code, "{target}: {known}");
            assert_eq!(head.field("etag"), Some(tag), "{target}: {known}");
            assert_eq!(content.is_empty(), code == 304, "{target}: {known}");
        }
    }
}

/// The content makes the tag, not the server, the name or the time.
#[test]
fn the_same_content_has_the_same_tag_everywhere() {
    let workshop = open(&[]);
    let tag = |server, target: &str| {
        ask(server, target, "").0.field("etag").unwrap().to_owned()
    };
    let expected = tag(workshop.process.address, "/shared/look.css");
    for &server in workshop.techniques.iter().chain([&workshop.gallery]) {
        assert_eq!(tag(server, "/shared/look.css"), expected);
        assert_ne!(tag(server, "/shared/clock.js"), expected);
    }
}

/// In a debug build the files are read from the disk.
#[test]
fn a_path_does_not_lead_out_of_its_folder() {
    let workshop = open(&[]);
    for target in [
        "/../websocket/client.js",
        "/..%2Fwebsocket%2Fclient.js",
        "/..%5Cwebsocket%5Cclient.js",
        "/%2e%2e/%2e%2e/Cargo.toml",
        "/shared/..%2F..%2F..%2FCargo.toml",
        "/shared/%2Fetc%2Fpasswd",
        "//etc/passwd",
    ] {
        let (head, _) = ask(workshop.techniques[3], target, "");
        assert_eq!(head.code(), 404, "{target}");
    }
}

/// With `--static-dir`, pages and notes are those of a folder, as they are now.
#[test]
fn a_folder_of_pages_is_shown_instead_of_those_in_the_program() {
    let folder = env::temp_dir().join(format!("workshop-folder-{}", process::id()));
    let pages = folder.join("static");
    fs::create_dir_all(&pages).unwrap();
    for file in fs::read_dir(root().join("static")).unwrap() {
        let file = file.unwrap();
        if file.file_name() != "sse" {
            symlink(file.path(), pages.join(file.file_name())).unwrap();
        }
    }
    symlink(root().join("workshop-notes"), folder.join("workshop-notes")).unwrap();
    let page = pages.join("sse/index.html");
    fs::create_dir(pages.join("sse")).unwrap();
    fs::write(&page, "mine").unwrap();
    let workshop = open(&["--static-dir", pages.to_str().unwrap()]);
    let server = workshop.techniques[3];
    assert_eq!(ask(server, "/", "").1, b"mine");
    fs::write(&page, "mine, edited").unwrap();
    let (head, content) = ask(server, "/", "");
    assert_eq!(content, b"mine, edited");
    let known = format!("If-None-Match: {}\r\n", head.field("etag").unwrap());
    assert_eq!(ask(server, "/", &known).0.code(), 304);
    assert_eq!(ask(server, "/../websocket/client.js", "").0.code(), 404);
    let picture = "/notes/screenshots/agenda.png";
    assert_eq!(ask(workshop.process.address, picture, "").0.code(), 200);
    drop(workshop);
    fs::remove_dir_all(folder).unwrap();
}

//! A program needs nothing but itself: from an empty folder, with no network but loopback and
//! without the sources, each file of the pages and the notes is served as it is, and each page
//! of the hub is there.
//!
//! A debug build reads pages and notes from the sources: these two folders stay, all other
//! sources are hidden. What is to be handed over is tested with
//! `PROGRAMS=target/release cargo test -p workshop --test alone`, or another folder of
//! programs: then these two are hidden as well. (Linux only: it needs namespaces.)
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    collections::BTreeMap,
    env, fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use testkit::{
    Client, Process, Workshop, must_run, run_inside, start_inside, wait_until,
};

const TECHNIQUES: [&str; 5] =
    ["short-poll", "long-poll", "http-stream", "sse", "websocket"];

/// The sources.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The programs to test, if they are not this build's workshop.
fn programs() -> Option<PathBuf> {
    env::var_os("PROGRAMS").map(|folder| root().join(folder))
}

#[test]
fn each_page_is_there_without_a_network_and_without_the_sources() {
    run_inside("inside");
}

#[test]
#[ignore = "started by the other one, in namespaces of its own: it hides the sources"]
fn inside() {
    start_inside();
    let root = root();
    let pages = files(&root.join("static"));
    let notes = files(&root.join("workshop-notes"));
    let mut hidden = vec!["crates", "scripts"];
    if programs().is_some() {
        hidden.extend(["static", "workshop-notes"]);
    }
    for folder in hidden {
        let folder = root.join(folder);
        must_run("mount", &["-t", "tmpfs", "none", folder.to_str().unwrap()]);
    }
    // A debug build finds the two folders by these.
    for name in ["stage", "workshop"] {
        fs::create_dir(root.join("crates").join(name)).unwrap();
    }
    walk_workshop(&pages, &notes);
    if let Some(programs) = programs() {
        walk_demos(&programs, &pages);
    }
}

/// By their paths below `folder`.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut left = vec![folder.to_owned()];
    while let Some(path) = left.pop() {
        if path.is_dir() {
            left.extend(
                fs::read_dir(path).unwrap().map(|file| file.unwrap().path()),
            );
        } else {
            let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
            found.insert(name.to_owned(), fs::read(&path).unwrap());
        }
    }
    assert!(!found.is_empty());
    found
}

/// The content at a path, which must be there.
fn get(server: SocketAddr, target: &str, fields: &str) -> Vec<u8> {
    let mut client = Client::connect(server);
    client.send(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"));
    let head = client.head();
    assert_eq!(head.code(), 200, "{server}: {target}");
    let length = head.field("content-length").unwrap().parse().unwrap();
    client.take(length)
}

/// The server has each file that is below `from`, at the same path below `to`.
fn walk(
    server: SocketAddr,
    files: &BTreeMap<String, Vec<u8>>,
    from: &str,
    to: &str,
) {
    let mut count = 0;
    for (name, content) in files {
        if let Some(name) = name.strip_prefix(from) {
            let target = format!("{to}{name}");
            assert!(get(server, &target, "") == *content, "{server}: {target}");
            count += 1;
        }
    }
    assert!(count > 0, "nothing below {from}");
}

fn walk_workshop(
    pages: &BTreeMap<String, Vec<u8>>,
    notes: &BTreeMap<String, Vec<u8>>,
) {
    let own = env!("CARGO_BIN_EXE_workshop").into();
    let binary = programs().map_or(own, |folder| folder.join("workshop"));
    let workshop = Workshop::run(Command::new(binary).args(["--base-port", "0"]));
    let hub = workshop.process.address;
    walk(hub, pages, "shared/", "/shared/");
    walk(hub, pages, "workshop/", "/workshop/");
    walk(hub, notes, "screenshots/", "/notes/screenshots/");
    walk(hub, notes, "plots/", "/notes/plots/");
    let servers = workshop.techniques.iter().chain([&workshop.gallery]);
    for (&server, name) in servers.zip(TECHNIQUES.into_iter().chain(["gallery"])) {
        walk(server, pages, "shared/", "/shared/");
        walk(server, pages, &format!("{name}/"), "/");
        get(server, "/", "");
    }
    let mut targets: Vec<String> = [
        "/",
        "/compare",
        "/gallery",
        "/slides",
        "/quiz",
        "/quiz/live",
        "/quiz/wall",
        "/quiz/questions",
        "/presenter",
        "/presenter/speaker",
        "/presenter/gallery",
        "/presenter/quiz",
        "/presenter/quiz/wall",
    ]
    .map(str::to_owned)
    .into();
    for name in TECHNIQUES {
        targets.push(format!("/wire/{name}"));
        targets.push(format!("/presenter/wire/{name}"));
    }
    targets.extend(sources(pages));
    let setup: Value = serde_json::from_slice(&get(hub, "/setup", "")).unwrap();
    let chapters = setup["chapters"].as_array().unwrap();
    let texts = notes.values().filter(|text| text.starts_with(b"---\n"));
    assert_eq!(chapters.len(), texts.count());
    for chapter in chapters {
        targets.push(format!("/chapter/{}", chapter["id"].as_str().unwrap()));
    }
    let cookie = workshop.cookie();
    for target in targets {
        assert!(get(hub, &target, &cookie).len() > 500, "{target}");
    }
}

/// The pages that show sources. A debug build takes long to highlight one: it shows one of
/// each kind, since all of a kind come from the same place.
fn sources(pages: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let mut kinds = [vec![], vec![], vec![], vec![]];
    let beside =
        ["webrtc", "webtransport", "fallback", "mqtt", "monolith", "services"];
    for name in TECHNIQUES.into_iter().chain(beside) {
        for (kind, file) in ["client", "server"].into_iter().enumerate() {
            let target = format!("/source?left={name}&right={name}&file={file}");
            kinds[kind].push(target);
        }
    }
    let names = pages.keys().filter_map(|name| {
        name.strip_prefix("gallery/")?.strip_suffix("/client.js")
    });
    kinds[2].extend(names.map(|name| format!("/source/{name}")));
    for name in TECHNIQUES.into_iter().chain(["webrtc", "webtransport"]) {
        for kind in ["html", "rs"] {
            kinds[3].push(format!("/example/{name}/as_often_shown.{kind}"));
        }
    }
    let count = if programs().is_some() { usize::MAX } else { 1 };
    kinds.into_iter().flat_map(|kind| kind.into_iter().take(count)).collect()
}

/// The demos that run alone.
fn walk_demos(programs: &Path, pages: &BTreeMap<String, Vec<u8>>) {
    for (name, flags, folder) in [
        ("short-poll", &[][..], "short-poll"),
        ("long-poll", &[], "long-poll"),
        ("http-stream", &[], "http-stream"),
        ("sse", &[], "sse"),
        ("websocket", &[], "websocket"),
        ("webrtc", &[], "webrtc"),
        ("fallback", &[], "fallback"),
        ("mqtt", &[], "mqtt"),
        ("gallery", &[], "gallery"),
        ("blog", &["monolith"], "blog"),
        ("blog", &["services"], "blog"),
    ] {
        let program = programs.join(name);
        let port = if name == "blog" { "3513" } else { "0" };
        let mut command = Command::new(program);
        let (demo, _) = Process::start(command.args(flags).args(["--port", port]));
        // The blog prints its banner first.
        wait_until("it listens", || TcpStream::connect(demo.address).is_ok());
        walk(demo.address, pages, &format!("{folder}/"), "/");
        walk(demo.address, pages, "shared/", "/shared/");
        get(demo.address, "/", "");
        get(demo.address, "/lib.rs", "");
    }
}

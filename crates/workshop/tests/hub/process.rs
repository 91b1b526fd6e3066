//! The workshop as a process: its start and its end.

use std::{os::unix::fs::symlink, path::Path, time::Duration};

use serde_json::json;
use testkit::{Client, Process, Signal, WAIT_TIMEOUT, meanwhile};

use crate::{ADA, CLOSE, NAMES, open, stream};

#[test]
fn it_ends_within_two_seconds_with_all_of_it_open() {
    let workshop = open(&["--every", "50ms"]);
    let mut presenter = workshop.presenter();
    let pages: Vec<_> = (0..20).map(|_| workshop.attendee(ADA)).collect();
    let streams: Vec<_> = (0..20)
        .flat_map(|_| {
            [
                stream(&workshop, ADA, 2, "/stream"),
                stream(&workshop, ADA, 3, "/api/v1/live-data"),
            ]
        })
        .collect();
    let said: Vec<_> = streams
        .into_iter()
        .map(|mut stream| meanwhile(move || stream.end()))
        .collect();
    // With effects on, too: nobody on the other side of a stall can be told.
    presenter.command(
        &json!({"set": {"technique": "long-poll", "effect": "stall", "on": true}}),
    );
    presenter.until("room", |room| room["effects"] != json!([]));
    let mut held = Client::connect_from(ADA, workshop.techniques[1]);
    held.get("/long-polling");
    let (status, time) = workshop.process.signal(Signal::Interrupt);
    assert!(status.success(), "{status}");
    assert!(time < Duration::from_secs(2), "{time:?}");
    for said in said {
        let said = said.recv_timeout(WAIT_TIMEOUT).unwrap();
        assert!(said.contains("bye"), "{said}");
    }
    for mut page in pages {
        loop {
            let (first, payload) = page.0.frame();
            if first == CLOSE {
                assert_eq!(payload[..2], 1001u16.to_be_bytes());
                break;
            }
        }
    }
}

#[test]
fn a_port_in_use_is_named_with_a_way_out() {
    let workshop = open(&[]);
    // The third of the ports is one that the other has.
    let base = workshop.techniques[2].port() - 3;
    let binary = env!("CARGO_BIN_EXE_workshop");
    let (code, said) = Process::fail(binary, &["--base-port", &base.to_string()]);
    assert_eq!(code, Some(1), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(said.contains("is in use") && said.contains("--base-port"), "{said}");
    let (code, said) = Process::fail(binary, &["--base-port", "65535"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("0 to 65523"), "{said}");
}

/// Each page is looked for before the terminal invites anybody.
#[test]
fn a_page_that_is_missing_is_named_before_the_banner() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../static");
    let folder =
        std::env::temp_dir().join(format!("workshop-pages-{}", std::process::id()));
    let pages = folder.join("static");
    std::fs::create_dir_all(&pages).unwrap();
    let link = |from: &Path, to: &Path| symlink(from.canonicalize().unwrap(), to);
    let notes = folder.join("workshop-notes");
    link(&sources.join("../workshop-notes"), &notes).unwrap();
    for name in ["shared", "workshop"].into_iter().chain(NAMES) {
        link(&sources.join(name), &pages.join(name)).unwrap();
    }
    let state = folder.join("state");
    let flags = ["--base-port", "0", "--static-dir", pages.to_str().unwrap()];
    let flags = [&flags[..], &["--state-dir", state.to_str().unwrap()]].concat();
    for name in NAMES {
        std::fs::remove_file(pages.join(name)).unwrap();
        let (code, said) = Process::fail(env!("CARGO_BIN_EXE_workshop"), &flags);
        assert_eq!(code, Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            said.contains(&format!("{name}/index.html can't be read")),
            "{said}"
        );
        assert!(said.contains("--static-dir FOLDER"), "{said}");
        link(&sources.join(name), &pages.join(name)).unwrap();
    }
    // So is a chapter, with what is wrong with it.
    std::fs::remove_file(&notes).unwrap();
    std::fs::create_dir(&notes).unwrap();
    std::fs::write(notes.join("01-welcome.md"), [0xff]).unwrap();
    let (_, said) = Process::fail(env!("CARGO_BIN_EXE_workshop"), &flags);
    assert!(said.contains("01-welcome.md can't be read (stream"), "{said}");
    assert!(said.contains("UTF-8 that") && !said.contains("--static-dir"), "{said}");
    std::fs::remove_dir_all(folder).unwrap();
}

//! What outlives the server: its key, and the subscriptions.

use std::{fs, sync::Barrier, thread};

use testkit::Process;

use crate::setup::{Endpoint, Folder, ask, push, serve};

#[test]
fn the_key_is_drawn_once_and_a_subscription_outlives_the_server() {
    let folder = Folder::new("keys");
    let endpoint = Endpoint::answering("HTTP/1.1 201 Created\r\n\r\n");
    let server = serve(&folder, Some(&endpoint.origin));
    let (head, first) = ask(&server, "GET", "/key", "");
    assert_eq!(head.code(), 200);
    let origin = &endpoint.origin;
    assert!(first.starts_with(r#"{"key":"B"#), "{first}");
    assert!(first.ends_with(&format!(r#"","service":"{origin}"}}"#)), "{first}");
    assert_eq!(first.split('"').nth(3).unwrap().len(), 87, "65 bytes in base64url");
    endpoint.subscribe(&server, "/kept");
    // What is there already is not written again: a page says it each time that it opens.
    let saved = folder.0.join("push-subscriptions.json");
    let aside = folder.0.join("aside");
    fs::rename(&saved, &aside).unwrap();
    endpoint.subscribe(&server, "/kept");
    assert!(!saved.exists());
    fs::rename(&aside, &saved).unwrap();
    server.shut_down();
    let server = serve(&folder, Some(origin));
    assert_eq!(ask(&server, "GET", "/key", "").1, first);
    assert!(push(&server).contains(r#""status":201"#));
    assert!(endpoint.next().0.starts_with("POST /kept "));
    server.shut_down();
    // Without the flag, what it allowed is not allowed any more.
    let server = serve(&folder, None);
    assert_eq!(push(&server), "[]");
    server.shut_down();
    let other = Folder::new("other-keys");
    let server = serve(&other, Some(origin));
    assert_ne!(ask(&server, "GET", "/key", "").1, first);
    server.shut_down();
}

/// Programs that are started at the same time have one key.
#[test]
fn of_several_that_draw_a_key_all_have_the_first() {
    let folder = Folder::new("at-once");
    let all = Barrier::new(8);
    let keys: Vec<_> = thread::scope(|scope| {
        let open = || {
            all.wait();
            let server = serve(&folder, None);
            let key = ask(&server, "GET", "/key", "").1;
            server.shut_down();
            key
        };
        let threads = [(); 8].map(|()| scope.spawn(open));
        threads.map(|thread| thread.join().unwrap()).into()
    });
    assert!(keys.iter().all(|key| *key == keys[0]), "{keys:?}");
    let files = fs::read_dir(&folder.0).unwrap();
    assert_eq!(files.count(), 1, "nothing else is left");
}

/// The files of a folder, and their permissions.
#[cfg(unix)]
fn modes(folder: &Folder) -> Vec<(String, u32)> {
    use std::os::unix::fs::PermissionsExt;
    let files = fs::read_dir(&folder.0).unwrap().map(|entry| {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        (entry.file_name().into_string().unwrap(), mode & 0o777)
    });
    let mut files: Vec<_> = files.collect();
    files.sort();
    files
}

#[cfg(unix)]
#[test]
fn its_files_are_readable_by_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new("owner");
    let endpoint = Endpoint::answering("HTTP/1.1 201 Created\r\n\r\n");
    // What a crash has left behind, with the permissions of anyone.
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.0.join("push-subscriptions.new"), "half").unwrap();
    let server = serve(&folder, Some(&endpoint.origin));
    endpoint.subscribe(&server, "/1");
    endpoint.subscribe(&server, "/2");
    server.shut_down();
    let names = ["push-key.pkcs8", "push-subscriptions.json"];
    assert_eq!(modes(&folder), names.map(|name| (name.to_owned(), 0o600)));
    // A copy that anyone may read is for its owner again, once it is used.
    for name in names {
        let anyone = fs::Permissions::from_mode(0o644);
        fs::set_permissions(folder.0.join(name), anyone).unwrap();
    }
    serve(&folder, Some(&endpoint.origin)).shut_down();
    assert_eq!(modes(&folder), names.map(|name| (name.to_owned(), 0o600)));
    // A folder that it has made is for its owner, too; one that was there stays as it was.
    let inside = Folder(folder.0.join("inside"));
    serve(&inside, None).shut_down();
    let mode = |folder: &Folder| {
        fs::metadata(&folder.0).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(mode(&inside), 0o700);
    assert_ne!(mode(&folder), 0o700);
}

#[test]
fn a_folder_or_a_key_that_can_not_be_used_is_told_in_one_line() {
    let folder = Folder::new("broken");
    fs::create_dir_all(&folder.0).unwrap();
    fs::write(folder.0.join("push-key.pkcs8"), "no key").unwrap();
    fs::write(folder.0.join("file"), "").unwrap();
    let (key, file) = (folder.0.to_str().unwrap(), folder.0.join("file"));
    for (path, why) in
        [(key, "move it away"), (file.to_str().unwrap(), "--state-dir")]
    {
        let flags = ["--port", "0", "--state-dir", path];
        let (code, said) = Process::fail(env!("CARGO_BIN_EXE_push"), &flags);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(why) && said.lines().count() == 1, "{said}");
    }
    for origin in ["", "127.0.0.1:4009", "http://127.0.0.1:4009/path", "ws://a"] {
        let state = folder.0.join("good");
        let state = state.to_str().unwrap();
        let flags = ["--state-dir", state, "--push-service", origin];
        let (code, said) = Process::fail(env!("CARGO_BIN_EXE_push"), &flags);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("an origin such as"), "{said}");
    }
}

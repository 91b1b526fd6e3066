//! How `scripts/behind` ends, and what it says when it can't start.

use std::{
    env, fs,
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    thread,
};

use browser_tests::{program, serve};
use serde_json::Value;
use testkit::{Process, free_ports, wait_until};

use crate::{
    END_TIMEOUT, PROXIES,
    behind::{BEHIND, Behind},
};

/// Ends it by a signal while a stream is open, if there is one for it.
fn end_leaves_nothing(proxy: &str, flags: &[&str], signal: &str) {
    let server = serve(sse::TECHNIQUE, 10);
    let mut behind = Behind::before(&server, &[&[proxy], flags].concat());
    let mut client = behind.get(sse::TECHNIQUE.endpoints[0]);
    if !flags.contains(&"--tls") {
        client.until("first");
    }
    let folder = behind.folder.display().to_string();
    assert!(processes(&folder) > 0, "{proxy}: it has its files there");
    let took = behind.end(signal);
    assert!(took < END_TIMEOUT, "{proxy}, {signal}: {took:?}");
    assert_eq!(processes(&folder), 0, "{proxy}, {signal}");
    assert!(TcpStream::connect(behind.address).is_err(), "{proxy}, {signal}");
    let left: Vec<_> = fs::read_dir(&behind.folder).unwrap().collect();
    assert!(left.is_empty(), "{proxy}, {signal}: {left:?}");
    server.shut_down();
}

#[test]
fn it_ends_within_two_seconds_and_leaves_nothing() {
    thread::scope(|scope| {
        for proxy in PROXIES {
            scope.spawn(|| end_leaves_nothing(proxy, &[], "INT"));
            scope.spawn(|| end_leaves_nothing(proxy, &["right"], "INT"));
        }
        scope.spawn(|| end_leaves_nothing("nginx", &["--tls"], "TERM"));
        scope.spawn(|| end_leaves_nothing("caddy", &["right", "--tls"], "HUP"));
    });
}

/// Killed, it can end nothing: its guard sees that.
#[test]
fn killed_it_leaves_nothing() {
    thread::scope(|scope| {
        for proxy in PROXIES {
            scope.spawn(move || {
                let server = serve(sse::TECHNIQUE, 10);
                let mut behind = Behind::before(&server, &[proxy]);
                behind.get(sse::TECHNIQUE.endpoints[0]).until("first");
                behind.kill();
                let folder = behind.folder.display().to_string();
                wait_until("the proxy has ended", || {
                    processes(&folder) == 0
                        && TcpStream::connect(behind.address).is_err()
                });
                wait_until("no file is left", || {
                    fs::read_dir(&behind.folder).unwrap().next().is_none()
                });
                server.shut_down();
            });
        }
    });
}

/// A token in a URL is in the log of each proxy on its path.
#[test]
fn it_prints_what_nginx_logs() {
    let server = serve(sse::TECHNIQUE, 10);
    let mut behind = Behind::before(&server, &["nginx", "right", "--log"]);
    behind.get("/clock?ticket=s3cret").response();
    let line = "\"GET /clock?ticket=s3cret HTTP/1.1\" 200";
    let folder = fs::read_dir(&behind.folder).unwrap().next().unwrap().unwrap();
    let log = folder.path().join("access");
    wait_until("nginx has logged it", || {
        fs::read_to_string(&log).unwrap().contains(line)
    });
    // It looks at the log before it waits for Enter.
    let printed = behind.reload() + behind.reload().as_str();
    assert!(printed.contains(line), "{printed}");
    drop(behind);
    server.shut_down();
}

/// To the address of the proxy, as text and as a QR code; and with TLS they are told what
/// their browsers will say.
#[test]
fn phones_are_invited_to_the_proxy() {
    let sse = Process::run(program("sse").to_str().unwrap(), &["--lan"]);
    let own = free_ports(1, 0);
    let mut client = sse.get(&format!("/join?scheme=https&port={own}"));
    let invitation: Value = serde_json::from_str(&client.response().1).unwrap();
    let ports = format!("{}:{own}", sse.address.port());
    let behind = Behind::start(own, &["caddy", "--tls", "--port", &ports]);
    for key in ["url", "text"] {
        // Without a network, there are no other devices.
        let part = invitation[key].as_str().unwrap_or("This machine only");
        assert!(behind.banner.contains(part), "{part} is not in {}", behind.banner);
    }
    for word in ["warns", "encrypted", "Android", "iOS", "wss"] {
        assert!(behind.banner.contains(word), "{}", behind.banner);
    }
    let host = |url: &str| url.split(['/', ':']).nth(3).map(str::to_owned);
    let names = names_of_certificate(own);
    for name in
        [Some("localhost".to_owned()), invitation["url"].as_str().and_then(host)]
    {
        let name = name.unwrap_or_default();
        assert!(names.contains(&name), "{name} is not in {names}");
    }
    // To a server that only this machine reaches, nobody is invited.
    let server = serve(sse::TECHNIQUE, 10);
    let behind = Behind::before(&server, &["caddy", "--tls"]);
    assert!(behind.banner.contains("This machine only"), "{}", behind.banner);
    assert!(!behind.banner.contains("network"), "{}", behind.banner);
    drop(behind);
    server.shut_down();
}

/// For what the certificate is that is used at this port.
fn names_of_certificate(port: u16) -> String {
    let ask = format!(
        "openssl s_client -connect 127.0.0.1:{port} </dev/null 2>/dev/null |
            openssl x509 -noout -ext subjectAltName"
    );
    let output = Command::new("sh").args(["-c", &ask]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The exit code and the one line of a script that does not start.
fn complaint(arguments: &[&str], programs: &str) -> (Option<i32>, String) {
    let output = Command::new("/bin/bash")
        .arg(BEHIND)
        .args(arguments)
        .env("PATH", programs)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"", "{arguments:?}");
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert_eq!(complaint.lines().count(), 1, "{complaint}");
    (output.status.code(), complaint)
}

#[test]
fn what_is_wrong_is_said_in_a_line_that_says_what_to_do() {
    let programs = env::var("PATH").unwrap();
    let says = |arguments: &[&str], code: i32, words: &[&str]| {
        let (status, complaint) = complaint(arguments, &programs);
        assert_eq!(status, Some(code), "{complaint}");
        for word in words {
            assert!(complaint.contains(word), "{word} is not in {complaint}");
        }
    };
    says(&[], 2, &["which proxy", "nginx|haproxy|caddy"]);
    says(&["apache"], 2, &["'apache'", "nginx|haproxy|caddy"]);
    says(&["nginx", "--port", "sse"], 2, &["--port", "'sse'"]);
    says(&["nginx", "--port", "3004:99999"], 2, &["--port", "'3004:99999'"]);
    says(&["nginx", "--port"], 2, &["--port needs a port"]);
    says(&["caddy", "buffering"], 2, &["a setting of nginx"]);
    let nobody = free_ports(13, 1000);
    let base = nobody.to_string();
    says(&["nginx", "--base-port", &base], 1, &["nothing listens", "cargo run"]);
    says(&["nginx", "--port", &base], 1, &["nothing listens", &base]);
    let server = serve(sse::TECHNIQUE, 10);
    let own = server.address.port();
    let taken = format!("{own}:{own}");
    says(&["nginx", "--port", &taken], 1, &["is in use", "--port"]);
    server.shut_down();
    // Another port for one of a workshop's would not move the others.
    let listen = |offset: u16| TcpListener::bind(("127.0.0.1", nobody + offset));
    let listeners = [0, 1, 1001].map(|offset| listen(offset).unwrap());
    let [hub, ..] = listeners.each_ref().map(|it| it.try_clone().unwrap());
    // It has no room.
    thread::spawn(move || hub.incoming().for_each(drop));
    let several = ["nginx", "--base-port", &base];
    let taken = format!("port {} is in use", nobody + 1001);
    says(&several, 1, &[&taken, "start the workshop with --base-port ", "the same"]);
    drop(listeners);
    // The gallery's is one of them.
    let listeners = [12, 1012].map(|offset| listen(offset).unwrap());
    let [gallery, ..] = listeners.each_ref().map(|it| it.try_clone().unwrap());
    thread::spawn(move || gallery.incoming().for_each(drop));
    says(&several, 1, &[&format!("port {} is in use", nobody + 1012)]);
    drop(listeners);
    // Where nothing is but what the script itself needs.
    let folder = env::temp_dir().join(format!("workshop-no-caddy-{nobody}"));
    fs::create_dir_all(&folder).unwrap();
    let _ = std::os::unix::fs::symlink("/usr/bin/dirname", folder.join("dirname"));
    let (status, complaint) = complaint(&["caddy"], folder.to_str().unwrap());
    assert_eq!(status, Some(1), "{complaint}");
    for word in ["caddy is not installed", "apt-get install caddy", "brew install"] {
        assert!(complaint.contains(word), "{complaint}");
    }
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn help_is_no_error() {
    let output = Command::new(BEHIND).arg("--help").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
    for word in ["scripts/behind nginx|haproxy|caddy", "--base-port", "buffering"] {
        assert!(text.contains(word), "{text}");
    }
}

/// How many processes were started with a text among their arguments.
fn processes(text: &str) -> usize {
    let all = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    all.filter(|process| {
        let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(text)
    })
    .count()
}

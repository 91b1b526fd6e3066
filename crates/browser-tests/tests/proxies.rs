//! `scripts/behind` with the real nginx, HAProxy and Caddy: what each does to the five as it
//! comes, and that nothing is lost behind one that is set right. `scripts/test` installs them.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use browser_tests::{Browser, program, serve};
use serde_json::{Value, json};
use stage::Technique;
use testkit::{Client, Server, Workshop, free_ports, meanwhile, wait_until};

const BEHIND: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/behind");

/// What its last line says when all is well.
const READY: &str = "Ctrl-C to stop";

const PROXIES: [&str; 3] = ["nginx", "haproxy", "caddy"];

/// Two devices: all of 127.0.0.0/8 is this machine.
const ADA: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 11);
const BOB: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 12);

/// A sample that takes longer came late: HAProxy waits for twice as long, and a proxy that
/// passes on at once takes a few milliseconds.
const LATE: Duration = Duration::from_millis(100);

/// How long the script may take to end.
const END_TIMEOUT: Duration = Duration::from_secs(2);

/// `scripts/behind`, running.
struct Behind {
    script: Child,
    output: BufReader<std::process::ChildStdout>,
    /// Where the proxy listens.
    address: SocketAddr,
    /// Its `TMPDIR`.
    folder: PathBuf,
}

impl Behind {
    /// Puts a proxy before a server, on a free port.
    fn before(server: &Server, words: &[&str]) -> Self {
        let own = free_ports(1, 0);
        let ports = format!("{}:{own}", server.address.port());
        Self::start(own, &[words, &["--port", &ports]].concat())
    }

    /// Starts it; its first proxy will be at a port.
    fn start(port: u16, arguments: &[&str]) -> Self {
        let folder = env::temp_dir().join(format!("workshop-behind-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let mut script = Command::new(BEHIND)
            .args(arguments)
            .env("TMPDIR", &folder)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(script.stdout.take().unwrap());
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let mut behind = Self { script, output, address, folder };
        while !behind.line().contains(READY) {}
        behind
    }

    /// The next line that it prints.
    fn line(&mut self) -> String {
        let mut line = String::new();
        if self.output.read_line(&mut line).unwrap() == 0 {
            let mut complaint = String::new();
            self.script
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut complaint)
                .unwrap();
            panic!("{complaint}; scripts/test installs the proxies");
        }
        line
    }

    /// A new connection to the proxy, on which `GET target` was asked for.
    fn get(&self, target: &str) -> Client {
        let mut client = Client::connect(self.address);
        client.get(target);
        client
    }

    /// A new connection, on which the page of the chat opens its WebSocket.
    fn open_websocket(&self) -> Client {
        let mut client = Client::connect(self.address);
        let host = format!("localhost:{}", self.address.port());
        client.send(format!(
            "GET /chat HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
        ));
        client
    }

    /// Has the proxy load its configuration anew, as Enter does.
    fn reload(&mut self) {
        writeln!(self.script.stdin.as_ref().unwrap()).unwrap();
        let line = self.line();
        assert!(line.contains("loaded anew"), "{line}");
    }

    /// Ends it as a terminal does: all that it has in the foreground gets the signal. How
    /// long that took.
    fn end(&mut self, signal: &str) -> Duration {
        let start = Instant::now();
        let group = format!("-{}", self.script.id());
        let kill = Command::new("kill").args(["-s", signal, "--", &group]).status();
        assert!(kill.unwrap().success());
        wait_until("it has ended", || self.script.try_wait().unwrap().is_some());
        start.elapsed()
    }
}

impl Drop for Behind {
    fn drop(&mut self) {
        if self.script.try_wait().unwrap().is_none() {
            self.end("INT");
        }
        // When it left something there, a test says so.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How long each of five samples takes from its publication to a client of the proxy, from
/// the shortest to the longest.
fn delays(server: &Server, client: &mut Client) -> Vec<Duration> {
    let delay = |round: usize| {
        let data = format!(r#"round {round}""#);
        let start = Instant::now();
        server.feed.publish(data.trim_end_matches('"'));
        client.until(&data);
        start.elapsed()
    };
    let mut delays: Vec<_> = (0..5).map(delay).collect();
    delays.sort();
    delays
}

/// The two techniques whose answers go on, for longer than a test does.
const STREAMS: [Technique; 2] = [http_stream::TECHNIQUE, sse::TECHNIQUE];

fn serve_stream(technique: Technique) -> Server {
    if technique.name != http_stream::TECHNIQUE.name {
        return serve(technique, 1000);
    }
    let (lifetime, heartbeat) = (Duration::from_secs(60), Duration::from_secs(1));
    Server::start(technique, 1000, move |feed| {
        http_stream::routes(feed, http_stream::Timings { lifetime, heartbeat })
    })
}

/// The delays of both behind a proxy.
fn delays_of_streams(words: &[&str]) -> [Vec<Duration>; 2] {
    STREAMS.map(|technique| {
        let server = serve_stream(technique);
        let behind = Behind::before(&server, words);
        let mut client = behind.get(technique.endpoints[0]);
        client.until("first");
        let delays = delays(&server, &mut client);
        drop(behind);
        server.shut_down();
        delays
    })
}

fn assert_at_once(words: &[&str]) {
    for delays in delays_of_streams(words) {
        assert!(delays[delays.len() / 2] < LATE, "{words:?}: {delays:?}");
    }
}

/// What a page of the chat is answered through a proxy, whose WebSocket passes messages both
/// ways if it opens.
fn opening_a_websocket(words: &[&str]) -> u16 {
    let server = serve(websocket::TECHNIQUE, 1000);
    let behind = Behind::before(&server, words);
    let mut client = behind.open_websocket();
    let status = client.head().code();
    if status == 101 {
        client.send(testkit::masked(0x81, r#"{"say":"behind"}"#));
        let mut heard = String::new();
        while !heard.contains(r#""text":"behind""#) {
            heard = String::from_utf8_lossy(&client.frame().1).into_owned();
        }
    }
    drop(behind);
    server.shut_down();
    status
}

#[test]
fn nginx_as_it_comes_passes_our_streams_on_and_no_websocket() {
    assert_at_once(&["nginx"]);
    assert_eq!(opening_a_websocket(&["nginx", "as-it-comes"]), 403);
}

#[test]
fn nginx_collects_the_streams_of_a_server_that_does_not_ask_it_not_to() {
    let words = ["nginx", "buffering"];
    for technique in STREAMS {
        let server = serve_stream(technique);
        let behind = Behind::before(&server, &words);
        let mut direct = server.get(technique.endpoints[0]);
        let mut client = behind.get(technique.endpoints[0]);
        let collected = meanwhile(move || client.until(r#"lump""#));
        direct.until("first");
        wait_until("both follow", || server.feed.followers() == 2);
        let direct = delays(&server, &mut direct);
        assert!(direct[direct.len() / 2] < LATE, "{direct:?}");
        assert!(collected.try_recv().is_err(), "{}: not yet", technique.name);
        // Its buffers are of 4 or 8 KiB: then all of it comes at once.
        server.feed.publish("lump");
        server.feed.publish(&"x".repeat(20_000));
        let lump = collected.recv_timeout(testkit::WAIT_TIMEOUT).unwrap();
        assert!(lump.contains(r#"round 0""#), "{lump}");
        drop(behind);
        server.shut_down();
    }
    assert_eq!(opening_a_websocket(&words), 403);
}

#[test]
fn haproxy_as_it_comes_holds_each_event_back_and_passes_websockets() {
    for delays in delays_of_streams(&["haproxy"]) {
        assert!(delays[0] > LATE, "{delays:?}");
    }
    assert_eq!(opening_a_websocket(&["haproxy"]), 101);
}

#[test]
fn caddy_as_it_comes_passes_all_on() {
    assert_at_once(&["caddy"]);
    assert_eq!(opening_a_websocket(&["caddy"]), 101);
}

#[test]
fn each_that_is_set_right_passes_all_on_at_once() {
    thread::scope(|scope| {
        for proxy in PROXIES {
            scope.spawn(move || {
                assert_at_once(&[proxy, "right"]);
                assert_eq!(opening_a_websocket(&[proxy, "right"]), 101, "{proxy}");
            });
        }
    });
}

/// The five beside each other, behind a proxy that loads its configuration anew meanwhile:
/// from the pages' point of view, nothing is lost and nothing comes twice.
async fn all_five_across_a_reload(proxy: &str) {
    let base = free_ports(7, 1000);
    let mut workshop = Command::new(program("workshop"));
    let base_port = base.to_string();
    workshop.args(["--base-port", &base_port, "--every", "100ms"]);
    let workshop = Workshop::run(&mut workshop);
    let flags = [proxy, "right", "--base-port", &base_port];
    let mut behind = Behind::start(base + 1000, &flags);
    let browser = Browser::start(&format!("behind-{proxy}")).await;
    browser.open(&format!("http://localhost:{}/compare", base + 1000)).await;
    let cells = |column: &str| {
        format!(
            "[...document.querySelectorAll('#table tbody tr')].map((row) => {{
               const heads = [...document.querySelectorAll('#table thead th')];
               const column = heads.findIndex((head) => head.textContent === '{column}');
               return row.querySelectorAll('td')[column].textContent.replace(/\\D/g, '');
             }})"
        )
    };
    let all_have = |count: u64| {
        let cells = cells("samples");
        format!("{cells}.filter((samples) => samples >= {count}).length === 5")
    };
    browser.until(&all_have(5)).await;
    let frames = browser
        .run("return [...document.querySelectorAll('iframe')].map(({ src }) => new URL(src).port)")
        .await;
    let expected: Vec<_> = (1001..1006).map(|n| (base + n).to_string()).collect();
    assert_eq!(frames, json!(expected));
    // Also from the presenter's own port, the room is invited to the proxy's first one.
    let invited = format!("/join?scheme=http&port={}", base + 1000);
    let asked =
        |requests: Vec<String>| requests.iter().any(|url| url.ends_with(&invited));
    assert!(asked(browser.requests().await));
    behind.reload();
    // The proxy cuts the old connections: what goes on does so on new ones.
    let streams = format!("{}.slice(2)", cells("connections"));
    browser
        .until(&format!("{streams}.filter((count) => count >= 2).length === 3"))
        .await;
    let samples =
        browser.run(&format!("return Math.max(...{})", cells("samples"))).await;
    browser.until(&all_have(samples.as_u64().unwrap() + 5)).await;
    for column in ["missed", "duplicated"] {
        let counted = browser.run(&format!("return {}", cells(column))).await;
        assert_eq!(counted, json!(vec!["0"; 5]), "{column}");
    }
    browser.open(&format!("http://localhost:{}/", base + 1006)).await;
    browser.until("document.querySelector('#invitation').children.length").await;
    assert!(asked(browser.requests().await));
    browser.quit().await;
    assert!(behind.end("INT") < END_TIMEOUT);
    drop(workshop);
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_behind_nginx_across_a_reload() {
    all_five_across_a_reload("nginx").await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_behind_haproxy_across_a_reload() {
    all_five_across_a_reload("haproxy").await;
}

#[tokio::test]
async fn nothing_is_lost_or_doubled_behind_caddy_across_a_reload() {
    all_five_across_a_reload("caddy").await;
}

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

/// Devices behind a proxy that the workshop trusts are told apart, whatever they say of
/// themselves: what is done to one is not done to the other.
fn devices_are_told_apart(proxy: &str) {
    let base = free_ports(7, 1000);
    let base_port = base.to_string();
    let mut workshop = Command::new(program("workshop"));
    workshop.args(["--base-port", &base_port, "--behind", "127.0.0.1"]);
    let workshop = Workshop::run(workshop.args(["--every", "50ms"]));
    let flags = [proxy, "right", "--base-port", &base_port];
    let behind = Behind::start(base + 1000, &flags);
    let address = (Ipv4Addr::LOCALHOST, base + 1004).into();
    let mut streams = [ADA, BOB].map(|device| {
        let mut client = Client::connect_from(device, address);
        client.send(format!(
            "GET {} HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: 192.0.2.7\r\n\r\n",
            sse::TECHNIQUE.endpoints[0]
        ));
        assert_eq!(client.head().code(), 200, "{proxy}");
        client
    });
    let mut presenter = workshop.presenter();
    let mut until_open = |ada: u64, bob: u64| {
        presenter.until("room", |room| open_streams(room) == [ada, bob]);
    };
    until_open(1, 1);
    let ada = ADA.to_string();
    let cut =
        json!({"technique": "sse", "client": ada, "effect": "cut", "on": true});
    workshop.presenter().command(&json!({ "set": cut }));
    until_open(0, 1);
    let newest = workshop.presenter().room()["newest"].as_u64().unwrap();
    streams[1].until(&format!(r#""seq":{}"#, newest + 5));
    drop((behind, workshop));
}

/// How many streams the two have open.
fn open_streams(room: &Value) -> [u64; 2] {
    let clients = room["clients"].as_array().unwrap();
    [ADA, BOB].map(|device| {
        let mut all = clients.iter();
        let client = all.find(|it| it["client"] == device.to_string());
        client.map_or(0, |it| it["open"]["sse"].as_u64().unwrap())
    })
}

#[test]
fn devices_behind_each_proxy_are_told_apart() {
    thread::scope(|scope| {
        for proxy in PROXIES {
            scope.spawn(move || devices_are_told_apart(proxy));
        }
    });
}

/// Asks for the server's clock: what came, or that nothing did within a second.
const CLOCK: &str = "const done = arguments[0];
    fetch('/clock', { signal: AbortSignal.timeout(1000) })
      .then(({ status }) => done(status), ({ name }) => done(name))";

/// How many of the thirty EventSources of a page are open, when no more will be.
async fn streams_of_a_page(
    browser: &Browser,
    origin: &str,
    protocol: &str,
    open: u32,
) {
    browser.open(&format!("{origin}/many.html")).await;
    browser.until_shows("#protocol", protocol).await;
    browser.click("#form button").await;
    browser.until_shows("#count", &format!("{open} of 30 streams are open.")).await;
}

#[tokio::test]
async fn a_page_has_six_streams_over_http_1_1_and_thirty_over_http_2() {
    let server = serve(sse::TECHNIQUE, 10);
    let browser = Browser::start_trusting("behind-tls").await;
    let origin = format!("http://{}", server.address);
    streams_of_a_page(&browser, &origin, "HTTP/1.1", 6).await;
    // The others wait for these six, and so does whatever else the page asks for.
    assert_eq!(browser.answer(CLOCK).await, "TimeoutError");
    assert_eq!(server.feed.followers(), 6);
    browser.click("#close").await;
    for proxy in PROXIES {
        let behind = Behind::before(&server, &[proxy, "right", "--tls"]);
        let origin = format!("https://localhost:{}", behind.address.port());
        streams_of_a_page(&browser, &origin, "HTTP/2", 30).await;
        assert_eq!(browser.answer(CLOCK).await, 200, "{proxy}");
        browser.click("#close").await;
    }
    browser.quit().await;
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
    let nobody = free_ports(7, 1000);
    let base = nobody.to_string();
    says(&["nginx", "--base-port", &base], 1, &["nothing listens", "cargo run"]);
    says(&["nginx", "--port", &base], 1, &["nothing listens", &base]);
    let server = serve(sse::TECHNIQUE, 10);
    let own = server.address.port();
    let taken = format!("{own}:{own}");
    says(&["nginx", "--port", &taken], 1, &["is in use", "--port"]);
    server.shut_down();
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

/// How many processes were started with a text among their arguments.
fn processes(text: &str) -> usize {
    let all = fs::read_dir("/proc").unwrap().map_while(Result::ok);
    all.filter(|process| {
        let arguments = fs::read(process.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments).contains(text)
    })
    .count()
}

//! A restart of *likes*: whom it cuts off, and what is answered meanwhile, in both shapes.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

use testkit::{
    Client, Head, Process, Signal, WAIT_TIMEOUT, free_ports, meanwhile, wait_until,
};

const BLOG: &str = env!("CARGO_BIN_EXE_blog");
const READERS: usize = 20;

/// The blog in one of its shapes. No crowd writes within an hour.
struct Blog {
    starter: Child,
    address: SocketAddr,
}

impl Blog {
    fn run(shape: &str, restart_delay: &str) -> Self {
        let port = free_ports(4, 0);
        let mut starter = Command::new(BLOG)
            .args([shape, "--port", &port.to_string(), "--every", "1h"])
            .args(["--restart-delay", restart_delay, "--log", "off"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut banner = BufReader::new(starter.stdout.take().unwrap()).lines();
        assert!(banner.any(|line| line.unwrap().contains("Ctrl-C")));
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let blog = Self { starter, address };
        wait_until("all parts answer", || {
            ["posts", "comments", "likes"]
                .iter()
                .all(|part| blog.process(part).is_some())
        });
        wait_until("the crowd has written its posts", || {
            blog.body("/posts").matches("text").count() == 3
        });
        blog
    }

    /// Has the program restart that *likes* is in, as the presenter does.
    fn press_enter(&mut self) {
        writeln!(self.starter.stdin.as_ref().unwrap()).unwrap();
    }

    fn listens(&self) -> bool {
        TcpStream::connect(self.address).is_ok()
    }

    fn body(&self, target: &str) -> String {
        let mut client = Client::connect(self.address);
        client.get(target);
        client.response().1
    }

    /// The process that a part runs in, if the part answers.
    fn process(&self, part: &str) -> Option<u32> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        let request = format!("GET /{part}/process HTTP/1.0\r\n\r\n");
        stream.write_all(request.as_bytes()).ok()?;
        let mut response = String::new();
        stream.read_to_string(&mut response).ok()?;
        let (_, number) = response.split_once("\"process\":")?;
        number.trim_end_matches('}').parse().ok()
    }

    fn post(&self, target: &str, content: &str) -> (Head, String) {
        let mut client = Client::connect(self.address);
        client.send(format!(
            "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n\
             Content-Type: application/json\r\n\r\n{content}",
            content.len()
        ));
        client.response()
    }

    fn like(&self) -> String {
        let (head, body) = self.post("/likes", r#"{"post":7}"#);
        assert_eq!(head.code(), 200, "{body}");
        body
    }

    /// Readers of the live stream, each with the newest news.
    fn readers(&self) -> Vec<Client> {
        let mut readers: Vec<_> = (0..READERS)
            .map(|_| {
                let mut reader = Client::connect(self.address);
                reader.get("/events");
                reader
            })
            .collect();
        for reader in &mut readers {
            reader.until("data: {");
        }
        readers
    }
}

impl Drop for Blog {
    fn drop(&mut self) {
        let _ = self.starter.kill();
        let _ = self.starter.wait();
    }
}

/// How long it stays away, for a test that looks at what is answered meanwhile.
const AWAY: &str = "1h";

/// The same for a test of what is there afterwards.
const AT_ONCE: &str = "1ms";

#[test]
fn a_restart_of_likes_cuts_each_reader_of_the_monolith() {
    let mut blog = Blog::run("monolith", AWAY);
    let told: Vec<_> = blog
        .readers()
        .into_iter()
        .map(|mut reader| meanwhile(move || reader.end()))
        .collect();
    blog.press_enter();
    for told in told {
        let told = told.recv_timeout(WAIT_TIMEOUT).unwrap();
        assert!(told.contains("event: bye\n"), "{told}");
    }
    wait_until("nothing answers", || !blog.listens());
}

#[test]
fn a_restart_of_likes_cuts_no_reader_of_the_services() {
    let mut blog = Blog::run("services", AWAY);
    let mut readers = blog.readers();
    blog.press_enter();
    wait_until("likes is away", || blog.process("likes").is_none());
    let (head, body) = blog.post("/likes", r#"{"post":7}"#);
    assert_eq!(head.code(), 503, "{body}");
    assert_eq!(head.field("retry-after"), Some("2"));
    assert!(body.contains("likes") && body.contains("try again"), "{body}");
    // All else goes on, and each reader is told of it.
    let (head, _) = blog.post("/posts", r#"{"text":"without likes"}"#);
    assert_eq!(head.code(), 200);
    for reader in &mut readers {
        let told = reader.until("without likes");
        assert!(!told.contains("event: "), "neither gap nor bye: {told}");
    }
}

#[test]
fn after_a_restart_the_likes_go_on_where_they_were() {
    for shape in ["monolith", "services"] {
        for enter in [true, false] {
            let mut blog = Blog::run(shape, AT_ONCE);
            assert_eq!(blog.like(), r#"{"likes":{"post":7,"count":1}}"#);
            let before = ["posts", "likes"].map(|part| blog.process(part).unwrap());
            assert_eq!(before[0] == before[1], shape == "monolith", "one program");
            let mut readers = blog.readers();
            if enter {
                blog.press_enter();
            } else {
                let likes = before[1].to_string();
                let kill = Command::new("kill").args(["-KILL", &likes]).status();
                assert!(kill.unwrap().success());
            }
            wait_until("another process is likes", || {
                blog.process("likes").is_some_and(|process| process != before[1])
            });
            assert_eq!(blog.like(), r#"{"likes":{"post":7,"count":2}}"#);
            if shape == "services" {
                assert_eq!(blog.process("posts"), Some(before[0]));
                for reader in &mut readers {
                    let told = reader.until(r#"\"count\":2"#);
                    assert!(
                        !told.contains("event: "),
                        "neither gap nor bye: {told}"
                    );
                }
            }
        }
    }
}

#[test]
fn both_shapes_answer_alike() {
    let blogs = ["monolith", "services"].map(|shape| Blog::run(shape, AWAY));
    let long = format!(r#"{{"text":"{}"}}"#, "x".repeat(201));
    let huge = format!(r#"{{"text":"{}"}}"#, "x".repeat(5000));
    for (target, content, code) in [
        ("/posts", r#"{"text":"new"}"#, 200),
        ("/comments", r#"{"post":1,"text":"<b>new</b>"}"#, 200),
        ("/likes", r#"{"post":4294967295}"#, 200),
        ("/likes", r#"{"post":4294967296}"#, 400),
        ("/likes", r#"{"post":-1}"#, 400),
        ("/posts", r#"{"text":"  "}"#, 400),
        ("/posts", &long, 400),
        ("/posts", &huge, 413),
        ("/posts", "text", 400),
        ("/people", r#"{"text":"new"}"#, 405),
    ] {
        let answers = blogs.each_ref().map(|blog| {
            let (head, body) = blog.post(target, content);
            assert_eq!(head.code(), code, "{target} {content}: {body}");
            // Which the crowd has written is drawn.
            (head.field("content-type").map(str::to_owned), body.len())
        });
        assert_eq!(answers[0], answers[1], "{target} {content}");
    }
    let comments = blogs.each_ref().map(|blog| blog.body("/comments"));
    assert!(comments[0].contains("<b>new</b>"), "as text");
    assert_eq!(comments[0], comments[1]);
}

#[test]
fn a_part_keeps_a_hundred_news_at_most() {
    let blog = Blog::run("monolith", AWAY);
    for post in 0..150 {
        let (head, _) = blog.post("/likes", &format!(r#"{{"post":{post}}}"#));
        assert_eq!(head.code(), 200);
    }
    let likes = blog.body("/likes");
    assert_eq!(likes.matches("count").count(), 100);
    assert!(likes.contains(r#""post":149,"#) && !likes.contains(r#""post":49,"#));
}

#[test]
fn it_ends_within_two_seconds_and_leaves_nothing() {
    for shape in ["monolith", "services"] {
        for signal in [Signal::Interrupt, Signal::Terminate] {
            let port = free_ports(4, 0);
            let flags = [shape, "--port", &port.to_string()];
            let (process, _) = Process::start(Command::new(BLOG).args(flags));
            let mut reader = None;
            wait_until("it listens", || {
                let there = TcpStream::connect(process.address).is_ok();
                reader = there.then(|| process.get("/events"));
                there
            });
            let mut reader = reader.unwrap();
            reader.until("data: {");
            let told = meanwhile(move || reader.end());
            let (status, took) = process.signal(signal);
            assert!(status.success(), "{shape}: {status}");
            assert!(took < Duration::from_secs(2), "{shape}: {took:?}");
            let told = told.recv_timeout(WAIT_TIMEOUT).unwrap();
            assert!(told.contains("event: bye\n"), "{shape}: {told}");
            for port in port..port + 4 {
                let there = TcpStream::connect((Ipv4Addr::LOCALHOST, port));
                assert!(there.is_err(), "{shape}: something is left on port {port}");
            }
        }
    }
}

/// Killed, it can end nothing: its programs see that, and end. The folder that they had
/// is removed by the next blog.
#[test]
fn without_the_process_that_started_them_the_programs_end() {
    let blog = Blog::run("services", AWAY);
    let (address, id) = (blog.address, blog.starter.id());
    let prefix = format!("workshop-blog-{id}-");
    let folder = fs::read_dir(env::temp_dir())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| {
            path.file_name().unwrap().to_string_lossy().starts_with(&prefix)
        })
        .expect("the blog has a folder");
    drop(blog);
    for port in address.port()..address.port() + 4 {
        wait_until("nothing is left", || {
            TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err()
        });
    }
    let other = Blog::run("monolith", AWAY);
    assert_eq!(folder.exists(), cfg!(not(target_os = "linux")));
    drop(other);
}

#[test]
fn what_is_wrong_is_said_in_a_line_that_says_what_to_do() {
    let taken = free_ports(4, 0);
    let _likes = TcpListener::bind((Ipv4Addr::LOCALHOST, taken + 3)).unwrap();
    let port = taken.to_string();
    for (flags, code, word) in [
        (&["services", "--port", &port] as &[&str], 1, "in use"),
        (&["services", "--port", "65533"], 2, "1 to 65532"),
        (&["services", "--port", "0"], 2, "1 to 65532"),
        (&["monolith", "--static-dir", "/nowhere"], 1, "--static-dir"),
        (&["microservices"], 2, "services"),
        (&[], 2, "<SHAPE>"),
    ] {
        let (status, said) = Process::fail(BLOG, flags);
        assert_eq!(status, Some(code), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(word), "{word} is not in {said}");
    }
}

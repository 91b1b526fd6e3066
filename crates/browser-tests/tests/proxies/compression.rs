//! Proxies that compress what they pass on.

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
};

use stage::Technique;
use testkit::{Server, meanwhile, wait_until};

use crate::{
    behind::{Behind, OtherTemplate},
    streams::{LATE, STREAMS, delays, serve_stream},
};

/// A proxy, a text of its template, and what stands for it so that it compresses.
type Change = (&'static str, &'static str, &'static str);

const NGINX: Change = (
    "nginx",
    "access_log off;",
    "access_log off; gzip on; gzip_types *; gzip_proxied any;",
);

/// It compresses nothing whose first bytes are less than 512.
const CADDY: Change = ("caddy", "reverse_proxy", r"encode gzip\n  reverse_proxy");

const CADDY_ALWAYS: Change = (
    "caddy",
    "reverse_proxy",
    r"encode {\n    gzip\n    minimum_length 1\n  }\n  reverse_proxy",
);

/// A proxy that compresses, before a server, and a client that takes what is compressed.
struct Compressed {
    server: Server,
    behind: Behind,
    curl: Child,
    /// The head, and what was decompressed, as it comes.
    lines: Lines<BufReader<ChildStdout>>,
    _template: OtherTemplate,
}

impl Compressed {
    fn open((proxy, from, to): Change, technique: Technique) -> Self {
        let server = serve_stream(technique);
        let template = OtherTemplate::new(proxy, from, to);
        let behind = template.before(&server, &[proxy]);
        let mut curl = Command::new("curl")
            .args(["-sN", "--compressed", "--max-time", "20", "-D", "-"])
            .arg(format!("http://{}{}", behind.address, technique.endpoints[0]))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(curl.stdout.take().unwrap()).lines();
        let mut it = Self { server, behind, curl, lines, _template: template };
        assert!(it.until("http/1.1").contains("200"), "{proxy}");
        it
    }

    /// The next line that has a text in it, in small letters.
    fn until(&mut self, text: &str) -> String {
        let mut lines = self.lines.by_ref().map(|line| line.unwrap().to_lowercase());
        lines.find(|line| line.contains(text)).unwrap_or_else(|| panic!("no {text}"))
    }

    fn passes_on_at_once(&mut self) {
        self.until("first");
        let Self { server, lines, .. } = self;
        let mut lines = lines.map(Result::unwrap);
        let delays = delays(server, |data| {
            assert!(lines.any(|line| line.contains(data)), "no {data}");
        });
        assert!(delays[delays.len() / 2] < LATE, "{delays:?}");
    }

    fn end(mut self) {
        self.curl.kill().unwrap();
        self.curl.wait().unwrap();
        drop(self.behind);
        self.server.shut_down();
    }
}

#[test]
fn nginx_compresses_each_event_and_passes_it_on_at_once() {
    thread::scope(|scope| {
        for technique in STREAMS {
            scope.spawn(move || {
                let mut nginx = Compressed::open(NGINX, technique);
                nginx.until("content-encoding: gzip");
                nginx.passes_on_at_once();
                nginx.end();
            });
        }
    });
}

#[test]
fn caddy_passes_events_on_uncompressed_and_holds_them_back_when_it_compresses() {
    thread::scope(|scope| {
        for technique in STREAMS {
            scope.spawn(move || {
                let mut caddy = Compressed::open(CADDY, technique);
                let head = caddy.lines.by_ref().map(Result::unwrap);
                let head: Vec<_> =
                    head.take_while(|line| !line.is_empty()).collect();
                let field = |line: &String| line.starts_with("Content-Encoding");
                assert!(!head.iter().any(field), "{head:?}");
                caddy.passes_on_at_once();
                caddy.end();
            });
            scope.spawn(move || {
                let mut caddy = Compressed::open(CADDY_ALWAYS, technique);
                caddy.until("content-encoding: gzip");
                let Compressed { server, behind, mut curl, lines, .. } = caddy;
                let rest = meanwhile(move || {
                    lines.map(Result::unwrap).collect::<Vec<_>>().join("\n")
                });
                let mut direct = server.get(technique.endpoints[0]);
                direct.until("first");
                wait_until("both follow", || server.feed.followers() == 2);
                delays(&server, |data| drop(direct.until(data)));
                assert!(rest.try_recv().is_err(), "not yet");
                // What was held back comes with the end of the stream.
                server.shut_down();
                let rest = rest.recv_timeout(testkit::WAIT_TIMEOUT).unwrap();
                assert!(
                    rest.contains("first") && rest.contains("round 4"),
                    "{rest}"
                );
                assert!(curl.wait().unwrap().success());
                drop(behind);
            });
        }
    });
}

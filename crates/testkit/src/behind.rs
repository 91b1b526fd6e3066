//! `scripts/behind`: a real proxy before a server of a test.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::{client::Client, ports::free_ports, server::Server, wait::wait_until};

/// The script.
pub const BEHIND: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/behind");

/// What its last line says when all is well.
const READY: &str = "Ctrl-C to stop";

/// `scripts/behind`, running.
pub struct Behind {
    script: Child,
    output: BufReader<std::process::ChildStdout>,
    /// Where the proxy listens.
    pub address: SocketAddr,
    /// Its `TMPDIR`.
    pub folder: PathBuf,
    /// What it has printed until all was there.
    pub banner: String,
}

impl Behind {
    /// Puts a proxy before a server, on a free port.
    pub fn before(server: &Server, words: &[&str]) -> Self {
        Self::before_with(BEHIND.as_ref(), server, words)
    }

    /// The same with another script, or with one that has other templates beside it.
    pub fn before_with(script: &Path, server: &Server, words: &[&str]) -> Self {
        let own = free_ports(1, 0);
        let ports = format!("{}:{own}", server.address.port());
        Self::run(script, own, &[words, &["--port", &ports]].concat())
    }

    /// Starts it; its first proxy will be at a port.
    pub fn start(port: u16, arguments: &[&str]) -> Self {
        Self::run(BEHIND.as_ref(), port, arguments)
    }

    fn run(script: &Path, port: u16, arguments: &[&str]) -> Self {
        let folder = env::temp_dir().join(format!("workshop-behind-{port}"));
        fs::create_dir_all(&folder).unwrap();
        let mut command = Command::new(script);
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut script = command
            .args(arguments)
            .env("TMPDIR", &folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(script.stdout.take().unwrap());
        let address = (Ipv4Addr::LOCALHOST, port).into();
        let banner = String::new();
        let mut behind = Self { script, output, address, folder, banner };
        while !behind.banner.contains(READY) {
            let line = behind.line();
            behind.banner.push_str(&line);
        }
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
    pub fn get(&self, target: &str) -> Client {
        let mut client = Client::connect(self.address);
        client.get(target);
        client
    }

    /// A new connection, on which the page of the chat opens its WebSocket.
    pub fn open_websocket(&self) -> Client {
        let mut client = Client::connect(self.address);
        let host = format!("localhost:{}", self.address.port());
        client.send(format!(
            "GET /chat HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: x3JJHMbDL1EzLkh9GBhXDw==\r\n\r\n"
        ));
        client
    }

    /// Has the proxy load its configuration anew, as Enter does. What the script prints
    /// until that is done.
    pub fn reload(&mut self) -> String {
        writeln!(self.script.stdin.as_ref().unwrap()).unwrap();
        let mut printed = String::new();
        while !printed.contains("loaded anew") {
            assert!(!printed.contains("not loaded"), "{printed}");
            printed.push_str(&self.line());
        }
        printed
    }

    /// Ends it as a terminal does: all that it has in the foreground gets the signal. How
    /// long that took.
    pub fn end(&mut self, signal: &str) -> Duration {
        let start = Instant::now();
        let group = format!("-{}", self.script.id());
        let kill = Command::new("kill").args(["-s", signal, "--", &group]).status();
        assert!(kill.unwrap().success());
        wait_until("it has ended", || self.script.try_wait().unwrap().is_some());
        start.elapsed()
    }

    /// `kill -9` of the script alone, which can end nothing then.
    pub fn kill(&mut self) {
        self.script.kill().unwrap();
        self.script.wait().unwrap();
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

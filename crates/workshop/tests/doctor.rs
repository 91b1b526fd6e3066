//! `workshop doctor` finds what it looks at, and says so in a line, in JSON, and by its exit
//! code. In a network of its own, where the test decides what there is. (Linux only.)
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    env, fs,
    io::{Read, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::Path,
    process::{self, Child, Command, Stdio},
};

use serde_json::Value;
use testkit::{must_run, run_inside, start_inside, wait_until};

const NAMES: [&str; 15] = [
    "ports", "address", "firewall", "clock", "files", "memory", "answers",
    "browser", "nginx", "haproxy", "caddy", "redis", "openssl", "firefox", "phone",
];

const DOCTOR: [&str; 4] = ["doctor", "--json", "--devices", "10"];

/// What the doctor found.
struct Answer {
    ready: bool,
    checks: Value,
}

impl Answer {
    /// Runs `workshop doctor --json --devices 10 …`, behind the words of `prefix`. It finds no
    /// program that it would have to ask for its version, which takes long.
    fn ask(prefix: &[&str], flags: &[&str]) -> Self {
        let workshop = ["env", "PATH=/nowhere", env!("CARGO_BIN_EXE_workshop")];
        let words = [prefix, &workshop, &DOCTOR, flags].concat();
        Self::of(Command::new(words[0]).args(&words[1..]).stderr(Stdio::null()))
    }

    fn of(command: &mut Command) -> Self {
        let output = command.output().unwrap();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        let ready = json["ready"].as_bool().unwrap();
        assert_eq!(output.status.code(), Some(i32::from(!ready)), "{json}");
        let checks = &json["checks"];
        let all = checks.as_array().unwrap();
        let names: Vec<_> =
            all.iter().map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(names, NAMES);
        for check in all {
            let well = check["outcome"] == "ok";
            assert_eq!(check["advice"].is_null(), well, "{check}");
        }
        Self { ready, checks: checks.clone() }
    }

    /// A line: how it is, what was found, and what to do.
    fn of_name(&self, name: &str) -> [&str; 3] {
        let all = self.checks.as_array().unwrap();
        let check = all.iter().find(|check| check["name"] == name).unwrap();
        ["outcome", "found", "advice"]
            .map(|key| check[key].as_str().unwrap_or_default())
    }
}

#[test]
fn what_is_wrong_is_found_and_a_phone_is_waited_for() {
    run_inside("inside");
}

#[test]
#[ignore = "started by the other one, in a network of its own"]
fn inside() {
    start_inside();
    without_a_network_it_says_so();
    let phone = Phone::in_the_room();
    all_is_well_and_said_in_a_line_each();
    taken_ports_are_named_with_their_holder();
    a_firewall_is_a_warning_and_one_that_is_hidden_a_note();
    too_few_files_are_a_problem();
    a_clock_before_the_program_is_a_problem();
    no_browser_is_a_warning();
    a_folder_that_takes_no_answers_is_a_warning();
    no_phone_is_a_problem();
    a_phone_is_told_that_it_came(&phone);
}

fn without_a_network_it_says_so() {
    let answer = Answer::ask(&[], &["--no-phone"]);
    assert!(!answer.ready);
    let [outcome, found, advice] = answer.of_name("address");
    assert_eq!((outcome, found), ("problem", "no network is up"));
    assert!(advice.contains("wifi"), "{advice}");
}

fn all_is_well_and_said_in_a_line_each() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    let answer = Answer::of(command.args(DOCTOR).arg("--no-phone"));
    assert!(answer.ready, "{}", answer.checks);
    let [outcome, found, _] = answer.of_name("ports");
    assert_eq!((outcome, found), ("ok", "3000 to 3006 and 3012 are free"));
    let [outcome, found, _] = answer.of_name("address");
    assert_eq!((outcome, found), ("ok", "http://192.168.77.1:3000/"));
    assert_eq!(answer.of_name("files")[0], "ok");
    assert_eq!(answer.of_name("phone")[0], "note");
    // Real programs, and what they call themselves.
    for (name, word) in [("browser", "Chromium"), ("nginx", "nginx/")] {
        let [outcome, found, _] = answer.of_name(name);
        assert!(outcome == "ok" && found.contains(word), "{outcome} {found}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
    command
        .args(["doctor", "--no-phone", "--devices", "10"])
        .env("PATH", "/nowhere");
    let output = command.output();
    let said = String::from_utf8(output.unwrap().stdout).unwrap();
    let names: Vec<_> =
        said.lines().map(|line| line.split_whitespace().nth(1).unwrap()).collect();
    assert_eq!(names, NAMES, "{said}");
}

fn a_folder_that_takes_no_answers_is_a_warning() {
    let folder = env::temp_dir().join(format!("doctor-{}", process::id()));
    let flags = ["--no-phone", "--state-dir", folder.to_str().unwrap()];
    let answer = Answer::ask(&[], &flags);
    let [outcome, found, _] = answer.of_name("answers");
    assert!(outcome == "ok" && found.contains(flags[2]), "{found}");
    assert!(!folder.exists(), "it is made when it is needed");
    fs::write(&folder, "").unwrap();
    let answer = Answer::ask(&[], &flags);
    fs::remove_file(&folder).unwrap();
    let [outcome, found, advice] = answer.of_name("answers");
    assert!(outcome == "warning" && found.contains("can't be written"), "{found}");
    assert!(advice.contains("--state-dir"), "{advice}");
}

fn taken_ports_are_named_with_their_holder() {
    let listen = |address: &str| TcpListener::bind(address).unwrap();
    let listeners = ["127.0.0.1:3004", "127.0.0.1:3005"].map(listen);
    let answer = Answer::ask(&[], &["--no-phone"]);
    drop(listeners);
    assert!(!answer.ready);
    let [outcome, found, advice] = answer.of_name("ports");
    let holder = format!("(process {}) has 3004 to 3005", process::id());
    assert!(found.ends_with(&holder), "{found}");
    assert!(outcome == "problem" && advice.contains("--base-port 4000"), "{advice}");
    // The presenter's is of this machine alone.
    let elsewhere = listen("192.168.77.1:3006");
    let answer = Answer::ask(&[], &["--no-phone"]);
    drop(elsewhere);
    assert_eq!(answer.of_name("ports")[0], "ok");
    let other = Answer::ask(&[], &["--no-phone", "--base-port", "4000"]);
    assert_eq!(other.of_name("ports")[1], "4000 to 4006 and 4012 are free");
}

fn a_firewall_is_a_warning_and_one_that_is_hidden_a_note() {
    let flags = ["--no-phone"];
    // What the machine itself has does not count here.
    if Path::new("/etc/ufw").exists() {
        must_run("mount", &["-t", "tmpfs", "none", "/etc/ufw"]);
    }
    let rule = |change| {
        must_run("iptables", &[change, "INPUT", "-p", "icmp", "-j", "DROP"]);
    };
    rule("-A");
    let answer = Answer::ask(&[], &flags);
    rule("-D");
    let [outcome, found, advice] = answer.of_name("firewall");
    assert!(outcome == "warning" && found.starts_with("iptables"), "{found}");
    assert!(advice.contains(" 3000:3005,3012 "), "{advice}");
    assert_eq!(Answer::ask(&[], &flags).of_name("firewall")[0], "ok");
    // Without the right to look, nothing can be seen either.
    let answer = Answer::ask(&["setpriv", "--bounding-set", "-net_admin"], &flags);
    let [outcome, found, advice] = answer.of_name("firewall");
    assert!(outcome == "note" && found.contains("can't be told"), "{found}");
    assert!(
        advice.contains("sudo") && advice.contains("3000:3005,3012"),
        "{advice}"
    );
}

fn too_few_files_are_a_problem() {
    let limited = ["sh", "-c", "ulimit -n 256 && exec \"$@\"", "sh"];
    let answer = Answer::ask(&limited, &["--no-phone"]);
    assert!(!answer.ready);
    let [outcome, found, advice] = answer.of_name("files");
    assert_eq!(found, "256 may be open, 10 devices need 448");
    assert!(outcome == "problem" && advice.contains(" to 448 "), "{advice}");
}

fn a_clock_before_the_program_is_a_problem() {
    // The times of files stay as they are.
    let earlier = ["env", "NO_FAKE_STAT=1", "faketime", "2001-01-01 00:00:00"];
    let answer = Answer::ask(&earlier, &["--no-phone"]);
    assert!(!answer.ready);
    let [outcome, found, _] = answer.of_name("clock");
    assert!(found.contains("before this program was made"), "{found}");
    assert_eq!(outcome, "problem");
}

fn no_browser_is_a_warning() {
    let answer = Answer::ask(&[], &["--no-phone"]);
    assert!(answer.ready, "{}", answer.checks);
    assert_eq!(answer.of_name("browser")[0], "warning");
    let [outcome, _, advice] = answer.of_name("firefox");
    assert!(outcome == "note" && advice.contains("scripts/push-demo"), "{advice}");
}

fn no_phone_is_a_problem() {
    let answer = Answer::ask(&[], &["--wait", "100ms"]);
    assert!(!answer.ready);
    let [outcome, found, advice] = answer.of_name("phone");
    assert!(outcome == "problem" && found.starts_with("none came"), "{found}");
    assert!(advice.contains("client isolation"), "{advice}");
}

fn a_phone_is_told_that_it_came(phone: &Phone) {
    let asking = std::thread::spawn(|| Answer::ask(&[], &["--wait", "20s"]));
    let mut told = String::new();
    // A request of this machine's own does not count, whatever address it is for; nor does a
    // connection without one.
    for address in ["127.0.0.1:3000", "192.168.77.1:3000", "169.254.7.7:3000"] {
        wait_until("it waits", || {
            let Ok(mut own) = TcpStream::connect(address) else { return false };
            own.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
            told.clear();
            own.read_to_string(&mut told).is_ok() && told.contains("200 OK")
        });
        assert!(told.contains("This is the machine itself"), "{told}");
    }
    drop(TcpStream::connect((Ipv4Addr::LOCALHOST, 3000)));
    let page = phone.get("http://192.168.77.1:3000/");
    assert!(page.contains("reaches the workshop"), "{page}");
    let answer = asking.join().unwrap();
    assert!(answer.ready, "{}", answer.checks);
    let [outcome, found, _] = answer.of_name("phone");
    assert_eq!(outcome, "ok");
    assert_eq!(found, "192.168.77.2 (A phone[31m) reached this machine");
}

/// Another machine in the same network.
struct Phone(Child);

impl Phone {
    fn in_the_room() -> Self {
        let mut phone = Command::new("unshare");
        let program = "echo up && exec sleep 600";
        phone.args(["--net", "sh", "-c", program]).stdout(Stdio::piped());
        let mut phone = phone.spawn().unwrap();
        phone.stdout.as_mut().unwrap().read_exact(&mut [0; 2]).unwrap();
        let id = phone.id().to_string();
        let ip = |words: &str| must_run("ip", &words.split(' ').collect::<Vec<_>>());
        ip("link add room type veth peer name phone");
        ip(&format!("link set phone netns {id}"));
        ip("address add 192.168.77.1/24 dev room");
        // One that no phone is told of.
        ip("address add 169.254.7.7/16 dev room");
        ip("link set room up");
        let phone = Self(phone);
        for words in ["address add 192.168.77.2/24 dev phone", "link set phone up"] {
            let done = phone.inside("ip").args(words.split(' ')).status().unwrap();
            assert!(done.success(), "{words}");
        }
        phone
    }

    fn inside(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.0.id().to_string(), "--net", program]);
        command
    }

    /// A page, for a browser whose name would colour the terminal.
    fn get(&self, url: &str) -> String {
        let name = "A phone\u{1b}[31m";
        let mut curl = self.inside("curl");
        curl.args(["--silent", "--max-time", "10", "--user-agent", name, url]);
        String::from_utf8(curl.output().unwrap().stdout).unwrap()
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

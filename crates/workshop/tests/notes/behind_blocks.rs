//! What a real proxy does to a request: `nginx right websocket GET /chat received` is the
//! head as the server behind `scripts/behind nginx right` gets it, and with `answered`
//! the block is what the client of that proxy gets.

use std::{
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
};

use testkit::{Behind, Client, free_ports, meanwhile};

use crate::wire_blocks::Spec;

/// How far above its server's usual port a proxy listens.
const SHIFT: u16 = 1000;

/// How long a line of content may be on a slide.
const LINE_WIDTH: usize = 60;

/// The lines of the block that belongs to a comment.
pub(crate) fn answer(text: &str) -> Vec<String> {
    let words: Vec<_> = text.splitn(3, ' ').collect();
    let [proxy, setting, rest] = words[..] else {
        panic!("{text}: proxy, setting, technique, method, target, part")
    };
    let spec = Spec::read(rest);
    match spec.part {
        "received" => received([proxy, setting], &spec),
        "answered" => answered([proxy, setting], &spec),
        other => panic!("{other} is no part"),
    }
}

/// The head of the request, as it comes to what listens behind the proxy.
fn received(words: [&str; 2], spec: &Spec<'_>) -> Vec<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let target = spec.target.to_owned();
    let head = meanwhile(move || {
        // The script asks for something else first, and whether anything listens.
        loop {
            let mut head = String::new();
            let mut lines = BufReader::new(listener.accept().unwrap().0);
            while lines.read_line(&mut head).unwrap_or(0) > 2 {}
            if head.contains(&target) {
                return head;
            }
        }
    });
    let proxy = start(port, words);
    let _client = ask(&proxy, spec);
    let head = head.recv_timeout(testkit::WAIT_TIMEOUT).unwrap();
    let usual = spec.port().to_string();
    head.trim_end()
        .replace(&port.to_string(), &usual)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// The head of the response and its content, if its length is known.
fn answered(words: [&str; 2], spec: &Spec<'_>) -> Vec<String> {
    let (server, usual) = spec.serve();
    let proxy = start(server.address.port(), words);
    let mut client = ask(&proxy, spec);
    let head = client.head();
    let length = head.field("content-length").map(|length| length.parse().unwrap());
    let content = String::from_utf8(client.take(length.unwrap_or(0))).unwrap();
    let content =
        content.replace(&server.address.port().to_string(), &usual.to_string());
    drop((client, proxy));
    server.shut_down();
    let mut lines = vec![head.status];
    lines.extend(head.fields.into_iter().map(|field| match length {
        // As long as it is with the usual port in it.
        Some(_) if field.starts_with("content-length: ") => {
            format!("content-length: {}", content.len())
        }
        _ => field,
    }));
    if !content.is_empty() {
        lines.push(String::new());
        lines.extend(wrap(&content));
    }
    lines
}

/// The words of a text in lines that a slide has room for.
fn wrap(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().unwrap();
        if line.is_empty() {
            line.push_str(word);
        } else if line.len() + word.len() < LINE_WIDTH {
            *line += &format!(" {word}");
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A client of the proxy, which has asked as one does at the proxy's usual port.
fn ask(proxy: &Behind, spec: &Spec<'_>) -> Client {
    let mut client = Client::connect(proxy.address);
    let request = spec.request(spec.port() + SHIFT, "");
    client.send(request.join("\r\n") + "\r\n\r\n");
    client
}

fn start(to: u16, [proxy, setting]: [&str; 2]) -> Behind {
    let own = free_ports(1, 0);
    Behind::start(own, &[proxy, setting, "--port", &format!("{to}:{own}")])
}

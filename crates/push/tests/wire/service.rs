//! The push service: what Firefox and a server say to it, in bytes.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    thread,
};

use testkit::{Client, Head, Server, masked};

use crate::setup::{Folder, ask, push, serve, shake_hands, subscription};

/// A server that is also a push service, at an origin before it: what passes there is
/// recorded as a lens would see it.
struct World {
    server: Server,
    origin: String,
    recorded: std::sync::mpsc::Receiver<Vec<u8>>,
    _folder: Folder,
}

impl World {
    fn start(name: &str) -> Self {
        let folder = Folder::new(name);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let server = serve(&folder, Some(&origin));
        let (sender, recorded) = std::sync::mpsc::channel();
        let address = server.address;
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut from, mut to) =
                    (stream.unwrap(), TcpStream::connect(address).unwrap());
                let (mut back, mut answers) =
                    (from.try_clone().unwrap(), to.try_clone().unwrap());
                let sender = sender.clone();
                thread::spawn(move || {
                    let mut seen = Vec::new();
                    let mut bytes = [0; 8192];
                    while let Ok(count @ 1..) = from.read(&mut bytes) {
                        seen.extend(&bytes[..count]);
                        to.write_all(&bytes[..count]).unwrap();
                    }
                    let _ = to.shutdown(Shutdown::Write);
                    let _ = sender.send(seen);
                });
                thread::spawn(move || {
                    let _ = std::io::copy(&mut answers, &mut back);
                    let _ = back.shutdown(Shutdown::Both);
                });
            }
        });
        Self { server, origin, recorded, _folder: folder }
    }

    /// The handshake of a browser, with this `Origin`, and how it is answered.
    fn handshake(&self, origin: &str) -> (Client, Head) {
        let protocol = "Sec-WebSocket-Protocol: push-notification";
        shake_hands(&self.server, &format!("Origin: {origin}\r\n{protocol}\r\n"))
    }

    /// A browser that is connected. Its `Origin` is as Firefox writes it.
    fn open(&self) -> Browser {
        let place = self.origin.replacen("http", "ws", 1);
        let (client, head) = self.handshake(&format!("{place}/push-service"));
        assert_eq!(head.code(), 101);
        assert_eq!(head.field("sec-websocket-protocol"), Some("push-notification"));
        Browser(client)
    }

    /// A browser that has said hello. Its id.
    fn browser(&self, uaid: &str) -> (Browser, String) {
        let mut browser = self.open();
        browser.say(&format!(
            r#"{{"messageType":"hello","broadcasts":{{}},"use_webpush":true,"uaid":"{uaid}"}}"#
        ));
        let hello = browser.hears();
        let uaid = hello.split('"').nth(7).unwrap().to_owned();
        assert_eq!(
            hello,
            format!(
                r#"{{"messageType":"hello","uaid":"{uaid}","status":200,"use_webpush":true}}"#
            )
        );
        (browser, uaid)
    }

    /// A request as it was posted to an endpoint, to be sent again.
    fn posted(&self) -> String {
        push(&self.server);
        let bytes = self.recorded.recv_timeout(testkit::WAIT_TIMEOUT).unwrap();
        bytes.iter().map(|byte| char::from(*byte)).collect()
    }

    /// Sends a request, whose characters are bytes.
    fn send(&self, request: &str) -> (Head, String) {
        let mut client = self.server.connect();
        client.send(request.chars().map(|c| c as u8).collect::<Vec<_>>());
        client.response()
    }
}

struct Browser(Client);

impl Browser {
    fn say(&mut self, message: &str) {
        self.0.send(masked(0x81, message));
    }

    fn hears(&mut self) -> String {
        let (first, payload) = self.0.frame();
        let text = String::from_utf8_lossy(&payload).into_owned();
        assert_eq!(first, 0x81, "{text}");
        text
    }

    /// Takes a Close frame and the end: its code.
    fn closed(&mut self) -> u16 {
        let (first, payload) = self.0.frame();
        assert_eq!(first, 0x88, "{payload:?}");
        self.0.end();
        u16::from_be_bytes(payload[..2].try_into().unwrap())
    }

    /// Subscribes with a key. The endpoint.
    fn register(&mut self, channel: &str, key: &str) -> String {
        self.say(&format!(
            r#"{{"messageType":"register","channelID":"{channel}","key":"{key}="}}"#
        ));
        let answer = self.hears();
        let start = format!(
            r#"{{"messageType":"register","channelID":"{channel}","status":200,"pushEndpoint":""#
        );
        let endpoint =
            answer.strip_prefix(&start).unwrap_or_else(|| panic!("{answer}"));
        endpoint.strip_suffix("\"}").unwrap().to_owned()
    }

    /// The id of the next message, which is for this channel.
    fn notified(&mut self, channel: &str) -> String {
        let message = self.hears();
        let start = format!(
            r#"{{"messageType":"notification","channelID":"{channel}","version":""#
        );
        let rest =
            message.strip_prefix(&start).unwrap_or_else(|| panic!("{message}"));
        let (version, rest) = rest.split_once(r#"","data":""#).unwrap();
        assert!(
            rest.ends_with(r#"","headers":{"encoding":"aes128gcm"}}"#),
            "{rest}"
        );
        version.to_owned()
    }

    fn acknowledge(&mut self, channel: &str, version: &str) {
        self.say(&format!(
            r#"{{"messageType":"ack","updates":[{{"channelID":"{channel}","version":"{version}","code":100}}]}}"#
        ));
        // An answer to what is said next comes after it was taken.
        self.say("{}");
        assert_eq!(self.hears(), "{}");
    }
}

/// A world in which a page has subscribed: with the browser, and its id and endpoint.
fn subscribed(name: &str) -> (World, Browser, String, String) {
    let world = World::start(name);
    let (mut browser, uaid) = world.browser("");
    let (_, key) = ask(&world.server, "GET", "/key", "");
    let endpoint = browser.register("one", key.split('"').nth(3).unwrap());
    let (head, said) =
        ask(&world.server, "POST", "/subscription", &subscription(&endpoint));
    assert_eq!(head.code(), 201, "{said}");
    (world, browser, uaid, endpoint)
}

#[test]
fn a_sample_goes_from_the_server_to_the_browser() {
    let (world, mut browser, _, _) = subscribed("through");
    let reports = push(&world.server);
    assert!(reports.contains(r#""outcome":"accepted","status":201"#), "{reports}");
    let version = browser.notified("one");
    browser.acknowledge("one", &version);
    // Unsubscribed in the browser: the next push finds nobody, and is the last one.
    browser.say(r#"{"messageType":"unregister","channelID":"one","code":200}"#);
    assert_eq!(
        browser.hears(),
        r#"{"messageType":"unregister","channelID":"one","status":200}"#
    );
    let reports = push(&world.server);
    assert!(reports.contains(r#""outcome":"gone","status":404"#), "{reports}");
    assert_eq!(push(&world.server), "[]");
    world.server.shut_down();
}

#[test]
fn what_is_not_acknowledged_comes_again_and_another_topic_beside_it() {
    let (world, mut browser, uaid, _) = subscribed("again");
    push(&world.server);
    let first = browser.notified("one");
    drop(browser);
    // The next sample has the same topic: it replaces the one before.
    world.server.feed.publish("second");
    let request = world.posted();
    let other = request.replacen("topic: sample", "topic: other", 1);
    assert_eq!(world.send(&other).0.code(), 201);
    let (mut browser, known) = world.browser(&uaid);
    assert_eq!(known, uaid);
    let [second, third] = [(); 2].map(|()| browser.notified("one"));
    assert!(first != second && second != third);
    browser.acknowledge("one", &second);
    browser.acknowledge("one", &third);
    drop(browser);
    let (mut browser, _) = world.browser(&uaid);
    browser.say("{}");
    assert_eq!(browser.hears(), "{}", "nothing waits");
    // A browser that this service does not know is told so by another id.
    assert_ne!(world.browser("unknown").1, "unknown");
    world.server.shut_down();
}

#[test]
fn of_two_connections_of_a_browser_the_newer_one_is_sent_to() {
    let (world, mut older, uaid, _) = subscribed("twice");
    push(&world.server);
    let version = older.notified("one");
    let (mut newer, known) = world.browser(&uaid);
    assert_eq!(known, uaid);
    assert_eq!(older.closed(), 1008);
    assert_eq!(newer.notified("one"), version, "it was not acknowledged");
    push(&world.server);
    assert_ne!(newer.notified("one"), version);
    world.server.shut_down();
}

#[test]
fn the_boxes_of_the_browser_that_is_away_longest_make_room() {
    let world = World::start("room");
    let mut browsers = [(); 3].map(|()| world.browser(""));
    for ((browser, _), count) in browsers.iter_mut().zip([40, 30, 30]) {
        for number in 0..count {
            browser.register(&number.to_string(), "B");
        }
    }
    let [(first, first_id), (second, second_id), (mut third, _)] = browsers;
    for Browser(mut gone) in [first, second] {
        gone.send(masked(0x88, ""));
        assert_eq!(gone.frame().0, 0x88);
        gone.end();
    }
    third.register("one more", "B");
    assert_ne!(world.browser(&first_id).1, first_id, "it has no box any more");
    assert_eq!(world.browser(&second_id).1, second_id);
    world.server.shut_down();
}

#[test]
fn a_message_that_is_too_old_is_not_delivered() {
    let (world, browser, uaid, _) = subscribed("ttl");
    let request = world.posted();
    drop(browser);
    let short = request.replacen("ttl: 3600", "ttl: 0", 1).replacen(
        "topic: sample\r\n",
        "",
        1,
    );
    let (head, _) = world.send(&short);
    assert_eq!((head.code(), head.field("ttl")), (201, Some("0")));
    let begin = std::time::Instant::now();
    // It is kept for a second, for a browser that is just connecting.
    testkit::wait_until("its end", || begin.elapsed().as_secs_f64() > 1.1);
    let (mut browser, _) = world.browser(&uaid);
    browser.notified("one"); // the one before, which has an hour
    browser.say("{}");
    assert_eq!(browser.hears(), "{}");
    world.server.shut_down();
}

#[test]
fn a_post_that_breaks_a_rule_is_told_which() {
    let (world, _browser, _, endpoint) = subscribed("rules");
    let request = world.posted();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let path = endpoint.rsplit_once('/').unwrap().1;
    let token = head.lines().find(|line| line.starts_with("authorization")).unwrap();
    let length = format!("content-length: {}", body.chars().count());
    let long_topic = format!("topic: {}", "a".repeat(33));
    for (from, to, code, why) in [
        ("ttl: 3600\r\n", "", 400, "expected TTL"),
        ("ttl: 3600", "ttl: -1", 400, "expected TTL"),
        ("ttl: 3600", "ttl: +5", 400, "expected TTL"),
        ("topic: sample", "topic: a sample", 400, "expected a Topic"),
        ("topic: sample", &long_topic, 400, "expected a Topic"),
        ("aes128gcm", "aesgcm", 400, "expected Content-Encoding: aes128gcm"),
        (path, "nobody", 404, "no browser is subscribed"),
        (token, "authorization: Bearer x", 401, "expected Authorization: vapid"),
        ("eyJhdWQi", "eyJhdWQj", 403, "the signature is not that of the key"),
        (", k=B", ", k=C", 403, "signed by another key"),
        (&*length, "content-length: 4097", 413, "more than 4096 bytes"),
    ] {
        assert!(head.contains(from), "{head}");
        let head = head.replacen(from, to, 1);
        let body = if code == 413 { "x".repeat(4097) } else { body.to_owned() };
        let (answer, said) = world.send(&format!("{head}\r\n\r\n{body}"));
        assert_eq!(answer.code(), code, "{from}: {said}");
        assert!(said.contains(why), "{from}: {said}");
        let asks = answer.field("www-authenticate");
        assert_eq!(asks, (code == 401).then_some("vapid"));
    }
    let (answer, _) = world.send(&request);
    assert_eq!(answer.code(), 201, "the same is good without a fault");
    let forever = request.replacen("ttl: 3600", "ttl: 99999999999", 1);
    assert_eq!(world.send(&forever).0.field("ttl"), Some("4294967295"));
    let place = answer.field("location").unwrap();
    assert!(place.contains("/message/"), "{place}");
    // Without a topic nothing is replaced, until the box is full.
    let request = request.replacen("topic: sample\r\n", "", 1);
    let codes: Vec<_> = (0..10).map(|_| world.send(&request).0.code()).collect();
    assert_eq!(codes, [[201; 9].as_slice(), &[429]].concat());
    assert_eq!(world.send(&request).0.field("retry-after"), Some("10"));
    world.server.shut_down();
}

#[test]
fn a_browser_that_breaks_a_rule_is_closed_and_one_that_asks_for_too_much_refused() {
    let world = World::start("browsers");
    for (message, code) in [
        (r#"{"messageType":"register","channelID":"one"}"#, 1008),
        (r#"{"messageType":"ack","updates":[]}"#, 1008),
        ("hello", 1007),
        (r#"{"messageType":"hello","uaid":5}"#, 1007),
    ] {
        let mut browser = world.open();
        browser.say(message);
        assert_eq!(browser.closed(), code, "{message}");
    }
    for origin in ["http://evil.example", "http://localhost:1", "null"] {
        let (_, head) = world.handshake(origin);
        assert_eq!(head.code(), 403, "{origin}");
    }
    let mut browser = world.open();
    browser.0.send(testkit::header(0x81, 16 * 1024 + 1));
    assert_eq!(browser.closed(), 1009);
    // What is not known is of another version, and no fault.
    let (mut browser, _) = world.browser("");
    browser.say(r#"{"messageType":"broadcast_subscribe","broadcasts":{"a":"1"}}"#);
    for number in 0..100 {
        browser.register(&number.to_string(), "B");
    }
    browser.register("7", "B"); // instead of the one before
    browser.say(r#"{"messageType":"register","channelID":"more","key":"B"}"#);
    let refused = browser.hears();
    assert!(refused.contains(r#""status":503"#), "{refused}");
    // At the end of the server, a browser is told.
    let took = world.server.shut_down();
    assert_eq!(browser.closed(), 1001);
    assert!(took.as_secs_f64() < 2.0, "{took:?}");
}

//! The whiteboard: each stroke once at everybody, in one order, through cuts.

use std::{
    collections::HashMap,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use testkit::{Client, Server, handshake, masked, wait_until};

use crate::{KEY, flags, send, send_to, server};

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;

/// A page: its connection, and what it knows.
pub(crate) struct Page {
    client: Client,
    pen: String,
    /// The number that it sends next.
    next: u64,
    /// The number that the server knew when it connected.
    acknowledged: u64,
    /// Of what the page was sent last.
    cursor: String,
    /// The newest acknowledgement.
    newest: u64,
}

impl Page {
    pub(crate) fn open(server: &Server, pen: &str) -> Self {
        Self::resume(server, pen, 1, "")
    }

    fn resume(server: &Server, pen: &str, next: u64, cursor: &str) -> Self {
        let mut client = server.connect();
        let after = if cursor.is_empty() {
            String::new()
        } else {
            format!("&after={cursor}")
        };
        let target = format!("/whiteboard/socket?pen={pen}&next={next}{after}");
        client.send(handshake(&target, ""));
        assert_eq!(client.head().code(), 101);
        let mut page = Self {
            client,
            pen: pen.into(),
            next,
            acknowledged: 0,
            cursor: cursor.into(),
            newest: 0,
        };
        let welcome = page.message();
        assert!(welcome.starts_with(r#"{"welcome":{"pen":"#), "{welcome}");
        let known = welcome.split("\"acknowledged\":").nth(1).unwrap();
        page.acknowledged = known.trim_end_matches('}').parse().unwrap();
        page
    }

    /// The next message.
    fn message(&mut self) -> String {
        let (first, payload) = self.client.frame();
        let text = String::from_utf8_lossy(&payload).into_owned();
        assert_eq!(first, TEXT, "{text}");
        text
    }

    fn draw(&mut self, stroke: u32, x: u64) {
        self.draw_as(self.next, stroke, x);
        self.next += 1;
    }

    fn draw_as(&mut self, number: u64, stroke: u32, x: u64) {
        self.client.send(masked(
            TEXT,
            format!(r#"{{"number":{number},"stroke":{stroke},"points":[[{x},7]]}}"#),
        ));
    }

    /// The next entry of the board. Acknowledgements before it are counted.
    fn entry(&mut self) -> String {
        loop {
            let text = self.message();
            if let Some(number) = text.strip_prefix(r#"{"acknowledged":"#) {
                self.newest = number.trim_end_matches('}').parse().unwrap();
                continue;
            }
            if let Some(id) = text.strip_prefix(r#"{"id":""#) {
                self.cursor = id.split('"').next().unwrap().into();
            }
            return text;
        }
    }

    /// Reads ink until there are so many pieces of it, as `pen/stroke/x`.
    fn ink(&mut self, count: usize) -> Vec<String> {
        let mut ink = Vec::new();
        while ink.len() < count {
            ink.extend(pieces(&self.entry()));
        }
        ink
    }

    /// Reads until a number is acknowledged.
    fn until_acknowledged(&mut self, number: u64) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while self.newest < number {
            assert!(Instant::now() < deadline, "{} of {number}", self.newest);
            let text = self.message();
            if let Some(came) = text.strip_prefix(r#"{"acknowledged":"#) {
                self.newest = came.trim_end_matches('}').parse().unwrap();
            }
        }
    }

    /// Waits for the Close frame. Its code and reason.
    fn closed(&mut self) -> (u16, String) {
        loop {
            let (first, payload) = self.client.frame();
            if first == CLOSE {
                let (code, reason) = payload.split_at(2);
                let reason = String::from_utf8(reason.into()).unwrap();
                return (u16::from_be_bytes(code.try_into().unwrap()), reason);
            }
        }
    }
}

fn pieces(entry: &str) -> Vec<String> {
    let pieces =
        entry.split("{\"pen\":").skip(1).filter(|_| entry.contains("\"ink\""));
    let number = |piece: &str, name: &str| -> String {
        let rest = piece.split(name).nth(1).unwrap();
        rest.chars().take_while(char::is_ascii_digit).collect()
    };
    pieces
        .map(|piece| {
            let pen: String =
                piece.chars().take_while(char::is_ascii_digit).collect();
            format!("{pen}/{}/{}", number(piece, "\"stroke\":"), number(piece, "[["))
        })
        .collect()
}

#[test]
fn what_one_draws_all_see_and_a_newcomer_too() {
    let server = server(flags());
    let (mut ada, mut bob) =
        (Page::open(&server, "ada"), Page::open(&server, "bob"));
    for page in [&mut ada, &mut bob] {
        assert!(page.entry().contains(r#""cleared":true"#));
    }
    ada.draw(1, 10);
    ada.draw(1, 11);
    bob.draw(1, 20);
    let all = ada.ink(3);
    assert_eq!(bob.ink(3), all);
    assert_eq!(all.len(), 3);
    let mut late = Page::open(&server, "late");
    assert!(late.entry().contains(r#""cleared":true"#));
    assert_eq!(late.ink(3), all);
    server.shut_down();
}

#[test]
fn a_page_that_was_cut_off_sends_again_and_nothing_is_doubled() {
    let server = server(flags());
    let mut watching = Page::open(&server, "watching");
    let mut ada = Page::open(&server, "ada");
    (0..5).for_each(|x| ada.draw(1, x));
    ada.ink(5);
    // The cut takes the acknowledgements along: all of it is sent again.
    let (next, cursor) = (ada.next, ada.cursor.clone());
    drop(ada);
    let mut ada = Page::resume(&server, "ada", 1, &cursor);
    assert_eq!(ada.acknowledged, 5, "the server has them");
    (1..=5).for_each(|number| ada.draw_as(number, 1, number));
    ada.next = next;
    ada.draw(2, 99);
    ada.until_acknowledged(6);
    let ink = watching.ink(6);
    let expected: Vec<_> = (0..5).map(|x| format!("2/1/{x}")).collect();
    assert_eq!(ink[..5], expected);
    assert_eq!(ink[5..], ["2/2/99"]);
    server.shut_down();
}

#[test]
fn two_connections_of_one_pen_draw_each_number_once() {
    let server = server(flags());
    let mut watching = Page::open(&server, "watching");
    // The first is half-open: the page believes that it is gone, but its bytes still come.
    let mut old = Page::open(&server, "ada");
    let mut new = Page::open(&server, "ada");
    for number in 1..=50 {
        old.draw_as(number, 1, number);
        new.draw_as(number, 1, number);
        // Whichever the server reads first.
        old.until_acknowledged(number);
        new.until_acknowledged(number);
    }
    let expected: Vec<_> = (1..=50).map(|x| format!("2/1/{x}")).collect();
    assert_eq!(watching.ink(50), expected);
    server.shut_down();
}

#[test]
fn after_a_restart_the_board_is_empty_and_the_pen_goes_on() {
    let server = server(flags());
    let mut ada = Page::resume(&server, "ada", 17, "zzzz-40");
    assert_eq!(ada.acknowledged, 16);
    let gap = ada.entry();
    assert!(gap.starts_with(r#"{"gap":{"missed":0,"restarted":true,"#), "{gap}");
    ada.entry();
    ada.draw(3, 5);
    assert_eq!(ada.ink(1), ["1/3/5"]);
    ada.draw(3, 6);
    ada.until_acknowledged(18);
    server.shut_down();
}

#[test]
fn the_presenter_takes_strokes_back_and_wipes_the_board() {
    let server = server(flags());
    let mut ada = Page::open(&server, "ada");
    ada.entry();
    for (stroke, x) in [(1, 1), (1, 2), (2, 3)] {
        ada.draw(stroke, x);
    }
    ada.ink(3);
    let act = |request: &str, key| send(&server, request, Some(key), "").0.code();
    for request in ["DELETE /whiteboard/ink/newest", "DELETE /whiteboard/ink"] {
        assert_eq!(act(request, "wrong"), 401);
    }
    for stroke in [2, 1] {
        assert_eq!(act("DELETE /whiteboard/ink/newest", KEY), 204);
        let undone = format!(r#""undone":{{"pen":1,"stroke":{stroke}}}"#);
        let entry = ada.entry();
        assert!(entry.contains(&undone), "{entry}");
    }
    assert_eq!(act("DELETE /whiteboard/ink/newest", KEY), 204, "nothing is left");
    ada.draw(3, 4);
    assert_eq!(ada.ink(1).len(), 1);
    assert_eq!(act("DELETE /whiteboard/ink", KEY), 204);
    let cleared = ada.entry();
    assert!(cleared.contains(r#""cleared":true"#), "{cleared}");
    // A newcomer is not sent what was wiped.
    let mut late = Page::open(&server, "late");
    ada.draw(4, 5);
    assert_eq!(late.ink(1), ["1/4/5"]);
    server.shut_down();
}

#[test]
fn what_is_no_ink_closes_the_connection_and_says_what_was_expected() {
    let server = server(flags());
    let many = format!(
        r#"{{"number":1,"stroke":1,"points":[{}[0,0]]}}"#,
        "[0,0],".repeat(32)
    );
    for (text, expected) in [
        ("hello", "expected {\"number\":1"),
        (r#"{"number":1,"stroke":1,"points":[[-1,0]]}"#, "expected {\"number\":1"),
        (r#"{"number":1,"stroke":1,"points":[[0,0,0]]}"#, "expected {\"number\":1"),
        (r#"{"number":1,"stroke":1,"points":[]}"#, "0 points: expected 1 to 32"),
        (&*many, "33 points"),
        (
            r#"{"number":1,"stroke":1,"points":[[1601,0]]}"#,
            "[1601, 0] is beyond the board",
        ),
        (r#"{"number":3,"stroke":1,"points":[[0,0]]}"#, "number 3: expected 1"),
    ] {
        let mut page = Page::open(&server, "ada");
        page.client.send(masked(TEXT, text));
        let (code, reason) = page.closed();
        assert_eq!(code, 1008, "{text}");
        assert!(reason.contains(expected), "{reason}");
    }
    let mut page = Page::open(&server, "ada");
    page.client.send(masked(TEXT, "x".repeat(1025)));
    assert_eq!(page.closed().0, 1009);
    let mut page = Page::open(&server, "ada");
    page.client.send(masked(0x82, "binary"));
    assert_eq!(page.closed().0, 1003);
    for target in
        ["?pen=&next=1", "?pen=a", "?pen=a&next=-1", "?pen=a&next=1&after=x"]
    {
        let mut client = server.connect();
        client.send(handshake(&format!("/whiteboard/socket{target}"), ""));
        assert_eq!(client.head().code(), 400, "{target}");
    }
    let mut client = server.connect();
    client.send(handshake(
        "/whiteboard/socket?pen=a&next=1",
        "Origin: http://evil.example\r\n",
    ));
    assert_eq!(client.head().code(), 403);
    server.shut_down();
}

#[test]
fn a_page_that_draws_too_fast_is_slowed_down_and_loses_nothing() {
    let server = server(flags());
    let mut fast = Page::open(&server, "fast");
    fast.entry();
    let begin = Instant::now();
    (0..100).for_each(|x| fast.draw(1, x));
    let ink = fast.ink(100);
    let elapsed = begin.elapsed();
    let expected: Vec<_> = (0..100).map(|x| format!("1/1/{x}")).collect();
    assert_eq!(ink, expected);
    // Eight at first, eight more at the first refill, then eight in each frame of 33 ms.
    assert!(elapsed >= Duration::from_millis(10 * 33), "{elapsed:?}");
    server.shut_down();
}

#[test]
fn a_page_that_draws_fast_is_not_kept_waiting_by_what_others_do() {
    let server = server(flags());
    let mut fast = Page::open(&server, "fast");
    (0..200).for_each(|x| fast.draw(1, x));
    let (done, waiting) = mpsc::channel::<()>();
    let address = server.address;
    // More often than a frame: each is sent to all pages at once.
    let others = thread::spawn(move || {
        while let Err(RecvTimeoutError::Timeout) =
            waiting.recv_timeout(Duration::from_millis(5))
        {
            send_to(address, "DELETE /whiteboard/ink", Some(KEY), "");
        }
    });
    fast.until_acknowledged(200);
    drop(done);
    others.join().unwrap();
    server.shut_down();
}

#[test]
fn the_last_number_of_all_may_be_drawn() {
    let server = server(flags());
    let mut ada = Page::resume(&server, "ada", u64::MAX, "");
    ada.draw_as(u64::MAX, 1, 5);
    ada.until_acknowledged(u64::MAX);
    ada.draw_as(u64::MAX, 1, 5);
    ada.newest = 0;
    ada.until_acknowledged(u64::MAX);
    server.shut_down();
}

#[test]
fn a_device_has_so_many_connections_and_others_go_on() {
    let server = server(flags());
    let pages: Vec<_> =
        (0..200).map(|n| Page::open(&server, &format!("pen-{n}"))).collect();
    let target = handshake("/whiteboard/socket?pen=more&next=1", "");
    let mut client = server.connect();
    client.send(&target);
    let (head, text) = client.response();
    assert_eq!((head.code(), head.field("retry-after")), (503, Some("5")));
    let said = "one more connection to the board: this device has 200 in use";
    assert!(text.starts_with(said), "{text}");
    let mut other = server.connect_from([127, 0, 1, 1].into());
    other.send(&target);
    assert_eq!(other.head().code(), 101);
    drop(pages);
    wait_until("connections that were closed are not counted", || {
        let mut client = server.connect();
        client.send(&target);
        client.head().code() == 101
    });
    server.shut_down();
}

#[test]
fn a_hundred_draw_and_each_stroke_is_once_at_everybody_in_one_order() {
    const PEOPLE: u64 = 100;
    const STROKES: u64 = 10;
    let server = server(flags());
    let pages: Vec<_> =
        (0..PEOPLE).map(|n| Page::open(&server, &format!("pen-{n}"))).collect();
    let threads: Vec<_> = pages
        .into_iter()
        .map(|mut page| {
            thread::spawn(move || {
                let mut ink = Vec::new();
                for x in 0..STROKES {
                    page.draw(x as u32 + 1, x);
                }
                while ink.len() < (PEOPLE * STROKES) as usize {
                    ink.extend(pieces(&page.entry()));
                }
                (page.pen, ink)
            })
        })
        .collect();
    let boards: HashMap<_, _> =
        threads.into_iter().map(|t| t.join().unwrap()).collect();
    assert_eq!(boards.len(), PEOPLE as usize);
    let one = boards.values().next().unwrap();
    assert!(boards.values().all(|ink| ink == one), "one order for all");
    let mut strokes = one.clone();
    strokes.sort();
    strokes.dedup();
    assert_eq!(strokes.len(), (PEOPLE * STROKES) as usize, "each once");
    server.shut_down();
}

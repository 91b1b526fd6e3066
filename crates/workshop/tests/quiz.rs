//! The quiz with a room of raw clients: votes up by WebSocket, results down as events.
#![cfg(target_os = "linux")] // all of 127.0.0.0/8 is loopback
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use testkit::{Client, Live, Signal, WAIT_TIMEOUT, Workshop};

/// Four answers; the right one is number 1.
const FIRST: &str = "held-request";
const SECOND: &str = "full-duplex";

/// A workshop that keeps its quiz in a folder of its own.
struct Quiz {
    workshop: Workshop,
    folder: PathBuf,
}

impl Quiz {
    fn open(name: &str) -> Self {
        let name = format!("workshop-{}-{name}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&folder); // of another process of that number
        Self { workshop: run(&folder), folder }
    }

    /// Kills it without a word, and starts another in its place.
    fn crash(self) -> Self {
        let Self { workshop, folder } = self;
        drop(workshop);
        Self { workshop: run(&folder), folder }
    }

    fn end(self) {
        drop(self.workshop);
        let _ = fs::remove_dir_all(self.folder); // not there, if nothing was saved yet
    }

    fn get(&self, target: &str, fields: &str) -> (u16, String) {
        let mut client = Client::connect(self.workshop.process.address);
        client.send(format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n"
        ));
        let (head, body) = client.response();
        (head.code(), body)
    }

    /// Does what the presenter says; it is done when the hub answered what came after.
    fn obey(&self, commands: &[Value]) {
        let mut presenter = self.workshop.presenter();
        for command in commands {
            presenter.command(&json!({ "quiz": command }));
        }
        presenter.command(&json!({"quiz": {"open": "no such question"}}));
        let error = presenter.refusal();
        assert!(error.as_str().unwrap().contains("no such question"), "{error}");
    }

    fn voter(&self, number: u32) -> Voter {
        let device = Ipv4Addr::new(127, 0, 1, (number % 50) as u8 + 1);
        let client = Client::connect_from(device, self.workshop.process.address);
        Voter(Live::open(client, "/quiz/vote", ""), number)
    }

    fn results(&self, last: Option<&str>) -> Results {
        let mut client = Client::connect(self.workshop.process.address);
        let last = last.map(|last| format!("Last-Event-ID: {last}\r\n"));
        let last = last.unwrap_or_default();
        client.send(format!(
            "GET /quiz/results HTTP/1.1\r\nHost: localhost\r\n{last}\r\n"
        ));
        assert_eq!(client.head().code(), 200);
        Results { client, id: String::new() }
    }

    fn newest(&self) -> Value {
        self.results(None).next()
    }
}

fn run(folder: &Path) -> Workshop {
    Workshop::run(
        Command::new(env!("CARGO_BIN_EXE_workshop"))
            .args(["--base-port", "0", "--every", "1h", "--state-dir"])
            .arg(folder),
    )
}

/// Somebody with a seat.
struct Voter(Live, u32);

impl Voter {
    fn send(&mut self, question: &str, answer: usize) {
        let seat = format!("{:032x}", self.1);
        self.0.send(&json!({
            "vote": {"question": question, "answer": answer, "seat": seat}
        }));
    }

    fn vote(&mut self, question: &str, answer: usize) -> Value {
        self.send(question, answer);
        self.0.receive()
    }
}

/// The event stream of a page.
struct Results {
    client: Client,
    id: String,
}

impl Results {
    fn next(&mut self) -> Value {
        loop {
            let chunk = self.client.chunk();
            assert!(!chunk.is_empty(), "the stream has ended");
            let mut lines = chunk.lines();
            if let Some(id) = lines.find_map(|line| line.strip_prefix("id: ")) {
                self.id = id.to_owned();
                let data = lines.next().and_then(|it| it.strip_prefix("data: "));
                return serde_json::from_str(data.unwrap()).unwrap();
            }
        }
    }

    fn until(&mut self, mut is: impl FnMut(&Value) -> bool) -> Value {
        let deadline = Instant::now() + WAIT_TIMEOUT;
        while Instant::now() < deadline {
            let results = self.next();
            if is(&results) {
                return results;
            }
        }
        panic!("no results like that");
    }
}

fn total(results: &Value) -> u64 {
    let counts = results["question"]["counts"].as_array();
    counts.map_or(0, |counts| counts.iter().filter_map(Value::as_u64).sum())
}

#[test]
fn five_hundred_votes_within_two_seconds_are_counted_once_each() {
    let quiz = Quiz::open("crowd");
    let mut wall = quiz.results(None);
    assert_eq!(wall.next()["question"], Value::Null);
    quiz.obey(&[json!({"open": FIRST})]);
    let mut voters: Vec<_> = (0..500).map(|number| quiz.voter(number)).collect();
    let start = Instant::now();
    for (number, voter) in voters.iter_mut().enumerate() {
        voter.send(FIRST, number % 4);
    }
    for (number, Voter(live, _)) in voters.iter_mut().enumerate() {
        let counted = json!({"question": FIRST, "answer": number % 4});
        assert_eq!(live.receive(), json!({ "counted": counted }));
    }
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    let mut events = 0;
    let results = wall.until(|results| {
        events += 1;
        total(results) == 500
    });
    assert_eq!(results["question"]["counts"], json!([125, 125, 125, 125]));
    // Not one event a vote: four a second.
    assert!(events < 20, "{events}");
    // Half of them were cut, don't know that they were heard, and say it again; some
    // have changed their mind.
    for number in 0..250 {
        let mut again = quiz.voter(number);
        let counted = json!({"question": FIRST, "answer": number % 4});
        let answer = if number % 10 == 0 { 3 } else { number as usize % 4 };
        assert_eq!(again.vote(FIRST, answer), json!({ "counted": counted }));
    }
    assert_eq!(quiz.newest()["question"]["counts"], json!([125, 125, 125, 125]));
    assert_eq!(quiz.newest()["answered"][0], 500);
    quiz.end();
}

#[test]
fn which_answer_is_right_is_told_when_it_is_revealed_and_not_before() {
    let quiz = Quiz::open("reveal");
    let mut wall = quiz.results(None);
    let mut ada = quiz.voter(1);
    let error = ada.vote(FIRST, 1);
    assert_eq!(
        error,
        json!({"error": "this question is not open: wait for the next one"})
    );
    quiz.obey(&[json!({"open": FIRST})]);
    let shown = wall.until(|results| results["question"]["id"] == FIRST);
    assert_eq!(shown["question"]["number"], 1);
    assert_eq!(shown["question"]["answers"].as_array().unwrap().len(), 4);
    assert_eq!(shown["question"]["right"], Value::Null);
    assert_eq!(shown["question"]["explanation"], Value::Null);
    ada.vote(FIRST, 1);
    quiz.obey(&[json!({"reveal": FIRST})]);
    let shown = wall.until(|results| !results["question"]["right"].is_null());
    assert_eq!(shown["question"]["right"], json!([1]));
    assert!(shown["question"]["explanation"].as_str().unwrap().contains("RFC 6202"));
    // Now it is too late; but who did not hear that it counted may ask.
    let late = quiz.voter(2).vote(FIRST, 1);
    assert_eq!(
        late,
        json!({"error": "this question is not open: wait for the next one"})
    );
    let counted = json!({"counted": {"question": FIRST, "answer": 1}});
    assert_eq!(quiz.voter(1).vote(FIRST, 1), counted);
    quiz.obey(&[json!({"open": SECOND})]);
    let shown = wall.until(|results| results["question"]["id"] == SECOND);
    assert_eq!((total(&shown), &shown["question"]["right"]), (0, &Value::Null));
    quiz.obey(&[json!({"close": SECOND})]);
    wall.until(|results| results["question"].is_null());
    // A new run: pages forget what they answered.
    quiz.obey(&[json!({"clear": shown["run"]})]);
    let anew = wall.until(|results| results["run"] != shown["run"]);
    assert_eq!(anew["answered"][0], 0);
    quiz.end();
}

#[test]
fn a_command_that_was_given_for_what_is_past_is_refused() {
    let quiz = Quiz::open("stale");
    quiz.obey(&[json!({"next": {"after": null, "open": FIRST}})]);
    let mut wall = quiz.results(None);
    let shown = wall.until(|results| results["question"]["id"] == FIRST);
    let mut presenter = quiz.workshop.presenter();
    for (command, why) in [
        (json!({"reveal": SECOND}), "is shown now, not"),
        (json!({"close": SECOND}), "is shown now, not"),
        (json!({"next": {"after": SECOND, "open": SECOND}}), "is shown now, not"),
        (json!({"next": {"after": null, "open": SECOND}}), "is shown now, not"),
        (json!({"clear": "no such run"}), "already deleted"),
        // What names nothing is no command.
        (json!("reveal"), "not understood"),
        (json!("close"), "not understood"),
        (json!("clear"), "not understood"),
    ] {
        presenter.command(&json!({ "quiz": command }));
        let error = presenter.refusal();
        assert!(error.as_str().unwrap().contains(why), "{command}: {error}");
    }
    quiz.obey(&[json!({"next": {"after": FIRST, "open": SECOND}})]);
    // Nothing came between the two.
    let after = wall.next();
    assert_eq!(after["question"]["id"], SECOND);
    assert_eq!(after["run"], shown["run"]);
    quiz.end();
}

#[test]
fn the_list_of_questions_says_what_is_right_when_the_room_may_know_it() {
    let quiz = Quiz::open("list");
    let told = |target: &str, fields: &str| {
        let (code, list) = quiz.get(target, fields);
        assert_eq!(code, 200, "{list}");
        let list: Vec<Value> = serde_json::from_str(&list).unwrap();
        let told = list.iter().filter(|question| {
            let (right, why) = (&question["right"], &question["explanation"]);
            assert_eq!(right.is_null(), why.is_null(), "{question}");
            !right.is_null()
        });
        told.map(|question| question["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let everybody = || told("/quiz/questions", "");
    let all = everybody();
    assert_eq!(all.len(), 20, "alone, when no room is asked");
    quiz.obey(&[json!({"open": FIRST})]);
    assert_eq!(everybody(), [""; 0]);
    let cookie = quiz.workshop.cookie();
    assert_eq!(told("/presenter/quiz/questions", &cookie), all);
    assert_eq!(told("/quiz/questions", &cookie), [""; 0]);
    assert_eq!(quiz.get("/presenter/quiz/questions", "").0, 403);
    quiz.obey(&[json!({"reveal": FIRST})]);
    assert_eq!(everybody(), [FIRST]);
    quiz.obey(&[json!({"open": SECOND})]);
    assert_eq!(everybody(), [FIRST]);
    // What was revealed in this run is known, and nothing else is, also between two
    // questions.
    quiz.obey(&[json!({"close": SECOND})]);
    assert_eq!(everybody(), [FIRST]);
    let mut wall = quiz.results(None);
    wall.until(|results| results["question"].is_null() && results["last"] != 0);
    // To show it again takes nothing back, and asks nobody again.
    quiz.obey(&[json!({"open": FIRST})]);
    assert_eq!(everybody(), [FIRST]);
    let shown = wall.until(|results| results["question"]["id"] == FIRST);
    assert_eq!(shown["question"]["right"], json!([1]));
    let error = quiz.voter(1).vote(FIRST, 1);
    assert_eq!(
        error,
        json!({"error": "this question is not open: wait for the next one"})
    );
    quiz.obey(&[json!({"clear": shown["run"]})]);
    assert_eq!(everybody(), all);
    quiz.end();
}

#[test]
fn a_page_that_comes_back_gets_the_newest_or_nothing() {
    let quiz = Quiz::open("resume");
    let mut page = quiz.results(None);
    page.next();
    let first = page.id;
    // Nothing new: nothing comes until something is.
    let mut same = quiz.results(Some(&first));
    for answer in 0..3 {
        quiz.obey(&[json!({"open": FIRST})]);
        quiz.voter(answer).vote(FIRST, answer as usize);
    }
    same.next();
    assert_ne!(same.id, first);
    same.until(|results| total(results) == 3);
    // The newest alone, of all that was missed.
    assert_eq!(total(&quiz.results(Some(&first)).next()), 3);
    // The ids of another process mean nothing to this one.
    let quiz = quiz.crash();
    quiz.results(Some(&same.id)).next();
    quiz.end();
}

#[test]
fn after_a_crash_the_quiz_goes_on_where_it_was() {
    let quiz = Quiz::open("crash");
    quiz.obey(&[json!({"open": FIRST})]);
    for number in 0..30 {
        quiz.voter(number).vote(FIRST, number as usize % 2);
    }
    let before = quiz.newest();
    let file = quiz.folder.join("quiz.json");
    let written = || {
        let text = fs::read_to_string(&file).ok()?;
        let saved: Value = serde_json::from_str(&text).expect("never half of it");
        Some(saved["votes"][FIRST].as_object()?.len())
    };
    testkit::wait_until("saved", || written() == Some(30));
    let quiz = quiz.crash();
    assert_eq!(quiz.newest()["run"], before["run"]);
    assert_eq!(quiz.newest()["last"], 1);
    assert_eq!(quiz.newest()["question"]["counts"], json!([15, 15, 0, 0]));
    // Each page says again what it has answered, and none is doubled.
    for number in 0..31 {
        quiz.voter(number).vote(FIRST, number as usize % 2);
    }
    let mut wall = quiz.results(None);
    let results = wall.until(|results| total(results) == 31);
    assert_eq!(results["question"]["counts"], json!([16, 15, 0, 0]));
    // At a shutdown, nothing is left to the next half second.
    quiz.obey(&[json!({"reveal": FIRST})]);
    let Quiz { workshop, folder } = quiz;
    assert!(workshop.process.signal(Signal::Terminate).0.success());
    let quiz = Quiz { workshop: run(&folder), folder };
    let results = quiz.newest();
    assert_eq!(total(&results), 31);
    assert_eq!(results["question"]["right"], json!([1]));
    // A file that is broken is set aside, and the workshop runs all the same.
    let Quiz { workshop, folder } = quiz;
    drop(workshop);
    fs::write(folder.join("quiz.json"), "{\"run\":\"1").unwrap();
    let quiz = Quiz { workshop: run(&folder), folder };
    assert_eq!(quiz.newest()["answered"][0], 0);
    let names = fs::read_dir(&quiz.folder).unwrap();
    let names: Vec<_> = names.map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    assert!(names[0].to_string_lossy().starts_with("quiz-broken-"), "{names:?}");
    quiz.end();
}

#[test]
fn attendees_do_not_lead_the_quiz_and_wrong_votes_are_told_so() {
    let quiz = Quiz::open("wrong");
    for target in ["/presenter/quiz", "/presenter/quiz/wall", "/presenter/quiz.csv"]
    {
        assert_eq!(quiz.get(target, "").0, 403, "{target}");
    }
    let device = Ipv4Addr::new(127, 0, 1, 9);
    let mut attendee = quiz.workshop.attendee(device);
    for command in [
        json!({"open": FIRST}),
        json!({"next": {"after": null, "open": FIRST}}),
        json!({"reveal": FIRST}),
        json!({"clear": "1"}),
    ] {
        attendee.command(&json!({ "quiz": command }));
        let error = attendee.until("error", |_| true);
        assert_eq!(error, "this is for the presenter", "{command}");
    }
    let mut presenter = quiz.workshop.presenter();
    presenter.command(&json!({"quiz": {"reveal": FIRST}}));
    let error = presenter.refusal();
    assert_eq!(
        error,
        "no question is shown now, not \"held-request\": check the page, and press again"
    );
    presenter.command(&json!({"here": "/quiz/live"}));
    attendee.until("room", |room| room["here"] == "/quiz/live");
    quiz.obey(&[json!({"open": FIRST})]);
    let seat = "0".repeat(32);
    let mut voter = quiz.voter(1);
    for (vote, expected) in [
        (json!({"question": "x", "answer": 0, "seat": seat}), "no question"),
        (json!({"question": FIRST, "answer": 4, "seat": seat}), "0 to 3"),
        (json!({"question": FIRST, "answer": -1, "seat": seat}), "usize"),
        (json!({"question": FIRST, "answer": 0, "seat": "me"}), "32 hex"),
        (json!({"question": FIRST, "answer": 0}), "seat"),
        (json!({"question": SECOND, "answer": 0, "seat": seat}), "not open"),
    ] {
        voter.0.send(&json!({ "vote": vote }));
        let error = voter.0.receive()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(expected), "{vote}: {error}");
    }
    assert_eq!(total(&quiz.newest()), 0);
    // 1009, of what is no vote by its length alone (RFC 6455 §7.4.1).
    voter.0.send(&json!({ "vote": "x".repeat(1024) }));
    let (first, payload) = voter.0.0.frame();
    assert_eq!((first, &payload[..2]), (0x88, &1009u16.to_be_bytes()[..]));
    quiz.end();
}

#[test]
fn the_spreadsheet_has_a_row_for_each_answer() {
    let quiz = Quiz::open("csv");
    quiz.obey(&[json!({"open": "named-event"})]);
    for number in 0..7 {
        quiz.voter(number).vote("named-event", usize::from(number > 4));
    }
    let (code, csv) = quiz.get("/presenter/quiz.csv", &quiz.workshop.cookie());
    assert_eq!(code, 200, "{csv}");
    let questions: Value =
        serde_json::from_str(&quiz.get("/quiz/questions", "").1).unwrap();
    let answers: usize = questions
        .as_array()
        .unwrap()
        .iter()
        .map(|question| question["answers"].as_array().unwrap().len())
        .sum();
    let mut rows = csv.strip_suffix("\r\n").unwrap().split("\r\n");
    assert_eq!(rows.next(), Some("id,question,answer,right,votes"));
    assert_eq!(rows.clone().count(), answers);
    let text = "\"The server sends \"\"event: weather\"\" with data. \
                The page has only onmessage. What happens?\"";
    let mut named = rows.filter(|row| row.starts_with("\"named-event\","));
    for answer in [
        "\"onmessage gets the data\",no,5",
        "\"Nothing\",yes,2",
        "\"onerror is called\",no,0",
    ] {
        let row = format!("\"named-event\",{text},{answer}");
        assert_eq!(named.next(), Some(&*row));
    }
    quiz.end();
}

#[test]
fn each_question_names_a_chapter() {
    let quiz = Quiz::open("chapters");
    let questions: Value =
        serde_json::from_str(&quiz.get("/quiz/questions", "").1).unwrap();
    let questions = questions.as_array().unwrap();
    assert_eq!(questions.len(), 20);
    for question in questions {
        let chapter = question["chapter"].as_str().unwrap();
        let (code, _) = quiz.get(&format!("/chapter/{chapter}"), "");
        assert_eq!(code, 200, "{question}");
    }
    drop(quiz.workshop); // it never had anything to save
    assert!(!quiz.folder.exists());
}

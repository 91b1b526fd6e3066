//! Votes, and who may count on them.

use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{FIRST, Quiz, SECOND, Voter, total};

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
        "no question is shown now, not \"pulled-cable\": check the page, and press again"
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

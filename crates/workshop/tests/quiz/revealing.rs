//! When the room is told what is right.

use serde_json::{Value, json};

use crate::{FIRST, Quiz, SECOND, questions, total};

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
    assert_eq!(shown["outcomes"][0], Value::Null);
    assert_eq!(shown["question"]["explanation"], Value::Null);
    assert_eq!(shown["question"]["page"], Value::Null);
    ada.vote(FIRST, 1);
    quiz.obey(&[json!({"reveal": FIRST})]);
    let shown = wall.until(|results| !results["question"]["right"].is_null());
    assert_eq!(shown["question"]["right"], json!([1]));
    assert!(
        shown["question"]["explanation"].as_str().unwrap().contains("heartbeat")
    );
    assert_eq!(shown["question"]["page"], "/chapter/connection#how-it-ends");
    // What came of it is told with each later question, and after the last one.
    assert_eq!(shown["outcomes"][0], json!({"right": [1], "correct": 1}));
    assert_eq!(shown["outcomes"][1], Value::Null);
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
    assert_eq!(all.len(), questions(), "alone, when no room is asked");
    let mut presenter = quiz.workshop.presenter();
    presenter.command(&json!({"here": "/quiz/live"}));
    quiz.obey(&[]);
    assert_eq!(everybody(), [""; 0], "the room is here to be asked");
    quiz.obey(&[json!({"open": FIRST})]);
    assert_eq!(everybody(), [""; 0]);
    quiz.voter(9).vote(FIRST, 1);
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
    // When the room is let go, the question is still on; then all is told.
    presenter.command(&json!({"release": "/quiz/live"}));
    quiz.obey(&[]);
    assert_eq!(everybody(), [FIRST]);
    quiz.obey(&[json!({"close": FIRST})]);
    assert_eq!(everybody(), all);
    quiz.end();
}

//! What outlives the room: the saved file, the spreadsheet, the questions.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::{Value, json};
use testkit::{Signal, Workshop};

use crate::{FIRST, Quiz, run, total};

#[test]
fn after_a_crash_the_quiz_goes_on_where_it_was() {
    let quiz = Quiz::open("crash");
    quiz.obey(&[json!({"open": FIRST})]);
    for number in 0..30 {
        quiz.voter(number).vote(FIRST, number as usize % 2);
    }
    let before = quiz.newest();
    assert_eq!(before["kept"], Value::Null);
    let file = quiz.folder.join("quiz.json");
    let written = || {
        let text = fs::read_to_string(&file).ok()?;
        let saved: Value = serde_json::from_str(&text).expect("never half of it");
        Some(saved["votes"][FIRST].as_object()?.len())
    };
    testkit::wait_until("saved", || written() == Some(30));
    let quiz = quiz.crash();
    assert_eq!(quiz.newest()["run"], before["run"]);
    let kept = quiz.newest()["kept"].as_u64();
    let kept = kept.expect("its answers are from before this start");
    assert!(kept.abs_diff(feed::unix_millis()) < 60_000, "{kept}");
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

/// So that no test finds the answers of another, or of somebody who tried the quiz here.
#[test]
fn a_workshop_that_a_test_runs_has_a_folder_of_its_own() {
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_workshop"));
        let command = command.args(["--base-port", "0", "--every", "1h"]);
        Quiz { workshop: Workshop::run(command), folder: PathBuf::new() }
    };
    let quiz = run();
    quiz.obey(&[json!({"open": FIRST})]);
    quiz.voter(1).vote(FIRST, 1);
    assert!(quiz.workshop.process.signal(Signal::Terminate).0.success());
    assert_eq!(run().newest()["answered"][0], 0);
    assert!(!Path::new("workshop-state").exists(), "it is where the test runs");
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
    let mut rows = csv.strip_suffix("\r\n").unwrap().split("\r\n");
    assert_eq!(rows.next(), Some("id,question,answer,right,votes"));
    // Those that were not asked have none.
    assert_eq!(rows.clone().count(), 4, "{csv}");
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

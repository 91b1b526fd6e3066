//! Which questions there are, which are asked, and where their answers are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{FIRST, Quiz, SECOND};

/// How many questions a talk has.
const ASKED: usize = 10;

/// Of how many questions the same chapter, or the same four answers, may be.
const CHAPTER_LEAST: usize = 2;
const CHAPTER_LIMIT: usize = 5;
const CHAPTER_LIMIT_OF_A_TALK: usize = 2;

/// The chapters of which each talk asks: the five techniques, and how to choose one.
const ALWAYS_ASKED: [&str; 6] =
    ["short-poll", "long-poll", "http-stream", "sse", "websocket", "choosing"];
const SAME_ANSWERS_LIMIT: usize = 2;

/// By how many characters the right answer may be the longest, and how often the same place
/// may be right.
const LONGEST_BY_LIMIT: usize = 10;
const PLACE_LIMIT_PERCENT: usize = 35;
const PLACE_LIMIT_OF_A_TALK: usize = 4;

fn array(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

impl Quiz {
    fn list(&self) -> Vec<Value> {
        serde_json::from_str(&self.get("/quiz/questions", "").1).unwrap()
    }

    /// The chapters of the talk, with the minutes that each talk has for them.
    fn chapters(&self) -> Vec<Value> {
        let setup: Value = serde_json::from_str(&self.get("/setup", "").1).unwrap();
        let mut chapters = array(&setup["chapters"]).clone();
        chapters.retain(|chapter| !chapter["minutes"].is_null());
        chapters
    }
}

/// The speaker's choice of a talk chooses its questions, until the first one is opened; and
/// not over a choice of the presenter's own.
#[test]
fn the_talk_that_was_chosen_asks_its_questions() {
    let quiz = Quiz::open("talk");
    let mut presenter = quiz.workshop.presenter();
    let of = |talk: &str| {
        let list = quiz.list();
        let asked = list.iter().filter(|question| {
            array(&question["paths"]).iter().any(|path| path == talk)
        });
        json!(asked.map(|question| question["id"].clone()).collect::<Vec<_>>())
    };
    let (long, short, day) = (of("long"), of("short"), of("day"));
    let mut results = quiz.results(None);
    results.until(|results| results["asked"] == long);
    presenter.command(&json!({"path": "short"}));
    results.until(|results| results["asked"] == short);
    presenter.command(&json!({"path": "day"}));
    results.until(|results| results["asked"] == day);
    quiz.obey(&[json!({"open": day[0]})]);
    presenter.command(&json!({"path": "long"}));
    quiz.obey(&[json!({"close": day[0]})]);
    results.until(|results| results["question"].is_null() && results["last"] == 1);
    assert_eq!(quiz.newest()["asked"], day);
    // Those of a talk, too, may be the presenter's choice; and for the next room, they are.
    quiz.obey(&[json!({"ask": short})]);
    let run = quiz.newest()["run"].clone();
    quiz.obey(&[json!({"clear": run})]);
    presenter.command(&json!({"path": "long"}));
    quiz.obey(&[json!({"open": short[0]})]);
    results.until(|results| results["question"]["id"] == short[0]);
    assert_eq!(quiz.newest()["asked"], short);
    quiz.end();
}

#[test]
fn the_questions_are_balanced_over_the_chapters() {
    let quiz = Quiz::open("balance");
    let list = quiz.list();
    assert!(list.len() >= 40, "{}", list.len());
    let of = |chapter: &Value, list: &[Value]| {
        list.iter().filter(|question| question["chapter"] == chapter["id"]).count()
    };
    let mut of_chapters = 0;
    for chapter in quiz.chapters() {
        let count = of(&chapter, &list);
        assert!(
            (CHAPTER_LEAST..=CHAPTER_LIMIT).contains(&count),
            "{chapter}: {count}"
        );
        of_chapters += count;
    }
    assert_eq!(of_chapters, list.len(), "each question is of a chapter of the talk");
    let mut answers: BTreeMap<BTreeSet<String>, usize> = BTreeMap::new();
    for question in &list {
        let given = array(&question["answers"]).iter().map(Value::to_string);
        *answers.entry(given.collect()).or_default() += 1;
    }
    for (answers, count) in answers {
        assert!(count <= SAME_ANSWERS_LIMIT, "{count} questions with {answers:?}");
    }
    drop(quiz.workshop); // it never had anything to save
    assert!(!quiz.folder.exists());
}

/// Neither the longest answer nor always the same place is a good guess.
#[test]
fn no_answer_is_right_by_its_length_or_its_place() {
    let quiz = Quiz::open("lengths");
    let list = quiz.list();
    let mut places: BTreeMap<u64, usize> = BTreeMap::new();
    for question in &list {
        let right: Vec<_> =
            array(&question["right"]).iter().map(Value::as_u64).collect();
        let [Some(right)] = right[..] else {
            panic!("expected one right answer: {question}");
        };
        *places.entry(right).or_default() += 1;
        let lengths = array(&question["answers"]).iter().enumerate();
        let longest = |is_right: bool| {
            let those =
                lengths.clone().filter(|(at, _)| (*at as u64 == right) == is_right);
            those
                .map(|(_, text)| text.as_str().unwrap().chars().count())
                .max()
                .unwrap()
        };
        assert!(longest(true) <= longest(false) + LONGEST_BY_LIMIT, "{question}");
    }
    for (place, count) in places {
        assert!(count * 100 <= list.len() * PLACE_LIMIT_PERCENT, "{place}: {count}");
    }
    quiz.end();
}

#[test]
fn each_talk_has_ten_questions_of_its_chapters() {
    let quiz = Quiz::open("talks");
    let list = quiz.list();
    for (path, minutes) in
        [("short", "short_minutes"), ("long", "minutes"), ("day", "day_minutes")]
    {
        let ten = list
            .iter()
            .filter(|question| array(&question["paths"]).contains(&json!(path)));
        let ten: Vec<_> = ten.collect();
        assert_eq!(ten.len(), ASKED, "{path}");
        let mut chapters: BTreeMap<&str, usize> = BTreeMap::new();
        for question in &ten {
            *chapters.entry(question["chapter"].as_str().unwrap()).or_default() += 1;
        }
        for id in ALWAYS_ASKED {
            assert!(chapters.contains_key(id), "{path} asks nothing of {id}");
        }
        let mut places: BTreeMap<u64, usize> = BTreeMap::new();
        for right in ten.iter().filter_map(|question| question["right"][0].as_u64())
        {
            *places.entry(right).or_default() += 1;
        }
        let most = places.values().max().unwrap();
        assert!(*most <= PLACE_LIMIT_OF_A_TALK, "{path}: {places:?}");
        let all = quiz.chapters();
        for (id, count) in chapters {
            let chapter = all.iter().find(|chapter| chapter["id"] == id).unwrap();
            assert!(!chapter[minutes].is_null(), "{path}: {id} is left out");
            assert!(count <= CHAPTER_LIMIT_OF_A_TALK, "{path}: {count} of {id}");
        }
        // Those that the notes recommend.
        for id in ["eventsource-503", "seventh-tab", "masked-bytes"] {
            assert!(ten.iter().any(|question| question["id"] == id), "{path}: {id}");
        }
    }
    quiz.end();
}

#[test]
fn each_answer_is_shown_at_a_page_that_exists() {
    let quiz = Quiz::open("pages");
    for question in quiz.list() {
        let page = question["page"].as_str().unwrap();
        let (target, heading) = page.split_once('#').unwrap_or((page, ""));
        let (code, body) = quiz.get(target, "");
        assert_eq!(code, 200, "{question}");
        let id = format!("id=\"{heading}\"");
        assert!(heading.is_empty() || body.contains(&id), "{question}");
    }
    quiz.end();
}

#[test]
fn the_presenter_chooses_which_questions_are_asked() {
    let quiz = Quiz::open("asked");
    let of = |path: &str| {
        let list = quiz.list();
        let ten = list
            .iter()
            .filter(|question| array(&question["paths"]).contains(&json!(path)));
        ten.map(|question| question["id"].clone()).collect::<Vec<_>>()
    };
    // At first, those of the talk of ninety minutes.
    let (short, long) = (of("short"), of("long"));
    assert_eq!(quiz.newest()["asked"], json!(long));
    quiz.obey(&[json!({"open": SECOND})]);
    let mut wall = quiz.results(None);
    let shown = wall.until(|results| results["question"]["id"] == SECOND);
    assert_eq!(
        (&shown["question"]["number"], &shown["last"]),
        (&json!(2), &json!(2))
    );
    // Another talk's; the question that is on stays, and numbers are theirs.
    quiz.obey(&[json!({"ask": short}), json!({"ask": ["cursor", "named-event"]})]);
    let shown = wall.until(|results| array(&results["asked"]).len() == 3);
    assert_eq!(shown["asked"], json!(["cursor", SECOND, "named-event"]));
    assert_eq!(shown["question"]["number"], 2);
    assert_eq!(array(&shown["answered"]).len(), 3);
    // A question that is opened is asked.
    quiz.obey(&[json!({"open": FIRST})]);
    let shown = wall.until(|results| results["question"]["id"] == FIRST);
    assert_eq!(shown["asked"], json!(["cursor", FIRST, SECOND, "named-event"]));
    // After one that is no longer asked, the next of the others comes.
    quiz.obey(&[json!({"close": FIRST}), json!({"ask": ["cursor", "named-event"]})]);
    let shown = wall.until(|results| array(&results["asked"]).len() == 2);
    assert_eq!((&shown["question"], &shown["last"]), (&Value::Null, &json!(1)));
    let mut presenter = quiz.workshop.presenter();
    for (ids, why) in
        [(json!([]), "choose at least one"), (json!(["x"]), "no question")]
    {
        presenter.command(&json!({"quiz": {"ask": ids}}));
        let error = presenter.refusal();
        assert!(error.as_str().unwrap().contains(why), "{error}");
    }
    // They are asked again after all answers were forgotten, and after a restart.
    quiz.obey(&[json!({"clear": shown["run"]}), json!({"ask": short})]);
    wall.until(|results| results["asked"] == json!(short));
    let file = quiz.folder.join("quiz.json");
    testkit::wait_until("saved", || {
        let saved = std::fs::read_to_string(&file).unwrap_or_default();
        saved.contains("which-rule")
    });
    let quiz = quiz.crash();
    assert_eq!(quiz.newest()["asked"], json!(short));
    quiz.end();
}

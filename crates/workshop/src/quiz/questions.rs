//! The questions, from the notes.

use std::{
    collections::{BTreeSet, HashSet},
    io,
};

use notes::{TalkPath, keep_together};
use serde::Deserialize;
use stage::Assets;

/// Among the notes.
const FILE: &str = "quiz.toml";

/// A question of `workshop-notes/quiz.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) id: String,
    /// The chapter that explains it at length.
    pub(super) chapter: String,
    /// The talks for which it is one of the ten that are asked.
    #[serde(default)]
    pub(super) paths: Vec<TalkPath>,
    pub(super) text: String,
    pub(super) answers: Vec<String>,
    /// The numbers of the answers that are right, from 0. One of them is enough.
    pub(super) right: Vec<usize>,
    pub(super) explanation: String,
    /// The page of the hub that shows it.
    pub(super) page: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Questions {
    question: Vec<Question>,
}

/// The questions can't be used.
#[derive(Debug, thiserror::Error)]
#[error("workshop-notes/{FILE}: {0}")]
pub(crate) struct InvalidQuestions(Reason);

#[derive(Debug, thiserror::Error)]
enum Reason {
    #[error(transparent)]
    Unreadable(#[from] io::Error),
    #[error("{}", in_one_line(.0))]
    Toml(#[from] toml::de::Error),
    #[error("two questions are called {0:?}: give each an id of its own")]
    SameId(String),
    #[error("{0:?}: expected 2 to 6 answers")]
    Answers(String),
    #[error("{0:?}: expected `right` among the answers")]
    Right(String),
    #[error("{0:?}: expected a `page` of the hub, as in /chapter/sse")]
    Page(String),
}

/// Where in the file, and what: the first line and the last of what is drawn around it.
fn in_one_line(error: &toml::de::Error) -> String {
    let error = error.to_string();
    let line = error.lines().next().unwrap_or_default();
    let last = error.lines().next_back().unwrap_or_default();
    if line == last { line.into() } else { format!("{line}, {last}") }
}

/// Reads the questions.
///
/// # Errors
/// Says what is wrong with the file, and where.
pub(super) fn read(notes: &Assets) -> Result<Vec<Question>, InvalidQuestions> {
    let text = notes.read(FILE).map_err(Reason::from);
    text.and_then(|text| parse(&text)).map_err(InvalidQuestions)
}

fn parse(text: &str) -> Result<Vec<Question>, Reason> {
    let mut questions: Questions = toml::from_str(text)?;
    let mut ids = HashSet::new();
    for question in &mut questions.question {
        let Question { id, text, answers, right, explanation, page, .. } = question;
        for words in answers.iter_mut().chain([text, explanation]) {
            *words = keep_together(words);
        }
        if !ids.insert(&*id) {
            return Err(Reason::SameId(id.clone()));
        }
        if !(2..=6).contains(&answers.len()) {
            return Err(Reason::Answers(id.clone()));
        }
        if right.is_empty() || right.iter().any(|&right| right >= answers.len()) {
            return Err(Reason::Right(id.clone()));
        }
        if !page.starts_with('/') || page.starts_with("//") {
            return Err(Reason::Page(id.clone()));
        }
    }
    Ok(questions.question)
}

/// The ids of the questions that are asked in a talk; all, when none is for it.
pub(super) fn for_talk(questions: &[Question], path: TalkPath) -> BTreeSet<String> {
    let none = !questions.iter().any(|question| question.paths.contains(&path));
    let asked = questions.iter();
    let asked = asked.filter(|question| none || question.paths.contains(&path));
    asked.map(|question| question.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_wrong_is_told_so_in_one_line() {
        let question = |id: &str, answers: &str, right: &str| {
            format!(
                "[[question]]\nid = \"{id}\"\nchapter = \"sse\"\ntext = \"?\"\n\
                 answers = {answers}\nright = {right}\nexplanation = \"!\"\n\
                 page = \"/compare\"\n"
            )
        };
        let good = question("a", "[\"x\", \"y\"]", "[1]");
        assert_eq!(parse(&good).unwrap().len(), 1);
        for (text, expected) in [
            (good.repeat(2), "two questions"),
            (question("a", "[\"x\"]", "[0]"), "2 to 6"),
            (question("a", "[\"x\", \"y\"]", "[2]"), "among the answers"),
            (question("a", "[\"x\", \"y\"]", "[]"), "among the answers"),
            (good.replace("/compare", "https://example.com/"), "of the hub"),
            (good.replace("/compare", "//example.com/"), "of the hub"),
            (good.replace("text", "txet"), "txet"),
            (good.replace("text", "paths = [\"45\"]\ntext"), "line 4"),
            ("[[question]]\nid = 1".into(), "line 2"),
        ] {
            let error = InvalidQuestions(parse(&text).unwrap_err()).to_string();
            assert!(error.contains("quiz.toml"), "{error}");
            assert!(error.contains(expected), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}

//! The questions, from the notes.

use std::{collections::HashSet, io};

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
    pub(super) text: String,
    pub(super) answers: Vec<String>,
    /// The numbers of the answers that are right, from 0. One of them is enough.
    pub(super) right: Vec<usize>,
    pub(super) explanation: String,
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
    let questions: Questions = toml::from_str(text)?;
    let mut ids = HashSet::new();
    for question in &questions.question {
        let Question { id, answers, right, .. } = question;
        if !ids.insert(id) {
            return Err(Reason::SameId(id.clone()));
        }
        if !(2..=6).contains(&answers.len()) {
            return Err(Reason::Answers(id.clone()));
        }
        if right.is_empty() || right.iter().any(|&right| right >= answers.len()) {
            return Err(Reason::Right(id.clone()));
        }
    }
    Ok(questions.question)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_wrong_is_told_so_in_one_line() {
        let question = |id: &str, answers: &str, right: &str| {
            format!(
                "[[question]]\nid = \"{id}\"\nchapter = \"sse\"\ntext = \"?\"\n\
                 answers = {answers}\nright = {right}\nexplanation = \"!\"\n"
            )
        };
        let good = question("a", "[\"x\", \"y\"]", "[1]");
        assert_eq!(parse(&good).unwrap().len(), 1);
        for (text, expected) in [
            (good.repeat(2), "two questions"),
            (question("a", "[\"x\"]", "[0]"), "2 to 6"),
            (question("a", "[\"x\", \"y\"]", "[2]"), "among the answers"),
            (question("a", "[\"x\", \"y\"]", "[]"), "among the answers"),
            (good.replace("text", "txet"), "txet"),
            ("[[question]]\nid = 1".into(), "line 2"),
        ] {
            let error = InvalidQuestions(parse(&text).unwrap_err()).to_string();
            assert!(error.contains("quiz.toml"), "{error}");
            assert!(error.contains(expected), "{error}");
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
}

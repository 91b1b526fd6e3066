//! Why the quiz refuses an answer or a command.

/// Texts say what is so now, and what to do.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    #[error("no question is called {0:?}: reload the page")]
    NoQuestion(String),
    /// A command named the question that its page showed.
    #[error(
        "{} is shown now, not {}: check the page, and press again",
        said(now.as_ref()), said(expected.as_ref())
    )]
    NotOn { now: Option<String>, expected: Option<String> },
    #[error("the answers of run {0:?} are already deleted: reload the page")]
    Cleared(String),
    #[error("no question was chosen: choose at least one")]
    NoneChosen,
    #[error("answer {answer}: expected 0 to {last}")]
    NoAnswer { answer: usize, last: usize },
    #[error("this question is not open: wait for the next one")]
    NotOpen,
    #[error(
        "this question has {0} answers, the most that are counted: wait for the next one"
    )]
    Full(usize),
}

fn said(question: Option<&String>) -> String {
    question.map_or("no question".into(), |question| format!("{question:?}"))
}

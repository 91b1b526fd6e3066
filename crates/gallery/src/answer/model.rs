//! The simulated language model, and the answers that it works on.

use std::{collections::VecDeque, num::NonZeroUsize, sync::Mutex};

use actix_web::{Result, error::ErrorNotFound, web::Data};
use feed::{Feed, Random};
use tokio::{
    select,
    time::{Instant, sleep},
};

use crate::{
    events::{json, publish},
    gallery::{Gallery, lock},
    limits::Limits,
};

/// How many answers are kept; one more, and the oldest ends.
const ANSWERS_CAPACITY: usize = 100;
/// How many words of an answer are kept: all of them.
const WORDS_CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();
/// The work goes on without a reader for as long as so many words take: a reload is quicker.
const ABANDONED_WORDS: u32 = 60;

/// What the simulated model knows.
const TEXT: &str = "I am simulated, and I know one thing: how this answer reaches you. \
    Your browser sent a POST, and its response has not ended yet. Each word is an event \
    with an id. If the page is reloaded now, it asks again with the id of the last word, \
    and I go on where you were. If you press Cancel, I stop working, which is what saves \
    money. If you only close the page, nobody tells me: ten seconds later I notice that \
    nobody reads, and stop, too. An EventSource could do none of this with a POST, so the \
    page splits the stream by itself, in ten lines. With polling, the words would come in \
    lumps; a WebSocket would do, and would have to be told how to resume.";

/// All answers.
pub(super) struct Answers {
    /// How often a device may ask.
    pub(super) limits: Limits,
    /// By their ids, which only the pages that asked know. Written when one is begun.
    pub(super) all: Mutex<VecDeque<(String, Feed)>>,
}

/// Publishes word after word, until it is cancelled or has had no reader for a while.
pub(super) async fn work(words: Feed, gallery: Data<Gallery>) {
    let (mean, mut random) = (gallery.flags.words, Random::new(None));
    let mut read = Instant::now(); // when there was a reader, last
    for word in TEXT.split_ascii_whitespace() {
        select! {
            () = sleep(random.pause(mean)) => {}
            () = gallery.closed() => return words.close(),
            () = words.closed() => return,
        }
        if words.followers() > 0 {
            read = Instant::now();
        } else if read.elapsed() > mean * ABANDONED_WORDS {
            return end(&words, "abandoned");
        }
        publish(&words, "word", &word);
    }
    end(&words, "complete");
}

/// Says why an answer ends, once.
pub(super) fn end(words: &Feed, reason: &str) {
    if !words.is_closed() {
        publish(words, "end", &reason);
        words.close();
    }
}

impl Answers {
    /// Keeps a new answer: its id, and its words, of which there is none yet.
    pub(super) fn begin(&self, question: &str) -> (String, Feed) {
        let id = format!("{:032x}", rand::random::<u128>());
        let words =
            Feed::new(WORDS_CAPACITY, &format!("question {}", json(&question)));
        let mut answers = lock(&self.all);
        answers.push_back((id.clone(), words.clone()));
        if answers.len() > ANSWERS_CAPACITY
            && let Some((_, oldest)) = answers.pop_front()
        {
            end(&oldest, "cancelled");
        }
        (id, words)
    }

    /// The words of an answer.
    ///
    /// # Errors
    /// A 404 when it is not kept.
    pub(super) fn find(&self, id: &str) -> Result<Feed> {
        let answers = lock(&self.all);
        let answer = answers.iter().find(|(known, _)| known == id);
        let gone = || {
            ErrorNotFound(
                "no such answer: the server restarted, or has had many others since; ask again",
            )
        };
        answer.map(|(_, words)| words.clone()).ok_or_else(gone)
    }
}

//! The simulated language model, and the answers that it works on.

use std::{net::IpAddr, num::NonZeroUsize, sync::Mutex};

use actix_web::{Result, error::ErrorNotFound, web::Data};
use feed::{Feed, Random};
use tokio::{
    select,
    time::{Instant, sleep},
};

use crate::{
    events::{json, publish},
    gallery::{Gallery, lock},
    kept::{Full, Kept},
    limits::Limits,
};

/// How many answers are kept of a device, and in all. With more, those that have ended go;
/// while none has, no other one is begun.
const DEVICE_LIMIT: usize = 20;
const ANSWERS_LIMIT: usize = 100;
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
    /// By their ids, which only the pages that asked know. Written when one is begun, and
    /// locked when one ends.
    all: Mutex<Kept<Feed>>,
}

/// Publishes word after word, until it is cancelled or has had no reader for a while.
pub(super) async fn generate(
    words: Feed,
    answers: Data<Answers>,
    gallery: Data<Gallery>,
) {
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
            return answers.end(&words, "abandoned");
        }
        publish(&words, "word", &word);
    }
    answers.end(&words, "complete");
}

impl Answers {
    pub(super) fn new(limits: Limits) -> Self {
        let is_running = |words: &Feed| !words.is_closed();
        let all = Kept::new("answer", DEVICE_LIMIT, ANSWERS_LIMIT, is_running);
        Self { limits, all: Mutex::new(all) }
    }

    /// Keeps a new answer: its id, and its words, of which there is none yet.
    ///
    /// # Errors
    /// When as many are being given as may be.
    pub(super) fn begin(
        &self,
        question: &str,
        device: IpAddr,
    ) -> Result<(String, Feed), Full> {
        let id = format!("{:032x}", rand::random::<u128>());
        let words =
            Feed::new(WORDS_CAPACITY, &format!("question {}", json(&question)));
        lock(&self.all).add(id.clone(), device, words.clone())?;
        Ok((id, words))
    }

    /// Says why an answer ends, once.
    pub(super) fn end(&self, words: &Feed, reason: &str) {
        let _one_at_a_time = lock(&self.all);
        if !words.is_closed() {
            publish(words, "end", &reason);
            words.close();
        }
    }

    /// How many pages read an answer.
    pub(super) fn read(&self) -> usize {
        lock(&self.all).values().map(Feed::followers).sum()
    }

    /// The words of an answer.
    ///
    /// # Errors
    /// A 404 when it is not kept.
    pub(super) fn find(&self, id: &str) -> Result<Feed> {
        let gone = || {
            ErrorNotFound(
                "no such answer: the server restarted, or has had many others since; ask again",
            )
        };
        lock(&self.all).get(id).map(|words| words.clone()).ok_or_else(gone)
    }
}

//! The quiz. The presenter opens a question, everybody answers once, and
//! all see the counts grow.
//!
//! ```text
//!            ── /quiz/vote, a WebSocket ──►           ── /quiz/results, events ──►
//! phones ──  {"vote":{"question":"one-way",…}}  hub ──  id: 9ab1-17            all
//!            ◄── {"counted":{…}}                      data: {"question":{…}}   pages
//! ```
//!
//! A vote goes up and must be answered: until its page hears `counted`, it does not
//! know whether the vote arrived, and says it again on a new connection. That is
//! harmless, because a vote counts once for each *seat*: a random number that a browser
//! made up and keeps. Said at least once and counted at most once, it is counted exactly
//! once. Results go one way, and only the newest matters: an event stream does that, and
//! its browser reconnects by itself.
//!
//! A seat is no identity. A voter who wants to vote twice makes up another: this is a
//! quiz, and no election.

mod error;
mod messages;
mod questions;
mod saved;
mod seat;
mod tally;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use bytes::Bytes;
use feed::Feed;
use notes::TalkPath;
use serde::Deserialize;
use stage::Assets;
use tokio::{select, sync::watch, task::spawn_blocking, time::sleep};

pub(crate) use error::Error;
pub(crate) use questions::InvalidQuestions;

use messages::{Closed, Listed, Outcome, Results, Shown};
use questions::Question;
use saved::TallyFile;
use seat::Seat;
use tally::Tally;

/// The least time between two results that are sent.
const RESULTS_INTERVAL: Duration = Duration::from_millis(250);

/// The least time between two writes of the file.
const SAVE_INTERVAL: Duration = Duration::from_millis(500);

/// What the presenter does with the quiz. A command names its target as its page
/// showed it, and is refused when that has changed meanwhile: a page may be behind.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Command {
    /// Shows a question, whichever is on. It takes answers until it is revealed.
    Open(String),
    /// Goes on from one question to another.
    Next(Next),
    /// Ends the answering of this question, and tells which answers are right.
    Reveal(String),
    /// Takes this question away.
    Close(String),
    /// Forgets every answer of this run.
    Clear(String),
    /// Asks these questions and no others, but for the one that is on.
    Ask(Vec<String>),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Next {
    /// The question that is on, if one is.
    after: Option<String>,
    open: String,
}

/// What a page sends up.
#[derive(Debug, Deserialize)]
pub(crate) struct Vote {
    pub(crate) question: String,
    answer: usize,
    seat: Seat,
}

/// The newest results, as an event.
#[derive(Clone)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) text: Bytes,
}

/// The questions, and what was answered.
pub(crate) struct Quiz {
    questions: Vec<Question>,
    /// Written by each new vote and by the presenter's commands.
    tally: Mutex<Tally>,
    /// The run whose answers the file had, if it had any, and when it was written, in
    /// Unix milliseconds.
    kept: Option<(String, u64)>,
    /// How often the tally changed. Written with it, while it is locked.
    changes: watch::Sender<u64>,
    /// The first part of each event's id: random, so that ids of an earlier process
    /// never match.
    id_prefix: String,
    /// Written by [`run`], at most once in a [`RESULTS_INTERVAL`].
    newest: watch::Sender<Event>,
    file: TallyFile,
}

impl Quiz {
    /// Reads the questions from the notes, and goes on with the answers that `folder` has.
    ///
    /// # Errors
    /// When the questions can't be read. Answers that can't are set aside.
    pub(crate) fn open(
        notes: &Assets,
        folder: PathBuf,
    ) -> Result<Self, InvalidQuestions> {
        let questions = questions::read(notes)?;
        let file = TallyFile::in_folder(folder);
        let asked = || questions::for_talk(&questions, TalkPath::Long);
        let tally = file.load(&questions).unwrap_or_else(|| Tally::new(asked()));
        let written = file.written_at().unwrap_or_default();
        let kept = (tally.answers() > 0).then(|| (tally.run().to_owned(), written));
        let id_prefix = format!("{:08x}", rand::random::<u32>());
        let nothing = Event { id: String::new(), text: Bytes::new() };
        let quiz = Self {
            questions,
            tally: Mutex::new(tally),
            kept,
            changes: watch::Sender::new(0),
            id_prefix,
            newest: watch::Sender::new(nothing),
            file,
        };
        quiz.publish_results();
        Ok(quiz)
    }

    /// A line for the terminal, if there are answers from before this start.
    pub(crate) fn kept(&self) -> String {
        let kept = match self.tally().answers() {
            0 => return String::new(),
            1 => "1 answer is kept".to_owned(),
            all => format!("{all} answers are kept"),
        };
        format!(
            "  quiz      {kept} from before: Delete all answers, on its page, begins anew\n"
        )
    }

    /// The newest results, and each newer one.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Event> {
        self.newest.subscribe()
    }

    fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn question(&self, id: &str) -> Result<&Question, Error> {
        let found = self.questions.iter().find(|question| question.id == id);
        found.ok_or_else(|| Error::NoQuestion(id.to_owned()))
    }

    /// Executes a command of the presenter's.
    ///
    /// # Errors
    /// When its target is not as it expects: says why.
    pub(crate) fn execute(&self, command: Command) -> Result<(), Error> {
        let mut tally = self.tally();
        match command {
            Command::Open(id) => tally.open(&self.question(&id)?.id),
            Command::Next(Next { after, open }) => {
                tally.expect(after.as_deref())?;
                tally.open(&self.question(&open)?.id);
            }
            Command::Reveal(id) => tally.reveal(&id)?,
            Command::Close(id) => tally.close(&id)?,
            Command::Clear(run) if run == tally.run() => tally.clear(),
            Command::Clear(run) => {
                return Err(Error::Cleared(run));
            }
            Command::Ask(ids) => {
                let known = ids.iter().map(|id| Ok(self.question(id)?.id.clone()));
                tally.ask(known.collect::<Result<_, _>>()?)?;
            }
        }
        self.changes.send_modify(|changes| *changes += 1);
        Ok(())
    }

    /// The speaker chose a length of the talk: the quiz asks its questions, unless the
    /// presenter chose others or one was opened.
    pub(crate) fn choose_path(&self, path: TalkPath) {
        let asked = questions::for_talk(&self.questions, path);
        let mut tally = self.tally();
        if tally.follow_talk(asked) {
            self.changes.send_modify(|changes| *changes += 1);
        }
    }

    /// All questions, for everybody. While the room takes the quiz, `right` and
    /// `explanation` are left out until a question is revealed: while a question is on,
    /// and until all were revealed if everyone is `brought` to the quiz.
    pub(crate) fn listed(&self, brought: bool) -> Vec<Listed<'_>> {
        let tally = self.tally();
        let mut asked = self.questions.iter().filter(|one| tally.asks(&one.id));
        let goes_on = asked.any(|one| !tally.is_revealed(&one.id));
        let alone = tally.now().is_none() && !(brought && goes_on);
        self.list(|question| alone || tally.is_revealed(&question.id))
    }

    /// All questions, for the presenter.
    pub(crate) fn listed_for_presenter(&self) -> Vec<Listed<'_>> {
        self.list(|_| true)
    }

    fn list(&self, told: impl Fn(&Question) -> bool) -> Vec<Listed<'_>> {
        let list = self.questions.iter().map(|question| {
            let told = told(question);
            Listed {
                id: &question.id,
                chapter: &question.chapter,
                paths: &question.paths,
                text: &question.text,
                answers: &question.answers,
                right: told.then_some(&question.right),
                explanation: told.then_some(&question.explanation),
                page: told.then_some(&question.page),
            }
        });
        list.collect()
    }

    /// Counts a vote. Returns the answer of its seat that counts: the first one.
    pub(crate) fn vote(&self, vote: &Vote) -> Result<usize, Error> {
        let question = self.question(&vote.question)?;
        let answers = question.answers.len();
        if vote.answer >= answers {
            return Err(Error::NoAnswer { answer: vote.answer, last: answers - 1 });
        }
        let mut tally = self.tally();
        let (counted, new) = tally.vote(&question.id, vote.seat, vote.answer)?;
        if new {
            self.changes.send_modify(|changes| *changes += 1);
        }
        Ok(counted)
    }

    /// Publishes the newest results to all subscribers.
    fn publish_results(&self) {
        let tally = self.tally();
        let asked = self.questions.iter();
        let asked = asked.filter(|question| tally.asks(&question.id));
        let asked: Vec<_> = asked.map(|question| &*question.id).collect();
        // Of one that is no longer asked, the number of the one before it.
        let number = |id: &str| {
            let upto = self.questions.iter().position(|question| question.id == id);
            let upto = self.questions.iter().take(upto.map_or(0, |at| at + 1));
            upto.filter(|question| tally.asks(&question.id)).count()
        };
        let now = tally.now();
        let now = now.and_then(|(id, shown)| Some((self.question(id).ok()?, shown)));
        let last = tally.last().map_or(0, number);
        let question = now.map(|(question, revealed)| Shown {
            number: number(&question.id),
            id: &question.id,
            chapter: &question.chapter,
            text: &question.text,
            answers: &question.answers,
            counts: tally.counts(question),
            right: revealed.then_some(&question.right),
            explanation: revealed.then_some(&question.explanation),
            page: revealed.then_some(&question.page),
        });
        let closed =
            tally.last().filter(|id| now.is_none() && !tally.is_revealed(id));
        let unrevealed = closed.map(|id| Closed { number: last, id });
        let answered = asked.iter().map(|id| tally.answered(id)).collect();
        let outcomes = asked.iter().map(|id| self.outcome(&tally, id)).collect();
        let results = Results {
            run: tally.run(),
            kept: self
                .kept
                .as_ref()
                .and_then(|(run, written)| (run == tally.run()).then_some(*written)),
            question,
            asked,
            last,
            unrevealed,
            answered,
            outcomes,
        };
        // Text, numbers and lists of them: that can't fail.
        let results = serde_json::to_string(&results).unwrap_or_default();
        let id = format!("{}-{}", self.id_prefix, *self.changes.borrow());
        let text = format!("id: {id}\ndata: {results}\n\n").into();
        self.newest.send_replace(Event { id, text });
    }

    /// What came of a question, if it is revealed.
    fn outcome(&self, tally: &Tally, id: &str) -> Option<Outcome<'_>> {
        let question = self.question(id).ok()?;
        let right = &question.right;
        let counts = tally.counts(question);
        let correct = right.iter().filter_map(|&answer| counts.get(answer)).sum();
        tally.is_revealed(id).then_some(Outcome { right, correct })
    }

    /// Saves the answers, if there is something new.
    pub(crate) fn save(&self) {
        self.file.save(|| {
            // The tally is locked first, here as elsewhere.
            let tally = self.tally();
            (*self.changes.borrow(), tally.clone())
        });
    }

    /// What was answered, for a spreadsheet (RFC 4180): of the questions that were asked.
    pub(crate) fn csv(&self) -> String {
        let tally = self.tally();
        let mut csv = "id,question,answer,right,votes\r\n".to_owned();
        let asked = self.questions.iter();
        for question in asked.filter(|question| tally.was_opened(&question.id)) {
            let counts = tally.counts(question);
            for (number, (answer, votes)) in
                question.answers.iter().zip(counts).enumerate()
            {
                let right =
                    if question.right.contains(&number) { "yes" } else { "no" };
                let [id, text, answer] = [&question.id, &question.text, answer]
                    .map(|field| quoted(field));
                csv += &format!("{id},{text},{answer},{right},{votes}\r\n");
            }
        }
        csv
    }
}

fn quoted(field: &str) -> String {
    format!("\"{}\"", field.replace('"', "\"\""))
}

/// Sends and saves what changes, until the workshop ends.
pub(crate) async fn run(quiz: Arc<Quiz>, feed: Feed) {
    let send = async {
        let mut changes = quiz.changes.subscribe();
        // The sender is the quiz's own.
        while changes.changed().await.is_ok() {
            quiz.publish_results();
            sleep(RESULTS_INTERVAL).await;
        }
    };
    let save = async {
        let mut changes = quiz.changes.subscribe();
        while changes.changed().await.is_ok() {
            let quiz = quiz.clone();
            // Disks are slow, and votes don't wait for them. It is not cancelled, and
            // if it panicked, that was told where it happened.
            let _ = spawn_blocking(move || quiz.save()).await;
            sleep(SAVE_INTERVAL).await;
        }
    };
    select! {
        () = feed.closed() => {}
        () = send => {}
        () = save => {}
    }
}

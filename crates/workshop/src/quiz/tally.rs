//! Which question is on, and what was answered: the state of the quiz, which is saved.

use std::collections::{BTreeMap, BTreeSet};

use notes::TalkPath;
use serde::{Deserialize, Serialize};

use super::{
    error::Error,
    questions::{Question, for_talk},
    seat::Seat,
};

/// The most answers to a question: more than any audience gives, and about 80 KiB.
const VOTES_LIMIT: usize = 2000;

/// Which questions are asked, which of them is on, and which seat gave which answer.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Tally {
    /// Tells one tally from the next, so that pages forget what they answered.
    run: String,
    /// The questions that are asked. Older files have none.
    #[serde(default)]
    asked: BTreeSet<String>,
    /// Whether the presenter chose these; otherwise, the length of the talk does.
    #[serde(default)]
    chosen: bool,
    now: Option<Now>,
    /// The question that was opened last, closed or not: the next one follows it.
    #[serde(default)]
    last: Option<String>,
    /// The questions of which everybody was told what is right.
    #[serde(default)]
    revealed: BTreeSet<String>,
    /// By question and seat.
    votes: BTreeMap<String, BTreeMap<Seat, usize>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
struct Now {
    question: String,
    revealed: bool,
}

impl Tally {
    pub(super) fn new(asked: BTreeSet<String>) -> Self {
        let run = format!("{:08x}", rand::random::<u32>());
        Self {
            run,
            asked,
            chosen: false,
            now: None,
            last: None,
            revealed: BTreeSet::new(),
            votes: BTreeMap::new(),
        }
    }

    pub(super) fn run(&self) -> &str {
        &self.run
    }

    /// Whether a question is asked.
    pub(super) fn asks(&self, question: &str) -> bool {
        self.asked.contains(question)
    }

    /// Asks the questions of a talk, unless the presenter chose others or one was opened.
    /// Returns whether it does.
    pub(super) fn follow_talk(&mut self, questions: BTreeSet<String>) -> bool {
        let follows = !self.chosen && self.last.is_none();
        if follows {
            self.asked = questions;
        }
        follows
    }

    /// Asks these questions, and the one that is on.
    ///
    /// # Errors
    /// When there is none.
    pub(super) fn ask(&mut self, questions: BTreeSet<String>) -> Result<(), Error> {
        if questions.is_empty() {
            return Err(Error::NoneChosen);
        }
        (self.asked, self.chosen) = (questions, true);
        self.asked.extend(self.now.as_ref().map(|now| now.question.clone()));
        Ok(())
    }

    /// The id of the question that is on, and whether it is revealed.
    pub(super) fn now(&self) -> Option<(&str, bool)> {
        self.now.as_ref().map(|now| (&*now.question, now.revealed))
    }

    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Whether it was asked. (One that was closed without an answer or a reveal counts only
    /// while it is the last.)
    pub(super) fn was_opened(&self, question: &str) -> bool {
        self.is_revealed(question)
            || self.answered(question) > 0
            || self.last() == Some(question)
    }

    /// Whether everybody was told what is right.
    pub(super) fn is_revealed(&self, question: &str) -> bool {
        self.revealed.contains(question)
    }

    /// Opens a question. What was answered before still counts; one that was revealed
    /// is shown as it was, and takes no answer: all know it. If nobody answered, it was
    /// revealed to nobody, and is asked as if new.
    pub(super) fn open(&mut self, question: &str) {
        if self.answered(question) == 0 {
            self.revealed.remove(question);
        }
        self.asked.insert(question.to_owned());
        self.last = Some(question.to_owned());
        let revealed = self.is_revealed(question);
        self.now = Some(Now { question: question.to_owned(), revealed });
    }

    /// Checks that this question is on; with `None`, that none is.
    ///
    /// # Errors
    /// When another is.
    pub(super) fn expect(&self, question: Option<&str>) -> Result<(), Error> {
        let now = self.now().map(|(now, _)| now);
        if now == question {
            return Ok(());
        }
        Err(Error::NotOn {
            now: now.map(str::to_owned),
            expected: question.map(str::to_owned),
        })
    }

    /// Ends the answering of a question.
    ///
    /// # Errors
    /// When it is not on.
    pub(super) fn reveal(&mut self, question: &str) -> Result<(), Error> {
        self.expect(Some(question))?;
        if let Some(now) = &mut self.now {
            now.revealed = true;
            self.revealed.insert(now.question.clone());
        }
        Ok(())
    }

    /// Forgets all answers. The same questions are asked again.
    pub(super) fn clear(&mut self) {
        let asked = std::mem::take(&mut self.asked);
        *self = Self { chosen: self.chosen, ..Self::new(asked) };
    }

    /// Takes a question away.
    ///
    /// # Errors
    /// When it is not on.
    pub(super) fn close(&mut self, question: &str) -> Result<(), Error> {
        self.expect(Some(question))?;
        self.now = None;
        Ok(())
    }

    /// Counts a vote: the first of its seat. Returns that one, and whether it is new. A
    /// vote that is said again is answered the same, however late.
    ///
    /// # Errors
    /// When the question is not open, or has too many votes.
    pub(super) fn vote(
        &mut self,
        question: &str,
        seat: Seat,
        answer: usize,
    ) -> Result<(usize, bool), Error> {
        let votes = self.votes.get(question);
        if let Some(&first) = votes.and_then(|votes| votes.get(&seat)) {
            return Ok((first, false));
        }
        match self.now() {
            Some((now, false)) if now == question => {}
            _ => return Err(Error::NotOpen),
        }
        if votes.is_some_and(|votes| votes.len() >= VOTES_LIMIT) {
            return Err(Error::Full(VOTES_LIMIT));
        }
        self.votes.entry(question.to_owned()).or_default().insert(seat, answer);
        Ok((answer, true))
    }

    /// How many gave each answer.
    pub(super) fn counts(&self, question: &Question) -> Vec<usize> {
        let mut counts = vec![0; question.answers.len()];
        for &answer in
            self.votes.get(&question.id).into_iter().flat_map(|it| it.values())
        {
            counts[answer] += 1;
        }
        counts
    }

    /// How many answered.
    pub(super) fn answered(&self, question: &str) -> usize {
        self.votes.get(question).map_or(0, BTreeMap::len)
    }

    /// How many answers there are to all questions.
    pub(super) fn answers(&self) -> usize {
        self.votes.values().map(BTreeMap::len).sum()
    }

    /// Drops questions, and votes for answers, that are no longer in the file, which
    /// may have been edited.
    pub(super) fn drop_unknown(&mut self, questions: &[Question]) {
        let find = |id: &str| questions.iter().find(|question| question.id == id);
        self.now.take_if(|now| find(&now.question).is_none());
        // Older files have neither the last question nor those that were revealed.
        if let Some(Now { question, revealed }) = &self.now {
            self.last.get_or_insert_with(|| question.clone());
            if *revealed {
                self.revealed.insert(question.clone());
            }
        }
        self.revealed.retain(|id| find(id).is_some());
        self.asked.retain(|id| find(id).is_some());
        if self.asked.is_empty() {
            self.asked = for_talk(questions, TalkPath::Long);
        }
        self.asked.extend(self.now.as_ref().map(|now| now.question.clone()));
        self.last.take_if(|last| find(last).is_none());
        self.votes.retain(|id, votes| {
            let answers = find(id).map_or(0, |question| question.answers.len());
            votes.retain(|_, answer| *answer < answers);
            answers > 0
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(id: &str) -> Question {
        Question {
            id: id.into(),
            chapter: "sse".into(),
            text: "?".into(),
            answers: vec!["yes".into(), "no".into()],
            right: vec![0],
            explanation: "!".into(),
            paths: Vec::new(),
            page: "/compare".into(),
        }
    }

    #[test]
    fn the_first_vote_of_a_seat_counts_once_however_often_it_is_said() {
        let mut tally = Tally::new(BTreeSet::new());
        let seat = Seat(7);
        assert!(tally.vote("a", seat, 0).is_err(), "nothing is open");
        tally.open("a");
        assert!(tally.vote("b", seat, 0).is_err(), "another is open");
        assert_eq!(tally.vote("a", seat, 1), Ok((1, true)));
        assert_eq!(tally.vote("a", seat, 1), Ok((1, false)));
        assert_eq!(tally.vote("a", seat, 0), Ok((1, false)));
        assert_eq!(tally.counts(&question("a")), [0, 1]);
        // After the reveal, only what was counted before is confirmed.
        let error = tally.reveal("b").unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"a\" is shown now, not \"b\": check the page, and press again"
        );
        tally.reveal("a").unwrap();
        assert_eq!(tally.vote("a", seat, 0), Ok((1, false)));
        assert!(tally.vote("a", Seat(8), 0).is_err());
        assert!(tally.close("b").is_err());
        tally.close("a").unwrap();
        assert_eq!((tally.now(), tally.last()), (None, Some("a")));
        let error = tally.reveal("a").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no question is shown now, not \"a\": check the page, and press again"
        );
        assert_eq!(tally.answered("a"), 1);
        // Shown again, it is as everybody knows it.
        tally.open("a");
        assert_eq!(tally.now(), Some(("a", true)));
        assert!(tally.vote("a", Seat(8), 0).is_err());
    }

    #[test]
    fn a_question_that_was_revealed_to_nobody_is_asked_again() {
        let mut tally = Tally::new(BTreeSet::new());
        tally.open("a");
        tally.reveal("a").unwrap();
        tally.open("a");
        assert_eq!(tally.now(), Some(("a", false)));
        assert_eq!(tally.vote("a", Seat(7), 0), Ok((0, true)));
        tally.reveal("a").unwrap();
        tally.open("a");
        assert_eq!(tally.now(), Some(("a", true)));
    }

    #[test]
    fn what_is_asked_is_chosen_and_what_is_on_stays() {
        let mut tally = Tally::new(BTreeSet::from(["a".into()]));
        let chosen = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        assert_eq!(tally.ask(chosen(&[])), Err(Error::NoneChosen));
        tally.open("b");
        assert!(tally.asks("a") && tally.asks("b"));
        tally.ask(chosen(&["c"])).unwrap();
        assert!(!tally.asks("a") && tally.asks("b") && tally.asks("c"));
        tally.close("b").unwrap();
        tally.ask(chosen(&["c"])).unwrap();
        assert!(!tally.asks("b"));
        // Those that an edited file no longer has are not asked.
        tally.drop_unknown(&[question("a")]);
        assert!(tally.asks("a") && !tally.asks("c"));
    }

    #[test]
    fn a_file_of_before_knows_what_was_revealed() {
        let file =
            r#"{"run":"1","now":{"question":"a","revealed":true},"votes":{}}"#;
        let mut tally: Tally = serde_json::from_str(file).unwrap();
        let long = Question { paths: vec![TalkPath::Long], ..question("b") };
        tally.drop_unknown(&[question("a"), long]);
        assert!(tally.is_revealed("a"));
        assert_eq!(tally.now(), Some(("a", true)));
        assert!(tally.asks("a") && tally.asks("b"), "the one that is on is asked");
        let file = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<Tally>(&file).unwrap(), tally);
        // The question may be gone, and its answers count all the same.
        let file = r#"{"run":"1","now":null,"votes":{"a":{"SEAT":0}}}"#;
        let file = file.replace("SEAT", &"0".repeat(32));
        let mut tally: Tally = serde_json::from_str(&file).unwrap();
        tally.drop_unknown(&[question("a")]);
        assert_eq!((tally.now(), tally.answered("a")), (None, 1));
    }

    #[test]
    fn the_seats_of_a_question_are_bounded() {
        let mut tally = Tally::new(BTreeSet::new());
        tally.open("a");
        for seat in 0..VOTES_LIMIT {
            tally.vote("a", Seat(seat as u128), seat % 2).unwrap();
        }
        let error = tally.vote("a", Seat(u128::MAX), 0).unwrap_err();
        assert_eq!(error, Error::Full(2000));
        assert_eq!(tally.vote("a", Seat(3), 0), Ok((1, false)));
        assert_eq!(tally.counts(&question("a")), [VOTES_LIMIT / 2, VOTES_LIMIT / 2]);
    }

    #[test]
    fn what_edited_questions_do_not_know_is_dropped() {
        let mut tally = Tally::new(BTreeSet::new());
        for id in ["a", "b"] {
            tally.open(id);
            tally.vote(id, Seat(1), 1).unwrap();
            tally.vote(id, Seat(2), 5).unwrap();
        }
        tally.drop_unknown(&[question("a")]);
        assert_eq!((tally.now(), tally.answered("b")), (None, 0));
        assert_eq!(tally.last(), None);
        assert_eq!(tally.counts(&question("a")), [0, 1]);
    }
}

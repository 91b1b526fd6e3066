//! What is on the news wall, and what changes on it.

use std::{collections::VecDeque, num::NonZeroUsize, sync::Mutex, time::Duration};

use actix_web::{HttpRequest, Result, error::ErrorForbidden, web::Bytes};
use feed::{Feed, Follower, unix_millis};
use serde::{Deserialize, Serialize};
use stage::printable;

use crate::{
    events::{event, json, publish},
    gallery::{Gallery, lock},
    limits::{KEY_LIMIT, Limits},
};

const TEXT_LIMIT: usize = 140;

/// How many headlines the wall has.
const WALL_CAPACITY: usize = 30;
/// The changes that a slow page may be behind, before it is told that it missed some.
const CHANGES_CAPACITY: NonZeroUsize = NonZeroUsize::new(200).unwrap();

/// What an attendee posts. The page draws the key: a headline that is sent again, because
/// its answer was lost, has the same one.
#[derive(Deserialize)]
pub(super) struct Post {
    key: String,
    text: String,
}

#[derive(Serialize)]
struct Headline {
    number: u64,
    text: String,
    /// Unix milliseconds.
    at: u64,
    /// Drawn by the page, and nobody else's business.
    #[serde(skip)]
    key: String,
    #[serde(skip)]
    hidden: bool,
}

/// The wall of all pages.
pub(super) struct Wall {
    /// Written by attendees' posts and by the presenter; both publish under the same lock.
    state: Mutex<State>,
    changes: Feed,
    /// How often a device may post.
    limits: Limits,
}

#[derive(Default)]
struct State {
    headlines: VecDeque<Headline>,
    /// The number of the newest headline.
    newest: u64,
    paused: bool,
}

/// A wall as pages see it.
#[derive(Serialize)]
struct Shown<'a> {
    paused: bool,
    headlines: Vec<&'a Headline>,
}

impl State {
    fn shown(&self) -> Shown<'_> {
        let headlines = self.headlines.iter().filter(|headline| !headline.hidden);
        Shown { paused: self.paused, headlines: headlines.collect() }
    }
}

impl Wall {
    pub(super) fn new(gallery: &Gallery) -> Self {
        let changes = gallery.log(CHANGES_CAPACITY, "opened");
        let limits = Limits::new(Duration::from_secs(3), 5);
        Self { state: Mutex::default(), changes, limits }
    }

    /// The whole wall, and what follows it. Under the lock: a headline is on the wall or
    /// comes after it, and never neither or both.
    pub(super) fn follow(&self) -> (Bytes, Follower) {
        let state = lock(&self.state);
        let now = self.changes.since(None).cursor();
        let whole = event(Some("wall"), now, &json(&state.shown()));
        (whole, self.changes.follow(now))
    }

    /// Adds a headline, unless it is there already.
    ///
    /// # Errors
    /// When it is no text, comes too soon after others, or the wall is paused.
    pub(super) fn post(&self, post: &Post, request: &HttpRequest) -> Result<()> {
        let key = printable(&post.key, KEY_LIMIT)?.to_owned();
        let text = printable(&post.text, TEXT_LIMIT)?.to_owned();
        self.limits.check(request)?;
        let mut state = lock(&self.state);
        // Known first: the answer was lost, and the wall may have been paused meanwhile.
        if state.headlines.iter().any(|headline| headline.key == key) {
            return Ok(());
        }
        if state.paused {
            return Err(ErrorForbidden(
                "the presenter has paused the wall: post it again when the wall is open",
            ));
        }
        state.newest += 1;
        let (number, at) = (state.newest, unix_millis());
        let headline = Headline { number, text, at, key, hidden: false };
        publish(&self.changes, "headline", &headline);
        state.headlines.push_back(headline);
        if state.headlines.len() > WALL_CAPACITY {
            state.headlines.pop_front();
        }
        Ok(())
    }

    /// Takes a headline off all walls. It stays known, so that it does not come again.
    pub(super) fn hide(&self, number: u64) {
        let mut state = lock(&self.state);
        let known = state.headlines.iter_mut().find(|known| known.number == number);
        if let Some(headline) = known {
            headline.hidden = true;
            publish(&self.changes, "hidden", &number);
        }
    }

    /// Empties all walls. What was on them stays known, as above.
    pub(super) fn clear(&self) {
        let mut state = lock(&self.state);
        state.headlines.iter_mut().for_each(|headline| headline.hidden = true);
        publish(&self.changes, "wall", &state.shown());
    }

    pub(super) fn pause(&self, paused: bool) {
        let mut state = lock(&self.state);
        state.paused = paused;
        publish(&self.changes, "paused", &paused);
    }
}

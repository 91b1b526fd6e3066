//! What the presenter has set for all attendees, and the devices that are present.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lens::{Control, Effect, OutOfRange, Owner, Rule, Scope};
use notes::TalkPath;
use serde::Serialize;
use tokio::time::Instant;

use crate::devices::{Devices, Present};

/// How long the list of devices is cached: pages that ask for it meanwhile get the
/// same one.
const PRESENCE_TTL: Duration = Duration::from_millis(200);

/// The page on which attendees answer the quiz.
const QUIZ: &str = "/quiz/live";

/// The longest path that everyone can be brought to: each device is told it.
const PATH_BYTES_LIMIT: usize = 200;

/// The longest name of a slide.
const SLIDE_BYTES_LIMIT: usize = 50;

/// How long an effect of an attendee's lasts.
const TRY_TTL: Duration = Duration::from_secs(30);

/// How long a stall of an attendee's lasts: the pages give up after 40 s of silence, and
/// that is to be seen.
const STALL_TTL: Duration = Duration::from_secs(45);

/// Shared by all pages of the hub.
pub(crate) struct Room {
    /// Written by the presenter's commands.
    settings: Mutex<RoomSettings>,
    /// The list of devices, and when it was made. Written by the page that asks for it
    /// when it is older than [`PRESENCE_TTL`].
    present: Mutex<Option<(Instant, Arc<Vec<Present>>)>>,
    devices: Arc<Devices>,
    control: Control,
    /// When the workshop started.
    started: Instant,
    /// The same, in Unix milliseconds.
    started_at: u64,
}

/// What the presenter has set, as the pages are told it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RoomSettings {
    /// The page to which everyone was brought, until they are released.
    #[serde(rename = "here")]
    shared_page: Option<String>,
    /// The number of the latest invitation; of each start, they count from the time at
    /// which it began, so that none has the number of another. A page that is elsewhere goes there
    /// when this grows, also when it is the same page once more.
    brought: u64,
    /// The slide that is spoken about.
    slide: Option<String>,
    /// The length of the talk; None, until a speaker has chosen one.
    path: Option<TalkPath>,
    /// How often the slides were closed. A page with the slides leaves them when this
    /// grows, also while it was not connected.
    slides_closed: u64,
    /// Attendees may break their own connections.
    allowed: bool,
}

/// Why a setting was not changed, or an effect not added.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("there is no slide {0:?}: expected a chapter and a number, as in sse/3")]
    Slide(String),
    #[error(
        "the page {0:?} can't be opened for everyone: expected /, /chapter/…, \
         /compare, /gallery, /wire/…, /source, /slides or /quiz"
    )]
    Page(String),
    #[error("attendees are no longer brought to {0}: reload the page")]
    NotBroughtTo(String),
    #[error("the presenter has switched this off for now")]
    NotAllowed,
    #[error(transparent)]
    Effect(#[from] OutOfRange),
}

impl Room {
    pub(crate) fn new(devices: Arc<Devices>, control: Control) -> Self {
        let started_at = feed::unix_millis();
        let settings = RoomSettings {
            shared_page: None,
            brought: started_at,
            slide: None,
            path: None,
            slides_closed: 0,
            allowed: true,
        };
        Self {
            settings: Mutex::new(settings),
            present: Mutex::new(None),
            devices,
            control,
            started: Instant::now(),
            started_at,
        }
    }

    /// The hub's clock: milliseconds since the start.
    pub(crate) fn clock(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// When the workshop started, in Unix milliseconds.
    pub(crate) fn started_at(&self) -> u64 {
        self.started_at
    }

    fn lock(&self) -> MutexGuard<'_, RoomSettings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the presenter set last.
    pub(crate) fn settings(&self) -> RoomSettings {
        self.lock().clone()
    }

    /// Turns to a slide.
    ///
    /// # Errors
    /// When that is no slide's name.
    pub(crate) fn turn_to(&self, slide: String) -> Result<(), Refusal> {
        if !is_slide(&slide) {
            return Err(Refusal::Slide(slide));
        }
        self.lock().slide = Some(slide);
        Ok(())
    }

    /// Chooses the length of the talk.
    pub(crate) fn choose_path(&self, path: TalkPath) {
        self.lock().path = Some(path);
    }

    /// Closes the slides on every device. Nobody is brought to them then.
    pub(crate) fn close_slides(&self) {
        let mut settings = self.lock();
        settings.slide = None;
        settings.slides_closed += 1;
        settings.shared_page.take_if(|page| page.starts_with("/slides"));
    }

    /// Brings everyone to a page; once more, if it is shared already.
    ///
    /// # Errors
    /// When that is no page for everyone.
    pub(crate) fn bring(&self, path: String) -> Result<(), Refusal> {
        if !is_for_everyone(&path) {
            return Err(Refusal::Page(path));
        }
        let mut settings = self.lock();
        settings.shared_page = Some(path);
        settings.brought += 1;
        Ok(())
    }

    /// Repeats an invitation of before this start, with its number: so it calls nobody who
    /// has followed it. It does nothing once there was another.
    ///
    /// # Errors
    /// When that is no page for everyone.
    pub(crate) fn bring_again(
        &self,
        path: String,
        brought: u64,
    ) -> Result<(), Refusal> {
        if !is_for_everyone(&path) {
            return Err(Refusal::Page(path));
        }
        let mut settings = self.lock();
        if settings.brought == self.started_at && brought < self.started_at {
            settings.shared_page = Some(path);
            settings.brought = brought;
        }
        Ok(())
    }

    /// Lets everyone browse freely again, after all were brought to this page.
    ///
    /// # Errors
    /// When they were brought to another, or are free already.
    pub(crate) fn release(&self, path: &str) -> Result<(), Refusal> {
        if self.lock().shared_page.take_if(|page| page == path).is_none() {
            return Err(Refusal::NotBroughtTo(path.to_owned()));
        }
        Ok(())
    }

    /// Whether everyone is brought to the quiz.
    pub(crate) fn is_at_quiz(&self) -> bool {
        self.lock().shared_page.as_deref().is_some_and(|page| page == QUIZ)
    }

    /// Lets attendees break their own connections, or not.
    pub(crate) fn allow(&self, allowed: bool) {
        let mut settings = self.lock();
        settings.allowed = allowed;
        if !allowed {
            self.control.remove(|rule| rule.owner == Owner::Attendee);
        }
    }

    /// Adds an effect for an attendee's own device, for a while; without one, removes
    /// those that the attendee added.
    ///
    /// # Errors
    /// When it is not allowed, or the effect is not within its limits.
    pub(crate) fn try_effect(
        &self,
        client: IpAddr,
        technique: String,
        effect: Option<Effect>,
    ) -> Result<(), Refusal> {
        let scope = Scope { lens: Some(technique), client: Some(client) };
        let Some(effect) = effect else {
            self.control.remove(|rule: &Rule| {
                rule.scope == scope && rule.owner == Owner::Attendee
            });
            return Ok(());
        };
        // Locked until it is added: what the presenter forbids now is removed after that.
        let settings = self.lock();
        if !settings.allowed {
            return Err(Refusal::NotAllowed);
        }
        let ttl = if effect == Effect::Stall { STALL_TTL } else { TRY_TTL };
        self.control.add(Owner::Attendee, scope, effect, Some(ttl))?;
        Ok(())
    }

    /// The devices that are present.
    pub(crate) fn present(&self) -> Arc<Vec<Present>> {
        let mut cached = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        match &*cached {
            Some((at, present)) if at.elapsed() < PRESENCE_TTL => present.clone(),
            _ => {
                let present = Arc::new(self.devices.present());
                *cached = Some((Instant::now(), present.clone()));
                present
            }
        }
    }
}

/// `sse/3`
fn is_slide(name: &str) -> bool {
    let named = name.split_once('/').is_some_and(|(chapter, number)| {
        let letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
        chapter.chars().all(letter) && number.parse::<u8>().is_ok()
    });
    named && name.len() <= SLIDE_BYTES_LIMIT
}

fn is_for_everyone(path: &str) -> bool {
    let pages = [
        "/chapter/",
        "/wire/",
        "/compare",
        "/gallery",
        "/source",
        "/slides",
        "/quiz",
    ];
    let ours = path == "/" || pages.iter().any(|page| path.starts_with(page));
    ours && path.len() <= PATH_BYTES_LIMIT && !path.contains("..")
}

//! The room: what the presenter decided for everyone in it, and the devices that are
//! here.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use lens::{Control, Effect, OutOfRange, Owner, Rule, Scope};
use serde::Serialize;
use tokio::time::Instant;

use crate::devices::{Devices, Present};

/// How long the list of devices is kept: within it, another page that asks costs nothing.
const PRESENCE_TTL: Duration = Duration::from_millis(200);

/// How long an effect of an attendee's lasts.
const TRY_TTL: Duration = Duration::from_secs(30);

/// Shared by all pages of the hub.
pub(crate) struct Room {
    /// Written by the presenter's commands.
    decisions: Mutex<Decisions>,
    /// The list of devices, and when it was made. Written by the page that asks for it
    /// when it is older than [`PRESENCE_TTL`].
    present: Mutex<Option<(Instant, Arc<Vec<Present>>)>>,
    devices: Arc<Devices>,
    control: Control,
    /// When the workshop started.
    started: Instant,
}

/// What the presenter decided, as the pages are told it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Decisions {
    /// The page to which everyone was brought.
    here: Option<String>,
    /// The slide that is spoken about.
    slide: Option<String>,
    /// Attendees may break their own connections.
    allowed: bool,
}

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error("{0:?} is no slide: expected a chapter and a number, as in sse/3")]
    Slide(String),
    #[error(
        "{0:?} is no page for everyone: expected /, /chapter/…, /compare, /wire/…, \
         /source, /slides or /quiz"
    )]
    Page(String),
    #[error("nobody is held at {0} any more: reload the page")]
    NotHere(String),
    #[error("the presenter has switched this off for now")]
    NotAllowed,
    #[error(transparent)]
    Effect(#[from] OutOfRange),
}

impl Room {
    pub(crate) fn new(devices: Arc<Devices>, control: Control) -> Self {
        let decisions = Decisions { here: None, slide: None, allowed: true };
        Self {
            decisions: Mutex::new(decisions),
            present: Mutex::new(None),
            devices,
            control,
            started: Instant::now(),
        }
    }

    /// The clock that commands are given by: milliseconds since the start.
    pub(crate) fn clock(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    fn lock(&self) -> MutexGuard<'_, Decisions> {
        self.decisions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the presenter decided last.
    pub(crate) fn decisions(&self) -> Decisions {
        self.lock().clone()
    }

    /// Turns to a slide, or leaves the slides.
    ///
    /// # Errors
    /// When that is no slide's name.
    pub(crate) fn turn_to(&self, slide: Option<String>) -> Result<(), Refusal> {
        if let Some(slide) = slide.as_ref().filter(|slide| !is_slide(slide)) {
            return Err(Refusal::Slide(slide.clone()));
        }
        self.lock().slide = slide;
        Ok(())
    }

    /// Brings everyone to a page.
    ///
    /// # Errors
    /// When that is no page for everyone.
    pub(crate) fn bring(&self, path: String) -> Result<(), Refusal> {
        if !is_for_everyone(&path) {
            return Err(Refusal::Page(path));
        }
        self.lock().here = Some(path);
        Ok(())
    }

    /// Lets everyone browse freely again, after all were brought to this page.
    ///
    /// # Errors
    /// When they were brought to another, or are free already.
    pub(crate) fn release(&self, path: &str) -> Result<(), Refusal> {
        if self.lock().here.take_if(|here| here == path).is_none() {
            return Err(Refusal::NotHere(path.to_owned()));
        }
        Ok(())
    }

    /// Lets attendees break their own connections, or not.
    pub(crate) fn allow(&self, allowed: bool) {
        let mut decisions = self.lock();
        decisions.allowed = allowed;
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
        let decisions = self.lock();
        if !decisions.allowed {
            return Err(Refusal::NotAllowed);
        }
        self.control.add(Owner::Attendee, scope, effect, Some(TRY_TTL))?;
        Ok(())
    }

    /// The devices that are here.
    pub(crate) fn present(&self) -> Arc<Vec<Present>> {
        let mut known = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((at, present)) if at.elapsed() < PRESENCE_TTL => present.clone(),
            _ => {
                let present = Arc::new(self.devices.present());
                *known = Some((Instant::now(), present.clone()));
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
    named && name.len() <= 50
}

fn is_for_everyone(path: &str) -> bool {
    let pages = ["/chapter/", "/wire/", "/compare", "/source", "/slides", "/quiz"];
    let ours = path == "/" || pages.iter().any(|page| path.starts_with(page));
    ours && path.len() <= 200 && !path.contains("..")
}

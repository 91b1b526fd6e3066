use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use feed::Feed;
use lens::{Control, Effect, Owner, Rule, Scope};
use serde_json::{Value, json};
use tokio::{
    sync::{Notify, watch},
    time::Instant,
};

use crate::{
    devices::{Devices, Present},
    flags::Flags,
    notifier::Notifier,
    presenter::Key,
    quiz::Quiz,
    rhythm::Rhythm,
    techniques::ByTechnique,
};

/// How long the list of devices is kept: a page more costs nothing.
const GLANCE: Duration = Duration::from_millis(200);

/// What an attendee breaks is whole again after that.
const TRY: Duration = Duration::from_secs(30);

/// What all pages of the workshop are about.
pub(crate) struct Hub {
    /// The one feed. When it is closed, the workshop ends.
    pub(crate) feed: Feed,
    pub(crate) rhythm: watch::Sender<Rhythm>,
    pub(crate) control: Control,
    pub(crate) devices: Arc<Devices>,
    /// One for each technique's server: it is told to begin anew.
    pub(crate) restarts: [Notify; 5],
    pub(crate) key: Key,
    pub(crate) quiz: Quiz,
    /// Where the presenter brought everyone.
    here: Mutex<Option<String>>,
    /// The slide that is spoken about.
    slide: Mutex<Option<String>>,
    /// Attendees may break their own connections.
    allowed: AtomicBool,
    /// The list of devices, and when it was made.
    present: Mutex<Option<(Instant, Arc<Vec<Present>>)>>,
    pub(crate) notifier: Notifier,
    started: Instant,
}

impl Hub {
    pub(crate) fn new(flags: &Flags, first: &str, quiz: Quiz, key: Key) -> Self {
        let rhythm = Rhythm { paused: false, every: flags.common.every, asked: 0 };
        Self {
            feed: Feed::new(flags.common.keep, first),
            rhythm: watch::Sender::new(rhythm),
            control: Control::default(),
            devices: Arc::default(),
            restarts: Default::default(),
            key,
            quiz,
            here: Mutex::new(None),
            slide: Mutex::new(None),
            allowed: AtomicBool::new(true),
            present: Mutex::new(None),
            notifier: Notifier::default(),
            started: Instant::now(),
        }
    }

    /// Milliseconds since the start: the clock that commands are given by.
    pub(crate) fn now(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }

    /// Tells all pages that something is not as it was.
    pub(crate) fn changed(&self) {
        self.notifier.notify();
    }

    /// To be told of that.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.notifier.subscribe()
    }

    fn here(&self) -> MutexGuard<'_, Option<String>> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slide(&self) -> MutexGuard<'_, Option<String>> {
        self.slide.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Turns to a slide, or leaves the slides.
    ///
    /// # Errors
    /// Says what was expected, of what is no slide's name.
    pub(crate) fn turn_to(&self, slide: Option<String>) -> Result<(), String> {
        if let Some(slide) = &slide {
            let named = slide.split_once('/').is_some_and(|(chapter, number)| {
                let letter = |c: char| c.is_ascii_alphanumeric() || c == '-';
                chapter.chars().all(letter) && number.parse::<u8>().is_ok()
            });
            if !named || slide.len() > 50 {
                return Err(format!("{slide:?} is no slide: expected sse/3"));
            }
        }
        *self.slide() = slide;
        self.changed();
        Ok(())
    }

    /// Brings everyone to a page.
    ///
    /// # Errors
    /// Says what was expected, of what is no page of the workshop.
    pub(crate) fn bring(&self, path: String) -> Result<(), String> {
        let pages =
            ["/chapter/", "/wire/", "/compare", "/source", "/slides", "/quiz"];
        let ours = path == "/" || pages.iter().any(|page| path.starts_with(page));
        if !ours || path.len() > 200 || path.contains("..") {
            return Err(format!(
                "{path:?} is no page for everyone: expected /, /chapter/…, \
                 /compare, /wire/…, /source, /slides or /quiz"
            ));
        }
        *self.here() = Some(path);
        self.changed();
        Ok(())
    }

    /// Lets everyone browse freely again, after all were brought to this page.
    ///
    /// # Errors
    /// When they were brought to another, or are free already.
    pub(crate) fn release(&self, path: &str) -> Result<(), String> {
        let mut here = self.here();
        if here.take_if(|here| here == path).is_none() {
            return Err(format!(
                "nobody is held at {path} any more: reload the page"
            ));
        }
        drop(here);
        self.changed();
        Ok(())
    }

    /// Lets attendees break their own connections, or not.
    pub(crate) fn allow(&self, allowed: bool) {
        self.allowed.store(allowed, Ordering::SeqCst);
        if !allowed {
            self.control.remove(|rule| rule.owner == Owner::Attendee);
        }
        self.changed();
    }

    /// An attendee breaks what is their own, for a while, or mends it.
    ///
    /// # Errors
    /// Says why not.
    pub(crate) fn try_effect(
        &self,
        client: IpAddr,
        technique: String,
        effect: Option<Effect>,
    ) -> Result<(), String> {
        let scope = Scope { lens: Some(technique), client: Some(client) };
        let theirs =
            |rule: &Rule| rule.scope == scope && rule.owner == Owner::Attendee;
        let Some(effect) = effect else {
            self.control.remove(theirs);
            self.changed();
            return Ok(());
        };
        if !self.allowed.load(Ordering::SeqCst) {
            return Err("the presenter has switched this off for now".into());
        }
        self.control
            .add(Owner::Attendee, scope.clone(), effect, Some(TRY))
            .map_err(|error| error.to_string())?;
        // The presenter may have decided meanwhile.
        if !self.allowed.load(Ordering::SeqCst) {
            self.control.remove(theirs);
        }
        self.changed();
        Ok(())
    }

    fn present(&self) -> Arc<Vec<Present>> {
        let mut known = self.present.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((at, present)) if at.elapsed() < GLANCE => present.clone(),
            _ => {
                let present = Arc::new(self.devices.present());
                *known = Some((Instant::now(), present.clone()));
                present
            }
        }
    }

    /// What a page shows of the room; more of it to the presenter.
    pub(crate) fn room(&self, client: IpAddr, presenter: bool) -> Value {
        let Rhythm { paused, every, .. } = *self.rhythm.borrow();
        let newest = self.feed.since(None).cursor().map(|cursor| cursor.seq);
        let present = self.present();
        let mut open = [0; 5];
        for device in present.iter() {
            for (sum, theirs) in open.iter_mut().zip(device.open) {
                *sum += theirs;
            }
        }
        let effects: Vec<_> = self
            .control
            .rules()
            .into_iter()
            .filter(|rule| {
                presenter
                    || rule.scope.client.is_none_or(|address| address == client)
            })
            .map(|rule| {
                let left = rule.until.map(|until| {
                    until.saturating_duration_since(Instant::now()).as_secs() + 1
                });
                let mut effect = json!(rule.effect);
                effect["technique"] = json!(rule.scope.lens);
                effect["client"] = json!(rule.scope.client);
                let you = rule.scope.client == Some(client);
                effect["you"] = json!(you);
                effect["by"] = json!(match rule.owner {
                    Owner::Presenter => "presenter",
                    Owner::Attendee if you => "you",
                    Owner::Attendee => "attendee",
                });
                effect["left"] = json!(left);
                effect
            })
            .collect();
        let mut room = json!({
            "devices": present.iter().filter(|device| device.pages > 0).count(),
            "here": *self.here(),
            "slide": *self.slide(),
            "paused": paused,
            "every": every.as_millis() as u64,
            "newest": newest,
            "allowed": self.allowed.load(Ordering::SeqCst),
            "effects": effects,
            "open": ByTechnique(open),
        });
        if presenter {
            let clients: Vec<_> = present
                .iter()
                .map(|Present { client, pages, open }| {
                    json!({"client": client, "pages": pages, "open": ByTechnique(*open)})
                })
                .collect();
            room["clients"] = json!(clients);
            room["now"] = json!(self.now());
        }
        room
    }

    /// What each technique cost: a device, or all.
    pub(crate) fn accounts(&self, client: Option<IpAddr>) -> Value {
        json!(ByTechnique(self.devices.accounts(client)))
    }
}

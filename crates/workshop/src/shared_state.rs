//! The state that the parts of the workshop share. It is made once, and each part is
//! given what it needs of it, and no more.

use std::sync::Arc;

use feed::Feed;
use gallery::{Clients, Presenter};
use lens::{ConnectionLimit, Control, TrustedProxies};
use stage::Hosts;
use tokio::sync::{Notify, watch};

use crate::{
    devices::Devices,
    flags::Flags,
    live::{Commands, View},
    notifier::Notifier,
    presenter::PresenterAuth,
    quiz::Quiz,
    rhythm::Rhythm,
    room::Room,
    servers::Served,
    techniques::SERVED,
};

pub(crate) struct SharedState {
    /// The one feed. When it is closed, the workshop ends.
    pub(crate) feed: Feed,
    /// When samples are published. Written by the presenter's commands.
    pub(crate) rhythm: watch::Sender<Rhythm>,
    /// The effects that are on. Written by the presenter's commands and by what attendees
    /// try, and when an effect's time is over.
    pub(crate) control: Control,
    pub(crate) devices: Arc<Devices>,
    pub(crate) notifier: Notifier,
    pub(crate) room: Arc<Room>,
    pub(crate) quiz: Arc<Quiz>,
    pub(crate) auth: Arc<PresenterAuth>,
    /// Those of `--behind`.
    pub(crate) proxies: TrustedProxies,
    /// One for each technique's server: a command of the presenter's notifies it.
    pub(crate) restarts: Arc<[Notify; SERVED.len()]>,
    /// The gallery has a key of its own: it passes the lens with each request, and may be
    /// shown.
    pub(crate) gallery: Presenter,
}

impl SharedState {
    /// The state at the start: this feed, and no device yet.
    pub(crate) fn new(
        flags: &Flags,
        feed: Feed,
        quiz: Quiz,
        auth: PresenterAuth,
    ) -> Self {
        let rhythm =
            Rhythm { paused: false, every: flags.common.every, requested: 0 };
        let (devices, control) = (Arc::<Devices>::default(), Control::default());
        Self {
            feed,
            rhythm: watch::Sender::new(rhythm),
            room: Arc::new(Room::new(devices.clone(), control.clone())),
            control,
            devices,
            notifier: Notifier::default(),
            quiz: Arc::new(quiz),
            auth: Arc::new(auth),
            proxies: TrustedProxies::new(&flags.behind),
            restarts: Arc::default(),
            gallery: Presenter::new(None),
        }
    }

    /// What pages are told of.
    pub(crate) fn view(&self) -> View {
        View {
            feed: self.feed.clone(),
            rhythm: self.rhythm.subscribe(),
            control: self.control.clone(),
            devices: self.devices.clone(),
            room: self.room.clone(),
            notifier: self.notifier.clone(),
        }
    }

    /// What the presenter may change.
    pub(crate) fn commands(&self) -> Commands {
        Commands {
            room: self.room.clone(),
            rhythm: self.rhythm.clone(),
            control: self.control.clone(),
            devices: self.devices.clone(),
            quiz: self.quiz.clone(),
            restarts: self.restarts.clone(),
            notifier: self.notifier.clone(),
        }
    }

    /// What the five servers need, with at most this many connections through all lenses.
    pub(crate) fn served(&self, hosts: Hosts, connections: usize) -> Served {
        Served {
            feed: self.feed.clone(),
            control: self.control.clone(),
            devices: self.devices.clone(),
            notifier: self.notifier.clone(),
            restarts: self.restarts.clone(),
            hosts,
            limit: ConnectionLimit::new(connections),
            proxies: self.proxies.clone(),
            gallery: self.gallery.clone(),
            clients: Clients::default(),
        }
    }
}

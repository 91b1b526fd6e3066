//! The state that every page is sent, as the message `room`.

use std::{net::IpAddr, sync::Arc};

use feed::Feed;
use lens::{Account, Control, Effect, Owner, Rule};
use serde::Serialize;
use tokio::{sync::watch, time::Instant};

use crate::{
    devices::{Devices, Present},
    notifier::Notifier,
    rhythm::Rhythm,
    room::{Room, RoomSettings},
    techniques::{ByTechnique, SERVED},
};

/// What the WebSocket of any page needs: the state that it sends, and the three changes
/// that every page may make: to enter, to leave, and to try an effect on its own device.
/// What only the presenter may change is in [`Commands`](super::Commands).
pub(crate) struct View {
    pub(crate) feed: Feed,
    pub(crate) rhythm: watch::Receiver<Rhythm>,
    pub(crate) control: Control,
    pub(crate) devices: Arc<Devices>,
    pub(crate) room: Arc<Room>,
    pub(crate) notifier: Notifier,
}

/// The message `room`, for one page; with more in it for the presenter's.
#[derive(Debug, Serialize)]
pub(super) struct RoomState {
    /// How many devices have a page open, besides the presenter's.
    devices: usize,
    #[serde(flatten)]
    settings: RoomSettings,
    paused: bool,
    /// Mean time between two samples, in milliseconds.
    every: u64,
    /// The number of the newest sample.
    newest: Option<u64>,
    effects: Vec<EffectState>,
    /// Open connections to each technique.
    open: ByTechnique<u64>,
    #[serde(flatten)]
    presenter: Option<PresenterState>,
}

#[derive(Debug, Serialize)]
struct PresenterState {
    clients: Vec<Present>,
    /// When the workshop started, in Unix milliseconds: another time is another start.
    started: u64,
    /// The hub's clock, on which commands say until when they may be executed.
    now: u64,
}

/// An effect that is on.
#[derive(Debug, Serialize)]
struct EffectState {
    #[serde(flatten)]
    effect: Effect,
    /// `None` is all.
    technique: Option<String>,
    /// `None` is all.
    client: Option<IpAddr>,
    /// It is for this device alone.
    you: bool,
    by: By,
    /// Seconds until it ends by itself, if it does.
    left: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum By {
    Presenter,
    You,
    Attendee,
}

impl View {
    /// The message `room` for a page of this device.
    pub(super) fn room_state(&self, client: IpAddr, presenter: bool) -> RoomState {
        let Rhythm { paused, every, .. } = *self.rhythm.borrow();
        let present = self.room.present();
        let mut open = [0; SERVED.len()];
        for device in present.iter() {
            for (sum, theirs) in open.iter_mut().zip(device.open.0) {
                *sum += theirs;
            }
        }
        let rules = self.control.rules().into_iter();
        RoomState {
            devices: present
                .iter()
                .filter(|device| device.pages > 0 && !device.is_presenters())
                .count(),
            settings: self.room.settings(),
            paused,
            every: every.as_millis() as u64,
            newest: self.feed.since(None).cursor().map(|cursor| cursor.seq),
            effects: rules
                .filter(|rule| presenter || is_shown_to(rule, client))
                .map(|rule| EffectState::of(rule, client))
                .collect(),
            open: ByTechnique(open),
            presenter: presenter.then(|| PresenterState {
                clients: present.to_vec(),
                started: self.room.started_at(),
                now: self.room.clock(),
            }),
        }
    }

    /// What each technique cost a device, or all.
    pub(super) fn accounts(&self, client: Option<IpAddr>) -> ByTechnique<Account> {
        ByTechnique(self.devices.accounts(client))
    }
}

fn is_shown_to(rule: &Rule, client: IpAddr) -> bool {
    rule.scope.client.is_none_or(|address| address == client)
}

impl EffectState {
    /// An effect as it is shown to this device.
    fn of(rule: Rule, client: IpAddr) -> Self {
        let you = rule.scope.client == Some(client);
        Self {
            effect: rule.effect,
            technique: rule.scope.lens,
            client: rule.scope.client,
            you,
            by: match rule.owner {
                Owner::Presenter => By::Presenter,
                Owner::Attendee if you => By::You,
                Owner::Attendee => By::Attendee,
            },
            left: rule.until.map(|until| {
                until.saturating_duration_since(Instant::now()).as_secs() + 1
            }),
        }
    }
}

//! Executes the presenter's commands.

use std::{sync::Arc, time::Duration};

use lens::{Control, Effect, Owner, Scope};
use tokio::sync::{Notify, watch};

use super::{
    error::Error,
    messages::{Action, Command, FeedAction, Invitation, Lenient, Set, True},
};
use crate::{
    devices::Devices,
    notifier::Notifier,
    quiz::Quiz,
    rhythm::Rhythm,
    room::Room,
    techniques::{self, SERVED},
};

/// The most samples that the presenter publishes at once.
const PUBLISH_LIMIT: u64 = 10_000;

/// All that the presenter may change.
pub(crate) struct Commands {
    pub(crate) room: Arc<Room>,
    pub(crate) rhythm: watch::Sender<Rhythm>,
    pub(crate) control: Control,
    pub(crate) devices: Arc<Devices>,
    pub(crate) quiz: Arc<Quiz>,
    /// One for each server, which restarts when it is notified.
    pub(crate) restarts: Arc<[Notify; SERVED.len()]>,
    pub(crate) notifier: Notifier,
}

impl Commands {
    /// Executes a command, if it came in time.
    ///
    /// # Errors
    /// Why it was not done.
    pub(super) fn execute(&self, command: Command) -> Result<(), Error> {
        let Command { until, action: Lenient(action), .. } = command;
        if self.room.clock() > until {
            return Err(Error::TooLate);
        }
        self.act(action.map_err(Error::NotUnderstood)?)?;
        self.notifier.notify();
        Ok(())
    }

    fn act(&self, action: Action) -> Result<(), Error> {
        match action {
            Action::Set(set) => self.set(set)?,
            Action::Off(True) => {
                self.control.remove(|_| true);
            }
            Action::Feed(action) => self.feed(&action)?,
            Action::Restart(technique) => {
                self.restarts[techniques::find(&technique)?].notify_one();
            }
            Action::Bring(path) => self.room.bring(path)?,
            Action::BringAgain(Invitation { page, brought }) => {
                self.room.bring_again(page, brought)?;
            }
            Action::Release(path) => self.room.release(&path)?,
            Action::Slide(Some(slide)) => self.room.turn_to(slide)?,
            Action::Slide(None) => self.room.close_slides(),
            Action::Path(path) => {
                self.room.choose_path(path);
                self.quiz.choose_path(path);
            }
            Action::Allow(allowed) => self.room.allow(allowed),
            Action::Reset(True) => self.devices.reset(),
            Action::Quiz(command) => self.quiz.execute(command)?,
        }
        Ok(())
    }

    fn set(&self, set: Set) -> Result<(), Error> {
        let Set { technique, client, on, effect: Lenient(effect) } = set;
        if let Some(technique) = &technique {
            techniques::find(technique)?;
        }
        let scope = Scope { lens: technique, client };
        let effect: Effect = effect.map_err(Error::NotAnEffect)?;
        if on {
            return Ok(self.control.add(Owner::Presenter, scope, effect, None)?);
        }
        let name = effect.name();
        if self.control.remove(|rule| rule.matches(&scope, name)) {
            Ok(())
        } else {
            Err(Error::EffectIsOff(name))
        }
    }

    fn feed(&self, action: &FeedAction) -> Result<(), Error> {
        match *action {
            FeedAction::Paused(paused) => {
                self.rhythm.send_modify(|rhythm| rhythm.paused = paused);
            }
            FeedAction::Publish(count) if count <= PUBLISH_LIMIT => {
                self.rhythm.send_modify(|rhythm| rhythm.requested += count);
            }
            FeedAction::Publish(count) => {
                return Err(Error::TooManySamples { count, limit: PUBLISH_LIMIT });
            }
            FeedAction::Every(every @ 10..=60_000) => {
                let every = Duration::from_millis(every);
                self.rhythm.send_modify(|rhythm| rhythm.every = every);
            }
            FeedAction::Every(every) => return Err(Error::Rhythm(every)),
        }
        Ok(())
    }
}

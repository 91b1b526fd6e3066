//! The effects that are on, for which connections, and until when.

use std::{net::IpAddr, time::Duration};

use tokio::{
    select,
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::effects::{Effect, OutOfRange};

/// How long a cut is kept as a rule: long enough that each connection has seen it.
const CUT_TTL: Duration = Duration::from_secs(1);

/// The connections that an effect is for; `None` means all.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scope {
    /// The name of a lens.
    pub lens: Option<String>,
    /// The address of a client.
    pub client: Option<IpAddr>,
}

/// The person who added an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// May remove any effect.
    Presenter,
    /// May remove their own effects, and none of the presenter's.
    Attendee,
}

/// An effect that is on.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The person it belongs to.
    pub owner: Owner,
    /// The connections that it is for.
    pub scope: Scope,
    /// The effect, with its strength.
    pub effect: Effect,
    /// When it was added.
    pub since: Instant,
    /// When it ends by itself, if it does.
    pub until: Option<Instant>,
}

/// The effects that are on, for any number of lenses. A clone is another handle.
#[derive(Debug, Clone)]
pub struct Control {
    /// Written by [`add`](Self::add) and [`remove`](Self::remove), which the desk, the pages
    /// of attendees and [`expire_rules`](Self::expire_rules) call; each connection reads it.
    rules: watch::Sender<Vec<Rule>>,
}

impl Default for Control {
    fn default() -> Self {
        Self { rules: watch::Sender::new(Vec::new()) }
    }
}

impl Control {
    /// Adds an effect. It replaces the same effect of the same owner for the same
    /// connections; the presenter's replaces an attendee's, too. It ends by itself
    /// after `duration`, if there is one: [`Control::expire_rules`] sees to that.
    ///
    /// # Errors
    /// When a number of the effect is out of its range.
    pub fn add(
        &self,
        owner: Owner,
        scope: Scope,
        effect: Effect,
        duration: Option<Duration>,
    ) -> Result<(), OutOfRange> {
        effect.check()?;
        let since = Instant::now();
        let until = duration.map(|duration| since + duration);
        self.rules.send_modify(|rules| {
            rules.retain(|rule| {
                let replaced = rule.matches(&scope, effect.name())
                    && (owner == Owner::Presenter || rule.owner == owner);
                !replaced && !rule.is_over()
            });
            rules.push(Rule { owner, scope, effect, since, until });
        });
        Ok(())
    }

    /// Removes the effects for which `which` holds, and says whether there were any.
    pub fn remove(&self, which: impl Fn(&Rule) -> bool) -> bool {
        let mut any = false;
        self.rules.send_if_modified(|rules| {
            let before = rules.len();
            rules.retain(|rule| {
                let off = !rule.is_over() && which(rule);
                any |= off;
                !off && !rule.is_over()
            });
            rules.len() != before
        });
        any
    }

    /// Removes each effect when its time is over, for as long as it is polled.
    pub async fn expire_rules(&self) {
        let mut rules = self.rules.subscribe();
        loop {
            let next =
                rules.borrow_and_update().iter().filter_map(|rule| rule.until).min();
            select! {
                // It can't fail: we hold the other end.
                _ = rules.changed() => {}
                () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                    // `remove` also drops the rules whose time is over.
                    self.remove(|_| false);
                }
            }
        }
    }

    /// The effects that are on.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        let rules = self.rules.borrow();
        rules.iter().filter(|rule| rule.effect != Effect::Cut).cloned().collect()
    }

    /// A receiver that changes when an effect is added or removed.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Vec<Rule>> {
        self.rules.subscribe()
    }
}

impl Rule {
    /// Whether it is this effect, for the same connections.
    #[must_use]
    pub fn matches(&self, scope: &Scope, effect: &str) -> bool {
        self.scope == *scope && self.effect.name() == effect
    }

    /// Whether it applies to this client's connections through this lens.
    #[must_use]
    pub fn applies_to(&self, lens: &str, client: IpAddr) -> bool {
        self.scope.lens.as_deref().is_none_or(|name| name == lens)
            && self.scope.client.is_none_or(|address| address == client)
    }

    fn is_over(&self) -> bool {
        let cut = self.effect == Effect::Cut && self.since.elapsed() > CUT_TTL;
        cut || self.until.is_some_and(|until| until <= Instant::now())
    }
}

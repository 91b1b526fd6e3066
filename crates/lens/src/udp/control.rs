//! The handle by which a relay's conditions are changed while it runs, and its account
//! is read.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::{account::UdpAccount, conditions::Conditions};
use crate::effects::OutOfRange;

/// A handle of one relay or several. A clone is another handle of the same.
#[derive(Debug, Clone)]
pub struct UdpControl {
    /// Written by [`set`](Self::set) alone; each relay reads it.
    conditions: watch::Sender<Conditions>,
    /// Written by the relays with each datagram; read by [`account`](Self::account).
    account: Arc<Mutex<UdpAccount>>,
}

impl Default for UdpControl {
    fn default() -> Self {
        let conditions = watch::Sender::new(Conditions::default());
        Self { conditions, account: Arc::default() }
    }
}

impl UdpControl {
    /// Changes the conditions, also for the datagrams that are held.
    ///
    /// # Errors
    /// When a number is out of its range: then nothing changes.
    pub fn set(&self, conditions: Conditions) -> Result<(), OutOfRange> {
        conditions.check()?;
        self.conditions.send_replace(conditions);
        Ok(())
    }

    /// The conditions now.
    #[must_use]
    pub fn conditions(&self) -> Conditions {
        *self.conditions.borrow()
    }

    /// What passed until now.
    #[must_use]
    pub fn account(&self) -> UdpAccount {
        *self.account.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<Conditions> {
        self.conditions.subscribe()
    }

    pub(super) fn count<R>(&self, change: impl FnOnce(&mut UdpAccount) -> R) -> R {
        change(&mut self.account.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

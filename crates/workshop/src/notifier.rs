//! Wakes the pages of the hub when something that they show is not as it was.

use tokio::sync::watch;

/// A signal without content. A clone is another handle to the same one.
#[derive(Clone, Default)]
pub(crate) struct Notifier(watch::Sender<()>);

impl Notifier {
    /// Something changed: each page looks at all of it again, soon.
    pub(crate) fn notify(&self) {
        self.0.send_replace(());
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}

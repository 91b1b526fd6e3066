//! The channel of a feed: tokio's. In this crate's unit tests, one in which a test does
//! something between any two steps of a reader.

#[cfg(test)]
pub(crate) use self::interleaved::{Receiver, Sender, interleave};
#[cfg(not(test))]
pub(crate) use tokio::sync::watch::{Receiver, Sender};

/// Tokio's channel, in the same words. All that a reader does is a sequence of steps, and
/// a thread that publishes can come in before each of them. Here a test says before which:
/// so it tries one after the other, where threads would have to be lucky.
#[cfg(test)]
mod interleaved {
    use std::{cell::RefCell, ops::Deref};

    use tokio::sync::watch::{self, error::RecvError};

    /// How many steps to let pass, and what to do then.
    type Plan = (usize, Box<dyn FnOnce()>);

    thread_local! {
        /// Set by `interleave`, taken out by the step before which it is done.
        static PLAN: RefCell<Option<Plan>> = const { RefCell::new(None) };
    }

    /// Does `act` before the step with the number `steps`, counted from 0. What is returned
    /// says whether that step has come: it ends the plan.
    pub(crate) fn interleave(
        steps: usize,
        act: impl FnOnce() + 'static,
    ) -> impl FnOnce() -> bool {
        PLAN.set(Some((steps, Box::new(act))));
        || PLAN.take().is_none()
    }

    fn step() {
        let act = PLAN.with_borrow_mut(|plan| match plan {
            Some((0, _)) => plan.take(),
            Some((steps, _)) => {
                *steps -= 1;
                None
            }
            None => None,
        });
        if let Some((_, act)) = act {
            act();
        }
    }

    #[derive(Debug, Clone)]
    pub(crate) struct Sender<T>(watch::Sender<T>);

    impl<T> Sender<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(watch::Sender::new(value))
        }

        pub(crate) fn subscribe(&self) -> Receiver<T> {
            step();
            Receiver(self.0.subscribe())
        }
    }

    /// What no reader calls is tokio's.
    impl<T> Deref for Sender<T> {
        type Target = watch::Sender<T>;

        fn deref(&self) -> &Self::Target {
            &self.0
        }
    }

    #[derive(Debug)]
    pub(crate) struct Receiver<T>(watch::Receiver<T>);

    impl<T> Receiver<T> {
        pub(crate) fn borrow(&self) -> watch::Ref<'_, T> {
            step();
            self.0.borrow()
        }

        pub(crate) fn borrow_and_update(&mut self) -> watch::Ref<'_, T> {
            step();
            self.0.borrow_and_update()
        }

        pub(crate) fn mark_unchanged(&mut self) {
            step();
            self.0.mark_unchanged();
        }

        pub(crate) async fn changed(&mut self) -> Result<(), RecvError> {
            step();
            self.0.changed().await
        }

        pub(crate) async fn wait_for(
            &mut self,
            condition: impl FnMut(&T) -> bool,
        ) -> Result<watch::Ref<'_, T>, RecvError> {
            step();
            self.0.wait_for(condition).await
        }
    }

    impl<T> Clone for Receiver<T> {
        fn clone(&self) -> Self {
            step();
            Self(self.0.clone())
        }
    }
}

//! The lock of a feed and what wakes its readers: the standard library's and tokio's. In
//! this crate's unit tests, those with which a test does something between any two steps
//! of a reader.

#[cfg(test)]
pub(crate) use self::interleaved::{Notify, RwLock, interleave};
#[cfg(not(test))]
pub(crate) use {std::sync::RwLock, tokio::sync::Notify};

/// The same in the same words. All that a reader does is a sequence of steps, and a thread
/// that publishes can come in before each of them. Here a test says before which: so it
/// tries one after the other, where threads would have to be lucky.
#[cfg(test)]
mod interleaved {
    use std::{
        cell::RefCell,
        sync::{self, LockResult, RwLockReadGuard, RwLockWriteGuard},
    };

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

    #[derive(Debug)]
    pub(crate) struct RwLock<T>(sync::RwLock<T>);

    impl<T> RwLock<T> {
        pub(crate) fn new(value: T) -> Self {
            Self(sync::RwLock::new(value))
        }

        pub(crate) fn read(&self) -> LockResult<RwLockReadGuard<'_, T>> {
            step();
            self.0.read()
        }

        pub(crate) fn write(&self) -> LockResult<RwLockWriteGuard<'_, T>> {
            self.0.write()
        }
    }

    #[derive(Debug, Default)]
    pub(crate) struct Notify(tokio::sync::Notify);

    impl Notify {
        pub(crate) fn notify_waiters(&self) {
            self.0.notify_waiters();
        }

        /// Two steps: it is made, and it is waited for.
        pub(crate) fn notified(&self) -> impl Future<Output = ()> {
            step();
            let notified = self.0.notified();
            async {
                step();
                notified.await;
            }
        }
    }
}

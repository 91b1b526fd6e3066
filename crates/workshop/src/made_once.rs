//! A cache for values that take a while to make.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

/// A cache that makes each value once, even when several requests ask for it at the
/// same time.
pub(crate) struct MadeOnce<K, V> {
    limit: usize,
    /// Written by the first request for a key; cleared when it is full.
    values: Mutex<HashMap<K, Arc<OnceCell<V>>>>,
}

impl<K: Clone + Eq + Hash, V: Clone> MadeOnce<K, V> {
    /// Keeps at most `limit` values. When it is full, all are dropped before the
    /// next one.
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, values: Mutex::default() }
    }

    /// The value of a key.
    ///
    /// # Errors
    /// When it can't be made; the next request tries again.
    pub(crate) async fn get<E>(
        &self,
        key: K,
        make: impl AsyncFnOnce(K) -> Result<V, E>,
    ) -> Result<V, E> {
        let cell = {
            let mut values =
                self.values.lock().unwrap_or_else(PoisonError::into_inner);
            if values.len() >= self.limit && !values.contains_key(&key) {
                values.clear();
            }
            values.entry(key.clone()).or_default().clone()
        };
        cell.get_or_try_init(|| make(key)).await.cloned()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tokio::{join, task::yield_now};

    use super::*;

    #[tokio::test]
    async fn a_value_is_made_once_for_all_that_wait_and_again_after_a_failure() {
        let values = MadeOnce::new(2);
        let made = Cell::new(0);
        let make = async |key: &str| {
            made.set(made.get() + 1);
            yield_now().await; // so that the others come meanwhile
            if made.get() == 1 { Err("the first time") } else { Ok(key.len()) }
        };
        assert_eq!(values.get("one", make).await, Err("the first time"));
        let get = || values.get("one", make);
        assert_eq!(join!(get(), get(), get()), (Ok(3), Ok(3), Ok(3)));
        assert_eq!(get().await, Ok(3));
        assert_eq!(made.get(), 2);
        // Another key, another value.
        assert_eq!(join!(values.get("three", make), get()), (Ok(5), Ok(3)));
        assert_eq!(made.get(), 3);
        // There is no place for one more: it is kept instead of the two.
        assert_eq!(values.get("four", make).await, Ok(4));
        assert_eq!((values.get("four", make).await, get().await), (Ok(4), Ok(3)));
        assert_eq!(made.get(), 5);
    }
}

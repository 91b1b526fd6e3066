use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many connections there may be, over any number of lenses or servers. A clone is
/// another handle. No address takes more than half of them.
#[derive(Debug, Clone)]
pub struct Places(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    most: usize,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<IpAddr, usize>,
}

/// One of the places; free again when it is dropped.
#[derive(Debug)]
pub struct Place {
    places: Places,
    client: IpAddr,
}

impl Places {
    /// So many.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Shared { most, taken: Mutex::default() }))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a client, if there is one.
    #[must_use]
    pub fn take(&self, client: IpAddr) -> Option<Place> {
        let mut taken = self.taken();
        let theirs = taken.by.get(&client).copied().unwrap_or(0);
        if taken.all >= self.0.most || theirs >= self.0.most.div_ceil(2) {
            return None;
        }
        taken.all += 1;
        taken.by.insert(client, theirs + 1);
        Some(Place { places: self.clone(), client })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken();
        taken.all -= 1;
        if let Some(theirs) = taken.by.get_mut(&self.client) {
            *theirs -= 1;
            if *theirs == 0 {
                taken.by.remove(&self.client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_leaves_half_to_the_others() {
        let [ada, bob, eve] = [1, 2, 3].map(|n| IpAddr::from([127, 0, 0, n]));
        let places = Places::new(4);
        let hers: Vec<_> = (0..9).filter_map(|_| places.take(ada)).collect();
        assert_eq!(hers.len(), 2);
        let his: Vec<_> = (0..9).filter_map(|_| places.take(bob)).collect();
        assert_eq!(his.len(), 2);
        assert!(places.take(eve).is_none());
        drop(hers);
        assert!(places.take(eve).is_some());
        assert!(
            places.0.taken.lock().unwrap().by.len() == 1,
            "a client that left is forgotten"
        );
    }
}

//! How many connections there may be at a time, and that no one device takes them all.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// The least time between two log lines about connections over a limit: a client that is
/// reset often tries again at once, and its lines would be all that the terminal shows.
const LOG_INTERVAL: Duration = Duration::from_secs(1);

/// How many connections there may be, over any number of lenses or servers. A clone is
/// another handle. No device takes more than half of them.
#[derive(Debug, Clone)]
pub struct ConnectionLimit(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    /// Counted up by [`ConnectionLimit::try_acquire`], and down when a permit is dropped.
    taken: Mutex<Taken>,
    /// When a connection over the limit was last logged; written by
    /// [`ConnectionLimit::should_log`].
    logged: Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    /// Only devices that have at least one.
    by_device: HashMap<IpAddr, usize>,
}

/// The right to one connection; it is given back when this is dropped.
#[derive(Debug)]
pub struct Permit {
    limit: ConnectionLimit,
    device: IpAddr,
}

impl ConnectionLimit {
    /// At most `limit` connections at a time.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let (taken, logged) = (Mutex::default(), Mutex::default());
        Self(Arc::new(Shared { limit, taken, logged }))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        self.0.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A permit for a connection of this client, unless all are taken, or half of all
    /// by its device.
    #[must_use]
    pub fn try_acquire(&self, client: IpAddr) -> Option<Permit> {
        let mut taken = self.taken();
        let device = device::of(client);
        let of_device = taken.by_device.get(&device).copied().unwrap_or(0);
        let Shared { limit, .. } = *self.0;
        if taken.total >= limit || of_device >= limit.div_ceil(2) {
            return None;
        }
        taken.total += 1;
        taken.by_device.insert(device, of_device + 1);
        Some(Permit { limit: self.clone(), device })
    }

    /// Whether to log a connection without a permit: not when another was a moment ago.
    #[must_use]
    pub fn should_log(&self) -> bool {
        self.should_log_at(Instant::now())
    }

    fn should_log_at(&self, now: Instant) -> bool {
        let mut logged =
            self.0.logged.lock().unwrap_or_else(PoisonError::into_inner);
        let due = logged.is_none_or(|last| now >= last + LOG_INTERVAL);
        if due {
            *logged = Some(now);
        }
        due
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.limit.taken();
        taken.total -= 1;
        if let Some(of_device) = taken.by_device.get_mut(&self.device) {
            *of_device -= 1;
            if *of_device == 0 {
                taken.by_device.remove(&self.device);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_device_leaves_half_to_the_others() {
        let [ada, bob, eve] = [1, 2, 3].map(|n| IpAddr::from([127, 0, 0, n]));
        let limit = ConnectionLimit::new(4);
        let nine = |client| -> Vec<_> {
            (0..9).filter_map(|_| limit.try_acquire(client)).collect()
        };
        let hers = nine(ada);
        assert_eq!(hers.len(), 2);
        let his = nine(bob);
        assert_eq!(his.len(), 2);
        assert!(limit.try_acquire(eve).is_none());
        drop(hers);
        assert!(limit.try_acquire(eve).is_some());
        let remembered = limit.taken().by_device.len();
        assert_eq!(remembered, 1, "a device that left is forgotten");
    }

    #[test]
    fn a_device_has_half_however_many_addresses_it_uses() {
        let limit = ConnectionLimit::new(100);
        let network = 0x2001_0db8_u128 << 96;
        let permits = (1..=100).filter_map(|n| {
            limit.try_acquire(std::net::Ipv6Addr::from_bits(network | n).into())
        });
        assert_eq!(permits.collect::<Vec<_>>().len(), 50);
    }

    #[test]
    fn each_limit_logs_once_a_second_and_its_clones_do_so_together() {
        let [lens, other] = [(); 2].map(|()| ConnectionLimit::new(1));
        let start = Instant::now();
        assert!(lens.should_log_at(start));
        assert!(!lens.clone().should_log_at(start + LOG_INTERVAL / 2));
        assert!(other.should_log_at(start + LOG_INTERVAL / 2));
        assert!(lens.clone().should_log_at(start + LOG_INTERVAL));
        assert!(!lens.should_log_at(start + LOG_INTERVAL));
    }
}

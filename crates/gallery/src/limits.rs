//! How often devices may write: each of them, and all together.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::Mutex,
    time::{Duration, Instant},
};

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ContentType, RETRY_AFTER},
    },
};
use stage::RateLimit;

use crate::{clients::device, gallery::lock};

/// How many characters the key may have that a page draws: for a text that it may have to
/// send again, or for its pen.
pub(crate) const KEY_LIMIT: usize = 40;
/// How many devices are told apart. Those beyond it have to wait.
const DEVICES_LIMIT: usize = 1000;
/// How much more than one device all of them together may write.
const DEVICES_FACTOR: u32 = 50;

/// How often an application may be written to.
#[derive(Debug)]
pub(crate) struct Limits {
    interval: Duration,
    burst: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Of each device that wrote lately: added by `check`, which forgets them when they
    /// have been quiet for long enough to begin anew.
    devices: HashMap<IpAddr, RateLimit>,
    together: RateLimit,
}

/// A device writes too often, or all of them do.
#[derive(Debug, thiserror::Error)]
#[error("too fast: expected one every {0:?} on average; wait a moment")]
pub(crate) struct TooFast(Duration);

impl ResponseError for TooFast {
    fn status_code(&self) -> StatusCode {
        StatusCode::TOO_MANY_REQUESTS
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::TooManyRequests()
            .insert_header((RETRY_AFTER, self.0.as_secs().max(1)))
            .content_type(ContentType::plaintext())
            .body(self.to_string())
    }
}

impl Limits {
    /// A device may write once in each `interval` on average and, after a pause, `burst`
    /// times at once; all together, fifty times as much.
    pub(crate) fn new(interval: Duration, burst: u32) -> Self {
        let together =
            RateLimit::new(interval / DEVICES_FACTOR, burst * DEVICES_FACTOR);
        let state = State { devices: HashMap::new(), together };
        Self { interval, burst, state: Mutex::new(state) }
    }

    /// Counts a request that writes something.
    ///
    /// # Errors
    /// When it comes too soon.
    pub(crate) fn check(&self, request: &HttpRequest) -> Result<(), TooFast> {
        self.allows(device(request), Instant::now())
    }

    fn allows(&self, device: IpAddr, now: Instant) -> Result<(), TooFast> {
        let mut state = lock(&self.state);
        let State { devices, together } = &mut *state;
        if !devices.contains_key(&device) {
            if devices.len() == DEVICES_LIMIT {
                devices.retain(|_, limit| !limit.is_idle(now));
            }
            if devices.len() == DEVICES_LIMIT {
                return Err(TooFast(self.interval));
            }
        }
        let new = || RateLimit::new(self.interval, self.burst);
        let limit = devices.entry(device).or_insert_with(new);
        match limit.allows(now) && together.allows(now) {
            true => Ok(()),
            false => Err(TooFast(self.interval)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn one_device_does_not_use_up_what_others_may_write() {
        let limits = Limits::new(Duration::from_secs(1), 3);
        let now = Instant::now();
        let allowed = |number, count| {
            (0..count)
                .filter(|_| limits.allows(address(number), now).is_ok())
                .count()
        };
        assert_eq!(allowed(1, 1000), 3);
        assert_eq!(allowed(2, 2), 2);
        assert_eq!((3..100).map(|number| allowed(number, 3)).sum::<usize>(), 145);
    }

    #[test]
    fn devices_are_forgotten_when_they_may_begin_anew() {
        let limits = Limits::new(Duration::from_millis(1), 3);
        let start = Instant::now();
        for number in 0..DEVICES_LIMIT as u32 {
            let _ = limits.allows(address(number), start);
        }
        assert!(limits.allows(address(5000), start).is_err());
        let later = start + Duration::from_secs(1);
        assert!(limits.allows(address(5000), later).is_ok());
        assert_eq!(limits.state.lock().unwrap().devices.len(), 1);
    }
}

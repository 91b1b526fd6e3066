//! The presenter's key, and the browsers in which it was entered.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::http::header::{self, HeaderMap};

/// The most sessions of the presenter's; with one more, the browser of the oldest is
/// asked for the key again.
const SESSIONS_LIMIT: usize = 100;

/// The presenter's key, which the terminal prints, and the sessions of the browsers
/// in which it was entered: each of them has a cookie.
///
/// A cookie goes to every port of a host (RFC 10025 §8.5), so it may pass a lens and
/// be shown. Therefore it is not the key, but a random token, which is valid only
/// from one device, only at this hub, and only until the hub ends.
pub(crate) struct PresenterAuth {
    key: String,
    /// The cookie's name has the hub's port: two hubs on one host have two cookies.
    cookie: String,
    /// Written when the key is entered; the oldest go when there are too many.
    sessions: Mutex<VecDeque<Session>>,
}

/// A browser in which the key was entered.
struct Session {
    token: String,
    device: IpAddr,
}

impl PresenterAuth {
    pub(crate) fn new(port: u16) -> Self {
        Self {
            key: stage::draw_key(),
            cookie: format!("presenter-{port}"),
            sessions: Mutex::default(),
        }
    }

    /// The key, to be printed.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    fn sessions(&self) -> MutexGuard<'_, VecDeque<Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks a key that was typed, in upper or lower case. If it is right, returns
    /// the value for `Set-Cookie` (RFC 10025 §4.1).
    pub(crate) fn log_in(&self, typed: &str, client: IpAddr) -> Option<String> {
        if !typed.trim().eq_ignore_ascii_case(&self.key) {
            return None;
        }
        let token = format!("{:032x}", rand::random::<u128>());
        let cookie = &self.cookie;
        let set =
            format!("{cookie}={token}; Path=/presenter; HttpOnly; SameSite=Strict");
        let mut sessions = self.sessions();
        sessions.push_back(Session { token, device: device(client) });
        if sessions.len() > SESSIONS_LIMIT {
            sessions.pop_front();
        }
        Some(set)
    }

    /// Whether a request has a session of the presenter's.
    pub(crate) fn is_authorized(&self, headers: &HeaderMap, client: IpAddr) -> bool {
        let sessions = self.sessions();
        let cookies = headers.get_all(header::COOKIE);
        cookies
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter(|(name, _)| *name == self.cookie)
            .any(|(_, token)| {
                let known = |session: &Session| {
                    session.token == token && session.device == device(client)
                };
                sessions.iter().any(known)
            })
    }

    /// Whether the key was entered on this device. Never true of loopback: all
    /// connections through a tunnel or a proxy on this machine come from there.
    pub(crate) fn is_presenters_device(&self, client: IpAddr) -> bool {
        let device = device(client);
        !device.is_loopback()
            && self.sessions().iter().any(|session| session.device == device)
    }
}

/// All loopback addresses are one device.
fn device(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        address if address.is_loopback() => Ipv4Addr::LOCALHOST.into(),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookie(set: &str) -> HeaderMap {
        let pair = set.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("a=1; {pair}").parse().unwrap());
        headers
    }

    #[test]
    fn a_cookie_is_not_the_key_and_worth_nothing_elsewhere() {
        let [here, there]: [IpAddr; 2] =
            ["192.168.1.20", "192.168.1.21"].map(|ip| ip.parse().unwrap());
        let auth = PresenterAuth::new(3000);
        assert_eq!(auth.log_in("wrong", here), None);
        let set = auth.log_in(&format!(" {} ", auth.key.to_uppercase()), here);
        let set = set.unwrap();
        assert!(set.starts_with("presenter-3000="), "{set}");
        assert!(!set.contains(&auth.key), "{set}");
        assert!(auth.is_authorized(&cookie(&set), here));
        assert!(
            auth.is_authorized(
                &cookie(&set),
                "::ffff:192.168.1.20".parse().unwrap()
            )
        );
        assert!(!auth.is_authorized(&cookie(&set), there));
        let typed = format!("presenter-3000={}", auth.key);
        assert!(!auth.is_authorized(&cookie(&typed), here), "the key is no cookie");
        let other = PresenterAuth::new(4000);
        assert!(!other.is_authorized(&cookie(&set), here));
        assert!(
            auth.is_presenters_device(here) && !auth.is_presenters_device(there)
        );
    }

    #[test]
    fn all_of_loopback_is_one_device_and_sessions_are_bounded() {
        let auth = PresenterAuth::new(3000);
        let first = auth.log_in(auth.key(), Ipv4Addr::LOCALHOST.into()).unwrap();
        for other in ["127.0.0.9", "::1"] {
            let other = other.parse().unwrap();
            assert!(auth.is_authorized(&cookie(&first), other));
            assert!(!auth.is_presenters_device(other), "it may be a tunnel's");
        }
        for _ in 0..SESSIONS_LIMIT {
            auth.log_in(auth.key(), Ipv4Addr::LOCALHOST.into()).unwrap();
        }
        assert!(!auth.is_authorized(&cookie(&first), Ipv4Addr::LOCALHOST.into()));
        assert_eq!(auth.sessions().len(), SESSIONS_LIMIT);
    }
}

//! The presenter's key, and the browsers in which it was entered.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::http::header::{self, HeaderMap};
use rand::RngExt;

/// Letters that nobody mistakes for others when they are read from a terminal.
const ALPHABET: &[u8] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// The most browsers that are the presenter's; the oldest is asked for the key again.
const SESSIONS_LIMIT: usize = 100;

/// What tells the presenter from everybody else. The terminal prints it. A browser that
/// was told it gets a cookie.
///
/// A cookie goes to every port of a host (RFC 6265 §8.5), so it may pass a lens and be
/// shown. Therefore it is not the key, but a number that is worth something from one
/// device alone, at this hub, until it ends.
pub(crate) struct Key {
    letters: String,
    /// The cookie's name has the hub's port: two hubs on one host have two cookies.
    cookie: String,
    /// Written when the key is entered; the oldest go when there are too many.
    sessions: Mutex<VecDeque<Session>>,
}

/// A browser that has shown the key.
struct Session {
    token: String,
    device: IpAddr,
}

impl Key {
    /// Eight letters: 31^8 are more than anybody tries in an afternoon.
    pub(crate) fn draw(port: u16) -> Self {
        let mut random = rand::rng();
        let letter =
            |_| char::from(ALPHABET[random.random_range(0..ALPHABET.len())]);
        Self {
            letters: (0..8).map(letter).collect(),
            cookie: format!("presenter-{port}"),
            sessions: Mutex::default(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.letters
    }

    fn sessions(&self) -> MutexGuard<'_, VecDeque<Session>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For `Set-Cookie` (RFC 6265 §4.1), if that is the key, in whatever case it was
    /// typed.
    pub(crate) fn enter(&self, typed: &str, client: IpAddr) -> Option<String> {
        if !typed.trim().eq_ignore_ascii_case(&self.letters) {
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

    /// Whether a request is the presenter's.
    pub(crate) fn came_with(&self, headers: &HeaderMap, client: IpAddr) -> bool {
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

    /// Whether a browser on this device has shown the key. Loopback is no device here: all
    /// that a tunnel or a proxy on this machine lets in comes from there.
    pub(crate) fn is_known_at(&self, client: IpAddr) -> bool {
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
        let key = Key::draw(3000);
        assert_eq!(key.enter("wrong", here), None);
        let set = key.enter(&format!(" {} ", key.letters.to_uppercase()), here);
        let set = set.unwrap();
        assert!(set.starts_with("presenter-3000="), "{set}");
        assert!(!set.contains(&key.letters), "{set}");
        assert!(key.came_with(&cookie(&set), here));
        assert!(
            key.came_with(&cookie(&set), "::ffff:192.168.1.20".parse().unwrap())
        );
        assert!(!key.came_with(&cookie(&set), there));
        let typed = format!("presenter-3000={}", key.letters);
        assert!(!key.came_with(&cookie(&typed), here), "the key is no cookie");
        let other = Key::draw(4000);
        assert!(!other.came_with(&cookie(&set), here));
        assert!(key.is_known_at(here) && !key.is_known_at(there));
    }

    #[test]
    fn all_of_loopback_is_one_device_and_sessions_are_bounded() {
        let key = Key::draw(3000);
        let first = key.enter(key.as_str(), Ipv4Addr::LOCALHOST.into()).unwrap();
        for other in ["127.0.0.9", "::1"] {
            let other = other.parse().unwrap();
            assert!(key.came_with(&cookie(&first), other));
            assert!(!key.is_known_at(other), "it may be a tunnel's");
        }
        for _ in 0..SESSIONS_LIMIT {
            key.enter(key.as_str(), Ipv4Addr::LOCALHOST.into()).unwrap();
        }
        assert!(!key.came_with(&cookie(&first), Ipv4Addr::LOCALHOST.into()));
        assert_eq!(key.sessions().len(), SESSIONS_LIMIT);
    }
}

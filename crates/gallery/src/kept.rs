//! What devices keep in the memory of this server: so much of each of them, and so much in
//! all. What was unused longest makes room for what is new; what is in use stays.

use std::{collections::HashMap, net::IpAddr, time::Instant};

use actix_web::{
    HttpResponse, ResponseError,
    http::{
        StatusCode,
        header::{ContentType, RETRY_AFTER},
    },
};

/// After how many seconds a device that found no room may try again.
const RETRY_SECONDS: u64 = 5;

/// What devices keep, by name: inboxes, answers, pens.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    /// What one of these is called: "inbox".
    what: &'static str,
    /// Added by `add`, which removes others for it.
    by_name: HashMap<String, Entry<T>>,
    /// How many a device may have.
    device_limit: usize,
    /// How many there may be in all.
    limit: usize,
    is_in_use: fn(&T) -> bool,
}

#[derive(Debug)]
struct Entry<T> {
    /// The device that added it.
    device: IpAddr,
    /// When it was added or asked for last.
    used: Instant,
    value: T,
}

/// There is no room for another one: all are in use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Full {
    /// A device uses as many as it may have.
    #[error(
        "one more {what}: this device has {limit} in use, the most that it may have; \
         close the page of one, or try again in {RETRY_SECONDS} s"
    )]
    Device { what: &'static str, limit: usize },
    /// All together do.
    #[error(
        "one more {what}: all devices have {limit} in use, the most that there may \
         be; try again in {RETRY_SECONDS} s"
    )]
    All { what: &'static str, limit: usize },
}

impl ResponseError for Full {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::ServiceUnavailable()
            .insert_header((RETRY_AFTER, RETRY_SECONDS))
            .content_type(ContentType::plaintext())
            .body(self.to_string())
    }
}

impl<T> Kept<T> {
    /// Of each device `device_limit`, in all `limit`.
    pub(crate) fn new(
        what: &'static str,
        device_limit: usize,
        limit: usize,
        is_in_use: fn(&T) -> bool,
    ) -> Self {
        Self { what, by_name: HashMap::new(), device_limit, limit, is_in_use }
    }

    /// The one of this name, which is used by that.
    pub(crate) fn get(&mut self, name: &str) -> Option<&mut T> {
        let entry = self.by_name.get_mut(name)?;
        entry.used = Instant::now();
        Some(&mut entry.value)
    }

    /// Adds one, and removes the one that was unused longest if there are too many.
    ///
    /// # Errors
    /// When all are in use.
    pub(crate) fn add(
        &mut self,
        name: String,
        device: IpAddr,
        value: T,
    ) -> Result<(), Full> {
        let Self { what, device_limit, limit, .. } = *self;
        self.make_room(device_limit, |entry| entry.device == device)
            .ok_or(Full::Device { what, limit: device_limit })?;
        self.make_room(limit, |_| true).ok_or(Full::All { what, limit })?;
        let entry = Entry { device, used: Instant::now(), value };
        self.by_name.insert(name, entry);
        Ok(())
    }

    /// Removes the one that was unused the longest, if there are `limit` of these already.
    /// None when all of them are in use.
    fn make_room(
        &mut self,
        limit: usize,
        is_counted: impl Fn(&Entry<T>) -> bool,
    ) -> Option<()> {
        let counted = || self.by_name.iter().filter(|(_, entry)| is_counted(entry));
        if counted().count() < limit {
            return Some(());
        }
        let unused = counted().filter(|(_, entry)| !(self.is_in_use)(&entry.value));
        let (oldest, _) = unused.min_by_key(|(_, entry)| entry.used)?;
        let oldest = oldest.clone();
        self.by_name.remove(&oldest);
        Some(())
    }

    /// Those of a device.
    pub(crate) fn of(&self, device: IpAddr) -> impl Iterator<Item = &T> {
        let all = self.by_name.values();
        all.filter(move |entry| entry.device == device).map(|entry| &entry.value)
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.by_name.keys()
    }

    pub(crate) fn values(&self) -> impl Iterator<Item = &T> {
        self.by_name.values().map(|entry| &entry.value)
    }

    pub(crate) fn clear(&mut self) {
        self.by_name.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::Cell, net::Ipv4Addr};

    use super::*;

    fn device(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    fn names(kept: &Kept<Cell<bool>>) -> Vec<&str> {
        let mut names: Vec<_> = kept.names().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn the_one_unused_longest_makes_room_and_one_in_use_never() {
        let mut kept = Kept::new("pen", 2, 3, Cell::get);
        let add = |kept: &mut Kept<_>, name: &str, number| {
            kept.add(name.into(), device(number), Cell::new(false))
        };
        add(&mut kept, "a", 1).unwrap();
        add(&mut kept, "b", 1).unwrap();
        kept.get("a").unwrap();
        add(&mut kept, "c", 1).unwrap(); // a third of one device
        assert_eq!(names(&kept), ["a", "c"]);
        add(&mut kept, "d", 2).unwrap();
        kept.get("a").unwrap().set(true);
        kept.get("d").unwrap();
        add(&mut kept, "e", 3).unwrap(); // a fourth in all
        assert_eq!(names(&kept), ["a", "d", "e"]);
        kept.get("d").unwrap().set(true);
        kept.get("e").unwrap().set(true);
        let full = add(&mut kept, "f", 4).unwrap_err().to_string();
        let said = "one more pen: all devices have 3 in use, the most that there may \
                    be; try again in 5 s";
        assert_eq!(full, said);
        assert_eq!(names(&kept), ["a", "d", "e"]);
    }

    #[test]
    fn a_device_whose_own_are_all_in_use_takes_none_of_others() {
        let mut kept = Kept::new("pen", 1, 10, Cell::get);
        kept.add("a".into(), device(1), Cell::new(true)).unwrap();
        kept.add("b".into(), device(2), Cell::new(false)).unwrap();
        let full = kept.add("c".into(), device(1), Cell::new(false)).unwrap_err();
        let said = "one more pen: this device has 1 in use, the most that it may \
                    have; close the page of one, or try again in 5 s";
        assert_eq!(full.to_string(), said);
        assert_eq!(names(&kept), ["a", "b"]);
        assert_eq!(kept.of(device(1)).count(), 1);
    }
}

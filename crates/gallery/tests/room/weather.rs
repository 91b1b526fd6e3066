//! Weather: a response, or the word that the one from before is still right.

use crate::{
    Phone, Seen,
    link::{ask, pause},
};

/// Asks again and again, as a page does whose copy is too old.
pub(crate) fn look(phone: &Phone) -> Seen {
    let mut seen = Seen::default();
    let mut tag = String::new();
    while phone.is_on() {
        let field = match tag.as_str() {
            "" => String::new(),
            tag => format!("If-None-Match: {tag}\r\n"),
        };
        let Ok(response) = ask(phone, "GET /weather/report", &field, "") else {
            pause();
            continue;
        };
        seen.returns += 1;
        let newest = response.field("etag").unwrap().to_owned();
        match response.status {
            304 => assert_eq!(newest, tag),
            status => {
                assert_eq!(status, 200);
                assert_ne!(newest, tag);
                let Ok(content) = response.content() else { continue };
                assert!(
                    content.starts_with('{') && content.ends_with('}'),
                    "{content}"
                );
                // "k3f9-17": its run, and its number.
                let run = |tag: &str| tag.split('-').next().unwrap().to_owned();
                seen.restarts +=
                    u64::from(!tag.is_empty() && run(&tag) != run(&newest));
                tag = newest;
                seen.received += 1;
            }
        }
        pause();
    }
    seen
}

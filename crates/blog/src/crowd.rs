//! The blog's other readers, so that there is something to see: each pause over, one of
//! them likes a post, comments on it, or writes one, by the front door as a page does.

use std::{net::SocketAddr, time::Duration};

use feed::Random;
use tokio::time::sleep;
use tracing::debug;

use crate::{ask::ask, parts::Change};

/// What posts are about, in turn. The newest posts are liked most.
const POSTS: [&str; 5] = [
    "A stream is a promise to go on",
    "What a cursor remembers",
    "Nobody likes an empty response",
    "The proxy in the middle",
    "Half a message is not a message",
];
const COMMENTS: [&str; 4] =
    ["So true.", "I had that on a Friday.", "Which proxy?", "Read twice."];

/// With how many posts the blog begins.
const OPENING_POSTS: u32 = 3;

/// How long after one of these the next is written.
const OPENING_DELAY: Duration = Duration::from_millis(200);

/// Writes until the program ends.
pub(crate) async fn write(front: SocketAddr, mean: Duration, seed: Option<u64>) {
    let mut random = Random::new(seed);
    let mut posts = 0;
    loop {
        // 13 characters, of which some choose what happens.
        let data = random.data();
        let chosen = data.bytes().map(usize::from).sum::<usize>();
        let text = |texts: &[&str]| texts[chosen % texts.len()].to_owned();
        let latest = posts - posts.min(chosen as u32 % 3);
        let (path, change) = match chosen % 8 {
            0 => ("/posts", Change { post: 0, text: post(posts) }),
            _ if posts < OPENING_POSTS => {
                ("/posts", Change { post: 0, text: post(posts) })
            }
            1 | 2 => ("/comments", Change { post: latest, text: text(&COMMENTS) }),
            _ => ("/likes", Change { post: latest, text: String::new() }),
        };
        match ask(front, "POST", path, &change.json()).await {
            Ok(answer) if path == "/posts" && answer.status.is_success() => {
                posts += 1
            }
            Ok(answer) => debug!(path, status = answer.status.as_u16(), "wrote"),
            Err(error) => debug!(%error, "not written"),
        }
        // The blog begins with some posts; the first may come before anything listens.
        let opening = posts < OPENING_POSTS;
        sleep(if opening { OPENING_DELAY } else { random.pause(mean) }).await;
    }
}

/// The text of a post, of which there are so many before it: no two are the same.
fn post(before: u32) -> String {
    let text = POSTS[before as usize % POSTS.len()];
    match before as usize / POSTS.len() {
        0 => text.to_owned(),
        round => format!("{text}, part {}", round + 1),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_post_is_written_twice() {
        let posts: HashSet<_> = (0..100).map(post).collect();
        assert_eq!(posts.len(), 100);
        assert!(posts.contains("The proxy in the middle, part 2"), "{posts:?}");
    }
}

//! Long polling, as often shown: only one of the waiting clients is answered, and samples
//! between two requests are lost.

use std::time::Duration;

use browser_tests::serve;
use testkit::{samples, wait_until};

use crate::{KEEP, seq, shown};

#[expect(dead_code, reason = "its main")]
#[path = "../../../long-poll/examples/as_often_shown.rs"]
pub(crate) mod example;

#[test]
fn three_clients_that_wait_for_one_update() {
    let server = shown(long_poll::TECHNIQUE, |feed| {
        let tick = Duration::from_millis(100);
        let timings = example::Timings { tick, hold: 10 * tick };
        example::routes(feed, timings)
    });
    server.feed.publish("second");
    let clients = [(); 3].map(|()| server.get("/long-polling"));
    let mut codes = clients.map(|mut client| client.response().0.code());
    codes.sort_unstable();
    assert_eq!(codes, [200, 204, 204], "one of them is told");
    server.shut_down();

    let server = serve(long_poll::TECHNIQUE, KEEP);
    let after = server.feed.since(None).cursor().unwrap();
    let clients =
        [(); 3].map(|()| server.get(&format!("/long-polling?after={after}")));
    wait_until("all three wait", || server.feed.followers() == 3);
    server.feed.publish("second");
    for mut client in clients {
        assert_eq!(samples(&client.response().1), [(2, "second".into())]);
    }
    server.shut_down();
}

#[test]
fn what_is_published_between_two_long_polls() {
    let server = shown(long_poll::TECHNIQUE, |feed| {
        let tick = Duration::from_millis(100);
        let timings = example::Timings { tick, hold: 100 * tick };
        example::routes(feed, timings)
    });
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    let (_, body) = server.get("/long-polling").response();
    assert_eq!(seq(&body), 4, "2 and 3 are lost");
    server.shut_down();

    let server = serve(long_poll::TECHNIQUE, KEEP);
    let after = server.feed.since(None).cursor().unwrap();
    (2..=4).for_each(|number| server.feed.publish(&number.to_string()));
    let (_, body) = server.get(&format!("/long-polling?after={after}")).response();
    assert_eq!(samples(&body).len(), 3);
    server.shut_down();
}

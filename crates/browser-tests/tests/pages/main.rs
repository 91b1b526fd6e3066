//! The pages of the five techniques in a real Chromium. Here: a page with its server and
//! a network in between.
#![allow(clippy::print_stderr, clippy::unwrap_used, reason = "helpers of tests")]

mod chat;
mod connections;
mod instruments;

use browser_tests::{Browser, TECHNIQUES, serve};
use stage::Technique;
use testkit::{Proxy, Server};

const KEEP: usize = 10;

/// The numbers on the page, as they are now.
const SCORE: &str = "Object.fromEntries([...document.querySelectorAll('.score div')]
    .map((cell) => [cell.querySelector('dt').firstChild.data,
        cell.querySelector('dd').textContent]))";

/// A page, its server, and a network between them.
struct Show {
    technique: Technique,
    browser: Browser,
    proxy: Proxy,
    server: Server,
    /// What the page must have delivered and announced as missed by now.
    delivered: u64,
    missed: u64,
}

impl Show {
    async fn open(technique: Technique, name: &str) -> Self {
        let name = format!("{}-{name}", technique.name);
        Self::open_in(Browser::start(&name).await, technique).await
    }

    async fn open_in(browser: Browser, technique: Technique) -> Self {
        let server = serve(technique, KEEP);
        let proxy = Proxy::before(server.address);
        browser.open(&format!("http://{}/", proxy.address)).await;
        let show =
            Self { technique, browser, proxy, server, delivered: 1, missed: 0 };
        // Short polls come often enough that nobody has to wait for them.
        show.browser
            .run(
                "const slider = document.querySelector('#interval');
                 if (slider) {
                   slider.value = slider.min;
                   for (const type of ['input', 'change'])
                     slider.dispatchEvent(new Event(type));
                 }",
            )
            .await;
        show.settled("first").await;
        show
    }

    /// Publishes a sample; its data says its number.
    fn publish(&mut self) -> String {
        let next = self.server.feed.since(None).cursor().unwrap().seq + 1;
        let data = format!("sample{next:07}");
        self.server.feed.publish(&data);
        self.delivered += 1;
        data
    }

    /// Waits until the page shows this data and all numbers are as they must be.
    async fn settled(&self, data: &str) {
        self.browser.until_shows(".value", data).await;
        self.browser
            .until(&format!("({SCORE}).delivered === '{}'", self.delivered))
            .await;
        let score = self.browser.run(&format!("return {SCORE}")).await;
        assert_eq!(score["missed"], self.missed.to_string(), "{score}");
        assert_eq!(score["duplicated"], "0", "{score}");
    }

    async fn end(self) {
        self.close().await.quit().await;
    }

    /// Ends all but the browser, which has no page then, and nothing more to tell of it.
    async fn close(self) -> Browser {
        self.browser.open("about:blank").await;
        self.server.shut_down();
        self.browser.complaints().await;
        self.browser.requests().await;
        self.browser
    }
}

/// Runs a story on each of the five pages, one after the other in one browser, and says
/// whose it was that failed.
async fn on_each_page(name: &str, story: impl AsyncFn(&mut Show)) {
    let mut browser = Browser::start(name).await;
    for technique in TECHNIQUES {
        // Shown when it fails.
        eprintln!("{name}: {}", technique.name);
        let mut show = Show::open_in(browser, technique).await;
        story(&mut show).await;
        browser = show.close().await;
    }
    browser.quit().await;
}

//! The talk: the speaker's view and the slides in windows of one browser.

use std::time::Instant;

use serde_json::json;
use testkit::{Live, WAIT_TIMEOUT, Workshop};

use crate::{Browser, WindowHandle, workshop};

/// The windows of a speaker's browser, and the room that they lead.
pub struct Talk {
    /// The speaker's.
    pub browser: Browser,
    workshop: Workshop,
    /// The presenter's line to the workshop, which tells where the room is.
    pub room: Live,
    /// The window with the speaker's view.
    pub speaker: WindowHandle,
    /// The window with the slides.
    pub slides: WindowHandle,
}

/// The slide that the speaker's view is at, once it knows where the room is.
pub const SPEAKER_AT: &str = "document.querySelector('#jump')?.value";

/// The slide that the window with the slides shows, once it shows one.
const SHOWN: &str = "document.querySelector('.slide:not([hidden])')?.id";

/// The window with the slides says that it turns alone.
const ALONE: &str =
    "[...document.querySelectorAll('#following > span')].some((part) =>
    part.checkVisibility() && part.textContent === 'This window alone')";

/// Where the speaker's view is, and whether it says that it is there alone.
const SPEAKER: &str = "return [document.querySelector('#jump')?.value,
    !document.querySelector('#line.unseen')]";

/// Presses a key, and returns how long it took until another slide was shown, in ms, and
/// whether the window says then that it turned alone. The clocks of a hidden window are slow.
fn turn() -> String {
    format!(
        "if (document.hidden) throw new Error('the window with the slides is hidden');
         const shown = () => {SHOWN};
         const before = shown();
         const start = performance.now();
         const seen = () => [performance.now() - start, {ALONE}];
         return new Promise((done) => {{
           new MutationObserver(() => shown() !== before && done(seen()))
             .observe(document.querySelector('#stage'), {{ subtree: true, attributes: true }});
           setTimeout(() => done(seen()), 5000);
           const key = new KeyboardEvent('keydown', {{ key: 'PageDown', bubbles: true }});
           document.body.dispatchEvent(key);
         }});"
    )
}

impl Talk {
    /// Opens both windows, in one order or the other.
    pub async fn open(name: &str, speaker_first: bool) -> Self {
        let workshop = workshop(&[]);
        let room = workshop.presenter();
        let browser = Browser::start(name).await;
        let presenter = format!("http://{}/presenter", workshop.presenter);
        browser.open(&presenter).await;
        browser.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
        browser.until("document.querySelector('#desk')").await;
        let [first, second] = if speaker_first {
            ["/presenter/speaker", "/slides"]
        } else {
            ["/slides", "/presenter/speaker"]
        };
        let url = |path| format!("http://{}{path}", workshop.presenter);
        let first = browser.open_window(&url(first)).await;
        let second = browser.open_window(&url(second)).await;
        let (speaker, slides) =
            if speaker_first { (first, second) } else { (second, first) };
        Self { browser, workshop, room, speaker, slides }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.workshop.presenter)
    }

    /// A key in the window with the slides does not take long: it turns everyone, or
    /// the window, or the speaker's view, says that it does not. Whether it did.
    async fn key(&mut self) -> bool {
        self.in_step(false).await;
        let turned = self.browser.run(&turn()).await;
        // After 250 ms it turns alone; the rest is for a machine that is busy.
        let in_time = turned[0].as_f64().is_some_and(|ms| ms <= 600.0);
        if turned[1] == true {
            assert!(in_time, "alone, but late: {turned}");
            return false;
        }
        self.in_step(true).await && in_time
    }

    /// Waits until the slides, and the speaker's view if it is `led`, are where the room
    /// is. Returns `false` as soon as one of them says that it is elsewhere.
    async fn in_step(&mut self, led: bool) -> bool {
        let start = Instant::now();
        loop {
            let room = self.room.room()["slide"].clone();
            let room = if room.is_null() { json!("welcome/1") } else { room };
            let mut at = vec![];
            if led {
                self.browser.switch_to(&self.speaker).await;
                at.push(self.browser.run(SPEAKER).await);
            }
            self.browser.switch_to(&self.slides).await;
            at.push(self.browser.run(&format!("return [{SHOWN}, {ALONE}]")).await);
            if at.iter().any(|one| one[1] == true) {
                return false;
            }
            if at.iter().all(|one| one[0] == room) {
                return true;
            }
            let waited = start.elapsed();
            assert!(waited < WAIT_TIMEOUT, "the room is at {room}, not at {at:?}");
        }
    }

    /// A key turns everyone. A speaker's view that is just loading may cost one: the
    /// second turns everyone.
    pub async fn key_turns_everyone(&mut self, when: &str) {
        if self.key().await {
            return;
        }
        // The view says where it is as soon as it can, and the window follows it again.
        self.browser.switch_to(&self.slides).await;
        self.browser.until(&format!("!{ALONE}")).await;
        assert!(self.key().await, "the second key does not turn everyone {when}");
    }

    /// Without a speaker's view, keys turn the window alone, and at once after the first.
    async fn key_turns_alone(&mut self, when: &str) {
        assert!(!self.key().await, "nobody can turn everyone {when}");
        assert!(!self.key().await, "nobody can turn everyone {when}");
    }

    /// Opens, reloads, crashes and closes windows, and turns slides after each; says
    /// what went well.
    ///
    /// # Panics
    /// When something did not.
    pub async fn rehearse(speaker_first: bool, mut told: impl FnMut(&str)) {
        let name = format!("slides-windows-{speaker_first}");
        let mut talk = Talk::open(&name, speaker_first).await;
        talk.key_turns_everyone("after opening").await;
        told("opened");

        for window in [talk.speaker.clone(), talk.slides.clone()] {
            talk.browser.switch_to(&window).await;
            talk.browser.reload().await;
            talk.key_turns_everyone("after a reload").await;
            told("one of them reloaded");
        }

        talk.browser.switch_to(&talk.speaker).await;
        talk.browser.crash().await;
        talk.key_turns_alone("after a crash").await;
        let speaker = talk.url("/presenter/speaker");
        talk.speaker = talk.browser.open_window(&speaker).await;
        talk.key_turns_everyone("when the speaker's view is open again").await;
        told("the speaker's view crashed and opened again");

        talk.browser.switch_to(&talk.slides).await;
        talk.browser.crash().await;
        talk.browser.switch_to(&talk.speaker).await;
        talk.slides = talk.browser.open_window(&talk.url("/slides")).await;
        talk.key_turns_everyone("when the slides are open again").await;
        told("the slides crashed and opened again");

        talk.browser.switch_to(&talk.speaker).await;
        talk.browser.close_window().await;
        talk.key_turns_alone("without a speaker's view").await;
        told("the speaker's view closed");
        talk.browser.quit().await;
    }
}

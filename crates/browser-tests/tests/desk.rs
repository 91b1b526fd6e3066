//! The presenter's desk in a real Chromium: what it says of each technique, and how its
//! buttons are read.
#![allow(clippy::panic, clippy::unwrap_used, reason = "helpers of tests")]

use browser_tests::{Browser, TECHNIQUES, workshop};
use serde_json::json;
use testkit::Proxy;
use testkit::Workshop;

/// Opens the desk with the key behind `#`, and waits until it takes commands.
async fn open_desk(name: &str, workshop: &Workshop) -> Browser {
    let desk = Browser::start(name).await;
    desk.look(1280, 720, "light").await;
    desk.open(&format!("http://{}/presenter#{}", workshop.presenter, workshop.key))
        .await;
    desk.until("document.querySelector('#desk:enabled')").await;
    desk
}

/// What the desk says of a technique's delivery, as an expression.
fn delivery(technique: &str) -> String {
    format!(
        "document.querySelector('th:has(a[href$=\"/{technique}\"]) .delivery').textContent"
    )
}

fn is_delivered(technique: &str) -> String {
    format!("/^[\\d.]+\\/s delivered, \\d+ missed$/.test({})", delivery(technique))
}

#[tokio::test]
async fn the_desk_says_what_each_technique_delivers_and_which_one_waits() {
    let workshop = workshop(&["--every", "300ms", "--keep", "50"]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-delivery", &workshop).await;
    for technique in TECHNIQUES {
        let nobody =
            format!("{} === 'no client connected'", delivery(technique.name));
        desk.until(&nobody).await;
    }
    let room = Browser::start("desk-room").await;
    room.open(&format!("http://{}/compare", workshop.process.address)).await;
    for technique in TECHNIQUES {
        desk.until(&is_delivered(technique.name)).await;
    }
    let stall = json!({"technique": "sse", "effect": "stall", "on": true});
    presenter.command(&json!({ "set": stall }));
    // It waits, for longer and longer.
    let sse = delivery("sse");
    let seconds = format!("Number({sse}.match(/^waiting (\\d+) s/)?.[1])");
    desk.until(&format!("{seconds} >= 2")).await;
    let waited = desk.run(&format!("return {seconds}")).await;
    desk.until(&format!("{seconds} > {waited}")).await;
    for technique in TECHNIQUES.iter().filter(|technique| technique.name != "sse") {
        desk.until(&is_delivered(technique.name)).await;
    }
    // A screen reader is told of it once.
    let told = "document.querySelector('#waiting').textContent";
    desk.until(&format!("{told} === 'Waiting for samples: Server-sent events.'"))
        .await;
    presenter.command(&json!({"off": true}));
    desk.until(&is_delivered("sse")).await;
    desk.until(&format!("{told} === 'No technique waits for samples now.'")).await;
    // What the log has no longer when they are back is missed; until then nothing is.
    assert_eq!(
        desk.run(&format!("return {sse}.endsWith(', 0 missed')")).await,
        true
    );
    let refuse = json!({"technique": "sse", "effect": "refuse", "on": true});
    presenter.command(&json!({ "set": refuse }));
    desk.until(&format!("{sse} === 'no client connected'")).await;
    presenter.command(&json!({"feed": {"publish": 200}}));
    presenter.command(&json!({"off": true}));
    let missed = format!("{sse}.match(/s delivered, (\\d+) missed$/)?.[1]");
    desk.until(&format!("Number({missed}) >= 150")).await;
    // Counting anew is no delivery, and a feed that is paused is not waited for.
    presenter.command(&json!({"feed": {"paused": true}}));
    presenter.command(&json!({"reset": true}));
    for technique in TECHNIQUES {
        let paused =
            format!("{}.startsWith('feed paused')", delivery(technique.name));
        desk.until(&paused).await;
    }
    desk.quit().await;
    room.quit().await;
}

/// What everyone sees opens beside the presenter's pages, and what a button is read as
/// says its state once.
#[tokio::test]
async fn the_desk_stays_where_it_is_and_says_each_state_once() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-stays", &workshop).await;
    let all = [
        "/",
        "/slides",
        "/chapter/sse",
        "/compare",
        "/presenter/gallery",
        "/wire/sse",
        "/presenter/quiz",
    ];
    for link in all {
        desk.click(&format!("header a[href='{link}']")).await;
        desk.run("return document.title").await; // the desk is not on its way elsewhere
        desk.until("location.pathname === '/presenter'").await;
    }
    for link in ["header a[href='/chapter/websocket']", "header a[href='/slides']"] {
        desk.click(link).await;
    }
    desk.click("#effects a[href='/presenter/wire/websocket']").await;
    assert_eq!(
        desk.windows().await.len(),
        1 + all.len(),
        "each kind of page has a window of its own, which is used again"
    );
    presenter.command(&json!({"set": {"effect": "stall", "on": true}}));
    let named = |state: &str| {
        format!(
            "document.querySelector('#effects [aria-label=\"stall: all five, {state}\"]')"
        )
    };
    desk.until(&named("● on")).await;
    let doubled =
        "return document.querySelectorAll('#effects [aria-pressed]').length";
    assert_eq!(desk.run(doubled).await, 0);
    presenter.command(&json!({"off": true}));
    desk.until(&named("○ off")).await;
    // This one has the same words in both states.
    let allowed = |pressed: bool| {
        format!(
            "document.querySelector('#allow[aria-pressed={pressed}]')?.textContent
               === 'Attendees may break their own connections'"
        )
    };
    desk.until(&allowed(true)).await;
    desk.click("#allow").await;
    desk.until(&allowed(false)).await;
    // Between a name and its words there is room.
    desk.run("document.querySelector('#effects tbody button').focus()").await;
    let gaps = "return [...document.querySelectorAll('#expect li')].map((item) => {
        const words = document.createRange();
        words.selectNode(item.lastChild);
        return words.getBoundingClientRect().left
          - item.firstChild.getBoundingClientRect().right;
      })";
    let gaps = desk.run(gaps).await;
    let gaps = gaps.as_array().unwrap();
    assert_eq!(gaps.len(), 5);
    assert!(gaps.iter().all(|gap| gap.as_f64().unwrap() >= 8.0), "{gaps:?}");
    desk.quit().await;
}

#[tokio::test]
async fn the_presenters_device_is_not_counted_and_a_key_looks_like_none_either() {
    let workshop = workshop(&[]);
    let desk = open_desk("desk-counts", &workshop).await;
    let agenda = Browser::start("desk-agenda").await;
    agenda.open(&format!("http://{}/", workshop.process.address)).await;
    agenda.until_shows("#devices", "No devices are in the workshop yet").await;
    let _attendee = workshop.attendee([127, 0, 0, 2].into());
    agenda.until_shows("#devices", "1 device is in the workshop").await;
    // The desk lists both.
    desk.until_shows("#devices", "2").await;
    desk.until_shows("#off[aria-keyshortcuts='0'] kbd", "key 0").await;
    desk.run("document.querySelector('#off').focus()").await;
    desk.until(
        "document.querySelector('#expect').textContent.includes('The key 0')",
    )
    .await;
    agenda.quit().await;
    desk.quit().await;
}

/// On a phone the way to join stands in the line of the navigation.
#[tokio::test]
async fn on_a_phone_the_header_is_one_line() {
    let workshop = workshop(&[]);
    let phone = Browser::start("desk-phone").await;
    phone.open(&format!("http://{}/", workshop.process.address)).await;
    phone.look(360, 740, "light").await;
    let apart = "const [nav, join] = ['nav', '.actions'].map((part) =>
          document.querySelector(`header ${part}`).getBoundingClientRect());
        return [join.top < nav.bottom && nav.top < join.bottom, nav.right <= join.left,
          document.scrollingElement.scrollWidth]";
    phone.until("document.querySelector('header nav')").await;
    assert_eq!(phone.run(apart).await, json!([true, true, 360]));
    phone.quit().await;
}

/// In the smallest of projectors' sizes the header has no room for the address to join
/// at: the agenda and the dialog have it, in letters that the last row reads.
#[tokio::test]
async fn the_address_to_join_at_is_on_the_agenda_and_behind_join() {
    let workshop = workshop(&[]);
    let room = Browser::start("desk-join").await;
    // A long address of a network, which this machine may not have.
    room.run_before_pages(
        "const ask = window.fetch.bind(window);
         window.fetch = (url, ...more) => String(url).startsWith('/join?')
           ? Promise.resolve(Response.json({ url: 'http://192.168.178.100:3000/',
               svg: '<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"/>' }))
           : ask(url, ...more);",
    )
    .await;
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            room.look(width, height, colors).await;
            room.open(&format!("http://{}/", workshop.process.address)).await;
            let address = |place: &str| {
                format!(
                    "const address = document.querySelector('{place} .address');
                     const {{ left, right, bottom }} = address.getBoundingClientRect();
                     return [address.checkVisibility(), address.textContent, left >= 0,
                       right <= innerWidth, bottom <= innerHeight || {width} === 360,
                       address.getClientRects().length,
                       parseFloat(getComputedStyle(address).fontSize) >= 18]"
                )
            };
            let large = json!([
                true,
                "http://192.168.178.100:3000",
                true,
                true,
                true,
                1,
                true
            ]);
            room.until("document.querySelector('#invitation .address')").await;
            assert_eq!(room.run(&address("#invitation")).await, large);
            room.click("header .actions button").await;
            room.until("document.querySelector('dialog[open] .address')").await;
            assert_eq!(room.run(&address("dialog")).await, large);
            room.screenshot(&format!("desk-join-{width}-{colors}")).await;
        }
    }
    room.quit().await;
}

/// The desk and the speaker's view say what a command did: how many windows followed.
#[tokio::test]
async fn the_presenter_is_told_how_many_windows_followed() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-followed", &workshop).await;
    let says = |id: &str, words: &str| {
        format!("document.querySelector('{id}').textContent.includes('{words}')")
    };
    let at = |path: &str| format!("http://{}{path}", workshop.process.address);
    let room = Browser::start("desk-windows").await;
    let [mut windows, mut slides] = [Vec::new(), Vec::new()];
    desk.until(&says("#talk-windows", "Slides: not open.")).await;
    for path in ["/slides", "/slides", "/slides#sse/3", "/compare"] {
        let window = room.open_window(&at(path)).await;
        if path.starts_with("/slides") {
            room.until("document.querySelector('#number').textContent").await;
            slides.push(window.clone());
        }
        windows.push(window);
    }
    desk.until(&says("#talk-windows", "Slides: open in 3 windows.")).await;
    desk.until(&says("#talk-windows", "Speaker’s view: not open.")).await;
    presenter.command(&json!({"here": "/compare"}));
    let followed = "3 of 4 windows at “Compare”; elsewhere: the slides 1.";
    // One follows the presenter after another; that one stays where its reader went.
    room.switch_to(&slides[2]).await;
    room.until("location.pathname === '/compare'").await;
    room.open(&at("/slides#sse/3")).await;
    desk.until_shows("#here", followed).await;
    presenter.command(&json!({"here": "/slides"}));
    desk.until(&says("#talk-windows", "Slides: open in 4 windows.")).await;
    // It is brought back, and turned by hand again.
    room.until("location.hash === ''").await;
    room.run("location.hash = '#sse/3'").await;
    room.until("document.body.innerText.includes('This window alone')").await;
    desk.click("#no-slide").await;
    let closed = "Slides: closed in 3 of 4 windows. The rest was turned by hand.";
    desk.until(&says("#talk-windows", closed)).await;
    desk.until_shows("#here", "None: everyone browses freely.").await;
    for window in &windows {
        room.switch_to(window).await;
        let to = if *window == slides[2] { "/slides" } else { "/" };
        room.until(&format!("location.pathname === '{to}'")).await;
    }
    // One that was opened after that is not closed by it.
    room.open(&at("/slides")).await;
    desk.until(&says("#talk-windows", "Slides: open in 2 windows.")).await;
    let speaker = format!("http://{}/presenter/speaker", workshop.presenter);
    desk.open_window(&speaker).await;
    desk.until(&says("#slide-windows", "Slides: open in 2 windows.")).await;
    presenter.command(&json!({"slide": null}));
    desk.until(&says("#slide-windows", "Slides: closed in 1 of 2 windows.")).await;
    room.quit().await;
    desk.quit().await;
}

/// The list of pages is at the page that everyone was brought to, by whichever window: so
/// that *Bring everyone here* leads where the room is, and not to an older page.
#[tokio::test]
async fn the_list_of_pages_is_where_everyone_was_brought() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let desk = open_desk("desk-list", &workshop).await;
    let listed =
        |page: &str| format!("document.querySelector('#page').value === '{page}'");
    let source = "/source?left=sse&right=websocket"; // which is not in the list
    for page in ["/chapter/sse", "/gallery", source] {
        presenter.command(&json!({ "here": page }));
        desk.until(&listed(page)).await;
    }
    desk.reload().await;
    desk.until(&listed(source)).await;
    // What is chosen stays, until everyone is brought somewhere again.
    let newest = "document.querySelector('#newest').textContent";
    let before = desk.run(&format!("return {newest}")).await;
    desk.run("document.querySelector('#page').value = '/compare'").await;
    presenter.command(&json!({"feed": {"publish": 1}}));
    desk.until(&format!("{newest} !== {before}")).await;
    assert_eq!(desk.run(&format!("return {}", listed("/compare"))).await, true);
    presenter.command(&json!({ "here": source }));
    desk.until(&listed(source)).await;
    desk.quit().await;
}

/// Also with many clients, with what is longest on its buttons, and where a browser leaves
/// little height.
#[tokio::test]
async fn nothing_on_the_desk_overlaps_and_devices_are_in_sight() {
    let workshop = workshop(&[]);
    let mut presenter = workshop.presenter();
    let _devices: Vec<_> =
        (2..8).map(|last| workshop.attendee([127, 0, 0, last].into())).collect();
    let desk = open_desk("desk-fits", &workshop).await;
    let rows = "document.querySelectorAll('#clients tbody tr').length >= 6";
    desk.until(rows).await;
    let stall = json!({"effect": "stall", "client": "127.0.0.7", "on": true});
    presenter.command(&json!({ "set": stall }));
    desk.until(
        "document.querySelector('#devices').textContent.endsWith(', effects on 1')",
    )
    .await;
    // At once, before the next state of the room is written over it.
    let misfits = "
        const all = (selector) => [...document.querySelectorAll(selector)];
        const box = (part) => part.getBoundingClientRect();
        const words = (part) => {
          const range = document.createRange();
          range.selectNodeContents(part);
          return box(range);
        };
        for (const open of all('.named .soft')) open.textContent = '188';
        for (const said of all('.delivery')) said.textContent = '88/s delivered, 188 missed';
        for (const [at, toggle] of all('.toggle').entries()) {
          toggle.className = 'toggle covered';
          toggle.textContent = at % 2 ? 'via All five' : 'via all devices';
        }
        for (const once of all('.once')) once.textContent = 'done ✓';
        const misfits = all('#effects button, #side button:not(.quiet)').filter((button) => {
          const [inside, outside] = [words(button), box(button)];
          return inside.left < outside.left + 2 || inside.right > outside.right - 2
            || inside.top < outside.top || inside.bottom > outside.bottom;
        }).map((button) => button.textContent);
        for (const row of all('#effects tbody tr')) {
          const parts = [...row.querySelectorAll('th > *')].map((part) => words(part).right);
          const left = box(row.querySelector('button')).left;
          if (parts.some((right) => right > left - 2)) misfits.push(row.textContent);
        }
        const list = box(document.querySelector('.scroll'));
        const end = Math.min(list.bottom, innerHeight) + 1;
        const inSight = all('#clients tbody tr')
          .filter((row) => box(row).top >= list.top && box(row).bottom <= end).length;
        if (inSight < 4) misfits.push(`${inSight} devices`);
        return misfits";
    for (width, height) in [(1440, 900), (1440, 757), (1280, 720), (1366, 625)] {
        desk.look(width, height, "light").await;
        assert_eq!(desk.run(misfits).await, json!([]), "{width}x{height}");
        desk.screenshot(&format!("desk-fits-{width}-{height}")).await;
    }
    // What a button will do, and for whom.
    desk.run(
        "const target = document.querySelector('#target');
         target.value = '127.0.0.7';
         target.dispatchEvent(new Event('change'));",
    )
    .await;
    for (effect, whom) in [
        ("cut", "For 127.0.0.7 alone."),
        ("restart", "For everyone, whatever is chosen."),
    ] {
        desk.run(&format!(
            "document.querySelector('[aria-label^=\"{effect}: Server-sent\"]').focus()"
        ))
        .await;
        desk.until_shows("#expect p b:last-child", &format!(" {whom}")).await;
    }
    desk.quit().await;
}

/// The terminal's new address differs from the old one behind `#` alone, so the browser loads
/// no page.
#[tokio::test]
async fn the_desk_takes_the_key_of_the_next_workshop_in_its_own_tab() {
    let before = workshop(&[]);
    let proxy = Proxy::before(before.presenter);
    let desk = Browser::start("desk-key").await;
    let address = |key: &str| format!("http://{}/presenter#{key}", proxy.address);
    desk.open(&address(&before.key)).await;
    desk.until("document.querySelector('#desk:enabled')").await;
    let after = workshop(&[]);
    proxy.redirect(after.presenter);
    proxy.cut();
    desk.until("document.querySelector('#desk:disabled')").await;
    desk.open(&address(&after.key)).await;
    desk.until("document.querySelector('#desk:enabled')").await;
    desk.quit().await;
}

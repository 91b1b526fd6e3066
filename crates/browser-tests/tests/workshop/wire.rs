//! The wire pages, and what the comparison says of the same bytes.

use std::{fs, net::Ipv4Addr};

use browser_tests::{Browser, workshop};
use serde_json::json;
use testkit::Client;

use crate::Five;

#[tokio::test]
async fn the_comparison_shows_what_the_lenses_counted() {
    let five = Five::open("compare", &["--every", "300ms"]).await;
    let cells =
        "Object.fromEntries([...document.querySelectorAll('#table tbody tr')]
        .map((row) => [row.dataset.technique,
          [...row.querySelectorAll('td')].map((cell) => cell.textContent)]))";
    // Of a few samples, one that one page has and another has not yet is much.
    let enough = "every((row) => Number(row[6]) >= 20 && row[8].endsWith('ms'))";
    five.browser.until(&format!("Object.values({cells}).{enough}")).await;
    let table = five.browser.run(&format!("return {cells}")).await;
    for (name, row) in table.as_object().unwrap() {
        assert_eq!(
            (&row[10], &row[11]),
            (&json!("0"), &json!("0")),
            "{name}: {row}"
        );
    }
    let share = |name: &str| -> u32 {
        let share = table[name][5].as_str().unwrap();
        share.trim_end_matches(" %").parse().unwrap()
    };
    assert!(share("websocket") > share("sse"), "{table}");
    assert!(share("sse") > share("short-poll"), "{table}");
    // What is saved is what is shown, and reset begins anew.
    five.browser.run("window.saved = null;
        URL.createObjectURL = (file) => { file.text().then((text) => saved = text); return '#' }")
        .await;
    five.browser.click("#save").await;
    five.browser.until("saved").await;
    let saved = five.browser.run("return saved").await;
    let lines: Vec<_> = saved.as_str().unwrap().lines().collect();
    assert_eq!(lines.len(), 6, "{lines:?}");
    assert!(lines[0].starts_with("technique,requests,"), "{lines:?}");
    let columns = lines[0].split(',').count();
    assert!(
        lines.iter().all(|line| line.split(',').count() == columns),
        "{lines:?}"
    );
    // What another page of this device got is counted, too: then it says so.
    let caption = "document.querySelector('#caption').textContent";
    let another = format!(
        "/HTTP streaming: \\d+ of its samples went to another page of this device/.test({caption})"
    );
    assert_eq!(five.browser.run(&format!("return {another}")).await, false);
    let mut other = Client::connect(five.workshop.techniques[2]);
    other.get("/stream");
    five.browser.until(&another).await;
    drop(other);
    five.browser.click("#reset").await;
    five.browser.until(&format!("Number(({cells})['short-poll'][0]) <= 2")).await;
    five.browser.click("#run").await;
    five.browser.until("!document.querySelector('iframe')").await;
    five.browser.quit().await;
}

#[tokio::test]
async fn the_wire_shows_and_explains_each_byte() {
    let workshop = workshop(&["--every", "300ms"]);
    let browser = Browser::start("wire").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    browser
        .until(
            "document.body.textContent.includes('Last-Event-ID')
        || document.querySelectorAll('[data-label]').length > 20",
        )
        .await;
    browser.until("document.querySelector('[data-label=\"sse-data\"]')").await;
    // Whose connection it is, as `ss` says it.
    let newest =
        "return [...document.querySelectorAll('#stream .begin')].at(-1).textContent";
    let named = browser.run(newest).await;
    let port = named.as_str().unwrap().split_once(", from port ").unwrap().1;
    let sockets = fs::read_to_string("/proc/net/tcp").unwrap();
    let port = format!(":{:04X} ", port.parse::<u16>().unwrap());
    assert!(sockets.contains(&port), "{named}: no socket has that port");
    browser.run("document.querySelector('[data-label=\"sse-data\"]').focus()").await;
    browser.until("document.body.textContent.includes('WHATWG HTML §9.2')").await;
    browser.quit().await;
}

#[tokio::test]
async fn the_wire_shows_in_which_pieces_bytes_left() {
    let workshop = workshop(&["--every", "300ms"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("pieces").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    // The newest chunk with a sample: what was done to it, and where it was cut.
    let newest =
        "const sample = [...document.querySelectorAll('[data-label=\"sse-data\"]')]
        .findLast((unit) => unit.textContent.includes('\"seq\"'));
        const block = sample?.closest('.block');
        const said = block?.querySelector('.left').textContent;
        const cuts = block?.querySelectorAll('.cut').length;";
    let shows =
        |what: &str| format!("(() => {{ {newest} return sample && {what} }})()");
    browser.until(&shows("said === '' && cuts === 0")).await;
    for (effect, what) in [
        (
            json!({"effect": "slice"}),
            "/left in 1\\d pieces over \\d+ ms/.test(said) && cuts > 9",
        ),
        (
            json!({"effect": "delay", "ms": 300, "jitter": 0}),
            "/^held back [3-9]\\d\\d ms$/.test(said) && cuts === 0",
        ),
        (
            json!({"effect": "throttle", "bytes_per_second": 400}),
            "/left in [2-9] pieces over [1-9]\\d\\d ms/.test(said) && cuts > 0",
        ),
    ] {
        let mut effect = effect;
        effect["technique"] = json!("sse");
        effect["on"] = json!(true);
        presenter.command(&json!({ "set": effect }));
        browser.until(&shows(what)).await;
        // Each piece has its time, where the part is explained.
        browser.run(&format!("{newest} sample.focus()")).await;
        let explained = "document.querySelector('#panel .left')?.textContent";
        browser
            .until(&format!("/^(Held|Left) .*: \\d+ bytes/.test({explained})"))
            .await;
        browser.screenshot(&format!("wire-pieces-{}", effect["effect"])).await;
        presenter.command(&json!({"off": true}));
        // So that the view follows what comes.
        let escape = "document.activeElement.blur();
            dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))";
        browser.run(escape).await;
        browser.until(&shows("cuts === 0 && !/held back 3/.test(said)")).await;
    }
    // A body in very many pieces is shown once, as far as it is shown.
    let elements = "
        const { Block } = await import('/workshop/wire/block.js');
        const block = new Block({ at: 0, direction: 'down', group: 1 });
        const create = document.createElement;
        let count = 0;
        document.createElement = (...of) => { count++; return create.apply(document, of); };
        for (let at = 0; at < 2000; at++) {
          const write = { bytes: 7, at, waited: 0 };
          block.add({ unit: 1, label: 'body', hex: '61'.repeat(7) }, [{ write, bytes: 7 }]);
        }
        block.render();
        document.createElement = create;
        return [count, block.element.querySelectorAll('.cut').length]";
    let elements = browser.run(elements).await;
    assert_eq!(elements[1], 85, "cuts in 600 bytes");
    assert!(elements[0].as_u64().unwrap() < 100, "{elements}");
    browser.quit().await;
}

/// Nothing keeps the reader from the newest.
const AT_END: &str = "(({ scrollHeight, scrollTop, clientHeight }) =>
    scrollHeight - scrollTop - clientHeight < 2)(document.querySelector('#stream'))
    && document.querySelector('#newest').hidden";

/// A page that is opened anew is none that comes back.
#[tokio::test]
async fn the_wire_follows_a_page_that_was_opened_anew() {
    let workshop = workshop(&["--every", "150ms"]);
    let browser = Browser::start("wire-anew").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    browser.until("document.querySelector('[data-label=\"sse-data\"]')").await;
    let reload =
        "const page = document.querySelector('iframe'); page.src = page.src;";
    browser.run(reload).await;
    let opened = "document.querySelectorAll('[data-label=\"sse-retry\"]').length";
    browser.until(&format!("{opened} === 2")).await;
    let units = "document.querySelectorAll('.unit').length";
    let before = browser.run(&format!("return {units}")).await;
    browser.until(&format!("{units} > {before} + 100")).await;
    assert_eq!(browser.run(&format!("return {AT_END}")).await, true);
    browser.quit().await;
}

/// After a cut, the reader sees what the browser sends to come back, until they go on.
#[tokio::test]
async fn the_wire_keeps_the_request_of_a_reconnection_in_view() {
    let workshop = workshop(&["--every", "150ms"]);
    let mut presenter = workshop.presenter();
    let browser = Browser::start("wire-back").await;
    browser.look(1280, 720, "light").await;
    browser.open(&format!("http://{}/wire/sse", workshop.process.address)).await;
    browser.until("document.querySelector('[data-label=\"sse-data\"]')").await;
    presenter
        .command(&json!({"set": {"effect": "cut", "technique": "sse", "on": true}}));
    let unread =
        "Number(/\\d+/.exec(document.querySelector('#newest').textContent))";
    browser.until(&format!("{unread} > 5")).await;
    let seen_in_view = "const box = document.querySelector('#stream').getBoundingClientRect();
        return [...document.querySelectorAll('.line, [data-label]')].filter((part) => {
          const { top, bottom } = part.getBoundingClientRect();
          return top >= box.top - 1 && bottom <= box.bottom;
        }).map((part) => part.textContent).join('')";
    let seen = browser.run(seen_in_view).await;
    let seen = seen.as_str().unwrap();
    for part in ["GET", "Last-Event-ID"] {
        assert!(seen.contains(part), "{part} is not in view: {seen}");
    }
    // In a window of another size, it stays there.
    browser.look(1000, 577, "light").await;
    let request_in_view =
        format!("/GET.{{0,3}}\\/api.*Host/.test((() => {{ {seen_in_view} }})())");
    browser.until(&format!("{request_in_view} && {unread} > 8")).await;
    // That connection ends, too: what the server said last is in view.
    presenter.command(&json!({"restart": "sse"}));
    let said_bye = format!("/event: bye/.test((() => {{ {seen_in_view} }})())");
    browser.until(&said_bye).await;
    // At the newest again, the view follows.
    browser.until(&format!("{unread} > 5")).await;
    browser.click("#newest").await;
    browser.until(AT_END).await;
    let blocks = "document.querySelectorAll('.block').length";
    let before = browser.run(&format!("return {blocks}")).await;
    browser.until(&format!("{blocks} > {before} + 5 && {AT_END}")).await;
    // In the view, too, it is said once.
    let said = "return document.querySelector('#stream').textContent
        .match(/ended after [0-9.]+ s: reset by “cut”/g).length";
    assert_eq!(browser.run(said).await, 1);
    // What is in view stays where it is while the oldest is removed; and when it was removed itself,
    // nobody is kept from the newest.
    presenter.command(&json!({"feed": {"publish": 150}}));
    let units = "document.querySelectorAll('.unit').length";
    browser.until(&format!("{units} > 1400 && {AT_END}")).await;
    presenter
        .command(&json!({"set": {"effect": "cut", "technique": "sse", "on": true}}));
    browser.until(&format!("{unread} > 5")).await;
    let place = "return [...document.querySelectorAll('.line.end')].at(-1)
        .getBoundingClientRect().top";
    let before = browser.run(place).await.as_f64().unwrap();
    let first = "document.querySelector('#stream').firstChild";
    browser.run(&format!("window.oldest = {first}")).await;
    presenter.command(&json!({"feed": {"publish": 100}}));
    browser.until(&format!("{first} !== oldest")).await;
    let moved = browser.run(place).await.as_f64().unwrap() - before;
    assert!(moved.abs() < 2.0, "it moved by {moved} px");
    presenter.command(&json!({"feed": {"publish": 400}}));
    browser.until(AT_END).await;
    // Nor from the request of the next reconnection, which stays while more is removed.
    presenter
        .command(&json!({"set": {"effect": "cut", "technique": "sse", "on": true}}));
    browser.until(&format!("{request_in_view} && {unread} > 5")).await;
    browser.run(&format!("window.oldest = {first}")).await;
    browser.until(&format!("{first} !== oldest")).await;
    browser.until(&request_in_view).await;
    // Each is listed by its time, and how it ended.
    let listed =
        "return [...document.querySelectorAll('#connections optgroup')[0].children]
        .map(({ textContent }) => textContent.replace(/\\d+/g, '9'))";
    assert_eq!(
        browser.run(listed).await,
        json!([
            "9:9:9, open · /api/v9/live-data · #9",
            "9:9:9 to 9:9:9, reset by “cut” · /api/v9/live-data · #9",
            "9:9:9 to 9:9:9, reset by “cut” · /api/v9/live-data · #9",
            "9:9:9 to 9:9:9, the server closed it · /api/v9/live-data · #9",
            "9:9:9 to 9:9:9, reset by “cut” · /api/v9/live-data · #9",
        ])
    );
    // Of many, the newest are listed, and those that are open.
    let many = "
        const { Connections } = await import('/workshop/wire/connections.js');
        const select = document.createElement('select');
        const page = { technique: 'sse', endpoints: '/api/v1/live-data' };
        const list = new Connections(select, page, () => {});
        for (let id = 1; id <= 100; id++) {
          const target = id % 2 ? '/api/v1/live-data?after=a-1' : '/shared/dom.js';
          list.add({ id, technique: 'sse', opened: 1, closed: id > 4 && 2, how: 'client', target });
        }
        return [...select.children].map((group) =>
          [...group.children].map(({ value }) => Number(value)))";
    let odd: Vec<_> = (0..30).map(|n| 99 - 2 * n).chain([3, 1]).collect();
    let even: Vec<_> = (0..8).map(|n| 100 - 2 * n).chain([4, 2]).collect();
    assert_eq!(browser.run(many).await, json!([[], odd, even]));
    browser.quit().await;
}

/// A connection carries a script, and then the stream. What is kept of it begins after the request
/// for the script: those bytes are not the technique's all the same.
#[tokio::test]
async fn what_a_connection_carried_before_is_not_counted_without_its_request() {
    let workshop = workshop(&["--every", "1h"]);
    let mut presenter = workshop.presenter();
    let (device, sse) = (Ipv4Addr::new(127, 0, 0, 3), workshop.techniques[3]);
    let get = |target: &str, padding: usize| {
        let padding = "x".repeat(padding);
        format!(
            "GET {target} HTTP/1.1\r\nHost: localhost\r\nPadding: {padding}\r\n\r\n"
        )
    };
    let mut client = Client::connect_from(device, sse);
    client.send(get("/shared/diagram-painter.js", 14_000));
    assert_eq!(client.response().0.code(), 200);
    let connection = presenter.until("connection", |connection| {
        connection["target"] == "/shared/diagram-painter.js"
    });
    // Others, until the request is not kept any more. It is larger than each of them: the response
    // is kept still. (And they are few: the server keeps the connection for 5 s.)
    let watch = json!({"watch": {"wire": "sse", "connection": connection["id"]}});
    let mut other = Client::connect_from(device, sse);
    loop {
        presenter.send(&watch);
        let oldest = presenter.until("bytes", |_| true);
        if oldest["pieces"][0]["label"] != "method" {
            break;
        }
        // After the rest of what is kept.
        presenter.send(&json!({"nothing": "like that"}));
        presenter.until("error", |_| true);
        other.send(get("/nothing", 6000));
        assert_eq!(other.response().0.code(), 404);
    }
    client.send(get("/api/v1/live-data", 0));
    assert_eq!(client.head().code(), 200);
    let browser = Browser::start("wire-share").await;
    browser.look(1280, 720, "light").await;
    let page = format!("http://{}/presenter/wire/sse", workshop.presenter);
    browser.open(&page).await;
    browser.type_into("#key", &format!("{}\u{e007}", workshop.key)).await;
    let option = format!(
        "document.querySelector('#connections option[value=\"{}\"]')",
        connection["id"]
    );
    browser.until(&option).await;
    browser
        .run(&format!(
            "{option}.selected = true;
             document.querySelector('#connections').dispatchEvent(new Event('change'));"
        ))
        .await;
    browser.until("document.querySelector('[data-label=\"sse-retry\"]')").await;
    browser.until("document.querySelector('[data-label=\"body\"]')").await;
    let share = "return Number(document.querySelector('#share .words').textContent
        .match(/(\\d+) % is payload/)[1])";
    let share = browser.run(share).await.as_u64().unwrap();
    assert!(share < 30, "{share} % is payload, of a stream with hardly any data");
    // And it says that it is not all.
    for (part, says) in [
        (".line.older", "bytes of this connection came before"),
        ("#share .words", "bytes came before)"),
        ("#share .legend", "beforenot kept"),
    ] {
        let text = format!("return document.querySelector('{part}').textContent");
        let text = browser.run(&text).await;
        assert!(text.as_str().unwrap().contains(says), "{part}: {text}");
    }
    browser.quit().await;
}

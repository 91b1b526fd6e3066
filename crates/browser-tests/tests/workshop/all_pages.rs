//! What holds for all pages of the hub: they fit, can be read, call a technique by one
//! name, and work without storage.

use browser_tests::{Browser, FAINT, TECHNIQUES, workshop};
use serde_json::json;

#[tokio::test]
async fn where_storage_is_refused_every_page_works_and_elsewhere_ticks_outlive_a_reload()
 {
    let workshop = workshop(&["--every", "300ms"]);
    let browser = Browser::start("refused").await;
    let url = |path: &str| format!("http://{}{path}", workshop.process.address);
    // A tick that was kept in this tab is there when the page is.
    browser.open(&url("/chapter/sse")).await;
    let kept = "sessionStorage.setItem('card /chapter/sse ' + document.querySelector('.card h3')
        .textContent.replace(/^(not seen yet|seen): /, ''), 'it came back')";
    browser.until("document.querySelector('.card h3')").await;
    browser.run(kept).await;
    browser.open(&url("/chapter/sse")).await;
    browser.until("document.querySelector('.card.seen')?.textContent.includes('it came back')")
        .await;
    browser.refuse_storage().await;
    for (path, there) in [
        ("/chapter/sse", ".card h3"),
        ("/quiz", "#paths:not([hidden])"),
        ("/quiz/live", "#text"),
        ("/", "#chapters a"),
    ] {
        browser.open(&url(path)).await;
        browser.until(&format!("document.querySelector('{there}')")).await;
        browser.until("document.querySelector('.notices')").await;
    }
    let address = workshop.presenter;
    browser.open(&format!("http://{address}/presenter#{}", workshop.key)).await;
    browser.until("document.querySelector('#desk:enabled')").await;
    browser.open(&format!("http://{address}/presenter/speaker")).await;
    browser.until("document.querySelector('#run')?.textContent").await;
    browser.run("document.querySelector('#run').click()").await;
    browser
        .until("document.querySelector('#run').textContent === 'Pause clock'")
        .await;
    let complaints = browser.complaints().await;
    let errors = complaints.iter().filter(|text| !text.contains("403 (Forbidden)"));
    assert_eq!(errors.count(), 0, "{complaints:?}");
    browser.quit().await;
}

#[tokio::test]
async fn the_pages_fit_and_can_be_read() {
    let workshop = workshop(&["--every", "1s"]);
    let browser = Browser::start("fit").await;
    let pages = [
        ("agenda", "/"),
        ("chapter", "/chapter/sse"),
        ("compare", "/compare"),
        ("wire", "/wire/websocket"),
        ("source", "/source"),
        ("example", "/example/sse/as_often_shown.rs"),
    ];
    for (name, path) in pages {
        browser.look(1280, 720, "light").await;
        browser.open(&format!("http://{}{path}", workshop.process.address)).await;
        browser.until("document.querySelector('header nav')").await;
        fits(&browser, name).await;
        if name == "compare" {
            all_five_are_in_view(&browser).await;
        }
    }
    browser.open(&format!("http://{}/presenter", workshop.presenter)).await;
    browser.type_into("input", &format!("{}\u{e007}", workshop.key)).await;
    browser.until("document.querySelector('#effects button')").await;
    fits(&browser, "presenter").await;
    let complaints = browser.complaints().await;
    let ours: Vec<_> =
        complaints.iter().filter(|text| !text.contains("403 (Forbidden)")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    let elsewhere: Vec<_> = browser
        .requests()
        .await
        .into_iter()
        .filter(|url| {
            !["http://127.0.0.1:", "ws://127.0.0.1:", "data:", "chrome:", "about:"]
                .iter()
                .any(|ours| url.starts_with(ours))
        })
        .collect();
    assert_eq!(elsewhere, [""; 0]);
    browser.quit().await;
}

/// On a phone, where lines are short.
#[tokio::test]
async fn no_line_begins_with_the_sign_behind_inline_code() {
    let workshop = workshop(&["--every", "1h"]);
    let browser = Browser::start("signs").await;
    let url = |path: &str| format!("http://{}{path}", workshop.process.address);
    browser.open(&url("/")).await;
    browser.look(360, 740, "light").await;
    browser.until("document.querySelector('#chapters a')").await;
    let chapters = "return [...document.querySelectorAll('#chapters a')]
        .map(({ pathname }) => pathname)";
    let chapters = browser.run(chapters).await;
    let mut signs = 0;
    for path in chapters.as_array().unwrap() {
        browser.open(&url(path.as_str().unwrap())).await;
        browser.until("document.querySelector('#notes')").await;
        let found = "const found = [...document.querySelectorAll('#notes :not(pre) > code')]
            .flatMap((code) => {
              const sign = code.nextSibling ?? code.parentElement.nextSibling;
              if (!/^[,.:;)!?”’]/.test(sign?.data)) return [];
              const range = document.createRange();
              range.setStart(sign, 0);
              range.setEnd(sign, 1);
              const [line] = range.getClientRects();
              const below = line.top > code.getBoundingClientRect().bottom - line.height / 2;
              return [[code.textContent + sign.data.slice(0, 9), below]];
            });
            return [found.length, found.filter(([, below]) => below).map(([words]) => words)]";
        let found = browser.run(found).await;
        assert_eq!(found[1], json!([]), "{path}");
        signs += found[0].as_u64().unwrap();
    }
    assert!(signs > 100, "{signs}");
    browser.quit().await;
}

/// The comparison needs no scrolling on a projector, with or without the browser's bars.
async fn all_five_are_in_view(browser: &Browser) {
    browser.until("document.querySelectorAll('tbody tr').length === 5").await;
    for (width, height) in [(1280, 720), (1366, 625), (1280, 577)] {
        browser.look(width, height, "light").await;
        let hidden =
            "return [document.scrollingElement, document.querySelector('.scroll')]
            .map((it) => it.scrollHeight - it.clientHeight)";
        assert_eq!(browser.run(hidden).await, json!([0, 0]), "{width}x{height}");
        browser.screenshot(&format!("compare-{width}x{height}")).await;
    }
}

/// Neither wider than the window, nor faint, on projector and phone, in light and dark.
async fn fits(browser: &Browser, name: &str) {
    eprintln!("{name}");
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            let wide =
                browser.run("return document.scrollingElement.scrollWidth").await;
            assert_eq!(wide, width, "{name} scrolls sideways");
            let faint = browser.run(FAINT).await;
            assert_eq!(
                faint.as_array().unwrap().len(),
                0,
                "{name}, {colors}: {faint}"
            );
            browser.screenshot(&format!("{name}-{width}-{colors}")).await;
        }
    }
}

#[tokio::test]
async fn a_technique_has_one_name_in_every_heading_and_navigation() {
    let workshop = workshop(&[]);
    let browser = Browser::start("names").await;
    browser.look(1280, 720, "light").await;
    // What a page calls itself, and what its navigation calls the five.
    let names = "return [document.querySelector('h1').textContent,
        [...document.querySelectorAll('nav [data-technique]')].map((name) => name.textContent)]";
    let expected = [
        "Short polling",
        "Long polling",
        "HTTP streaming",
        "Server-sent events",
        "WebSocket",
    ];
    let hub = workshop.process.address;
    for (place, technique) in TECHNIQUES.into_iter().enumerate() {
        for url in [
            format!("http://{hub}/chapter/{}", technique.name),
            format!("http://{}/", workshop.techniques[place]),
        ] {
            browser.open(&url).await;
            browser
                .until(
                    "document.querySelectorAll('nav [data-technique]').length === 5",
                )
                .await;
            let names = browser.run(names).await;
            assert_eq!(names, json!([expected[place], expected]), "{url}");
            // Beside the longest address that one joins at.
            let cut = "const nav = document.querySelector('nav');
                const join = document.querySelector('header .address');
                if (join) join.textContent = '192.168.178.120:3000';
                return nav.scrollWidth - nav.clientWidth";
            assert_eq!(browser.run(cut).await, 0, "{url}: all of it is in view");
        }
    }
    // The desk offers pages by their names, too.
    let url = format!("http://{}/presenter#{}", workshop.presenter, workshop.key);
    browser.open(&url).await;
    browser.until("document.querySelectorAll('#page option').length > 5").await;
    let offered = browser
        .run(
            "return [...document.querySelectorAll('#page option')]
               .filter(({ value }) => value.startsWith('/wire/'))
               .map((option) => option.textContent)",
        )
        .await;
    assert_eq!(offered, json!(expected.map(|name| format!("Wire: {name}"))));
    browser.quit().await;
}

//! The handout: on a screen, on a phone, and on paper.

use browser_tests::{Browser, FAINT, workshop};
use serde_json::json;

#[tokio::test]
async fn the_handout_is_one_sheet_and_its_words_lead_to_the_glossary() {
    let workshop = workshop(&[]);
    let hub = workshop.process.address;
    let browser = Browser::start("handout").await;
    let page = format!("http://{hub}/handout");
    for (width, height) in [(1280, 720), (360, 740)] {
        for colors in ["light", "dark"] {
            browser.look(width, height, colors).await;
            browser.open(&page).await;
            browser.until("document.querySelector('header')").await;
            assert_eq!(browser.run(FAINT).await, json!([]), "{width}, {colors}");
            let wide = "return document.scrollingElement.scrollWidth";
            assert_eq!(browser.run(wide).await, width);
            browser.screenshot(&format!("handout-{width}-{colors}")).await;
        }
    }
    // How to choose, what bytes it takes, and ten rules.
    let headings = "return [...document.querySelectorAll('h2')].map((heading) => heading.textContent)";
    let headings = browser.run(headings).await;
    for heading in ["Six questions", "Use cases", "The bytes, added up"] {
        assert!(
            headings.as_array().unwrap().contains(&json!(heading)),
            "{headings}"
        );
    }
    let rules = "return [...document.querySelectorAll('section')]
        .filter((part) => ['Rules of thumb', 'What to remember'].includes(part.querySelector('h2').textContent))
        .flatMap((part) => [...part.querySelectorAll('li')]).length";
    assert_eq!(browser.run(rules).await, 10);
    assert_eq!(browser.printed_sheets().await, 1);
    // Light, also for a reader whose screen is dark, and without what can be pressed.
    browser.look(1280, 720, "dark").await;
    browser.look_at_print().await;
    assert_eq!(browser.run(FAINT).await, json!([]));
    let printed = "return [getComputedStyle(document.documentElement).backgroundColor,
        [...document.querySelectorAll('header, button')].filter((part) => part.checkVisibility()).length]";
    assert_eq!(browser.run(printed).await, json!(["rgb(255, 255, 255)", 0]));
    // Large enough to be read on paper: a point has 4/3 px.
    let points =
        "return Math.min(...[...document.querySelectorAll('#handout :is(li, td)')]
        .map((part) => parseFloat(getComputedStyle(part).fontSize) * 3 / 4))";
    let points = browser.run(points).await;
    assert!(points.as_f64().unwrap() > 8.2, "{points} points");
    // Each link leads to a heading that is there.
    browser.open(&page).await;
    let lost = "const links = [...document.querySelectorAll('#handout a')].map(({ href }) => href.split('#'));
        const pages = new Map();
        for (const [page] of links) {
          if (!pages.has(page)) pages.set(page, await (await fetch(page)).text());
        }
        const words = links.filter(([page]) => page.endsWith('/glossary'));
        return [words.length > 10,
          links.filter(([page, name]) => !pages.get(page).includes(`id=\"${name}\"`))]";
    assert_eq!(browser.run(lost).await, json!([true, []]));
    assert_eq!(browser.complaints().await, [""; 0]);
    browser.quit().await;
}

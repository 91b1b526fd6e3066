//! What the page shows, on projector and phone.

use browser_tests::FAINT;

use crate::{SCORE, Show, on_each_page};

#[tokio::test]
async fn the_value_changes_and_nothing_is_complained_of() {
    on_each_page("live", async |show| {
        for _ in 0..20 {
            let data = show.publish();
            show.settled(&data).await;
        }
        let score = show.browser.run(&format!("return {SCORE}")).await;
        show.browser
            .until(&format!("({SCORE})['latency p50'].endsWith('ms')"))
            .await;
        let requests: u64 = score["requests"].as_str().unwrap().parse().unwrap();
        let polls = matches!(show.technique.name, "short-poll" | "long-poll");
        assert!(if polls { requests >= 20 } else { requests >= 1 }, "{score}");
        assert_eq!(show.browser.complaints().await, [""; 0]);

        let host = show.proxy.address.to_string();
        let requests = show.browser.requests().await;
        assert!(
            requests.iter().any(|url| url.ends_with("/client.js")),
            "{requests:?}"
        );
        let elsewhere: Vec<_> = requests
            .iter()
            .filter(|url| {
                let own = ["http", "ws"].map(|s| format!("{s}://{host}/"));
                // Chromium's own pages, before ours, are of no host.
                let inside =
                    url.starts_with("chrome://") || url.starts_with("data:");
                !inside && !own.iter().any(|own| url.starts_with(own))
            })
            .collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
    })
    .await;
}

#[tokio::test]
async fn it_fits_projector_and_phone_in_light_and_dark() {
    on_each_page("fit", async |show| {
        for _ in 0..3 {
            let data = show.publish();
            show.settled(&data).await;
        }
        for (width, height) in [(1280, 720), (360, 740)] {
            for colors in ["light", "dark"] {
                show.browser.look(width, height, colors).await;
                let name = show.technique.name;
                // With the longest words of the status, too.
                let wide = "document.querySelector('.words').textContent =
                      'disconnected: the browser reconnects';
                    return document.scrollingElement.scrollWidth";
                let wide = show.browser.run(wide).await;
                assert_eq!(wide, width, "{name} scrolls sideways");
                if width == 1280 {
                    let low = "return Math.max(...[...document.querySelectorAll('main > *')]
                        .map((part) => part.getBoundingClientRect().bottom))";
                    let low = show.browser.run(low).await.as_f64().unwrap();
                    assert!(low <= f64::from(height), "{name} ends at {low}");
                    let wrapped = "return [...document.querySelectorAll('#source pre')]
                        .filter((pre) => pre.scrollWidth > pre.clientWidth).length";
                    show.browser.until("document.querySelector('#source').textContent.includes('TECHNIQUE')").await;
                    assert_eq!(show.browser.run(wrapped).await, 0, "{name}'s source");
                }
                let faint = show.browser.run(FAINT).await;
                assert_eq!(faint.as_array().unwrap().len(), 0, "{name}, {colors}: {faint}");
                show.browser.screenshot(&format!("{name}-{width}-{colors}")).await;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn the_weather_changes_beside_the_samples() {
    let show = Show::open(sse::TECHNIQUE, "weather").await;
    for city in ["BERLIN", "LONDON", "PARIS"] {
        let shown = format!("document.getElementById('{city}').textContent");
        show.browser.until(&format!("/^-?\\d+\\.\\d$/.test({shown})")).await;
        let first = show.browser.run(&format!("return {shown}")).await;
        show.browser.until(&format!("{shown} !== {first}")).await;
    }
    show.end().await;
}

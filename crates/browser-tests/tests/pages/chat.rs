//! The chat of the WebSocket page.

use crate::{SCORE, Show};

#[tokio::test]
async fn what_people_say_is_text_and_never_markup() {
    let mut show = Show::open(websocket::TECHNIQUE, "chat").await;
    show.browser.type_into("[name=text]", "<b id=oops>hello</b>\u{e007}").await;
    show.browser
        .until("document.querySelector('#log').textContent.includes('<b id=oops>hello</b>')")
        .await;
    assert_eq!(
        show.browser.run("return document.querySelector('#oops')").await,
        serde_json::Value::Null
    );
    // A name that turns the line around turns itself alone; one that nobody sees is none.
    for name in ["\u{202e}live", "\u{200b}\u{2060}"] {
        let rename = "const field = document.querySelector('[name=name]');
             field.value = NAME;
             field.dispatchEvent(new Event('change'));";
        let name = serde_json::json!(name).to_string();
        show.browser.run(&rename.replace("NAME", &name)).await;
    }
    let notes = "[...document.querySelectorAll('#log .note')].map((note) => note.textContent)";
    show.browser
        .until(&format!(
            "({notes}).at(-1) === 'Not sent: no visible character: expected 1 to 24 characters'"
        ))
        .await;
    show.browser.type_into("[name=text]", "good\u{e007}").await;
    show.browser
        .until("document.querySelector('#log p:last-child').textContent.endsWith('good')")
        .await;
    let order = "const [name, text] = document.querySelector('#log p:last-child')
          .querySelectorAll('bdi');
        return name.getBoundingClientRect().right <= text.getBoundingClientRect().left
          && name.textContent === '\u{202e}live'";
    assert_eq!(show.browser.run(order).await, true);
    // The samples go on beside it.
    let data = show.publish();
    show.settled(&data).await;
    show.browser.click("#echo").await;
    show.browser
        .until("document.querySelector('#echo output').textContent.endsWith('ms')")
        .await;
    assert_eq!(show.browser.complaints().await, [""; 0]);
    show.end().await;
}

#[tokio::test]
async fn a_name_is_kept_across_connections_and_chosen_without_one() {
    let show = Show::open(websocket::TECHNIQUE, "name").await;
    let named = async |name: &str| {
        let said = "[...document.querySelectorAll('#log p')].at(-1).textContent";
        show.browser.until(&format!("{said} === 'You are {name}.'")).await;
    };
    let rename = async |name: &str| {
        let script = format!(
            "const field = document.querySelector('[name=name]');
             field.value = '{name}';
             field.dispatchEvent(new Event('change'));"
        );
        show.browser.run(&script).await;
    };
    // Without a choice, too: the second connection is a second guest for the server.
    named("guest 1").await;
    show.proxy.cut();
    show.browser.until(&format!("({SCORE}).connections >= 2")).await;
    show.browser.type_into("[name=text]", "it is me\u{e007}").await;
    let me =
        "document.querySelector('#log').textContent.includes('guest 1 it is me')";
    show.browser.until(me).await;
    let told = "return document.querySelectorAll('#log .note').length";
    assert_eq!(show.browser.run(told).await, 1, "its name did not change");
    rename("Ada").await;
    named("Ada").await;
    show.browser.click("#start").await;
    show.browser.until_shows("#start", "Start").await;
    rename("Zoe").await;
    show.browser.click("#start").await;
    named("Zoe").await;
    show.proxy.cut();
    let say = "document.querySelector('#log').textContent.includes('Zoe hello')";
    // Those of before, the one after the pause, and the one after the cut.
    show.browser.until(&format!("({SCORE}).connections >= 4")).await;
    show.browser.type_into("[name=text]", "hello\u{e007}").await;
    show.browser.until(say).await;
    show.end().await;
}

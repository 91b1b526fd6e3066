//! Markdown as the hub shows it: raw HTML is dropped, links lead to the hub's own
//! pages, and programs are highlighted.

use std::mem::take;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html,
};

use crate::{highlight, unbroken};

/// Parses Markdown for the hub: raw HTML is dropped, links to files become links to
/// the hub's pages, inline code that is the path of such a page becomes a link, and
/// code blocks are highlighted.
pub(crate) fn read<'a>(text: &'a str, techniques: &[&str]) -> Vec<Event<'a>> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_SMART_PUNCTUATION;
    let mut events = Vec::new();
    let mut code: Option<(String, String)> = None; // its language, its text
    let mut nowhere = false;
    for event in Parser::new_ext(text, options) {
        match event {
            Event::Html(_) | Event::InlineHtml(_) => {}
            Event::Start(Tag::CodeBlock(CodeBlockKind::Fenced(language))) => {
                code = Some((language.to_string(), String::new()));
            }
            Event::Text(line) if code.is_some() => {
                code.iter_mut().for_each(|(_, text)| text.push_str(&line));
            }
            Event::End(TagEnd::CodeBlock) if code.is_some() => {
                let (language, text) = code.take().unwrap_or_default();
                let language =
                    if language == "js" { "javascript" } else { &language };
                let lines = highlight::lines(language, text.trim_end_matches('\n'));
                let class = size_class(&text);
                let lines = lines.join("\n");
                let reached = r#"tabindex="0" role="group" aria-label="Code""#;
                let block =
                    format!("<pre{class} {reached}><code>{lines}</code></pre>\n");
                events.push(Event::Html(block.into()));
            }
            Event::Start(Tag::Link { dest_url, title, .. }) => {
                let page = page_of(&dest_url, techniques);
                nowhere = page.is_none();
                events.extend(page.map(|page| start_link(page, title)));
            }
            Event::End(TagEnd::Link) if take(&mut nowhere) => {}
            Event::Start(Tag::Image { link_type, dest_url, title, id }) => {
                let dest_url = format!("/notes/{dest_url}").into();
                events.push(Event::Start(Tag::Image {
                    link_type,
                    dest_url,
                    title,
                    id,
                }));
            }
            Event::Code(text) if is_page(&text, techniques) => {
                events.push(start_link(text.to_string(), "".into()));
                events.push(Event::Code(text));
                events.push(Event::End(TagEnd::Link));
            }
            event => events.push(event),
        }
    }
    events
}

/// The five on Node, beside ours.
pub(crate) const NODE: &str = "/source?left=sse&right=node&file=server";

/// A code block with longer lines needs smaller letters on a slide.
const COLUMNS_LIMIT: usize = 70;

/// So does a code block with more lines.
const LINES_LIMIT: usize = 12;

/// The class of a code block that needs smaller letters to fit on a slide.
fn size_class(code: &str) -> &'static str {
    if code.lines().any(|line| line.chars().count() > COLUMNS_LIMIT) {
        " class=\"wide\""
    } else if code.lines().count() > LINES_LIMIT {
        " class=\"long\""
    } else {
        ""
    }
}

/// What is for everybody, and what is for the speaker: the list items that begin with
/// **Say:**, **Ask:**, **Demo:**, **Next:** or **Note:**, as a list of their own.
pub(crate) fn separate(events: Vec<Event<'_>>) -> (Vec<Event<'_>>, Vec<Event<'_>>) {
    let mut all: Vec<Event<'_>> = Vec::new();
    let mut speaker = Vec::new();
    let mut items = Vec::new();
    for event in events {
        let end = match &event {
            Event::Start(Tag::Item) => {
                items.push(all.len());
                None
            }
            Event::End(TagEnd::Item) => items.pop(),
            _ => None,
        };
        let list_ends = matches!(event, Event::End(TagEnd::List(_)));
        all.push(event);
        if let Some(start) = end
            && is_for_the_speaker(&all[start..])
        {
            speaker.extend(all.drain(start..));
        }
        // A list of which nothing is left.
        if list_ends && let [.., Event::Start(Tag::List(_)), _] = all.as_slice() {
            all.truncate(all.len() - 2);
        }
    }
    if !speaker.is_empty() {
        speaker.insert(0, Event::Start(Tag::List(None)));
        speaker.push(Event::End(TagEnd::List(false)));
    }
    (all, speaker)
}

fn is_for_the_speaker(item: &[Event<'_>]) -> bool {
    let mut inside = item
        .iter()
        .skip(1)
        .filter(|event| !matches!(event, Event::Start(Tag::Paragraph)));
    matches!(inside.next(), Some(Event::Start(Tag::Strong)))
        && matches!(inside.next(), Some(Event::Text(text))
            if ["Say", "Ask", "Demo", "Next", "Note"].contains(&text.trim_end_matches(':')))
}

/// Names the headings as GitHub does, so that a link can lead to one.
pub(crate) fn name_headings(events: &mut [Event<'_>]) {
    let mut name: Option<String> = None;
    // A heading begins before its text: from the end on, its text is known.
    for event in events.iter_mut().rev() {
        match event {
            Event::End(TagEnd::Heading(_)) => name = Some(String::new()),
            Event::Start(Tag::Heading { id, .. }) => {
                *id = name.take().map(CowStr::from);
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(name) = &mut name {
                    name.insert_str(0, &slug(text));
                }
            }
            _ => {}
        }
    }
}

/// The name of the first heading, if there is one.
pub(crate) fn heading(events: &[Event<'_>]) -> Option<String> {
    let mut named = events.to_vec();
    name_headings(&mut named);
    named.into_iter().find_map(|event| match event {
        Event::Start(Tag::Heading { id, .. }) => id.map(CowStr::into_string),
        _ => None,
    })
}

/// A heading's name in links.
pub(crate) fn slug(text: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    text.to_lowercase().chars().filter(kept).collect::<String>().replace(' ', "-")
}

/// As HTML. Tables get a `tabindex`, so that a keyboard can scroll them sideways; numbers
/// and their units stay on one line.
pub(crate) fn html(events: Vec<Event<'_>>) -> String {
    let mut out = String::new();
    let events = events.into_iter().map(|event| match event {
        Event::Text(text) => Event::Text(unbroken::keep_together(&text).into()),
        Event::Code(text) => Event::InlineHtml(unbroken::code(&text).into()),
        event => event,
    });
    html::push_html(&mut out, events);
    // The empty corner of a table is the header of nothing.
    let out = out.replace("<th></th>", "<td></td>");
    out.replace("<table>", r#"<table tabindex="0">"#)
}

/// `05-sse` is the chapter `sse`.
pub(crate) fn id(name: &str) -> &str {
    name.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start_matches('-')
}

fn start_link<'a>(to: String, title: CowStr<'a>) -> Event<'a> {
    Event::Start(Tag::Link {
        link_type: LinkType::Inline,
        dest_url: to.into(),
        title,
        id: "".into(),
    })
}

/// The page which shows what a link of the repository leads to, if there is one.
fn page_of(to: &str, techniques: &[&str]) -> Option<String> {
    if to.starts_with("http://") || to.starts_with("https://") {
        return Some(to.to_owned());
    }
    let (file, fragment) = match to.split_once('#') {
        Some((file, fragment)) => (file, format!("#{fragment}")),
        None => (to, String::new()),
    };
    if let Some(name) = file.strip_suffix(".md") {
        let chapter = name != "README" && !name.contains('/');
        return chapter.then(|| format!("/chapter/{}{fragment}", id(name)));
    }
    if file == "quiz.toml" {
        return Some("/quiz".into());
    }
    let path: Vec<_> = file.strip_prefix("../")?.split('/').collect();
    match path[..] {
        ["crates", technique, "src", "lib.rs"] => {
            source_of(techniques, technique, "server")
        }
        ["crates", "blog", "src", "monolith.rs" | "services.rs"] => {
            Some("/source?left=monolith&right=services&file=server".into())
        }
        ["crates", "bench", "peers", "node", "server.js"] => Some(NODE.into()),
        ["static", technique, "client.js"] => {
            source_of(techniques, technique, "client")
        }
        ["static", technique, file]
            if techniques.contains(&technique) && file.ends_with(".html") =>
        {
            Some(format!(
                "/demo/{technique}/{}",
                file.trim_start_matches("index.html")
            ))
        }
        ["crates", technique, "examples", file]
            if techniques.contains(&technique) || BEYOND.contains(&technique) =>
        {
            Some(format!("/example/{technique}/{file}"))
        }
        ["static", "shared", file] => Some(format!("/shared/{file}")),
        _ => None,
    }
}

/// Demos that run alone: their sources can be read in the workshop, too.
const BEYOND: [&str; 4] = ["webrtc", "webtransport", "fallback", "mqtt"];

/// A source stands beside the one that comes before it in the workshop.
fn source_of(techniques: &[&str], technique: &str, file: &str) -> Option<String> {
    let all = [techniques, &BEYOND].concat();
    let at = all.iter().position(|name| *name == technique)?;
    let left = all[at.saturating_sub(1)];
    let right = all.get(at.max(1))?;
    Some(format!("/source?left={left}&right={right}&file={file}"))
}

/// Whether a text is the address of a page of the hub.
fn is_page(text: &str, techniques: &[&str]) -> bool {
    let named = |prefix| text.strip_prefix(prefix);
    [
        "/compare",
        "/gallery",
        "/handout",
        "/presenter",
        "/presenter/quiz",
        "/quiz",
        "/slides",
    ]
    .contains(&text)
        || text.starts_with("/gallery#")
        || named("/wire/").is_some_and(|name| techniques.contains(&name))
        || named("/chapter/")
            .is_some_and(|id| !id.is_empty() && !id.contains(['/', ' ', '…']))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        html(
            separate(read(text, &["short-poll", "long-poll", "http-stream", "sse"]))
                .0,
        )
    }

    #[test]
    fn the_text_is_markup_of_ours_alone() {
        let html = shown("<script>alert(1)</script>\n\nthis & <b>that</b>");
        assert_eq!(html, "<p>this &amp; that</p>\n");
        let html = shown("```html\n<script>\n```");
        assert!(html.contains("&lt;script&gt;"), "{html}");
    }

    #[test]
    fn the_speakers_notes_stand_apart() {
        let text = "- a fact\n\n- **Note:** say it\n  - slowly\n- more\n";
        let (all, speaker) = separate(read(text, &[]));
        let (all, speaker) = (html(all), html(speaker));
        assert!(all.contains("a fact") && all.contains("more"), "{all}");
        assert!(!all.contains("slowly"), "{all}");
        assert!(speaker.contains("say it") && speaker.contains("slowly"));
        assert!(!speaker.contains("fact") && speaker.starts_with("<ul>"));
        // Where that was all, no list is left.
        let (all, speaker) = separate(read("- **Ask:** who?\n- **Demo:** it", &[]));
        assert!(all.is_empty());
        assert_eq!(html(speaker).matches("<li>").count(), 2);
    }

    #[test]
    fn links_lead_to_pages_or_nowhere() {
        for (link, page) in [
            ("05-long-poll.md#wire", Some("/chapter/long-poll#wire")),
            ("glossary.md", Some("/chapter/glossary")),
            ("README.md", None),
            ("../README.md#room", None),
            ("../LICENSE-MIT", None),
            (
                "../crates/sse/src/lib.rs",
                Some("/source?left=http-stream&amp;right=sse&amp;file=server"),
            ),
            (
                "../crates/blog/src/services.rs",
                Some("/source?left=monolith&amp;right=services&amp;file=server"),
            ),
            (
                "../crates/bench/peers/node/server.js",
                Some("/source?left=sse&amp;right=node&amp;file=server"),
            ),
            (
                "../static/short-poll/client.js",
                Some("/source?left=short-poll&amp;right=long-poll&amp;file=client"),
            ),
            (
                "../crates/sse/examples/as_often_shown.html",
                Some("/example/sse/as_often_shown.html"),
            ),
            (
                "../crates/webrtc/examples/as_often_shown.rs",
                Some("/example/webrtc/as_often_shown.rs"),
            ),
            (
                "../crates/webtransport/src/lib.rs",
                Some("/source?left=webrtc&amp;right=webtransport&amp;file=server"),
            ),
            ("../crates/bench/examples/as_often_shown.html", None),
            ("../static/sse/index.html", Some("/demo/sse/")),
            ("../static/sse/many.html", Some("/demo/sse/many.html")),
            ("../static/bench/index.html", None),
            ("../static/shared/time.js", Some("/shared/time.js")),
            ("https://www.rfc-editor.org/", Some("https://www.rfc-editor.org/")),
        ] {
            let html = shown(&format!("[it]({link})"));
            let expected = match page {
                Some(page) => format!("<p><a href=\"{page}\">it</a></p>\n"),
                None => "<p>it</p>\n".into(),
            };
            assert_eq!(html, expected, "{link}");
        }
        let html = shown("`/wire/sse`, `/presenter/quiz`, `/stream`");
        assert_eq!(
            html,
            "<p><a href=\"/wire/sse\"><code>/wire/sse</code></a>, \
             <a href=\"/presenter/quiz\"><code>/presenter/quiz</code></a>, \
             <code>/stream</code></p>\n"
        );
    }

    #[test]
    fn the_address_of_a_page_is_a_link() {
        for (text, is) in [
            ("/compare", true),
            ("/chapter/sse", true),
            ("/chapter/scaling", true),
            ("/chapter/…", false),
            ("/wire/sse", true),
            ("/wire/scaling", false),
            ("/etc/passwd", false),
        ] {
            assert_eq!(
                shown(&format!("See `{text}`.")).contains("<a "),
                is,
                "{text}"
            );
        }
    }

    #[test]
    fn headings_have_names() {
        let mut events = read("## What `data` isn't", &[]);
        name_headings(&mut events);
        let html = html(events);
        assert!(html.starts_with("<h2 id=\"what-data-isnt\">"), "{html}");
    }
}

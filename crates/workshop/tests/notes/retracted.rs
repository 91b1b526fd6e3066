//! What the notes, the sources or the pages once said and what is wrong with it: it is
//! said nowhere any more.

use std::{fs, path::Path};

use crate::{nothing, root};

/// Words that were wrong, and why.
const WRONG: &[(&str, &str)] = &[
    ("newline, newline, event", "without data, an event is never dispatched"),
    ("an empty line, `event: bye`", "without data, an event is never dispatched"),
    ("end everybody's stream", "our page closes nothing for a bye"),
    ("streams says goodbye", "our page closes nothing for a bye"),
    ("after a lost network", "without a network, Firefox gives up"),
    ("after a network error and", "without a network, Firefox gives up"),
    ("When the network fails", "without a network, Firefox gives up"),
    (
        "ost questions bring nothing",
        "half of them: one a second, a sample every 2 s",
    ),
    ("signed with your key", "VAPID signs a token, not the message"),
    ("signs its pushes", "VAPID signs a token, not the message"),
    ("It wakes the page", "a push wakes the service worker"),
    ("about 4 kB", "3993 bytes: RFC 8291 §4"),
    ("503 | the application:", "or a gateway: RFC 9110 §15.6.4"),
    (
        "every answer | `Cache-Control: no-store`",
        "what may be cached must not say so",
    ),
    ("The HTML standard warns of it", "§9.2.7 is about chunking, not compression"),
    ("another site answers", "CORS and Origin are about origins"),
    ("page of another site", "CORS and Origin are about origins"),
    ("From another site it needs", "CORS and Origin are about origins"),
    ("pages of other sites", "CORS and Origin are about origins"),
    ("same_site", "CORS and Origin are about origins"),
    ("connections to one host", "six for each scheme, host and port"),
    ("connections to a host", "six for each scheme, host and port"),
    ("other requests to that host", "six for each scheme, host and port"),
    ("Connected|Re-using", "newer versions of curl say it in other words"),
    ("the words of a model", "those are an event stream, read with fetch"),
    ("the server restarts\", for", "the reason is another"),
    ("§7.2.3 asks for the same", "it suggests a first wait of up to 5 s"),
    ("types of their own", "a message is text or binary: RFC 6455 §5.6"),
    ("no type of their own", "a message is text or binary: RFC 6455 §5.6"),
    ("every heartbeat and every time-out", "some are for what stands between"),
    ("as the standards use them", "some of the words are ours"),
    ("message with which a WebSocket ends", "Close is a control frame"),
    ("only the stream it belonged to", "a packet may carry pieces of several"),
    ("into its first packet", "over TCP, 0-RTT comes after its handshake"),
    ("browser, websocat", "curl speaks WebSocket since 8.11"),
    ("one line comes in many pieces", "the wire page shows whole chunks"),
    ("base64 -w0", "macOS has no -w"),
    ("ss -tn | grep", "it lists both ends, and what else has the number"),
    ("is `Host`, or it is another origin", "a default port is left out of one"),
    ("waits that grow", "full jitter: only their limit grows"),
    ("growing waits", "full jitter: only their limit grows"),
    ("waits in between grow", "a connection that opened begins anew"),
    ("nothing new, and no end", "short polling gives up after 10 s"),
    ("nothing is stored", "the browser keeps quiz answers and ticks"),
    ("“the server shuts down”", "the reason of the Close says other words"),
    ("with the console open", "the page says what failed"),
    ("A document of the IETF", "the RFC series has other streams, too"),
    ("asking in vain", "the answers are empty"),
    ("polling pays for the way twice", "a way is a direction, not a delay"),
    ("nothing stood between", "chapters before it put a proxy in between"),
    ("shows head, framing and payload", "the comparison has no such columns"),
    ("261 to 305", "measured anew: half of the interval"),
    ("samples come every 2 s", "after 1 to 4 s: a question asks for the rhythm"),
    (
        "a slow reader is only",
        "a reader of a stream has no cursor: it sends nothing",
    ),
    ("built in, with holes", "no data is lost; some statuses are not tried again"),
    ("half a letter", "half of the bytes of a character"),
];

/// The texts below a folder that a reader may see; this list is none.
fn texts(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is = |names: &[&str], name: Option<&std::ffi::OsStr>| {
            name.is_some_and(|name| names.iter().any(|n| name == *n))
        };
        if path.is_dir() {
            let skipped = ["target", "node_modules", "plots", "screenshots"];
            if !is(&skipped, path.file_name()) {
                texts(&path, found);
            }
        } else if is(&["md", "toml", "rs", "js", "html"], path.extension())
            && !path.ends_with(file!())
        {
            let name = path.strip_prefix(root()).unwrap().display().to_string();
            found.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

#[test]
fn what_was_wrong_does_not_come_back() {
    let mut found = Vec::new();
    for folder in ["workshop-notes", "crates", "static"] {
        texts(&root().join(folder), &mut found);
    }
    for name in ["README.md", "ARCHITECTURE.md", "scripts/curl-tour"] {
        found.push((name.into(), fs::read_to_string(root().join(name)).unwrap()));
    }
    let mut wrong = Vec::new();
    for (name, text) in found {
        // A sentence may go on in the next line of a comment.
        let lines =
            text.lines().map(|line| line.trim().trim_start_matches(['/', '!', ' ']));
        let text = lines.collect::<Vec<_>>().join(" ");
        for (words, why) in WRONG.iter().filter(|(words, _)| text.contains(words)) {
            wrong.push(format!("{name}: {words:?}: {why}"));
        }
    }
    nothing(&wrong);
}

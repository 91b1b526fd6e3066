//! Prints what passes to the terminal: one line for each line of a head, and for
//! each chunk, event or frame; or one line for each token.
//!
//! ```text
//!     2.104 s  connection 1  ◄ from server
//!   HTTP/1.1 200 OK␍␊
//!   57␍␊id: k3f9-17␊data: {"id":"k3f9-17",…}␊␊␍␊        87 bytes follow
//! ```

use std::{
    io::{self, IsTerminal, Write as _},
    sync::{Mutex, PoisonError},
    time::Instant,
};

use lens::{
    Class, CloseCause, Connection, Decoded, Direction, Label, Span, Watcher, Write,
};
use terminal_size::{Width, terminal_size};

/// How many bytes of a span are shown in a line with others.
const SPAN_LIMIT: usize = 1000;

/// How many are shown where each token has a line.
const TOKEN_LIMIT: usize = 100;

/// Prints all that passes.
pub(crate) struct Terminal {
    start: Instant,
    colours: bool,
    /// Whether each token has a line.
    tokens: bool,
    /// The connection and direction of what was printed last: written with each title, which
    /// is printed when they change.
    last: Mutex<(u64, Direction)>,
}

impl Watcher for Terminal {
    fn opened(&self, connection: &Connection) {
        self.title(connection, "opened", &format!("by {}", connection.client));
    }

    fn passed(
        &self,
        connection: &Connection,
        direction: Direction,
        decoded: Decoded,
        _: Vec<Write>,
    ) {
        if decoded.spans.is_empty() {
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != (connection.id, direction) {
            *last = (connection.id, direction);
            let arrow = match direction {
                Direction::Up => "► from client",
                Direction::Down => "◄ from server",
            };
            self.title(connection, arrow, "");
        }
        if self.tokens {
            for span in &decoded.spans {
                print(&self.token(span));
            }
            return;
        }
        let width = match terminal_size() {
            Some((Width(width), _)) if io::stdout().is_terminal() => width.into(),
            _ => usize::MAX,
        };
        for line in lines(&decoded.spans) {
            print(&self.line(line, direction, width));
        }
    }

    fn closed(&self, connection: &Connection, cause: CloseCause) {
        // `IdleKill` is “idle kill”.
        let mut words = String::from("by");
        for letter in format!("{cause:?}").chars() {
            if letter.is_uppercase() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        self.title(connection, "closed", &words);
    }
}

impl Terminal {
    pub(crate) fn new(tokens: bool) -> Self {
        let terminal = io::stdout().is_terminal();
        Self {
            start: Instant::now(),
            colours: terminal && std::env::var_os("NO_COLOR").is_none(),
            tokens,
            last: Mutex::new((0, Direction::Up)),
        }
    }

    fn title(&self, connection: &Connection, what: &str, more: &str) {
        let seconds = self.start.elapsed().as_secs_f64();
        let id = connection.id;
        print(&format!("\n{seconds:9.3} s  connection {id}  {what} {more}"));
    }

    /// `  chunk-size         framing  4d␍␊    77 bytes follow`
    pub(crate) fn token(&self, span: &Span) -> String {
        let class = span.label.class();
        let label = format!(
            "{:<18} {:<8}",
            span.label.name(),
            format!("{class:?}").to_lowercase()
        );
        let note = span.note.as_deref().unwrap_or_default();
        let text = text(span, TOKEN_LIMIT);
        format!("  {} {text:<40} {note}", self.coloured(&label, class))
    }

    /// The spans of a line, and then their notes, within `width` columns.
    fn line(&self, spans: &[Span], direction: Direction, width: usize) -> String {
        let notes: Vec<&str> =
            spans.iter().filter_map(|span| span.note.as_deref()).collect();
        let notes = notes.join(" · ");
        // The bytes come first; the notes are given up to a third of the line.
        let columns_left = width.saturating_sub("  ".len());
        let notes_columns = match columns(&notes) {
            0 => 0,
            columns => (columns + "  ".len()).min(columns_left / 3),
        };
        let mut left = columns_left - notes_columns;
        let mut line = String::from("  ");
        for span in spans {
            let text = match is_masked(span, direction) {
                true => "…".into(),
                false => text(span, SPAN_LIMIT),
            };
            let space = if line.len() > 2 && is_number(span) { " " } else { "" };
            let shown = fitted(&format!("{space}{text}"), left);
            left -= columns(&shown);
            line.push_str(&self.coloured(&shown, span.label.class()));
            if left == 0 {
                break;
            }
        }
        if !notes.is_empty() {
            let notes = fitted(&notes, (left + notes_columns).saturating_sub(2));
            line.push_str(&format!("  {notes}"));
        }
        line
    }

    fn coloured(&self, text: &str, class: Class) -> String {
        let on = match class {
            _ if !self.colours || text.is_empty() => return text.into(),
            Class::Head => "\x1b[34m",
            Class::Framing => "\x1b[33m",
            Class::Payload => "\x1b[32m",
            Class::Control => "\x1b[35m",
            Class::Opaque => "\x1b[2m",
        };
        format!("{on}{text}\x1b[0m")
    }
}

/// Prints a line. A closed pipe (as of `lens … | head`) does not stop the lens.
pub(crate) fn print(line: &str) {
    let _ = writeln!(io::stdout().lock(), "{}", line.trim_end_matches(' '));
}

/// Divides a head into its lines, and everything else into its groups: chunks, events,
/// frames.
fn lines(spans: &[Span]) -> impl Iterator<Item = &[Span]> {
    spans.chunk_by(|before, after| {
        let ends = before.label.class() == Class::Head
            && matches!(before.label, Label::Delimiter | Label::HeadEnd)
            && before.bytes.ends_with(b"\n");
        before.group == after.group && !ends
    })
}

/// Whether these are masked bytes of a client, which its note shows unmasked.
fn is_masked(span: &Span, direction: Direction) -> bool {
    let header = matches!(
        span.label,
        Label::WsFirst | Label::WsLength | Label::WsExtendedLength | Label::WsMask
    );
    let frame = span.label.name().starts_with("ws-");
    frame && !header && direction == Direction::Up && span.note.is_some()
}

/// Whether these bytes are set apart by a space: a number in a frame may look like a
/// letter.
fn is_number(span: &Span) -> bool {
    is_binary(span) || span.label == Label::Opaque
}

/// Whether it is part of a protocol that is not text.
fn is_binary(span: &Span) -> bool {
    let binary = ["ws-", "stun-", "dtls-", "quic-", "encrypted"];
    binary.iter().any(|prefix| span.label.name().starts_with(prefix))
}

/// At most `limit` bytes, as text if they are printable, otherwise in hex.
fn text(span: &Span, limit: usize) -> String {
    let bytes = &span.bytes;
    let spoken = matches!(
        span.label,
        Label::WsPayload | Label::WsPing | Label::WsPong | Label::WsCloseReason
    );
    let may_be_text = spoken || !is_binary(span);
    let shown = &bytes[..bytes.len().min(limit)];
    let printable = |byte: &u8| {
        byte.is_ascii_graphic() || matches!(byte, b' ' | b'\r' | b'\n' | b'\t')
    };
    let mut text = if may_be_text && shown.iter().all(printable) {
        let picture = |byte: &u8| match byte {
            b'\r' => '␍',
            b'\n' => '␊',
            b'\t' => '␉',
            _ => char::from(*byte),
        };
        shown.iter().map(picture).collect::<String>()
    } else {
        let hex: Vec<_> = shown.iter().map(|byte| format!("{byte:02x}")).collect();
        hex.join(" ")
    };
    if bytes.len() > limit {
        text.push_str(&format!(" … {} bytes", bytes.len()));
    }
    text
}

/// How many columns a text takes: East Asian characters and emoji take two.
fn columns(text: &str) -> usize {
    text.chars().map(width).sum()
}

fn width(char: char) -> usize {
    match char {
        '\u{1100}'..='\u{115f}'
        | '\u{231a}'..='\u{231b}'
        | '\u{2600}'..='\u{27bf}' => 2,
        '\u{2e80}'.. => 2,
        _ => 1,
    }
}

/// As much of a text as fits into `limit` columns, with an ellipsis if it was cut.
fn fitted(text: &str, limit: usize) -> String {
    if columns(text) <= limit {
        return text.into();
    }
    let mut left = limit.saturating_sub(1);
    let fits = |char: &char| {
        let fits = width(*char) <= left;
        left = left.saturating_sub(width(*char));
        fits
    };
    let some: String = text.chars().take_while(fits).collect();
    if limit == 0 { some } else { some + "…" }
}

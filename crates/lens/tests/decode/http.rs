//! HTTP: requests, responses, and the techniques that answer with content.

use lens::{
    Class,
    Direction::{Down, Up},
    ProtocolEvent::{Message, Sample},
};

use crate::{
    ASK, CHUNKED, OK, SAMPLE, groups, known, request, response, shown, stream, text,
    without_heads,
};

#[test]
fn a_short_poll_finds_a_sample_and_then_nothing() {
    let body = format!("[{SAMPLE}]");
    let found = format!(
        "{OK}content-length: {}\r\ncontent-type: application/json\r\n\r\n{body}",
        body.len()
    );
    let known = known(&[
        (Up, "GET /short-polling?after=k3f9-16 HTTP/1.1\r\nHost:a\r\nX:\r\n\r\n"),
        (Down, &found),
        (Up, "GET /short-polling?after=k3f9-17 HTTP/1.1\r\n\r\n"),
        (Down, "HTTP/1.1 204 No Content\r\n\r\n"),
    ]);
    assert_eq!(
        shown(&known.up),
        text(
            r"
            method GET
            delimiter \x20
            target /short-polling?after=k3f9-16
            delimiter \x20
            version HTTP/1.1
            delimiter \r\n
            field-name Host
            delimiter :
            field-value a
            delimiter \r\n
            field-name X
            delimiter :\r\n
            head-end \r\n
            method GET
            delimiter \x20
            target /short-polling?after=k3f9-17
            delimiter \x20
            version HTTP/1.1
            delimiter \r\n
            head-end \r\n
            "
        )
        .replace(r"\x20", " ")
    );
    assert_eq!(
        shown(&known.down),
        text(&format!(
            r"
            version HTTP/1.1
            delimiter \x20
            status 200
            delimiter \x20
            reason OK
            delimiter \r\n
            field-name content-length
            delimiter :\x20
            field-value 69  # 69 bytes of content
            delimiter \r\n
            field-name content-type
            delimiter :\x20
            field-value application/json
            delimiter \r\n
            head-end \r\n
            body {}
            version HTTP/1.1
            delimiter \x20
            status 204
            delimiter \x20
            reason No Content
            delimiter \r\n
            head-end \r\n
            ",
            body.as_bytes().escape_ascii()
        ))
        .replace(r"\x20", " ")
    );
    assert_eq!(groups(&known.up), [13, 7]);
    assert_eq!(groups(&known.down), [15, 1, 7]);
    assert_eq!(
        known.events,
        [
            request("/short-polling?after=k3f9-16"),
            response(200, false),
            (Down, Sample),
            (Down, Message),
            request("/short-polling?after=k3f9-17"),
            response(204, true),
        ]
    );
    assert_eq!(known.response_pending, [true, false, true, false]);
}

#[test]
fn a_long_poll_is_pending_until_its_answer_is_complete() {
    let known = known(&[
        (Up, "GET /long-polling HTTP/1.1\r\n\r\n"),
        (Down, &format!("{OK}content-type: application/json\r\n")),
        (Down, "content-length: 2\r\n\r\n["),
        (Down, "]"),
    ]);
    assert_eq!(known.response_pending, [true, true, true, false]);
    assert_eq!(without_heads(&known.down), "body []\n");
}

#[test]
fn a_stream_of_text_has_lines_in_chunks() {
    let line = format!("{SAMPLE}\n");
    let (first, second) = line.split_at(40);
    let lines = format!("{line}{first}");
    let kind = "text/plain; charset=utf-8";
    let known = stream(kind, &[&lines, second, "\n\n", "{\"bye\":1}\n"]);
    let escaped = SAMPLE.as_bytes().escape_ascii().to_string();
    let (first, second) =
        (first.as_bytes().escape_ascii(), second.trim().as_bytes().escape_ascii());
    assert_eq!(
        without_heads(&known.down),
        text(&format!(
            r#"
            chunk-size 6c  # 108 bytes follow
            chunk-line-end \r\n
            body {escaped}
            line-end \n
            body {first}
            chunk-line-end \r\n
            chunk-size 1c  # 28 bytes follow
            chunk-line-end \r\n
            body {second}
            line-end \n
            chunk-line-end \r\n
            chunk-size 2  # 2 bytes follow
            chunk-line-end \r\n
            heartbeat-line \n
            heartbeat-line \n
            chunk-line-end \r\n
            chunk-size a  # 10 bytes follow
            chunk-line-end \r\n
            body {{\"bye\":1}}
            line-end \n
            chunk-line-end \r\n
            last-chunk 0  # the content is complete
            chunk-line-end \r\n
            chunk-line-end \r\n
            "#
        ))
    );
    assert_eq!(groups(&known.down), [15, 6, 5, 5, 5, 3]);
    let told: Vec<_> = known.events.into_iter().skip(2).collect();
    assert_eq!(told, [Sample, Message, Sample, Message, Message].map(|h| (Down, h)));
}

#[test]
fn chunks_may_have_extensions_and_trailers() {
    let answer = format!(
        "{CHUNKED}\r\n05;a=\"b\" ; c\r\nhello\r\n0 ;last\r\nA: b\r\nC: d\r\n\r\n"
    );
    let known = known(&[(Up, ASK), (Down, &answer), (Down, &answer)]);
    assert_eq!(
        without_heads(&known.down[..known.down.len() / 2]),
        text(
            r#"
            chunk-size 05  # 5 bytes follow
            chunk-extension ;a=\"b\" ; c
            chunk-line-end \r\n
            body hello
            chunk-line-end \r\n
            last-chunk 0  # the content is complete
            chunk-extension  ;last
            chunk-line-end \r\n
            trailer A: b\r\n
            trailer C: d\r\n
            chunk-line-end \r\n
            "#
        )
    );
}

#[test]
fn events_have_fields_and_end_with_an_empty_line() {
    let known = stream(
        "text/event-stream",
        &[
            "retry: 2417\n\n",
            "event: gap\nid: k3f9-16\ndata: {\"missed\":3}\n\n",
            &format!("id: k3f9-17\ndata: {SAMPLE}\n\n"),
            "event: weather\nid:",
            " k3f9-17\nda",
            "ta: BERLIN 7.4\ndata:LONDON\n\n",
            ": heartbeat\n\n",
            "event: bye\nid: k3f9-17\ndata\n\n",
        ],
    );
    let events = known.down.iter().filter(|span| {
        let label = span.label;
        label.class() != Class::Head && !label.name().contains("chunk")
    });
    let escaped = SAMPLE.as_bytes().escape_ascii();
    assert_eq!(
        shown(events),
        text(&format!(
            r#"
            sse-field retry:\x20
            sse-retry 2417  # wait 2417 ms before reconnecting
            sse-line-end \n
            sse-dispatch \n  # no data, so the page gets nothing
            sse-field event:\x20
            sse-event gap
            sse-line-end \n
            sse-field id:\x20
            sse-id k3f9-16
            sse-line-end \n
            sse-field data:\x20
            sse-data {{\"missed\":3}}
            sse-line-end \n
            sse-dispatch \n  # the page gets an event “gap”
            sse-field id:\x20
            sse-id k3f9-17
            sse-line-end \n
            sse-field data:\x20
            sse-data {escaped}
            sse-line-end \n
            sse-dispatch \n  # the page gets a message
            sse-field event:\x20
            sse-event weather
            sse-line-end \n
            sse-field id:
            sse-field \x20
            sse-id k3f9-17
            sse-line-end \n
            sse-field da
            sse-field ta:\x20
            sse-data BERLIN 7.4
            sse-line-end \n
            sse-field data:
            sse-data LONDON
            sse-line-end \n
            sse-dispatch \n  # the page gets an event “weather”
            sse-comment : heartbeat
            sse-line-end \n
            sse-dispatch \n  # no data, so the page gets nothing
            sse-field event:\x20
            sse-event bye
            sse-line-end \n
            sse-field id:\x20
            sse-id k3f9-17
            sse-line-end \n
            sse-field data
            sse-line-end \n
            sse-dispatch \n  # the page gets an event “bye”
            "#
        ))
        .replace(r"\x20", " ")
    );
    let messages = known.events.iter().filter(|(_, h)| *h == Message).count();
    let samples = known.events.iter().filter(|(_, h)| *h == Sample).count();
    assert_eq!((messages, samples), (4, 1));
}

#[test]
fn every_line_end_of_events_is_understood() {
    let events =
        "\u{feff}data: a\rdata:b\r\r\ndata: c\r\n\r\nDATA: d\nretry: 5 s\n\r\r";
    let answer = format!("{OK}content-type: text/event-stream\r\n\r\n{events}");
    let known = known(&[(Up, ASK), (Down, &answer)]);
    assert_eq!(
        without_heads(&known.down),
        text(
            r"
            sse-unknown \xef\xbb\xbf  # byte order mark
            sse-field data:\x20
            sse-data a
            sse-line-end \r
            sse-field data:
            sse-data b
            sse-line-end \r
            sse-dispatch \r\n  # the page gets a message
            sse-field data:\x20
            sse-data c
            sse-line-end \r\n
            sse-dispatch \r\n  # the page gets a message
            sse-field DATA:\x20
            sse-unknown d
            sse-line-end \n
            sse-field retry:\x20
            sse-retry 5 s  # not only digits, so ignored
            sse-line-end \n
            sse-dispatch \r  # no data, so the page gets nothing
            sse-dispatch \r  # no data, so the page gets nothing
            "
        )
        .replace(r"\x20", " ")
    );
    // The head, the mark, and each event is a group: no chunks are around them.
    assert_eq!(groups(&known.down), [11, 1, 7, 4, 7, 1]);
}

#[test]
fn requests_may_be_sent_before_the_answers() {
    let up = format!(
        "{ASK}HEAD /head HTTP/1.1\r\n\r\n\r\nPOST /post HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody{ASK}"
    );
    let down = format!(
        "HTTP/1.1 103 Early Hints\r\n\r\n{OK}content-length: 2\r\n\r\nok\
         {OK}content-length: 77\r\n\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n{OK}\r\nuntil the end"
    );
    let known = known(&[(Up, &up), (Down, &down)]);
    assert_eq!(without_heads(&known.up), "body body\n");
    assert_eq!(without_heads(&known.down), "body ok\nbody until the end\n");
    assert_eq!(
        known.events,
        [
            request("/x"),
            request("/head"),
            request("/post"),
            request("/x"),
            response(200, false),
            response(200, true),
            response(304, true),
            response(200, false),
        ]
    );
    assert_eq!(known.response_pending, [true, true]);
}

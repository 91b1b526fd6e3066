//! What no client should send, each on a connection of its own.

use std::{net::SocketAddr, time::Duration};

use bench::client::Protocol;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    bystanders::{Bystanders, lines},
    error::Error,
    five::start_five,
    malformed::{Answer, FRAMES, REQUESTS, bytes},
    outcome::{Outcome, judge},
};

/// What no client should send, each on a connection of its own.
pub(crate) async fn malformed() -> Result<Outcome, Error> {
    let server = start_five(&["--every", "10ms"])?;
    let bystanders = Bystanders::enter(server.address, 10, &Protocol::ALL);
    let mut wrong = Vec::new();
    for (name, request, expected) in REQUESTS {
        let (answer, ended) = exchange(server.address, &bytes(request)).await?;
        let status = status(&answer);
        let refused = status.is_some_and(|status| (400..500).contains(&status));
        let right = match *expected {
            Answer::Status(code) => status == Some(code),
            Answer::Either(a, b) => status == Some(a) || status == Some(b),
            Answer::Refused => refused,
            Answer::RefusedOrClosed => refused || (ended && answer.is_empty()),
            Answer::Close(_) => false,
        };
        if !right {
            wrong.push(format!("{name}: {status:?}, expected {expected:?}"));
        }
    }
    for (name, frame, expected) in FRAMES {
        let frames = [Protocol::Websocket.request(None).as_bytes(), frame].concat();
        let (answer, _) = exchange(server.address, &frames).await?;
        let code = close_code(&answer).map(Answer::Close);
        if code != Some(*expected) {
            wrong.push(format!("{name}: {code:?}, expected {expected:?}"));
        }
    }
    let count = REQUESTS.len() + FRAMES.len();
    let complaints = bystanders.leave().await?;
    let text = format!(
        "{} of {count} answered as an RFC wants or we promise, beside 10 others",
        count - wrong.len()
    );
    let held = wrong.is_empty() && complaints.is_empty();
    judge(held, text + &lines(&wrong) + &lines(&complaints))
}

/// Sends bytes; all that comes back until a head or a Close frame was whole, or the server
/// closes; and whether it was one of these, and not just silent.
async fn exchange(
    server: SocketAddr,
    bytes: &[u8],
) -> Result<(Vec<u8>, bool), Error> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(bytes).await?;
    let mut answer = Vec::new();
    let read = async {
        while !matches!(stream.read_buf(&mut answer).await, Ok(0) | Err(_)) {
            let http = status(&answer).is_some_and(|status| status != 101);
            if http || close_code(&answer).is_some() {
                break;
            }
        }
    };
    let ended = timeout(Duration::from_secs(15), read).await.is_ok();
    Ok((answer, ended))
}

pub(super) fn status(answer: &[u8]) -> Option<u16> {
    let digits = answer.strip_prefix(b"HTTP/1.")?.get(2..5)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The code of the Close frame among the frames after a handshake.
fn close_code(answer: &[u8]) -> Option<u16> {
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let mut frames = &answer[end + 4..];
    loop {
        let (&[first, length], rest) = frames.split_first_chunk()?;
        if first == 0x88 {
            return Some(u16::from_be_bytes(*rest.first_chunk()?));
        }
        // What the server says is shorter than 126 bytes, or it is no Close.
        frames = rest.get(usize::from(length)..)?;
    }
}

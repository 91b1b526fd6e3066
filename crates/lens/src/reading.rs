//! Reads from a socket what is there, and no more than is reported at once.

use std::{cell::RefCell, io};

use bytes::Bytes;
use tokio::net::tcp::ReadHalf;

/// The most that one read takes.
const READ_BYTES: usize = 16 << 10;

/// The same while effects hold bytes back. It is smaller, because the bytes of one
/// read are reported together, when the last of them has left.
const SHAPED_READ_BYTES: usize = 512;

thread_local! {
    /// Where all connections of this thread read to, one after the other: [`try_read`]
    /// copies what came before it returns.
    static SCRATCH: RefCell<Vec<u8>> = RefCell::new(vec![0; READ_BYTES]);
}

/// The most that one read takes, `shaped` by effects or not.
pub(crate) fn most(shaped: bool) -> usize {
    if shaped { SHAPED_READ_BYTES } else { READ_BYTES }
}

/// Reads what is there, up to [`most`] bytes; none, at the end.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] when nothing is there; otherwise, the socket's.
pub(crate) fn try_read(from: &ReadHalf<'_>, most: usize) -> io::Result<Bytes> {
    SCRATCH.with_borrow_mut(|scratch| {
        let count = from.try_read(&mut scratch[..most])?;
        // A copy of its own size: a slice would keep all of a large one.
        Ok(Bytes::copy_from_slice(&scratch[..count]))
    })
}

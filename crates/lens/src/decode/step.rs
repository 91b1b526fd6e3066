//! How one step of a decoder ends.

/// How a decoder goes on after it has labelled some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// With the next bytes.
    Continue,
    /// When there are more bytes.
    NeedBytes,
    /// Not at all: the message is complete.
    Complete,
}

/// Why a direction can't be decoded any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fault(pub(super) &'static str);

//! The text stream: one message in each line.
//!
//! ```text
//! {"id":"k3f9-17",…}␊     body line-end
//! ␊                       heartbeat-line
//! ```

use super::{ProtocolEvent, labeler::Labeler};
use crate::Label;

/// Labels lines, wherever chunks cut them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line is not empty.
    begun: bool,
}

impl Lines {
    /// Labels the next `count` bytes.
    pub(super) fn write(&mut self, labeler: &mut Labeler, mut count: usize) {
        while count > 0 {
            let text = &labeler.rest()[..count];
            let length = text.iter().position(|b| *b == b'\n').unwrap_or(count);
            if length > 0 {
                labeler.label_payload(length, Label::Body);
                self.begun = true;
                count -= length;
                continue;
            }
            if self.begun {
                labeler.label(1, Label::LineEnd);
                labeler.emit(ProtocolEvent::Message);
            } else {
                labeler.begin_unit();
                labeler.label(1, Label::HeartbeatLine);
            }
            self.begun = false;
            count -= 1;
        }
    }
}

//! The text stream: a message a line.
//!
//! ```text
//! {"id":"k3f9-17",…}␊     body line-end
//! ␊                       heartbeat-line
//! ```

use super::{ProtocolEvent, pen::Pen};
use crate::Label;

/// Labels lines, wherever chunks cut them.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// The line is not empty.
    begun: bool,
}

impl Lines {
    /// Labels the next `count` bytes.
    pub(super) fn write(&mut self, pen: &mut Pen, mut count: usize) {
        while count > 0 {
            let text = &pen.rest()[..count];
            let length = text.iter().position(|b| *b == b'\n').unwrap_or(count);
            if length > 0 {
                pen.take_message(length, Label::Body);
                self.begun = true;
                count -= length;
                continue;
            }
            if self.begun {
                pen.take(1, Label::LineEnd);
                pen.tell(ProtocolEvent::Message);
            } else {
                pen.cut();
                pen.take(1, Label::HeartbeatLine);
            }
            self.begun = false;
            count -= 1;
        }
    }
}

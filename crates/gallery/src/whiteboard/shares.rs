//! Whose ink is on the whiteboard. While there is room, all draw. When it is full, the oldest
//! ink goes, and a device that has drawn much of the board pushes out none of others.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
};

/// The part of a full board that one device may take from others: a quarter.
const DEVICE_PARTS: usize = 4;

/// How many bytes of the board's log are of which device: what it drew, as the log has it.
#[derive(Debug)]
pub(super) struct Shares {
    /// How many bytes a full board has.
    limit: usize,
    bytes: usize,
    /// The pieces of ink that are kept, the oldest first.
    pieces: VecDeque<Piece>,
    by_device: HashMap<IpAddr, usize>,
}

#[derive(Debug)]
struct Piece {
    /// The number of its entry.
    seq: u64,
    device: IpAddr,
    bytes: usize,
}

impl Shares {
    pub(super) fn new(limit: usize) -> Self {
        let (pieces, by_device) = (VecDeque::new(), HashMap::new());
        Self { limit, bytes: 0, pieces, by_device }
    }

    /// Whether a device may draw: it pushes out ink of its own, or has not drawn much.
    pub(super) fn may_draw(&self, device: IpAddr) -> bool {
        let own = self.by_device.get(&device).copied().unwrap_or_default();
        self.bytes < self.limit
            || own < self.limit / DEVICE_PARTS
            || self.pieces.front().is_none_or(|oldest| oldest.device == device)
    }

    /// Adds a piece of the entry `seq`.
    pub(super) fn add(&mut self, seq: u64, device: IpAddr, bytes: usize) {
        self.bytes += bytes;
        *self.by_device.entry(device).or_default() += bytes;
        self.pieces.push_back(Piece { seq, device, bytes });
    }

    /// Forgets what is in no entry after this one.
    pub(super) fn forget_to(&mut self, seq: u64) {
        let gone = self.pieces.partition_point(|piece| piece.seq <= seq);
        for piece in self.pieces.drain(..gone) {
            self.bytes -= piece.bytes;
            if let Some(own) = self.by_device.get_mut(&piece.device) {
                *own -= piece.bytes;
                if *own == 0 {
                    self.by_device.remove(&piece.device);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    #[test]
    fn a_full_board_is_not_taken_by_one_device() {
        let [ada, bob, eve] =
            [1, 2, 3].map(|number| Ipv4Addr::from_bits(number).into());
        let mut shares = Shares::new(100);
        shares.add(2, ada, 10);
        for seq in 3..12 {
            assert!(shares.may_draw(eve), "there is room");
            shares.add(seq, eve, 10);
        }
        assert!(!shares.may_draw(eve), "the oldest is of another one");
        assert!(shares.may_draw(ada) && shares.may_draw(bob));
        shares.add(12, bob, 10);
        shares.forget_to(2); // it has pushed out that of ada
        assert!(shares.may_draw(eve), "the oldest is its own");
        shares.forget_to(20);
        assert_eq!((shares.bytes, shares.by_device.len()), (0, 0));
    }
}

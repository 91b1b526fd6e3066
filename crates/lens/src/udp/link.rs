//! One direction of a flow: what is lost, what waits, and for how long. It knows no socket.

use std::{
    cmp::{Ordering, Reverse},
    collections::{BinaryHeap, binary_heap::PeekMut},
    time::Duration,
};

use bytes::Bytes;
use tokio::time::Instant;

use super::{
    account::DatagramCount, conditions::Conditions, effects::Throttle,
    watcher::LossCause,
};
use crate::Direction;

/// How many bytes wait in one direction of a flow; more are dropped. As much as the lens
/// holds of a TCP connection.
const QUEUE_CAPACITY_BYTES: usize = 64 << 10;

/// What a datagram costs at least while it waits, so that empty ones are bounded, too.
const DATAGRAM_COST_BYTES: usize = 64;

/// One direction of a flow.
pub(super) struct Link {
    direction: Direction,
    /// What waits; the first is the next to leave.
    queue: BinaryHeap<Reverse<Held>>,
    /// What it costs, of [`QUEUE_CAPACITY_BYTES`].
    queued: usize,
    /// The number of the next datagram: those that leave at the same time stay in order.
    next_number: u64,
    /// When a throttled link has written all that it was given.
    free: Option<Instant>,
}

/// A datagram that waits. They are ordered by `due`, and then by `number`.
struct Held {
    due: Instant,
    number: u64,
    arrived: Instant,
    datagram: Bytes,
}

impl Ord for Held {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.due, self.number).cmp(&(other.due, other.number))
    }
}

impl PartialOrd for Held {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Held {}

impl Link {
    pub(super) fn new(direction: Direction) -> Self {
        Self {
            direction,
            queue: BinaryHeap::new(),
            queued: 0,
            next_number: 0,
            free: None,
        }
    }

    /// A datagram came. Returns why it is lost, if it is.
    pub(super) fn push(
        &mut self,
        datagram: &Bytes,
        now: Instant,
        conditions: &Conditions,
        count: &mut DatagramCount,
    ) -> Option<LossCause> {
        count.received += 1;
        count.received_bytes += datagram.len() as u64;
        if conditions.cut.cuts() {
            return Some(LossCause::Cut);
        }
        if conditions.lose.loses(self.direction) {
            return Some(LossCause::Lose);
        }
        if !self.hold(datagram.clone(), now, conditions, count) {
            return Some(LossCause::QueueFull);
        }
        // A copy for which there is no space is not made.
        if conditions.duplicate.duplicates()
            && self.hold(datagram.clone(), now, conditions, count)
        {
            count.duplicated += 1;
        }
        None
    }

    /// Puts a datagram into the queue, unless that is full.
    fn hold(
        &mut self,
        datagram: Bytes,
        arrived: Instant,
        conditions: &Conditions,
        count: &mut DatagramCount,
    ) -> bool {
        let cost = cost(&datagram);
        if self.queued + cost > QUEUE_CAPACITY_BYTES {
            return false;
        }
        self.queued += cost;
        count.held += 1;
        let due = self.schedule(arrived, datagram.len(), conditions);
        let number = self.next_number;
        self.next_number += 1;
        self.queue.push(Reverse(Held { due, number, arrived, datagram }));
        true
    }

    /// When a datagram leaves: first its bytes are written, and then they travel.
    fn schedule(
        &mut self,
        arrived: Instant,
        bytes: usize,
        conditions: &Conditions,
    ) -> Instant {
        let written = match conditions.throttle {
            Some(throttle) => self.write(throttle, arrived, bytes),
            None => arrived,
        };
        written + conditions.delay.draw()
    }

    fn write(&mut self, throttle: Throttle, now: Instant, bytes: usize) -> Instant {
        let start = self.free.map_or(now, |free| free.max(now));
        *self.free.insert(throttle.left(start, bytes))
    }

    /// The next datagram whose time has come, and how long it was held.
    pub(super) fn pop(
        &mut self,
        now: Instant,
        count: &mut DatagramCount,
    ) -> Option<(Bytes, Duration)> {
        let first = self.queue.peek_mut()?;
        if first.0.due > now {
            return None;
        }
        let Held { arrived, datagram, .. } = PeekMut::pop(first).0;
        self.queued -= cost(&datagram);
        count.held -= 1;
        Some((datagram, now.duration_since(arrived)))
    }

    /// When the next datagram leaves.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.queue.peek().map(|Reverse(held)| held.due)
    }

    /// Gives what waits the times that it had got if these conditions had been there
    /// when it came.
    pub(super) fn reschedule(&mut self, conditions: &Conditions) {
        self.free = None;
        let mut held: Vec<_> = self.queue.drain().collect();
        held.sort_unstable_by_key(|Reverse(held)| held.number);
        for Reverse(held) in &mut held {
            held.due = self.schedule(held.arrived, held.datagram.len(), conditions);
        }
        self.queue.extend(held);
    }

    /// Drops what waits, since the flow ends.
    pub(super) fn clear(&mut self, count: &mut DatagramCount) {
        let held = self.queue.drain().count() as u64;
        count.held -= held;
        count.dropped += held;
        self.queued = 0;
    }
}

fn cost(datagram: &Bytes) -> usize {
    datagram.len().max(DATAGRAM_COST_BYTES)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::{
        super::effects::{Cut, Delay, Duplicate, Lose},
        *,
    };

    fn conditions() -> impl Strategy<Value = Conditions> {
        let percent = || prop_oneof![Just(0), Just(100), 0..=100_u64];
        let delay = (0..50_u64).prop_flat_map(|ms| (Just(ms), 0..=ms));
        let rate = 1..100_000_u64;
        let throttle =
            rate.prop_map(|bytes_per_second| Throttle { bytes_per_second });
        (percent(), percent(), delay, proptest::option::of(throttle), any::<bool>())
            .prop_map(|(lost, doubled, (ms, jitter), throttle, cut)| Conditions {
                lose: Lose { percent: lost, direction: None },
                duplicate: Duplicate { percent: doubled },
                delay: Delay { ms, jitter },
                throttle,
                cut: Cut(cut),
            })
    }

    /// A burst of datagrams after so many ms, and other conditions before it, perhaps.
    type Step = (u64, Vec<Vec<u8>>, Option<Conditions>);

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let sizes = prop_oneof![9 => 0..1500_usize, 1 => 60_000..65_000_usize];
        let datagram =
            (any::<u8>(), sizes).prop_map(|(byte, size)| vec![byte; size]);
        let change = proptest::option::of(conditions());
        vec((0..100_u64, vec(datagram, 0..30), change), 1..10)
    }

    /// What leaves, in its order, and the account at the end.
    fn run(link: &mut Link, steps: &[Step]) -> (Vec<Bytes>, DatagramCount) {
        let (mut now, mut conditions) = (Instant::now(), Conditions::default());
        let (mut count, mut left) = (DatagramCount::default(), Vec::new());
        let mut lost = 0;
        for (ms, datagrams, change) in steps {
            now += Duration::from_millis(*ms);
            if let Some(change) = change {
                conditions = *change;
                link.reschedule(&conditions);
            }
            for datagram in datagrams {
                let datagram = Bytes::from(datagram.clone());
                lost += u64::from(
                    link.push(&datagram, now, &conditions, &mut count).is_some(),
                );
                assert!(link.queued <= QUEUE_CAPACITY_BYTES);
            }
            while let Some((datagram, held)) = link.pop(now, &mut count) {
                assert!(held <= now.duration_since(now - held));
                left.push(datagram);
            }
            // It is asleep until something is due.
            assert!(link.next_due().is_none_or(|due| due > now));
            let out = left.len() as u64 + lost + count.held;
            assert_eq!(count.received + count.duplicated, out);
            assert_eq!(count.held, link.queue.len() as u64);
        }
        (left, count)
    }

    proptest! {
        #[test]
        fn what_leaves_is_a_part_of_what_came_and_unchanged(steps in steps()) {
            let (mut left, count) = run(&mut Link::new(Direction::Up), &steps);
            let mut came: Vec<_> =
                steps.iter().flat_map(|(_, datagrams, _)| datagrams.clone()).collect();
            if count.duplicated > 0 {
                came.extend(came.clone());
            }
            came.sort();
            left.sort();
            // Both are sorted: each that left is found behind the one before.
            let mut came = came.iter();
            for datagram in &left {
                prop_assert!(came.any(|one| one == datagram));
            }
        }

        #[test]
        fn with_no_effect_all_leave_and_in_order(steps in steps()) {
            let plain = |(ms, datagrams, _): Step| {
                // A burst that fits into the queue.
                let datagrams = datagrams.into_iter().filter(|d| d.len() < 1500);
                (ms, datagrams.collect(), None)
            };
            let steps: Vec<Step> = steps.into_iter().map(plain).collect();
            let (left, count) = run(&mut Link::new(Direction::Up), &steps);
            let came: Vec<_> =
                steps.into_iter().flat_map(|(_, datagrams, _)| datagrams).collect();
            prop_assert_eq!(left, came);
            prop_assert_eq!(count.held, 0);
        }

        #[test]
        fn without_jitter_none_overtakes(
            steps in steps(),
            delay in 0..50_u64,
            rate in 1..100_000_u64,
        ) {
            let throttle = Some(Throttle { bytes_per_second: rate });
            let delay = Delay { ms: delay, jitter: 0 };
            let mut conditions = Some(Conditions { delay, throttle, ..Conditions::default() });
            let mut number = 0_u32;
            let mut numbered = |(ms, datagrams, _): Step| {
                let datagrams = datagrams.into_iter().map(|mut datagram| {
                    number += 1;
                    datagram.splice(0..0, number.to_be_bytes());
                    datagram
                });
                (ms, datagrams.collect(), conditions.take())
            };
            let steps: Vec<Step> = steps.into_iter().map(&mut numbered).collect();
            let (left, _) = run(&mut Link::new(Direction::Up), &steps);
            prop_assert!(left.is_sorted_by(|before, after| before[..4] < after[..4]));
        }
    }

    #[test]
    fn what_waits_leaves_at_once_when_a_throttle_ends() {
        let (start, mut count) = (Instant::now(), DatagramCount::default());
        let throttle = Some(Throttle { bytes_per_second: 10 });
        let slow = Conditions { throttle, ..Conditions::default() };
        let mut link = Link::new(Direction::Up);
        for byte in 0..3 {
            link.push(&vec![byte; 10].into(), start, &slow, &mut count);
        }
        let second = start + Duration::from_secs(1);
        assert_eq!(link.next_due(), Some(second));
        assert!(link.pop(second, &mut count).is_some());
        assert!(link.pop(second, &mut count).is_none());
        link.reschedule(&Conditions::default());
        let rest = [link.pop(second, &mut count), link.pop(second, &mut count)];
        assert_eq!(rest.map(|held| held.unwrap().0[0]), [1, 2]);
    }
}

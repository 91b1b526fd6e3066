//! Random data at random times, repeatable with a seed.

use std::time::Duration;

use rand::{RngExt, SeedableRng, rngs::StdRng};

use crate::cursor::ALPHABET;

/// The source of the data and of the pauses: the same seed gives the same samples at the
/// same times.
#[derive(Debug)]
pub struct Random(StdRng);

impl Random {
    /// A repeatable source with a seed, another one each time without.
    #[must_use]
    pub fn new(seed: Option<u64>) -> Self {
        Self(StdRng::seed_from_u64(seed.unwrap_or_else(rand::random)))
    }

    /// The data of a sample: 13 characters of `0-9a-z`.
    pub fn data(&mut self) -> String {
        let character = |_| char::from(ALPHABET[self.0.random_range(0..36)]);
        (0..13).map(character).collect()
    }

    /// How long to wait for the next sample: between half and double of `mean`, and
    /// `mean` on average. (Two thirds of the pauses average 0.75, one third 1.5.)
    /// Irregular on purpose: with a fixed interval, a poll in step with it would
    /// look as fast as a stream.
    pub fn pause(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(if self.0.random_ratio(2, 3) {
            self.0.random_range(0.5..1.0)
        } else {
            self.0.random_range(1.0..2.0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_repeats_data_and_rhythm() {
        let mean = Duration::from_secs(2);
        let show = |seed| {
            let mut random = Random::new(seed);
            (0..20).map(|_| (random.data(), random.pause(mean))).collect::<Vec<_>>()
        };
        assert_eq!(show(Some(7)), show(Some(7)));
        assert_ne!(show(Some(7)), show(Some(8)));
        assert_ne!(show(None), show(None));
    }

    #[test]
    fn data_is_thirteen_characters_of_the_alphabet() {
        let data = Random::new(Some(1)).data();
        assert_eq!(data.len(), 13);
        assert!(data.bytes().all(|byte| ALPHABET.contains(&byte)), "{data}");
    }

    #[test]
    fn pauses_keep_their_mean_and_their_bounds() {
        let mean = Duration::from_millis(1000);
        let mut random = Random::new(Some(1));
        let pauses: Vec<_> = (0..20_000).map(|_| random.pause(mean)).collect();
        assert!(pauses.iter().all(|&pause| pause >= mean / 2 && pause <= mean * 2));
        let average = pauses.iter().sum::<Duration>() / 20_000;
        assert!(average.abs_diff(mean) < mean / 50, "{average:?}");
    }
}

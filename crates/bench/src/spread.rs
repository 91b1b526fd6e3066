//! What a figure was in several rounds.

use std::fmt;

/// The least, the middle and the most of a figure's values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) min: f64,
    pub(crate) median: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Nothing, when there are no values.
    pub(crate) fn of(values: impl Iterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let (upper, lower) = (values.len() / 2, values.len().checked_sub(1)? / 2);
        let median = (values[lower] + values[upper]) / 2.0;
        Some(Self { min: values[0], median, max: *values.last()? })
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { min, median, max } = self;
        write!(f, "{median:.2}, {min:.2} to {max:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_one_or_between_the_middle_two() {
        let median = |values: &[f64]| Spread::of(values.iter().copied());
        let odd = Spread { min: 1.0, median: 2.0, max: 3.0 };
        assert_eq!(median(&[3.0, 1.0, 2.0]), Some(odd));
        let even = Spread { min: 1.0, median: 2.5, max: 4.0 };
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), Some(even));
        assert_eq!(median(&[]), None);
        assert_eq!(even.to_string(), "2.50, 1.00 to 4.00");
    }
}

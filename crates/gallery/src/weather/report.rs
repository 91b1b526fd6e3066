//! The weather report: made up, a little different each time.

use std::time::SystemTime;

use feed::{Cursor, Run};
use rand::RngExt;
use serde::Serialize;

const CITIES: [&str; 8] =
    ["Berlin", "Cairo", "Lagos", "Lima", "London", "Mumbai", "Oslo", "Tokyo"];
/// How many hours a forecast has, from now on.
const HOURS: usize = 24;

#[derive(Debug, Clone, Serialize)]
struct City {
    name: &'static str,
    /// Celsius, an hour each.
    degrees: Vec<f64>,
}

#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    cities: Vec<City>,
    /// Of this run of the server: another run has other names.
    #[serde(skip)]
    pub(super) id: Cursor,
    #[serde(skip)]
    pub(super) modified: SystemTime,
}

impl Report {
    pub(super) fn first() -> Self {
        let mut random = rand::rng();
        let city = |name| {
            let now: f64 = random.random_range(-5.0..30.0);
            let hour = |hour: usize| now + 4.0 * (hour as f64 / 4.0).sin();
            City { name, degrees: (0..HOURS).map(hour).map(tenths).collect() }
        };
        let cities = CITIES.map(city).into();
        let id = Cursor { run: Run::draw(), seq: 1 };
        Self { cities, id, modified: SystemTime::now() }
    }

    /// Each city is a little warmer or colder.
    pub(super) fn next(&self) -> Self {
        let mut next = self.clone();
        for city in &mut next.cities {
            let drift = rand::random_range(-1.0..1.0);
            city.degrees.iter_mut().for_each(|hour| *hour = tenths(*hour + drift));
        }
        next.id.seq += 1;
        next.modified = SystemTime::now();
        next
    }
}

fn tenths(degrees: f64) -> f64 {
    (degrees * 10.0).round() / 10.0
}

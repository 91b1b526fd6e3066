//! The weather: a value without history, which SSE sends as an event of several lines.

use std::{sync::Arc, time::Duration};

use tokio::{spawn, sync::watch, time::sleep};

/// The weather in three cities, one line for each:
///
/// ```text
/// BERLIN 7.4
/// LONDON 9.1
/// PARIS 10.0
/// ```
///
/// It has no log and no ids: a client that was away is shown the weather of now.
#[derive(Debug)]
pub struct Weather(
    /// The newest lines, written by the task that `new` starts.
    watch::Receiver<Arc<str>>,
);

impl Weather {
    /// Lets each city drift by a tenth of a degree (Celsius) at this interval, for as long
    /// as this or a clone from `follow` exists. Needs a Tokio runtime.
    #[must_use]
    pub fn new(every: Duration) -> Self {
        let mut tenths = [74, 91, 100];
        let (sender, receiver) = watch::channel(lines(tenths));
        spawn(async move {
            while !sender.is_closed() {
                sleep(every).await;
                tenths = tenths.map(|t| t + if rand::random() { 1 } else { -1 });
                sender.send_replace(lines(tenths));
            }
        });
        Self(receiver)
    }

    /// A client's view: the weather from its next change on.
    #[must_use]
    pub fn follow(&self) -> Self {
        let mut weather = self.0.clone();
        weather.mark_unchanged();
        Self(weather)
    }

    /// Waits for the weather to change. Cancel safe.
    pub async fn next(&mut self) -> Arc<str> {
        if self.0.changed().await.is_err() {
            // The task that changes the weather is gone: it stays as it is.
            std::future::pending::<()>().await;
        }
        self.0.borrow_and_update().clone()
    }
}

fn lines(tenths: [i32; 3]) -> Arc<str> {
    let [berlin, london, paris] = tenths.map(|tenths| f64::from(tenths) / 10.0);
    format!("BERLIN {berlin:.1}\nLONDON {london:.1}\nPARIS {paris:.1}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn degrees(lines: &str) -> Vec<f64> {
        let cities: Vec<_> =
            lines.lines().map(|l| l.split_once(' ').unwrap()).collect();
        assert_eq!(cities.iter().map(|c| c.0).collect::<Vec<_>>(), CITIES);
        cities.iter().map(|city| city.1.parse().unwrap()).collect()
    }

    const CITIES: [&str; 3] = ["BERLIN", "LONDON", "PARIS"];

    #[tokio::test(start_paused = true)]
    async fn a_late_follower_waits_for_the_next_change() {
        let weather = Weather::new(Duration::from_secs(3));
        let before = weather.follow().next().await;
        let mut late = weather.follow();
        let change = tokio::time::Instant::now();
        assert_ne!(late.next().await, before);
        assert_eq!(change.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn each_city_drifts_by_a_tenth_of_a_degree() {
        let weather = Weather::new(Duration::from_secs(3));
        let mut followed = weather.follow();
        let mut before = degrees(&lines([74, 91, 100]));
        for _ in 0..50 {
            let now = degrees(&followed.next().await);
            for (now, before) in now.iter().zip(&before) {
                assert!(((now - before).abs() - 0.1).abs() < 1e-9, "{before} {now}");
            }
            before = now;
        }
    }
}

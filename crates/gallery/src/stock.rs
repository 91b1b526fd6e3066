//! # Stock prices: several kinds of events on one stream
//!
//! A page that opens late is sent what there is, then each change to it. A page that was cut
//! off says where it was, and is sent what it missed, without a hole and nothing twice.
//!
//! ```text
//! GET /stock/events
//!
//! event: snapshot
//! id: k3f9-40
//! data: [{"symbol":"ADA","prices":[101.2,100.9],"halted":false}, …]
//!
//! event: price
//! id: k3f9-41
//! data: {"at":1795207096301,"symbol":"ADA","price":101.7}
//!
//! event: trading
//! id: k3f9-42
//! data: {"at":1795207096801,"symbol":"BABBAGE","halted":true}
//! ```

use std::{collections::VecDeque, num::NonZeroUsize, sync::Mutex};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    web::{self, Bytes, Data, Query},
};
use feed::{Cursor, Feed, Follower, unix_millis};
use serde::Serialize;
use stage::Routes;

use crate::{
    events::{Resume, event, json, publish, respond},
    gallery::{Gallery, lock},
    headers::no_store,
};

const SYMBOLS: [&str; 4] = ["ADA", "BABBAGE", "CURIE", "DARWIN"];
/// How many prices of a stock a chart begins with.
const PRICES_CAPACITY: usize = 60;
/// How many changes are kept for pages that were cut off: some minutes of them.
const CHANGES_CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

/// All stocks, and what changed.
struct Market {
    /// Written by `change` alone, which publishes to the log under the same lock.
    stocks: Mutex<[Stock; 4]>,
    changes: Feed,
}

#[derive(Serialize)]
struct Stock {
    symbol: &'static str,
    prices: VecDeque<f64>,
    halted: bool,
}

/// What changed, under the name of its event: `price` or `trading`; `at` in Unix
/// milliseconds.
#[derive(Serialize)]
#[serde(untagged)]
enum Change {
    Price { at: u64, symbol: &'static str, price: f64 },
    Trading { at: u64, symbol: &'static str, halted: bool },
}

/// Adds `GET /stock/events`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let stock = |symbol| Stock { symbol, prices: [100.0].into(), halted: false };
    let market = Data::new(Market {
        stocks: Mutex::new(SYMBOLS.map(stock)),
        changes: gallery.log(CHANGES_CAPACITY, "opened"),
    });
    // A chart is not empty at the start.
    (0..SYMBOLS.len() * PRICES_CAPACITY).for_each(|_| market.change());
    let changing = market.clone();
    gallery.repeat(gallery.flags.prices, move || changing.change());
    move |app| {
        app.app_data(market.clone());
        app.service(web::resource("/stock/events").wrap(no_store()).get(events));
    }
}

async fn events(
    request: HttpRequest,
    resume: Query<Resume>,
    market: Data<Market>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let (first, follower) = market.follow(resume.cursor(&request)?);
    Ok(respond(first, follower, gallery.flags.heartbeat))
}

impl Market {
    /// Changes one stock, and tells all pages.
    fn change(&self) {
        let mut stocks = lock(&self.stocks);
        let stock = &mut stocks[rand::random_range(0..SYMBOLS.len())];
        let (at, symbol) = (unix_millis(), stock.symbol);
        if stock.halted || rand::random_ratio(1, 40) {
            stock.halted = !stock.halted;
            let halted = stock.halted;
            publish(
                &self.changes,
                "trading",
                &Change::Trading { at, symbol, halted },
            );
        } else {
            let last = stock.prices.back().map_or(100.0, |last| last * 100.0);
            let price = (last * rand::random_range(0.99..1.01)).round() / 100.0;
            stock.prices.push_back(price);
            if stock.prices.len() > PRICES_CAPACITY {
                stock.prices.pop_front();
            }
            publish(&self.changes, "price", &Change::Price { at, symbol, price });
        }
    }

    /// What a page is sent first, and what it follows from there. Under the lock: each
    /// change is in the snapshot or comes after it, and never neither or both.
    fn follow(&self, cursor: Option<Cursor>) -> (Vec<Bytes>, Follower) {
        let stocks = lock(&self.stocks);
        let gap = cursor.and_then(|_| self.changes.since(cursor).gap.clone());
        if cursor.is_some() && gap.is_none() {
            return (Vec::new(), self.changes.follow(cursor)); // it has all before
        }
        let now = self.changes.since(None).cursor();
        let gap = gap.map(|gap| event(Some("gap"), now, &gap.json()));
        let snapshot = event(Some("snapshot"), now, &json(&*stocks));
        (gap.into_iter().chain([snapshot]).collect(), self.changes.follow(now))
    }
}

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
//! data: {"symbol":"ADA","price":101.7}
//!
//! event: trading
//! id: k3f9-42
//! data: {"symbol":"BABBAGE","halted":true}
//! ```

use std::{
    collections::VecDeque,
    num::NonZeroUsize,
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    rt::spawn,
    web::{self, Bytes, Data, Query},
};
use feed::{Cursor, Feed, Follower, Random};
use rand::seq::IndexedMutRandom;
use serde::Serialize;
use stage::Routes;
use tokio::time::sleep;

use crate::{
    events::{Resume, event, json, publish, respond},
    gallery::Gallery,
    headers::no_store,
};

const SYMBOLS: [&str; 4] = ["ADA", "BABBAGE", "CURIE", "DARWIN"];
/// How many prices of a stock a chart begins with.
const PRICES_CAPACITY: usize = 60;
/// How many changes are kept for pages that were cut off: some minutes of them.
const CHANGES_CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

#[derive(Debug, Clone, Serialize)]
struct Stock {
    symbol: &'static str,
    prices: VecDeque<f64>,
    halted: bool,
}

/// A change to a stock, named by its event: `price` or `trading`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Change {
    Price { symbol: &'static str, price: f64 },
    Trading { symbol: &'static str, halted: bool },
}

/// All stocks, and what changed.
#[derive(Debug)]
struct Market {
    /// Written by `change` alone, which publishes to the log under the same lock.
    stocks: Mutex<Vec<Stock>>,
    changes: Feed,
}

/// Adds `GET /stock/events`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let changes = gallery.log(CHANGES_CAPACITY, "opened");
    let market = Data::new(Market::new(changes));
    let (changing, mean) = (market.clone(), gallery.flags.prices);
    spawn(async move {
        let mut random = Random::new(None);
        while !changing.changes.is_closed() {
            sleep(random.pause(mean)).await;
            changing.change();
        }
    });
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
    fn new(changes: Feed) -> Self {
        let stock = |symbol| Stock { symbol, prices: [100.0].into(), halted: false };
        Self { stocks: Mutex::new(SYMBOLS.map(stock).into()), changes }
    }

    fn stocks(&self) -> MutexGuard<'_, Vec<Stock>> {
        self.stocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes one stock, and tells all pages.
    fn change(&self) {
        let mut stocks = self.stocks();
        let mut random = rand::rng();
        let Some(stock) = stocks.choose_mut(&mut random) else { return };
        let symbol = stock.symbol;
        if rand::random_ratio(1, 40) || stock.halted {
            stock.halted = !stock.halted;
            let change = Change::Trading { symbol, halted: stock.halted };
            return publish(&self.changes, "trading", &change);
        }
        let last = stock.prices.back().copied().unwrap_or(100.0);
        let price = last * rand::random_range(0.99..1.01);
        let price = (price * 100.0).round() / 100.0;
        stock.prices.push_back(price);
        if stock.prices.len() > PRICES_CAPACITY {
            stock.prices.pop_front();
        }
        publish(&self.changes, "price", &Change::Price { symbol, price });
    }

    /// What a page is sent first, and what it follows from there. A page that was cut off
    /// needs nothing but the changes since; any other one is sent all stocks. Under the
    /// lock: a change is in the snapshot or comes after it, and never neither or both.
    fn follow(&self, cursor: Option<Cursor>) -> (Vec<Bytes>, Follower) {
        let stocks = self.stocks();
        let gap = cursor.and_then(|_| self.changes.since(cursor).gap.clone());
        if cursor.is_some() && gap.is_none() {
            return (Vec::new(), self.changes.follow(cursor));
        }
        let now = self.changes.since(None).cursor();
        let gap = gap.map(|gap| event(Some("gap"), now, &gap.json()));
        let snapshot = event(Some("snapshot"), now, &json(&*stocks));
        let first = gap.into_iter().chain([snapshot]).collect();
        (first, self.changes.follow(now))
    }
}

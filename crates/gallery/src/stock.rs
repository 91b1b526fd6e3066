//! # Stock prices: several kinds of events on one stream
//!
//! A page that opens late is sent what there is, then each change to it. A page that
//! was cut off says where it was, and is sent what it missed, without a hole and
//! nothing twice.
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

use std::{num::NonZeroUsize, sync::Mutex};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    web::{self, Bytes, Data, Query},
};
use feed::{Cursor, Feed, Follower};
use stage::Routes;

use self::market::{Change, Market};
use crate::{
    events::{Resume, event, json, publish, respond},
    gallery::{Gallery, lock},
    headers::no_store,
};

mod market;

/// How many changes are kept for pages that were cut off: some minutes of them.
const CHANGES_CAPACITY: NonZeroUsize = NonZeroUsize::new(1000).unwrap();

struct Stocks {
    /// Written by `change` alone, which publishes the change under the same lock.
    market: Mutex<Market>,
    changes: Feed,
}

/// Adds `GET /stock/events`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let changes = gallery.log(CHANGES_CAPACITY, "opened");
    let market = Mutex::new(Market::open());
    let stocks = Data::new(Stocks { market, changes });
    let changing = stocks.clone();
    gallery.repeat(gallery.flags.prices, move || changing.change());
    move |app| {
        app.app_data(stocks.clone());
        app.service(web::resource("/stock/events").wrap(no_store()).get(events));
    }
}

/// What a page has not got yet, and then each change.
async fn events(
    request: HttpRequest,
    resume: Query<Resume>,
    stocks: Data<Stocks>,
    gallery: Data<Gallery>,
) -> Result<HttpResponse> {
    let (first, follower) = stocks.follow(resume.cursor(&request)?);
    Ok(respond(first, follower, gallery.flags.heartbeat))
}

impl Stocks {
    /// Changes one stock, and tells all pages: the name of the event says what
    /// changed.
    fn change(&self) {
        let mut market = lock(&self.market);
        let change = market.change();
        let name = match change {
            Change::Price { .. } => "price",
            Change::Trading { .. } => "trading",
        };
        publish(&self.changes, name, &change);
    }

    /// What a page is sent first, and what it follows from there. Under the lock:
    /// each change is in the snapshot or comes after it, and never neither or both.
    fn follow(&self, cursor: Option<Cursor>) -> (Bytes, Follower) {
        let market = lock(&self.market);
        if cursor.is_some() && self.changes.since(cursor).gap.is_none() {
            return (Bytes::new(), self.changes.follow(cursor)); // it has all before
        }
        let now = self.changes.since(None).cursor();
        let snapshot = event(Some("snapshot"), now, &json(&*market));
        (snapshot, self.changes.follow(now))
    }
}

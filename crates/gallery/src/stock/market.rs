//! The stocks: made up, and at random one of them changes.

use std::collections::VecDeque;

use feed::unix_millis;
use serde::Serialize;

const SYMBOLS: [&str; 4] = ["ADA", "BABBAGE", "CURIE", "DARWIN"];
/// How many prices of a stock a chart has.
const PRICES_CAPACITY: usize = 60;

/// All stocks: a chart is drawn of this.
#[derive(Serialize)]
pub(super) struct Market([Stock; 4]);

#[derive(Serialize)]
struct Stock {
    symbol: &'static str,
    prices: VecDeque<f64>,
    halted: bool,
}

/// A change of a stock, under the name of its event; `at` in Unix milliseconds.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Change {
    Price { at: u64, symbol: &'static str, price: f64 },
    Trading { at: u64, symbol: &'static str, halted: bool },
}

impl Market {
    /// With some history: a chart is not empty at the start.
    pub(super) fn open() -> Self {
        let stock = |symbol| Stock { symbol, prices: [100.0].into(), halted: false };
        let mut market = Self(SYMBOLS.map(stock));
        for _ in 0..SYMBOLS.len() * PRICES_CAPACITY {
            market.change();
        }
        market
    }

    /// Changes one stock.
    pub(super) fn change(&mut self) -> Change {
        let stock = &mut self.0[rand::random_range(0..SYMBOLS.len())];
        let (at, symbol) = (unix_millis(), stock.symbol);
        if stock.halted || rand::random_ratio(1, 40) {
            stock.halted = !stock.halted;
            return Change::Trading { at, symbol, halted: stock.halted };
        }
        let last = stock.prices.back().map_or(100.0, |last| last * 100.0);
        let price = (last * rand::random_range(0.99..1.01)).round() / 100.0;
        stock.prices.push_back(price);
        if stock.prices.len() > PRICES_CAPACITY {
            stock.prices.pop_front();
        }
        Change::Price { at, symbol, price }
    }
}

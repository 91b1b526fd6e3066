// Stock prices: the snapshot, and then each change to it.
import { connect, counted, lost, opened, showRestart } from '/gallery.js';
import { CHART_CAPACITY, draw } from '/stock/chart.js';

let stocks = new Map();
let cursor = ''; // id of the last event: where to go on

connect(() => {
  // The browser reconnects with the id that it saw last; a new EventSource has
  // to be told.
  const source = new EventSource('/stock/events' + (cursor && `?after=${cursor}`));
  const on = (name, act) => source.addEventListener(name, (event) => {
    cursor = event.lastEventId;
    counted(cursor);
    act(JSON.parse(event.data));
    draw(stocks);
  });
  on('snapshot', (all) => {
    stocks = new Map(all.map((stock) => [stock.symbol, stock]));
    showRestart(cursor);
  });
  on('price', ({ symbol, price }) => {
    const { prices } = stocks.get(symbol);
    if (prices.push(price) > CHART_CAPACITY) prices.shift();
  });
  on('trading', ({ symbol, halted }) => {
    stocks.get(symbol).halted = halted;
  });
  // Without what it missed, the chart would have a hole: a snapshot has none.
  source.addEventListener('gap', () => {
    cursor = '';
    source.close();
    lost('This page was too slow');
  });
  source.onopen = opened;
  source.onerror = () => lost();
  return source;
});

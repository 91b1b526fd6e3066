// The prices as lines on a canvas, and as a table, which a screen reader can read.
import { el } from '/shared/dom.js';

export const CHART_CAPACITY = 60; // prices of a stock, as in the server
const canvas = /** @type {HTMLCanvasElement} */ (document.querySelector('canvas'));
const body = document.getElementById('stocks');
const DASHES = [[], [8, 4], [2, 4], [12, 4, 2, 4]]; // not by colour alone

export function draw(stocks) {
  const all = [...stocks.values()];
  body.replaceChildren(...all.map(row));
  const { width, height } = canvas.getBoundingClientRect();
  const scale = devicePixelRatio;
  Object.assign(canvas, { width: width * scale, height: height * scale });
  const pen = canvas.getContext('2d');
  pen.scale(scale, scale);
  const prices = all.flatMap((stock) => stock.prices);
  const [low, high] = [Math.min(...prices), Math.max(...prices)];
  const style = getComputedStyle(canvas);
  pen.strokeStyle = style.getPropertyValue('--hue');
  pen.fillStyle = style.getPropertyValue('--ink');
  pen.font = style.font;
  pen.lineWidth = 2;
  const right = width - pen.measureText('BABBAGE ').width;
  const y = (price) => height - 10 - (price - low) / (high - low || 1) * (height - 20);
  const lineHeight = 1.2 * parseFloat(style.fontSize);
  const labels = apart(all.map(({ prices }) => y(prices.at(-1)) + 4), lineHeight, height - 4);
  all.forEach((stock, at) => {
    pen.setLineDash(DASHES[at]);
    pen.beginPath();
    stock.prices.forEach((price, x) => pen.lineTo(x * right / CHART_CAPACITY, y(price)));
    pen.stroke();
    pen.fillText(` ${stock.symbol}`, (stock.prices.length - 1) * right / CHART_CAPACITY, labels[at]);
  });
}

// Where labels are drawn: at their places, or as far from them that none covers another. `most` is
// the lowest place on the canvas.
function apart(places, lineHeight, most) {
  const downwards = [...places.keys()].sort((a, b) => places[a] - places[b]);
  const moved = [];
  let next = -Infinity;
  for (const at of downwards) next = (moved[at] = Math.max(places[at], next)) + lineHeight;
  next = most;
  for (const at of downwards.reverse()) next = (moved[at] = Math.min(moved[at], next)) - lineHeight;
  return moved;
}

function row({ symbol, prices, halted }) {
  const price = prices.at(-1);
  const change = price - prices[0];
  const cells = [price, change, Math.min(...prices), Math.max(...prices)];
  return el('tr', {}, el('th', { scope: 'row' }, symbol),
    ...cells.map((number) => el('td', {}, number.toFixed(2))), el('td', {}, halted ? 'halted' : 'open'));
}

// What /wire says that a proxy changed, of which request and of which response.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Changes } from '/workshop/wire/changes.js';

const STREAM = 'GET /api/v1/live-data HTTP/1.1';
const SCRIPT = 'GET /weather.js HTTP/1.1';
const isEndpoint = (target) => target === '/api/v1/live-data';
const LABELS = { up: ['method', 'target', 'version'], down: ['version', 'status', 'reason'] };

let unit = 0;
const piece = (label, text) => ({ unit: unit++, label, hex: Buffer.from(text).toString('hex') });

// A head: its start line, and its fields.
function head(start, fields) {
  const direction = start.startsWith('HTTP/') ? 'down' : 'up';
  const parts = start.split(' ').map((part, i) => piece(LABELS[direction][i], part));
  for (const [name, value] of Object.entries(fields)) {
    parts.push(piece('field-name', name), piece('field-value', value));
  }
  return { direction, pieces: [...parts, piece('head-end', '\r\n')] };
}

// What is said of heads that come one after the other, a second apart.
function said(...heads) {
  const changes = new Changes(isEndpoint);
  return heads.flatMap(([side, connection, start, fields = {}], second) =>
    changes.add(side, { connection, at: second * 1000, ...head(start, fields) }))
    .map(({ text }) => text);
}

const OK = 'HTTP/1.1 200 OK';
const EVENTS = { 'Content-Type': 'text/event-stream' };
const JAVASCRIPT = { 'Content-Type': 'text/javascript' };
const SAME = ['The proxy changed nothing of the request’s head.', 'The proxy changed nothing of the response’s head.'];

test('a response belongs to the request that it answers, on its own connection', () => {
  assert.deepEqual(said(
    ['before', 1, SCRIPT],
    ['before', 2, STREAM],
    ['behind', 3, STREAM],
    ['behind', 3, OK, { ...EVENTS, Date: 'Thu, 26 Nov 2026 22:45:15 GMT' }],
    ['before', 1, OK, JAVASCRIPT],
    ['before', 2, OK, { ...EVENTS, Date: 'Thu, 26 Nov 2026 22:45:16 GMT' }],
  ), SAME);
});

test('on a connection that carries scripts first, they are passed over', () => {
  assert.deepEqual(said(
    ['before', 1, SCRIPT],
    ['before', 1, OK, JAVASCRIPT],
    ['before', 1, STREAM, { Connection: 'keep-alive' }],
    ['behind', 2, STREAM.replace('1.1', '1.0'), { Connection: 'close' }],
    ['behind', 2, OK, { ...EVENTS, 'X-Accel-Buffering': 'no' }],
    ['before', 1, OK, EVENTS],
  ), ['The proxy changed the request: HTTP/1.1 → HTTP/1.0 · Connection: keep-alive → close',
    'The proxy changed the response: − X-Accel-Buffering']);
});

test('a response whose request was not seen has no pair', () => {
  assert.deepEqual(said(
    ['behind', 2, STREAM],
    ['behind', 2, OK, EVENTS],
    ['before', 1, OK, JAVASCRIPT],
  ), []);
});

test('what was answered before the server had it is another request', () => {
  assert.deepEqual(said(
    ['before', 1, STREAM],
    ['before', 1, 'HTTP/1.1 502 Bad'],
    ['before', 1, STREAM, { 'Last-Event-ID': 'a-1' }],
    ['behind', 2, STREAM, { 'Last-Event-ID': 'a-1' }],
  ), SAME.slice(0, 1));
});

test('an interim response is not the one that answers', () => {
  assert.deepEqual(said(
    ['before', 1, STREAM],
    ['behind', 2, STREAM],
    ['behind', 2, 'HTTP/1.1 103 Early'],
    ['behind', 2, OK, EVENTS],
    ['before', 1, OK, EVENTS],
  ), SAME);
});

test('after a turn to another connection, what was missed is not guessed', () => {
  const changes = new Changes(isEndpoint);
  const add = (side, connection, at, start, fields = {}) =>
    changes.add(side, { connection, at, ...head(start, fields) }).map(({ text }) => text);
  changes.begin('before', 1);
  add('before', 1, 0, STREAM, { Cookie: 'old' });
  changes.begin('before', 2);
  assert.deepEqual(add('before', 2, 1000, STREAM), []);
  changes.begin('behind', 3);
  assert.deepEqual(add('behind', 3, 1001, STREAM), SAME.slice(0, 1));
  changes.begin('before', 1);
  assert.deepEqual(add('before', 1, 2000, OK, JAVASCRIPT), []);
});

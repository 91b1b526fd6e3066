// What a technique's page says of its connection.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Status } from '/shared/status.js';

// A status, and what it shows after events, each a second after the one before.
function status(awaited) {
  const part = () => ({ textContent: '', dataset: {}, setAttribute() {} });
  const [words, note] = [part(), part()];
  const status = new Status({ box: part(), shape: part(), words, note, summary: part(), awaited });
  let time = 0;
  return (...events) => {
    for (const event of events) status.add({ time: time += 1000, ...event });
    status.render(time);
    return [words.textContent.replaceAll('\u00a0', ' '), note.textContent];
  };
}

test('a loss is of the past, once the page is connected again', () => {
  const shown = status();
  const lost = { type: 'failed', reason: 'connection lost', ms: 500 };
  assert.deepEqual(shown({ type: 'started' }, { type: 'request' }, { type: 'opened' }, lost),
    ['disconnected: reconnecting in 0.5 s', 'connection lost']);
  assert.deepEqual(shown({ type: 'request' }), ['request sent', 'connection lost']);
  assert.deepEqual(shown({ type: 'opened' }), ['open: listening', 'was: connection lost']);
  assert.deepEqual(shown({ type: 'gap', gap: { missed: 3 } }), ['open: listening', '3 missed']);
  // A poll has a response instead.
  assert.deepEqual(shown(lost, { type: 'request' }, { type: 'response' })[1], 'was: connection lost');
});

test('why the connection was lost stays, also where no other can be made', () => {
  const shown = status();
  const bye = { type: 'failed', reason: 'closed 1001: the server is shutting down', ms: 500 };
  const none = { type: 'failed', reason: 'no connection', ms: 1000 };
  const noted = (...events) => shown(...events)[1];
  noted({ type: 'started' }, { type: 'request' }, { type: 'opened' });
  assert.equal(noted(bye), bye.reason);
  const tries = Array(30).fill([{ type: 'request' }, none]).flat();
  assert.equal(noted(...tries), `${bye.reason}, then no connection`);
  assert.equal(noted({ type: 'request' }, { type: 'opened' }), `was: ${bye.reason}`);
  // The next loss has its own reason.
  assert.equal(noted(none), 'no connection');
});

test('what a page waits for after its request has a name', () => {
  const later = { type: 'tick' };
  for (const [awaited, words] of [
    [undefined, 'waiting 1.0 s for a response'],
    ['the other page', 'waiting 1.0 s for the other page'],
  ]) {
    assert.equal(status(awaited)({ type: 'started' }, { type: 'request' }, later)[0], words);
  }
});

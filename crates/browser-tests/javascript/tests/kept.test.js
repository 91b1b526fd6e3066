// What the pages keep is what was written last, also where a browser refuses to store it.
import assert from 'node:assert/strict';
import { test } from 'node:test';

test('what was written last is read, stored or not', async () => {
  const stored = new Map();
  let refuses = false;
  const storage = {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => {
      if (refuses) throw new DOMException('full', 'QuotaExceededError');
      stored.set(key, value);
    },
  };
  Object.defineProperty(globalThis, 'localStorage', { configurable: true, get: () => storage });
  const { browser } = await import('/workshop/lib/kept.js');
  assert.equal(browser.get('answers'), null);
  browser.save('answers', { run: 1 });
  refuses = true;
  browser.save('answers', { run: 2 });
  assert.deepEqual(browser.read('answers'), { run: 2 }, 'newer than what is stored');
  refuses = false;
  browser.save('answers', { run: 3 });
  stored.set('answers', '{"run":4}'); // by another tab
  assert.deepEqual(browser.read('answers'), { run: 4 });
  stored.set('answers', 'not JSON');
  assert.equal(browser.read('answers'), null);
});

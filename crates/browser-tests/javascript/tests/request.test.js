// What a page can't do without is asked for until it comes.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { request } from '/workshop/lib/request.js';

test('a page asks again when it is refused, cut off, or told nonsense', async (t) => {
  t.mock.method(Math, 'random', () => 0);
  const answers = [
    (response) => response.writeHead(503).end('{"error":"busy"}'),
    (response) => response.socket.destroy(),
    (response) => response.end('{"half'),
    (response) => response.end('{"port":3000}'),
  ];
  let asked = 0;
  const server = createServer((_, response) => answers[asked++](response));
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close());
  assert.deepEqual(await request(`http://127.0.0.1:${server.address().port}/setup`), { port: 3000 });
  assert.equal(asked, 4);
});

// HTTP streaming as published in a workshop's notes, on Express: a timer for each response, and a
// variable `latestData` that only another example declares. The first visitor ends the server for all.
// With `declared` as argument it lives, and the timers of clients that have left go on.
// Run it: node crates/browser-tests/interop/http-stream-as-often-shown.mjs
/* eslint-disable no-undef -- a linter finds it: here it is to be seen */
import express from 'express';

const [every = 2000, lifetime = 60000] = process.argv.slice(2).map(Number).filter(Boolean); // ms
if (process.argv.includes('declared')) globalThis.latestData = 'initial data';
const news = () => Math.random().toString(36).slice(2);

const app = express();
app.use((request, response, next) => {
  response.on('close', () => {
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    console.log(`a client has left; timers: ${timers}`);
  });
  next();
});

app.get('/stream', (request, response) => {
  response.type('text/plain').write(`${news()}\n`);
  const check = setInterval(() => {
    if (news() !== latestData) {
      response.write(`${news()}\n`);
    }
  }, every);
  setTimeout(() => {
    clearInterval(check);
    response.end();
  }, lifetime);
});

const server = app.listen(Number(process.env.PORT ?? 3113), '127.0.0.1', () => {
  console.log(`http://localhost:${server.address().port}/stream`);
});

// Polls to another origin: how many of them need a preflight? The page is of http://localhost:3114,
// and polls http://127.0.0.1:3114, which is another origin of the same server.
// Run it: node crates/browser-tests/interop/other-origin.mjs
import { createServer } from 'node:http';

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>Polls to another origin</title>
<h1>Ten polls to another origin</h1>
<table>
  <thead><tr><th scope="col">how<th scope="col">GET<th scope="col">OPTIONS</thead>
  <tbody></tbody>
</table>
<script type="module">
  const other = location.origin.replace('localhost', '127.0.0.1');
  const Authorization = 'Bearer secret';
  const ways = {
    'no field of its own': (after) => fetch(other + '/poll/plain?after=' + after),
    'Authorization, cursor in the URL':
      (after) => fetch(other + '/poll/url?after=' + after, { headers: { Authorization } }),
    'Authorization, cursor in a field':
      (after) => fetch(other + '/poll/field', { headers: { Authorization, 'Last-Event-ID': after } }),
  };
  for (const [how, poll] of Object.entries(ways)) {
    for (let after = 1; after <= 10; after += 1) await poll(after);
    const { GET, OPTIONS } = await (await fetch('/asked')).json();
    const row = document.querySelector('tbody').insertRow();
    for (const text of [how, GET, OPTIONS]) row.insertCell().textContent = text;
  }
</script>`;

let asked = { GET: 0, OPTIONS: 0 }; // since the last answer to /asked

const server = createServer((request, response) => {
  const { method, url } = request;
  if (url === '/') return response.setHeader('Content-Type', 'text/html').end(PAGE);
  if (url === '/asked') {
    response.end(JSON.stringify(asked));
    asked = { GET: 0, OPTIONS: 0 };
    return;
  }
  if (!url.startsWith('/poll/')) return response.writeHead(404).end();
  asked[method] += 1;
  response.setHeader('Access-Control-Allow-Origin', request.headers.origin ?? 'null');
  response.setHeader('Vary', 'Origin');
  if (method === 'OPTIONS') {
    response.setHeader('Access-Control-Allow-Headers', 'Authorization, Last-Event-ID');
    response.setHeader('Access-Control-Max-Age', 600); // s
    response.statusCode = 204;
  } else {
    response.setHeader('Cache-Control', 'no-store');
  }
  response.end();
});
server.listen(Number(process.env.PORT ?? 3114), '127.0.0.1', () => {
  console.log(`http://localhost:${server.address().port}/`);
});

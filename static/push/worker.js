// The service worker. The browser starts it for an event, and ends it soon after: for a push, for a
// click on its notification, and for each file of the page.
/** @type {any} */
const worker = globalThis;
const CACHE = 'page';
const isFile = ({ mode, destination, url }) =>
  mode === 'navigate' || destination !== '' || /\.(js|rs)$/.test(new URL(url).pathname);

// A push: the browser has decrypted it. Each one must be shown, or the browser takes the
// subscription away.
worker.addEventListener('push', (event) => event.waitUntil(show(event.data?.text() ?? '')));

async function show(text) {
  const sample = read(text);
  const pages = await openPages();
  const tabs = pages.filter(isTab).length;
  for (const page of pages) page.postMessage({ pushed: sample, tabs });
  // With the same tag, it replaces the one before.
  await worker.registration.showNotification(`Sample #${sample.seq}`, {
    body: sample.data, tag: 'sample', icon: '/shared/icon.svg', data: sample });
}

// DevTools sends any text.
function read(text) {
  try {
    const { id, seq, data } = JSON.parse(text);
    if (typeof id === 'string') return { id, seq, data };
  } catch {
    // It is shown as it came.
  }
  return { id: '', seq: '?', data: text };
}

// A click: to the page, if there is one, or to a new one. It asks for the rest by its cursor.
worker.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(go(event.notification.data.id));
});

async function go(id) {
  const page = (await openPages()).find(isTab);
  if (!page) return worker.clients.openWindow(`/?at=${id}`);
  page.postMessage({ clicked: id });
  return page.focus();
}

// Not a frame in a page of the workshop.
const isTab = ({ frameType }) => frameType !== 'nested';
const openPages = () => worker.clients.matchAll({ type: 'window', includeUncontrolled: true });

// The push service knows the subscription no more: subscribe again, with the key of our server.
worker.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(subscribeAgain()));

async function subscribeAgain() {
  const { key } = await (await fetch('/key')).json();
  const subscription = await worker.registration.pushManager.subscribe(
    { userVisibleOnly: true, applicationServerKey: key });
  await fetch('/subscription', { method: 'POST', body: JSON.stringify(subscription),
    headers: { 'Content-Type': 'application/json' } });
}

// The files of the page: from the server while it answers, and else those of its last answer.
worker.addEventListener('fetch', (event) => {
  if (event.request.method === 'GET' && isFile(event.request)) event.respondWith(file(event.request));
});

async function file(request) {
  const cache = await caches.open(CACHE);
  const { pathname } = new URL(request.url); // `/?at=…` is the page, too
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(pathname, response.clone());
    return response;
  } catch {
    return await cache.match(pathname) ?? Response.error();
  }
}

// The first time, the page was loaded before this worker ran: it says which files it has.
worker.addEventListener('message', (event) => event.waitUntil(keep(event.data.keep)));

async function keep(paths) {
  const cache = await caches.open(CACHE);
  await cache.addAll(paths);
}

// A newer version of this file takes over at once.
worker.addEventListener('install', () => worker.skipWaiting());
worker.addEventListener('activate', (event) => event.waitUntil(worker.clients.claim()));

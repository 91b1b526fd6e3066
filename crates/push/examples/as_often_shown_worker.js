// A push as a signal that there is something new: nothing is shown.
self.onpush = (event) => event.waitUntil(update(event.data.json()));

async function update(sample) {
  for (const page of await clients.matchAll({ includeUncontrolled: true })) page.postMessage(sample);
}

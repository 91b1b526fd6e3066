// Prints each message of an event stream, for as long as it is let.
import { EventSource } from 'eventsource';

const source = new EventSource(process.argv[2]);
for (const type of ['message', 'weather', 'gap', 'bye']) {
  source.addEventListener(type, ({ data, lastEventId }) => {
    console.log(JSON.stringify({ type, data, id: lastEventId }));
  });
}

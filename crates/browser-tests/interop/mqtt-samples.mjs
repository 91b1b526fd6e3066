// Publishes a sample each 100 ms to the broker at argv[2], with the newest retained.
import { connectAsync } from 'mqtt';

const client = await connectAsync(process.argv[2], { protocolVersion: 4 });
for (let seq = 1; ; seq++) {
  const sample = { id: `real-${seq}`, seq, at: Date.now(), data: 'x'.repeat(13) };
  await client.publishAsync('samples', JSON.stringify(sample), { retain: true });
  await new Promise((done) => setTimeout(done, 100));
}

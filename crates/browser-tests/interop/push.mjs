// A push service and a browser by others' hands: node's crypto has the keys, npm's http_ece
// decrypts. Subscribes at a server, has it push, and prints what came, and whether its token is
// signed for us. Arguments: the server's URL, and our port.
import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import http from 'node:http';
import ece from 'http_ece';

const [server, port] = process.argv.slice(2);
const origin = `http://127.0.0.1:${port}`;
const browser = createECDH('prime256v1');
browser.generateKeys();
const auth = randomBytes(16);

http.createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = ece.decrypt(Buffer.concat(chunks),
    { version: 'aes128gcm', privateKey: browser, authSecret: auth.toString('base64url') });
  const [, token, k] = request.headers.authorization.match(/^vapid t=(.+), k=(.+)$/);
  const [head, claims, signature] = token.split('.');
  const point = Buffer.from(k, 'base64url');
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'), y: point.subarray(33).toString('base64url') } });
  const signed = verify('sha256', `${head}.${claims}`, { key, dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'));
  const { aud, exp, sub } = JSON.parse(Buffer.from(claims, 'base64url'));
  const { ttl, topic, urgency } = request.headers;
  console.log(JSON.stringify({ text: text.toString(), k, signed, forUs: aud === origin, sub,
    hours: (exp - Date.now() / 1000) / 3600, ttl, topic, urgency }));
  response.writeHead(201).end();
}).listen(port, '127.0.0.1', async () => {
  const keys = { p256dh: browser.getPublicKey('base64url'), auth: auth.toString('base64url') };
  const post = (path, body) => fetch(server + path, { method: 'POST',
    headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const { status } = await post('/subscription', { endpoint: `${origin}/1`, keys });
  const samples = await (await fetch(`${server}/missed`)).json();
  const pushed = await post(`/push/${samples.at(-1).id}`);
  console.log(JSON.stringify({ subscribed: status, pushed: await pushed.json() }));
  process.exit();
});

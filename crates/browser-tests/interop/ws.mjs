// Prints what a WebSocket says; sends each line of its input; ends when it is closed.
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';

const socket = new WebSocket(process.argv[2], process.argv.slice(3));
const print = (message) => console.log(JSON.stringify(message));
socket.on('open', () => {
  print({ open: socket.protocol });
  createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'binary') socket.send(Buffer.alloc(1 << 20, 7));
    else if (line === 'huge') socket.send(Buffer.alloc(8 << 20));
    else if (line === 'close') socket.close(1000, 'enough');
    else socket.send(line);
  });
});
socket.on('message', (data, binary) => {
  print(binary ? { bytes: data.length, same: data.every((byte) => byte === 7) }
    : { text: String(data) });
});
socket.on('unexpected-response', (_, { statusCode }) => {
  print({ status: statusCode });
  process.exit();
});
socket.on('close', (code, reason) => {
  print({ close: code, reason: String(reason) });
  process.exit();
});

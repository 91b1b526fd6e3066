// A client of Socket.IO or Engine.IO: prints what happens to it; its input tells it what to do.
import { createInterface } from 'node:readline';
import { Socket } from 'engine.io-client';
import { io } from 'socket.io-client';

const [kind, url, transports] = process.argv.slice(2);
const print = (message) => console.log(JSON.stringify(message));
const options = { transports: transports.split(','), reconnectionDelay: 50, reconnectionDelayMax: 100 };

function socketIo() {
  const socket = io(url, options);
  socket.io.on('open', () => {
    const { engine } = socket.io;
    print({ open: engine.transport.name });
    engine.on('upgrade', ({ name }) => print({ upgrade: name }));
    engine.on('upgradeError', () => print({ upgrade: 'refused' }));
  });
  socket.on('connect', () => print({ connect: socket.recovered }));
  socket.on('connect_error', ({ message }) => print({ error: message }));
  socket.on('sample', ({ seq }) => print({ sample: seq }));
  socket.on('gap', ({ missed }) => print({ gap: missed }));
  socket.on('disconnect', (reason, details) => print({
    disconnect: reason,
    why: details?.context?.reason ?? details?.context?.responseText,
  }));
  return (line) => {
    if (line === 'cut') socket.io.engine.close();
    else if (line === 'binary') socket.emit('say', Buffer.from('hello'));
    else if (line === 'disconnect') socket.disconnect();
    else socket.timeout(5000).emit('say', line, (error, text) => print({ ack: error?.message ?? text }));
  };
}

function engineIo() {
  const socket = new Socket(url, { ...options, path: '/socket.io/' });
  socket.on('open', () => print({ open: socket.transport.name }));
  socket.on('upgrade', ({ name }) => print({ upgrade: name }));
  socket.on('message', (text) => print({ message: text.slice(0, 2) }));
  socket.on('close', (reason) => print({ close: reason }));
  return (line) => (line === 'close' ? socket.close() : socket.send(line));
}

createInterface({ input: process.stdin }).on('line', kind === 'engine' ? engineIo() : socketIo());

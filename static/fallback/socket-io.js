// Socket.IO, in the messages of Engine.IO: connecting with a cursor, events, acknowledgements.
import { acknowledged, recovers } from '/choices.js';

let recovery = {}; // { pid, offset }: our cursor, as Socket.IO has it

// With the same private id as before, nothing that we missed is lost.
export const connectPacket = () => '40' + JSON.stringify(recovers() ? recovery : {});

export const countSamples = (packets) =>
  packets.filter((packet) => packet.startsWith('42["sample"')).length;

// `0` connected, `2` an event, `3` an acknowledgement, each behind the `4` of a message.
export function receive(packet, page) {
  const type = packet[1];
  if (type === '0') recovery = { ...recovery, pid: JSON.parse(packet.slice(2)).pid };
  if (type === '3') acknowledged(packet);
  if (type !== '2') return;
  // The last argument of an event is the cursor behind it.
  const [name, data, offset] = JSON.parse(packet.slice(2));
  recovery.offset = offset;
  if (name === 'sample') page.sample(data);
  if (name === 'gap') page.gap(data);
}

// Two people change one text while they are not connected; then each gets the other's changes: late,
// in the wrong order, and twice. With Yjs, a CRDT, both have the same text afterwards.
// Run it: node crates/browser-tests/interop/crdt.mjs
import * as Y from 'yjs';

// The text that both have, and what each of them changes from now on.
const start = new Y.Doc();
start.getText().insert(0, 'hello world');
function copy() {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(start));
  const changes = [];
  doc.on('update', (change, origin) => { if (origin !== 'other') changes.push(change); });
  return { doc, text: doc.getText(), changes };
}
const ada = copy();
const bob = copy();

ada.text.insert(5, ', dear');
ada.text.delete(0, 1);
ada.text.insert(0, 'H');
bob.text.insert(11, '!');
console.log(JSON.stringify({ ada: ada.text.toString(), bob: bob.text.toString() }));

const merge = ({ doc }, changes) => { for (const change of changes) Y.applyUpdate(doc, change, 'other'); };
merge(bob, ada.changes.toReversed()); // the last one first: it waits for those before it
merge(ada, [...bob.changes, ...bob.changes]); // each of them twice
console.log(JSON.stringify({ ada: ada.text.toString(), bob: bob.text.toString() }));

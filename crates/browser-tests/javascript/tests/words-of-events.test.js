// What the observers of cards compare is what pages report: a word that one file sends and another
// compares is renamed in both, or the card is never ticked.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const STATIC = new URL('../../../../static/', import.meta.url);

// The scripts whose path is like this, as one text.
function scripts(like) {
  const all = readdirSync(STATIC, { recursive: true }).filter((path) => like.test(path));
  assert.notEqual(all.length, 0, String(like));
  return all.map((path) => readFileSync(new URL(path, STATIC), 'utf8')).join('\n');
}

const parts = (text, like) => [...text.matchAll(like)].map(([part]) => part);
const strings = (text, like) => parts(text, like).flatMap((part) => parts(part, /'[^']*(?=')/g)
  .filter((_, index) => index % 2 === 0));

// The diagram compares, too: with the echo of a message, that one has arrived.
const observers = scripts(/^(workshop\/.*\bobserv\w+(-\w+)?|shared\/sequence-diagram)\.js$/);
const pages = scripts(/^(?!shared|workshop|gallery).*\.js$/);
// What makes events of what pages call, and of what the hub tells.
const makers = scripts(/^(shared\/page|workshop\/lib\/(evidence|cards)|gallery\/.*)\.js$/);
// Each application has its folder.
const applications = readdirSync(new URL('gallery/', STATIC)).map((name) => `'${name}'`).join();

// The strings that observers compare, by kind, and those that nothing in these scripts is.
function compared(pages, makers) {
  const sent = parts(pages, /page\.(message|sent)\([^;]*;|\n {2}hear\([^]*?\n {2}}/g).join();
  const requested = parts(pages, /page\.request\([^;]*;/g).join();
  return [
    ['words', /\bword === '[^']*'/g, sent],
    ['beginnings of words', /\bword\.startsWith\('[^']*'/g, sent],
    ['reasons', /\breason === '[^']*'/g, makers],
    ['requests', /\burl === '[^']*'/g, requested],
    ['applications', /\bapplication === '[^']*'|(?<=\bafterCut\(seen, say, )'[^']*'/g, applications],
    ['types', /\b(is|all)\((\w+, )*'[^']*'|(?<=\bafterCut\([^)]*, )'[^']*'(?=\))|\btype [!=]== '[^']*'|\[[^\]]*\]\.includes\(type\)/g, makers],
  ].map(([kind, like, known]) => {
    const all = strings(observers, like);
    const end = kind.startsWith('beginnings') ? '' : '\'';
    return [kind, all.length, new Set(all.filter((string) => !known.includes(string + end)))];
  });
}

test('what observers compare is what pages report', () => {
  for (const [kind, count, unknown] of compared(pages, makers)) {
    assert.notEqual(count, 0, kind);
    assert.deepEqual([...unknown], [], kind);
  }
});

test('what is renamed in a page alone is found', () => {
  const [words, beginnings, , , , types] = compared(
    pages.replaceAll('\'fell off\'', '\'lost\'').replaceAll('\'pushed', '\'arrived'),
    makers.replaceAll('\'stopped\'', '\'ended\''));
  assert.deepEqual([words, beginnings, types].map(([, , unknown]) => [...unknown]),
    [['\'fell off', '\'pushed, no tab'], ['\'pushed'], ['\'stopped']]);
});

// What the desk marks: each effect that a chapter's slides ask of the presenter.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { EXPERIMENTS } from '/workshop/lib/experiments.js';
import { ASKED } from '/workshop/presenter/expect.js';

const NOTES = new URL('../../../../workshop-notes/', import.meta.url);

test('what slides ask of the desk is on a card, or among what they ask besides', () => {
  for (const technique of Object.keys(EXPERIMENTS)) {
    const file = readdirSync(NOTES).find((name) => name.endsWith(`-${technique}.md`));
    const notes = readFileSync(new URL(file, NOTES), 'utf8');
    const asks = [...notes.matchAll(/presenter(?: takes)?:? \*([a-z -]+)\*/gi)].map(([, name]) => name);
    const cards = EXPERIMENTS[technique].map(({ attempt }) => attempt?.effect);
    const besides = [...new Set(asks)].filter((name) => !cards.includes(name)).sort();
    assert.deepEqual(besides, ASKED[technique] ?? [], technique);
  }
});

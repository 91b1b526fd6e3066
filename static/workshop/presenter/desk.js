// The desk: a row a technique, a column an effect. A shape and a word say what is on.
// It shows the state of the hub, not which button was pressed.
import { el, write } from '/shared/dom.js';
import { unbroken } from '/shared/format.js';
import { now } from '/shared/time.js';
import { effectName } from '/workshop/lib/effects.js';
import { EXPERIMENTS } from '/workshop/lib/experiments.js';
import { live } from '/workshop/lib/live.js';
import { TECHNIQUES, badge, title } from '/workshop/lib/techniques.js';
import { windowFor } from '/workshop/lib/windows.js';
import { Delivery } from '/workshop/presenter/delivery.js';
import { ASKED, EXPECT } from '/workshop/presenter/expect.js';
import { roving } from '/workshop/presenter/roving.js';

export const EFFECTS = Object.fromEntries(
  ['delay', 'throttle', 'stall', 'refuse', 'slice', 'buffer', 'idle_kill'].map((id) => [id, effectName(id)]));
const ROWS = [null, ...Object.keys(TECHNIQUES)]; // null: all five
const STRENGTHS = {
  delay: [['ms', 'delay', 300, 8000, 'ms'], ['jitter', '±', 100, 8000, 'ms']],
  throttle: [['bytes_per_second', 'throttle to', 200, 1_000_000, 'bytes/s']],
  idle_kill: [['seconds', 'idle time-out', 5, 3600, 's']],
};
const DONE_TTL = 1200; // ms for which a button says that its command is done

const $ = (id) => document.getElementById(id);
const cells = []; // { effect, technique, button }
const once = []; // the same, of those that are not on or off
const lines = new Map(); // technique → { open, said, delivery }: the figures at its name
const inputs = {}; // effect → { parameter: input }
let room = { effects: [] };

const target = () => $('target').value || null;

export function desk() {
  const columns = Object.entries({ ...EFFECTS, cut: 'cut', restart: 'restart' });
  // A narrow column breaks no word at its hyphen.
  const whole = (name) => name.replace('-', '\u2011');
  const head = el('tr', {}, el('td'),
    ...columns.map(([, name]) => el('th', { scope: 'col' }, whole(name))));
  const rows = ROWS.map((technique) => {
    const cell = ([effect, name]) => {
      const once = effect === 'cut' || effect === 'restart';
      if (effect === 'restart' && !technique) return el('td');
      const button = once ? trigger(effect, technique, name) : toggle(effect, technique);
      const tell = () => expect(effect, technique, name);
      button.addEventListener('pointerenter', tell);
      button.addEventListener('focus', tell);
      return el('td', {}, button);
    };
    return el('tr', { className: technique ? '' : 'all' }, header(technique), ...columns.map(cell));
  });
  $('effects').append(el('thead', {}, head), el('tbody', {}, ...rows));
  roving($('effects'));
  strengths();
  expect();
  $('off').addEventListener('click', off);
  for (const type of ['pointerenter', 'focus']) $('off').addEventListener(type, expectOff);
  addEventListener('keydown', ({ key, target, altKey, ctrlKey, metaKey }) => {
    if (key === 'Escape' && target.matches('input')) target.blur();
    const writing = target.matches('input:not([type=range]), select');
    if (key === '0' && !writing && !altKey && !ctrlKey && !metaKey) void off();
  });
  $('target').addEventListener('change', () => {
    render();
    expect();
  });
  live.on('room', (latest) => {
    room = latest;
    for (const { delivery } of lines.values()) delivery.feed(room, now());
    render();
  });
  live.on('accounts', showDelivery);
  live.send({ watch: { accounts: true } });
}

// What was explained is of the past then, until a button is pointed at again.
const off = async () => {
  if (await live.command({ off: true })) expect();
};

function header(technique) {
  if (!technique) return el('th', { scope: 'row' }, 'All five');
  const open = el('span', { className: 'soft', title: 'open connections' });
  const said = el('span', { className: 'delivery' });
  lines.set(technique, { open, said, delivery: new Delivery() });
  const href = `/presenter/wire/${technique}`;
  const name = el('a', { href, target: windowFor(href), title: 'The bytes of all devices, in another window' },
    badge(technique));
  return el('th', { scope: 'row' }, el('span', { className: 'named' }, name, ' ', open), ' ', said);
}

// Each second. A screen reader gets the list of waiting techniques, when it changes.
function showDelivery(accounts) {
  const time = now();
  const waiting = [];
  for (const [technique, { said, delivery }] of lines) {
    delivery.count(accounts[technique], time);
    const waits = delivery.isWaiting(time);
    if (waits) waiting.push(title(technique));
    said.classList.toggle('waits', waits);
    write(said, delivery.words(time));
  }
  if (waiting.length) write($('waiting'), `Waiting for samples: ${waiting.join(', ')}.`);
  else if ($('waiting').textContent) write($('waiting'), 'No technique waits for samples now.');
}

function toggle(effect, technique) {
  const button = el('button', { className: 'toggle' });
  button.dataset.name = EFFECTS[effect];
  button.addEventListener('click', () => set(effect, technique, !button.classList.contains('on')));
  cells.push({ effect, technique, button });
  return button;
}

// A command that is done once: the button is busy, then says for a moment that it is done.
function trigger(effect, technique, name) {
  const button = el('button', { className: 'once' });
  const say = (words, ...more) => {
    write(button, words);
    button.ariaLabel = [`${name}: ${title(technique)}`, ...more].join(', ');
  };
  say(name);
  once.push({ effect, technique, button });
  button.addEventListener('click', async () => {
    const ask = effect === 'restart' ? { restart: technique } : setting(effect, technique, true);
    button.ariaBusy = 'true';
    const done = await live.command(ask);
    button.ariaBusy = 'false';
    if (!done) return;
    say('done ✓', 'done ✓');
    setTimeout(say, DONE_TTL, name);
  });
  return button;
}

function setting(effect, technique, on) {
  const strength = Object.fromEntries(Object.entries(inputs[effect] ?? {})
    .map(([name, input]) => [name, input.valueAsNumber]));
  return { set: { technique, client: target(), effect, ...strength, on } };
}

const set = (...what) => live.send(setting(...what));

// An effect that is already on gets its new strength at once.
function strengths() {
  for (const [effect, parameters] of Object.entries(STRENGTHS)) {
    inputs[effect] = {};
    const labels = parameters.map(([name, words, value, max, unit]) => {
      const input = el('input', { type: 'number', min: '0', max: String(max), value: String(value), required: true });
      if (name !== 'jitter') input.min = '1';
      inputs[effect][name] = input;
      input.addEventListener('change', () => {
        if (name === 'ms') inputs.delay.jitter.max = input.value;
        if (!Object.values(inputs[effect]).every((one) => one.reportValidity())) return;
        for (const one of cells) if (one.effect === effect && ours(one)) set(effect, one.technique, true);
      });
      return el('label', {}, `${words} `, input, ` ${unit}`);
    });
    $('strengths').append(el('span', {}, ...labels));
  }
}

// How strong it is, unless it is just being changed.
function showStrength({ effect, ...strength }) {
  for (const [name, input] of Object.entries(inputs[effect] ?? {})) {
    if (input !== document.activeElement && strength[name] !== undefined) input.value = strength[name];
  }
}

// The effect of this cell, for whom is chosen.
function ours({ effect, technique }) {
  return room.effects.find((one) => one.effect === effect && one.technique === technique
    && one.client === target());
}

// One that reaches them as well, from a wider row or for everyone.
function wider({ effect, technique }) {
  const all = (one) => one.technique === null || one.technique === technique;
  const everyone = (one) => one.client === null || one.client === target();
  return room.effects.find((one) => one.effect === effect && all(one) && everyone(one));
}

// Where it is put on that reaches a cell, in the words of the row or the choice above it.
const via = (rule, { technique }) =>
  technique && !rule.technique ? 'via All five' : 'via all devices';

// What the chapter that everyone is at, or that the slides are at, breaks on its own technique.
function needed() {
  const [, , page] = room.here?.match(/^\/(chapter|wire)\/(.*)$/) ?? [];
  const technique = page ?? room.slide?.split('/')[0];
  const experiments = EXPERIMENTS[technique] ?? [];
  const effects = experiments.map(({ attempt }) => attempt?.effect);
  return { technique, effects: [...effects, ...(ASKED[technique] ?? [])] };
}

function render() {
  const chapter = needed();
  for (const { effect, technique, button } of [...cells, ...once]) {
    const wanted = technique === chapter.technique && chapter.effects.includes(effect);
    button.classList.toggle('needed', wanted);
    button.title = wanted ? 'This chapter uses it' : '';
  }
  for (const cell of cells) {
    const own = ours(cell);
    const covered = !own && wider(cell);
    const { button } = cell;
    button.classList.toggle('on', Boolean(own));
    button.classList.toggle('covered', Boolean(covered));
    if (own) showStrength(own);
    const state = own ? '● on' : covered ? via(covered, cell) : '○ off';
    write(button, state);
    // The visible label is part of its name (WCAG 2.2 §2.5.3). A name that changes says the
    // state; `aria-pressed` would say it a second time.
    button.ariaLabel = `${EFFECTS[cell.effect]}: ${title(cell.technique)}, ${state}`;
  }
  for (const [technique, { open }] of lines) write(open, `${room.open?.[technique] ?? 0}`);
  $('off').classList.toggle('idle', room.effects.length === 0);
}

// Where one device is chosen.
function forWhom(effect) {
  if (!target()) return '';
  return effect === 'restart' ? ' For everyone, whatever is chosen.' : ` For ${target()} alone.`;
}

function expectOff() {
  $('expect').replaceChildren(el('p', {}, el('b', {}, 'All off'), ' Ends every effect: those for everyone, those '
    + 'for one device, and those that attendees put on their own. The key 0 does the same.'));
}

function expect(effect, technique, name) {
  const box = $('expect');
  if (!effect) {
    return box.replaceChildren(el('p', { className: 'soft' },
      'Point at a button to read here what it will do. ◆ marks what this chapter, or its slides, use. A technique’s name opens the bytes of all devices.'));
  }
  const entry = EXPECT[effect];
  const item = (one) => el('li', {}, badge(one), ' ', unbroken(entry[one]));
  box.replaceChildren(
    el('p', {}, el('b', {}, name), ` ${unbroken(entry.what)}`, el('b', {}, forWhom(effect))),
    el('ul', {}, ...(technique ? [technique] : Object.keys(TECHNIQUES)).map(item)));
}

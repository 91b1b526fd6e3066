// The chat of the WebSocket page: which message answers one of its own.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anything } from '../anything.js';

const form = new EventTarget();
const name = Object.assign(new EventTarget(), { value: '' });
const text = { value: '' };
Object.assign(form, { elements: { name, text } });
const atBottom = { scrollHeight: 0, scrollTop: 0, clientHeight: 0, children: [], append() {} };
document.querySelector = /** @type {any} */ (
  (selector) => ({ '#chat': form, '#log': atBottom })[selector] ?? anything);
document.createElement = () => anything;
const { Chat } = await import('../../../../static/websocket/chat.js');

test('an echo is of the own name and of a text that was sent, once', () => {
  const chat = new Chat(() => true);
  const say = (words) => {
    text.value = words;
    form.dispatchEvent(new Event('submit', { cancelable: true }));
  };
  const said = (guest, words) => chat.hear({ said: { name: guest, text: words } });
  chat.connecting();
  assert.equal(chat.hear({ welcome: { name: 'guest 1' } }), 'chat');
  say('hello');
  assert.equal(said('guest 2', 'hello'), 'chat');
  assert.equal(said('guest 1', 'good bye'), 'chat');
  assert.equal(said('guest 1', 'hello'), 'echo');
  assert.equal(said('guest 1', 'hello'), 'chat', 'of another one who has the same name');
  name.value = 'Ada';
  name.dispatchEvent(new Event('change'));
  assert.equal(chat.hear({ welcome: { name: 'Ada' } }), 'echo');
  say('too fast');
  assert.equal(chat.hear({ error: 'too fast' }), 'echo');
  assert.equal(said('Ada', 'too fast'), 'chat');
  say('lost');
  chat.connecting();
  assert.equal(said('Ada', 'lost'), 'chat', 'of another connection');
});

// The letters of an inbox, and the bell that rings when one comes.
import { report, showState } from '/gallery.js';
import { el } from '/shared/dom.js';
import { timeToTheSecond } from '/shared/format.js';

const LETTERS_CAPACITY = 50; // as in the server
const list = document.querySelector('#inbox');

showState('No inbox is open yet', 'open');

// The text of others goes in as text, so it never becomes markup.
export function show({ id, from, text, at }, gap) {
  if (gap?.restarted && id.endsWith('-1')) {
    list.replaceChildren(el('li', { className: 'soft' }, 'The letters before are gone: the server restarted, or the presenter deleted them.'));
  } else if (gap?.missed && !list.querySelector(`[data-gap="${gap.id}"]`)) {
    const note = el('li', { className: 'soft' }, `${gap.missed} older letters did not fit into the inbox.`);
    note.dataset.gap = gap.id;
    list.prepend(note);
  }
  list.prepend(el('li', {}, el('b', {}, el('bdi', {}, from)), ' ', el('bdi', {}, text), ' ',
    el('time', {}, timeToTheSecond(at))));
  while (list.children.length > LETTERS_CAPACITY) list.lastChild.remove();
  report('letter', { id });
}

export class Ring {
  #audio;

  // Browsers let a page play a sound only after a click.
  allow() {
    this.#audio ??= new AudioContext();
  }

  ring(letters) {
    list.classList.remove('ringing');
    void list.offsetWidth; // the animation begins anew
    list.classList.add('ringing');
    document.title = `(${letters.length} new) Mail`;
    addEventListener('pointerdown', () => (document.title = 'Mail'), { once: true });
    navigator.vibrate?.([200, 100, 200]);
    for (const [at, pitch] of [[0, 880], [0.18, 1320]]) this.#tone(at, pitch);
  }

  #tone(at, pitch) {
    if (!this.#audio) return;
    const tone = new OscillatorNode(this.#audio, { frequency: pitch });
    const volume = new GainNode(this.#audio, { gain: 0.2 });
    tone.connect(volume).connect(this.#audio.destination);
    const start = this.#audio.currentTime + at;
    volume.gain.setTargetAtTime(0, start, 0.12);
    tone.start(start);
    tone.stop(start + 0.6);
  }
}

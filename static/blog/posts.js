// The posts, with their likes and comments. News is told in any order, and may be told twice.
import { el, write } from '/shared/dom.js';
import { formatNumber } from '/shared/format.js';

const SHOWN_LIMIT = 20; // posts

export class Posts {
  #list = document.getElementById('posts');
  #posts = new Map(); // id → its parts of the page, and what is known of it
  #like;

  // `like(id)` is called when the reader likes a post.
  constructor(like) {
    this.#like = like;
  }

  // The number of the newest post.
  get newest() {
    return Math.max(0, ...this.#posts.keys());
  }

  tell({ post, comment, likes }) {
    if (post) this.#show(post);
    const about = this.#posts.get((comment ?? likes)?.post);
    if (comment) about?.comments.set(comment.id, comment.text);
    if (likes && about) about.count = Math.max(about.count, likes.count);
    if (about) this.#update(about);
    else if (likes || comment) this.#early.push({ comment, likes });
  }

  #early = []; // news of posts that are not known yet, in their order

  #show({ id, text }) {
    if (this.#posts.has(id)) return;
    const button = el('button');
    button.addEventListener('click', () => this.#like(id));
    const comments = el('p', { className: 'soft' });
    const element = el('li', {}, el('p', {}, el('bdi', {}, text)), button, comments);
    const post = { text, element, button, note: comments, comments: new Map(), count: 0 };
    this.#posts.set(id, post);
    this.#update(post);
    const after = [...this.#posts].filter(([other]) => other < id).sort(([a], [b]) => b - a)[0];
    this.#list.insertBefore(element, after ? after[1].element : null);
    this.#drop();
    const early = this.#early;
    this.#early = [];
    early.forEach((news) => this.tell(news));
  }

  // Keeps the newest ones alone, and as much that waits for them.
  #drop() {
    const oldest = [...this.#posts.keys()].sort((a, b) => b - a)[SHOWN_LIMIT];
    this.#posts.get(oldest)?.element.remove();
    this.#posts.delete(oldest);
    this.#early.splice(0, this.#early.length - 300);
  }

  #update({ text, button, note, comments, count }) {
    write(button, `♥ ${formatNumber(count)}`);
    button.ariaLabel = `Like “${text}”: ${formatNumber(count)} likes`;
    const latest = comments.get(Math.max(...comments.keys()));
    const number = comments.size === 1 ? '1 comment' : `${comments.size} comments`;
    note.replaceChildren(...(comments.size ? [`${number}: `, el('bdi', {}, latest)] : ['No comment yet.']));
  }
}

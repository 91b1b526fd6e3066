// For `node --import`: scripts that name each other as the servers serve them (see
// tsconfig.json), in a program that has no page.
import { existsSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

const STATIC = new URL('../../../static/', import.meta.url);

// Hooks run in a thread of their own, which loads this file, too.
if (isMainThread) {
  register(import.meta.url);
  // What modules want of a page.
  const page = new EventTarget();
  globalThis.addEventListener = page.addEventListener.bind(page);
  globalThis.dispatchEvent = page.dispatchEvent.bind(page);
  globalThis.location = new URL('http://workshop.test/');
  globalThis.document = { hidden: false };
  globalThis.window = { name: '' };
  // There is no server of this page; a request to it that fails would be sent again, for ever.
  const { fetch } = globalThis;
  const never = new Promise(() => {});
  globalThis.fetch = (to, options) => (String(to).startsWith('/') ? never : fetch(to, options));
}

// `/shared/…` and `/workshop/…`, and what the gallery serves as its own.
export function resolve(specifier, context, next) {
  const files = ['.', './gallery'].map((folder) => new URL(folder + specifier, STATIC));
  const file = specifier.startsWith('/') && files.find((file) => existsSync(file));
  if (!file) return next(specifier, context);
  return { url: file.href, format: 'module', shortCircuit: true };
}

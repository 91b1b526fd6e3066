// Run from the top of the repository, as scripts/check does.
import js from '@eslint/js';
import globals from 'globals';
import { parser, plugin } from 'typescript-eslint';

// Globals of a browser that are easily taken for a variable of one's own.
const CONFUSING = ['close', 'event', 'find', 'focus', 'length', 'name', 'open', 'origin', 'print',
  'self', 'status', 'stop', 'top'];
const rules = {
  ...js.configs.recommended.rules,
  'eqeqeq': 'error',
  'no-restricted-globals': ['error', ...CONFUSING],
  'no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  'no-var': 'error',
  'prefer-const': 'error',
};

export default [
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['static/**/*.js'],
    plugins: { types: plugin },
    languageOptions: {
      globals: globals.browser,
      parser,
      parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      ...rules,
      'types/await-thenable': 'error',
      // A promise on its own needs a `catch`, or a `void`: what fails in it is for the console.
      'types/no-floating-promises': 'error',
      'types/no-misused-promises': ['error', { checksVoidReturn: false }],
    },
  },
  {
    files: ['crates/browser-tests/**/*.{js,mjs}', 'crates/bench/peers/node/*.js'],
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules,
  },
];

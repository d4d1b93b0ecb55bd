/**
 * In every bundle. `debug` reads the environment and writes to a terminal, and there is neither; the others are
 * loaded when they are used instead of at once, because that takes most of the time of a first `require`.
 */
export const replacedEverywhere: Record<string, string> = {
  debug: 'debug.cjs',
  'har-validator': 'har-validator.cjs',
  'http-signature': 'http-signature.cjs',
  'mime-types': 'mime-types.cjs',
  psl: 'psl.cjs',
};

/** Packages for Nodes without a WHATWG URL bring one along, 250 KB of it. */
export const urlOfTheRuntime = { 'whatwg-url': 'whatwg-url.cjs' };

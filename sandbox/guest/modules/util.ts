import comparisons from 'assert/build/internal/util/comparisons';
import { format, formatWithOptions, inspect, stripVTControlCharacters } from 'node-inspect-extracted';
import npmUtil from 'util';
import { writeLine } from '../console-line.ts';
import { TextDecoder, TextEncoder } from '../text-encoding.ts';

/** npm util, with Node's own inspect and format, and promisify by Node's own symbol. */

type Function_ = (...args: unknown[]) => unknown;
const custom = Symbol.for('nodejs.util.promisify.custom');

function promisify(original: Function_ & { [custom]?: unknown }): unknown {
  if (typeof original !== 'function') {
    throw Object.assign(new TypeError('The "original" argument must be of type function'), {
      code: 'ERR_INVALID_ARG_TYPE',
    });
  }
  if (original[custom]) return original[custom];
  function promisified(this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error: unknown, value: unknown) =>
        error ? reject(error) : resolve(value),
      );
    });
  }
  Object.setPrototypeOf(promisified, Object.getPrototypeOf(original));
  Object.defineProperty(promisified, custom, { value: promisified, configurable: true });
  return Object.defineProperties(promisified, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = custom;

function debuglog(): unknown {
  return Object.assign(() => {}, { enabled: false });
}

const { isDeepEqual, isDeepStrictEqual } = comparisons;

/** The object of npm util itself, so that assert, which has it too, prints as the console does. */
export const util = Object.assign(npmUtil, {
  promisify,
  format,
  formatWithOptions,
  inspect,
  stripVTControlCharacters,
  isDeepStrictEqual,
  debuglog,
  debug: debuglog,
  TextDecoder,
  TextEncoder,
  toUSVString: (value: unknown) => String(value).toWellFormed(),
  // Of Node 11 and before.
  puts: (...lines: unknown[]) => writeLine('info', lines.join('\n')),
  print: (...texts: unknown[]) => writeLine('info', texts.join('')),
  error: (...lines: unknown[]) => writeLine('error', lines.join('\n')),
  styleText: (_format: unknown, text: string) => text,
});

export { isDeepEqual };

import { type Family, login, ok, timeout } from '../attack.ts';

/** The console as a way to drown the host, or to write what an operator is misled by. */

export const family: Family = {
  name: 'logs',
  attacks: [
    { name: 'lines without an end', script: login("for (;;) console.log('x');"), expect: timeout },
    {
      name: 'long lines without an end',
      script: login("for (;;) console.log('x'.repeat(1e5));"),
      expect: timeout,
    },
    {
      name: 'lines after the callback without an end',
      script: login("callback(null, { user_id: '1' }); for (;;) console.log('x'.repeat(1e4));"),
      expect: ok,
    },
    {
      name: 'a line of ten megabytes',
      script: login("console.log('x'.repeat(1e7)); callback(null, { user_id: '1' });"),
      expect: ok,
    },
    {
      name: 'ten thousand lines',
      script: login("for (let n = 0; n < 1e4; n++) console.log(n); callback(null, { user_id: '1' });"),
      expect: ok,
    },
    {
      name: 'lines that look like lines of the log',
      script: login(
        `console.log('{"level":50,"msg":"a sandbox process died"}\\n{"level":60}\\r\\n\\u001b[2J\\u2028x'); callback(null, { user_id: '1' });`,
      ),
      expect: ok,
    },
    {
      name: 'an object without an end to its depth',
      script: login(
        "const o = {}; let at = o; for (let n = 0; n < 2e3; n++) at = at.next = {}; console.dir(o, { depth: Infinity }); callback(null, { user_id: '1' });",
      ),
      expect: ok,
    },
    {
      name: 'an object that refers to itself',
      script: login(
        "const o = {}; o.o = [o, new Map([[o, o]])]; console.log(o); callback(null, { user_id: '1' });",
      ),
      expect: ok,
    },
    {
      name: 'a custom inspect that loops',
      script: login("console.log({ [Symbol.for('nodejs.util.inspect.custom')]() { for (;;); } });"),
      expect: timeout,
    },
    {
      name: 'a custom inspect that throws',
      script: login(
        "console.log({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('mine'); } });",
      ),
      expect: { code: 'script_error', detail: /^mine$/ },
    },
    {
      name: 'a Proxy whose traps throw',
      script: login(
        "console.log(new Proxy({}, { get() { throw 1; }, ownKeys() { throw 2; }, getPrototypeOf() { throw 3; } })); callback(null, { user_id: '1' });",
      ),
      expect: { code: 'script_error' },
    },
    {
      name: 'formats',
      script: login(
        "console.log('%s %d %i %f %j %o %O %c %% %x', {}, 'x', {}, [], { toJSON() { throw new Error('j'); } }, 1, 2, 3); callback(null, { user_id: '1' });",
      ),
      expect: { code: 'script_error', detail: /^j$/ },
    },
    {
      name: 'a table of a million cells',
      script: login(
        "console.table(new Array(1000).fill(new Array(1000).fill(0))); callback(null, { user_id: '1' });",
      ),
      expect: timeout,
    },
    {
      name: 'groups within groups',
      script: login(
        "for (let n = 0; n < 1e5; n++) console.group(); console.log('deep'); callback(null, { user_id: '1' });",
      ),
      expect: ok,
    },
    {
      name: 'stdout, written to without an end',
      script: login("for (;;) process.stdout.write('x'.repeat(1e5));"),
      expect: timeout,
    },
    { name: 'warnings without an end', script: login("for (;;) process.emitWarning('x');"), expect: timeout },
    {
      name: 'half of a pair of surrogates',
      script: login("console.log('\\ud800'.repeat(1e4)); callback(null, { user_id: '1' });"),
      expect: ok,
    },
  ],
};

import { type Family, login, ok, timeout } from '../attack.ts';

/** Timers in floods, timers that throw, timers that are not what they seem. */

export const family: Family = {
  name: 'timers',
  attacks: [
    {
      name: 'a flood of long timers',
      script: login('for (;;) setTimeout(() => {}, 1e6);'),
      expect: { code: 'script_error', detail: /timers and requests/ },
    },
    {
      name: 'a flood of timers at once',
      script: login('for (;;) setTimeout(() => {}, 0);'),
      expect: { code: 'script_error', detail: /timers and requests/ },
    },
    {
      name: 'a flood of immediates',
      script: login('for (;;) setImmediate(() => {});'),
      expect: { code: 'script_error', detail: /timers and requests/ },
    },
    {
      name: 'a flood of intervals',
      script: login('for (;;) setInterval(() => {}, 1);'),
      expect: { code: 'script_error', detail: /timers and requests/ },
    },
    {
      name: 'timers set and cleared without an end',
      script: login('for (;;) clearTimeout(setTimeout(() => {}, 1e6));'),
      expect: timeout,
    },
    {
      name: 'timers set, told and cleared without an end',
      script: login(
        'for (;;) { const all = []; for (let n = 0; n < 200; n++) all.push(setTimeout(() => {}, 0)); all.forEach(clearTimeout); }',
      ),
      expect: { code: 'script_error', detail: /timers and requests/ },
    },
    {
      name: 'an interval for ever',
      script: login('setInterval(() => {}, 20);'),
      expect: { ...timeout, detail: /^login ran longer than 1\.5 s$/ },
    },
    {
      name: 'a timer that sets two',
      script: login('const more = () => { setTimeout(more, 0); setTimeout(more, 0); }; more();'),
      expect: { code: 'script_error', detail: /timers and requests/ },
    },
    {
      name: 'a timer that throws',
      script: login("setTimeout(() => { throw new Error('late'); }, 1);"),
      expect: { code: 'script_error', detail: /^late$/ },
    },
    {
      name: 'an interval that throws a Proxy',
      script: login('setInterval(() => { throw new Proxy({}, { get() { throw 1; } }); }, 1);'),
      expect: { code: 'script_error' },
    },
    {
      name: 'a timer that loops',
      script: login('setTimeout(() => { for (;;); }, 1);'),
      expect: { ...timeout, detail: /CPU time$/ },
    },
    {
      name: 'delays that are no numbers',
      script:
        login(`const delays = [NaN, -1, Infinity, 2 ** 40, '1', {}, null, 1n, [], { valueOf: () => 1 }, new Date(1)];
        let left = delays.length;
        for (const ms of delays) setTimeout(() => { if (--left === 0) callback(null, { user_id: '1' }); }, typeof ms === 'bigint' ? Number(ms) : ms);`),
      expect: ok,
    },
    {
      name: 'a delay that is a symbol',
      script: login('setTimeout(() => {}, Symbol());'),
      expect: { code: 'script_error', detail: /Symbol/ },
    },
    {
      name: 'a callback that is text',
      script: login("setTimeout('callback(null, 1)', 1);"),
      expect: { code: 'script_error', detail: /must be of type function/ },
    },
    {
      name: 'clearTimeout of all numbers',
      script: login(
        "for (let n = 0; n < 1e5; n++) clearTimeout(n); clearTimeout({}); clearTimeout(); setTimeout(() => callback(null, { user_id: '1' }), 1);",
      ),
      expect: ok,
    },
    {
      name: 'a timer that is refreshed without an end',
      script: login('const t = setTimeout(() => {}, 1e5); for (;;) t.refresh();'),
      expect: timeout,
    },
    {
      name: 'the callback, then timers at length',
      script: login(
        "callback(null, { user_id: '1' }); setInterval(() => { let n = 0; while (n < 1e6) n++; }, 1);",
      ),
      expect: ok,
    },
    {
      name: 'the callback, then a flood of timers',
      script: login("callback(null, { user_id: '1' }); for (;;) setTimeout(() => {}, 1e6);"),
      expect: ok,
    },
    {
      name: 'ref and unref without an end',
      script: login(
        'const t = setTimeout(() => {}, 1e5); for (let n = 0; ; n++) n % 2 ? t.ref() : t.unref();',
      ),
      expect: timeout,
    },
  ],
};

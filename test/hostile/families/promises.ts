import { type Family, login, timeout } from '../attack.ts';

/** Loops without a loop, and rejections that nobody sees. */

const cpu = { ...timeout, detail: /CPU time$/ };

export const family: Family = {
  name: 'promises',
  attacks: [
    {
      name: 'microtasks without an end',
      script: login('const again = () => Promise.resolve().then(again); again();'),
      expect: cpu,
    },
    { name: 'for await without an end', script: `async ${login('for (;;) await 0;')}`, expect: cpu },
    {
      name: 'queueMicrotask without an end',
      script: login('const again = () => queueMicrotask(again); again();'),
      expect: cpu,
    },
    {
      name: 'ticks without an end',
      script: login('const again = () => process.nextTick(again); again();'),
      expect: cpu,
    },
    {
      name: 'a thenable that resolves with itself',
      script: `async ${login('const self = { then(resolve) { resolve(self); } }; await self;')}`,
      expect: cpu,
    },
    {
      name: 'a thenable that loops in then',
      script: `async ${login('await { then() { for (;;); } };')}`,
      expect: cpu,
    },
    {
      name: 'the callback, then microtasks without an end',
      script: login(
        "callback(null, { user_id: '1' }); const again = () => Promise.resolve().then(again); again();",
      ),
      expect: { code: 'ok' },
    },
    {
      name: 'an unhandled rejection',
      script: login("Promise.reject(new Error('unseen'));"),
      expect: { code: 'script_error', detail: /^unseen$/ },
    },
    {
      name: 'an unhandled rejection with an object',
      script: login("Promise.reject({ code: 'E1', message: 'an object' });"),
      expect: { code: 'script_error', detail: /^an object$/ },
    },
    {
      name: 'an unhandled rejection with an object that says nothing',
      script: login('Promise.reject({ a: 1 });'),
      expect: { code: 'script_error', detail: /no Error/ },
    },
    {
      name: 'an unhandled rejection with nothing',
      script: login('Promise.reject();'),
      expect: { code: 'script_error', detail: /^undefined$/ },
    },
    {
      name: 'an unhandled rejection with a Proxy',
      script: login(
        "Promise.reject(new Proxy({}, { get() { throw new Error('trap'); }, getPrototypeOf() { throw new Error('trap'); } }));",
      ),
      expect: { code: 'script_error' },
    },
    {
      name: 'an unhandled rejection whose message loops',
      script: login('Promise.reject({ get message() { for (;;); } });'),
      expect: { ...timeout, detail: /ran longer/ },
    },
    {
      name: 'an unhandled rejection whose stack is made by the script',
      script: login("Error.prepareStackTrace = () => { for (;;); }; Promise.reject(new Error('x'));"),
      expect: { ...timeout, detail: /ran longer/ },
    },
    {
      name: 'an unhandled rejection with the words of a time-out',
      script: login("Promise.reject(new Error('Script execution timed out.'));"),
      expect: { code: 'script_error', detail: /^Script execution timed out\.$/ },
    },
    {
      name: 'an unhandled rejection with the words of a memory limit',
      script: login(
        "Promise.reject(new Error('Isolate was disposed during execution due to memory limit'));",
      ),
      expect: { code: 'script_error', detail: /memory limit$/ },
    },
    {
      name: 'ten thousand unhandled rejections',
      script: login("for (let n = 0; n < 1e4; n++) Promise.reject(new Error('no. ' + n));"),
      expect: { code: 'script_error', detail: /^no\. \d+$/ },
    },
    {
      name: 'a rejection that is handled a moment later',
      script: login(
        "const late = Promise.reject(new Error('late')); setTimeout(() => { late.catch(() => {}); callback(null, { user_id: '1' }); }, 1);",
      ),
      expect: { code: 'script_error', detail: /^late$/ },
    },
    {
      name: 'a promise that is never settled',
      script: `async ${login('await new Promise(() => {});')}`,
      expect: { code: 'script_no_callback' },
    },
    {
      name: 'an entry that answers a hostile thenable',
      script: login(
        'return { then(resolve, reject) { reject({ get message() { throw 1; }, toString() { throw 2; } }); } };',
      ),
      expect: { code: 'script_error' },
    },
    {
      name: 'an entry that answers a thenable which calls back without an end',
      script: login('return { then(_, reject) { for (;;) reject(new Error("again")); } };'),
      expect: { code: 'script_error', detail: /^again$/ },
    },
    {
      name: 'an entry whose then is a getter that throws',
      script: login("return { get then() { throw new Error('in a getter'); } };"),
      expect: { code: 'script_error', detail: /^in a getter$/ },
    },
    {
      name: 'a million promises that wait for one',
      script: login(
        "const gate = new Promise((resolve) => setTimeout(resolve, 1)); for (let n = 0; n < 1e5; n++) gate.then(() => n); gate.then(() => callback(null, { user_id: '1' }));",
      ),
      expect: { code: 'ok' },
    },
  ],
};

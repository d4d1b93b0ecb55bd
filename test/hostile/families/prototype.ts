import { type Family, login, ok } from '../attack.ts';

/** Pollution of prototypes: by keys in results and by what is put on the prototypes of the script's own realm. */

const answers = (source: string) => login(`callback(null, ${source});`);

export const family: Family = {
  name: 'prototype',
  attacks: [
    {
      name: 'a key __proto__ in the profile',
      script: answers(`JSON.parse('{"user_id":"1","__proto__":{"admin":true}}')`),
      expect: ok,
    },
    {
      name: 'a key __proto__ deep in user_metadata',
      script: answers(
        `JSON.parse('{"user_id":"1","user_metadata":{"a":[{"b":{"__proto__":{"admin":true},"c":1}}]}}')`,
      ),
      expect: { code: 'ok', user: { user_id: '1', user_metadata: { a: [{ b: { c: 1 } }] } } },
    },
    {
      name: 'constructor.prototype as keys of app_metadata',
      script: answers(`{ user_id: '1', app_metadata: { constructor: { prototype: { admin: true } } } }`),
      expect: {
        code: 'ok',
        user: { user_id: '1', app_metadata: { constructor: { prototype: { admin: true } } } },
      },
    },
    {
      name: 'keys that are methods of every object',
      script: answers(`{ user_id: '1', toString: 1, hasOwnProperty: 2, valueOf: 3, toJSON: 4 }`),
      expect: {
        code: 'ok',
        user: { user_id: '1', toString: 1, hasOwnProperty: 2, valueOf: 3, toJSON: 4 } as object as Record<
          string,
          unknown
        >,
      },
    },
    {
      name: '__defineGetter__ and __lookupSetter__ as keys',
      script: answers(`{ user_id: '1', __defineGetter__: 'a', __lookupSetter__: 'b' }`),
      expect: {
        code: 'ok',
        user: { user_id: '1', __defineGetter__: 'a', __lookupSetter__: 'b' } as object as Record<
          string,
          unknown
        >,
      },
    },
    {
      name: 'the user_id on Object.prototype, and an empty profile',
      script: login("Object.prototype.user_id = '2'; callback(null, {});"),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'a class whose prototype has the user_id',
      script: login("class User { get user_id() { return '2'; } } callback(null, new User());"),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'an object without a prototype',
      script: login("callback(null, Object.assign(Object.create(null), { user_id: '1' }));"),
      expect: ok,
    },
    {
      name: 'toJSON on Object.prototype',
      script: login("Object.prototype.toJSON = () => ({ user_id: 'x' }); callback(null, { user_id: '1' });"),
      expect: { code: 'script_error' },
    },
    {
      name: 'toHexString on Object.prototype',
      script: login("Object.prototype.toHexString = () => '2'; callback(null, { user_id: '1' });"),
      expect: { code: 'invalid_profile' },
    },
    {
      name: 'a setter for every field of a failure',
      script: login(`for (const name of ['kind', 'name', 'message', 'stack', 'place', 'code'])
          Object.defineProperty(Object.prototype, name, { set() { throw new Error(name); }, get: () => 'x', configurable: true });
        callback(new Error('mine'));`),
      expect: { code: 'script_error' },
    },
    {
      name: 'a getter on Object.prototype for every parameter of an operation',
      script: login(`for (const name of ['ms', 'repeats', 'timeoutMs', 'maxBytes', 'tls', 'parts', 'props'])
          Object.defineProperty(Object.prototype, name, { get: () => ({ evil: true }), set() {}, configurable: true });
        setTimeout(() => callback(null, { user_id: '1' }), 1);`),
      expect: ok,
    },
    {
      name: 'then on Object.prototype',
      script: `async ${login(`Object.prototype.then = function (resolve) { delete Object.prototype.then; resolve('stolen'); };
        const got = await {};
        callback(null, { user_id: String(got) });`)}`,
      expect: { code: 'ok', user: { user_id: 'stolen' } },
    },
    {
      name: 'indices on Array.prototype and Object.prototype',
      script:
        login(`Object.defineProperty(Array.prototype, '0', { set() { throw new Error('0'); }, get: () => 'x', configurable: true });
        Object.defineProperty(Object.prototype, '1', { set() { throw new Error('1'); }, get: () => 'y', configurable: true });
        callback(null, { user_id: '1', list: [1, 2, 3] });`),
      expect: { code: 'script_error' },
    },
    {
      name: 'Object.prototype, with another prototype',
      script: login(`try { Object.setPrototypeOf(Object.prototype, { user_id: '2' }); } catch {}
        callback(null, { user_id: '1' });`),
      expect: ok,
    },
    {
      name: 'Array.prototype with the prototype of a Proxy',
      script:
        login(`Object.setPrototypeOf(Array.prototype, new Proxy({}, { get: (_, key) => key === 'toJSON' ? () => 'x' : undefined, has: () => true }));
        callback(null, { user_id: '1', list: [1] });`),
      expect: { code: 'script_error' },
    },
    {
      name: 'an earlier execution that left its mark on Object.prototype',
      script: login(`const before = {}.mark;
        Object.prototype.mark = 'mine';
        callback(null, { user_id: '1', before: before === undefined });`),
      expect: { code: 'ok', user: { user_id: '1', before: true } },
    },
  ],
};

import { type Family, login, timeout } from '../attack.ts';

/** Errors that are hostile to whoever reads them. */

const failed = (detail: RegExp) => ({ code: 'script_error', detail }) as const;

export const family: Family = {
  name: 'errors',
  attacks: [
    {
      name: 'a message that loops',
      script: login('throw { get message() { for (;;); } };'),
      expect: timeout,
    },
    {
      name: 'a stack that loops',
      script: login("throw { message: 'm', get stack() { for (;;); } };"),
      expect: timeout,
    },
    {
      name: 'a message that throws',
      script: login('throw { get message() { throw { get message() { throw 1; } }; } };'),
      expect: failed(/./),
    },
    {
      name: 'a message that is an object',
      script: login('throw { message: { toString() { for (;;); } } };'),
      expect: { code: 'script_error' },
    },
    {
      name: 'a message of a hundred megabytes',
      script: login("throw new Error('x'.repeat(2e7));"),
      expect: failed(/^(Error: )?x{1000}/),
    },
    {
      name: 'a name that is a Proxy',
      script: login(
        "const error = new Error('mine'); error.name = new Proxy({}, { get() { throw 1; } }); callback(error);",
      ),
      expect: failed(/^mine$/),
    },
    {
      name: 'a code that is not text',
      script: login("callback(Object.assign(new Error('mine'), { code: { toString() { for (;;); } } }));"),
      expect: failed(/^mine$/),
    },
    {
      name: 'a stack of a million lines',
      script: login(
        "const error = new Error('mine'); error.stack = '    at x (errors-0/login.js:1:1)\\n'.repeat(1e5); callback(error);",
      ),
      expect: failed(/^mine$/),
    },
    {
      name: 'a stack with places on the host',
      script: login(
        "const error = new Error('mine'); error.stack = 'Error\\n    at x (/etc/passwd:1:1)\\n    at y (node:internal:2:2)'; callback(error);",
      ),
      expect: failed(/^mine$/),
    },
    {
      name: 'a stack that is a number of lines long',
      script: login("const error = new Error('mine'); error.stack = ['x']; callback(error);"),
      expect: failed(/^mine$/),
    },
    {
      name: 'a stack with a line of many parentheses',
      script: login(
        "const error = new Error('mine'); error.stack = 'Error\\n    at ' + '('.repeat(60000) + 'errors-10/login.js:1:1'; callback(error);",
      ),
      expect: failed(/^mine$/),
    },
    {
      name: 'a cause that is itself',
      script: login("const error = new Error('mine'); error.cause = error; callback(error);"),
      expect: failed(/^mine$/),
    },
    {
      name: 'causes without an end',
      script: login(
        "callback(new Error('mine', { cause: new Proxy(new Error('c'), { get: (t, k, self) => k === 'cause' ? self : t[k] }) }));",
      ),
      expect: failed(/^mine/),
    },
    {
      name: 'an AggregateError of a million',
      script: login("callback(new AggregateError(new Array(1e5).fill(new Error('one')), 'mine'));"),
      expect: failed(/^AggregateError: mine/),
    },
    {
      name: 'an AggregateError whose errors are a Proxy',
      script: login(
        "const error = new AggregateError([], 'mine'); Object.defineProperty(error, 'errors', { get() { for (;;); } }); callback(error);",
      ),
      expect: timeout,
    },
    {
      name: 'prepareStackTrace that loops',
      script: login("Error.prepareStackTrace = () => { for (;;); }; throw new Error('x');"),
      expect: timeout,
    },
    {
      name: 'prepareStackTrace that answers a Proxy',
      script: login(
        "Error.prepareStackTrace = () => new Proxy({}, { get() { throw 1; } }); throw new Error('mine');",
      ),
      expect: failed(/^mine$/),
    },
    {
      name: 'prepareStackTrace that throws',
      script: login("Error.prepareStackTrace = () => { throw new Error('trap'); }; throw new Error('mine');"),
      expect: { code: 'script_error' },
    },
    {
      name: 'a thrown Proxy whose traps all throw',
      script: login("throw new Proxy({}, new Proxy({}, { get() { throw new Error('trap'); } }));"),
      expect: { code: 'script_error' },
    },
    {
      name: 'a thrown function',
      script: login('throw function f() { return 1; };'),
      expect: { code: 'script_error' },
    },
    { name: 'a thrown symbol', script: login("throw Symbol('mine');"), expect: failed(/Symbol\(mine\)/) },
    { name: 'a thrown null', script: login('throw null;'), expect: failed(/^null$/) },
    { name: 'a thrown BigInt', script: login('throw 10n;'), expect: failed(/^10$/) },
    {
      name: 'a thrown object that refers to itself',
      script: login('const o = {}; o.o = o; throw o;'),
      expect: failed(/cannot be read/),
    },
    {
      name: 'a thrown object whose toJSON loops',
      script: login('throw { toJSON() { for (;;); } };'),
      expect: timeout,
    },
    {
      name: 'a thrown object with a constructor of its own',
      script: login(
        "throw { constructor: { name: 'ValidationError' }, code: 'user_exists', message: 'mine' };",
      ),
      expect: failed(/^mine$/),
    },
    {
      name: 'a stack overflow',
      script: login('const deeper = () => deeper() + 1; deeper();'),
      expect: failed(/^RangeError: Maximum call stack|Maximum call stack/),
    },
    {
      name: 'a stack overflow in a toString',
      script: login("const o = { toString() { return '' + o; } }; throw new Error('' + o);"),
      expect: failed(/Maximum call stack/),
    },
    {
      name: 'a ValidationError with the code of a service error',
      script: login("callback(new ValidationError('internal_error', 'mine'));"),
      expect: { code: 'script_rejected', detail: /^mine$/ },
    },
    {
      name: 'an error with the secret in pieces of its name',
      script: login("const error = new Error('m'); error.name = configuration.SECRET; callback(error);"),
      expect: { code: 'script_error' },
    },
    {
      name: 'a DOMException whose getters are replaced',
      script: login(
        "Object.defineProperty(DOMException.prototype, 'message', { get() { for (;;); } }); throw new DOMException('x');",
      ),
      expect: { code: 'script_error' },
    },
  ],
};

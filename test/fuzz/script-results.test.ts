import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ServiceError } from '../../src/errors.ts';
import { Problem, UserProfile } from '../../src/http/schemas.ts';
import { createRunner } from '../../src/runner/create-runner.ts';
import { createFakeConnection, createFakePool, returned } from '../runner/fake-pool.ts';
import { connectionFiles, type RunningService, startService } from '../service/running-service.ts';
import { fuzz, fuzzTimeoutMs, jsonValue, nearly, oddText } from './fuzz.ts';

const profile = {
  user_id: '1',
  email: 'jane@example.com',
  email_verified: true,
  username: 'jane',
  phone_number: '+15550100',
  phone_verified: false,
  name: 'Jane',
  nickname: 'j',
  picture: 'https://example.com/j.png',
  user_metadata: { plan: { name: 'gold' } },
  app_metadata: { roles: ['a', 'b'] },
  mfa_factors: ['phone'],
};

/** JavaScript that makes a value, JSON-able or not; some of it fights back when it is looked at. */
const expression: fc.Arbitrary<string> = fc.letrec<{ any: string; leaf: string }>((tie) => ({
  leaf: fc.oneof(
    jsonValue.map((value) => JSON.stringify(value) ?? 'undefined'),
    oddText.map((text) => JSON.stringify(text)),
    fc.constantFrom(
      'undefined',
      'NaN',
      '-0',
      '10n ** 400n',
      'Symbol("s")',
      '() => 1',
      'class A {}',
      'new Date(NaN)',
      'new Date(8.64e15)',
      'Buffer.from("abc")',
      'new Uint8Array(1e5)',
      'new Map([[1, 2]])',
      'new Set([1])',
      'new WeakMap()',
      '/x/g',
      'new Error("x")',
      'Promise.resolve(1)',
      'Promise.reject(new Error("late"))',
      'new Promise(() => {})',
      'globalThis',
      'process',
      'require',
      'module',
      'Object.create(null)',
      'new Array(1e9)',
      '"x".repeat(3e6)',
      'new Proxy({}, { get() { throw new Error("get"); } })',
      'new Proxy({}, { ownKeys() { throw 1; } })',
      'new Proxy([], { getPrototypeOf() { throw null; } })',
      'new Proxy(function () {}, {})',
      '({ toJSON() { throw new Error("toJSON"); } })',
      '({ toJSON() { return this; } })',
      '({ toJSON: 7 })',
      '({ get a() { throw new TypeError("getter"); } })',
      '({ get length() { return 1e9; } })',
      '({ then(resolve) { resolve(1); } })',
      '({ [Symbol.toPrimitive]() { throw 1; } })',
      '({ _bsontype: "ObjectId", toString() { throw 1; } })',
      'Object.defineProperty({}, "__proto__", { value: 1, enumerable: true })',
      '(() => { const a = {}; a.a = a; return a; })()',
      '(() => { let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; return a; })()',
      '(() => { throw new Error("thrown"); })()',
      '(() => { throw undefined; })()',
      '(() => { throw { message: {} }; })()',
    ),
  ),
  any: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: tie('leaf') },
    { weight: 2, arbitrary: fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`) },
    {
      weight: 3,
      arbitrary: fc
        .array(
          fc.tuple(fc.oneof(fc.constantFrom(...Object.keys(profile)), oddText, fc.string()), tie('any')),
          { maxLength: 4 },
        )
        .map(
          (fields) =>
            `({ user_id: "1", ${fields.map(([key, value]) => `[${JSON.stringify(key)}]: ${value}`).join(', ')} })`,
        ),
    },
  ),
})).any;

const result = fc.oneof(
  { weight: 2, arbitrary: nearly(profile).map((value) => JSON.stringify(value) ?? 'undefined') },
  { weight: 3, arbitrary: expression },
);

/** What the script does with the value. */
const use = fc.constantFrom(
  'callback(null, VALUE)',
  'callback(VALUE)',
  'callback(null, VALUE, VALUE)',
  'callback(new Error(VALUE))',
  'callback(Object.assign(new Error("x"), { message: VALUE, name: VALUE, code: VALUE }))',
  'callback(new ValidationError(VALUE, VALUE))',
  'callback(new WrongUsernameOrPasswordError(VALUE, VALUE))',
  'throw VALUE',
  'setTimeout(() => { throw VALUE; }, 0)',
  'console.log(VALUE); callback(null, null)',
  'JSON.stringify = () => VALUE; callback(null, { user_id: "1" })',
  'Object.prototype.toJSON = () => VALUE; callback(null, { user_id: "1", email: "jane@example.com" })',
  'Array.prototype[Symbol.iterator] = () => VALUE; callback(null, { user_id: "1", a: [1] })',
);

const answerOf = (action: string, parameters: string) =>
  `function ${action}(${parameters}, context, callback) { (0, eval)('(callback) => {' + context.organization.metadata.code + '}')(callback); }`;

let service: RunningService;
beforeAll(async () => {
  service = await startService({
    files: connectionFiles(
      'acme',
      {
        get_user: answerOf('getUser', 'id'),
        login: answerOf('login', 'id, password'),
        change_password: answerOf('changePassword', 'id, password'),
      },
      { isolation: 'execution' },
    ),
    env: {
      DRAWBRIDGE_SCRIPT_TIMEOUT_MS: '2000',
      DRAWBRIDGE_SCRIPT_CPU_MS: '300',
      DRAWBRIDGE_LOGIN_ATTEMPTS: '0',
    },
  });
  // The start of the process is no part of what a script takes.
  await service.log.line(({ message }) => message === 'a sandbox process is up');
}, 60_000);
afterAll(() => service.stop());

const bodies = {
  'get-user': { identifier: 'jane@example.com' },
  login: { identifier: 'jane@example.com', password: 'hunter22' },
  'change-password': { identifier: 'jane@example.com', new_password: 'hunter22' },
};

test('whatever a script answers, its caller gets a profile or problem details', {
  timeout: fuzzTimeoutMs,
}, async () => {
  await fuzz(
    fc.tuple(result, use, fc.constantFrom('get-user', 'login', 'change-password')),
    async ([value, how, call]) => {
      const code = how.replaceAll('VALUE', () => `(${value})`);
      const organization = { id: 'org_1', metadata: { code } };
      const { status, body } = await service.run('acme', call, { ...bodies[call], organization });
      if (status === 200) {
        if (body.user) UserProfile.parse(body.user);
        return;
      }
      expect(Problem.strict().parse(body).code).toMatch(
        /^(script_(error|rejected|timeout|no_callback|out_of_memory)|invalid_profile|result_too_large|user_exists|access_denied|wrong_username_or_password|identifier_mismatch)$/,
      );
    },
    400,
  );
  expect(
    service.log.lines.filter(
      ({ level, message }) => level === 'error' && message !== undefined && /internal|sandbox/.test(message),
    ),
  ).toEqual([]);
});

test('whatever a script returns, the rules for its action have an answer', async () => {
  const actions = {
    login: { identifier: 'jane@example.com', password: 'hunter22' },
    get_user: { identifier: 'jane@example.com', identifier_type: 'email' as const },
    create: { user: { email: 'jane@example.com', password: 'hunter22' } },
    change_password: { identifier: 'jane@example.com', new_password: 'hunter22' },
    verify: { email: 'jane@example.com' },
  };
  const names = Object.keys(actions) as (keyof typeof actions)[];
  const values = fc.tuple(fc.oneof(nearly(profile, 5), jsonValue), fc.constantFrom(...names));
  await fuzz(
    values,
    async ([value, action]) => {
      const { pool } = createFakePool({ get_user: returned(value), [action]: returned(value) });
      const runner = createRunner({ pool, tenant: 'default', scriptTimeoutMs: 1_000 });
      try {
        await runner.run(createFakeConnection(), action, actions[action]);
      } catch (error) {
        expect(error).toBeInstanceOf(ServiceError);
        expect((error as ServiceError).code).not.toBe('internal_error');
      }
    },
    3_000,
  );
});

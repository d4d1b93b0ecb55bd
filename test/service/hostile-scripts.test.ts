import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';

/** Scripts that misbehave, by the identifier that makes them; the others of the connection are not to feel it. */
const misdeeds: [identifier: string, source: string, status: number, code: string, detail: RegExp][] = [
  ['loop', 'for (;;);', 504, 'script_timeout', /^login used more than 600 ms of CPU time$/],
  [
    'promises',
    'const again = () => Promise.resolve().then(again); again();',
    504,
    'script_timeout',
    /CPU time$/,
  ],
  ['regex', "/^(a+)+$/.test('a'.repeat(60) + 'b');", 504, 'script_timeout', /CPU time$/],
  [
    'recursion',
    'const deeper = () => deeper() + 1; deeper();',
    502,
    'script_error',
    /^RangeError: Maximum call stack/,
  ],
  [
    'hoard',
    'const all = []; for (;;) all.push(new Array(1e6).fill(all.length));',
    502,
    'script_out_of_memory',
    /64 MB$/,
  ],
  ['buffers', 'const all = []; for (;;) all.push(Buffer.alloc(8e6));', 502, 'script_out_of_memory', /64 MB$/],
  [
    'timer',
    "setTimeout(() => { throw new Error('late ' + password); }, 1);",
    502,
    'script_error',
    /^late \[password\]$/,
  ],
  ['rejection', "Promise.reject(new Error('unseen'));", 502, 'script_error', /^unseen$/],
  ['forever', 'setInterval(() => {}, 50);', 504, 'script_timeout', /^login ran longer than 2 s$/],
  ['exit', 'process.exit(1);', 502, 'script_error', /process\.exit/],
  ['nothing', 'throw undefined;', 502, 'script_error', /./],
  [
    'getter',
    'throw { get message() { return configuration.SECRET; } };',
    502,
    'script_error',
    /^\[configuration\.SECRET\]$/,
  ],
  ['loops-in-getter', 'throw { get message() { for (;;); } };', 504, 'script_timeout', /CPU time$/],
  [
    'circular',
    "const user = { user_id: '1' }; user.self = user; callback(null, user);",
    502,
    'invalid_profile',
    /self/,
  ],
];

const source = `function login(identifier, password, context, callback) {
  if (identifier === 'jane') return callback(null, { user_id: '1' });
${misdeeds.map(([name, code]) => `  if (identifier === '${name}') { ${code} }`).join('\n')}
}`;

const isHoarder = (source: string) => source.includes('all.push');

/** Whoever hoards uses memory up before time, and whoever takes time is not to use up memory before. */
describe.each([
  ['little time', 2_000, 600, misdeeds.filter(([, code]) => !isHoarder(code))],
  ['much time', 10_000, 5_000, misdeeds.filter(([, code]) => isHoarder(code))],
] as const)('scripts that have %s', (_, wallMs, cpuMs, some) => {
  let service: RunningService;
  beforeAll(async () => {
    service = await startService({
      files: connectionFiles('acme', { login: source }),
      env: {
        DRAWBRIDGE_SCRIPT_TIMEOUT_MS: String(wallMs),
        DRAWBRIDGE_SCRIPT_CPU_MS: String(cpuMs),
        DRAWBRIDGE_SCRIPT_MEMORY_MB: '64',
      },
    });
  });
  afterAll(() => service.stop());

  /** The connection goes on. */
  afterEach(async () => {
    const reply = await service.run('acme', 'login', { identifier: 'jane', password });
    expect(reply).toMatchObject({ status: 200, body: { user: { user_id: '1' } } });
  });

  test.each(some)('%s: %s', async (identifier, _source, status, code, detail) => {
    const reply = await service.run('acme', 'login', { identifier, password });
    expect(reply).toMatchObject({ status, body: { code, detail: expect.stringMatching(detail) } });
  });
});

test('a password of the greatest size, in characters of three bytes, is masked like any other', async () => {
  const login = `function login(id, password, context, callback) {
    console.log('tried ' + password);
    callback(new Error('refused ' + password.slice(0, 10) + password.slice(10)));
  }`;
  await using own = await startService({ files: connectionFiles('acme', { login }) });
  const long = Array.from({ length: 3_900 }, (_, n) => String.fromCharCode(0x4e00 + n)).join('');
  const reply = await own.run('acme', 'login', { identifier: 'jane@example.com', password: long });
  expect(reply.body).toMatchObject({ code: 'script_error', detail: 'refused [password]' });
  await own.log.line(({ message }) => message.includes('tried [password]'));
});

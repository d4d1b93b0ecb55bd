import { createApiKey } from '../../src/keys/api-key.ts';
import { startApp, type TestApp } from '../http/fake-parts.ts';
import type { LogLine } from './recorded-log.ts';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

export interface Stage {
  /** With API keys and room for everything. */
  service: RunningService;
  /** One execution at a time, none waiting, with short limits. */
  narrow: RunningService;
  /** What `narrow`'s scripts call; it answers nothing by itself. */
  silent: Upstream;
  /** A service whose runner is broken. */
  broken: TestApp;
}

export const apiKey = 'a-key-with-every-scope-for-the-tests';
export const readOnly = createApiKey({
  name: 'reader',
  tenant: 'default',
  scopes: ['read:connections'],
  now: new Date(),
});

/** Answers what its identifier names; `leaks` says whatever it knows. */
const login = `function login(identifier, password, context, callback) {
  const answers = {
    known: () => callback(new WrongUsernameOrPasswordError('42', 'Wrong: ' + password)),
    denied: () => callback(new UnauthorizedError('Not from ' + configuration.SECRET)),
    refused: () => callback(new ValidationError('locked', 'Locked, said ' + password)),
    silent: () => {},
    huge: () => callback(null, { user_id: '1', name: 'x'.repeat(3_000_000) }),
    hungry: () => { const all = []; for (;;) all.push(new Array(1e5).fill(all.length)); },
    unfit: () => callback(null, { user_id: '', email: 7 }),
    failing: () => fail(password),
  };
  answers[identifier]();
}
function fail(password) {
  throw new TypeError('No luck with ' + password + ' and ' + encodeURIComponent(configuration.SECRET));
}`;

const getUser = `function getUser(identifierValue, context, callback) {
  callback(null, { user_id: '1', email: 'jane@example.com' });
}`;

const create = `async function create(user, context, callback) {
  await fetch(configuration.URL + '/users', { method: 'POST', body: '{}' });
  callback(null, { user_id: '1', email: user.email });
}`;

const invalid = `function verify(email, context, callback) {
  const const = 1;
}`;

export const acme = {
  ...connectionFiles('acme', {
    login,
    get_user: getUser,
    create: 'function create(user, context, callback) {}',
    verify: invalid,
  }),
  ...connectionFiles('plain', { get_user: getUser }, { enable_script_context: false }),
};

export const narrowFiles = (url: string) =>
  connectionFiles('acme', { create, login }, { configuration: { URL: url } });

export const isUp = ({ message }: LogLine) => message === 'a sandbox process is up';

/** Its disposal ends all of it. */
export async function setStage(): Promise<Stage & AsyncDisposable> {
  const parts = new AsyncDisposableStack();
  const silent = parts.use(await startUpstream(() => {}));
  const service = parts.use(
    await startService({
      files: { ...acme, 'keys.json': { version: 1, keys: [readOnly.stored] } },
      env: (root) => ({
        DRAWBRIDGE_API_KEY: apiKey,
        DRAWBRIDGE_API_KEYS_FILE: `${root}/keys.json`,
        DRAWBRIDGE_USER_HANDLES_FILE: `${root}/user-handles.db`,
      }),
      apiKey,
    }),
  );
  const narrow = parts.use(
    await startService({
      files: narrowFiles(silent.url),
      env: {
        DRAWBRIDGE_EGRESS_ALLOW: silent.address,
        DRAWBRIDGE_MAX_UNDER_WAY: '1',
        DRAWBRIDGE_MAX_WAITING: '0',
        DRAWBRIDGE_SCRIPT_TIMEOUT_MS: '3000',
        DRAWBRIDGE_SCRIPT_MEMORY_MB: '32',
      },
    }),
  );
  // Where nothing may wait, nothing can be run before there is a process.
  await narrow.log.line(isUp);
  const broken = parts.use(
    await startApp(() => {
      throw new Error(`no runner in ${import.meta.dirname}, only ${password}`);
    }),
  );
  return { service, narrow, silent, broken, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

/** A create that waits for its upstream, which has seen it. */
export async function holdCreate({ narrow, silent }: Stage) {
  const arrived = silent.next();
  const creating = narrow.run('acme', 'create', { user: { email: 'ann@example.com', password } });
  return [await arrived, creating] as const;
}

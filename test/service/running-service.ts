import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { ActionName } from '../../sandbox/contract/actions.ts';
import { loadConfig } from '../../src/config.ts';
import { createService } from '../../src/service.ts';
import { type RecordedLog, recordedLog } from './recorded-log.ts';

const projectRoot = fileURLToPath(new URL('../../', import.meta.url)).slice(0, -1);

/** Every connection of these tests has it as a configuration value; nothing but a script may see it. */
export const secretValue = 'configuration-value-/-of-the-service-tests';
/** For whoever logs in or signs up in these tests. */
export const password = 'correct-horse-"battery"-staple';

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests assert
  body: any;
}

/** The service as `serve` runs it: a directory, sandbox processes, sockets. */
export interface RunningService extends AsyncDisposable {
  url: string;
  log: RecordedLog;
  call(path: string, init?: RequestInit): Promise<Reply>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  /** `run('acme', 'get-user', {…})` is a POST to /v1/connections/acme/get-user. */
  run(connection: string, call: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
  write(files: Files): Promise<void>;
  stop(): Promise<void>;
}

/** Paths within the directory that is served; objects are written as JSON. */
export type Files = Record<string, string | object>;

export interface ServiceOptions {
  files: Files;
  /** Variables: DRAWBRIDGE_* and what `@@KEY@@` takes its values from. */
  env?: Record<string, string> | ((root: string) => Record<string, string>);
  /** The key that requests carry unless they say otherwise. */
  apiKey?: string;
  /** More that no answer may hold, beside the directory, the project's own path and the values above. */
  secrets?: readonly string[];
}

/** The files of one connection with these scripts; it has the context object unless its options say otherwise. */
export function connectionFiles(
  name: string,
  scripts: Partial<Record<ActionName, string>>,
  { configuration = {}, ...options }: Record<string, unknown> & { configuration?: object } = {},
): Files {
  const folder = `database-connections/${name}`;
  const customScripts = Object.fromEntries(Object.keys(scripts).map((action) => [action, `./${action}.js`]));
  return {
    [`${folder}/database.json`]: {
      name,
      strategy: 'auth0',
      options: {
        enable_script_context: true,
        configuration: { SECRET: secretValue, ...configuration },
        customScripts,
        ...options,
      },
    },
    ...Object.fromEntries(
      Object.entries(scripts).map(([action, source]) => [`${folder}/${action}.js`, source]),
    ),
  };
}

export async function writeFiles(root: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
  }
}

/** Starts it on a free port; `await using`, or `stop` after the tests, ends it and removes its directory. */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'drawbridge-service-')));
  await writeFiles(root, options.files);
  const given = typeof options.env === 'function' ? options.env(root) : options.env;
  const env = { DRAWBRIDGE_SANDBOX_PROCESSES: '1', ...given };
  const log = recordedLog();
  const service = await createService({
    config: loadConfig({ dir: root, port: '0' }, env),
    env,
    logger: log.logger,
  });
  const { url } = await service.start();
  const secrets = [
    projectRoot,
    root,
    ...[secretValue, password].flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]),
    ...(options.apiKey ? [options.apiKey] : []),
    ...(options.secrets ?? []),
  ];

  function expectNoSecret(text: string): void {
    for (const secret of secrets) expect(text).not.toContain(secret);
  }

  async function call(path: string, init: RequestInit = {}): Promise<Reply> {
    const headers = new Headers(init.headers);
    if (options.apiKey && !headers.has('authorization'))
      headers.set('authorization', `Bearer ${options.apiKey}`);
    const response = await fetch(`${url}${path}`, { ...init, headers });
    const text = await response.text();
    expectNoSecret(`${JSON.stringify([...response.headers])}\n${text}`);
    const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  const post: RunningService['post'] = (path, body, headers = {}) =>
    call(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  async function stop(): Promise<void> {
    await service.stop({ graceMs: 0 });
    await rm(root, { recursive: true, force: true });
    expectNoSecretLogged(log, secrets.slice(2));
  }

  return {
    url,
    log,
    call,
    post,
    run: (connection, action, body, headers) =>
      post(`/v1/connections/${connection}/${action}`, body, headers),
    write: (files) => writeFiles(root, files),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Paths may be logged, values may not. */
function expectNoSecretLogged(log: RecordedLog, secrets: readonly string[]): void {
  const text = log.lines.map((line) => JSON.stringify(line)).join('\n');
  for (const secret of secrets) expect(text).not.toContain(secret);
}

import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { Connection, ConnectionStore, Problem } from '../../src/connections/connection.ts';
import { createEventLog } from '../../src/events/event-log.ts';
import { createApp } from '../../src/http/app.ts';
import type { AppParts } from '../../src/http/app-parts.ts';
import { createDraining } from '../../src/http/draining.ts';
import { createIdempotency } from '../../src/http/idempotency.ts';
import { createLoginProtection } from '../../src/http/login/login-protection.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { createKeyRing } from '../../src/keys/key-ring.ts';
import { checkReadiness } from '../../src/passkeys/check-readiness.ts';
import type { ActionAnswer, Runner } from '../../src/runner/runner.ts';
import { createShadowReports } from '../../src/shadow/shadow-reports.ts';
import { moduleTable } from '../scripts/module-table.ts';

export const timings = { queueMs: 0.5, scriptMs: 4, upstreamMs: 3, cpuMs: 1, coldStart: false };

export const jane = { user_id: '1', email: 'jane@example.com' };

/** What reached the runner. */
export interface Ran {
  connection: string;
  action: string;
  input: unknown;
  organization: unknown;
  executionId: string | undefined;
}

type Respond = (ran: Ran) => object | Promise<object>;

/** A runner that answers what `respond` says, and remembers what it was asked. */
export function fakeRunner(respond: Respond): { runner: Runner; ran: Ran[] } {
  const ran: Ran[] = [];
  const run = async (
    connection: Connection,
    action: string,
    input: unknown,
    options: { organization?: unknown; executionId?: string } = {},
  ): Promise<ActionAnswer<never>> => {
    const call = {
      connection: connection.name,
      action,
      input,
      organization: options.organization,
      executionId: options.executionId,
    };
    ran.push(call);
    const result = (await respond(call)) as never;
    return {
      result,
      execution: { id: options.executionId ?? 'exec_0', durationMs: 6, timings },
      warnings: [],
    };
  };
  const runner: Runner = {
    run: (connection, action, input, options) => run(connection, action, input, options),
    refusal: () => undefined,
    signup: (connection, input, options) => run(connection, 'signup', input, options),
  };
  return { runner, ran };
}

export function fakeConnection(name: string): Connection {
  return {
    name,
    realms: [name],
    version: 'v1',
    options: { enable_script_context: true } as Connection['options'],
    configurationKeys: ['API_TOKEN'],
    scripts: {
      get_user: {
        action: 'get_user',
        file: `${name}/get_user.js`,
        sha256: 'a'.repeat(64),
        bytes: 10,
        arguments: 'context',
        warnings: [{ code: 'legacy_global', message: 'say require', file: `${name}/get_user.js`, line: 3 }],
      },
      login: {
        action: 'login',
        file: `${name}/login.js`,
        sha256: 'b'.repeat(64),
        bytes: 10,
        arguments: 'context',
        problem: { message: 'Unexpected token', line: 2, column: 7 },
        warnings: [],
      },
    },
    warnings: [],
    definition: {
      name,
      version: 'v1',
      isolation: 'connection',
      configuration: { API_TOKEN: 'configuration-value-that-nobody-may-see' },
      scripts: [],
    },
  };
}

export const brokenConnection: Problem = {
  file: 'database-connections/broken/database.json',
  path: '',
  message: 'is not valid JSON at line 3, column 5',
  connection: 'broken',
  keepsLastGood: false,
};

export function fakeStore(connections: readonly Connection[] = [fakeConnection('acme')]): ConnectionStore {
  return {
    list: () => connections,
    get: (name) => connections.find((connection) => connection.name === name),
    problems: () => [brokenConnection],
    readable: () => true,
    onChange: () => {},
    close: async () => {},
  };
}

export interface LogLine {
  level: string;
  message: string;
  fields: Record<string, unknown>;
}

export function recordingLog() {
  const lines: LogLine[] = [];
  const write = (level: string) => (fields: object, message: string) =>
    void lines.push({ level, message, fields: { ...fields } });
  return {
    lines,
    logger: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
  };
}

/** A Response whose JSON tests look into without describing it first. */
export interface TestResponse extends Response {
  // biome-ignore lint/suspicious/noExplicitAny: what is in it is what the tests assert
  json(): Promise<any>;
}

export interface TestApp extends AsyncDisposable {
  url: string;
  ran: Ran[];
  lines: LogLine[];
  parts: AppParts;
  call(path: string, init?: RequestInit): Promise<TestResponse>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<TestResponse>;
}

/** The app on a port of loopback over fakes; `await using` closes it. */
export async function startApp(respond: Respond, overrides: Partial<AppParts> = {}): Promise<TestApp> {
  const { runner, ran } = fakeRunner(respond);
  const { lines, logger } = recordingLog();
  const pool = {
    ready: () => true,
    retire: () => {},
    stats: () => ({ processes: 2, underWay: 3, waiting: 4, restarts: 5, apart: 0, quarantined: 0 }),
  };
  const parts: AppParts = {
    tenant: 'default',
    version: '0.0.0-test',
    store: fakeStore(),
    runner,
    recordings: { list: () => [], get: () => undefined },
    pool,
    keys: createKeyRing({ tenant: 'default' }),
    metrics: createMetrics({ pool }),
    shadowReports: createShadowReports(),
    idempotency: createIdempotency(),
    logins: createLoginProtection({ attempts: 10, attemptsPerSource: 100, windowS: 60 }),
    events: createEventLog({ tenant: 'default' }),
    trustedProxies: [],
    readiness: async (connection, behaviour) =>
      checkReadiness({ connection, tenant: {}, modules: moduleTable, behaviour }),
    draining: createDraining(),
    logger,
    errorsPage: '# Error codes\n',
    ...overrides,
  };
  const server = createApp(parts).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const call = (path: string, init?: RequestInit) => fetch(`${url}${path}`, init);
  return {
    url,
    ran,
    lines,
    parts,
    call,
    post: (path, body, headers = {}) =>
      call(path, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

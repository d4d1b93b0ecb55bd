import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuthServer,
  type AuthServerOptions,
  createAuthServer,
} from '../../../src/auth-server/create-auth-server.ts';
import { allExtensions } from '../../../src/auth-server/extensions/all-extensions.ts';
import { webauthnGrant } from '../../../src/auth-server/extensions/native/grant-types.ts';
import type { EventType } from '../../../src/events/event-types.ts';
import type { LogEvent } from '../../../src/events/log-event.ts';
import { startTemplate, type TemplateService } from '../../service/template-service.ts';
import { localFetch } from './local-fetch.ts';
import { type RelyingParty, startRelyingParty } from './relying-party.ts';

/** User store, bridge, auth server and an application: everything that a login passes through. */
export interface Stack extends AsyncDisposable {
  bridge: TemplateService;
  authServer: AuthServer;
  /** Of its first domain: `http://localhost:<port>`. */
  origin: string;
  /** Another domain of it, `login.acme.localhost` say. */
  originOf(host: string): string;
  app: RelyingParty;
  databaseFile: string;
  eventsFile: string;
  /** What the auth server has told so far, the oldest first: all of it, or what is of that type. */
  events(type?: EventType): Promise<LogEvent[]>;
  /** What nobody foresaw since the last call, as messages. A fault that no test takes fails the file at its end. */
  takeFaults(): string[];
  /** The auth server again, over the same file. */
  restart(settings?: Partial<Settings>): Promise<void>;
  /** The auth server's clock, in milliseconds. */
  now(): number;
  /** Milliseconds that it goes ahead. */
  advance(ms: number): void;
}

/** Those of the extensions are among them. */
type Settings = AuthServerOptions['settings'] & NonNullable<Parameters<typeof allExtensions>[0]>;

export interface StackOptions {
  template?: string;
  settings?: Partial<Settings>;
  /** Beside `localhost`. */
  hosts?: readonly string[];
  bridge?: TemplateService;
  /** Of the application. */
  grantTypes?: string[];
  /** All extensions when absent. Without theirs `events` does not work. */
  extend?: AuthServerOptions['extend'];
}

export const clientId = 'app';
export const adminPassword = 'admin-password-of-the-tests';

export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const parts = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'drawbridge-auth-'));
  parts.defer(() => rm(folder, { recursive: true, force: true }));
  const bridge = options.bridge ?? parts.use(await startTemplate(options.template ?? 'http'));
  const port = await freePort();
  const originOf = (host: string) => `http://${host}:${port}`;
  const origin = originOf('localhost');
  const app = parts.use(await startRelyingParty({ clientId, issuer: () => origin }));
  const databaseFile = join(folder, 'auth.db');
  const eventsFile = join(folder, 'events.jsonl');
  let ahead = 0;
  const now = () => Date.now() + ahead;
  let authServer: AuthServer;
  let inForce: Settings;
  let faults: unknown[] = [];
  parts.defer(() => {
    if (faults.length > 0) throw new AggregateError(faults, 'the auth server had faults that no test took');
  });

  async function start(settings: Partial<Settings> = {}): Promise<void> {
    inForce = {
      bridge: { url: bridge.service.url, connection: 'acme' },
      databaseFile,
      eventsFile,
      name: 'Acme',
      domains: [origin, ...(options.hosts ?? []).map(originOf)].map((each) => ({ origin: each })),
      adminPassword,
      clients: [
        {
          client_id: clientId,
          client_name: 'The application',
          redirect_uris: [app.redirectUri],
          allowed_origins: [app.origin],
          grant_types: options.grantTypes ?? ['authorization_code', 'refresh_token', webauthnGrant],
        },
      ],
      ...options.settings,
      ...settings,
    };
    const { adminPassword: password, organizations, secondFactor, onPostLogin, ...core } = inForce;
    authServer = createAuthServer({
      now,
      onFault: (error) => faults.push(error),
      settings: core,
      extend:
        options.extend ??
        allExtensions({ adminPassword: password, organizations, secondFactor, onPostLogin }),
    });
    await authServer.listen(port);
  }
  await start();
  parts.defer(() => authServer.close());

  /** The file has it a moment later. */
  async function newestInMemory(): Promise<LogEvent | undefined> {
    const response = await localFetch(`${inForce.domains[0]!.origin}/v1/events?take=1`, {
      headers: { authorization: `Bearer ${adminPassword}` },
    });
    const { events } = (await response.json()) as { events: LogEvent[] };
    return events[0];
  }

  return {
    bridge,
    get authServer() {
      return authServer;
    },
    origin,
    originOf,
    app,
    databaseFile,
    eventsFile,
    async events(type) {
      const newest = await newestInMemory();
      for (const end = Date.now() + 5000; Date.now() < end; ) {
        const text = await readFile(eventsFile, 'utf8').catch(() => '');
        const lines = text
          .slice(0, text.lastIndexOf('\n') + 1)
          .split('\n')
          .filter(Boolean);
        const events = lines.map((line): LogEvent => JSON.parse(line));
        if (!newest || events.some(({ log_id }) => log_id === newest.log_id))
          return type ? events.filter((event) => event.type === type) : events;
      }
      throw new Error(`${newest?.type} is not in the file of events`);
    },
    takeFaults() {
      const taken = faults.map((fault) => (fault instanceof Error ? fault.message : String(fault)));
      faults = [];
      return taken;
    },
    async restart(settings) {
      await authServer.close();
      await start(settings);
    },
    now,
    advance(ms) {
      ahead += ms;
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

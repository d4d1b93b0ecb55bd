import { EventEmitter } from 'events';
import { notImplemented } from '../not-implemented.ts';
import { rejectUnauthorizedByDefault } from '../tls-defaults.ts';

/** TLS settings as the host takes them. */
export interface TlsOptions {
  rejectUnauthorized?: boolean;
  ca?: string | string[];
  cert?: string;
  key?: string;
  passphrase?: string;
  servername?: string;
}

type Options = Record<string, unknown>;

/**
 * The sockets are the host's, which keeps them alive and shares them within the connection; an agent carries options.
 * One that makes sockets of its own cannot be honoured, see `refuseForeignAgent`.
 */
export class Agent extends EventEmitter {
  options: Options;
  defaultPort = 80;
  protocol = 'http:';
  keepAlive: boolean;
  maxSockets: number;
  maxFreeSockets: number;
  requests = {};
  sockets = {};
  freeSockets = {};

  constructor(options: Options = {}) {
    super();
    this.options = { ...options };
    this.keepAlive = Boolean(options.keepAlive);
    this.maxSockets = (options.maxSockets as number | undefined) ?? Number.POSITIVE_INFINITY;
    this.maxFreeSockets = (options.maxFreeSockets as number | undefined) ?? 256;
  }

  getName({ host = 'localhost', port = '', localAddress = '' }: Options = {}): string {
    return `${host}:${port}:${localAddress}`;
  }

  destroy(): void {}
}

export class HttpsAgent extends Agent {
  override defaultPort = 443;
  override protocol = 'https:';
}

const ownHooks = ['addRequest', 'createConnection', 'createSocket', 'callback', 'connect'];

/** Throws for agents that open sockets themselves, proxies above all: to go round them in silence would be wrong. */
export function refuseForeignAgent(agent: unknown): void {
  if (typeof agent !== 'object' || agent === null) return;
  const hooks = agent as Record<string, unknown>;
  if (ownHooks.some((hook) => typeof hooks[hook] === 'function')) {
    throw notImplemented('an http agent that makes its own sockets, such as a proxy agent,');
  }
}

/** The TLS settings among the options of a request and of its agent, in the form in which they cross. */
export function tlsOptionsOf(...sources: (Options | undefined)[]): TlsOptions | undefined {
  // Inherited ones, too: tedious hands options on as the prototype of others.
  const merged: Options = {};
  for (const source of sources) {
    for (const name of tlsOptionNames) if (source?.[name] !== undefined) merged[name] = source[name];
  }
  if (merged.pfx !== undefined) throw notImplemented('the TLS option pfx; give cert and key, it');
  const tls: TlsOptions = {};
  const { rejectUnauthorized = rejectUnauthorizedByDefault() } = merged;
  if (rejectUnauthorized === false) tls.rejectUnauthorized = false;
  if (merged.ca != null) tls.ca = Array.isArray(merged.ca) ? merged.ca.map(asText) : asText(merged.ca);
  if (merged.cert != null) tls.cert = asText(merged.cert);
  if (merged.key != null) tls.key = asText(merged.key);
  if (typeof merged.passphrase === 'string') tls.passphrase = merged.passphrase;
  if (typeof merged.servername === 'string' && merged.servername !== '') tls.servername = merged.servername;
  return Object.keys(tls).length > 0 ? tls : undefined;
}

/** Whether there is any, the defaults apart. */
export function hasTlsOptions(options: Options): boolean {
  return tlsOptionNames.some((name) => options[name] !== undefined);
}

const tlsOptionNames = ['rejectUnauthorized', 'ca', 'cert', 'key', 'pfx', 'passphrase', 'servername'];

/** PEM as text; a Buffer's own toString gives it. */
function asText(value: unknown): string {
  return String(value);
}

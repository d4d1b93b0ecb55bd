import { EventEmitter } from 'events';
import { callableClass } from '../callable-class.ts';
import { notImplemented } from '../not-implemented.ts';

type Options = Record<string, unknown>;

/**
 * The sockets are the host's, which keeps them alive and shares them within the connection; an agent carries options.
 * One that makes sockets of its own cannot be honoured, see `refuseForeignAgent`.
 */
class PlainAgent extends EventEmitter {
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

class SecureAgent extends PlainAgent {
  override defaultPort = 443;
  override protocol = 'https:';
}

export type Agent = PlainAgent;
export const Agent = callableClass('Agent', PlainAgent);
export const HttpsAgent = callableClass('Agent', SecureAgent);

/** What `agent` of a request means: none is the global one, `false` one for this request alone. */
export function agentOf(given: unknown, globalAgent: Agent): unknown {
  if (given === undefined || given === null) return globalAgent;
  return given === false ? new (globalAgent.constructor as typeof Agent)() : given;
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

/** Channels that nobody listens to: publishing does nothing, subscribing is forgotten. */

class Channel {
  readonly name: string | symbol;
  readonly hasSubscribers = false;

  constructor(name: string | symbol) {
    this.name = name;
  }

  publish(): void {}
  subscribe(): void {}
  unsubscribe(): boolean {
    return false;
  }
  bindStore(): void {}
  unbindStore(): void {}
  runStores(
    _context: unknown,
    callback: (...args: unknown[]) => unknown,
    self?: unknown,
    ...args: unknown[]
  ) {
    return callback.apply(self, args);
  }
}

const channels = new Map<string | symbol, Channel>();

function channel(name: string | symbol): Channel {
  const known = channels.get(name) ?? new Channel(name);
  channels.set(name, known);
  return known;
}

type Traced = (...args: unknown[]) => unknown;
const passThrough = (callback: Traced, _context?: unknown, self?: unknown, ...args: unknown[]) =>
  callback.apply(self, args);

function tracingChannel(name: string) {
  const parts = Object.fromEntries(
    ['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((part) => [
      part,
      channel(`tracing:${name}:${part}`),
    ]),
  );
  return {
    ...parts,
    hasSubscribers: false,
    subscribe(): void {},
    unsubscribe: () => false,
    traceSync: passThrough,
    tracePromise: passThrough,
    traceCallback: (
      callback: Traced,
      _position?: number,
      _context?: unknown,
      self?: unknown,
      ...args: unknown[]
    ) => callback.apply(self, args),
  };
}

export const diagnosticsChannel = {
  Channel,
  channel,
  tracingChannel,
  hasSubscribers: () => false,
  subscribe(): void {},
  unsubscribe: () => false,
};

import { type LookupAddress, lookup as systemLookup } from 'node:dns';

export type Resolve = (
  name: string,
  options: { all: true; order: 'verbatim'; family: number },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

/** The system's resolver, shared out between the connections of a process. */
export interface NameLookups {
  of(connection: string): Resolve;
}

/**
 * libuv asks for half as many names at once as it has threads (UV_THREADPOOL_SIZE); a name server that does not
 * answer holds each of these up for seconds, and nothing can call it off.
 */
const AT_ONCE = 8;
/** As many as a process would have by default. */
const AT_ONCE_OF_ONE = 2;
const MAX_WAITING_OF_ONE = 500;
/** A look-up that takes longer is taken for one that nobody answers; name servers answer within a tenth of it. */
const SLOW_AFTER_MS = 1_000;
/** A connection that has had one has one at a time for so long, and all of these together have half of the threads. */
const SLOW_FOR_MS = 60_000;
const AT_ONCE_OF_SLOW = AT_ONCE / 2;
/** Whoever has asked gives up connecting after this time. */
const WORTH_ASKING_MS = 10_000;

interface Asked {
  name: string;
  options: Parameters<Resolve>[1];
  callback: Parameters<Resolve>[2];
  since: number;
}

/**
 * A script can ask for hundreds of names whose server never answers. They wait behind one another, not before the
 * names of other connections; and however many connections do so, half of the threads are soon out of their reach.
 */
export function createNameLookups(resolve: Resolve = systemLookup as Resolve): NameLookups {
  /** Those who are next come first. */
  const waiting = new Map<string, Asked[]>();
  const running = new Map<string, number>();
  /** Until when connections are taken for slow. */
  const slowUntil = new Map<string, number>();
  let atOnce = 0;

  function isSlow(connection: string): boolean {
    const until = slowUntil.get(connection);
    if (until === undefined) return false;
    if (until > performance.now()) return true;
    slowUntil.delete(connection);
    return false;
  }

  function mayStart(connection: string): boolean {
    const own = running.get(connection) ?? 0;
    if (!isSlow(connection)) return own < AT_ONCE_OF_ONE;
    let ofSlow = 0;
    for (const [each, lookups] of running) if (isSlow(each)) ofSlow += lookups;
    return own === 0 && ofSlow < AT_ONCE_OF_SLOW;
  }

  function count(connection: string, more: 1 | -1): void {
    atOnce += more;
    const now = (running.get(connection) ?? 0) + more;
    if (now === 0) running.delete(connection);
    else running.set(connection, now);
  }

  function startNext(): void {
    // A connection that has had its turn goes to the end, where this comes to it again.
    for (const [connection, queue] of waiting) {
      if (atOnce >= AT_ONCE) return;
      if (!mayStart(connection)) continue;
      const next = queue.shift();
      waiting.delete(connection);
      if (queue.length > 0) waiting.set(connection, queue);
      if (next) start(connection, next);
    }
  }

  function start(connection: string, { name, options, callback, since }: Asked): void {
    if (performance.now() - since > WORTH_ASKING_MS) return giveUp(name, callback);
    count(connection, 1);
    const slow = setTimeout(() => slowUntil.set(connection, performance.now() + SLOW_FOR_MS), SLOW_AFTER_MS);
    const done: typeof callback = (error, addresses) => {
      clearTimeout(slow);
      count(connection, -1);
      startNext();
      callback(error, addresses);
    };
    try {
      resolve(name, options, done);
    } catch (error) {
      // What is no name at all.
      process.nextTick(done, error as NodeJS.ErrnoException, []);
    }
  }

  return {
    of: (connection) => (name, options, callback) => {
      const queue = waiting.get(connection) ?? [];
      if (queue.length >= MAX_WAITING_OF_ONE) return giveUp(name, callback);
      queue.push({ name, options, callback, since: performance.now() });
      waiting.set(connection, queue);
      startNext();
    },
  };
}

/** As when the name server cannot be reached. */
function giveUp(name: string, callback: Asked['callback']): void {
  const error = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${name}`), {
    code: 'EAI_AGAIN',
    errno: -3001,
    syscall: 'getaddrinfo',
    hostname: name,
  });
  process.nextTick(callback, error, []);
}

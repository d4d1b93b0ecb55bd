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
 * names of other connections.
 */
export function createNameLookups(resolve: Resolve = systemLookup as Resolve): NameLookups {
  /** Those who are next come first. */
  const waiting = new Map<string, Asked[]>();
  const running = new Map<string, number>();
  let atOnce = 0;

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
      if ((running.get(connection) ?? 0) >= AT_ONCE_OF_ONE) continue;
      const next = queue.shift();
      waiting.delete(connection);
      if (queue.length > 0) waiting.set(connection, queue);
      if (next) start(connection, next);
    }
  }

  function start(connection: string, { name, options, callback, since }: Asked): void {
    if (performance.now() - since > WORTH_ASKING_MS) return giveUp(name, callback);
    count(connection, 1);
    const done: typeof callback = (error, addresses) => {
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

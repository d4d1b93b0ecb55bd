/** The sockets that the scripts of a process may have open, shared out between its connections. */
export interface SocketBudget {
  of(connection: string): ConnectionSockets;
}

export interface ConnectionSockets {
  /** Counts one more, until the result is called. Throws ERR_TOO_MANY_SOCKETS when there may be no more. */
  take(): () => void;
}

/** A process has 16,384 descriptors (see src/pool/sandbox-start.ts), or the 4,096 that a machine lets it have at least. */
const IN_ALL = 3_000;
/** 32 contexts that leave a dozen each, and what is under way beside them. */
const OF_ONE = 512;

/**
 * A connection may have as many as are still free, so that whatever some take there is room for the others: one takes
 * half at most, two a third each. HTTP's sockets count too, those that it keeps for the next request among them.
 */
export function createSocketBudget({ inAll = IN_ALL, ofOne = OF_ONE } = {}): SocketBudget {
  const open = new Map<string, number>();
  let total = 0;
  return {
    of: (connection) => ({
      take() {
        const own = open.get(connection) ?? 0;
        if (own >= Math.min(ofOne, inAll - total)) throw tooMany(own);
        open.set(connection, own + 1);
        total++;
        let isOpen = true;
        return () => {
          if (!isOpen) return;
          isOpen = false;
          total--;
          const left = (open.get(connection) ?? 0) - 1;
          if (left > 0) open.set(connection, left);
          else open.delete(connection);
        };
      },
    }),
  };
}

function tooMany(own: number): Error {
  const message = `The connection has ${own} sockets open in one process, and may have no more at the moment`;
  return Object.assign(new Error(message), { code: 'ERR_TOO_MANY_SOCKETS' });
}

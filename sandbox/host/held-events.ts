import type { Payload } from './operations.ts';

export interface HeldEvent {
  id: number;
  type: string;
  json: string;
  payload: Payload | undefined;
}

/** What comes for a context while it is frozen, in order, until the next execution begins. */
export interface HeldEvents {
  add(event: HeldEvent): void;
  /** All of them; none is left. */
  take(): HeldEvent[];
}

interface Held extends HeldEvent {
  /** The payload, where it is bytes, in its pieces. */
  pieces: Uint8Array[] | undefined;
}

/** Small pieces of a socket's data come as text, a character for each byte. */
function bytesOf(payload: Payload | undefined): Uint8Array | undefined {
  return typeof payload === 'string' ? Buffer.from(payload, 'latin1') : payload;
}

/**
 * Pieces of data that follow one another become one event: a server that talks for hours sends thousands, and each
 * event is an entry into the context.
 */
export function createHeldEvents(): HeldEvents {
  let events: Held[] = [];
  let lastOf = new Map<number, Held>();

  return {
    add(event) {
      const last = lastOf.get(event.id);
      const piece = event.type === 'data' ? bytesOf(event.payload) : undefined;
      if (piece && last?.pieces) {
        last.pieces.push(piece);
        return;
      }
      const held = { ...event, pieces: piece && [piece] };
      events.push(held);
      lastOf.set(event.id, held);
    },
    take() {
      const taken = events;
      events = [];
      lastOf = new Map();
      return taken.map(({ pieces, ...event }) =>
        pieces && pieces.length > 1 ? { ...event, payload: Buffer.concat(pieces) } : event,
      );
    },
  };
}

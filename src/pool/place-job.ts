import { createHash } from 'node:crypto';
import type { Child } from './child.ts';

/** A process of the pool: up once it has said so, draining when it gets no more work. */
export interface Slot {
  child: Child;
  up: boolean;
  draining: boolean;
}

/** A process may be this much busier than the idlest one and still get the connections that are warm in it. */
const PREFERENCE = 32;

/**
 * A connection stays with one process, where its isolate is warm, until that one is clearly busier than another.
 * Undefined when every process is full or none is up.
 */
export function placeJob(slots: Iterable<Slot>, connection: string, maxUnderWay: number): Slot | undefined {
  const free: Slot[] = [];
  for (const slot of slots) {
    if (slot.up && !slot.draining && slot.child.underWay() < maxUnderWay) free.push(slot);
  }
  const [first] = free;
  if (!first || free.length === 1) return first;
  const preferred = free[hashOf(connection) % free.length] as Slot;
  const idlest = free.reduce((least, slot) =>
    slot.child.underWay() < least.child.underWay() ? slot : least,
  );
  return preferred.child.underWay() <= idlest.child.underWay() + PREFERENCE ? preferred : idlest;
}

const hashes = new Map<string, number>();

function hashOf(connection: string): number {
  let hash = hashes.get(connection);
  if (hash === undefined) {
    hash = createHash('sha256').update(connection).digest().readUInt32BE();
    hashes.set(connection, hash);
  }
  return hash;
}

import { createHash } from 'node:crypto';
import type { Child } from './child.ts';

/**
 * A process of a group. `up` once it has said so; `leaving` while its successor starts; `draining` when it gets no more
 * work.
 */
export interface Slot {
  child: Child;
  /** From 0 on, one for each process that the group is to have; a successor takes it over. */
  seat: number;
  up: boolean;
  leaving: boolean;
  draining: boolean;
  /** Connections whose scripts have left something in it that cannot be ended. */
  spoiledBy: Set<string>;
}

/** A process may be this much busier than the idlest one and still get the connections that are warm in it. */
const PREFERENCE = 32;

/**
 * A connection stays with one process, where its isolate is warm, until that one is clearly busier than another. One
 * that is to be replaced is used only while there is no other. Undefined when every process is full or none is up.
 */
export function placeJob(
  slots: Iterable<Slot>,
  connection: string,
  { seats, maxUnderWay }: { seats: number; maxUnderWay: number },
): Slot | undefined {
  const fit = [...slots].filter((slot) => isFit(slot, connection));
  const staying = fit.filter(({ leaving }) => !leaving);
  const free = (staying.length > 0 ? staying : fit).filter(({ child }) => child.underWay() < maxUnderWay);
  const [first] = free;
  if (!first || free.length === 1) return first;
  const idlest = free.reduce((least, slot) =>
    slot.child.underWay() < least.child.underWay() ? slot : least,
  );
  const home = hashOf(connection) % seats;
  const preferred = free.find(({ seat }) => seat === home);
  return preferred && preferred.child.underWay() <= idlest.child.underWay() + PREFERENCE ? preferred : idlest;
}

function isFit({ up, draining, child, spoiledBy }: Slot, connection: string): boolean {
  return up && !draining && !child.isSilent() && !spoiledBy.has(connection);
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

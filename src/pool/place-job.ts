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
/** What others have under way in a process may be this much more than in another. */
const COMPANY = 4;

/**
 * A connection stays with one process, where its isolate is warm, until that one is clearly busier than another: with
 * work of others, who would slow it down, sooner than with its own. One that is to be replaced is used only while there
 * is no other. Undefined when every process is full or none is up.
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
  const underWay = ({ child }: Slot) => child.underWay();
  const ofOthers = ({ child }: Slot) => child.underWay() - child.underWayOf(connection);
  const least = (measure: (slot: Slot) => number) =>
    free.reduce((best, slot) => (measure(slot) < measure(best) ? slot : best));
  const idlest = least(underWay);
  const quietest = least(ofOthers);
  const home = hashOf(connection) % seats;
  const preferred = free.find(({ seat }) => seat === home) ?? quietest;
  const chosen = ofOthers(preferred) <= ofOthers(quietest) + COMPANY ? preferred : quietest;
  return underWay(chosen) <= underWay(idlest) + PREFERENCE ? chosen : idlest;
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

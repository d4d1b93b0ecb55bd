import { expect, it } from 'vitest';
import type { Child } from '../../src/pool/child.ts';
import { placeJob, type Slot } from '../../src/pool/place-job.ts';

const bounds = { seats: 2, maxUnderWay: 64 };

/** A process in which each connection has so many executions under way. */
function slot(seat: number, underWay: Record<string, number> = {}): Slot {
  const sum = Object.values(underWay).reduce((all, count) => all + count, 0);
  const child: Partial<Child> = {
    underWay: () => sum,
    underWayOf: (connection) => underWay[connection] ?? 0,
    isSilent: () => false,
  };
  return {
    child: child as Child,
    seat,
    up: true,
    leaving: false,
    draining: false,
    spoiledBy: new Set(),
  };
}

const placed = (...slots: Slot[]) => placeJob(slots, 'acme', bounds)?.seat;
/** The process that `acme` belongs in. */
const home = placed(slot(0), slot(1)) as number;
const away = 1 - home;

it('keeps a connection where it is warm', () => {
  expect(placed(slot(home, { acme: 20 }), slot(away))).toBe(home);
  expect(placed(slot(home, { acme: 3, globex: 4 }), slot(away))).toBe(home);
});

it('keeps it from work of others that has piled up there', () => {
  expect(placed(slot(home, { globex: 5 }), slot(away))).toBe(away);
  expect(placed(slot(home, { globex: 5 }), slot(away, { acme: 10 }))).toBe(away);
  expect(placed(slot(home, { globex: 9 }), slot(away, { initech: 8 }))).toBe(home);
});

it('takes a second process when it has much under way itself', () => {
  expect(placed(slot(home, { acme: 33 }), slot(away))).toBe(away);
  expect(placed(slot(home, { globex: 5 }), slot(away, { acme: 40 }))).toBe(home);
});

it('uses neither one that is full, silent or spoiled, nor one that leaves while there is another', () => {
  expect(placed(slot(home, { acme: 64 }), slot(away, { globex: 63 }))).toBe(away);
  expect(placed({ ...slot(home), spoiledBy: new Set(['acme']) }, slot(away))).toBe(away);
  expect(placed({ ...slot(home), leaving: true }, slot(away))).toBe(away);
  expect(placed({ ...slot(home), leaving: true })).toBe(home);
  expect(placed({ ...slot(home), up: false })).toBeUndefined();
});

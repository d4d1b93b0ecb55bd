import { expect, it } from 'vitest';
import {
  createQuarantine,
  type QuarantineEvent,
  STRIKES,
  type Suspect,
  WARDS,
} from '../../src/pool/quarantine.ts';

const suspect = (connection: string, version = '1'): Suspect => ({ connection, version });
const killer = suspect('killer');

function open() {
  let time = 1_000;
  const events: QuarantineEvent[] = [];
  const quarantine = createQuarantine({ now: () => time, onEvent: (event) => events.push(event) });
  return {
    quarantine,
    events,
    pass: (ms: number) => {
      time += ms;
    },
    strikeOut() {
      for (let n = 0; n < STRIKES; n++) quarantine.died([killer], 'heap out of memory');
    },
  };
}

it('knows nothing against a connection that nothing has died under', () => {
  const { quarantine } = open();
  quarantine.finished(killer);
  expect(quarantine.standing(killer)).toEqual({ kind: 'free' });
});

it('sets apart those that were there, and strikes none of them', () => {
  const { quarantine, events } = open();
  const all = Array.from({ length: 10 }, (_, index) => suspect(`c${index}`));
  for (let n = 0; n < 10; n++) quarantine.died(all, 'it ended with SIGSEGV');
  const wards = all.map((one) => quarantine.standing(one));
  expect(wards.every(({ kind }) => kind === 'apart')).toBe(true);
  expect(new Set(wards.map((one) => 'ward' in one && one.ward)).size).toBe(WARDS);
  expect(quarantine.count()).toBe(0);
  expect(events).toHaveLength(10);
});

it('deals suspects that were in one ward out anew', () => {
  const { quarantine } = open();
  const all = Array.from({ length: WARDS * 2 }, (_, index) => suspect(`c${index}`));
  quarantine.died(all, 'x');
  const wardOf = (one: Suspect) => {
    const standing = quarantine.standing(one);
    return standing.kind === 'apart' ? standing.ward : undefined;
  };
  const together = all.filter((one) => wardOf(one) === wardOf(all[0] as Suspect));
  quarantine.died(together, 'x');
  expect(new Set(together.map(wardOf)).size).toBe(together.length);
});

it('puts the one that was alone into quarantine when it has happened often enough', () => {
  const { quarantine, events, pass, strikeOut } = open();
  strikeOut();
  expect(quarantine.standing(killer)).toEqual({
    kind: 'quarantined',
    reason: 'its scripts have ended 3 sandbox processes: heap out of memory',
    retryAfterMs: 30_000,
  });
  expect(quarantine.count()).toBe(1);
  pass(30_000);
  expect(quarantine.standing(killer)).toMatchObject({ kind: 'apart' });
  expect(events.map(({ kind }) => kind)).toEqual(['apart', 'quarantined']);
});

it('forgives deaths that lie far apart', () => {
  const { quarantine, pass } = open();
  for (let n = 0; n < 10; n++) {
    quarantine.died([killer], 'x');
    pass(70_000);
  }
  expect(quarantine.standing(killer)).toMatchObject({ kind: 'apart' });
});

it('doubles the time of one that goes on after a quarantine, at its first death, up to ten minutes', () => {
  const { quarantine, pass, strikeOut } = open();
  strikeOut();
  const times = Array.from({ length: 6 }, () => {
    const standing = quarantine.standing(killer);
    const ms = standing.kind === 'quarantined' ? standing.retryAfterMs : 0;
    pass(ms);
    quarantine.died([killer], 'x');
    return ms / 1_000;
  });
  expect(times).toEqual([30, 60, 120, 240, 480, 600]);
});

it('clears one that has behaved after its quarantine', () => {
  const { quarantine, events, pass, strikeOut } = open();
  strikeOut();
  pass(30_000);
  for (let n = 0; n < 20; n++) quarantine.finished(killer);
  expect(quarantine.standing(killer)).toEqual({ kind: 'free' });
  expect(events.at(-1)).toEqual({ kind: 'cleared', connection: 'killer' });
});

it('clears one whose scripts have changed at once', () => {
  const { quarantine, strikeOut } = open();
  strikeOut();
  expect(quarantine.standing(suspect('killer', '2'))).toEqual({ kind: 'free' });
  expect(quarantine.count()).toBe(0);
});

it('lets those that were set apart go back after a while', () => {
  const { quarantine, pass } = open();
  quarantine.died([suspect('one'), suspect('two')], 'x');
  pass(5 * 60_000);
  expect(quarantine.standing(suspect('one'))).toEqual({ kind: 'free' });
});

import { expect, it } from 'vitest';
import { createContextRoom } from '../../../sandbox/host/context-room.ts';

const MB = 1024 * 1024;

function roomOf(limitMb: number, bytes: () => number) {
  return createContextRoom(limitMb * MB, async () => bytes());
}

/** Contexts are made as long as they may be, and each ends its first execution at once. */
async function fill(limitMb: number, contextMb: number): Promise<number> {
  let contexts = 0;
  const room = roomOf(limitMb, () => contexts * contextMb * MB);
  while (contexts < 100 && room.allows(contexts)) {
    contexts++;
    room.made();
    room.ended(contexts, true);
    await new Promise(setImmediate);
  }
  return contexts;
}

it('makes as many contexts as fit into half of the memory', async () => {
  expect(await fill(128, 4)).toBe(15);
  expect(await fill(128, 1)).toBe(63);
});

it('makes four in any case', async () => {
  expect(await fill(8, 100)).toBe(4);
});

it('makes four more at a time while nobody knows what they take', () => {
  const room = roomOf(128, () => MB);
  let contexts = 0;
  while (contexts < 100 && room.allows(contexts)) {
    contexts++;
    room.made();
  }
  expect(contexts).toBe(4);
});

it('goes on when there is room again', async () => {
  let used = 100 * MB;
  const room = roomOf(128, () => used);
  for (let contexts = 1; contexts <= 4; contexts++) {
    room.made();
    room.ended(contexts, true);
  }
  await new Promise(setImmediate);
  expect(room.allows(4)).toBe(false);
  used = 10 * MB;
  for (let executions = 0; executions < 16; executions++) room.ended(4, false);
  await new Promise(setImmediate);
  expect(room.allows(4)).toBe(true);
});

it('does not change its mind when the isolate is gone', async () => {
  const room = createContextRoom(MB, () => Promise.reject(new Error('Isolate is disposed')));
  room.made();
  room.ended(1, true);
  await new Promise(setImmediate);
  expect(room.allows(3)).toBe(true);
});

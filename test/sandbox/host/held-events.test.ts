import { expect, it } from 'vitest';
import { createHeldEvents } from '../../../sandbox/host/held-events.ts';

const data = (id: number, text: string) => ({ id, type: 'data', json: '', payload: Buffer.from(text) });
const other = (id: number, type: string) => ({ id, type, json: '', payload: undefined });

function taken(...events: ReturnType<typeof data | typeof other>[]): string[] {
  const held = createHeldEvents();
  for (const event of events) held.add(event);
  const all = held.take().map(({ id, type, payload = '' }) => `${id} ${type} ${payload}`.trim());
  expect(held.take()).toEqual([]);
  return all;
}

it('keeps the order, and makes one of the data that follow one another', () => {
  expect(
    taken(data(1, 'a'), data(1, 'b'), data(2, 'x'), data(1, 'c'), other(1, 'end'), other(1, 'done')),
  ).toEqual(['1 data abc', '2 data x', '1 end', '1 done']);
});

it('does not move data of one operation over another of its events', () => {
  expect(taken(data(1, 'a'), other(1, 'written'), data(1, 'b'))).toEqual([
    '1 data a',
    '1 written',
    '1 data b',
  ]);
});

it('leaves what is no data as it is', () => {
  expect(taken(other(1, 'tick'), other(1, 'tick'))).toEqual(['1 tick', '1 tick']);
});

it('makes one event of ten thousand', () => {
  const [event, ...more] = taken(...Array.from({ length: 10_000 }, () => data(1, 'x')));
  expect(event).toHaveLength('1 data '.length + 10_000);
  expect(more).toEqual([]);
});

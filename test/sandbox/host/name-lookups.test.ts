import { expect, it, onTestFinished, vi } from 'vitest';
import { createNameLookups, type Resolve } from '../../../sandbox/host/name-lookups.ts';

/** A resolver that answers when it is told to. */
function heldResolver() {
  const asked: { name: string; answer: () => void }[] = [];
  const resolve: Resolve = (name, _options, callback) =>
    asked.push({ name, answer: () => callback(null, [{ address: '192.0.2.1', family: 4 }]) });
  return { asked, resolve, names: () => asked.map(({ name }) => name) };
}

const options = { all: true, order: 'verbatim', family: 0 } as const;
const ignore = () => {};

it('names that nobody answers keep no other connection waiting', () => {
  const held = heldResolver();
  const lookups = createNameLookups(held.resolve);
  for (let n = 0; n < 300; n++) lookups.of('evil')(`evil${n}`, options, ignore);
  lookups.of('good')('good0', options, ignore);
  expect(held.names()).toEqual(['evil0', 'evil1', 'good0']);
});

it('connections take turns, and each name is asked for in its turn', () => {
  const held = heldResolver();
  const lookups = createNameLookups(held.resolve);
  const answered: string[] = [];
  for (let n = 0; n < 3; n++)
    for (const connection of ['a', 'b', 'c', 'd', 'e'])
      lookups.of(connection)(connection + n, options, () => answered.push(connection + n));
  expect(held.names()).toEqual(['a0', 'b0', 'c0', 'd0', 'e0', 'a1', 'b1', 'c1']);
  for (let next = 0; next < held.asked.length; next++) held.asked[next]?.answer();
  expect(answered.toSorted()).toHaveLength(15);
  expect(held.names().slice(8)).toEqual(['d1', 'e1', 'a2', 'b2', 'c2', 'd2', 'e2']);
});

it('however many connections ask for names that nobody answers, half of the threads stay out of their reach', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const held = heldResolver();
  const lookups = createNameLookups(held.resolve);
  const evil = ['evil1', 'evil2', 'evil3', 'evil4', 'evil5', 'evil6'];
  for (let n = 0; n < 20; n++) for (const one of evil) lookups.of(one)(`${one}-${n}`, options, ignore);
  expect(held.asked).toHaveLength(8);
  vi.advanceTimersByTime(1_000);
  // The resolver gives up on the eight that were begun before anybody could know.
  for (const { answer } of held.asked.slice(0, 8)) answer();
  const began = () => held.names().slice(8);
  lookups.of('good')('good0', options, ignore);
  lookups.of('good')('good1', options, ignore);
  expect(began()).toContain('good0');
  expect(began()).toContain('good1');
  const ofEvil = began().filter((name) => name.startsWith('evil'));
  expect(ofEvil.filter((name) => /^evil[1-4]-/.test(name)).length).toBeLessThanOrEqual(4);
  vi.advanceTimersByTime(2_000);
  for (const { answer } of held.asked.slice(8)) answer();
  // By now all of them have been found out.
  const before = held.asked.length;
  for (let n = 0; n < 4; n++) lookups.of(`good${n}`)(`late-${n}`, options, ignore);
  expect(held.names().slice(before)).toEqual(['late-0', 'late-1', 'late-2', 'late-3']);
});

it('a connection whose names are answered again has two look-ups at a time after a minute', () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const held = heldResolver();
  const lookups = createNameLookups(held.resolve);
  lookups.of('a')('slow', options, ignore);
  vi.advanceTimersByTime(1_500);
  held.asked[0]?.answer();
  for (const name of ['a1', 'a2', 'a3', 'a4']) lookups.of('a')(name, options, ignore);
  expect(held.names()).toEqual(['slow', 'a1']);
  held.asked[1]?.answer();
  expect(held.names()).toEqual(['slow', 'a1', 'a2']);
  vi.advanceTimersByTime(900);
  held.asked[2]?.answer();
  vi.advanceTimersByTime(61_000);
  lookups.of('b')('b', options, ignore);
  expect(held.names().filter((name) => name.startsWith('a')).length).toBeGreaterThan(2);
});

it('refuses more than wait already, and what is no name', async () => {
  const held = heldResolver();
  const refusing: Resolve = (name, ...rest) => {
    if (name === 'bad') throw Object.assign(new TypeError('no name'), { code: 'ERR_INVALID_ARG_VALUE' });
    held.resolve(name, ...rest);
  };
  const lookups = createNameLookups(refusing);
  const codeOf = (connection: string, name: string) =>
    new Promise((done) => lookups.of(connection)(name, options, (error) => done(error?.code)));
  expect(await codeOf('good', 'bad')).toBe('ERR_INVALID_ARG_VALUE');
  for (let n = 0; n < 502; n++) lookups.of('evil')(`evil${n}`, options, ignore);
  expect(await codeOf('evil', 'last')).toBe('EAI_AGAIN');
});

import { expect, it } from 'vitest';
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

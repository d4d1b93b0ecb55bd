import { describe, expect, it } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createDnsModule } from '../../../sandbox/host/modules/dns.ts';
import { recordedTable } from './recorded-table.ts';

const module = createDnsModule({
  policy: createEgressPolicy({ allow: ['localhost'] }),
  resolve: async () => ['93.184.215.14', '10.1.2.3'],
});

async function answerOf(op: string, params: unknown): Promise<unknown> {
  const { start, last } = recordedTable([module]);
  const id = start(op, params);
  await expect.poll(() => last(id)).toBeDefined();
  return last(id);
}

describe('what is no question is refused with an error', () => {
  it.each([
    ['dns.lookup', null],
    ['dns.lookup', {}],
    ['dns.lookup', { hostname: 5, family: 0 }],
    ['dns.lookup', { hostname: '', family: 0 }],
    ['dns.lookup', { hostname: 'x'.repeat(1_000), family: 0 }],
    ['dns.lookup', { hostname: 'localhost', family: 5 }],
    ['dns.resolve', { hostname: 'localhost' }],
    ['dns.resolve', { hostname: 'localhost', type: 'ANY' }],
    ['dns.resolve', { hostname: ['localhost'], type: 'A' }],
  ])('%s %j', async (op, params) => {
    expect(await answerOf(op, params)).toMatchObject({
      type: 'failed',
      value: { code: 'ERR_INVALID_ARG_VALUE' },
    });
  });

  it('a name that no resolver takes', async () => {
    expect(await answerOf('dns.lookup', { hostname: 'a\0b', family: 0 })).toMatchObject({ type: 'failed' });
  });
});

it('answers with the addresses that a script may reach', async () => {
  expect(await answerOf('dns.resolve', { hostname: 'db.example', type: 'A' })).toMatchObject({
    type: 'done',
    value: ['93.184.215.14'],
  });
});

it('refuses more look-ups at once than its share of the thread pool bears', async () => {
  const { start, last, typesOf } = recordedTable([module]);
  const ids = Array.from({ length: 51 }, () => start('dns.lookup', { hostname: 'localhost', family: 4 }));
  await expect.poll(() => ids.every((id) => last(id))).toBe(true);
  expect(ids.filter((id) => typesOf(id)[0] === 'failed')).toEqual([ids.at(-1)]);
  expect(last(ids.at(-1)!)?.value).toMatchObject({
    code: 'ERR_TOO_MANY_OPERATIONS',
    message: 'More than 50 look-ups of names at once',
  });
});

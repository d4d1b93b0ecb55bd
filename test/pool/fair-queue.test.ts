import { expect, it } from 'vitest';
import { createFairQueue, type Offered } from '../../src/pool/fair-queue.ts';

interface Item {
  tenant: string;
  connection: string;
  name: string;
}

function queueOf(...names: string[]) {
  const queue = createFairQueue<Item>();
  const items = names.map((name) => {
    const [tenant = '', connection = ''] = name.split('/');
    const item = { tenant, connection, name };
    queue.add(item, item);
    return item;
  });
  const begun: string[] = [];
  const offer = (judge: (item: Item) => Offered = () => 'begun') =>
    queue.offer((item) => {
      const offered = judge(item);
      if (offered === 'begun') begun.push(item.name);
      return offered;
    });
  return { queue, items, begun, offer };
}

it('takes connections in turns, each in the order of arrival', () => {
  const { queue, begun, offer } = queueOf('t/a/1', 't/a/2', 't/a/3', 't/b/1', 't/c/1', 't/b/2');
  offer();
  expect(begun).toEqual(['t/a/1', 't/b/1', 't/c/1', 't/a/2', 't/b/2', 't/a/3']);
  expect(queue.size()).toBe(0);
});

it('takes tenants in turns before connections', () => {
  const { begun, offer } = queueOf('t/a/1', 't/b/1', 't/c/1', 'u/a/1', 'u/a/2');
  offer();
  expect(begun).toEqual(['t/a/1', 'u/a/1', 't/b/1', 'u/a/2', 't/c/1']);
});

it('goes on with others where a connection has all that it may have', () => {
  const { queue, begun, offer } = queueOf('t/a/1', 't/a/2', 't/b/1', 'u/a/1');
  offer(({ tenant, connection }) => (tenant === 't' && connection === 'a' ? 'connection_full' : 'begun'));
  expect(begun).toEqual(['t/b/1', 'u/a/1']);
  expect(queue.waitingOf({ tenant: 't', connection: 'a' })).toBe(2);
});

it('goes on with other tenants where a tenant has all that it may have', () => {
  const { begun, offer } = queueOf('t/a/1', 't/b/1', 'u/a/1');
  offer(({ tenant }) => (tenant === 't' ? 'tenant_full' : 'begun'));
  expect(begun).toEqual(['u/a/1']);
});

it('stops when there is no room, and goes on with whose turn it is then', () => {
  const { begun, offer } = queueOf('t/a/1', 't/a/2', 't/b/1', 't/b/2');
  const room = (places: number) => () => (places-- > 0 ? ('begun' as const) : ('full' as const));
  offer(room(1));
  offer(room(1));
  offer(room(1));
  expect(begun).toEqual(['t/a/1', 't/b/1', 't/a/2']);
});

it('forgets what is removed, once', () => {
  const { queue, items, begun, offer } = queueOf('t/a/1', 't/a/2');
  const first = items[0] as Item;
  queue.remove(first, first);
  queue.remove(first, first);
  expect(queue.size()).toBe(1);
  offer();
  expect(begun).toEqual(['t/a/2']);
});

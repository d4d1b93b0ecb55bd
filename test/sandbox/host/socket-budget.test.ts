import { createServer } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import { createSocketModule } from '../../../sandbox/host/modules/socket.ts';
import { createSocketBudget } from '../../../sandbox/host/socket-budget.ts';
import { createNetworkUpstream } from '../../../sandbox/host/upstream.ts';
import { listenOnLoopback } from '../../servers/listen.ts';
import { recordedTable } from './recorded-table.ts';

/** How many the connection gets, at most a thousand. */
function takeAll({ take }: ReturnType<ReturnType<typeof createSocketBudget>['of']>) {
  const releases: (() => void)[] = [];
  try {
    while (releases.length < 1_000) releases.push(take());
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_TOO_MANY_SOCKETS' });
  }
  return releases;
}

it('one connection has half at most, and what it leaves is shared in the same way', () => {
  const budget = createSocketBudget({ inAll: 120, ofOne: 1_000 });
  const taken = ['a', 'b', 'c', 'd', 'e'].map((name) => takeAll(budget.of(name)).length);
  expect(taken).toEqual([60, 30, 15, 8, 4]);
  expect(takeAll(budget.of('late')).length).toBeGreaterThan(0);
});

it('one connection has no more than its own limit, however much is free, over all its isolates', () => {
  const budget = createSocketBudget({ inAll: 3_000, ofOne: 100 });
  expect(takeAll(budget.of('a'))).toHaveLength(100);
  expect(takeAll(budget.of('a'))).toHaveLength(0);
  expect(takeAll(budget.of('b'))).toHaveLength(100);
});

it('gives back once what has been taken once', () => {
  const budget = createSocketBudget({ inAll: 100, ofOne: 3 });
  const [first] = takeAll(budget.of('a'));
  first?.();
  first?.();
  expect(takeAll(budget.of('a'))).toHaveLength(1);
});

it('counts sockets of scripts and those of HTTP together, kept ones too, until they are closed', async () => {
  const seen = { open: 0 };
  const server = await listenOnLoopback(
    createServer((socket) => {
      seen.open++;
      socket.on('close', () => seen.open--).on('error', () => {});
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'));
    }),
  );
  onTestFinished(server.close);
  const host = '127.0.0.1';
  const sockets = createSocketBudget({ inAll: 100, ofOne: 2 }).of('acme');
  const policy = createEgressPolicy({ allow: [host] });
  const upstream = createNetworkUpstream({ policy, sockets });
  const { start, last, of, table } = recordedTable([createSocketModule({ policy, sockets })]);
  const request = () =>
    upstream.request(
      { method: 'GET', origin: `http://${host}:${server.port}`, path: '/', headers: [], body: undefined },
      new AbortController().signal,
    );

  await (await request()).body.collect(0);
  const open = start('socket', { host, port: server.port });
  await expect.poll(() => of(open).map(({ type }) => type)).toContain('connect');
  const refused = start('socket', { host, port: server.port });
  await expect.poll(() => last(refused)?.type).toBe('failed');
  expect(last(refused)?.value).toMatchObject({ code: 'ERR_TOO_MANY_SOCKETS' });
  // The kept socket serves the next request.
  await (await request()).body.collect(0);

  table.cancel(open);
  await expect.poll(() => seen.open).toBe(1);
  const second = start('socket', { host, port: server.port });
  await expect.poll(() => of(second).map(({ type }) => type)).toContain('connect');
  upstream.close();
  table.close();
  await expect.poll(() => seen.open).toBe(0);
  expect(takeAll(sockets)).toHaveLength(2);
});

it('a request that finds no room fails with the code', async () => {
  const server = await listenOnLoopback(createServer());
  onTestFinished(server.close);
  const sockets = createSocketBudget({ inAll: 100, ofOne: 0 }).of('acme');
  const upstream = createNetworkUpstream({ policy: createEgressPolicy({ allow: ['127.0.0.1'] }), sockets });
  await expect(
    upstream.request(
      { method: 'GET', origin: `http://127.0.0.1:${server.port}`, path: '/', headers: [], body: undefined },
      new AbortController().signal,
    ),
  ).rejects.toMatchObject({ code: 'ERR_TOO_MANY_SOCKETS' });
  upstream.close();
});

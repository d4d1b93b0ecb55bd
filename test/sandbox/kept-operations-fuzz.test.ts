import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { createEgressPolicy } from '../../sandbox/host/egress.ts';
import { createSocketModule } from '../../sandbox/host/modules/socket.ts';
import { timersModule } from '../../sandbox/host/modules/timers.ts';
import { createSocketBudget } from '../../sandbox/host/socket-budget.ts';
import type { Pool } from '../../src/pool/pool.ts';
import { startTcpServers, type TcpServers } from './guest/tcp-servers.ts';
import { recordedTable } from './host/recorded-table.ts';
import { keptContext, returned } from './kept-context.ts';
import { createTestPool } from './sandbox-pool.ts';

/** Many sockets, in no order in particular. What fails names its seed. */

let servers: TcpServers;
beforeAll(async () => {
  servers = await startTcpServers();
});
afterAll(() => servers.close());

let pool: Pool | undefined;
afterEach(() => pool?.close());

const seed = Math.floor(Math.random() * 2 ** 31);

/** mulberry32's recurrence is more than enough for this: a counter, multiplied and shifted. */
function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

const openOn = (name: 'echo' | 'hello' | 'silent' | 'reset' | 'counter') => servers[name].connections();
const allOpen = () =>
  openOn('echo') + openOn('hello') + openOn('silent') + openOn('reset') + openOn('counter');

it('20 executions side by side have each their own sockets', async () => {
  pool = await createTestPool();
  const context = keptContext(pool, 'side-by-side', servers.ports.echo);
  const body = (
    index: number,
  ) => `const sockets = Array.from({ length: 5 }, () => net.connect(port, '127.0.0.1'));
    const answers = await Promise.all(sockets.map((socket, at) => ask(socket, 'execution ${index} socket ' + at)));
    global.kept = sockets;
    return answers`;
  const all = await Promise.all(Array.from({ length: 20 }, (_, index) => context.run(body(index))));
  expect(all.map(({ outcome }) => returned(outcome))).toEqual(
    Array.from({ length: 20 }, (_, index) =>
      Array.from({ length: 5 }, (_each, at) => `execution ${index} socket ${at}\n`),
    ),
  );
  await pool.close();
  await expect.poll(allOpen).toBe(0);
});

it(`200 executions that do with sockets whatever comes to mind leave none behind (seed ${seed})`, async () => {
  pool = await createTestPool({ maxUnderWay: 8, maxWaiting: 200 });
  const context = keptContext(pool, 'fuzz', servers.ports.echo);
  const ports = ['echo', 'hello', 'silent', 'reset', 'counter', 'closedPort'] as const;
  const body = (from: number) => `
    ${randomOf.toString().replace(/: \([^)]*\) => number|: number/g, '')}
    const random = randomOf(${from});
    const ports = ${JSON.stringify(ports.map((name) => servers.ports[name]))};
    const sockets = global.sockets ??= [];
    const one = () => sockets[random(sockets.length || 1)];
    const steps = [
      () => { sockets.push(net.connect(ports[random(ports.length)], '127.0.0.1').on('error', () => {})) },
      () => { sockets.push(net.connect(ports[random(ports.length)], '127.0.0.1').on('error', () => {}).resume()) },
      () => one()?.write('x'.repeat(random(100_000))),
      () => one()?.end('bye'),
      () => one()?.destroy(),
      () => one()?.destroySoon(),
      () => one()?.setTimeout(random(50), function () { this.destroy() }),
      () => one()?.pause(),
      () => one()?.resume(),
      () => { const socket = one(); if (socket?.destroyed) socket.connect(ports[random(ports.length)], '127.0.0.1') },
      () => { sockets.splice(0, random(4)).forEach((socket) => socket.destroy()) },
      () => new Promise((resolve) => setTimeout(resolve, random(5))),
    ];
    const count = 1 + random(25); const answerAt = random(count + 4);
    for (let step = 0; step < count; step++) {
      if (step === answerAt) callback(null, 'early');
      await steps[random(steps.length)]();
      if (sockets.length > 30) sockets.splice(0, 20).forEach((socket) => socket.destroy());
    }
    if (random(20) === 0) throw new Error('on purpose');
    if (answerAt >= count) return 'in time'`;
  const random = randomOf(seed);
  const outcomes = await Promise.all(
    Array.from({ length: 200 }, () => context.run(body(random(2 ** 31)), { wallMs: 20_000 })),
  );
  const kinds = new Set(outcomes.map(({ outcome }) => outcome.kind));
  expect(kinds).toContain('returned');
  expect([...kinds].filter((kind) => !['returned', 'rejected'].includes(kind))).toEqual([]);
  expect(pool.stats().restarts).toBe(0);
  pool.retire('fuzz', context.definition.version);
  // The process lives on: it is the end of its contexts that closes them.
  await expect.poll(allOpen, { timeout: 5_000 }).toBe(0);
  expect(returned((await keptContext(pool, 'after', servers.ports.echo).run("return 'well'")).outcome)).toBe(
    'well',
  );
  await pool.close();
});

it(`200 executions of whatever messages leave nothing in the table (seed ${seed})`, async () => {
  const random = randomOf(seed);
  const policy = createEgressPolicy({ allow: ['127.0.0.1'] });
  const recorded = recordedTable([
    createSocketModule({ sockets: createSocketBudget().of('acme'), policy }),
    timersModule,
  ]);
  const ports = ['echo', 'hello', 'silent', 'reset', 'counter', 'closedPort'] as const;
  const ids: number[] = [];
  const one = () => ids[random(ids.length || 1)] ?? 0;
  const values = [undefined, null, 5, -1, 'x', true, {}, { enable: true, delayMs: 5 }, { key: 'rubbish' }];
  const types = ['read', 'end', 'noDelay', 'keepAlive', 'tls', 'wire', 'again', 'unref', 'nothing'];
  const steps = [
    () => ids.push(recorded.start('socket', { host: '127.0.0.1', port: servers.ports[ports[random(6)]!] })),
    () => ids.push(recorded.start('timer', { ms: random(20), repeats: random(2) === 0 })),
    () =>
      ids.push(recorded.start(['tls', 'socket', 'timer', 'nothing'][random(4)]!, values[random(9)] ?? null)),
    () => recorded.send(one(), 'write', undefined, Buffer.alloc(random(100_000))),
    () => recorded.send(one(), 'write', undefined, Buffer.alloc(random(100))),
    () => recorded.send(one(), types[random(9)]!, values[random(9)], random(2) ? Buffer.alloc(5) : undefined),
    () => recorded.table.cancel(one()),
    () => new Promise((resolve) => setImmediate(resolve)),
  ];
  for (let execution = 0; execution < 200; execution++) {
    for (let step = random(20); step >= 0; step--) await steps[random(steps.length)]!();
    recorded.table.suspend();
    if (random(3) === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    recorded.attach();
    recorded.events.length = 0;
  }
  recorded.table.close();
  expect([recorded.table.holdsAny(), recorded.table.mayCall(), recorded.table.restsAt(1)]).toEqual([
    false,
    false,
    0,
  ]);
  await expect.poll(allOpen, { timeout: 5_000 }).toBe(0);
});

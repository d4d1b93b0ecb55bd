import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ScriptDefinition } from '../../../sandbox/contract/definition.ts';
import { createEgressPolicy } from '../../../sandbox/host/egress.ts';
import type { TenantContext } from '../../../sandbox/host/execution.ts';
import type { GuestContext, GuestIsolate } from '../../../sandbox/host/isolate.ts';
import { createSocketModule } from '../../../sandbox/host/modules/socket.ts';
import { collectOperations } from '../../../sandbox/host/operation-table.ts';
import { createSocketBudget } from '../../../sandbox/host/socket-budget.ts';
import { createTenantIsolate } from '../../../sandbox/host/tenant-isolate.ts';
import { startTcpServers, type TcpServers } from '../guest/tcp-servers.ts';

/** The care of contexts, without V8: isolates of the test's own. */

let servers: TcpServers;
beforeAll(async () => {
  servers = await startTcpServers();
});
afterAll(() => servers.close());

const host = '127.0.0.1';
const script = { action: 'get_user', file: 'acme/get_user.js', source: '', entry: '', requires: [] };

function isolateOfTest(keepSocketsMs: number) {
  let released = 0;
  let disposed = 0;
  const newContext = (): GuestContext => ({
    listen() {},
    enter: async () => ({ kind: 'ok' }),
    run: async () => ({ kind: 'ok' }),
    release: () => void released++,
  });
  const isolate: GuestIsolate = {
    createContext: async () => newContext(),
    compile: async () => ({ script: undefined as never }),
    cpuNs: () => 0n,
    busyMs: () => 0,
    takeCoverage: async () => [],
    usedBytes: async () => 0,
    dispose() {},
  };
  const tenant = createTenantIsolate({
    definition: { name: 'acme', version: '1', isolation: 'connection', configuration: {}, scripts: [] },
    spare: { isolate, context: newContext() },
    operations: collectOperations([
      createSocketModule({
        sockets: createSocketBudget().of('acme'),
        policy: createEgressPolicy({ allow: [host] }),
      }),
    ]),
    librariesOf: async () => [],
    memoryLimitMb: 64,
    keepSocketsMs,
    onDisposed: () => void disposed++,
  });
  return {
    tenant,
    take: () => tenant.take(script as unknown as ScriptDefinition, 0)!,
    released: () => released,
    disposed: () => disposed,
  };
}

/** As an execution that opens a socket and leaves it. */
async function openSocket({ operations }: TenantContext): Promise<void> {
  const connected = Promise.withResolvers<void>();
  operations.attach({
    execution: 'exec_1',
    send: (_id, type) => type === 'connect' && connected.resolve(),
    onEvent() {},
    onIdle() {},
    chargeCpu() {},
  });
  operations.start(1, 'socket', JSON.stringify({ host, port: servers.ports.echo }), undefined);
  await connected.promise;
  expect(operations.suspend()).toBe(true);
}

it('closes a context that has sockets when nobody has used it for the keep time', async () => {
  const { tenant, take, released } = isolateOfTest(100);
  const [withSocket, without] = await Promise.all([take(), take()]);
  await openSocket(withSocket);
  tenant.giveBack(withSocket, true);
  tenant.giveBack(without, true);
  expect(servers.echo.connections()).toBe(1);
  await expect.poll(() => servers.echo.connections()).toBe(0);
  expect(released()).toBe(1);
  expect(await take()).toBe(without);
  tenant.retire();
});

it('does not close one that is used again and again', async () => {
  const { tenant, take } = isolateOfTest(400);
  const context = await take();
  await openSocket(context);
  for (let round = 0; round < 10; round++) {
    tenant.giveBack(context, true);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(await take()).toBe(context);
  }
  expect(servers.echo.connections()).toBe(1);
  tenant.giveBack(context, false);
  await expect.poll(() => servers.echo.connections()).toBe(0);
  tenant.retire();
});

it('closes the sockets of idle contexts when it is retired, and those of the others when they are given back', async () => {
  const { tenant, take, disposed } = isolateOfTest(60_000);
  const [idle, busy] = await Promise.all([take(), take()]);
  await openSocket(idle);
  await openSocket(busy);
  tenant.giveBack(idle, true);
  tenant.retire();
  tenant.giveBack(busy, true);
  await expect.poll(() => servers.echo.connections()).toBe(0);
  expect(disposed()).toBe(1);
});

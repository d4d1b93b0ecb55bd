import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { createHttpServer, ListenError } from '../../src/http/server.ts';
import { jane, startApp } from './fake-parts.ts';

/** The app again, behind the server that service.ts uses. */
async function startServer(respond: () => object | Promise<object>) {
  const app = await startApp(respond);
  const server = createHttpServer(createApp(app.parts), app.parts.draining);
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${port}`;
  const getUser = (agent: Agent) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' };
      const sent = request(`${url}/v1/connections/acme/get-user`, { method: 'POST', agent, headers });
      sent.on('error', reject).on('response', async (response) => {
        let body = '';
        for await (const chunk of response.setEncoding('utf8')) body += chunk;
        resolve({ status: response.statusCode!, headers: response.headers, body });
      });
      sent.end('{"user_id":"1"}');
    });
  return { app, server, url, port, getUser, [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}

test('while it drains, what is under way is answered and new work is refused', async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  await using service = await startServer(() => promise);
  const agent = new Agent({ keepAlive: true });
  const underWay = service.getUser(agent);
  await expect.poll(() => service.app.ran.length).toBe(1);

  const drained = service.server.drain(30_000);
  const ready = await fetch(`${service.url}/readyz`);
  expect(ready.status).toBe(503);
  expect(await ready.json()).toMatchObject({ checks: { accepting: false } });
  const refused = await service.getUser(agent);
  expect(refused.status).toBe(503);
  expect(JSON.parse(refused.body)).toMatchObject({ code: 'overloaded' });
  expect(refused.headers).toMatchObject({ connection: 'close', 'retry-after': '1' });

  resolve({ found: true, user: jane });
  expect((await underWay).status).toBe(200);
  await drained;
  expect(service.app.ran).toHaveLength(1);
  await expect(service.getUser(new Agent())).rejects.toThrow(/ECONNREFUSED/);
  agent.destroy();
});

test('an idle kept-alive connection does not hold the end up', async () => {
  await using service = await startServer(() => ({ found: true, user: jane }));
  const agent = new Agent({ keepAlive: true });
  await service.getUser(agent);
  await service.server.drain(30_000);
  agent.destroy();
});

test('what is under way after the grace is cut off', async () => {
  await using service = await startServer(() => new Promise(() => {}));
  const underWay = service.getUser(new Agent());
  underWay.catch(() => {});
  await expect.poll(() => service.app.ran.length).toBe(1);
  await service.server.drain(1);
  await expect(underWay).rejects.toThrow(/socket hang up/);
});

test('a port that is taken is a ListenError that says what to do', async () => {
  await using service = await startServer(() => ({}));
  const second = createHttpServer(createApp(service.app.parts), service.app.parts.draining);
  const listening = second.listen({ host: '127.0.0.1', port: service.port });
  await expect(listening).rejects.toThrow(ListenError);
  await expect(listening).rejects.toThrow(/is taken.*--port/);
  await service.server.drain(1);
});

test('half a request does not hold the end up', async () => {
  await using service = await startServer(() => ({}));
  const socket = connect(service.port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    'POST /v1/connections/acme/get-user HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n{"user',
  );
  await expect.poll(() => service.app.parts.draining.underWay).toBe(1);
  const closed = once(socket, 'close');
  await service.server.drain(1);
  await closed;
});

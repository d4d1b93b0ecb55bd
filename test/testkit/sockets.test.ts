import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runScript } from '../../src/testkit/index.ts';

let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((socket) => socket.end('hello'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as { port: number }).port;
});
afterAll(() => server.close());

const options = () => ({
  action: 'get_user' as const,
  source: `function getUser(id, context, callback) {
    const socket = require('net').connect(${port}, '127.0.0.1');
    socket.on('error', callback);
    socket.on('data', (bytes) => callback(null, { user_id: String(bytes) }));
  }`,
  input: { identifier: 'jane' },
});

it('lets the sockets of a script reach what the test allows', async () => {
  expect(await runScript({ ...options(), egressAllow: [`127.0.0.1:${port}`] })).toMatchObject({
    ok: true,
    result: { user: { user_id: 'hello' } },
  });
});

it('lets them reach nothing else, and says how', async () => {
  const answer = await runScript(options());
  expect(answer).toMatchObject({ ok: false, code: 'script_error' });
  expect(JSON.stringify(answer)).toContain('is not in egressAllow');
});

it('counts public addresses among the rest', async () => {
  const source = options().source.replace('127.0.0.1', '93.184.215.14');
  expect(await runScript({ ...options(), source })).toMatchObject({ ok: false, code: 'script_error' });
});

it("holds sockets and HTTP to the connection's own lists, and says which it was", async () => {
  const connectionOptions = { egress: { allow: ['api.example:443'], deny: [`127.0.0.1:${port}`] } };
  const denied = await runScript({ ...options(), connectionOptions, egressAllow: [`127.0.0.1:${port}`] });
  expect(denied).toMatchObject({ ok: false, code: 'script_error' });
  expect(JSON.stringify(denied)).toContain(
    `is denied by 127.0.0.1:${port} of the connection's options.egress.deny`,
  );
  const source = `async function getUser(id, context, callback) {
    await fetch('http://other.example/').catch((error) => callback(error.cause));
  }`;
  const unlisted = await runScript({ ...options(), source, connectionOptions });
  expect(unlisted).toMatchObject({ ok: false, code: 'script_error' });
  expect(JSON.stringify(unlisted)).toContain(
    "other.example:80 is not in the connection's options.egress.allow",
  );
});

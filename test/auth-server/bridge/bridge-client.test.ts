import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createBridgeClient } from '../../../src/auth-server/bridge/bridge-client.ts';

async function bridgeThat(answer: RequestListener) {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return createBridgeClient({ url, connection: 'acme' });
}

it('takes no user_id that the database would mistake for another', async () => {
  const bridge = await bridgeThat((_request, response) =>
    response.end('{"found":true,"user":{"user_id":"half-\\ud800"}}'),
  );
  await expect(bridge.findByIdentifier('jane')).rejects.toMatchObject({ code: 'bridge_answer_invalid' });
});

it('takes an answer that is cut off for none: the next try of a sign-up is the same one', async () => {
  const bridge = await bridgeThat((_request, response) => {
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"user":{"user_id":"4');
    setTimeout(() => response.destroy(), 20);
  });
  const newUser = { user: { email: 'jane@example.com' }, method: 'passkey', idempotencyKey: 'k' } as const;
  await expect(bridge.signUp(newUser, 'app')).rejects.toMatchObject({
    code: 'bridge_unreachable',
    isOutage: true,
  });
});

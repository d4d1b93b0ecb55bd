import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createBridgeClient } from '../../../src/auth-server/bridge/bridge-client.ts';

it('takes no user_id that the database would mistake for another', async () => {
  const server = createServer((request, response) => {
    request.resume();
    response.end('{"found":true,"user":{"user_id":"half-\\ud800"}}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bridge = createBridgeClient({ url, connection: 'acme' });
  await expect(bridge.findByIdentifier('jane')).rejects.toMatchObject({ code: 'bridge_answer_invalid' });
  server.closeAllConnections();
  server.close();
});

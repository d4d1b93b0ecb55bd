/** The local user store that both sides of the benchmark ask: a process of its own, kept-alive, no framework. */
import http from 'node:http';
import type { AddressInfo } from 'node:net';

const jane = JSON.stringify({
  user_id: '42',
  email: 'jane@example.com',
  email_verified: true,
  name: 'Jane Doe',
  user_metadata: { language: 'en' },
});

const server = http.createServer(({ url }, response) => {
  if (url === '/hang') return;
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(jane) });
  response.end(jane);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

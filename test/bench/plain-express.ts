/** The baseline: the body of the script inlined in a plain Express handler with axios, no sandbox, no checks. */
import type { AddressInfo } from 'node:net';
import axios from 'axios';
import express from 'express';

const baseUrl = process.argv[2];
const app = express();
app.use(express.json());
app.post('/get-user', async (request, response) => {
  const identifier = encodeURIComponent(request.body.identifier);
  const answer = await axios.get(`${baseUrl}/users?identifier=${identifier}`, {
    headers: { Authorization: 'Bearer bench' },
    timeout: 5_000,
  });
  response.json({ found: true, user: answer.data });
});
const server = app.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
);

import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import nock from 'nock';
import { afterEach, describe, expect, test } from 'vitest';
import type { UpstreamTls } from '../../sandbox/contract/upstream-tls.ts';
import { performUpstream } from '../../src/testkit/perform-upstream.ts';
import {
  authority,
  clientCertificate,
  clientKey,
  serverCertificate,
  serverKey,
} from '../sandbox/host/client-certificate.ts';

afterEach(() => {
  nock.cleanAll();
  nock.restore();
  nock.activate();
});

const get = (url: string, signal = new AbortController().signal) =>
  performUpstream({ method: 'GET', url, headers: [], body: new Uint8Array() }, signal);

describe('with nock', () => {
  test('sends method, headers and body, and answers status, headers and body', async () => {
    nock('https://users.example.com', { reqheaders: { authorization: 'Bearer t', 'x-twice': 'a, b' } })
      .post('/users?x=%2B1', { email: 'jane@example.com' })
      .reply(201, { user_id: '42' }, { 'X-Answer': 'yes' });
    const answer = await performUpstream(
      {
        method: 'POST',
        url: 'https://users.example.com/users?x=%2B1',
        headers: [
          'Authorization',
          'Bearer t',
          'X-Twice',
          'a',
          'X-Twice',
          'b',
          'Content-Type',
          'application/json',
        ],
        body: Buffer.from('{"email":"jane@example.com"}'),
      },
      new AbortController().signal,
    );
    expect(answer.status).toBe(201);
    expect(answer.headers.map((text) => text.toLowerCase())).toEqual(
      expect.arrayContaining(['x-answer', 'yes']),
    );
    expect(JSON.parse(Buffer.from(answer.body).toString())).toEqual({ user_id: '42' });
  });

  test('keeps the code of an error', async () => {
    nock('http://users.example.com')
      .get('/')
      .replyWithError(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }));
    await expect(get('http://users.example.com/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('follows no redirect', async () => {
    nock('http://users.example.com').get('/').reply(302, '', { Location: 'http://elsewhere.example.com/' });
    expect((await get('http://users.example.com/')).status).toBe(302);
  });

  test('ends when it is aborted', async () => {
    nock('http://users.example.com').get('/').delay(60_000).reply(200);
    const controller = new AbortController();
    const answer = get('http://users.example.com/', controller.signal);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ code: 'ABORT_ERR' });
  });
});

test('calls a real server on the loopback', async () => {
  const server = createServer((request, response) => {
    response.writeHead(200, 'Fine', [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ]);
    response.end(request.url);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const answer = await get(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`);
    expect(answer).toMatchObject({ status: 200, statusText: 'Fine' });
    expect(answer.headers.filter((text) => text === 'Set-Cookie')).toHaveLength(2);
    expect(Buffer.from(answer.body).toString()).toBe('/path');
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test('takes the TLS settings of the script along', async () => {
  const server = createTlsServer(
    { key: serverKey, cert: serverCertificate, ca: authority, requestCert: true },
    (request, response) => response.end((request.socket as TLSSocket).getPeerCertificate().subject.CN),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const call = (tls: UpstreamTls | undefined) => {
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const request = { method: 'GET', url, headers: [], body: new Uint8Array(), tls };
    return performUpstream(request, new AbortController().signal);
  };
  try {
    const client = { key: [clientKey], cert: [clientCertificate] };
    for (const tls of [
      { ca: [authority], ...client },
      { extraCa: [authority], ...client },
      { ca: [authority], checkServerIdentity: false as const, servername: 'elsewhere.test', ...client },
    ]) {
      expect(Buffer.from((await call(tls)).body).toString()).toBe('a script');
    }
    await expect(call({ ca: [authority] })).rejects.toMatchObject({
      code: expect.stringMatching(/ECONN|ERR_SSL/),
    });
    await expect(call(undefined)).rejects.toMatchObject({ code: 'SELF_SIGNED_CERT_IN_CHAIN' });
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

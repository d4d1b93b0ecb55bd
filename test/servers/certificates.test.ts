import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';
import { expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';

const certificates = createCertificates();

/** What a TLS server that asks for client certificates says of a client. */
async function handshake(options: tls.ConnectionOptions): Promise<{ error?: string; peer?: string }> {
  const server = tls.createServer({
    ...certificates.server,
    ca: certificates.ca,
    requestCert: true,
    rejectUnauthorized: false,
  });
  const accepted = once(server, 'secureConnection').then(([socket]: tls.TLSSocket[]) => {
    const { subject } = socket?.getPeerCertificate() ?? {};
    return socket?.authorized ? { peer: String(subject?.CN) } : {};
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = tls.connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ...options });
  try {
    await once(socket, 'secureConnect');
    return await accepted;
  } catch (error) {
    return { error: (error as NodeJS.ErrnoException).code ?? '' };
  } finally {
    socket.destroy();
    server.close();
  }
}

it('makes a server certificate that its authority vouches for, by name and by address', async () => {
  const { ca } = certificates;
  expect(await handshake({ ca, servername: 'localhost' })).toEqual({});
  expect(await handshake({ ca })).toEqual({});
  expect(await handshake({ ca, servername: 'db.example' })).toEqual({
    error: 'ERR_TLS_CERT_ALTNAME_INVALID',
  });
});

it('is trusted by nobody who was not given the authority', async () => {
  const untrusted = { error: 'SELF_SIGNED_CERT_IN_CHAIN' };
  expect(await handshake({})).toEqual(untrusted);
  expect(await handshake({ ca: createCertificates().ca })).toEqual(untrusted);
});

it('makes client certificates with the name asked for', async () => {
  const jane = certificates.client('jane');
  expect(await handshake({ ca: certificates.ca, ...jane })).toEqual({ peer: 'jane' });
});

it('says in them who may sign and who may not', () => {
  expect(new X509Certificate(certificates.ca).ca).toBe(true);
  expect(new X509Certificate(certificates.server.cert).ca).toBe(false);
});

import net, { type Server, type Socket } from 'node:net';
import tls from 'node:tls';
import { createCertificates } from '../../servers/certificates.ts';
import { type Listening, listenOnLoopback } from '../../servers/listen.ts';
import { certificate as selfSigned, privateKey as selfSignedKey } from '../host/http-certificate.ts';

const certificates = createCertificates();
const { server: identity, ca } = certificates;
const client = certificates.client('jane');

/** What the bodies of tests have at hand beside the ports. */
export const pems = { ca, otherCa: createCertificates().ca, clientCert: client.cert, clientKey: client.key };

const servers = {
  /** Sends back what comes. Its certificate alone is sent, not the authority's. */
  echo: () => tls.createServer({ ...identity }, pipeBack),
  /** The same, with the authority's certificate. */
  chain: () => tls.createServer({ key: identity.key, cert: identity.cert + ca }, pipeBack),
  selfSignedEcho: () => tls.createServer({ key: selfSignedKey, cert: selfSigned }, pipeBack),
  tls12: () => tls.createServer({ ...identity, maxVersion: 'TLSv1.2' }, pipeBack),
  /** Says who the client is. */
  mutual: () =>
    tls.createServer({ ...identity, ca, requestCert: true, rejectUnauthorized: false }, (socket) => {
      const { subject } = socket.getPeerCertificate();
      socket.resume().end(socket.authorized ? String(subject?.CN) : 'nobody');
    }),
  /** Has nothing to do with clients that it does not know. */
  clientsOnly: () => tls.createServer({ ...identity, ca, requestCert: true }, pipeBack),
  /** Says which protocol and which server name it was asked for. */
  asked: () =>
    tls.createServer({ ...identity, ALPNProtocols: ['h2', 'http/1.1'] }, (socket) => {
      socket.resume().end(JSON.stringify([socket.alpnProtocol, socket.servername]));
    }),
  /** Plain text until the line STARTTLS; TLS from its answer on. */
  startTls: () =>
    net.createServer((socket) => {
      socket.write('220 welcome\n');
      socket.once('data', (line) => {
        socket.write(`got ${line}`);
        const secured = new tls.TLSSocket(socket, { isServer: true, ...identity });
        secured.on('error', () => socket.destroy());
        pipeBack(secured);
      });
    }),
  /** Ends in the middle of the handshake. */
  ending: () => net.createServer((socket) => socket.once('data', () => socket.end())),
  resetting: () => net.createServer((socket) => socket.once('data', () => socket.resetAndDestroy())),
  /** Is no TLS server. */
  plain: () =>
    net.createServer((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))),
  silent: () => net.createServer((socket) => socket.resume()),
} satisfies Record<string, () => Server>;

/** `tunnel`: TLS to a proxy that leads to `echo`. */
type Name = keyof typeof servers | 'tunnel';

export type TlsServers = Record<Name, Listening> & {
  ports: Record<Name, number>;
  close(): Promise<void>;
};

/** Servers for clients that speak TLS, each with one habit. */
export async function startTlsServers(): Promise<TlsServers> {
  const listening = Object.fromEntries(
    await Promise.all(
      Object.entries(servers).map(async ([name, create]) => {
        const server = create();
        server.on('tlsClientError', () => {});
        return [name, await listenOnLoopback(server)] as const;
      }),
    ),
  ) as Record<keyof typeof servers, Listening>;
  const tunnel = await listenOnLoopback(
    tls.createServer({ ...identity }, (socket) => {
      const inner = net.connect(listening.echo.port, '127.0.0.1');
      inner.on('error', () => socket.destroy());
      socket.on('error', () => inner.destroy());
      socket.pipe(inner).pipe(socket);
    }),
  );
  const all = { ...listening, tunnel };
  const ports = Object.fromEntries(Object.entries(all).map(([name, { port }]) => [name, port]));
  return {
    ...all,
    ports: ports as TlsServers['ports'],
    async close() {
      await Promise.all(Object.values(all).map((each) => each.close()));
    },
  };
}

function pipeBack(socket: Socket): void {
  socket.on('error', () => socket.destroy());
  socket.pipe(socket);
}

import { afterAll, beforeAll, describe, test } from 'vitest';
import { createCertificates } from '../../servers/certificates.ts';
import { type MongoServer, startMongoServer } from '../../servers/mongo-server.ts';
import type { RunningService } from '../running-service.ts';
import { expectLogin, type Login, serveLogins } from './logins.ts';

const find = (connect: string) => `
  ${connect}
  const found = (client) => client.db('directory').collection('accounts').findOne({ email });
  connecting.then((client) => found(client).then((account) => client.close().then(() => callback(null, account.name))))
    .catch((err) => callback(err));`;

interface Generation {
  pin: string;
  /** The options that the driver of its time has for TLS with an authority of one's own, and without checks. */
  trusting: string;
  unverified: string;
}

const generations: Generation[] = [
  {
    pin: '3.1.4',
    trusting: 'ssl: true, sslValidate: true, sslCA: [configuration.CA]',
    unverified: 'ssl: true, sslValidate: false',
  },
  { pin: '4.1.0', trusting: 'tls: true, ca: configuration.CA', unverified: 'tls: true, tlsInsecure: true' },
  { pin: '5.1.0', trusting: 'tls: true, ca: configuration.CA', unverified: 'tls: true, tlsInsecure: true' },
  {
    pin: '7',
    trusting: 'tls: true, ca: configuration.CA',
    unverified: 'tls: true, tlsAllowInvalidCertificates: true, tlsAllowInvalidHostnames: true',
  },
];

/** They try again until then, for as long as nobody is there. */
const brief = 'serverSelectionTimeoutMS: 400';
const client = (pin: string, options: string, url = 'configuration.MONGO_URL') =>
  find(`
  const { MongoClient } = require('mongodb@${pin}');
  const connecting = new MongoClient(${url}, { serverSelectionTimeoutMS: 5000, ${options} }).connect();`);

const logins: Login[] = generations.flatMap(({ pin, trusting, unverified }): Login[] => [
  { name: `mongodb ${pin} with the CA`, script: client(pin, trusting), session: 'Jane' },
  { name: `mongodb ${pin} unverified`, script: client(pin, unverified), session: 'Jane' },
  {
    name: `mongodb ${pin} without the CA`,
    script: client(pin, `${brief}, ${pin === '3.1.4' ? 'ssl: true' : 'tls: true'}`),
    failure: /self-signed certificate in certificate chain|unable to verify the first certificate/,
  },
  {
    name: `mongodb ${pin} with a wrong password`,
    script: client(pin, trusting, "configuration.MONGO_URL.replace(/:[^:@]+@/, ':wrong@')"),
    // The first generation puts the error as Node shows it, stack and all, into its own.
    failure: /Authentication failed\.($|\n)/,
  },
  {
    name: `mongodb ${pin} in clear`,
    script: client(pin, brief),
    failure: /^Mongo(Network|ServerSelection)Error: .*(closed|ECONNRESET|timed out)/,
  },
]);

describe('MongoDB with TLS and SCRAM', () => {
  const certificates = createCertificates();
  let server: MongoServer;
  let service: RunningService;
  beforeAll(async () => {
    server = await startMongoServer({ user: 'app', password: 'sécret/of:mongo@7', tls: certificates.server });
    server.collection('accounts', 'directory').insert({ email: 'jane@example.com', name: 'Jane' });
    service = await serveLogins(logins, {
      configuration: { MONGO_URL: server.url, CA: certificates.ca },
      egress: [`127.0.0.1:${server.port}`],
    });
  });
  afterAll(async () => {
    await service?.stop();
    await server?.close();
  });

  test.concurrent.each(logins)('$name', (login) => expectLogin(service, login));
});

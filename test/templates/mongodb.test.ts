import { readFile } from 'node:fs/promises';
import { type Collection, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCertificates } from '../servers/certificates.ts';
import { type MongoServer, startMongoServer } from '../servers/mongo-server.ts';
import { startRelay } from './relay.ts';
import { serveTemplate } from './serve-template.ts';
import type { ServedTemplate } from './served-template.ts';
import { describeUserLife } from './user-life.ts';

const certificates = createCertificates();
const credentials = { user: 'scripts', password: 'mongo secret/with?signs' };
const indexes = await readFile(
  new URL('../../scripts-templates/mongodb/indexes.js', import.meta.url),
  'utf8',
);

type IndexArguments = Parameters<Collection['createIndex']>;

/** `indexes.js` as mongosh runs it, in which `db` has the collections as properties. */
async function makeIndexes({ url }: MongoServer): Promise<void> {
  const wanted: IndexArguments[] = [];
  const createIndex = (...index: IndexArguments) => wanted.push(index);
  new Function('db', indexes)({ users: { createIndex } });
  expect(wanted).toHaveLength(3);
  const client = await new MongoClient(url, { tls: true, ca: certificates.ca }).connect();
  for (const index of wanted)
    await client
      .db()
      .collection('users')
      .createIndex(...index);
  await client.close();
}

async function serve(mongo: MongoServer, env: Record<string, string> = {}): Promise<ServedTemplate> {
  const relay = await startRelay({ host: '127.0.0.1', port: mongo.port });
  return serveTemplate({
    template: 'mongodb',
    relay,
    env: {
      DB_URI: mongo.url.replace(`:${mongo.port}`, `:${relay.port}`),
      DB_NAME: 'test',
      DB_TLS: 'on',
      DB_CA: certificates.ca,
      ...env,
    },
    secrets: [credentials.password, encodeURIComponent(credentials.password)],
    dump: async () => JSON.stringify(mongo.collection('users').documents),
  });
}

describe('the template mongodb, with a double of MongoDB', () => {
  let mongo: MongoServer;
  beforeAll(async () => {
    mongo = await startMongoServer({ ...credentials, tls: certificates.server });
    await makeIndexes(mongo);
  });
  afterAll(() => mongo?.close());

  describe("a user's life, over TLS with a private authority", () => {
    describeUserLife(() => serve(mongo));
  });

  test('with another password, get-user is an error that says so', async () => {
    const DB_URI = mongo.url.replace(/:[^:@]+@/, ':another@');
    await using misconfigured = await serve(mongo, { DB_URI });
    const reply = await misconfigured.run('get-user', { identifier: 'ann' });
    expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(reply.body.detail).toMatch(/^The database failed: Mongo\w+$/);
  });

  test('two signups at the same moment are one user', async () => {
    await using served = await serve(mongo);
    const user = { email: 'race@example.com', password: 'a long password' };
    const replies = await Promise.all([1, 2, 3].map(() => served.run('create', { user })));
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

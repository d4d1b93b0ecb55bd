import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MongoServer, startMongoServer } from '../../servers/mongo-server.ts';
import { createTestPool, runSource } from '../sandbox-pool.ts';
import { useGuest } from './use-guest.ts';

const guest = useGuest();
let server: MongoServer;

beforeAll(async () => {
  server = await startMongoServer({ user: 'jane', password: 'pässword €' });
});
afterAll(() => server?.close());

const pins = ['mongodb', 'mongodb@3.1.4', 'mongodb@4.1.0', 'mongodb@5.1.0', 'mongodb@6.3.0', 'mongodb@7'];

describe.each(pins)('%s', (request) => {
  it('logs in, writes, finds by id and tells a double key', async () => {
    const answer = await guest(
      async ({ require, configuration: { REQUEST, URL } }) => {
        const { MongoClient, ObjectId, ObjectID } = require(REQUEST!);
        const client = new MongoClient(URL, { serverSelectionTimeoutMS: 2_000 });
        await client.connect();
        const users = client.db().collection(REQUEST);
        await users.createIndex({ email: 1 }, { unique: true });
        const { insertedId } = await users.insertOne({ email: 'jane@example.com', at: new Date(0) });
        const found = await users.findOne({ _id: new (ObjectId ?? ObjectID)(String(insertedId)) });
        const twice = await users
          .insertOne({ email: 'jane@example.com' })
          .catch((e: { code: number }) => e.code);
        await client.close();
        return { found: [found.email, found.at, String(found._id) === String(insertedId)], twice };
      },
      { REQUEST: request, URL: server.url },
    );
    expect(answer).toEqual({ found: ['jane@example.com', new Date(0).toJSON(), true], twice: 11000 });
  });

  it('refuses a wrong password', async () => {
    const answer = await guest(
      async ({ require, configuration: { REQUEST, URL } }) => {
        const { MongoClient } = require(REQUEST!);
        const client = new MongoClient(URL, { serverSelectionTimeoutMS: 500 });
        return client.connect().then(
          () => 'connected',
          (error: Error) => error.message,
        );
      },
      { REQUEST: request, URL: server.url.replace('jane:', 'john:') },
    );
    expect(answer).toContain('Authentication failed.');
  });
});

it.each(['mongodb', 'mongodb@3.1.4', 'mongodb@4.1.0'])('%s answers callbacks', async (request) => {
  const answer = await guest(
    async ({ require, configuration: { REQUEST, URL } }) => {
      const { MongoClient } = require(REQUEST!);
      const client = new MongoClient(URL);
      return new Promise((resolve, reject) =>
        client.connect((error: Error | null) => {
          if (error) return reject(error);
          client
            .db()
            .collection('nobody')
            .findOne({ email: 'x' }, (failed: Error | null, user: unknown) => {
              client.close();
              resolve([failed ?? null, user ?? null]);
            });
        }),
      );
    },
    { REQUEST: request, URL: server.url },
  );
  expect(answer).toEqual([null, null]);
});

it.each(['mongodb@2.2.30', 'mongodb'])('%s connects to a database, as mongodb 2 does', async (request) => {
  const answer = await guest(
    ({ require, configuration: { URL, REQUEST } }) =>
      new Promise((resolve, reject) =>
        // biome-ignore lint/suspicious/noExplicitAny: a database of mongodb 2, as a script sees it
        require(REQUEST!).MongoClient.connect(URL, (error: Error | null, db: any) => {
          if (error) return reject(error);
          const users = db.collection(`as-2-${REQUEST}`);
          users.insertOne({ email: 'ann@example.com' }, () =>
            users
              .find({ email: 'ann@example.com' })
              .toArray((failed: Error | null, found: { email: string }[]) => {
                db.close();
                resolve([
                  failed,
                  found.map(({ email }) => email),
                  db.databaseName,
                  db.db('other').databaseName,
                ]);
              }),
          );
        }),
      ),
    { URL: server.url, REQUEST: request },
  );
  expect(answer).toEqual([null, ['ann@example.com'], 'test', 'other']);
});

it('mongo-getdb keeps a client for each address, by alias and for later', async () => {
  const answer = await guest(
    async ({ require, configuration: { URL } }) => {
      const getDb = require('mongo-getdb');
      type Db = { databaseName: string; client: { close(): Promise<void> } };
      const given = (...args: unknown[]) =>
        new Promise<Db>((resolve) => getDb(...args, (db: Db) => resolve(db)));
      const first = await given(URL);
      const again = await given(URL);
      getDb.init('users', URL);
      const aliased = await given('users');
      const later = await new Promise<Db>((resolve) => getDb(URL)((_error: Error, db: Db) => resolve(db)));
      const refused = (() => {
        try {
          getDb('mongo://127.0.0.1/x', () => undefined);
        } catch (error) {
          return (error as Error).message;
        }
      })();
      await first.client.close();
      return [first.databaseName, first === again, aliased === first, later === first, refused];
    },
    { URL: server.url },
  );
  expect(answer).toEqual(['test', true, true, true, expect.stringContaining('begins with mongodb://')]);
});

describe('BSON', () => {
  it.each(['4', '5', '7'])('of mongodb %s writes documents of any size', async (version) => {
    const wrong = await guest(
      ({ require, configuration }) => {
        const { BSON } = require(`mongodb@${configuration.VERSION}`);
        const failed: number[] = [];
        // Around the size that the buffer has at first, then around the next ones.
        const sizes = [
          ...Array.from({ length: 40 }, (_, i) => 65_500 + i),
          70_000,
          1_048_500,
          1_048_570,
          3_000_000,
        ];
        for (const size of sizes) {
          const document = {
            text: `${'a'.repeat(size - 30)}€€€`,
            list: [{ end: true }],
            bytes: Buffer.alloc(3, 1),
          };
          const read = BSON.deserialize(BSON.serialize(document), { promoteBuffers: true });
          const same = read.text === document.text && read.list[0].end && read.bytes.length === 3;
          if (!same) failed.push(size);
        }
        return failed;
      },
      { VERSION: version },
    );
    expect(wrong).toEqual([]);
  });

  it('of mongodb 3, by way of a document of 300 KB', async () => {
    const answer = await guest(
      async ({ require, configuration: { URL } }) => {
        const client = new (require('mongodb@3').MongoClient)(URL);
        await client.connect();
        const big = client.db().collection('big');
        await big.insertOne({
          _id: 1,
          text: 'é'.repeat(150_000),
          list: Array.from({ length: 500 }, (_, i) => ({ i })),
        });
        const { text, list } = await big.findOne({ _id: 1 });
        await client.close();
        return [text.length, list.at(-1).i];
      },
      { URL: server.url },
    );
    expect(answer).toEqual([150_000, 499]);
  });

  it('leaves room for many contexts in an isolate', async () => {
    const pool = await createTestPool({ limits: { wallMs: 10_000, cpuMs: 5_000, memoryMb: 128 } });
    const source = `function getUser(id, context, callback) {
      require('mongodb'); require('mongodb@3'); require('mongodb@7');
      setTimeout(callback, 300, null, { user_id: '1' });
    }`;
    const results = await Promise.all(Array.from({ length: 12 }, () => runSource(pool, source))).finally(() =>
      pool.close(),
    );
    expect(results.map(({ outcome }) => outcome.kind)).toEqual(results.map(() => 'returned'));
  });
});

it('a server that is not there is told as it is under Node', async () => {
  const answer = await guest(async ({ require }) => {
    const { MongoClient } = require('mongodb@7');
    const client = new MongoClient('mongodb://127.0.0.1:1', { serverSelectionTimeoutMS: 300 });
    const error = await client.connect().catch((error: Error) => error);
    return [error.name, error.message];
  });
  expect(answer).toEqual(['MongoServerSelectionError', 'connect ECONNREFUSED 127.0.0.1:1']);
});

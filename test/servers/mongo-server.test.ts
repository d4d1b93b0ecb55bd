import mongodb, { type Document, type MongoClientOptions } from 'mongodb';
import mongodb3 from 'mongodb-3';
import mongodb4 from 'mongodb-4';
import mongodb5 from 'mongodb-5';
import { afterEach, describe, expect, it } from 'vitest';
import { createCertificates } from './certificates.ts';
import { type MongoServerOptions, startMongoServer } from './mongo-server.ts';

/** The generations differ in types more than in what is called here. */
type Driver = Pick<typeof mongodb, 'MongoClient' | 'ObjectId'>;

const drivers: [name: string, driver: Driver, options: MongoClientOptions][] = [
  ['mongodb 7', mongodb, {}],
  ['mongodb 5', mongodb5 as unknown as Driver, {}],
  ['mongodb 4', mongodb4 as unknown as Driver, {}],
  ['mongodb 3', mongodb3, {}],
  ['mongodb 3 with its unified topology', mongodb3, { useUnifiedTopology: true } as MongoClientOptions],
];
const certificates = createCertificates();
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  while (closing.length) await closing.pop()?.();
});

async function start(options?: MongoServerOptions) {
  const server = await startMongoServer(options);
  closing.push(() => server.close());
  return server;
}

describe.each(drivers)('%s', (name, driver, common) => {
  const withAuthority = (ca: string) =>
    name.startsWith('mongodb 3') ? { ssl: true, sslValidate: true, sslCA: [ca] } : { tls: true, ca };

  async function connect(url: string, options: object = {}) {
    const client = new driver.MongoClient(url, { serverSelectionTimeoutMS: 500, ...common, ...options });
    closing.push(() => client.close());
    await client.connect();
    return client;
  }
  const failure = (work: Promise<unknown>): Promise<Document> =>
    work.then(
      () => ({}),
      (error) => error,
    );

  /** The first topology of the driver's third generation tells of it inside a failure to connect. */
  function expectRefused(error: Document): void {
    if (name !== 'mongodb 3') expect(error).toMatchObject({ code: 18, codeName: 'AuthenticationFailed' });
    expect(error.message).toContain('Authentication failed.');
  }

  it('writes, finds, changes and deletes', async () => {
    const server = await start();
    const users = (await connect(server.url)).db().collection('users');
    await users.createIndex({ email: 1 }, { unique: true });
    const { insertedId } = await users.insertOne({ email: 'jane@example.com', logins: 0, made: new Date(0) });
    expect(String(server.collection('users').documents[0]?._id)).toBe(String(insertedId));
    expect(server.connections()).toBeGreaterThan(0);

    const byId = await users.findOne(
      { _id: new driver.ObjectId(String(insertedId)) },
      { projection: { made: 0 } },
    );
    expect(byId).toEqual({ _id: insertedId, email: 'jane@example.com', logins: 0 });
    const byEither = { $or: [{ email: /^JANE@/i }, { phone: { $in: ['1'] } }] };
    expect((await users.findOne(byEither))?.made).toEqual(new Date(0));
    expect(await users.findOne({ email: 'john@example.com' })).toBeNull();

    const twice = await failure(users.insertOne({ email: 'jane@example.com' }));
    expect(twice).toMatchObject({
      code: 11000,
      message: expect.stringContaining('E11000 duplicate key error'),
    });

    const update = { $set: { 'name.given': 'Jane' }, $inc: { logins: 1 }, $unset: { made: '' } };
    expect((await users.updateOne({ email: 'jane@example.com' }, update)).modifiedCount).toBe(1);
    const upserted = await users.updateOne(
      { email: 'john@example.com' },
      { $set: { logins: 5 } },
      { upsert: true },
    );
    expect(upserted.upsertedCount).toBe(1);
    expect((await users.updateMany({}, { $set: { seen: true } })).matchedCount).toBe(2);
    const sorted = await users
      .find({ logins: { $exists: true } })
      .sort({ logins: -1 })
      .limit(1)
      .toArray();
    expect(sorted).toMatchObject([{ email: 'john@example.com', logins: 5, seen: true }]);
    expect(await users.countDocuments({ email: { $ne: 'john@example.com' } })).toBe(1);

    const changed: Document | null = await users.findOneAndUpdate({ logins: 1 }, { $inc: { logins: 1 } });
    expect(changed?.value ?? changed).toMatchObject({ logins: 1, name: { given: 'Jane' } });
    await users.replaceOne({ logins: 2 }, { email: 'jane@example.org' });
    expect(await users.findOne({ email: 'jane@example.org' })).toEqual({
      _id: insertedId,
      email: 'jane@example.org',
    });
    expect((await users.deleteOne({ email: 'jane@example.org' })).deletedCount).toBe(1);
    expect(server.collection('users').documents).toHaveLength(1);
  });

  it('brings a long result in batches', async () => {
    const server = await start();
    const items = (await connect(server.url)).db().collection<{ n: number }>('items');
    await items.insertMany(Array.from({ length: 250 }, (_, n) => ({ n })));
    const found = await items.find({ n: { $gte: 10 } }, { batchSize: 50 }).toArray();
    expect(found.map(({ n }) => n)).toEqual(Array.from({ length: 240 }, (_, at) => at + 10));
    expect(server.seen.filter((command) => command === 'getMore').length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['SCRAM-SHA-256', 'SCRAM-SHA-256'],
    ['SCRAM-SHA-1', 'SCRAM-SHA-1'],
    ['either', undefined],
  ] as const)('logs in by %s', async (_name, mechanism) => {
    const server = await start({ user: 'app', password: 'pä=,ss', ...(mechanism ? { mechanism } : {}) });
    const client = await connect(server.url);
    await client.db().collection('users').insertOne({ email: 'jane@example.com' });
    expect(server.collection('users').documents).toHaveLength(1);
  });

  it.each(['SCRAM-SHA-256', 'SCRAM-SHA-1'] as const)(
    'is refused with a wrong password, by %s',
    async (mechanism) => {
      const server = await start({ user: 'app', password: 'right', mechanism });
      const wrong = await failure(connect(server.url.replace('right', 'wrong')));
      expectRefused(wrong);
      const stranger = await failure(connect(server.url.replace('app', 'stranger')));
      expectRefused(stranger);
    },
  );

  it('may do nothing before it has logged in', async () => {
    const { port } = await start({ user: 'app', password: 'right' });
    const client = await connect(`mongodb://127.0.0.1:${port}/test`);
    expect(await failure(client.db().collection('users').findOne({}))).toMatchObject({ code: 13 });
  });

  it('speaks TLS to whoever trusts the authority', async () => {
    const server = await start({ user: 'app', password: 'secret', tls: certificates.server });
    const client = await connect(server.url, withAuthority(certificates.ca));
    expect(await client.db().command({ ping: 1 })).toMatchObject({ ok: 1 });
    const distrust = await failure(connect(server.url, withAuthority(createCertificates().ca)));
    expect(distrust.message).toMatch(/certificate/);
    const plain = await failure(connect(server.url));
    expect(plain.name).toMatch(/^Mongo.*Error$/);
  });
});

describe('the double', () => {
  it('refuses what it does not do', async () => {
    const server = await start();
    const client = new mongodb.MongoClient(server.url);
    closing.push(() => client.close());
    const users = client.db().collection('users');
    await users.insertOne({ a: 1 });
    await expect(users.findOne({ $where: 'true' })).rejects.toMatchObject({ code: 2 });
    await expect(users.findOne({ a: { $near: 1 } })).rejects.toMatchObject({ code: 2 });
    await expect(users.updateOne({}, { $rename: { a: 'b' } })).rejects.toMatchObject({ code: 9 });
    await expect(users.aggregate([{ $lookup: {} }]).toArray()).rejects.toMatchObject({ code: 2 });
    await expect(client.db().command({ mapReduce: 'users' })).rejects.toMatchObject({ code: 59 });
  });

  it('asks for client certificates where it has an authority for them', async () => {
    const server = await start({ tls: { ...certificates.server, ca: certificates.ca } });
    const ping = async (options: MongoClientOptions) => {
      const client = new mongodb.MongoClient(server.url, {
        tls: true,
        serverSelectionTimeoutMS: 500,
        ...options,
      });
      closing.push(() => client.close());
      return client.db().command({ ping: 1 });
    };
    const { ca } = certificates;
    await expect(ping({ ca, ...certificates.client('app') })).resolves.toMatchObject({ ok: 1 });
    await expect(ping({ ca })).rejects.toMatchObject({ name: 'MongoServerSelectionError' });
  });
});

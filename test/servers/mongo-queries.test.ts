import { type Document, MongoClient, ObjectId } from 'mongodb';
import mongodb3 from 'mongodb-3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type MongoServer, startMongoServer } from './mongo-server.ts';

let server: MongoServer;
let client: MongoClient;
beforeAll(async () => {
  server = await startMongoServer();
  client = new MongoClient(server.url);
});
afterAll(async () => {
  await client.close();
  await server.close();
});

const people = () => client.db().collection<Document & { _id: string }>('people');
beforeEach(async () => {
  await client.db().dropDatabase();
  await people().insertMany([
    {
      _id: 'a',
      age: 30,
      name: { given: 'Ann' },
      keys: [{ id: 'k1', count: 1 }, { id: 'k2' }],
      tags: ['x', 'y'],
    },
    { _id: 'b', age: 25n, name: { given: 'Bob' }, phone: null, since: new Date(5) },
    { _id: 'c', age: 'old', phone: '+41', ref: new ObjectId('0123456789abcdef01234567') },
  ]);
});

it.each([
  [{ age: 30 }, 'a'],
  [{ age: { $gte: 25, $lt: 31 } }, 'ab'],
  [{ age: { $gt: 'a' } }, 'c'],
  [{ phone: null }, 'ab'],
  [{ phone: { $exists: true } }, 'bc'],
  [{ phone: { $ne: null } }, 'c'],
  [{ 'name.given': /^(ann|bob)$/i }, 'ab'],
  [{ 'name.given': { $regex: 'bo', $options: 'i' } }, 'b'],
  [{ 'name.given': { $in: [/^A/, 'Bob'] } }, 'ab'],
  [{ name: { given: 'Ann' } }, 'a'],
  [{ 'keys.id': 'k2' }, 'a'],
  [{ keys: { $elemMatch: { id: 'k1', count: 1 } } }, 'a'],
  [{ keys: { $elemMatch: { id: 'k2', count: 1 } } }, ''],
  [{ tags: 'y' }, 'a'],
  [{ tags: ['x', 'y'] }, 'a'],
  [{ tags: { $size: 2 } }, 'a'],
  [{ ref: new ObjectId('0123456789abcdef01234567') }, 'c'],
  [{ since: new Date(5) }, 'b'],
  [{ $or: [{ age: 30 }, { $and: [{ phone: '+41' }, { age: 'old' }] }] }, 'ac'],
  [{ $nor: [{ age: 30 }] }, 'bc'],
  [{ age: { $not: { $gt: 26 } } }, 'bc'],
  [{ _id: { $nin: ['a', 'b'] } }, 'c'],
])('finds by %j', async (filter, ids) => {
  const found = await people().find(filter).sort({ _id: 1 }).toArray();
  expect(found.map(({ _id }) => _id).join('')).toBe(ids);
});

it.each([
  [{ age: 1 }, { _id: 'a', age: 30 }],
  [{ _id: 0, 'name.given': 1 }, { name: { given: 'Ann' } }],
  [
    { keys: 0, tags: 0, name: 0 },
    { _id: 'a', age: 30 },
  ],
  [{ 'keys.id': 1 }, { _id: 'a', keys: [{ id: 'k1' }, { id: 'k2' }] }],
])('projects by %j', async (projection, expected) => {
  expect(await people().findOne({ _id: 'a' }, { projection })).toEqual(expected);
});

it('orders values of different types', async () => {
  const found = await people().find().sort({ age: -1, _id: 1 }).skip(1).limit(2).toArray();
  expect(found.map(({ _id }) => _id)).toEqual(['a', 'b']);
});

it('changes lists and nested fields', async () => {
  const change: Document = { $push: { tags: 'z' }, $addToSet: { seen: 1 }, $pull: { keys: { id: 'k1' } } };
  await people().updateOne({ _id: 'a' }, change);
  await people().updateOne({ _id: 'a' }, { $set: { 'name.family': 'Lee' }, $unset: { 'name.given': '' } });
  expect(server.collection('people').documents[0]).toMatchObject({
    tags: ['x', 'y', 'z'],
    seen: [1],
    keys: [{ id: 'k2' }],
    name: { family: 'Lee' },
  });
  const moved = people().updateOne({ _id: 'a' }, { $set: { _id: 'z' } });
  await expect(moved).rejects.toMatchObject({ code: 66 });
});

it('starts an upserted document with what the filter fixes', async () => {
  const options = { upsert: true, returnDocument: 'after' } as const;
  const update = { $setOnInsert: { made: true }, $inc: { logins: 1 } };
  const first = await people().findOneAndUpdate(
    { _id: 'd', email: 'd@example.com', age: { $gt: 3 } },
    update,
    options,
  );
  expect(first).toEqual({ _id: 'd', email: 'd@example.com', made: true, logins: 1 });
  expect(await people().findOneAndUpdate({ _id: 'd' }, update, options)).toMatchObject({ logins: 2 });
});

it('keeps unique indexes, sparse and partial ones too', async () => {
  const users = client.db().collection('users');
  await users.createIndex({ phone: 1 }, { unique: true, sparse: true });
  await users.createIndex(
    { email: 1 },
    { unique: true, partialFilterExpression: { email: { $exists: true } } },
  );
  await users.insertMany([{ n: 1 }, { n: 2 }, { phone: '+41', email: 'a@example.com' }]);
  const outcome = users.insertMany([{ n: 3 }, { phone: '+41' }, { n: 4 }], { ordered: false });
  await expect(outcome).rejects.toMatchObject({ code: 11000, insertedCount: 2 });
  await expect(users.updateOne({ n: 1 }, { $set: { email: 'a@example.com' } })).rejects.toMatchObject({
    code: 11000,
    keyPattern: { email: 1 },
    keyValue: { email: 'a@example.com' },
  });
  await users.updateOne({ phone: '+41' }, { $set: { phone: '+41' } });
  expect((await users.indexes()).map(({ name }) => name)).toEqual(['_id_', 'phone_1', 'email_1']);
});

it('groups and counts', async () => {
  const pipeline = [{ $match: { phone: null } }, { $group: { _id: '$phone', sum: { $sum: '$age' } } }];
  expect(await people().aggregate(pipeline).toArray()).toEqual([{ _id: null, sum: 55 }]);
  expect(await people().estimatedDocumentCount()).toBe(3);
  expect(await people().distinct('tags')).toEqual(['x', 'y']);
});

describe('the third generation of the driver', () => {
  // Its methods of old, which today's types do not know, with callbacks.
  type Callback = (error: Error | null, result: unknown) => void;
  type OldCollection = Record<string, (...values: unknown[]) => void>;

  it('has its old methods understood', async () => {
    const old = await mongodb3.MongoClient.connect(server.url);
    const collection = old.db().collection('old') as unknown as OldCollection;
    const call = (method: string, ...values: unknown[]) =>
      new Promise<unknown>((resolve, reject) => {
        const callback: Callback = (error, result) => (error ? reject(error) : resolve(result));
        collection[method]?.(...values, callback);
      });
    await call('insert', { email: 'jane@example.com', n: 1 });
    await call('update', { email: 'jane@example.com' }, { $inc: { n: 1 } });
    await call('save', { email: 'john@example.com' });
    expect(
      await call('findAndModify', { n: 2 }, [['email', 1]], { $set: { n: 5 } }, { new: true }),
    ).toMatchObject({
      value: { n: 5 },
    });
    expect(await call('count', {})).toBe(2);
    await call('remove', { n: 5 });
    expect(server.collection('old').documents).toMatchObject([{ email: 'john@example.com' }]);
    await old.close();
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';
import { startMongoStore } from './stores.ts';

const nameOf = 'user && { user_id: user._id, email: user.email, nickname: user.name }';

/** Get User scripts that find Jane. */
const finding: Record<string, string> = {
  'promisify-all-of-the-module': `
    const Promise = require('bluebird');
    const mongodb = Promise.promisifyAll(require('mongodb@3.1.4'));
    function getByEmail(email, context, callback) {
      mongodb.MongoClient.connectAsync(configuration.MONGO_URL)
        .then((client) => client.db('directory').collection('accounts').findOneAsync({ email })
          .finally(() => client.close()))
        .then((user) => callback(null, ${nameOf}))
        .catch(callback);
    }`,
  'promises-without-a-pin': `
    const { MongoClient } = require('mongodb');
    function getByEmail(email, context, callback) {
      const client = new MongoClient(configuration.MONGO_URL);
      return client.connect()
        .then(() => client.db('directory').collection('accounts').findOne({ email }))
        .then((user) => client.close().then(() => callback(null, ${nameOf})))
        .catch(callback);
    }`,
  'callbacks-without-a-pin': `
    const { MongoClient } = require('mongodb');
    function getByEmail(email, context, callback) {
      MongoClient.connect(configuration.MONGO_URL, { useNewUrlParser: true }, (err, client) => {
        if (err) return callback(err);
        client.db('directory').collection('accounts').find({ email }).limit(1).toArray((err, [user] = []) => {
          client.close();
          callback(err, ${nameOf});
        });
      });
    }`,
  'a-client-on-global': `
    const { MongoClient } = require('mongodb@7');
    async function getUser(email, context, callback) {
      global.client = global.client || await new MongoClient(configuration.MONGO_URL).connect();
      const user = await global.client.db('directory').collection('accounts').findOne({ email });
      return callback(null, ${nameOf});
    }`,
  'a-case-blind-search': `
    const { MongoClient } = require('mongodb@4');
    async function getUser(email, context, callback) {
      const client = await MongoClient.connect(configuration.MONGO_URL);
      try {
        const pattern = new RegExp('^' + require('lodash').escapeRegExp(email) + '$', 'i');
        const [user] = await client.db('directory').collection('accounts').aggregate([
          { $match: { email: pattern } }, { $limit: 1 }
        ]).toArray();
        callback(null, ${nameOf});
      } finally {
        await client.close();
      }
    }`,
};

const handedOn = `
  function getByEmail(email, context, callback) {
    require('mongodb@3.1.4').MongoClient.connect(configuration.MONGO_URL, (err, client) => {
      if (err) return callback(err);
      client.db('directory').collection('accounts').findOne({ email }, callback);
    });
  }`;

const lastLogin = `
  const { MongoClient } = require('mongodb@3.1.4');
  function login(email, password, callback) {
    const client = new MongoClient(configuration.MONGO_URL);
    client.connect((err) => {
      if (err) return callback(err);
      const accounts = client.db('directory').collection('accounts');
      accounts.findOne({ email }, (err, user) => {
        if (err) return callback(err);
        callback(null, ${nameOf});
        accounts.updateOne({ email }, { $currentDate: { seen: true }, $inc: { logins: 1 } }, () => client.close());
      });
    });
  }`;

let store: Awaited<ReturnType<typeof startMongoStore>>;
let service: RunningService;
beforeAll(async () => {
  store = await startMongoStore();
  store.insert({ email: 'jane@example.com', name: 'Jane' });
  const scripts = Object.entries({ ...finding, 'callback-handed-on': handedOn }).map(([name, source]) => [
    name,
    { get_user: source },
  ]);
  service = await serveConnections(
    { ...Object.fromEntries(scripts), 'last-login': { login: lastLogin } },
    store,
  );
});
afterAll(async () => {
  await service?.stop();
  await store?.close();
});

const lookUp = (connection: string, identifier: string) =>
  service.run(connection, 'get-user', { identifier });

test.each(Object.keys(finding))('%s', async (name) => {
  for (let time = 0; time < 2; time++) {
    expect(await lookUp(name, 'jane@example.com')).toMatchObject({
      status: 200,
      body: { found: true, user: { user_id: expect.stringMatching(/^[0-9a-f]{24}$/), nickname: 'Jane' } },
    });
  }
  expect(await lookUp(name, 'eve@example.com')).toMatchObject({ status: 200, body: { found: false } });
});

test('a callback handed to the driver gets the document, whose missing user_id the answer names', async () => {
  const { status, body } = await lookUp('callback-handed-on', 'jane@example.com');
  expect([status, body.code]).toEqual([502, 'invalid_profile']);
  expect(body.issues).toEqual([expect.objectContaining({ path: 'user_id', code: 'user_id_missing' })]);
});

test('an update after the callback is made', async () => {
  const login = { identifier: 'jane@example.com', password: 'any' };
  for (let time = 0; time < 2; time++)
    expect((await service.run('last-login', 'login', login)).status).toBe(200);
  const account = () => store.find({ email: 'jane@example.com' })[0];
  await expect.poll(() => account()?.logins, { timeout: 2_000 }).toBe(2);
  expect(account()?.seen).toBeInstanceOf(Date);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { createCertificates } from '../../servers/certificates.ts';
import { type LdapServer, startLdapServer } from '../../servers/ldap-server.ts';
import { password, type RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';

const identifier = 'jane@example.com';

await describeWith('Redis', 6379, () => {
  const prefix = `drawbridge-test-${process.pid}:`;
  const create = `
    const redis = require('redis');
    const bcrypt = require('bcrypt');
    function create(user, callback) {
      const client = redis.createClient({ host: '127.0.0.1', port: 6379, prefix: configuration.PREFIX });
      client.on('error', callback);
      bcrypt.hash(user.password, 6, (err, hash) => {
        if (err) return callback(err);
        client.multi()
          .hmset('user:' + user.email, { id: 'r-7', email: user.email, hash: hash })
          .expire('user:' + user.email, 60)
          .exec((err, replies) => {
            client.quit();
            callback(err, replies && { user_id: 'r-7', email: user.email });
          });
      });
    }`;
  const callbacks = `
    const redis = require('redis@2.8.0');
    const bcrypt = require('bcrypt');
    const crypto = require('crypto');
    function login(email, password, callback) {
      const client = redis.createClient({ host: '127.0.0.1', port: 6379, prefix: configuration.PREFIX });
      client.on('error', callback);
      client.hgetall('user:' + email, function (err, user) {
        if (err || !user) return callback(err || new WrongUsernameOrPasswordError());
        bcrypt.compare(password, user.hash, function (err, same) {
          if (err || !same) return callback(err || new WrongUsernameOrPasswordError(user.id));
          const session = crypto.randomBytes(16).toString('hex');
          client.setex('session:' + user.id, 60, session, function (err) {
            client.quit();
            callback(err, { user_id: user.id, email: user.email, app_metadata: { session } });
          });
        });
      });
    }`;
  const promisified = `
    const bluebird = require('bluebird');
    const redis = require('redis');
    bluebird.promisifyAll(redis.RedisClient.prototype);
    bluebird.promisifyAll(redis.Multi.prototype);
    const client = redis.createClient('redis://127.0.0.1:6379', { prefix: configuration.PREFIX });
    function getByEmail(email, context, callback) {
      client.multi().hgetall('user:' + email).get('session:r-7').execAsync()
        .then(([user, session]) => callback(null, user && { user_id: user.id, email, app_metadata: { session } }))
        .catch(callback);
    }`;
  const promises = `
    const { createClient } = require('redis@6');
    async function getUser(email, context, callback) {
      const client = await createClient({ url: 'redis://127.0.0.1:6379' }).connect();
      const user = await client.hGetAll(configuration.PREFIX + 'user:' + email);
      const session = await client.get(configuration.PREFIX + 'session:r-7');
      await client.close();
      callback(null, user.id ? { user_id: user.id, email, app_metadata: { session } } : null);
    }`;
  const ioredis = `
    const Redis = require('ioredis');
    global.redis = global.redis || new Redis('redis://127.0.0.1:6379/0', { keyPrefix: configuration.PREFIX });
    async function getUser(email, context, callback) {
      const [[, user], [, session]] = await global.redis.pipeline().hgetall('user:' + email).get('session:r-7').exec();
      callback(null, user.id ? { user_id: user.id, email, app_metadata: { session } } : null);
    }`;
  const unset = `
    const Redis = require('ioredis');
    async function remove(id, context, callback) {
      const redis = new Redis({ host: '127.0.0.1', keyPrefix: configuration.PREFIX, lazyConnect: true });
      await redis.connect();
      await redis.del('user:jane@example.com', 'session:' + id);
      redis.disconnect();
      callback(null);
    }`;

  let service: RunningService;
  beforeAll(async () => {
    service = await serveConnections(
      {
        acme: { create, login: callbacks, get_user: promisified, delete: unset },
        promises: { get_user: promises },
        ioredis: { get_user: ioredis },
      },
      { configuration: { PREFIX: prefix }, egress: ['127.0.0.1:6379'] },
    );
  });
  afterAll(() => service?.stop());

  test('signup, login, three ways to look the session up, delete', async () => {
    expect((await service.run('acme', 'signup', { user: { email: identifier, password } })).status).toBe(201);
    const login = await service.run('acme', 'login', { identifier, password });
    const { user } = login.body;
    expect(user).toMatchObject({
      user_id: 'r-7',
      app_metadata: { session: expect.stringMatching(/^\w{32}$/) },
    });
    const wrong = await service.run('acme', 'login', { identifier, password: 'wrong' });
    expect(wrong).toMatchObject({ status: 401, body: { log_code: 'fp' } });
    for (const connection of ['acme', 'promises', 'ioredis', 'ioredis'])
      expect(await service.run(connection, 'get-user', { identifier })).toMatchObject({
        status: 200,
        body: { found: true, user },
      });
    expect((await service.run('acme', 'delete', { user_id: 'r-7' })).status).toBe(204);
    for (const connection of ['acme', 'promises', 'ioredis'])
      expect(await service.run(connection, 'get-user', { identifier })).toMatchObject({
        status: 200,
        body: { found: false },
      });
  });
});

describe.each(['ldap', 'ldaps'])('a directory by %s', (scheme) => {
  const certificates = createCertificates();
  const client = `
    const ldap = require('ldapjs');
    function connect(callback, use) {
      const client = ldap.createClient({ url: configuration.LDAP_URL, TLS });
      client.on('error', callback);
      client.bind(configuration.BIND_DN, configuration.BIND_PASSWORD, (err) => err ? callback(err) : use(client));
    }
    function search(client, filter, callback) {
      let entry;
      client.search(configuration.BASE, { scope: 'sub', filter, attributes: ['dn', 'uid', 'mail', 'cn'] }, (err, res) => {
        if (err) return callback(err);
        res.on('searchEntry', (found) => { entry = found; });
        res.on('error', callback);
        res.on('end', () => callback(null, entry));
      });
    }
    function profile(entry) {
      const of = (type) => entry.attributes.find((attribute) => attribute.type === type).values[0];
      return { user_id: of('uid'), email: of('mail'), name: of('cn') };
    }`;
  const login = `${client}
    function login(email, password, callback) {
      connect(callback, (client) => {
        search(client, new ldap.EqualityFilter({ attribute: 'mail', value: email }), (err, entry) => {
          if (err || !entry) return callback(err || new WrongUsernameOrPasswordError());
          client.bind(entry.dn.toString(), password, (err) => {
            client.unbind();
            if (err instanceof ldap.InvalidCredentialsError) return callback(new WrongUsernameOrPasswordError(email));
            callback(err, err ? undefined : profile(entry));
          });
        });
      });
    }`;
  const getUser = `${client}
    function getByEmail(value, context, callback) {
      const attribute = context.identifierType === 'user_id' ? 'uid' : 'mail';
      connect(callback, (client) => {
        search(client, '(&(objectClass=inetOrgPerson)(' + attribute + '=' + value.replace(/[()*\\\\]/g, '') + '))',
          (err, entry) => {
            client.unbind();
            callback(err, entry && profile(entry));
          });
      });
    }`;

  let server: LdapServer;
  let service: RunningService;
  beforeAll(async () => {
    server = await startLdapServer(scheme === 'ldaps' ? { tls: certificates.server } : {});
    server.directory.add(`uid=jane,${server.people}`, {
      objectClass: ['inetOrgPerson'],
      uid: ['jane'],
      mail: [identifier],
      cn: ['Jané Doe'],
      userPassword: [password],
    });
    const trusting = 'tlsOptions: { ca: [configuration.CA] }';
    const scripts = (tls: string) => ({
      login: login.replace('TLS', tls),
      get_user: getUser.replace('TLS', tls),
    });
    service = await serveConnections(
      { acme: scripts(trusting), untrusting: scripts('timeout: 5000') },
      {
        configuration: {
          LDAP_URL: server.url,
          BIND_DN: server.admin.dn,
          BIND_PASSWORD: server.admin.password,
          BASE: server.people,
          CA: certificates.ca,
        },
        egress: [`127.0.0.1:${server.port}`],
      },
    );
  });
  afterAll(async () => {
    await service?.stop();
    await server?.close();
  });

  test('login, a wrong password, both lookups, nobody', async () => {
    const user = { user_id: 'jane', email: identifier, name: 'Jané Doe' };
    expect(await service.run('acme', 'login', { identifier, password })).toMatchObject({
      status: 200,
      body: { user },
    });
    expect(await service.run('acme', 'login', { identifier, password: 'wrong' })).toMatchObject({
      status: 401,
      body: { log_code: 'fp' },
    });
    for (const lookup of [{ identifier }, { user_id: 'jane' }])
      expect(await service.run('acme', 'get-user', lookup)).toMatchObject({
        status: 200,
        body: { found: true, user },
      });
    for (const lookup of [{ identifier: 'j*' }, { user_id: 'john' }])
      expect((await service.run('acme', 'get-user', lookup)).body.found).toBe(false);
  });

  if (scheme === 'ldap') return;

  test('it is not trusted without its authority', async () => {
    const reply = await service.run('untrusting', 'get-user', { identifier });
    expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(reply.body.detail).toMatch(
      /self-signed certificate in certificate chain|unable to verify the first/,
    );
  });
});

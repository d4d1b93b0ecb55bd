import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';
import { startMongoStore } from './stores.ts';

const password = 'pässword of 2011';

/** ASP.NET Membership, PasswordFormat 1: a digest of the salt and the password in UTF-16. */
function membership(algorithm: string) {
  const salt = randomBytes(16);
  const hash = createHash(algorithm).update(salt).update(Buffer.from(password, 'utf16le')).digest('base64');
  return { hash, salt: salt.toString('base64') };
}

/** ASP.NET Identity 2 and SimpleMembership: 0, a salt of 16 bytes, a key of 32 by PBKDF2 with SHA-1. */
function identity2() {
  const salt = randomBytes(16);
  return Buffer.concat([Buffer.of(0), salt, pbkdf2Sync(password, salt, 1000, 32, 'sha1')]).toString('base64');
}

/** ASP.NET Identity 3: 1, the digest's number, the iterations and the salt's length in four bytes each. */
function identity3(prf: number, digest: string, iterations: number) {
  const salt = randomBytes(16);
  const head = Buffer.alloc(13);
  head.writeUInt8(1, 0);
  for (const [index, value] of [prf, iterations, salt.length].entries())
    head.writeUInt32BE(value, 1 + index * 4);
  return Buffer.concat([head, salt, pbkdf2Sync(password, salt, iterations, 32, digest)]).toString('base64');
}

const pbkdf2Salt = randomBytes(12).toString('hex');

/** What is in the table of each application, and how its scripts compare. */
const applications: Record<string, { stored: object; check: string }> = {
  // Of the password "rasmuslerdorf" by crypt(3), as PHP's password_hash makes them.
  'php-bcrypt': {
    stored: { password: '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq' },
    check: `require('bcrypt').compare(password, user.password, done);`,
  },
  'php-bcrypt-renamed': {
    stored: { password: '$2y$07$BCryptRequires22Chrcte/VlQH0piJtjXl.0t1XkA8pw9dMXTpOq' },
    check: `require('bcryptjs').compare(password, user.password.replace(/^\\$2y/, '$2a'), done);`,
  },
  'membership-sha1': {
    stored: membership('sha1'),
    check: `
      var salted = Buffer.concat([new Buffer(user.salt, 'base64'), new Buffer(password, 'utf16le')]);
      done(null, crypto.createHash('sha1').update(salted).digest('base64') === user.hash);`,
  },
  'membership-sha256': {
    stored: membership('sha256'),
    check: `
      var sha = crypto.createHash('sha256');
      sha.update(new Buffer(user.salt, 'base64').toString('binary'), 'binary');
      sha.update(new Buffer(password, 'ucs2').toString('binary'), 'binary');
      done(null, sha.digest('base64') === user.hash);`,
  },
  'identity-2': {
    stored: { hash: identity2() },
    check: `
      var bytes = new Buffer(user.hash, 'base64');
      var salt = new Buffer(16), key = new Buffer(32);
      bytes.copy(salt, 0, 1, 17);
      bytes.copy(key, 0, 17, 49);
      crypto.pbkdf2(password, salt, 1000, 32, function (err, derived) {
        done(err, derived && derived.toString('hex') === key.toString('hex'));
      });`,
  },
  'identity-2-binary-salt': {
    stored: { hash: identity2() },
    check: `
      var bytes = Buffer.from(user.hash, 'base64');
      var salt = Buffer.from(bytes.slice(1, 17).toString('binary'), 'binary');
      crypto.pbkdf2(password, salt, 1000, 32, 'sha1', function (err, derived) {
        done(err, derived && Buffer.from(derived, 'binary').equals(bytes.slice(17)));
      });`,
  },
  'identity-3': {
    stored: { hash: identity3(1, 'sha256', 10_000) },
    check: `
      const bytes = Buffer.from(user.hash, 'base64');
      const digest = ['sha1', 'sha256', 'sha512'][bytes.readUInt32BE(1)];
      const saltBytes = bytes.readUInt32BE(9);
      const salt = bytes.subarray(13, 13 + saltBytes);
      const key = bytes.subarray(13 + saltBytes);
      crypto.pbkdf2(password, salt, bytes.readUInt32BE(5), key.length, digest, (err, derived) => {
        done(err, derived && crypto.timingSafeEqual(derived, key));
      });`,
  },
  'identity-3-sha512': {
    stored: { hash: identity3(2, 'sha512', 5000) },
    check: `
      const bytes = Buffer.from(user.hash, 'base64');
      const derived = crypto.pbkdf2Sync(password, bytes.slice(13, 29), bytes.readUInt32BE(5), 32, 'sha512');
      done(null, derived.equals(bytes.slice(29)));`,
  },
  'pbkdf2-with-four-arguments': {
    stored: { salt: pbkdf2Salt, hash: pbkdf2Sync(password, pbkdf2Salt, 1000, 64, 'sha1').toString('hex') },
    check: `
      crypto.pbkdf2(password, user.salt, 1000, 64, function (err, key) {
        done(err, key && new Buffer(key, 'binary').toString('hex') === user.hash);
      });`,
  },
  'pbkdf2Sync-with-four-arguments': {
    stored: { salt: pbkdf2Salt, hash: pbkdf2Sync(password, pbkdf2Salt, 1000, 64, 'sha1').toString('base64') },
    check: `done(null, crypto.pbkdf2Sync(password, user.salt, 1000, 64).toString('base64') === user.hash);`,
  },
  'salted-md5': {
    stored: { salt: 'x7', hash: createHash('md5').update(`x7${password}`).digest('hex') },
    check: `done(null, crypto.createHash('md5').update(user.salt + password).digest('hex') === user.hash);`,
  },
  'hmac-sha512': {
    stored: { salt: 'pepper', hash: createHmac('sha512', 'pepper').update(password).digest('hex') },
    check: `
      const hmac = crypto.createHmac('sha512', user.salt).update(password, 'utf8').digest('hex');
      done(null, hmac === user.hash);`,
  },
};

const scriptOf = (check: string) => `
var crypto = require('crypto');
function login(email, password, callback) {
  var MongoClient = require('mongodb@3.1.4').MongoClient;
  MongoClient.connect(configuration.MONGO_URL, function (err, client) {
    if (err) return callback(err);
    client.db('directory').collection('accounts').findOne({ email: email }, function (err, user) {
      client.close();
      if (err || !user) return callback(err || new WrongUsernameOrPasswordError());
      function done(err, matches) {
        if (err) return callback(err);
        if (!matches) return callback(new WrongUsernameOrPasswordError(user._id.toString()));
        callback(null, { user_id: user._id, email: user.email, app_metadata: { since: user.since } });
      }
      ${check}
    });
  });
}`;

let store: Awaited<ReturnType<typeof startMongoStore>>;
let service: RunningService;
beforeAll(async () => {
  store = await startMongoStore();
  for (const [name, { stored }] of Object.entries(applications))
    store.insert({ email: `${name}@example.com`, since: new Date('2011-05-06T07:08:09Z'), ...stored });
  const scripts = Object.entries(applications).map(([name, { check }]) => [name, { login: scriptOf(check) }]);
  service = await serveConnections(Object.fromEntries(scripts), store);
});
afterAll(async () => {
  await service?.stop();
  await store?.close();
});

test.each(Object.keys(applications))('%s', async (name) => {
  const identifier = `${name}@example.com`;
  const right = name.startsWith('php') ? 'rasmuslerdorf' : password;
  const user = {
    user_id: expect.stringMatching(/^[0-9a-f]{24}$/),
    email: identifier,
    app_metadata: { since: '2011-05-06T07:08:09.000Z' },
  };
  expect(await service.run(name, 'login', { identifier, password: right })).toMatchObject({
    status: 200,
    body: { user },
  });
  expect(await service.run(name, 'login', { identifier, password: 'wrong' })).toMatchObject({
    status: 401,
    body: { log_code: 'fp' },
  });
});

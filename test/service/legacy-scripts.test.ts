import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectionFiles, password, type RunningService, startService } from './running-service.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** As scripts were written when the modules were globals. */
const bareGlobals = `function login(email, password, callback) {
  request.get({ url: configuration.URL + '?' + querystring.stringify({ email: email }), json: true },
    function (error, response, body) {
      if (error) return callback(error);
      bcrypt.compare(password, bcrypt.hashSync(password, 4), function (error, same) {
        if (error || !same) return callback(new WrongUsernameOrPasswordError(email));
        var token = jwt.sign({ sub: body.id }, configuration.SECRET);
        callback(null, {
          user_id: jwt.verify(token, configuration.SECRET).sub,
          nickname: _.upperFirst(body.name),
          app_metadata: { uuid: uuid.v4() }
        });
      });
    });
}`;

const pins = `function getByEmail(email, callback) {
  const _ = require('lodash@4.17.10');
  const jwt = require('jsonwebtoken@5.0.0');
  const axios = require('axios@0.18.0');
  const bcrypt = require('bcryptjs@2.3.0');
  axios.get(configuration.URL).then((response) => {
    callback(null, { user_id: response.data.id, name: _.toUpper(typeof jwt.sign + typeof bcrypt.hash) });
  }, callback);
}`;

/** Ids and fields as drivers give them, handed on as they are. */
const asDriversGive = `function getByEmail(email, callback) {
  function ObjectID(hex) { this.hex = hex; }
  ObjectID.prototype.toHexString = function () { return this.hex; };
  var rows = {
    'objectid@example.com': { _id: 1, user_id: new ObjectID('5f0c1a2b3c4d5e6f70819203') },
    'number@example.com': { user_id: 42 },
    'date@example.com': { user_id: '1', user_metadata: { joined: new Date(0) } },
    'buffer@example.com': { user_id: new Buffer('00ff', 'hex') }
  };
  process.nextTick(callback, null, rows[email]);
}`;

/** The membership hashes of ASP.NET: base64 of a zero, the salt and the key. */
const aspNet = `function login(email, password, callback) {
  const crypto = require('crypto');
  const stored = new Buffer(configuration.STORED, 'base64');
  const salt = stored.slice(1, 17), key = stored.slice(17, 49);
  crypto.pbkdf2(password, salt, 1000, key.length, function (err, hashed) {
    if (err) return callback(err);
    const isValid = new Buffer(hashed, 'binary').toString('base64') === key.toString('base64');
    if (!isValid) return callback(new WrongUsernameOrPasswordError(email));
    return callback(null, { user_id: email, email: email });
  });
}`;
const salt = randomBytes(16);
const stored = Buffer.concat([Buffer.alloc(1), salt, pbkdf2Sync(password, salt, 1000, 32, 'sha1')]);

const missing = `function create(user, callback) {
  const pad = require('left-pad');
  const get = require('lodsh').get;
  callback(null, { user_id: pad('1', 3) });
}`;

let upstream: Upstream;
let service: RunningService;
beforeAll(async () => {
  upstream = await startUpstream(({ answer }) => answer(200, { id: 'u-1', name: 'jane' }));
  service = await startService({
    files: {
      ...connectionFiles(
        'acme',
        { login: bareGlobals, get_user: pins, create: missing },
        { enable_script_context: false, configuration: { URL: upstream.url } },
      ),
      ...connectionFiles(
        'old',
        { login: aspNet, get_user: asDriversGive },
        { enable_script_context: false, configuration: { STORED: stored.toString('base64') } },
      ),
    },
    env: { DRAWBRIDGE_EGRESS_ALLOW: upstream.address },
  });
});
afterAll(async () => {
  await service.stop();
  await upstream.close();
});

const warnings = async (script: string) =>
  (await service.call('/v1/connections/acme')).body.scripts[script].warnings as Record<string, unknown>[];

describe('globals of old scripts', () => {
  test('work', async () => {
    const reply = await service.run('acme', 'login', { identifier: 'jane@example.com', password });
    expect(reply).toMatchObject({
      status: 200,
      body: {
        user: {
          user_id: 'u-1',
          nickname: 'Jane',
          app_metadata: { uuid: expect.stringMatching(/^[0-9a-f-]{36}$/) },
        },
      },
    });
    expect(upstream.seen.at(-1)?.url).toBe('/?email=jane%40example.com');
  });

  test('are warned about at load, each with its line and the require to write', async () => {
    const given = await warnings('login');
    expect(given).toHaveLength(6);
    const lines = { request: 2, querystring: 2, bcrypt: 5, jwt: 7, _: 10, uuid: 11 };
    for (const [name, line] of Object.entries(lines)) {
      expect(given).toContainEqual({
        code: 'legacy_global',
        message: expect.stringContaining(`const ${name} = require(`),
        file: 'database-connections/acme/login.js',
        line,
      });
      expect(service.log.lines).toContainEqual({
        level: 'warn',
        message: expect.stringMatching(new RegExp(`login\\.js:${line}: The global '${name}'`)),
        fields: { connection: 'acme' },
      });
    }
  });
});

describe('pinned versions', () => {
  test('resolve to what is on board', async () => {
    const reply = await service.run('acme', 'get-user', { identifier: 'jane@example.com' });
    expect(reply).toMatchObject({
      status: 200,
      body: { user: { user_id: 'u-1', name: 'FUNCTIONFUNCTION' } },
    });
  });

  test('are warned about at load where the major version is another one', async () => {
    const given = await warnings('get_user');
    expect(given.map(({ code, line }) => [code, line])).toEqual([
      ['module_version', 3],
      ['module_version', 4],
      ['module_version', 5],
    ]);
    expect(given[0]?.message).toMatch(
      /^jsonwebtoken@5\.0\.0 is not on board; jsonwebtoken 9\.\S+ is used instead; RSA keys have to have 2048 bits/,
    );
    expect(service.log.lines).toContainEqual({
      level: 'warn',
      message: expect.stringContaining(`get_user.js:3: ${given[0]?.message}`),
      fields: { connection: 'acme' },
    });
  });
});

test('a module that does not exist is warned about at load, with those that do, and named when it is required', async () => {
  expect(await warnings('create')).toMatchObject([
    {
      code: 'module_unknown',
      line: 2,
      message: expect.stringMatching(/left-pad.* There are: .*axios.*lodash/),
    },
    {
      code: 'module_unknown',
      line: 3,
      message: expect.stringContaining("Did you mean 'lodash'? There are: "),
    },
  ]);
  const reply = await service.run('acme', 'create', { user: { email: 'ann@example.com', password } });
  expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
  expect(reply.body.detail).toMatch(/left-pad.*axios.*lodash/s);
  expect(reply.body.stack[0]).toContain('acme/create.js:2:15');
});

describe('what drivers give', () => {
  const get = (identifier: string) => service.run('old', 'get-user', { identifier });

  test('is made into a profile where nothing is lost', async () => {
    expect(await get('objectid@example.com')).toMatchObject({
      status: 200,
      body: { user: { user_id: '5f0c1a2b3c4d5e6f70819203' } },
    });
    expect(await get('number@example.com')).toMatchObject({ status: 200, body: { user: { user_id: '42' } } });
    expect(await get('date@example.com')).toMatchObject({
      status: 200,
      body: { user: { user_metadata: { joined: '1970-01-01T00:00:00.000Z' } } },
    });
  });

  test('is refused by its path where it would be', async () => {
    const reply = await get('buffer@example.com');
    expect(reply).toMatchObject({ status: 502, body: { code: 'invalid_profile' } });
    expect(JSON.stringify(reply.body)).toContain('user_id');
  });
});

test('a hash of ASP.NET is checked with pbkdf2 without a digest, with advice in the log', async () => {
  const login = (given: string) =>
    service.run('old', 'login', { identifier: 'jane@example.com', password: given });
  expect(await login(password)).toMatchObject({
    status: 200,
    body: { user: { user_id: 'jane@example.com' } },
  });
  const advice = service.log.lines.filter(({ message, fields }) =>
    JSON.stringify([message, fields]).includes('pbkdf2 without a digest'),
  );
  expect(advice).toHaveLength(1);
  expect(await login('wrong')).toMatchObject({ status: 401, body: { code: 'wrong_username_or_password' } });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { password, type RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';
import { type SqlStore, startPostgresStore } from './stores.ts';

const schema = `
  CREATE TABLE people (id text PRIMARY KEY, email text UNIQUE, last_login timestamptz, logins int DEFAULT 0);
  CREATE TABLE profiles (person text REFERENCES people, city text NOT NULL);
  INSERT INTO people VALUES ('7', 'jane@example.com'), ('8', 'john@example.com');
`;
const sql = "'SELECT id AS user_id, email FROM people WHERE email = $1'";

/** Get User scripts that find Jane. */
const finding: Record<string, string> = {
  'promisify-all-of-the-module': `
    const Promise = require('bluebird');
    const pg = Promise.promisifyAll(require('pg'), { multiArgs: false });
    function getByEmail(email, context, callback) {
      const client = new pg.Client(configuration.PG_URL);
      client.connectAsync()
        .then(() => client.queryAsync(${sql}, [email]))
        .then((result) => callback(null, result.rows[0]))
        .catch(callback)
        .finally(() => client.end());
    }`,
  'pools-ended-after-each-query': `
    const pg = require('pg');
    function getByEmail(email, context, callback) {
      pg.connect(configuration.PG_URL, (err, client, done) => {
        if (err) return callback(err);
        client.query(${sql}, [email], (err, result) => {
          done();
          pg.end();
          if (err) return callback(err);
          callback(null, result.rows[0]);
        });
      });
    }`,
  'rows-as-events': `
    const pg = require('pg@6.1.0');
    function getByEmail(email, context, callback) {
      pg.connect(configuration.PG_URL, function (err, client, done) {
        if (err) return callback(err);
        let user;
        const query = client.query(${sql}, [email]);
        query.on('row', function (row) { user = row; });
        query.on('error', function (err) { done(err); callback(err); });
        query.on('end', function () { done(); callback(null, user); });
      });
    }`,
  'rows-of-a-query-object': `
    const { Client, Query } = require('pg');
    function getByEmail(email, context, callback) {
      const client = new Client(configuration.PG_URL);
      client.connect();
      let user;
      client.query(new Query({ text: ${sql}, values: [email] }))
        .on('row', (row) => { user = row; })
        .on('end', () => client.end(() => callback(null, user)));
    }`,
  'async-await-with-a-client-of-its-own': `
    const { Client } = require('pg');
    async function getUser(email, context, callback) {
      const client = new Client({ connectionString: configuration.PG_URL });
      try {
        await client.connect();
        const { rows } = await client.query(${sql}, [email]);
        callback(null, rows.length ? rows[0] : null);
      } catch (err) {
        callback(err);
      } finally {
        await client.end();
      }
    }`,
  'pool-on-global': `
    async function getUser(email, context, callback) {
      if (!global.pool) global.pool = new (require('pg').Pool)({ connectionString: configuration.PG_URL, max: 2 });
      const { rows: [user] } = await global.pool.query(${sql}, [email]);
      return callback(null, user);
    }`,
  'cache-of-the-module': `
    const pg = require('pg');
    const known = {};
    function getByEmail(email, context, callback) {
      if (known[email]) return callback(null, known[email]);
      pg.connect(configuration.PG_URL, (err, client, done) => {
        if (err) return callback(err);
        client.query(${sql}, [email], (err, { rows }) => {
          done(err);
          known[email] = rows[0];
          callback(err, rows[0]);
        });
      });
    }`,
};

const handedOn = `
  function getByEmail(email, context, callback) {
    require('pg').connect(configuration.PG_URL, (err, client, done) => {
      if (err) return callback(err);
      client.query(${sql}, [email], callback);
      done();
    });
  }`;

const brokenEvents = `
  function getByEmail(email, context, callback) {
    require('pg').connect(configuration.PG_URL, (err, client, done) => {
      if (err) return callback(err);
      client.query('SELECT nothing FROM people').on('error', (err) => {
        done();
        callback(err);
      });
    });
  }`;
const brokenPromise = `
  async function getUser(email, context, callback) {
    const pool = new (require('pg').Pool)({ connectionString: configuration.PG_URL });
    const client = await pool.connect();
    try {
      await client.query('SELECT nothing FROM people');
    } finally {
      client.release();
      await pool.end();
    }
  }`;

const transaction = `
  const pg = require('pg');
  const pool = new pg.Pool({ connectionString: configuration.PG_URL });

  function create(user, callback) {
    pool.connect((err, client, done) => {
      if (err) return callback(err);

      const undo = (cause) => client.query('ROLLBACK', (err) => {
        done(err);
        callback(cause);
      });

      client.query('BEGIN', (err) => {
        if (err) return undo(err);
        client.query('INSERT INTO people (id, email) VALUES ($1, $2)', ['9', user.email], (err) => {
          if (err) return undo(err);
          client.query('INSERT INTO profiles VALUES ($1, $2)', ['9', user.user_metadata.city], (err) => {
            if (err) return undo(err);
            client.query('COMMIT', (err) => {
              done();
              callback(err, { user_id: '9', email: user.email });
            });
          });
        });
      });
    });
  }`;

const lastLogin = `
  const pg = require('pg');
  function login(email, password, callback) {
    pg.connect(configuration.PG_URL, (err, client, done) => {
      if (err) return callback(err);
      client.query(${sql}, [email], (err, result) => {
        if (err || !result.rows[0]) {
          done(err);
          return callback(err || new WrongUsernameOrPasswordError());
        }
        callback(null, result.rows[0]);
        client.query('UPDATE people SET last_login = now() WHERE email = $1', [email], () => {
          client.query('UPDATE people SET logins = logins + 1 WHERE email = $1', [email], done);
        });
      });
    });
  }`;

const tlsByDefault = `
  const pg = require('pg');
  pg.defaults.ssl = true;
  function getByEmail(email, context, callback) {
    pg.connect(configuration.PG_URL, (err, client, done) => {
      if (err) return callback(err);
      done();
      callback(null, { user_id: '7', email });
    });
  }`;

await describeWith('PostgreSQL', 5432, () => {
  let store: SqlStore;
  let service: RunningService;
  const lookUp = (connection: string, identifier: string) =>
    service.run(connection, 'get-user', { identifier });
  beforeAll(async () => {
    store = await startPostgresStore(schema);
    const scripts = Object.entries({ ...finding, 'callback-handed-on': handedOn }).map(([name, source]) => [
      name,
      { get_user: source },
    ]);
    service = await serveConnections(
      {
        ...Object.fromEntries(scripts),
        transaction: { create: transaction },
        'last-login': { login: lastLogin },
        'tls-by-default': { get_user: tlsByDefault },
        'broken-events': { get_user: brokenEvents },
        'broken-promise': { get_user: brokenPromise },
      },
      store,
    );
  });
  afterAll(async () => {
    await service?.stop();
    await store?.close();
  });

  test.each(Object.keys(finding))('%s', async (name) => {
    for (let time = 0; time < 3; time++) {
      expect(await lookUp(name, 'jane@example.com')).toMatchObject({
        status: 200,
        body: { found: true, user: { user_id: '7', email: 'jane@example.com' } },
      });
    }
    expect(await lookUp(name, 'eve@example.com')).toMatchObject({ status: 200, body: { found: false } });
  });

  test('a callback handed to the driver gets its result, whose missing user_id the answer names', async () => {
    const { status, body } = await lookUp('callback-handed-on', 'jane@example.com');
    expect([status, body.code]).toEqual([502, 'invalid_profile']);
    expect(body.issues).toContainEqual(expect.objectContaining({ path: 'user_id', code: 'user_id_missing' }));
  });

  test.each([
    ['broken-events', 7],
    ['broken-promise', 6],
  ])('%s: an error of the server leads to the line of the script', async (name, line) => {
    const { status, body } = await lookUp(name, 'jane@example.com');
    expect([status, body.code, body.detail]).toEqual([
      502,
      'script_error',
      'error: column "nothing" does not exist',
    ]);
    expect(body.stack[0]).toContain(`${name}/get_user.js:${line}:`);
  });

  test('a transaction that fails leaves nothing behind, and its client is in order again', async () => {
    const user = { email: 'ann@example.com', password };
    const failed = await service.run('transaction', 'create', { user: { ...user, user_metadata: {} } });
    expect(failed).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(failed.body.detail).toContain('violates not-null constraint');
    expect(await store.admin("SELECT * FROM people WHERE id = '9'")).toEqual([]);
    const made = await service.run('transaction', 'create', {
      user: { ...user, user_metadata: { city: 'Rome' } },
    });
    expect(made).toMatchObject({ status: 201, body: { user: { user_id: '9' } } });
    expect(await store.admin("SELECT city FROM profiles WHERE person = '9'")).toEqual([{ city: 'Rome' }]);
  });

  test('updates after the callback are made, each in its turn', async () => {
    const logIn = () => service.run('last-login', 'login', { identifier: 'john@example.com', password });
    for (let time = 0; time < 3; time++) expect((await logIn()).status).toBe(200);
    const logins = async () => {
      const [row] = await store.admin("SELECT logins, last_login FROM people WHERE id = '8'");
      return [row?.logins, row?.last_login instanceof Date];
    };
    await expect.poll(logins, { timeout: 2_000 }).toEqual([3, true]);
  });

  test('pg.defaults.ssl asks for TLS, which this server does not have', async () => {
    const { status, body } = await lookUp('tls-by-default', 'jane@example.com');
    expect([status, body.code]).toEqual([502, 'script_error']);
    expect(body.detail).toContain('The server does not support SSL connections');
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import type { RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';
import { type SqlStore, startMysqlStore } from './stores.ts';

const schema = `
  CREATE TABLE members (id INT PRIMARY KEY, email VARCHAR(100) UNIQUE, joined DATETIME, last_login DATETIME);
  INSERT INTO members (id, email, joined) VALUES (7, 'jane@example.com', '2019-03-01 10:00:00'), (8, 'john@example.com', NULL);
`;

/** Each connects in its own way to `options`. */
const options = `const options = {
  host: configuration.DB_HOST, user: configuration.DB_USER,
  password: configuration.DB_PASSWORD, database: configuration.DB_NAME, timezone: 'Z'
};`;
const sql = "'SELECT CAST(id AS CHAR) AS user_id, email FROM members WHERE email = ?'";

/** Get User scripts that find Jane. */
const finding: Record<string, string> = {
  'promisify-all-of-the-module': `
    var Promise = require('bluebird');
    var mysql = Promise.promisifyAll(require('mysql'));
    ${options}
    function getByEmail(email, context, callback) {
      var connection = Promise.promisifyAll(mysql.createConnection(options));
      connection.connectAsync()
        .then(function () { return connection.queryAsync(${sql}, [email]); })
        .spread(function (user) { return user; })
        .finally(function () { connection.end(); })
        .nodeify(callback);
    }`,
  'promisify-all-of-prototypes': `
    const Promise = require('bluebird');
    const mysql = require('mysql');
    Promise.promisifyAll(require('mysql/lib/Connection').prototype);
    Promise.promisifyAll(require('mysql/lib/Pool').prototype);
    ${options}
    const pool = mysql.createPool(options);
    function getByEmail(email, context, callback) {
      Promise.using(pool.getConnectionAsync().disposer((connection) => connection.release()),
        (connection) => connection.queryAsync(${sql}, [email]))
        .then((rows) => callback(null, rows[0]), callback);
    }`,
  'util-promisify': `
    const util = require('util');
    ${options}
    async function getUser(email, context, callback) {
      const connection = require('mysql').createConnection(options);
      const query = util.promisify(connection.query).bind(connection);
      try {
        const rows = await query(${sql}, [email]);
        return callback(null, rows[0]);
      } catch (err) {
        return callback(err);
      } finally {
        connection.end();
      }
    }`,
  'async-waterfall': `
    const async = require('async');
    ${options}
    function getByEmail(email, context, callback) {
      const connection = require('mysql')(options);
      async.waterfall([
        (next) => connection.connect((err) => next(err)),
        (next) => connection.query(${sql}, [email], next),
        (rows, fields, next) => next(fields.length === 2 ? null : new Error('no fields'), rows[0]),
      ], (err, user) => {
        connection.destroy();
        callback(err, user);
      });
    }`,
  'pool-with-named-placeholders-of-mysql2': `
    const mysql = require('mysql2/promise');
    ${options}
    const pool = mysql.createPool({ ...options, namedPlaceholders: true });
    async function getUser(email, context, callback) {
      const [[user]] = await pool.execute(
        'SELECT CAST(id AS CHAR) AS user_id, email FROM members WHERE email = :email', { email: email });
      callback(null, user);
    }`,
  'events-of-a-query': `
    ${options}
    function getByEmail(email, context, callback) {
      const connection = require('mysql').createConnection(options);
      let user;
      connection.query(${sql}, [email])
        .on('error', callback)
        .on('result', (row) => { user = row; })
        .on('end', () => callback(null, user));
    }`,
};

const others: Record<string, string> = {
  'callback-handed-on': `
    ${options}
    function getByEmail(email, context, callback) {
      require('mysql').createConnection(options).query(${sql}, [email], callback);
    }`,
  'callback-handed-on-broken-sql': `
    ${options}
    function getByEmail(email, context, callback) {
      require('mysql').createConnection(options).query('SELECT nothing FROM members', callback);
    }`,
  dates: `
    ${options}
    function getByEmail(email, context, callback) {
      require('mysql').createConnection(options).query('SELECT * FROM members WHERE email = ?', email, (err, rows) => {
        if (err || !rows[0]) return callback(err);
        callback(null, { user_id: '' + rows[0].id, email: rows[0].email, user_metadata: { joined: rows[0].joined } });
      });
    }`,
  'last-login': `
    ${options}
    function getByEmail(email, context, callback) {
      const connection = require('mysql').createConnection(options);
      connection.query(${sql}, [email], function (err, rows) {
        if (err) return callback(err);
        callback(null, rows[0]);
        connection.query('UPDATE members SET last_login = NOW() WHERE email = ?', [email], function (err) {
          connection.end();
        });
      });
    }`,
};

await describeWith('MariaDB', 3306, () => {
  let store: SqlStore;
  let service: RunningService;
  const lookUp = (connection: string, identifier: string) =>
    service.run(connection, 'get-user', { identifier });
  beforeAll(async () => {
    store = await startMysqlStore(schema);
    const scripts = Object.entries({ ...finding, ...others }).map(([name, source]) => [
      name,
      { get_user: source },
    ]);
    service = await serveConnections(Object.fromEntries(scripts), store);
  });
  afterAll(async () => {
    await service?.stop();
    await store?.close();
  });

  test.each(Object.keys(finding))('%s', async (name) => {
    for (let time = 0; time < 2; time++) {
      const found = await lookUp(name, 'jane@example.com');
      expect(found).toMatchObject({
        status: 200,
        body: { found: true, user: { user_id: '7', email: 'jane@example.com' } },
      });
    }
    expect(await lookUp(name, 'eve@example.com')).toMatchObject({ status: 200, body: { found: false } });
  });

  test('a callback handed to the driver gets rows, which the answer says are no profile', async () => {
    const found = await lookUp('callback-handed-on', 'jane@example.com');
    expect(found).toMatchObject({
      status: 502,
      body: { code: 'invalid_profile', issues: [{ path: '', code: 'profile_type' }] },
    });
    expect(found.body.detail).toContain('array');
    const failed = await lookUp('callback-handed-on-broken-sql', 'jane@example.com');
    expect(failed).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(failed.body.detail).toBe("ER_BAD_FIELD_ERROR: Unknown column 'nothing' in 'SELECT'");
    expect(failed.body.stack[0]).toContain('callback-handed-on-broken-sql/get_user.js:7:');
  });

  test('a Date of the driver comes out as ISO 8601', async () => {
    const { body } = await lookUp('dates', 'jane@example.com');
    expect(body.user.user_metadata).toEqual({ joined: '2019-03-01T10:00:00.000Z' });
    expect((await lookUp('dates', 'john@example.com')).body.user.user_metadata).toEqual({ joined: null });
  });

  test('an update after the callback is made', async () => {
    expect((await lookUp('last-login', 'john@example.com')).status).toBe(200);
    const isMade = async () => {
      const [row] = await store.admin('SELECT last_login IS NOT NULL AS made FROM members WHERE id = 8');
      return Number(row?.made);
    };
    await expect.poll(isMade, { timeout: 2_000 }).toBe(1);
  });
});

import { afterAll, beforeAll, expect, test } from 'vitest';
import { password, type RunningService } from '../running-service.ts';
import { serveConnections } from './old-store.ts';
import { startSqlServerStore } from './stores.ts';

/** The tables of ASP.NET's SimpleMembership, as far as logins need them. */
const schema = `
  CREATE TABLE dbo.UserProfile (UserId INT IDENTITY(1,1) PRIMARY KEY, UserName NVARCHAR(56) NOT NULL UNIQUE);
  CREATE TABLE dbo.webpages_Membership (
    UserId INT NOT NULL PRIMARY KEY,
    CreateDate DATETIME NULL,
    IsConfirmed BIT NOT NULL DEFAULT 0,
    Password NVARCHAR(128) NOT NULL,
    PasswordSalt NVARCHAR(128) NOT NULL
  );
`;

const connect = (options = '') => `
  var sqlserver = require('tedious@1.11.0');
  var Connection = sqlserver.Connection, Request = sqlserver.Request, TYPES = sqlserver.TYPES;
  function open() {
    return new Connection({
      userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD, server: configuration.SQL_SERVER,
      options: { port: Number(configuration.SQL_PORT), database: configuration.SQL_DATABASE, encrypt: true, ${options} }
    });
  }`;

const hash = `
  var crypto = require('crypto');
  function hashOf(password, salt, callback) {
    crypto.pbkdf2(password, salt, 1000, 32, 'sha1', function (err, key) {
      callback(err, key && Buffer.concat([new Buffer([0]), new Buffer(salt, 'binary'), key]).toString('base64'));
    });
  }`;

const login = `${connect('useColumnNames: true')}
  ${hash}
  function login(email, password, callback) {
    var connection = open();
    connection.on('connect', function (err) {
      if (err) return callback(err);
      var user = null;
      var sql =
        'SELECT m.UserId, p.UserName, m.Password, m.IsConfirmed FROM webpages_Membership m ' +
        'INNER JOIN UserProfile p ON p.UserId = m.UserId WHERE p.UserName = @UserName';
      var request = new Request(sql, function (err, rowCount) {
        if (err || rowCount < 1) return callback(err || new WrongUsernameOrPasswordError());
        var salt = new Buffer(user.Password.value, 'base64').slice(1, 17).toString('binary');
        hashOf(password, new Buffer(salt, 'binary'), function (err, hashed) {
          if (err) return callback(err);
          if (hashed !== user.Password.value) return callback(new WrongUsernameOrPasswordError(user.UserId.value));
          callback(null, {
            user_id: user.UserId.value, email: user.UserName.value, email_verified: user.IsConfirmed.value
          });
        });
      });
      request.addParameter('UserName', TYPES.VarChar, email);
      request.on('row', function (columns) { user = columns; });
      connection.execSql(request);
    });
  }`;

const create = `${connect('rowCollectionOnRequestCompletion: true')}
  ${hash}
  function create(user, callback) {
    var connection = open();
    connection.on('connect', function (err) {
      if (err) return callback(err);
      var profile = new Request('INSERT INTO UserProfile (UserName) OUTPUT Inserted.UserId VALUES (@UserName)',
        function (err, rowCount, rows) {
          if (err) return callback(err);
          var userId = rows[0][0].value;
          var sql = 'INSERT INTO webpages_Membership (UserId, CreateDate, Password, PasswordSalt) ' +
            "VALUES (@UserId, GETDATE(), @Password, '')";
          var membership = new Request(sql, function (err, rowCount) {
            if (err) return callback(err);
            if (rowCount === 0) return callback(null);
            callback(null, { user_id: userId, email: user.email });
          });
          hashOf(user.password, crypto.randomBytes(16), function (err, hashed) {
            if (err) return callback(err);
            membership.addParameter('UserId', TYPES.Int, userId);
            membership.addParameter('Password', TYPES.VarChar, hashed);
            connection.execSql(membership);
          });
        });
      profile.addParameter('UserName', TYPES.VarChar, user.email);
      connection.execSql(profile);
    });
  }`;

/** Both rows or none, by tedious 11, which takes the configuration of tedious 1 as well. */
const inTransaction = `${connect().replace('1.11.0', '11.0.3')}
  function create(user, callback) {
    var connection = open();
    connection.on('connect', function (err) {
      if (err) return callback(err);
      connection.beginTransaction(function (err) {
        if (err) return callback(err);
        var profile = new Request('INSERT INTO UserProfile (UserName) VALUES (@UserName)', function (err) {
          if (err) return undo(err);
          connection.execSql(new Request('INSERT INTO webpages_Membership (UserId) VALUES (1)', function (err) {
            if (err) return undo(err);
            connection.commitTransaction(callback);
          }));
        });
        profile.addParameter('UserName', TYPES.VarChar, user.email);
        connection.execSql(profile);
      });
    });
    function undo(cause) {
      connection.rollbackTransaction(function (err) {
        connection.close();
        callback(err || cause);
      });
    }
  }`;

const mssql = `
  const sql = require('mssql');
  async function getUser(email, context, callback) {
    const pool = await sql.connect({
      user: configuration.SQL_USER, password: configuration.SQL_PASSWORD, server: configuration.SQL_SERVER,
      port: Number(configuration.SQL_PORT), database: configuration.SQL_DATABASE,
      options: { trustServerCertificate: true }
    });
    const { recordset: [user] } = await pool.request()
      .input('name', sql.NVarChar, email)
      .query('SELECT UserId, UserName FROM UserProfile WHERE UserName = @name');
    callback(null, user && { user_id: user.UserId, email: user.UserName });
  }`;

let store: Awaited<ReturnType<typeof startSqlServerStore>>;
let service: RunningService;
beforeAll(async () => {
  store = await startSqlServerStore(schema);
  service = await serveConnections(
    { acme: { login, create, get_user: mssql }, transaction: { create: inTransaction } },
    store,
  );
});
afterAll(async () => {
  await service?.stop();
  await store?.close();
});

const email = 'jane@example.com';

test('two requests over one connection, the second with what the first brought', async () => {
  const made = await service.run('acme', 'create', { user: { email, password } });
  expect(made).toMatchObject({ status: 201, body: { user: { user_id: '1', email } } });
});

test('columns by their names, in the event of a row', async () => {
  expect(await service.run('acme', 'login', { identifier: email, password })).toMatchObject({
    status: 200,
    body: { user: { user_id: '1', email, email_verified: false } },
  });
  expect(await service.run('acme', 'login', { identifier: email, password: 'wrong' })).toMatchObject({
    status: 401,
    body: { log_code: 'fp' },
  });
});

test("mssql's pool of its own is used again", async () => {
  for (let time = 0; time < 3; time++) {
    expect(await service.run('acme', 'get-user', { identifier: email })).toMatchObject({
      status: 200,
      body: { found: true, user: { user_id: '1' } },
    });
  }
  expect((await service.run('acme', 'get-user', { identifier: 'eve@example.com' })).body.found).toBe(false);
});

test('a transaction that is rolled back leaves nothing behind', async () => {
  const user = { email: 'ann@example.com', password };
  const failed = await service.run('transaction', 'create', { user });
  expect(failed).toMatchObject({ status: 502, body: { code: 'script_error' } });
  expect(failed.body.detail).toMatch(/Cannot insert the value NULL|Violation of PRIMARY KEY/);
  expect(store.sql('SELECT UserName FROM UserProfile')).toEqual([{ UserName: email }]);
});

import { createHmac, pbkdf2Sync } from 'node:crypto';
import { hashSync } from 'bcryptjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../../servers/available.ts';
import { password, type RunningService } from '../running-service.ts';
import { type OldStore, type Scripts, serveConnections } from './old-store.ts';
import { startMongoStore, startMysqlStore, startPostgresStore, startSqlServerStore } from './stores.ts';

/** Scripts of the years when drivers, hashes and Node's crypto were globals of the platform. */

const salt = Buffer.from('0123456789abcdef');
const hmacHash = createHmac('sha256', Buffer.concat([salt, salt, salt, salt]))
  .update(Buffer.from(password, 'utf16le'))
  .digest('base64');
const simpleHash = Buffer.concat([Buffer.alloc(1), salt, pbkdf2Sync(password, salt, 1000, 32, 'sha1')]);
const email = 'jane@example.com';
const hash = hashSync(password, 4);

const compare = (stored: string, profile: string) => `
  bcrypt.compare(password, ${stored}, function (err, same) {
    if (err) return callback(err);
    if (!same) return callback(new WrongUsernameOrPasswordError(email));
    callback(null, ${profile});
  });`;

const mongoLogin = (open: string) => `function login(email, password, callback) {
  ${open}(configuration.MONGO_URL, function (db) {
    db.collection('accounts').findOne({ email: email }, function (err, user) {
      if (err) return callback(err);
      if (!user) return callback(new WrongUsernameOrPasswordError(email));
      ${compare('user.hash', '{ user_id: user._id.toString(), email: user.email }')}
    });
  });
}`;

const sqlServer = `var connection = sqlserver.connect({
    userName: configuration.SQL_USER, password: configuration.SQL_PASSWORD, server: configuration.SQL_SERVER,
    options: { port: Number(configuration.SQL_PORT), database: configuration.SQL_DATABASE, encrypt: true }
  });`;

/** Both ways in which ASP.NET kept passwords, with the columns of a row by their names. */
const membership = `function login(email, password, callback) {
  ${sqlServer}
  connection.on('debug', function () {}).on('connect', function (err) {
    if (err) return callback(err);
    var user;
    var text = 'SELECT Id, Email, Hmac, Salt, Simple FROM dbo.Members WHERE Email = @Name';
    var request = new sqlserver.Request(text, function (err, count) {
      if (err || count < 1) return callback(err || new WrongUsernameOrPasswordError(email));
      var salt = new Buffer(user.Salt.value, 'base64');
      var hmac = crypto.createHmac('sha256', Buffer.concat([salt, salt, salt, salt]));
      if (hmac.update(new Buffer(password, 'ucs2')).digest('base64') !== user.Hmac.value)
        return callback(new WrongUsernameOrPasswordError(email));
      var simple = new Buffer(user.Simple.value, 'base64');
      crypto.pbkdf2(password, simple.slice(1, 17), 1000, 32, function (err, key) {
        if (err) return callback(err);
        if (key.toString('base64') !== simple.slice(17).toString('base64')) return callback(new Error('differs'));
        callback(null, { user_id: String(user.Id.value), email: user.Email.value });
      });
    });
    request.addParameter('Name', sqlserver.Types.VarChar, email);
    request.on('row', function (columns) { user = columns; });
    connection.execSql(request);
  });
}`;

const postgresLogin = (open: string) => `function login(email, password, callback) {
  ${open}(configuration.PG_URL, function (err, client, done) {
    if (err) return callback(err);
    client.query('SELECT id, email, hash FROM people WHERE email = $1', [email], function (err, result) {
      done();
      if (err) return callback(err);
      if (result.rows.length === 0) return callback(new WrongUsernameOrPasswordError(email));
      var user = result.rows[0];
      ${compare('user.hash', '{ user_id: user.id, email: user.email }')}
    });
  });
}`;

const mysqlLogin = `function login(email, password, callback) {
  mysql_pool({
    host: configuration.DB_HOST, user: configuration.DB_USER,
    password: configuration.DB_PASSWORD, database: configuration.DB_NAME
  }).query('SELECT CAST(id AS CHAR) AS id, email, hash FROM people WHERE email = ?', [email], function (err, rows) {
    if (err) return callback(err);
    if (rows.length === 0) return callback(new WrongUsernameOrPasswordError(email));
    ${compare('rows[0].hash', '{ user_id: rows[0].id, email: rows[0].email }')}
  });
}`;

interface Case {
  login: string;
  /** What the warnings at load name. */
  globals: string[];
}

/** Jane is in the store; each script lets her in, knows a wrong password and who is not there. */
function logsIn(cases: Record<string, Case>, start: () => Promise<OldStore>): void {
  let store: OldStore;
  let service: RunningService;
  beforeAll(async () => {
    store = await start();
    const scripts: Record<string, Scripts> = {};
    for (const [name, { login }] of Object.entries(cases)) scripts[name] = { login };
    service = await serveConnections(scripts, store);
  });
  afterAll(async () => {
    await service?.stop();
    await store?.close();
  });

  test.each(Object.entries(cases))('%s', async (name, { globals }) => {
    const login = (identifier: string, given = password) =>
      service.run(name, 'login', { identifier, password: given });
    for (let time = 0; time < 2; time++)
      expect(await login(email)).toMatchObject({ status: 200, body: { user: { email } } });
    expect(await login(email, 'wrong')).toMatchObject({
      status: 401,
      body: { code: 'wrong_username_or_password' },
    });
    expect(await login('eve@example.com')).toMatchObject({ status: 401 });
    const { warnings } = (await service.call(`/v1/connections/${name}`)).body.scripts.login;
    const legacy = warnings.filter(({ code }: { code: string }) => code === 'legacy_global');
    expect(legacy.map(({ message }: { message: string }) => /'(\w+)'/.exec(message)?.[1]).sort()).toEqual(
      globals,
    );
  });
}

describe('MongoDB', () => {
  const cases = {
    mongo: { login: mongoLogin('mongo'), globals: ['bcrypt', 'mongo'] },
    'mongo-getdb': { login: mongoLogin("require('mongo-getdb')"), globals: ['bcrypt'] },
  };
  logsIn(cases, async () => {
    const store = await startMongoStore({ database: 'directory' });
    store.insert({ email, hash });
    return store;
  });
});

describe('SQL Server', () => {
  const values = [email, hmacHash, salt.toString('base64'), simpleHash.toString('base64')];
  logsIn({ sqlserver: { login: membership, globals: ['crypto', 'sqlserver'] } }, () =>
    startSqlServerStore(`
      CREATE TABLE dbo.Members (Id INT IDENTITY(1,1) PRIMARY KEY, Email NVARCHAR(100), Hmac NVARCHAR(100), Salt NVARCHAR(100), Simple NVARCHAR(100));
      GO
      INSERT INTO dbo.Members (Email, Hmac, Salt, Simple) VALUES (${values.map((value) => `'${value}'`).join(', ')});`),
  );
});

const people = `CREATE TABLE people (id int, email varchar(100), hash varchar(100));
  INSERT INTO people VALUES (7, '${email}', '${hash}');`;

await describeWith('PostgreSQL', 5432, () => {
  const cases = {
    postgres: { login: postgresLogin('postgres'), globals: ['bcrypt', 'postgres'] },
    'pg-called': { login: postgresLogin("require('pg')"), globals: ['bcrypt'] },
  };
  logsIn(cases, () => startPostgresStore(people));
});

await describeWith('MariaDB', 3306, () => {
  logsIn({ 'mysql-pool': { login: mysqlLogin, globals: ['bcrypt', 'mysql_pool'] } }, () =>
    startMysqlStore(people),
  );
});

test('an error of mongo whose callback has no place for it ends the execution', async () => {
  const refused = {
    configuration: { MONGO_URL: 'mongodb://127.0.0.1:1/directory' },
    egress: ['127.0.0.1:1'],
  };
  const twoParameters = `function login(email, password, callback) {
    mongo(configuration.MONGO_URL, { serverSelectionTimeoutMS: 300 }, function (err, db) {
      callback(err ? new Error('told: ' + err.message) : null, db && { user_id: '1' });
    });
  }`;
  const oneParameter = `function login(email, password, callback) {
    mongo(configuration.MONGO_URL, { serverSelectionTimeoutMS: 300 }, function (db) { callback(null, { user_id: '1' }); });
  }`;
  await using service = await serveConnections(
    { one: { login: oneParameter }, two: { login: twoParameters } },
    refused,
  );
  for (const [name, message] of [
    ['one', /^MongoServerSelectionError: connect ECONNREFUSED/],
    ['two', /^told: connect ECONNREFUSED/],
  ] as const) {
    const reply = await service.run(name, 'login', { identifier: email, password });
    expect(reply).toMatchObject({ status: 502, body: { code: 'script_error' } });
    expect(reply.body.detail).toMatch(message);
  }
});

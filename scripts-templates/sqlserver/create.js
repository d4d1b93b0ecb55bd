/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user is stored without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const bcrypt = require('bcrypt');
  const sql = require('mssql');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(user.password ?? '') > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  const insert = `
    INSERT INTO users (email, email_key, username, phone_number, password_hash, name, given_name, family_name,
      nickname, picture, user_metadata, app_metadata)
    OUTPUT inserted.*
    VALUES (@email, @email_key, @username, @phone_number, @password_hash, @name, @given_name, @family_name,
      @nickname, @picture, @user_metadata, @app_metadata)`;

  let row;
  try {
    // Named one by one: `user` also carries the passkey ceremony and the login transaction, which are not stored.
    const { recordset } = await query(insert, {
      email: [sql.NVarChar, user.email || null],
      email_key: [sql.NVarChar, user.email ? emailKey(user.email) : null],
      username: [sql.NVarChar, user.username || null],
      phone_number: [sql.NVarChar, user.phone_number || null],
      password_hash: [sql.NVarChar, user.password ? await bcrypt.hash(user.password, 10) : null],
      name: [sql.NVarChar, user.name || null],
      given_name: [sql.NVarChar, user.given_name || null],
      family_name: [sql.NVarChar, user.family_name || null],
      nickname: [sql.NVarChar, user.nickname || null],
      picture: [sql.NVarChar, user.picture || null],
      user_metadata: [sql.NVarChar, JSON.stringify(user.user_metadata ?? {})],
      app_metadata: [sql.NVarChar, JSON.stringify(user.app_metadata ?? {})],
    });
    row = recordset[0];
  } catch (error) {
    // 2601 and 2627: a unique index or constraint has the value already.
    if (error.number === 2601 || error.number === 2627) {
      return callback(new ValidationError('user_exists', 'The user already exists'));
    }
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, toProfile(row));

  // What is unique and searched for. Case counts for nothing from A to Z; other letters that look alike stay apart.
  function emailKey(email) {
    return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }

  // Parameters travel beside the statement, as sp_executesql has them: values are never part of its text.
  async function query(statement, parameters) {
    const request = (await usersPool()).request();
    for (const [name, [type, value]] of Object.entries(parameters)) request.input(name, type, value);
    return request.query(statement);
  }

  // Made once and kept, with its connections, for the executions that follow; the same in all nine scripts.
  async function usersPool() {
    if (global.usersPool) return global.usersPool;
    // A dashboard's field has one line: there, write \n for the line breaks of the PEM.
    const ca = configuration.DB_CA ? configuration.DB_CA.replace(/\\n/g, '\n') : undefined;
    const pool = new sql.ConnectionPool({
      server: configuration.DB_HOST,
      port: Number(configuration.DB_PORT),
      database: configuration.DB_NAME,
      user: configuration.DB_USER,
      password: configuration.DB_PASSWORD,
      options: {
        encrypt: configuration.DB_TLS !== 'off',
        trustServerCertificate: false,
        cryptoCredentialsDetails: ca ? { ca } : {},
      },
      pool: { max: 2, acquireTimeoutMillis: 5000 }, // an execution has the pool to itself
      connectionTimeout: 5000, // this and a statement together take less than the script's own deadline
      requestTimeout: 8000,
    });
    // The pool replaces a connection that broke while nobody used it; without a listener that would be uncaught.
    pool.on('error', () => {});
    global.usersPool = await pool.connect();
    return global.usersPool;
  }

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(row) {
    return {
      user_id: row.user_id,
      email: row.email ?? undefined,
      email_verified: row.email_verified,
      username: row.username ?? undefined,
      phone_number: row.phone_number ?? undefined,
      phone_verified: row.phone_verified,
      name: row.name ?? undefined,
      given_name: row.given_name ?? undefined,
      family_name: row.family_name ?? undefined,
      nickname: row.nickname ?? undefined,
      picture: row.picture ?? undefined,
      user_metadata: JSON.parse(row.user_metadata),
      app_metadata: JSON.parse(row.app_metadata),
    };
  }
}

/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user is stored without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const bcrypt = require('bcrypt');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(user.password ?? '') > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  const sql = `
    INSERT INTO users (email, username, phone_number, password_hash, name, given_name, family_name, nickname,
      picture, user_metadata, app_metadata)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
    RETURNING *`;

  let row;
  try {
    // Named one by one: `user` also carries the passkey ceremony and the login transaction, which are not stored.
    const values = [
      user.email || null,
      user.username || null,
      user.phone_number || null,
      user.password ? await bcrypt.hash(user.password, 10) : null,
      user.name || null,
      user.given_name || null,
      user.family_name || null,
      user.nickname || null,
      user.picture || null,
      JSON.stringify(user.user_metadata ?? {}),
      JSON.stringify(user.app_metadata ?? {}),
    ];
    const { rows } = await usersPool().query(sql, values);
    row = rows[0];
  } catch (error) {
    // 23505: a unique index has the value already.
    if (error.code === '23505') {
      return callback(new ValidationError('user_exists', 'The user already exists'));
    }
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, toProfile(row));

  // Made once and kept, with its connections, for the executions that follow; the same in all nine scripts.
  function usersPool() {
    if (global.usersPool) return global.usersPool;
    const { Pool } = require('pg');
    // A dashboard's field has one line: there, write \n for the line breaks of the PEM.
    const ca = configuration.DB_CA ? configuration.DB_CA.replace(/\\n/g, '\n') : undefined;
    global.usersPool = new Pool({
      host: configuration.DB_HOST,
      port: Number(configuration.DB_PORT),
      database: configuration.DB_NAME,
      user: configuration.DB_USER,
      password: configuration.DB_PASSWORD,
      ssl: configuration.DB_TLS === 'off' ? false : { ca, rejectUnauthorized: true },
      max: 2, // an execution has the pool to itself
      connectionTimeoutMillis: 5000, // this and a query together take less than the script's own deadline
      query_timeout: 8000,
    });
    // The pool replaces a connection that broke while nobody used it; without a listener that would be uncaught.
    global.usersPool.on('error', () => {});
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
      user_metadata: row.user_metadata,
      app_metadata: row.app_metadata,
    };
  }
}

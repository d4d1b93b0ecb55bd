/**
 * Finds a user by user_id, or by identifier: an email address, a username or a phone number.
 * "Not found" is said only when the store said so. An outage is an Error: taken for "not found", it would let
 * a signup create the same person twice.
 *
 * @type {DrawbridgeScripts.GetUser}
 */
async function getUser(identifierValue, context, callback) {
  const queries = {
    user_id: 'SELECT * FROM users WHERE user_id = $1',
    email: 'SELECT * FROM users WHERE lower(email COLLATE "C") = lower($1::text COLLATE "C")',
    phone_number: 'SELECT * FROM users WHERE phone_number = $1',
    username: 'SELECT * FROM users WHERE username = $1',
  };
  const kind = context.identifierType === 'user_id' ? 'user_id' : kindOf(identifierValue);

  let row;
  try {
    const { rows } = await usersPool().query(queries[kind], [identifierValue]);
    row = rows[0];
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }

  if (!row) return callback(null);
  return callback(null, toProfile(row));

  // By shape, and each kind in its own column: no username can stand in for somebody's email address.
  function kindOf(identifier) {
    if (/^[^@]+@[^@]+$/.test(identifier)) return 'email';
    return /^\+\d{1,15}$/.test(identifier) ? 'phone_number' : 'username';
  }

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

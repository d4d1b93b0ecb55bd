/**
 * Marks an email address as verified: its owner has followed the link in the verification mail.
 *
 * @type {DrawbridgeScripts.Verify}
 */
async function verify(email, context, callback) {
  let changed;
  try {
    const sql =
      'UPDATE users SET email_verified = true WHERE lower(email COLLATE "C") = lower($1::text COLLATE "C")';
    changed = await usersPool().query(sql, [email]);
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }

  if (changed.rowCount === 0) {
    return callback(new Error('There is no user with this email address'));
  }
  return callback(null, true);

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
}

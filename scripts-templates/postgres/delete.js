/**
 * Deletes a user. Deleting one who is gone already succeeds, so that a deletion can be repeated.
 *
 * @type {DrawbridgeScripts.Delete}
 */
async function remove(userId, context, callback) {
  try {
    await usersPool().query('DELETE FROM users WHERE user_id = $1', [userId]);
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null);

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

/**
 * Changes a username. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangeUsername}
 */
async function changeUsername(username, newUsername, context, callback) {
  let changed;
  try {
    const sql = 'UPDATE users SET username = $2 WHERE username = $1';
    changed = await usersPool().query(sql, [username, newUsername]);
  } catch (error) {
    // 23505: a unique index has the value already.
    if (error.code === '23505') {
      return callback(new ValidationError('user_exists', 'Another user has this username'));
    }
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, changed.rowCount > 0);

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

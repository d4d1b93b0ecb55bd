/**
 * Sets a new password. false says that nothing was changed, because there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePassword}
 */
async function changePassword(identifier, newPassword, context, callback) {
  const bcrypt = require('bcrypt');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(newPassword) > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  const updates = {
    email: 'UPDATE users SET password_hash = $2 WHERE lower(email COLLATE "C") = lower($1::text COLLATE "C")',
    phone_number: 'UPDATE users SET password_hash = $2 WHERE phone_number = $1',
    username: 'UPDATE users SET password_hash = $2 WHERE username = $1',
  };

  let changed;
  try {
    const hash = await bcrypt.hash(newPassword, 10);
    changed = await usersPool().query(updates[kindOf(identifier)], [identifier, hash]);
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, changed.rowCount > 0);

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
}

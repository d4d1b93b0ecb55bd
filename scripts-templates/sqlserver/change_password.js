/**
 * Sets a new password. false says that nothing was changed, because there is no such user.
 *
 * @type {DrawbridgeScripts.ChangePassword}
 */
async function changePassword(identifier, newPassword, context, callback) {
  const bcrypt = require('bcrypt');
  const sql = require('mssql');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(newPassword) > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  const updates = {
    email: 'UPDATE users SET password_hash = @password_hash WHERE email_key = @value',
    phone_number: 'UPDATE users SET password_hash = @password_hash WHERE phone_number = @value',
    username: 'UPDATE users SET password_hash = @password_hash WHERE username = @value',
  };
  const kind = kindOf(identifier);

  let changed;
  try {
    changed = await query(updates[kind], {
      password_hash: [sql.NVarChar, await bcrypt.hash(newPassword, 10)],
      value: [sql.NVarChar, kind === 'email' ? emailKey(identifier) : identifier],
    });
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, changed.rowsAffected[0] > 0);

  // By shape, and each kind in its own column: no username can stand in for somebody's email address.
  function kindOf(identifier) {
    if (/^[^@]+@[^@]+$/.test(identifier)) return 'email';
    return /^\+\d{1,15}$/.test(identifier) ? 'phone_number' : 'username';
  }

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
}

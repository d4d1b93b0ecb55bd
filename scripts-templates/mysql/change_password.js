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
    email: 'UPDATE users SET password_hash = ? WHERE email_key = ?',
    phone_number: 'UPDATE users SET password_hash = ? WHERE phone_number = ?',
    username: 'UPDATE users SET password_hash = ? WHERE username = ?',
  };
  const kind = kindOf(identifier);

  let changed;
  try {
    const hash = await bcrypt.hash(newPassword, 10);
    changed = await execute(updates[kind], [hash, kind === 'email' ? emailKey(identifier) : identifier]);
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, changed.affectedRows > 0);

  // By shape, and each kind in its own column: no username can stand in for somebody's email address.
  function kindOf(identifier) {
    if (/^[^@]+@[^@]+$/.test(identifier)) return 'email';
    return /^\+\d{1,15}$/.test(identifier) ? 'phone_number' : 'username';
  }

  // What is unique and searched for. Case counts for nothing from A to Z; other letters that look alike stay apart.
  function emailKey(email) {
    return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  }

  // Made once and kept, with its connections, for the executions that follow; the same in all nine scripts.
  function usersPool() {
    if (global.usersPool) return global.usersPool;
    const mysql = require('mysql2/promise');
    // A dashboard's field has one line: there, write \n for the line breaks of the PEM.
    const ca = configuration.DB_CA ? configuration.DB_CA.replace(/\\n/g, '\n') : undefined;
    global.usersPool = mysql.createPool({
      host: configuration.DB_HOST,
      port: Number(configuration.DB_PORT),
      database: configuration.DB_NAME,
      user: configuration.DB_USER,
      password: configuration.DB_PASSWORD,
      // verifyIdentity: the certificate must be the server's own, not just any from the same authority.
      ssl:
        configuration.DB_TLS === 'off' ? undefined : { ca, rejectUnauthorized: true, verifyIdentity: true },
      charset: 'utf8mb4_bin',
      connectionLimit: 2, // an execution has the pool to itself
      connectTimeout: 5000, // this and a statement together take less than the script's own deadline
    });
    return global.usersPool;
  }

  // Prepared by the server: values are never part of the statement's text.
  async function execute(sql, values) {
    const connection = await usersPool().getConnection();
    let timer;
    const late = new Promise((resolve, reject) => {
      timer = setTimeout(() => {
        connection.destroy(); // it still waits for the answer, and nobody should get it now
        reject(new Error('no answer within 8 seconds'));
      }, 8000);
    });
    try {
      const [result] = await Promise.race([connection.execute(sql, values), late]);
      return result;
    } finally {
      clearTimeout(timer);
      connection.release();
    }
  }
}

/**
 * Changes a username. false says that there is no such user.
 *
 * @type {DrawbridgeScripts.ChangeUsername}
 */
async function changeUsername(username, newUsername, context, callback) {
  let changed;
  try {
    changed = await execute('UPDATE users SET username = ? WHERE username = ?', [newUsername, username]);
  } catch (error) {
    if (error.code === 'ER_DUP_ENTRY') {
      return callback(new ValidationError('user_exists', 'Another user has this username'));
    }
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, changed.affectedRows > 0);

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

/**
 * Creates a user and answers with the new profile, which passkey signups need.
 * A passkey signup has no password; the user is stored without one.
 *
 * @type {DrawbridgeScripts.Create}
 */
async function create(user, context, callback) {
  const bcrypt = require('bcrypt');
  const { randomUUID } = require('crypto');

  // bcrypt reads 72 bytes: two longer passwords that begin alike would open the same account.
  if (Buffer.byteLength(user.password ?? '') > 72) {
    return callback(new ValidationError('password_too_long', 'The password is longer than 72 bytes'));
  }

  const sql = `
    INSERT INTO users (user_id, email, email_key, username, phone_number, password_hash, name, given_name,
      family_name, nickname, picture, user_metadata, app_metadata)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

  let row;
  try {
    const userId = randomUUID();
    // Named one by one: `user` also carries the passkey ceremony and the login transaction, which are not stored.
    const values = [
      userId,
      user.email || null,
      user.email ? emailKey(user.email) : null,
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
    await execute(sql, values);
    const rows = await execute('SELECT * FROM users WHERE user_id = ?', [userId]);
    row = rows[0];
  } catch (error) {
    if (error.code === 'ER_DUP_ENTRY') {
      return callback(new ValidationError('user_exists', 'The user already exists'));
    }
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }
  return callback(null, toProfile(row));

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

  // The same in login, get_user and create: the same person must always come back with the same user_id.
  function toProfile(row) {
    return {
      user_id: row.user_id,
      email: row.email ?? undefined,
      email_verified: row.email_verified === 1,
      username: row.username ?? undefined,
      phone_number: row.phone_number ?? undefined,
      phone_verified: row.phone_verified === 1,
      name: row.name ?? undefined,
      given_name: row.given_name ?? undefined,
      family_name: row.family_name ?? undefined,
      nickname: row.nickname ?? undefined,
      picture: row.picture ?? undefined,
      user_metadata: toObject(row.user_metadata),
      app_metadata: toObject(row.app_metadata),
    };
  }

  // MySQL's JSON comes as an object, MariaDB's as text.
  function toObject(json) {
    return typeof json === 'string' ? JSON.parse(json) : json;
  }
}

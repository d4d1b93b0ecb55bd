/**
 * Checks a password. The identifier is whatever the user typed: an email address, a username or a phone number.
 *
 * @type {DrawbridgeScripts.Login}
 */
async function login(identifier, password, context, callback) {
  const bcrypt = require('bcrypt');

  const queries = {
    email: 'SELECT * FROM users WHERE email_key = ?',
    phone_number: 'SELECT * FROM users WHERE phone_number = ?',
    username: 'SELECT * FROM users WHERE username = ?',
  };
  const kind = kindOf(identifier);

  let row;
  let matches;
  try {
    const rows = await execute(queries[kind], [kind === 'email' ? emailKey(identifier) : identifier]);
    row = rows[0];
    // Somebody unknown, and a user without a password, take as long as a wrong password: nobody's fits this hash.
    const unknown = '$2b$10$VCDQLcTu76Tr9i7isdc1Leu/BK2XlklH1fvtJAi9LoSLUX2bXB5dG';
    matches = await bcrypt.compare(password, row?.password_hash ?? unknown);
  } catch (error) {
    return callback(new Error(`The database failed: ${error.code || error.message}`));
  }

  if (!row?.password_hash || !matches) {
    // With a user_id the log says "wrong password", with null "no such user".
    return callback(new WrongUsernameOrPasswordError(row?.user_id ?? null, 'Wrong username or password'));
  }
  return callback(null, toProfile(row));

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
